package io.mcpdrivers.pool;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.engine.CommonParameters;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one or more sources say of a server.
 *
 * @param given its settings by their proper names, {@code uri} among them
 * @param envFile a file with more variables of its environment; null for none
 * @param inputs the values that it may ask for
 * @param error what is wrong with it that the settings do not show; null if nothing is
 * @param options what no URI can hold
 * @param sources where it stands, for error messages
 */
record ServerDefinition(
        Map<String, List<GivenSetting>> given,
        @Nullable String envFile,
        FileInputs inputs,
        @Nullable String error,
        ConnectionOptions options,
        Set<String> sources) {

    /** One of which only settings are said. */
    static ServerDefinition of(Map<String, List<GivenSetting>> given, String source) {
        return new ServerDefinition(
                given, null, new FileInputs(source, Map.of()), null, ConnectionOptions.defaults(), Set.of(source));
    }

    /**
     * One that cannot be used.
     *
     * @param enabled what it says of whether it is wanted at all; null if nothing
     */
    static ServerDefinition broken(String error, @Nullable GivenSetting enabled, String source) {
        Map<String, List<GivenSetting>> given = new TreeMap<>();
        if (enabled != null) {
            enabled.addTo(given);
        }
        return new ServerDefinition(
                given, null, new FileInputs(source, Map.of()), error, ConnectionOptions.defaults(), Set.of(source));
    }

    /**
     * This one, and what an earlier source says beyond it. Whoever gives the URI says what the server is: what was meant for
     * another one, such as its credentials, is not sent to this.
     */
    ServerDefinition over(ServerDefinition earlier) {
        boolean isAnother = given.containsKey("uri") || error != null;
        Map<String, List<GivenSetting>> both = new TreeMap<>(earlier.given);
        if (isAnother) {
            both.keySet().removeIf(name -> !isOfAnyServer(name));
        }
        both.putAll(given);
        Set<String> bothSources = new LinkedHashSet<>(earlier.sources);
        bothSources.addAll(sources);
        ServerDefinition base = isAnother ? this : earlier;
        return new ServerDefinition(both, base.envFile, base.inputs, base.error, base.options, bothSources);
    }

    /** Whether a setting means the same whatever the server is. */
    private static boolean isOfAnyServer(String name) {
        return PoolSetting.find(name) != null
                || CommonParameters.PROPERTIES.stream().anyMatch(property -> property.matches(name));
    }

    /** The same with what no URI can hold. */
    ServerDefinition with(ConnectionOptions others) {
        return new ServerDefinition(given, envFile, inputs, error, others, sources);
    }

    String where() {
        return String.join(", ", sources);
    }

    /** Shows no value, since they may be secrets. */
    @Override
    public String toString() {
        return given.keySet() + " of " + where();
    }
}
