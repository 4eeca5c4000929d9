package io.mcpdrivers.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The words of the protocol that answers hold most often, so that they need not be made anew each time. */
final class KnownNames {

    private static final List<String> WORDS = List.of(
            "jsonrpc",
            "2.0",
            "id",
            "result",
            "error",
            "method",
            "params",
            "content",
            "type",
            "text",
            "structuredContent",
            "isError",
            "_meta",
            "resultType",
            "complete",
            "requestState",
            "inputRequests",
            "image",
            "audio",
            "data",
            "blob",
            "mimeType",
            "uri",
            "name",
            "title",
            "description",
            "size",
            "annotations",
            "resource",
            "resource_link");

    private static final int LONGEST = 17;
    private static final int SLOTS = 256;
    private static final @Nullable String[] TABLE = new String[SLOTS];

    static {
        for (String word : WORDS) {
            // Of two words in one slot the second is only slower.
            TABLE[slot(word.length(), word.charAt(0), word.charAt(word.length() - 1))] = word;
        }
    }

    private KnownNames() {}

    private static int slot(int length, int first, int last) {
        return (length * 37 + first * 5 + last) & (SLOTS - 1);
    }

    /** The word that stands there; null if it is none of these. */
    static @Nullable String find(byte[] buffer, int start, int end) {
        int length = end - start;
        if (length == 0 || length > LONGEST) {
            return null;
        }
        String word = TABLE[slot(length, buffer[start], buffer[end - 1])];
        if (word == null || word.length() != length) {
            return null;
        }
        for (int i = 0; i < length; i++) {
            if (buffer[start + i] != word.charAt(i)) {
                return null;
            }
        }
        return word;
    }
}
