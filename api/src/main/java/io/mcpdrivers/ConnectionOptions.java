package io.mcpdrivers;

import io.mcpdrivers.spi.OpenOptions;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * What a connection needs beside its URI and no URI can hold: code of the application's own. Immutable; methods that
 * change something give a copy.
 */
public final class ConnectionOptions {

    private static final ConnectionOptions DEFAULTS = new ConnectionOptions(OpenOptions.NO_HEADERS);

    private final Supplier<Map<String, String>> headers;

    private ConnectionOptions(Supplier<Map<String, String>> headers) {
        this.headers = headers;
    }

    /**
     * The options of a connection of which nothing is said but its URI.
     *
     * @return the defaults
     */
    public static ConnectionOptions defaults() {
        return DEFAULTS;
    }

    /**
     * A copy that asks for headers before each HTTP request, for those that change, such as tokens that are renewed.
     * They are added to the URI's {@code header.*} and replace those of the same name. Transports other than HTTP do not
     * ask.
     *
     * @param supplier gives the headers by name; called by any thread that sends, by several at once, for each request
     *     anew, so it should be quick. What it throws fails the request. The values are secrets: they are shown nowhere
     * @return the copy
     */
    public ConnectionOptions withHeaders(Supplier<Map<String, String>> supplier) {
        return new ConnectionOptions(Objects.requireNonNull(supplier, "supplier"));
    }

    /**
     * What is asked for headers.
     *
     * @return the supplier; one that gives none if there is none
     */
    public Supplier<Map<String, String>> headers() {
        return headers;
    }
}
