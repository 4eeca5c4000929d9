package io.mcpdrivers.engine;

import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.schema.AudioContent;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.ContentBlock;
import io.mcpdrivers.schema.EmbeddedResource;
import io.mcpdrivers.schema.ImageContent;
import io.mcpdrivers.schema.ResourceLink;
import io.mcpdrivers.schema.TextContent;
import io.mcpdrivers.schema.UnknownContent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;

/** Reads the result of {@code tools/call} by hand: no other is read as often. */
final class CallToolResultReader implements ResultReader<CallToolResult> {

    static final CallToolResultReader INSTANCE = new CallToolResultReader();

    private CallToolResultReader() {}

    @Override
    public CallToolResult read(JsonParser parser, byte[] buffer, int offset) throws InputRequired {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new StreamReadException(parser, "the result of tools/call is no object");
        }
        List<ContentBlock> content = List.of();
        JsonNode structuredContent = null;
        boolean isError = false;
        Supplier<@Nullable JsonNode> meta = CallToolResultReader::noMeta;
        String resultType = "complete";
        JsonNode requestState = MissingNode.getInstance();
        JsonNode inputRequests = MissingNode.getInstance();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                break;
            }
            switch (name) {
                case "content" -> content = readContent(parser, buffer, offset);
                // Since 2026-07-28 null is content like any other.
                case "structuredContent" -> structuredContent = Json.MAPPER.readTree(parser);
                case "isError" -> {
                    isError = token == JsonToken.VALUE_TRUE;
                    parser.skipChildren();
                }
                case "_meta" -> meta = meta(parser, token, buffer, offset);
                case "resultType" -> {
                    String type = ResultReader.string(parser, token);
                    resultType = type == null ? "" : type;
                }
                case "requestState" -> requestState = Json.MAPPER.readTree(parser);
                case "inputRequests" -> inputRequests = Json.MAPPER.readTree(parser);
                default -> parser.skipChildren();
            }
        }
        if (!resultType.equals("complete")) {
            InputRequired.check(resultType, requestState, inputRequests);
        }
        return new CallToolResult(content, structuredContent, isError, meta);
    }

    private static @Nullable JsonNode noMeta() {
        return null;
    }

    /** Keeps the bytes of {@code _meta}, which every modern server sends and hardly anybody reads. */
    private static Supplier<@Nullable JsonNode> meta(JsonParser parser, JsonToken token, byte[] buffer, int offset) {
        if (token != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return CallToolResultReader::noMeta;
        }
        int start = offset + (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        byte[] bytes = Arrays.copyOfRange(
                buffer, start, offset + (int) parser.currentLocation().getByteOffset());
        return () -> readMeta(bytes);
    }

    private static JsonNode readMeta(byte[] bytes) {
        try {
            return Json.MAPPER.readTree(bytes);
        } catch (JacksonException e) {
            throw new McpProtocolException("The _meta of a result cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    private static List<ContentBlock> readContent(JsonParser parser, byte[] buffer, int offset) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw new StreamReadException(parser, "the content of a tool's result is no array");
        }
        ContentBlock first = null;
        List<ContentBlock> blocks = null;
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            ContentBlock block = new BlockReader(buffer, offset).read(parser);
            if (first == null) {
                first = block;
            } else {
                if (blocks == null) {
                    blocks = new ArrayList<>();
                    blocks.add(first);
                }
                blocks.add(block);
            }
        }
        if (parser.currentToken() != JsonToken.END_ARRAY) {
            throw new StreamReadException(parser, "a block of a tool's content is no object");
        }
        return blocks != null ? blocks : first == null ? List.of() : List.of(first);
    }

    /**
     * Reads one block, whose kind may be known only at its end. Until then its long strings stay as they are in the
     * message, since a block of an unknown kind is read a second time.
     */
    private static final class BlockReader {
        private final byte[] buffer;
        private final int offset;

        private @Nullable String type;
        private @Nullable LongText text;
        private @Nullable LongText data;
        private @Nullable LongText blob;
        private @Nullable String mimeType;
        private @Nullable String uri;
        private @Nullable String name;
        private @Nullable String title;
        private @Nullable String description;
        private @Nullable Long size;
        private @Nullable JsonNode annotations;
        private @Nullable JsonNode meta;
        private @Nullable BlockReader resource;

        BlockReader(byte[] buffer, int offset) {
            this.buffer = buffer;
            this.offset = offset;
        }

        ContentBlock read(JsonParser parser) {
            int start = offset + (int) parser.currentTokenLocation().getByteOffset();
            readMembers(parser);
            String kind = type == null ? "" : type;
            ContentBlock block = switch (kind) {
                case "text" -> text == null ? null : new TextContent(text.decode(parser), annotations, meta);
                case "image" ->
                    data == null ? null : new ImageContent(data.decode(parser), orEmpty(mimeType), annotations, meta);
                case "audio" ->
                    data == null ? null : new AudioContent(data.decode(parser), orEmpty(mimeType), annotations, meta);
                case "resource_link" ->
                    uri == null
                            ? null
                            : new ResourceLink(
                                    uri, orEmpty(name), title, description, mimeType, size, annotations, meta);
                case "resource" ->
                    resource == null || resource.uri == null
                            ? null
                            : new EmbeddedResource(
                                    resource.uri,
                                    resource.mimeType,
                                    decode(resource.text, parser),
                                    decode(resource.blob, parser),
                                    annotations,
                                    meta);
                default -> null;
            };
            return block != null ? block : unknown(kind, start, parser);
        }

        /** Reads the block again, as a tree: it is of no known kind, or lacks what its kind must have. */
        private ContentBlock unknown(String kind, int start, JsonParser parser) {
            int end = offset + (int) parser.currentLocation().getByteOffset();
            if (start < 0 || end > buffer.length || buffer[start] != '{') {
                return new UnknownContent(
                        kind, JsonNodeFactory.instance.objectNode().put("type", kind));
            }
            return new UnknownContent(kind, Json.MAPPER.readTree(buffer, start, end - start));
        }

        private void readMembers(JsonParser parser) {
            String member = parser.nextName();
            while (member != null) {
                JsonToken token = parser.nextToken();
                if (token == null) {
                    return;
                }
                readMember(parser, member, token);
                member = parser.nextName();
            }
        }

        private @Nullable LongText longText(JsonParser parser, JsonToken token) {
            if (token == JsonToken.VALUE_STRING) {
                return LongText.at(parser, buffer, offset);
            }
            parser.skipChildren();
            return null;
        }

        private static @Nullable String decode(@Nullable LongText text, JsonParser parser) {
            return text == null ? null : text.decode(parser);
        }

        private void readMember(JsonParser parser, String member, JsonToken token) {
            switch (member) {
                case "type" -> type = ResultReader.string(parser, token);
                case "text" -> text = longText(parser, token);
                case "data" -> data = longText(parser, token);
                case "blob" -> blob = longText(parser, token);
                case "mimeType" -> mimeType = ResultReader.string(parser, token);
                case "uri" -> uri = ResultReader.string(parser, token);
                case "name" -> name = ResultReader.string(parser, token);
                case "title" -> title = ResultReader.string(parser, token);
                case "description" -> description = ResultReader.string(parser, token);
                case "size" -> {
                    boolean fits = token == JsonToken.VALUE_NUMBER_INT
                            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
                    size = fits ? (Long) parser.getLongValue() : null;
                    parser.skipChildren();
                }
                case "annotations" -> annotations = ResultReader.tree(parser, token);
                case "_meta" -> meta = ResultReader.tree(parser, token);
                case "resource" -> {
                    if (token == JsonToken.START_OBJECT) {
                        resource = new BlockReader(buffer, offset);
                        resource.readMembers(parser);
                    } else {
                        parser.skipChildren();
                    }
                }
                default -> parser.skipChildren();
            }
        }

        private static String orEmpty(@Nullable String value) {
            return value == null ? "" : value;
        }
    }
}
