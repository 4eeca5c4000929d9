package io.mcpdrivers.engine;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.exc.StreamReadException;

/**
 * A string in a message. A long one is decoded straight from the message into the {@link String}, since the parser would
 * collect it in character arrays first, at several times its size. That undoes the escapes in place, so it must wait
 * until the parser has moved on and nobody reads that part of the message any more.
 */
final class LongText {

    /** Shorter strings go through the parser. */
    private static final int MIN_BYTES = 16 * 1024;

    private final byte[] buffer;
    private final int start;
    private final int end;
    private @Nullable String decoded;

    private LongText(byte[] buffer, int start, int end, @Nullable String decoded) {
        this.buffer = buffer;
        this.start = start;
        this.end = end;
        this.decoded = decoded;
    }

    /**
     * Notes the string at which the parser stands, and decodes it unless it is long.
     *
     * @param buffer what the parser reads from
     * @param offset where in the buffer the parser began
     */
    static LongText at(JsonParser parser, byte[] buffer, int offset) {
        if (buffer.length >= MIN_BYTES) {
            int quote = offset + (int) parser.currentTokenLocation().getByteOffset();
            int i = quote + 1;
            if (quote >= 0 && i < buffer.length && buffer[quote] == '"') {
                while (i < buffer.length && buffer[i] != '"') {
                    i += buffer[i] == '\\' ? 2 : 1;
                }
                if (i < buffer.length && i - quote >= MIN_BYTES) {
                    return new LongText(buffer, quote + 1, i, null);
                }
            }
        }
        return new LongText(buffer, 0, 0, parser.getString());
    }

    /** The string; call it only once the parser is behind it, which has then found its escapes and its end valid. */
    String decode(JsonParser parser) {
        String text = decoded;
        if (text == null) {
            int length = unescape(parser);
            text = new String(buffer, start, length, StandardCharsets.UTF_8);
            if (text.indexOf('\uFFFD') >= 0 && !holdsReplacementCharacter(length)) {
                throw new StreamReadException(parser, "Invalid UTF-8 in a string");
            }
            decoded = text;
        }
        return text;
    }

    /** Undoes the escapes in place, from {@code start}; what comes out is never longer than what went in. */
    private int unescape(JsonParser parser) {
        int out = start;
        for (int in = start; in < end; ) {
            byte b = buffer[in++];
            if (b >= 0 && b < ' ') {
                throw new StreamReadException(parser, "Unescaped control character " + b + " in a string");
            }
            if (b != '\\') {
                buffer[out++] = b;
                continue;
            }
            byte escaped = buffer[in++];
            if (escaped == 'u') {
                int unit = hex(parser, in);
                in += 4;
                if (Character.isHighSurrogate((char) unit)
                        && in + 6 <= end
                        && buffer[in] == '\\'
                        && buffer[in + 1] == 'u'
                        && Character.isLowSurrogate((char) hex(parser, in + 2))) {
                    unit = Character.toCodePoint((char) unit, (char) hex(parser, in + 2));
                    in += 6;
                }
                out = writeUtf8(unit, out);
            } else {
                buffer[out++] = simple(parser, escaped);
            }
        }
        return out - start;
    }

    private static byte simple(JsonParser parser, byte escaped) {
        return switch (escaped) {
            case '"', '\\', '/' -> escaped;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> throw new StreamReadException(parser, "Unknown escape '\\" + (char) escaped + "' in a string");
        };
    }

    private int hex(JsonParser parser, int at) {
        int value = 0;
        for (int i = at; i < at + 4; i++) {
            int digit = i < end ? Character.digit(buffer[i], 16) : -1;
            if (digit < 0) {
                throw new StreamReadException(parser, "An escape \\u without four hexadecimal digits in a string");
            }
            value = value << 4 | digit;
        }
        return value;
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

    /** Whether U+FFFD stands there by itself, and not for bytes that are no UTF-8. */
    private boolean holdsReplacementCharacter(int length) {
        for (int i = start; i + 2 < start + length; i++) {
            if (buffer[i] == (byte) 0xEF && buffer[i + 1] == (byte) 0xBF && buffer[i + 2] == (byte) 0xBD) {
                return true;
            }
        }
        return false;
    }
}
