package io.mcpdrivers.engine;

import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpRequestException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads responses, on the thread of the caller. */
final class Replies {

    /** The most of a server's error that an exception's own message holds. */
    private static final int MOST_CHARACTERS = 1_000;

    private Replies() {}

    /**
     * Waits for the answer to a call, on the thread that made it, and reads its result.
     *
     * @param others calls of this thread whose progress is to be reported meanwhile
     * @throws io.mcpdrivers.McpException if there is none
     */
    static <R> R await(PendingCall call, List<PendingCall> others, RpcChannel channel, ResultReader<R> reader)
            throws InputRequired {
        return outcome(call, others, channel, reader);
    }

    /**
     * Reads the result of a call that has ended.
     *
     * @throws io.mcpdrivers.McpException if there is none
     */
    static <R> R read(PendingCall call, RpcChannel channel, ResultReader<R> reader) throws InputRequired {
        return outcome(call, null, channel, reader);
    }

    private static <R> R outcome(
            PendingCall call, @Nullable List<PendingCall> others, RpcChannel channel, ResultReader<R> reader)
            throws InputRequired {
        OperationMeter meter = call.meter;
        if (meter == null) {
            return read(others == null ? call.reply() : channel.await(call, others), call.request, channel, reader);
        }
        try {
            R result = read(others == null ? call.reply() : channel.await(call, others), call.request, channel, reader);
            meter.ended(result, null);
            return result;
        } catch (InputRequired e) {
            meter.ended(null, null);
            throw e;
        } catch (RuntimeException | Error e) {
            meter.ended(null, e);
            throw e;
        }
    }

    /**
     * Reads the result out of a response.
     *
     * @throws McpRequestException if it is an error
     * @throws McpProtocolException if it is neither
     */
    private static <R> R read(Reply reply, Request request, RpcChannel channel, ResultReader<R> reader)
            throws InputRequired {
        JsonReader in = new JsonReader(reply.buffer(), reply.offset(), reply.length());
        try {
            R result = null;
            if (in.enterObject()) {
                for (String name = in.nextName(); name != null; name = in.nextName()) {
                    if (name.equals("result")) {
                        result = reader.read(in);
                    } else if (name.equals("error") && in.kind() == '{') {
                        throw error(JsonTrees.read(in), request, channel);
                    } else {
                        in.skip();
                    }
                }
            }
            if (!in.isAtEnd()) {
                throw in.failed("More than one message");
            }
            if (result == null) {
                throw broken(reply, request, channel, "it has neither a result nor an error", null);
            }
            return result;
        } catch (InputRequired.UnknownType e) {
            throw broken(
                    reply,
                    request,
                    channel,
                    "its result is of the unknown type " + channel.words().quote(e.type),
                    null);
        } catch (JacksonException e) {
            throw broken(reply, request, channel, e.getOriginalMessage(), e);
        } finally {
            channel.transport().recycle(reply.buffer());
        }
    }

    private static McpRequestException error(JsonNode error, Request request, RpcChannel channel) {
        int code = error.path("code").asInt(0);
        String message = error.path("message").asString("");
        String shown = channel.words().redact(Json.excerpt(message));
        String name = request.name();
        return new McpRequestException(
                "Server '" + channel.target().name() + "' answered " + request.method()
                        + (name == null ? "" : " '" + name + "'") + " with error " + code + ": "
                        + (shown.length() > MOST_CHARACTERS ? shown.substring(0, MOST_CHARACTERS) + "..." : shown),
                code,
                message,
                error.get("data"));
    }

    private static McpProtocolException broken(
            Reply reply, Request request, RpcChannel channel, String reason, @Nullable Throwable cause) {
        return new McpProtocolException(
                "Server '" + channel.target().name() + "' sent no valid answer to " + request.method() + ": " + reason
                        + ", in " + channel.words().quote(reply.buffer(), reply.offset(), reply.length()),
                cause);
    }
}
