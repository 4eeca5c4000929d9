package io.mcpdrivers.schema;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A resource, sent along. It has either text or a blob.
 *
 * @param uri the resource's URI
 * @param mimeType its type; null if the server does not say
 * @param text its text; null if it is binary
 * @param blob its bytes in Base64; null if it is text
 * @param annotations see {@link ContentBlock#annotations()}
 * @param meta see {@link ContentBlock#meta()}
 */
public record EmbeddedResource(
        String uri,
        @Nullable String mimeType,
        @Nullable String text,
        @Nullable String blob,
        @Nullable JsonNode annotations,
        @Nullable JsonNode meta)
        implements ContentBlock {

    @Override
    public String type() {
        return "resource";
    }
}
