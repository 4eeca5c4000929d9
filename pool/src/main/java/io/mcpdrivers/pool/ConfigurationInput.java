package io.mcpdrivers.pool;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value that a configuration file asks for by <code>${input:id}</code>, and that only the application or its user
 * knows; see {@link PoolBuilder#inputs}.
 *
 * @param id its name in the file
 * @param description what to ask for, as the file says; null if it says nothing
 * @param secret whether it should not be seen while it is typed. Whatever this says, the pool never shows the answer
 * @param options what may be chosen from; empty if it may be any text
 * @param defaultValue what it is if nobody is asked or nobody answers; null if it then has no value
 */
public record ConfigurationInput(
        String id,
        @Nullable String description,
        boolean secret,
        List<String> options,
        @Nullable String defaultValue) {

    /** Checks what must not be null. */
    public ConfigurationInput {
        Objects.requireNonNull(id, "id");
        options = List.copyOf(options);
    }
}
