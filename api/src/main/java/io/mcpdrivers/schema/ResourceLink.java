package io.mcpdrivers.schema;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A link to a resource of the server, which may be read with {@code resources/read}.
 *
 * @param uri the resource's URI
 * @param name its name
 * @param title what to show to people; null if the server gives none
 * @param description what it is; null if the server does not say
 * @param mimeType its type; null if the server does not say
 * @param size its size in bytes; null if the server does not say
 * @param annotations see {@link ContentBlock#annotations()}
 * @param meta see {@link ContentBlock#meta()}
 */
public record ResourceLink(
        String uri,
        String name,
        @Nullable String title,
        @Nullable String description,
        @Nullable String mimeType,
        @Nullable Long size,
        @Nullable JsonNode annotations,
        @Nullable JsonNode meta)
        implements ContentBlock {

    @Override
    public String type() {
        return "resource_link";
    }
}
