package io.mcpdrivers.pool;

import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.schema.Tool;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which calls that failed are made once more on a fresh connection: those that certainly did not reach the server, and
 * those that do no harm when they are carried out twice. Only a lost connection is a reason, never an answer, a refusal or
 * a timeout.
 * Thread-safe.
 */
final class RetryPolicy {

    /** What the specification defines and what only reads; a method that a vendor has made up may do anything. */
    private static final Set<String> HARMLESS_METHODS = Set.of(
            "ping",
            "server/discover",
            "tools/list",
            "resources/list",
            "resources/templates/list",
            "resources/read",
            "prompts/list",
            "prompts/get",
            "completion/complete",
            "tasks/list",
            "tasks/get");

    private final Supplier<ServerSettings> settings;

    /** The tools that the server has last said to be read-only or idempotent. */
    private volatile Set<String> harmlessTools = Set.of();

    RetryPolicy(Supplier<ServerSettings> settings) {
        this.settings = settings;
    }

    /** Learns from a list of tools what the server says of them. */
    void learn(List<Tool> tools) {
        Set<String> harmless = new HashSet<>();
        for (Tool tool : tools) {
            if (tool.isHarmlessToRepeat()) {
                harmless.add(tool.name());
            }
        }
        if (!harmless.equals(harmlessTools)) {
            harmlessTools = harmless;
        }
    }

    boolean isHarmlessTool(String tool) {
        return harmlessTools.contains(tool);
    }

    static boolean isHarmlessMethod(String method) {
        return HARMLESS_METHODS.contains(method);
    }

    /**
     * Whether a call is made once more.
     *
     * @param failure what it failed with
     * @param harmless whether it may be carried out twice
     */
    boolean allows(@Nullable Throwable failure, boolean harmless) {
        if (failure instanceof McpConnectionLostException lost) {
            return lost.mayHaveExecuted()
                    ? settings.get().retryHarmless() && harmless
                    : settings.get().retryUnsent();
        }
        return false;
    }

    /** What a future really failed with. */
    static @Nullable Throwable cause(@Nullable Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
