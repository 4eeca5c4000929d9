package io.mcpdrivers.engine;

import io.mcpdrivers.McpException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.exc.StreamWriteException;

/**
 * Writes a message, on one line, into an array that it may have been given. Structure and simple values it writes by
 * itself; for whatever else there is, Jackson's mapper.
 */
final class JsonWriter {

    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    /** The most bytes that one character of a string becomes. */
    private static final int MOST_PER_CHARACTER = 6;
    /** How many characters are made room for at once. */
    private static final int CHUNK = 512;

    private byte[] bytes;
    private int length;
    /** Whether a comma has to stand before what comes next. */
    private boolean comma;

    JsonWriter(byte[] room) {
        this.bytes = room;
    }

    /** What was written. */
    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    /** The array that was written into, for the next message. */
    byte[] room() {
        return bytes;
    }

    void writeStartObject() {
        separate(1);
        bytes[length++] = '{';
        comma = false;
    }

    void writeEndObject() {
        reserve(1);
        bytes[length++] = '}';
        comma = true;
    }

    void writeName(String name) {
        writeString(name);
        reserve(1);
        bytes[length++] = ':';
        comma = false;
    }

    void writeNumber(long value) {
        separate(20);
        if (value < 0) {
            writeAscii(Long.toString(value));
            return;
        }
        length += digits(value);
        int at = length;
        long left = value;
        do {
            bytes[--at] = (byte) ('0' + left % 10);
            left /= 10;
        } while (left > 0);
    }

    private static int digits(long value) {
        int digits = 1;
        for (long left = value; left >= 10; left /= 10) {
            digits++;
        }
        return digits;
    }

    void writeNumber(double value) {
        if (Double.isFinite(value)) {
            separate(32);
            writeAscii(Double.toString(value));
        } else {
            // JSON has no such number; so does Jackson.
            writeString(Double.toString(value));
        }
    }

    void writeBoolean(boolean value) {
        separate(5);
        writeAscii(value ? "true" : "false");
    }

    void writeNull() {
        separate(4);
        writeAscii("null");
    }

    private void writeAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
    }

    /** Writes JSON that is known to be valid: one value, or several members with commas between them. */
    void writeRaw(byte[] json) {
        separate(json.length);
        System.arraycopy(json, 0, bytes, length, json.length);
        length += json.length;
    }

    /** As {@link #writeRaw(byte[])}. */
    void writeRaw(String json) {
        writeRaw(json.getBytes(StandardCharsets.UTF_8));
    }

    void writeString(String text) {
        separate(1);
        bytes[length++] = '"';
        int end = text.length();
        for (int i = 0; i < end; ) {
            int chunk = Math.min(end, i + CHUNK);
            // Its last character may be half of one.
            reserve((chunk - i + 1) * MOST_PER_CHARACTER + 1);
            i = writeCharacters(text, i, chunk);
        }
        reserve(1);
        bytes[length++] = '"';
    }

    /** Writes characters for which there is room; one more if the last of them is the first half of one. */
    private int writeCharacters(String text, int from, int to) {
        byte[] out = bytes;
        int at = length;
        int i = from;
        while (i < to) {
            char c = text.charAt(i++);
            if (c < 0x80) {
                if (c >= ' ' && c != '"' && c != '\\') {
                    out[at++] = (byte) c;
                } else {
                    at = writeEscaped(c, at);
                }
            } else if (c < 0x800) {
                out[at++] = (byte) (0xC0 | c >> 6);
                out[at++] = (byte) (0x80 | c & 0x3F);
            } else if (!Character.isSurrogate(c)) {
                out[at++] = (byte) (0xE0 | c >> 12);
                out[at++] = (byte) (0x80 | c >> 6 & 0x3F);
                out[at++] = (byte) (0x80 | c & 0x3F);
            } else {
                if (Character.isLowSurrogate(c) || i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
                    throw new StreamWriteException(
                            (JsonGenerator) null, "A string with half a surrogate pair, at character " + (i - 1));
                }
                int codePoint = Character.toCodePoint(c, text.charAt(i++));
                out[at++] = (byte) (0xF0 | codePoint >> 18);
                out[at++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
                out[at++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
                out[at++] = (byte) (0x80 | codePoint & 0x3F);
            }
        }
        length = at;
        return i;
    }

    private int writeEscaped(char c, int at) {
        byte[] out = bytes;
        int next = at;
        out[next++] = '\\';
        switch (c) {
            case '"', '\\' -> out[next++] = (byte) c;
            case '\b' -> out[next++] = 'b';
            case '\f' -> out[next++] = 'f';
            case '\n' -> out[next++] = 'n';
            case '\r' -> out[next++] = 'r';
            case '\t' -> out[next++] = 't';
            default -> {
                out[next++] = 'u';
                out[next++] = '0';
                out[next++] = '0';
                out[next++] = HEX[c >> 4];
                out[next++] = HEX[c & 0xF];
            }
        }
        return next;
    }

    /** Writes a value; the common kinds without the cost of data binding. */
    void writeValue(@Nullable Object value) {
        if (value instanceof String string) {
            writeString(string);
        } else if (value instanceof Integer number) {
            writeNumber((long) number);
        } else if (value instanceof Long number) {
            writeNumber(number);
        } else if (value instanceof Double number) {
            writeNumber((double) number);
        } else if (value instanceof Boolean flag) {
            writeBoolean(flag);
        } else if (value == null) {
            writeNull();
        } else {
            separate(0);
            Json.MAPPER.writeValue(new Rest(), value);
        }
    }

    void writeMap(Map<?, ?> map) {
        writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            writeName(String.valueOf(entry.getKey()));
            writeValue(entry.getValue());
        }
        writeEndObject();
    }

    private void separate(int more) {
        reserve(more + 1);
        if (comma) {
            bytes[length++] = ',';
        }
        comma = true;
    }

    private void reserve(int more) {
        if (length + more > bytes.length) {
            if (length + more < 0) {
                throw new McpException("A message of more than 2 GB cannot be written", null);
            }
            bytes = Arrays.copyOf(bytes, (int)
                    Math.max(length + more, Math.min(2L * bytes.length, Integer.MAX_VALUE - 16)));
        }
    }

    /** What the mapper writes. */
    private final class Rest extends OutputStream {
        @Override
        public void write(byte[] buffer, int offset, int count) {
            reserve(count);
            for (int i = 0; i < count; i++) {
                byte b = buffer[offset + i];
                // Only JSON that a user gives raw holds line breaks, between its tokens; a message must have none.
                bytes[length + i] = b == '\n' || b == '\r' ? (byte) ' ' : b;
            }
            length += count;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }
    }
}
