package io.mcpdrivers.engine;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.exc.StreamReadException;

/**
 * Reads a message from front to back, where it lies: small messages cost no more than what is kept of them. As strict as
 * Jackson's parser, but that UTF-8 is looked at in strings that are read and not in what is passed over, and with the same
 * limits of depth and of the length of numbers; what is not JSON is a {@link StreamReadException}. Whoever reads asks in the order in which things come: for each value its kind, and then
 * for the value itself in one of several forms, or to have it passed over.
 */
final class JsonReader {

    private static final int MOST_DEPTH = 500;
    /** Shorter strings are read byte by byte. */
    private static final int SHORT = 64;

    private static final int MOST_DIGITS = 1_000;

    private final byte[] buffer;
    private final int begin;
    private final int end;
    private int at;
    private int depth;
    /** Whether the object or array that is open has had no member yet. */
    private boolean first;

    // The string that was scanned last, without its quotes.
    private int stringStart;
    private int stringEnd;
    private boolean escaped;

    JsonReader(byte[] buffer, int offset, int length) {
        this.buffer = buffer;
        this.begin = offset;
        this.end = offset + length;
        this.at = offset;
    }

    byte[] buffer() {
        return buffer;
    }

    /** Where in the buffer reading goes on; before a value, that is its first byte once its kind was asked for. */
    int position() {
        return at;
    }

    /** The first byte of the value that comes, which tells its kind; a minus or any digit for a number. */
    byte kind() {
        skipBlanks();
        if (at >= end) {
            throw failed("Unexpected end");
        }
        return buffer[at];
    }

    /** Whether there is nothing but blanks left. */
    boolean isAtEnd() {
        skipBlanks();
        return at >= end;
    }

    /** Enters the object that comes; false if something else comes, which is then still to be read. */
    boolean enterObject() {
        return enter('{');
    }

    /** Enters the array that comes; false if something else comes, which is then still to be read. */
    boolean enterArray() {
        return enter('[');
    }

    private boolean enter(char bracket) {
        if (kind() != bracket) {
            return false;
        }
        at++;
        if (++depth > MOST_DEPTH) {
            throw failed("Nested deeper than " + MOST_DEPTH);
        }
        first = true;
        return true;
    }

    /** The name of the next member, whose value comes; null if the object has ended and was left. */
    @Nullable
    String nextName() {
        if (!hasNext('}')) {
            return null;
        }
        scanName();
        return text(KnownNames.find(buffer, stringStart, stringEnd));
    }

    /** Whether an element comes; if not, the array has ended and was left. */
    boolean nextElement() {
        return hasNext(']');
    }

    private boolean hasNext(char bracket) {
        byte b = kind();
        if (b == bracket) {
            at++;
            depth--;
            first = false;
            return false;
        }
        if (!first) {
            if (b != ',') {
                throw failed("Expected a comma or '" + bracket + "', not " + describe(b));
            }
            at++;
        }
        first = false;
        return true;
    }

    private void scanName() {
        scanString();
        if (kind() != ':') {
            throw failed("Expected a colon, not " + describe(buffer[at]));
        }
        at++;
    }

    /** Reads a string; passes anything else over, which is null. */
    @Nullable
    String stringOrNull() {
        if (kind() == '"') {
            return string();
        }
        skip();
        return null;
    }

    /** Reads the string that comes. */
    String string() {
        scanString();
        return text(KnownNames.find(buffer, stringStart, stringEnd));
    }

    /** Reads the string that comes; a long one stays where it is until it is decoded. */
    LongText longText() {
        scanString();
        return stringEnd - stringStart < LongText.MIN_BYTES
                ? new LongText(text(null))
                : new LongText(buffer, stringStart, stringEnd, escaped);
    }

    private String text(@Nullable String known) {
        if (known != null) {
            return known;
        }
        if (escaped) {
            return unescaped();
        }
        return LongText.decodeUtf8(buffer, stringStart, stringEnd);
    }

    private String unescaped() {
        StringBuilder text = new StringBuilder(stringEnd - stringStart);
        for (int in = stringStart; in < stringEnd; ) {
            byte b = buffer[in];
            if (b == '\\') {
                byte escape = buffer[in + 1];
                text.append(escape == 'u' ? LongText.unit(buffer, in + 2) : (char) LongText.simple(escape));
                in += escape == 'u' ? 6 : 2;
            } else if (b >= 0) {
                text.append((char) b);
                in++;
            } else {
                int from = in;
                while (in < stringEnd && buffer[in] < 0) {
                    in++;
                }
                text.append(LongText.decodeUtf8(buffer, from, in));
            }
        }
        return text.toString();
    }

