package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the messages that leave: each in one pass, on one line. */
final class Outgoing {

    private Outgoing() {}

    private interface Body {
        void write(JsonGenerator out);
    }

    /**
     * A request.
     *
     * @param tracing what whoever traces adds to {@code _meta}
     */
    static byte[] request(long id, Request request, Session session, CallOptions options, Map<String, String> tracing) {
        try {
            return message(out -> {
                out.writeName("id");
                out.writeNumber(id);
                out.writeName("method");
                out.writeString(request.method());
                out.writeName("params");
                out.writeStartObject();
                request.params().write(out);
                session.writeMeta(out, options, id, request.extraMeta(), tracing);
                out.writeEndObject();
            });
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
            out.writeRawValue(rawId);
            out.writeName("result");
            out.writeStartObject();
            out.writeEndObject();
        });
    }

    /** A result, for a request of the server. */
    static byte[] result(String rawId, JsonNode result) {
        return message(out -> {
            out.writeName("id");
            out.writeRawValue(rawId);
            out.writeName("result");
            Json.writeValue(out, result);
        });
    }

    /** An error, for a request of the server. */
    static byte[] error(String rawId, int code, String text, @Nullable ObjectNode data) {
        return message(out -> {
            out.writeName("id");
            out.writeRawValue(rawId);
            out.writeName("error");
            out.writeStartObject();
            out.writeName("code");
            out.writeNumber(code);
            out.writeName("message");
            out.writeString(text);
            if (data != null) {
                out.writeName("data");
                Json.writeValue(out, data);
            }
            out.writeEndObject();
        });
    }

    private static byte[] message(Body body) {
        Bytes bytes = new Bytes();
        try (JsonGenerator out = Json.generator(bytes)) {
            out.writeStartObject();
            out.writeName("jsonrpc");
            out.writeString("2.0");
            body.write(out);
            out.writeEndObject();
        }
        return bytes.all();
    }

    /** Gathers what the generator flushes; for most messages that is once, and no more is allocated than is kept. */
    private static final class Bytes extends OutputStream {
        private byte[] bytes = {};
        private int length;

        @Override
        public void write(byte[] buffer, int offset, int count) {
            if (length + count > bytes.length) {
                int larger = length == 0 ? count : Math.max(length + count, 2 * bytes.length);
                bytes = Arrays.copyOf(bytes, larger);
            }
            for (int i = 0; i < count; i++) {
                byte b = buffer[offset + i];
                // Only JSON that a user gives raw holds line breaks, between its tokens; a message must have none.
                bytes[length + i] = b == '\n' || b == '\r' ? (byte) ' ' : b;
            }
            length += count;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        byte[] all() {
            return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        }
    }
}
