package io.mcpdrivers.pool;

import java.util.List;
import java.util.Map;

/**
 * The values that one file, or another source of configuration, may ask for. An answer is meant for that source alone:
 * another one may use the same id for something else.
 *
 * @param source what it is, for example {@code file /etc/app/mcp.json}
 * @param declared what is known of the inputs, by id
 */
record FileInputs(String source, Map<String, ConfigurationInput> declared) {

    /** An input as the source declares it; if it does not, one of which only the id is known, and which is secret. */
    ConfigurationInput input(String id) {
        ConfigurationInput known = declared.get(id);
        return known != null ? known : new ConfigurationInput(id, null, true, List.of(), null);
    }
}
