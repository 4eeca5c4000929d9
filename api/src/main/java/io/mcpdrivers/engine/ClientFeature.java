package io.mcpdrivers.engine;

import java.util.concurrent.Callable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** Something that servers may ask of a client that has said so. Thread-safe. */
interface ClientFeature {

    /** Why a question is not even asked: it is answered with an error. */
    final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        final int code;

        Refusal(int code, String message) {
            super(message, null, false, false);
            this.code = code;
        }
    }

    /** The method by which servers ask. */
    String method();

    /** Writes the capability that tells servers of it: a name and a value. */
    void writeCapability(JsonGenerator out);

    /**
     * Reads a question, without asking it yet.
     *
     * @return asks it, on a thread that may block, and gives the result
     */
    Callable<JsonNode> question(JsonNode params) throws Refusal;

    /** The result if there is none in time, or if there was a failure that cannot be told as an error. */
    JsonNode unanswered();
}
