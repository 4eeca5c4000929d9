package io.mcpdrivers.engine;

import io.mcpdrivers.McpException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.ErrorReportConfiguration;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** How this engine uses Jackson. Depth stays limited (500); lengths are limited by the size of a message. */
final class Json {

    /** The most of a server's words that an error message quotes. */
    private static final int QUOTED_CHARACTERS = 200;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            // What is wrong with a message is told together with a quotation of it; that is long enough.
            .errorReportConfiguration(
                    ErrorReportConfiguration.builder().maxErrorTokenLength(20).build())
            .build();

    static final JsonMapper MAPPER = JsonMapper.builder(FACTORY)
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    static JsonParser parser(byte[] buffer, int offset, int length) {
        return FACTORY.createParser(ObjectReadContext.empty(), buffer, offset, length);
    }

    /** A generator for structure and simple values; whatever else there is goes through {@link #writeValue}. */
    static JsonGenerator generator(OutputStream out) {
        return FACTORY.createGenerator(ObjectWriteContext.empty(), out);
    }

    /** Writes a value; the common kinds without the cost of data binding. */
    static void writeValue(JsonGenerator out, @Nullable Object value) {
        if (value instanceof String string) {
            out.writeString(string);
        } else if (value instanceof Integer number) {
            out.writeNumber(number);
        } else if (value instanceof Long number) {
            out.writeNumber(number);
        } else if (value instanceof Double number) {
            out.writeNumber(number);
        } else if (value instanceof Boolean flag) {
            out.writeBoolean(flag);
        } else if (value == null) {
            out.writeNull();
        } else {
            MAPPER.writeValue(out, value);
        }
    }

    /** Writes what the protocol wants to be an object; null as an empty one. */
    static void writeObject(JsonGenerator out, String what, @Nullable Object value) {
        if (value == null) {
            out.writeStartObject();
            out.writeEndObject();
        } else if (value instanceof Map<?, ?> map) {
            out.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.writeName(String.valueOf(entry.getKey()));
                writeValue(out, entry.getValue());
            }
            out.writeEndObject();
        } else {
            // Only what is written shows whether it is an object, so it is written as a tree first.
            MAPPER.writeValue(out, toObject(what, value));
        }
    }

    /** Converts what the protocol wants to be an object; null to an empty one. */
    static ObjectNode toObject(String what, @Nullable Object value) {
        if (value == null) {
            return MAPPER.createObjectNode();
        }
        JsonNode tree;
        try {
            tree = value instanceof JsonNode node ? node : MAPPER.valueToTree(value);
        } catch (JacksonException e) {
            throw unwritable(what, e);
        } catch (RuntimeException | StackOverflowError e) {
            // What the user's objects throw themselves; a tree of objects that hold each other is endless.
            throw new McpException("The " + what + " cannot be written as JSON: " + e, e);
        }
        if (tree instanceof ObjectNode object) {
            return object;
        }
        throw new McpException(
                "The " + what + " must be a JSON object, but a "
                        + value.getClass().getName() + " is written as " + tree.getNodeType(),
                null);
    }

    static McpException unwritable(String what, JacksonException cause) {
        return new McpException("The " + what + " cannot be written as JSON: " + cause.getOriginalMessage(), cause);
    }

    /** As much of a server's words as {@link #quote} can show. */
    static String excerpt(byte[] buffer, int offset, int length) {
        // A character takes at most four bytes, so this many bytes are enough.
        int bytes = Math.min(length, QUOTED_CHARACTERS * 4);
        return new String(buffer, offset, bytes, StandardCharsets.UTF_8) + (bytes < length ? "..." : "");
    }

    /** A server's words for an error message: their beginning, on one line. */
    static String quote(String text) {
        boolean tooLong = text.length() > QUOTED_CHARACTERS;
        String shown = tooLong ? text.substring(0, QUOTED_CHARACTERS) : text;
        return '"' + shown.replaceAll("\\p{Cntrl}", " ") + (tooLong ? "...\"" : "\"");
    }
}