    /** Finds the end of the string that comes, and checks its escapes. */
    private void scanString() {
        if (kind() != '"') {
            throw failed("Expected a string, not " + describe(buffer[at]));
        }
        byte[] bytes = buffer;
        int limit = end;
        int i = at + 1;
        int jump = i + SHORT;
        boolean escapes = false;
        while (i < limit) {
            if (i >= jump) {
                i = PlainBytes.skip(bytes, i, limit);
                jump = i + Long.BYTES;
                if (i == limit) {
                    break;
                }
            }
            byte b = bytes[i];
            if (b == '"') {
                stringStart = at + 1;
                stringEnd = i;
                escaped = escapes;
                at = i + 1;
                return;
            }
            i++;
            if (b == '\\') {
                escapes = true;
                i = scanEscape(i);
            } else if (b >= 0 && b < ' ') {
                at = i;
                throw failed("Unescaped control character " + b + " in a string");
            }
        }
        at = limit;
        throw failed("Unexpected end in a string");
    }

    private int scanEscape(int escape) {
        int last = escape;
        if (escape < end) {
            switch (buffer[escape]) {
                case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
                    return escape + 1;
                }
                case 'u' -> {
                    do {
                        last++;
                    } while (last < end && last <= escape + 4 && Character.digit(buffer[last], 16) >= 0);
                    if (last > escape + 4) {
                        return last;
                    }
                }
                default -> {}
            }
        }
        at = Math.min(last, end - 1);
        throw failed("Invalid escape in a string");
    }

    /** Passes the value that comes over. */
    void skip() {
        byte b = kind();
        switch (b) {
            case '"' -> scanString();
            case '{' -> {
                enter('{');
                while (hasNext('}')) {
                    scanName();
                    skip();
                }
            }
            case '[' -> {
                enter('[');
                while (hasNext(']')) {
                    skip();
                }
            }
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        }
    }

    /** Passes a value over, and gives its text. */
    String raw() {
        kind();
        int start = at;
        skip();
        return new String(buffer, start, at - start, StandardCharsets.UTF_8);
    }

    private void literal(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (at + i >= end || buffer[at + i] != word.charAt(i)) {
                throw failed("Unknown word");
            }
        }
        at += word.length();
        checkDelimited();
    }

    private void checkDelimited() {
        if (at < end && (Character.isLetterOrDigit(buffer[at]) || buffer[at] < 0)) {
            throw failed("Unexpected " + describe(buffer[at]));
        }
    }

    /** Passes a number over; true if it has neither fraction nor exponent. */
    private boolean number() {
        int start = at;
        if (buffer[at] == '-') {
            at++;
        }
        int zero = at;
        digits();
        if (at - zero > 1 && buffer[zero] == '0') {
            throw failed("A number that begins with zero");
        }
        boolean whole = true;
        if (at < end && buffer[at] == '.') {
            whole = false;
            at++;
            digits();
        }
        if (at < end && (buffer[at] == 'e' || buffer[at] == 'E')) {
            whole = false;
            at++;
            if (at < end && (buffer[at] == '+' || buffer[at] == '-')) {
                at++;
            }
            digits();
        }
        checkDelimited();
        if (at - start > MOST_DIGITS) {
            throw failed("A number of " + (at - start) + " characters");
        }
        return whole;
    }

    private void digits() {
        int from = at;
        while (at < end && buffer[at] >= '0' && buffer[at] <= '9') {
            at++;
        }
        if (at == from) {
            throw failed(at < end ? "Unexpected " + describe(buffer[at]) : "Unexpected end");
        }
    }

    /** A whole number as it fits; null, if something else comes, or one that does not fit, which is passed over. */
    @Nullable
    Long longOrNull() {
        byte b = kind();
        if (b != '-' && (b < '0' || b > '9')) {
            skip();
            return null;
        }
        int start = at;
        if (!number()) {
            return null;
        }
        try {
            return Long.valueOf(new String(buffer, start, at - start, StandardCharsets.ISO_8859_1));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Reads a number as Jackson would. */
    Number numberValue() {
        int start = at;
        boolean whole = number();
        String text = new String(buffer, start, at - start, StandardCharsets.ISO_8859_1);
        return whole ? JsonTrees.whole(text) : (Number) Double.valueOf(text);
    }

    private void skipBlanks() {
        while (at < end && (buffer[at] == ' ' || buffer[at] == '\t' || buffer[at] == '\r' || buffer[at] == '\n')) {
            at++;
        }
    }

    private static String describe(byte b) {
        return b > ' ' ? "'" + (char) b + "'" : "byte " + (b & 0xFF);
    }

    StreamReadException failed(String what) {
        return failure(what + " at byte " + (at - begin));
    }

    static StreamReadException failure(String what) {
        return new StreamReadException((JsonParser) null, what);
    }
}
