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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** Reads the result of {@code tools/call} by hand: no other is read as often. */
final class CallToolResultReader implements ResultReader<CallToolResult> {

    static final CallToolResultReader INSTANCE = new CallToolResultReader();

    private CallToolResultReader() {}

    @Override
    public CallToolResult read(JsonReader in) throws InputRequired {
        if (!in.enterObject()) {
            throw in.failed("The result of tools/call is no object");
        }
        List<ContentBlock> content = List.of();
        JsonNode structuredContent = null;
        boolean isError = false;
        Supplier<@Nullable JsonNode> meta = CallToolResultReader::noMeta;
        String resultType = "complete";
        JsonNode requestState = MissingNode.getInstance();
        JsonNode inputRequests = MissingNode.getInstance();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "content" -> content = readContent(in);
                // Since 2026-07-28 null is content like any other.
                case "structuredContent" -> structuredContent = JsonTrees.read(in);
                case "isError" -> {
                    isError = in.kind() == 't';
                    in.skip();
                }
                case "_meta" -> meta = meta(in);
                case "resultType" -> {
                    String type = in.stringOrNull();
                    resultType = type == null ? "" : type;
                }
                case "requestState" -> requestState = JsonTrees.read(in);
                case "inputRequests" -> inputRequests = JsonTrees.read(in);
                default -> in.skip();
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
    private static Supplier<@Nullable JsonNode> meta(JsonReader in) {
        if (in.kind() != '{') {
            in.skip();
            return CallToolResultReader::noMeta;
        }
        int start = in.position();
        in.skip();
        byte[] bytes = Arrays.copyOfRange(in.buffer(), start, in.position());
        return () -> readMeta(bytes);
    }

    private static JsonNode readMeta(byte[] bytes) {
        try {
            return JsonTrees.read(bytes, 0, bytes.length);
        } catch (JacksonException e) {
            throw new McpProtocolException("The _meta of a result cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    private static List<ContentBlock> readContent(JsonReader in) {
        if (!in.enterArray()) {
            throw in.failed("The content of a tool's result is no array");
        }
        ContentBlock first = null;
        List<ContentBlock> blocks = null;
        while (in.nextElement()) {
            ContentBlock block = new BlockReader().read(in);
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
        return blocks != null ? blocks : first == null ? List.of() : List.of(first);
    }

    /**
     * Reads one block, whose kind may be known only at its end. Until then its long strings stay as they are in the
     * message, since a block of an unknown kind is read a second time.
     */
    private static final class BlockReader {
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

        ContentBlock read(JsonReader in) {
            if (in.kind() != '{') {
                throw in.failed("A block of a tool's content is no object");
            }
            int start = in.position();
            readMembers(in);
            String kind = type == null ? "" : type;
            ContentBlock block = switch (kind) {
                case "text" -> text == null ? null : new TextContent(text.decode(), annotations, meta);
                case "image" ->
                    data == null ? null : new ImageContent(data.decode(), orEmpty(mimeType), annotations, meta);
                case "audio" ->
                    data == null ? null : new AudioContent(data.decode(), orEmpty(mimeType), annotations, meta);
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
                                    decode(resource.text),
                                    decode(resource.blob),
                                    annotations,
                                    meta);
                default -> null;
            };
            return block != null ? block : unknown(kind, in, start);
        }

        /** Reads the block again, as a tree: it is of no known kind, or lacks what its kind must have. */
        private static ContentBlock unknown(String kind, JsonReader in, int start) {
            return new UnknownContent(kind, JsonTrees.read(in.buffer(), start, in.position() - start));
        }

        private void readMembers(JsonReader in) {
            in.enterObject();
            for (String member = in.nextName(); member != null; member = in.nextName()) {
                readMember(in, member);
            }
        }

        private void readMember(JsonReader in, String member) {
            switch (member) {
                case "type" -> type = in.stringOrNull();
                case "text" -> text = longText(in);
                case "data" -> data = longText(in);
                case "blob" -> blob = longText(in);
                case "mimeType" -> mimeType = in.stringOrNull();
                case "uri" -> uri = in.stringOrNull();
                case "name" -> name = in.stringOrNull();
                case "title" -> title = in.stringOrNull();
                case "description" -> description = in.stringOrNull();
                case "size" -> size = in.longOrNull();
                case "annotations" -> annotations = ResultReader.tree(in);
                case "_meta" -> meta = ResultReader.tree(in);
                case "resource" -> {
                    if (in.kind() == '{') {
                        resource = new BlockReader();
                        resource.readMembers(in);
                    } else {
                        in.skip();
                    }
                }
                default -> in.skip();
            }
        }

        private static @Nullable LongText longText(JsonReader in) {
            if (in.kind() == '"') {
                return in.longText();
            }
            in.skip();
            return null;
        }

        private static @Nullable String decode(@Nullable LongText text) {
            return text == null ? null : text.decode();
        }

        private static String orEmpty(@Nullable String value) {
            return value == null ? "" : value;
        }
    }
}
