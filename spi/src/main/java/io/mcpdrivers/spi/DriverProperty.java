package io.mcpdrivers.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One parameter that a URI may carry: the counterpart of {@code java.sql.DriverPropertyInfo}.
 *
 * @param name the parameter's name, for example {@code cwd}; a name ending in {@code .*}, such as {@code env.*}, stands
 *     for every parameter that begins with what is before the asterisk
 * @param type the form of its value
 * @param defaultValue the value it has when absent, as it would be written; null if it then has none
 * @param description what it does, in a sentence or two
 * @param traits what else is true of it
 */
public record DriverProperty(
        String name, Type type, @Nullable String defaultValue, String description, Traits traits) {

    /** The form of a value. */
    public enum Type {
        /** Any text. */
        STRING,
        /** {@code true} or {@code false}. */
        BOOLEAN,
        /** A whole number. */
        INTEGER,
        /** A number of bytes: {@code 65536}, {@code 64k}, {@code 16m}; k and m are powers of 1024. */
        SIZE,
        /** {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h}, or ISO-8601. */
        DURATION
    }

    /**
     * What else is true of a parameter.
     *
     * @param repeatable whether it may stand in a URI more than once, in an order that counts
     * @param secret whether its value must never be shown; values of names that sound like a secret never are, whatever
     *     this says
     * @param identity whether it changes what the server is or whom it serves, so that connections that differ in it
     *     are never shared; false for what concerns this side only, such as a timeout
     */
    public record Traits(boolean repeatable, boolean secret, boolean identity) {}

    /** Checks what must not be null. */
    public DriverProperty {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(traits, "traits");
    }

    /**
     * A parameter that stands at most once, is no secret, and is part of the server's identity.
     *
     * @param name its name
     * @param type the form of its value
     * @param defaultValue its value when absent; may be null
     * @param description what it does
     * @return the property
     */
    public static DriverProperty of(String name, Type type, @Nullable String defaultValue, String description) {
        return new DriverProperty(name, type, defaultValue, description, new Traits(false, false, true));
    }

    /**
     * The same parameter, allowed more than once.
     *
     * @return a copy
     */
    public DriverProperty repeated() {
        return with(new Traits(true, traits.secret, traits.identity));
    }

    /**
     * The same parameter, its value a secret.
     *
     * @return a copy
     */
    public DriverProperty secret() {
        return with(new Traits(traits.repeatable, true, traits.identity));
    }

    /**
     * The same parameter, concerning this side only.
     *
     * @return a copy
     */
    public DriverProperty clientSide() {
        return with(new Traits(traits.repeatable, traits.secret, false));
    }

    /**
     * Whether a parameter of a URI is this one.
     *
     * @param parameter the parameter's name in the URI
     * @return true if it is, by name or by prefix
     */
    public boolean matches(String parameter) {
        if (!name.endsWith(".*")) {
            return name.equals(parameter);
        }
        int prefix = name.length() - 1;
        return parameter.length() > prefix && parameter.startsWith(name.substring(0, prefix));
    }

    private DriverProperty with(Traits changed) {
        return new DriverProperty(name, type, defaultValue, description, changed);
    }
}
