package io.mcpdrivers.schema;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Sound.
 *
 * @param data the sound, in Base64
 * @param mimeType its type, for example {@code audio/wav}
 * @param annotations see {@link ContentBlock#annotations()}
 * @param meta see {@link ContentBlock#meta()}
 */
public record AudioContent(
        String data,
        String mimeType,
        @Nullable JsonNode annotations,
        @Nullable JsonNode meta) implements ContentBlock {

    @Override
    public String type() {
        return "audio";
    }
}
