package io.mcpdrivers.schema;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A picture.
 *
 * @param data the picture, in Base64
 * @param mimeType its type, for example {@code image/png}
 * @param annotations see {@link ContentBlock#annotations()}
 * @param meta see {@link ContentBlock#meta()}
 */
public record ImageContent(
        String data,
        String mimeType,
        @Nullable JsonNode annotations,
        @Nullable JsonNode meta) implements ContentBlock {

    @Override
    public String type() {
        return "image";
    }
}
