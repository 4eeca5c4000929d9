package io.mcpdrivers.engine;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.ElicitationHandler;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** What one connection's server may ask of the application, and what it is asking. Thread-safe. */
final class ClientFeatures {

    private static final Logger log = LoggerFactory.getLogger(ClientFeatures.class);

    /** Its nanoseconds still fit a long. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final String serverName;
    private final long timeoutNanos;
    private final List<ClientFeature> features;
    private final String capabilities;
    private final Set<Asking> open = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    private ClientFeatures(String serverName, long timeoutNanos, List<ClientFeature> features) {
        this.serverName = serverName;
        this.timeoutNanos = timeoutNanos;
        this.features = features;
        this.capabilities = features.isEmpty() ? "{}" : write(features);
    }

    private static String write(List<ClientFeature> features) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = Json.generator(bytes)) {
            out.writeStartObject();
            features.forEach(feature -> feature.writeCapability(out));
            out.writeEndObject();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    static ClientFeatures of(ServerTarget target) {
        ConnectionOptions options = target.options();
        List<ClientFeature> features = new ArrayList<>();
        ElicitationHandler elicitation = options.elicitation();
        if (elicitation != null) {
            features.add(new Elicitation(target.name(), elicitation, options.elicitationModes()));
        }
        Duration timeout = options.elicitationTimeout();
        return new ClientFeatures(
                target.name(), (timeout.compareTo(LONGEST) > 0 ? LONGEST : timeout).toNanos(), features);
    }

    /** Whether the server may ask for anything at all. */
    boolean isEmpty() {
        return features.isEmpty();
    }

    /** What the server is told of them, a JSON object. */
    String capabilities() {
        return capabilities;
    }

    /** Who answers a method; null if nobody does. */
    @Nullable
    ClientFeature find(String method) {
        for (ClientFeature feature : features) {
            if (feature.method().equals(method)) {
                return feature;
            }
        }
        return null;
    }

    /** How long an answer may take. */
    long timeoutNanos() {
        return timeoutNanos;
    }

    /**
     * Prepares to ask something.
     *
     * @param whenThreadIsFree runs when the application's code has come to its end
     */
    Asking prepare(Callable<JsonNode> question, Runnable whenThreadIsFree) {
        Asking[] asking = new Asking[1];
        asking[0] = new Asking(question, () -> {
            open.remove(asking[0]);
            whenThreadIsFree.run();
        });
        return asking[0];
    }

    void start(Asking asking, long nanos) {
        open.add(asking);
        asking.start(nanos);
        if (ended) {
            Background.runSoon(asking::giveUp);
        }
    }

    /** The connection has ended: nothing that it asked is wanted any more. */
    void end() {
        ended = true;
        if (!open.isEmpty()) {
            Background.runSoon(() -> open.forEach(Asking::giveUp));
        }
    }

    /** Tells the log why a question has no answer, which the server is told in general terms alone. */
    void logFailure(ClientFeature feature, Throwable failure) {
        if (failure instanceof Asking.TooLate) {
            log.warn(
                    "Nobody answered {} of server '{}' within {}",
                    feature.method(),
                    serverName,
                    Text.duration(Duration.ofNanos(timeoutNanos)));
        } else {
            log.warn(
                    "The handler for {} of server '{}' failed; the server gets no answer of it",
                    feature.method(),
                    serverName,
                    failure);
        }
    }
}
