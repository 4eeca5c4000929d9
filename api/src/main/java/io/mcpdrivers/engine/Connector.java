package io.mcpdrivers.engine;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.engine.EraMemory.Era;
import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.McpUriException;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Turns URIs into connections. */
public final class Connector {

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration DEFAULT_MAX_REQUEST_TIMEOUT = Duration.ofMinutes(10);
    /** A server that has to be opened again, now that its era is known, is opened again once. */
    private static final int MOST_OPENINGS = 2;

    private Connector() {}

    /**
     * Finds the driver, checks the parameters and fills in the placeholders.
     *
     * @param uri the URI, as written by the user
     * @param name the server's name; null to take the one of the URI or make one up
     * @return what is needed to connect
     * @throws McpConfigurationException if the URI cannot be used
     */
    public static ServerTarget prepare(McpUri uri, @Nullable String name) {
        return prepare(uri, name, ConnectionOptions.defaults());
    }

    /**
     * As {@link #prepare(McpUri, String)}.
     *
     * @param uri the URI, as written by the user
     * @param name the server's name; null to take the one of the URI or make one up
     * @param options what no URI can hold
     * @return what is needed to connect
     * @throws McpConfigurationException if the URI cannot be used
     */
    public static ServerTarget prepare(McpUri uri, @Nullable String name, ConnectionOptions options) {
        List<DriverProperty> poolProperties = Drivers.poolProperties();
        McpDriver driver = Drivers.find(uri);
        return CommonParameters.reading(() -> {
            McpUri resolved = uri.resolve();
            CommonParameters.check(resolved, driver, poolProperties);
            MisplacedParameters.warn(uri, CommonParameters.known(driver, poolProperties));
            String given = resolved.parameter("name");
            String protocol = protocol(resolved, uri);
            Duration requestTimeout = positive(resolved, "requestTimeout", DEFAULT_TIMEOUT);
            return new ServerTarget(
                    resolved,
                    driver,
                    name != null ? name : given != null && !given.isBlank() ? given : ServerNames.of(resolved),
                    resolved.canonical(parameter -> CommonParameters.isIdentity(parameter, driver, poolProperties)),
                    positive(resolved, "connectTimeout", DEFAULT_TIMEOUT),
                    requestTimeout,
                    maxRequestTimeout(resolved, requestTimeout),
                    protocol,
                    messageSize(resolved),
                    options,
                    new ServerMemory());
        });
    }

    /**
     * Checks what is certain of a URI whatever its placeholders stand for: which parameters it has, and those of their
     * values in which there is no placeholder.
     *
     * @param uri the URI, as written by the user
     * @throws McpConfigurationException if it cannot be used
     */
    public static void check(McpUri uri) {
        McpDriver driver = Drivers.find(uri);
        CommonParameters.reading(() -> {
            CommonParameters.check(uri, driver, Drivers.poolProperties(), value -> !value.contains("${"));
            McpUri.Builder builder = McpUri.builder(uri.scheme(), uri.target());
            for (String name : uri.parameterNames()) {
                for (String value : uri.parameters(name)) {
                    if (!value.contains("${")) {
                        builder.add(name, value);
                    } else if (name.equals("requestTimeout")) {
                        // The limit of requests is compared with it, so it must not be taken for the default.
                        builder.add(name, "1ms");
                    }
                }
            }
            McpUri known = builder.build();
            protocol(known, uri);
            positive(known, "connectTimeout", DEFAULT_TIMEOUT);
            maxRequestTimeout(known, positive(known, "requestTimeout", DEFAULT_TIMEOUT));
            return messageSize(known);
        });
    }

    /** The revision to speak; null to find the newest in common. */
    private static @Nullable String protocol(McpUri resolved, McpUri written) {
        String protocol = resolved.parameter("protocol");
        if (protocol == null || protocol.equals("auto")) {
            return null;
        }
        if (!Protocol.isKnown(protocol)) {
            throw new McpConfigurationException(
                    "Unknown protocol revision '" + resolved.display("protocol").get(0) + "' in '" + written
                            + "'; known are auto, " + String.join(", ", Protocol.MODERN) + ", "
                            + String.join(", ", Protocol.LEGACY),
                    null);
        }
        return protocol;
    }

    private static Duration maxRequestTimeout(McpUri uri, Duration requestTimeout) {
        boolean longer = requestTimeout.compareTo(DEFAULT_MAX_REQUEST_TIMEOUT) > 0;
        Duration value = positive(uri, "maxRequestTimeout", longer ? requestTimeout : DEFAULT_MAX_REQUEST_TIMEOUT);
        if (value.compareTo(requestTimeout) < 0) {
            throw new McpConfigurationException(
                    "Parameter 'maxRequestTimeout' must be at least the requestTimeout of "
                            + Text.duration(requestTimeout) + ", but is " + Text.duration(value) + " (in '" + uri
                            + "')",
                    null);
        }
        return value;
    }

    private static Duration positive(McpUri uri, String parameter, Duration absent) {
        Duration value = uri.duration(parameter, absent);
        if (value.isZero()) {
            throw new McpConfigurationException(
                    "Parameter '" + parameter + "' must be longer than 0 (in '" + uri + "')", null);
        }
        // Nothing waits for longer than a century, and its nanoseconds still fit a long.
        return value.compareTo(Duration.ofDays(36_500)) > 0 ? Duration.ofDays(36_500) : value;
    }

