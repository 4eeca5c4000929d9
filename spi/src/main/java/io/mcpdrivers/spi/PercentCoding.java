package io.mcpdrivers.spi;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-encoding of UTF-8 (RFC 3986 section 2.1). A plus sign is itself, not a space. */
final class PercentCoding {

    /** What may stand in a parameter as it is: unreserved characters, and those that delimit nothing there. */
    private static final String PLAIN = "-._~/:@,;!*'()[]${}=+";

    private static final String HEX = "0123456789ABCDEF";

    private PercentCoding() {}

    static String encode(String text) {
        return encode(text, PLAIN);
    }

    /** As {@link #encode(String)}, for a parameter's name, which an equals sign ends. */
    static String encodeName(String text) {
        return encode(text, PLAIN.replace("=", ""));
    }

    private static String encode(String text, String plain) {
        StringBuilder out = new StringBuilder(text.length());
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        // One character for each byte, so that positions are the same; placeholders are marked by ASCII alone.
        String units = new String(bytes, StandardCharsets.ISO_8859_1);
        for (int i = 0; i < bytes.length; i++) {
            char c = (char) (bytes[i] & 0xFF);
            // Without its brace, what was written behind the text would be taken for a part of the placeholder.
            boolean unclosed = c == '{' && beginsPlaceholder(bytes, i) && Placeholders.end(units, i - 1) < 0;
            if (c < 0x80 && !unclosed && (isAlphanumeric(c) || plain.indexOf(c) >= 0)) {
                out.append(c);
            } else {
                out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xF));
            }
        }
        return out.toString();
    }

    /** Whether a brace does; behind two dollars it does not, and any number of those may stand in a text. */
    private static boolean beginsPlaceholder(byte[] bytes, int brace) {
        return brace > 0 && bytes[brace - 1] == '$' && (brace == 1 || bytes[brace - 2] != '$');
    }

    /**
     * Decodes {@code text} from {@code start} to {@code end}.
     *
     * @throws McpUriException at the position, counted in {@code text}, of an escape that is not one
     */
    static String decode(String text, int start, int end) {
        int escape = text.indexOf('%', start);
        if (escape < 0 || escape >= end) {
            return text.substring(start, end);
        }
        byte[] out = new byte[(end - start) * 4];
        int length = 0;
        for (int i = start; i < end; ) {
            char c = text.charAt(i);
            if (c == '%') {
                boolean whole = i + 2 < end;
                int high = whole ? hexDigit(text.charAt(i + 1)) : -1;
                int low = whole ? hexDigit(text.charAt(i + 2)) : -1;
                if (high < 0 || low < 0) {
                    throw new McpUriException(
                            "'%' must be followed by two hexadecimal digits; write %25 for itself", i);
                }
                out[length++] = (byte) (high << 4 | low);
                i += 3;
            } else {
                int next = text.offsetByCodePoints(i, 1);
                byte[] encoded = text.substring(i, next).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(encoded, 0, out, length, encoded.length);
                length += encoded.length;
                i = next;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(out, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new McpUriException("the percent-escapes are not UTF-8", start);
        }
    }

    private static int hexDigit(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }
}
