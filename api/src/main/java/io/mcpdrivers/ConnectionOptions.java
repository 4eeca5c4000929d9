package io.mcpdrivers;

import io.mcpdrivers.engine.Telemetry;
import io.mcpdrivers.spi.OpenOptions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a connection needs beside its URI and no URI can hold: code of the application's own. Immutable; methods that
 * change something give a copy.
 */
public final class ConnectionOptions {

    private static final ConnectionOptions DEFAULTS =
            new ConnectionOptions(OpenOptions.NO_HEADERS, null, Set.of(), Duration.ofMinutes(10), null);

    private final Supplier<Map<String, String>> headers;
    private final @Nullable ElicitationHandler elicitation;
    private final Set<ElicitationRequest.Mode> elicitationModes;
    private final Duration elicitationTimeout;
    private final @Nullable McpTelemetry telemetry;

    private ConnectionOptions(
            Supplier<Map<String, String>> headers,
            @Nullable ElicitationHandler elicitation,
            Set<ElicitationRequest.Mode> elicitationModes,
            Duration elicitationTimeout,
            @Nullable McpTelemetry telemetry) {
        this.headers = headers;
        this.elicitation = elicitation;
        this.elicitationModes = elicitationModes;
        this.elicitationTimeout = elicitationTimeout;
        this.telemetry = telemetry;
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
     * ask. This works with {@link McpDrivers#open(String, ConnectionOptions)} and with {@code PoolBuilder.server}, not
     * with {@code McpDrivers.getConnection}, which takes no options.
     *
     * @param supplier gives the headers by name; called by any thread that sends, by several at once, for each request
     *     anew, so it should be quick. What it throws fails the request. The values are secrets: they are shown nowhere
     * @return the copy
     */
    public ConnectionOptions withHeaders(Supplier<Map<String, String>> supplier) {
        return new ConnectionOptions(
                Objects.requireNonNull(supplier, "supplier"),
                elicitation,
                elicitationModes,
                elicitationTimeout,
                telemetry);
    }

    /**
     * A copy that lets the server ask the user for the content of forms.
     *
     * @param handler answers
     * @return the copy
     */
    public ConnectionOptions withElicitation(ElicitationHandler handler) {
        return withElicitation(handler, EnumSet.of(ElicitationRequest.Mode.FORM));
    }

    /**
     * A copy that lets the server ask the user in some modes; the server is told of these and refused the others.
     *
     * @param handler answers
     * @param modes the modes that it can answer; not empty
     * @return the copy
     * @throws IllegalArgumentException if there is no mode
     */
    public ConnectionOptions withElicitation(ElicitationHandler handler, Set<ElicitationRequest.Mode> modes) {
        if (modes.isEmpty()) {
            throw new IllegalArgumentException("A handler must answer at least one mode");
        }
        return new ConnectionOptions(
                headers, Objects.requireNonNull(handler, "handler"), Set.copyOf(modes), elicitationTimeout, telemetry);
    }

    /**
     * A copy with another limit for what the handler has to answer. The time that it takes does not count for the
     * timeout of the call in which the server asks, up to this limit: whatever a server asks and how often, a call takes
     * no longer than its timeouts and this together. Pings, lists of tools and the opening of a connection are not
     * prolonged; what a server asks before a connection is open is refused.
     *
     * @param timeout for one question of a server of a revision up to 2025-11-25, and for all questions of one call of a
     *     later one; positive, default 10 min. When it is over, the handler is interrupted and the server gets
     *     {@link ElicitationResult#cancel()}
     * @return the copy
     * @throws IllegalArgumentException if it is not positive
     */
    public ConnectionOptions withElicitationTimeout(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("The elicitation timeout must be positive, but is " + timeout);
        }
        return new ConnectionOptions(headers, elicitation, elicitationModes, timeout, telemetry);
    }

    /**
     * A copy that has what happens on the connection measured and traced.
     *
     * @param newTelemetry where measurements go; default is nowhere
     * @return the copy
     * @throws IllegalArgumentException if it was not made by {@link McpTelemetry}
     */
    public ConnectionOptions withTelemetry(McpTelemetry newTelemetry) {
        if (!(Objects.requireNonNull(newTelemetry, "newTelemetry") instanceof Telemetry)) {
            throw new IllegalArgumentException("Only what McpTelemetry.of gives can be used, not a "
                    + newTelemetry.getClass().getName());
        }
        return new ConnectionOptions(headers, elicitation, elicitationModes, elicitationTimeout, newTelemetry);
    }

    /**
     * What is asked for headers.
     *
     * @return the supplier; one that gives none if there is none
     */
    public Supplier<Map<String, String>> headers() {
        return headers;
    }

    /**
     * Who answers what the server wants to know.
     *
     * @return the handler; null if the server may not ask
     */
    public @Nullable ElicitationHandler elicitation() {
        return elicitation;
    }

    /**
     * In which modes the server may ask.
     *
     * @return the modes; not modifiable, empty without a handler
     */
    public Set<ElicitationRequest.Mode> elicitationModes() {
        return elicitationModes;
    }

    /**
     * How long the handler may take.
     *
     * @return the limit
     */
    public Duration elicitationTimeout() {
        return elicitationTimeout;
    }

    /**
     * Where measurements go.
     *
     * @return the telemetry; null if nothing is measured
     */
    public @Nullable McpTelemetry telemetry() {
        return telemetry;
    }
}
