package io.mcpdrivers.engine;

import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.engine.ClientFeature.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import tools.jackson.databind.JsonNode;

/** What a server wants to know before it goes on with a request, by the names that it gave its questions. */
final class InputRequests {

    /** How many a server may ask at once; each is kept, and asked for. */
    private static final int MOST_QUESTIONS = 256;

    /** How many different methods an error message names. */
    private static final int MOST_METHODS = 5;

    record Entry(String key, ClientFeature feature, Callable<JsonNode> question) {}

    private final List<Entry> entries;
    private final ClientFeatures features;

    private InputRequests(List<Entry> entries, ClientFeatures features) {
        this.entries = entries;
        this.features = features;
    }

    /**
     * Reads the questions.
     *
     * @throws McpProtocolException if one of them is none that this client offered to answer
     */
    static InputRequests read(JsonNode inputRequests, ClientFeatures features, ServerWords words) {
        if (inputRequests.size() > MOST_QUESTIONS) {
            refuseUnlessServed(inputRequests, features, words);
            throw new McpProtocolException(
                    "The server asks for " + inputRequests.size() + " inputs at once; at most " + MOST_QUESTIONS
                            + " are given",
                    null);
        }
        refuseUnlessServed(inputRequests, features, words);
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> each : inputRequests.properties()) {
            ClientFeature feature = features.find(method(each.getValue()));
            if (feature != null) {
                entries.add(new Entry(
                        each.getKey(),
                        feature,
                        question(feature, each.getValue().path("params"))));
            }
        }
        return new InputRequests(entries, features);
    }

    private static Callable<JsonNode> question(ClientFeature feature, JsonNode params) {
        try {
            return feature.question(params);
        } catch (Refusal e) {
            throw new McpProtocolException(
                    "The server asks for input that this client did not offer to give: " + feature.method() + " ("
                            + e.getMessage() + ")",
                    e);
        }
    }

    private static void refuseUnlessServed(JsonNode inputRequests, ClientFeatures features, ServerWords words) {
        Set<String> refused = new TreeSet<>();
        for (JsonNode request : inputRequests) {
            String method = method(request);
            if (features.find(method) == null) {
                refused.add(method);
                if (refused.size() > MOST_METHODS) {
                    break;
                }
            }
        }
        if (!refused.isEmpty()) {
            throw new McpProtocolException(
                    "The server asks for input that this client did not offer to give: "
                            + words.quote(String.join(", ", refused)),
                    null);
        }
    }

    private static String method(JsonNode request) {
        return request.path("method").asString("");
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Begins to ask; what is not answered in time counts as unanswered. */
    Gathering gather(long nanos) {
        Gathering gathering = new Gathering(entries, features, nanos);
        gathering.askNext();
        return gathering;
    }
}
