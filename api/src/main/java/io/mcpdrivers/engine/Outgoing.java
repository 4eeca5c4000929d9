package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the messages that leave: each in one pass, on one line. */
final class Outgoing {

    private static final int USUAL_SIZE = 512;

    private static final byte[] VERSION = "\"jsonrpc\":\"2.0\"".getBytes(StandardCharsets.US_ASCII);

    private Outgoing() {}

    private interface Body {
        void write(JsonWriter out);
    }

    /**
     * A request.
     *
     * @param tracing what whoever traces adds to {@code _meta}
     */
    static byte[] request(long id, Request request, Session session, CallOptions options, Map<String, String> tracing) {
        try {
            JsonWriter out = new JsonWriter(session.takeRoom());
            begin(out);
            out.writeName("id");
            out.writeNumber(id);
            out.writeName("method");
            out.writeString(request.method());
            out.writeName("params");
            out.writeStartObject();
            request.params().write(out);
            session.writeMeta(out, options, id, request.extraMeta(), tracing);
            out.writeEndObject();
            out.writeEndObject();
            byte[] message = out.toBytes();
            session.keepRoom(out.room());
            return message;
        } catch (JacksonException e) {
            throw Json.unwritable("parameters of " + request.method(), e);
        } catch (McpException e) {
            throw e;
        } catch (RuntimeException e) {
            // The objects of the user that were to be written, such as a map that is being changed.
            throw new McpException("The parameters of " + request.method() + " cannot be written as JSON: " + e, e);
        }
    }

    static byte[] initialized() {
        return message(out -> {
            out.writeName("method");
            out.writeString("notifications/initialized");
        });
    }

    static byte[] cancelled(long requestId, String reason) {
        return message(out -> {
            out.writeName("method");
            out.writeString("notifications/cancelled");
            out.writeName("params");
            out.writeStartObject();
            out.writeName("requestId");
            out.writeNumber(requestId);
            out.writeName("reason");
            out.writeString(reason);
            out.writeEndObject();
        });
    }

    /** The empty result, for a request of the server. */
    static byte[] emptyResult(String rawId) {
        return message(out -> {
            out.writeName("id");
            out.writeRaw(rawId);
            out.writeName("result");
            out.writeStartObject();
            out.writeEndObject();
        });
    }

    /** A result, for a request of the server. */
    static byte[] result(String rawId, JsonNode result) {
        return message(out -> {
            out.writeName("id");
            out.writeRaw(rawId);
            out.writeName("result");
            out.writeValue(result);
        });
    }

    /** An error, for a request of the server. */
    static byte[] error(String rawId, int code, String text, @Nullable ObjectNode data) {
        return message(out -> {
            out.writeName("id");
            out.writeRaw(rawId);
            out.writeName("error");
            out.writeStartObject();
            out.writeName("code");
            out.writeNumber(code);
            out.writeName("message");
            out.writeString(text);
            if (data != null) {
                out.writeName("data");
                out.writeValue(data);
            }
            out.writeEndObject();
        });
    }

    private static byte[] message(Body body) {
        JsonWriter out = new JsonWriter(new byte[USUAL_SIZE]);
        begin(out);
        body.write(out);
        out.writeEndObject();
        return out.toBytes();
    }

    private static void begin(JsonWriter out) {
        out.writeStartObject();
        out.writeRaw(VERSION);
    }
}
