package io.mcpdrivers.engine;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Finds out what an inbound message is, and whose, without parsing it. The two member orders that servers use for
 * responses are recognized by their first and last bytes: in a valid JSON object, what stands at its very beginning or
 * right before its last brace is a member of that object and not of one within. Everything else is parsed.
 *
 * <p>Used by one thread.
 */
final class MessageHead {

    enum Kind {
        RESPONSE,
        REQUEST,
        NOTIFICATION,
        BATCH,
        /** Not a JSON-RPC message at all. */
        NOISE
    }

    private static final byte[] ID_FIRST = ascii("{\"jsonrpc\":\"2.0\",\"id\":");
    private static final byte[] RESULT_MEMBER = ascii(",\"result\":");
    private static final byte[] ERROR_MEMBER = ascii(",\"error\":");
    private static final byte[] RESULT_FIRST = ascii("{\"result\":{");
    private static final byte[] ERROR_FIRST = ascii("{\"error\":{");
    private static final byte[] ID_MEMBER = ascii(",\"id\":");

    /** An id as the last member, or the last but one. */
    private static final Pattern ID_LAST =
            Pattern.compile(",\\s*\"id\"\\s*:\\s*\"?(\\d{1,18})\"?\\s*(,\\s*\"jsonrpc\"\\s*:\\s*\"2\\.0\"\\s*)?}$");

    private static final int MOST_BYTES_OF_ID = 256;

    static final long UNKNOWN = -1;
    static final long NO_RESPONSE = -2;

    Kind kind = Kind.NOISE;
    /** Whose response it is; -1 if that is not a number. */
    long id;
    /** The id of a request of the server as JSON text; null if it has none. */
    @Nullable
    String rawId;

    @Nullable
    String method;

    void read(byte[] buffer, int offset, int length) {
        id = -1;
        rawId = null;
        method = null;
        if (buffer[offset] == '[') {
            kind = Kind.BATCH;
        } else if (buffer[offset] != '{') {
            kind = Kind.NOISE;
        } else if (!readIdFirst(buffer, offset, length) && !readIdLast(buffer, offset, length)) {
            parse(buffer, offset, length, true);
        }
    }

    /** The id as the second member, before the result or error. */
    private boolean readIdFirst(byte[] buffer, int offset, int length) {
        if (!startsWith(buffer, offset, length, ID_FIRST)) {
            return false;
        }
        int i = offset + ID_FIRST.length;
        int end = offset + length;
        long value = 0;
        int digits = 0;
        while (i < end && buffer[i] >= '0' && buffer[i] <= '9' && digits < 18) {
            value = value * 10 + buffer[i++] - '0';
            digits++;
        }
        // A request would have "method" there.
        if (digits == 0
                || !startsWith(buffer, i, end - i, RESULT_MEMBER) && !startsWith(buffer, i, end - i, ERROR_MEMBER)) {
            return false;
        }
        kind = Kind.RESPONSE;
        id = value;
        return true;
    }

    /** The id as the last member, behind the result or error. */
    private boolean readIdLast(byte[] buffer, int offset, int length) {
        if (!startsWith(buffer, offset, length, RESULT_FIRST) && !startsWith(buffer, offset, length, ERROR_FIRST)) {
            return false;
        }
        int i = offset + length - 1;
        if (buffer[i--] != '}') {
            return false;
        }
        long value = 0;
        long factor = 1;
        int digits = 0;
        while (i > offset && buffer[i] >= '0' && buffer[i] <= '9' && digits < 18) {
            value += factor * (buffer[i--] - '0');
            factor *= 10;
            digits++;
        }
        int memberStart = i + 1 - ID_MEMBER.length;
        if (digits == 0 || memberStart <= offset || !startsWith(buffer, memberStart, ID_MEMBER.length, ID_MEMBER)) {
            return false;
        }
        kind = Kind.RESPONSE;
        id = value;
        return true;
    }

    private void parse(byte[] buffer, int offset, int length, boolean whole) {
        boolean answers = false;
        try {
            JsonReader in = new JsonReader(buffer, offset, length);
            in.enterObject();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                switch (name) {
                    case "id" -> readId(in);
                    case "method" -> method = in.stringOrNull();
                    case "result", "error" -> {
                        answers = true;
                        if (id >= 0 && method == null) {
                            // Whoever waits for the response reads the rest.
                            kind = Kind.RESPONSE;
                            return;
                        }
                        in.skip();
                    }
                    default -> in.skip();
                }
            }
            boolean complete = in.isAtEnd();
            if (complete && method != null) {
                kind = rawId != null ? Kind.REQUEST : Kind.NOTIFICATION;
            } else if (answers && method == null && (complete || id >= 0)) {
                kind = Kind.RESPONSE;
            } else {
                kind = Kind.NOISE;
            }
        } catch (JacksonException e) {
            // If it can be told whose answer this is, the caller that waits for it is told; else there is nobody.
            if (whole && answers && id < 0) {
                id = idAtEnd(
                        Arrays.copyOfRange(buffer, offset + Math.max(0, length - MOST_BYTES_OF_ID), offset + length));
            }
            kind = id >= 0 && method == null ? Kind.RESPONSE : Kind.NOISE;
        }
    }

    private void readId(JsonReader in) {
        byte first = in.kind();
        if (first == '"') {
            String text = in.string();
            rawId = Json.MAPPER.writeValueAsString(text);
            // Some servers turn the number they were given into a string.
            id = text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
        } else if (first == '-' || first >= '0' && first <= '9') {
            rawId = in.raw();
            // A negative one is no id of this client's, nor is one with a fraction.
            id = rawId.matches("\\d{1,18}") ? Long.parseLong(rawId) : -1;
        } else {
            in.skip();
        }
    }

    /**
     * Whose response a message is of which only the beginning and the end are known.
     *
     * @return the id, {@link #UNKNOWN} if it is in neither, or {@link #NO_RESPONSE}
     */
    long idOfExcerpt(byte[] head, byte[] tail) {
        id = UNKNOWN;
        // The end of an excerpt is not the end of the message, so its last bytes tell nothing.
        if (head[0] == '{' && !readIdFirst(head, 0, head.length)) {
            parse(head, 0, head.length, false);
        }
        if (method != null) {
            return NO_RESPONSE;
        }
        return id >= 0 ? id : idAtEnd(tail);
    }

    /** The id that ends a response; {@link #UNKNOWN} if none does. */
    private static long idAtEnd(byte[] tail) {
        Matcher last = ID_LAST.matcher(new String(tail, StandardCharsets.ISO_8859_1));
        return last.find() ? Long.parseLong(last.group(1)) : UNKNOWN;
    }

    private static boolean startsWith(byte[] buffer, int offset, int length, byte[] prefix) {
        if (length < prefix.length || offset + prefix.length > buffer.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if (buffer[offset + i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
