package io.mcpdrivers.engine;

import io.mcpdrivers.McpException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.ErrorReportConfiguration;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * How this engine uses Jackson's mapper: for the objects of users. Small calls need none of it, so this class is best not
 * touched by them: it takes its time to come into being.
 */
final class Json {

    /** The most of a server's words that an error message quotes. */
    private static final int QUOTED_CHARACTERS = 200;

    /** What is searched for secrets before it is cut to that: of one that is cut, the rest would not be recognized. */
    private static final int EXCERPT_BYTES = 64 * 1024;

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

    /** A generator for structure and simple values. */
    static JsonGenerator generator(OutputStream out) {
        return FACTORY.createGenerator(ObjectWriteContext.empty(), out);
    }

    /** Converts what the protocol wants to be an object; null to an empty one. */
    static ObjectNode toObject(String what, @Nullable Object value) {
        if (value == null) {
            return JsonNodeFactory.instance.objectNode();
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

    /** The beginning of a server's words, of which a part will be shown: so much as is searched for secrets. */
    static String excerpt(String text) {
        return text.length() <= EXCERPT_BYTES ? text : text.substring(0, EXCERPT_BYTES);
    }

    /** As much of a server's words as {@link #quote} can show, and what may belong to a secret that begins there. */
    static String excerpt(byte[] buffer, int offset, int length) {
        int bytes = Math.min(length, EXCERPT_BYTES);
        return new String(buffer, offset, bytes, StandardCharsets.UTF_8) + (bytes < length ? "..." : "");
    }

    /** A server's words for an error message: their beginning, on one line. */
    static String quote(String text) {
        boolean tooLong = text.length() > QUOTED_CHARACTERS;
        String shown = tooLong ? text.substring(0, QUOTED_CHARACTERS) : text;
        return '"' + shown.replaceAll("\\p{Cntrl}", " ") + (tooLong ? "...\"" : "\"");
    }
}
