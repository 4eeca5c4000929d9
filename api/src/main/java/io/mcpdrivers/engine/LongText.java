package io.mcpdrivers.engine;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A string in a message. A long one is decoded straight from the message into the {@link String}, without being
 * gathered anywhere first. That undoes its escapes in place, so it must wait until nobody reads that part of the
 * message any more.
 */
final class LongText {

    /** Shorter strings are decoded at once. */
    static final int MIN_BYTES = 16 * 1024;

    private static final byte[] NOTHING = {};

    private final byte[] buffer;
    private final int start;
    private final int end;
    private final boolean escaped;
    private @Nullable String decoded;

    LongText(String decoded) {
        this(NOTHING, 0, 0, false);
        this.decoded = decoded;
    }

    /**
     * A string that has its end, and whose escapes are valid.
     *
     * @param escaped whether there are escapes at all
     */
    LongText(byte[] buffer, int start, int end, boolean escaped) {
        this.buffer = buffer;
        this.start = start;
        this.end = end;
        this.escaped = escaped;
    }

    /** The string; call it only once everything else has been read of that part of the message. */
    String decode() {
        String text = decoded;
        if (text == null) {
            text = decodeUtf8(buffer, start, escaped ? unescape() : end);
            decoded = text;
        }
        return text;
    }

    /** Undoes the escapes in place, and tells where the string ends then; it never becomes longer. */
    private int unescape() {
        int out = start;
        int in = start;
        while (in < end) {
            int plain = in;
            in = PlainBytes.skip(buffer, in, end);
            while (in < end && buffer[in] != '\\') {
                in++;
            }
            if (out != plain) {
                System.arraycopy(buffer, plain, buffer, out, in - plain);
            }
            out += in - plain;
            if (in == end) {
                break;
            }
            byte escape = buffer[in + 1];
            if (escape == 'u') {
                int unit = unit(buffer, in + 2);
                in += 6;
                if (Character.isHighSurrogate((char) unit)
                        && in + 6 <= end
                        && buffer[in] == '\\'
                        && buffer[in + 1] == 'u'
                        && Character.isLowSurrogate(unit(buffer, in + 2))) {
                    unit = Character.toCodePoint((char) unit, unit(buffer, in + 2));
                    in += 6;
                }
                out = writeUtf8(unit, out);
            } else {
                buffer[out++] = simple(escape);
                in += 2;
            }
        }
        return out;
    }

    /** What a letter behind a backslash stands for. */
    static byte simple(byte escape) {
        return switch (escape) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> escape;
        };
    }

    /** The character that four hexadecimal digits stand for. */
    static char unit(byte[] buffer, int at) {
        int value = 0;
        for (int i = at; i < at + 4; i++) {
            value = value << 4 | Character.digit(buffer[i], 16);
        }
        return (char) value;
    }

    private int writeUtf8(int codePoint, int at) {
        int out = at;
        if (codePoint < 0x80) {
            buffer[out++] = (byte) codePoint;
        } else if (codePoint < 0x800) {
            buffer[out++] = (byte) (0xC0 | codePoint >> 6);
            buffer[out++] = (byte) (0x80 | codePoint & 0x3F);
        } else if (Character.isBmpCodePoint(codePoint)) {
            // A surrogate without its other half has no UTF-8; a question mark stands for it, as in Java's own encoder.
            boolean lone = Character.isSurrogate((char) codePoint);
            buffer[out++] = lone ? (byte) '?' : (byte) (0xE0 | codePoint >> 12);
            if (!lone) {
                buffer[out++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
                buffer[out++] = (byte) (0x80 | codePoint & 0x3F);
            }
        } else {
            buffer[out++] = (byte) (0xF0 | codePoint >> 18);
            buffer[out++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
            buffer[out++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
            buffer[out++] = (byte) (0x80 | codePoint & 0x3F);
        }
        return out;
    }

    /** Decodes UTF-8; bytes that are none are an error. */
    static String decodeUtf8(byte[] buffer, int start, int end) {
        String text = new String(buffer, start, end - start, StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') >= 0
                && text.chars().filter(c -> c == '\uFFFD').count() != replacementCharacters(buffer, start, end)) {
            throw JsonReader.failure("Invalid UTF-8 in a string");
        }
        return text;
    }

    /** How often U+FFFD stands there by itself, and not for bytes that are no UTF-8. */
    private static long replacementCharacters(byte[] buffer, int start, int end) {
        long count = 0;
        for (int i = start; i + 2 < end; i++) {
            if (buffer[i] == (byte) 0xEF && buffer[i + 1] == (byte) 0xBF && buffer[i + 2] == (byte) 0xBD) {
                count++;
            }
        }
        return count;
    }
}