    private static int messageSize(McpUri uri) {
        long size = uri.size("maxMessageSize", OpenOptions.DEFAULT_MAX_MESSAGE_SIZE);
        if (size < 1024 || size > 1L << 30) {
            throw new McpConfigurationException(
                    "Parameter 'maxMessageSize' must be from 1k to 1g, but is " + size + " (in '" + uri + "')", null);
        }
        return (int) size;
    }

    /**
     * Opens a connection, handshake included. Blocks for at most {@link ServerTarget#connectTimeout()}; if the thread
     * is interrupted, gives up and leaves nothing behind.
     *
     * @param target what to connect to
     * @return an open connection
     * @throws McpException if none can be had
     */
    public static PhysicalConnection open(ServerTarget target) {
        return open(target, Handshake.PROBE_NANOS);
    }

    /**
     * As {@link #open(ServerTarget)}, and tells what is still ending of attempts that failed.
     *
     * @param target what to connect to
     * @param leftovers is given, before this method returns or throws, for each transport that was opened in vain, a
     *     future that completes when nothing of it is left
     * @return an open connection
     * @throws McpException if none can be had
     */
    public static PhysicalConnection open(ServerTarget target, Consumer<CompletableFuture<Void>> leftovers) {
        return open(target, Handshake.PROBE_NANOS, leftovers);
    }

    /** As above, with the time to wait for an answer to the probe alone. */
    static PhysicalConnection open(ServerTarget target, long probeNanos) {
        return open(target, probeNanos, leftover -> {});
    }

    private static PhysicalConnection open(
            ServerTarget target, long probeNanos, Consumer<CompletableFuture<Void>> leftovers) {
        long deadline = System.nanoTime() + target.connectTimeout().toNanos();
        Era era = EraMemory.recall(target);
        for (int opening = 1; ; opening++) {
            try {
                return open(target, era, deadline, probeNanos, leftovers);
            } catch (Handshake.Reopen e) {
                if (opening == MOST_OPENINGS) {
                    throw new McpConnectionException(
                            "Server '" + target.name() + "' changes its protocol era with every start", e);
                }
                era = e.era;
            }
        }
    }

    private static PhysicalConnection open(
            ServerTarget target,
            @Nullable Era era,
            long deadline,
            long probeNanos,
            Consumer<CompletableFuture<Void>> leftovers)
            throws Handshake.Reopen {
        long opened = System.nanoTime();
        Transport transport = openTransport(target, opened, deadline);
        boolean usable = false;
        Runnable close = transport::close;
        try {
            // While the opening is under way the JVM's exit waits for it, and closes what is registered by its end.
            ShutdownSequence.add(close);
            ShutdownSequence.endOpening();
            if (ShutdownSequence.isStarted()) {
                throw exiting(target);
            }
            RpcChannel channel = new RpcChannel(transport, target);
            Session session;
            try {
                session = new Handshake(channel, target, opened, deadline, probeNanos).perform(era);
            } catch (McpException e) {
                throw Failures.handshake(e, target, transport.lastWords());
            }
            usable = true;
            return new RealConnection(channel, session, close);
        } finally {
            if (!usable) {
                // Ending a process may take seconds; whoever wanted the connection need not wait for that.
                CompletableFuture<Void> leftover = new CompletableFuture<>();
                leftovers.accept(leftover);
                Background.persist(() -> {
                    try {
                        transport.close();
                    } finally {
                        ShutdownSequence.remove(close);
                        leftover.complete(null);
                    }
                });
            }
        }
    }

    /** Opens the transport; if that succeeds, {@link ShutdownSequence#endOpening()} is up to the caller. */
    private static Transport openTransport(ServerTarget target, long opened, long deadline) {
        if (!ShutdownSequence.beginOpening()) {
            throw exiting(target);
        }
        boolean open = false;
        try {
            Duration left = Duration.ofNanos(Math.max(1, deadline - opened));
            OpenOptions options = new OpenOptions(
                    target.name(),
                    left,
                    target.maxMessageSize(),
                    target.options().headers(),
                    target.options().elicitation() != null);
            Transport transport = target.driver().open(target.uri(), options);
            open = true;
            return transport;
        } catch (TransportException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new McpInterruptedException(
                        "Interrupted while connecting to server '" + target.name() + "' (" + target.uri() + ")", e);
            }
            throw Failures.connecting(e);
        } catch (McpUriException e) {
            throw new McpConfigurationException(String.valueOf(e.getMessage()), e);
        } catch (RuntimeException e) {
            throw new McpConnectionException(
                    "The driver " + target.driver().getClass().getName() + " failed to open '" + target.uri() + "': "
                            + e,
                    e);
        } finally {
            if (!open) {
                ShutdownSequence.endOpening();
            }
        }
    }

    private static McpConnectionException exiting(ServerTarget target) {
        return new McpConnectionException(
                "No connection to server '" + target.name() + "' is opened any more: the JVM is exiting", null);
    }
}
