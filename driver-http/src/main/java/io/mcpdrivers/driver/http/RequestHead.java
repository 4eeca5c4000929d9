package io.mcpdrivers.driver.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the head of a request, and what of its body goes with it. */
final class RequestHead {

    private static final byte[] LENGTH = ascii("Content-Type: application/json\r\nContent-Length: ");

    private byte[] bytes;
    private int length;

    /** Begins to write into an array; takes another one if that becomes full. */
    RequestHead(byte[] bytes) {
        this.bytes = bytes;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A header that does not change, written once. */
    static byte[] line(String name, String value) {
        RequestHead line = new RequestHead(new byte[64]).header(name, value);
        return Arrays.copyOf(line.bytes, line.length);
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
        }
    }

    RequestHead add(byte[] prepared) {
        room(prepared.length);
        System.arraycopy(prepared, 0, bytes, length, prepared.length);
        length += prepared.length;
        return this;
    }

    RequestHead header(Header header) {
        byte[] prepared = header.line;
        return prepared == null ? header(header.name, header.value) : add(prepared);
    }

    private RequestHead header(String name, String value) {
        return text(name).colon().text(value).lineEnd();
    }

    /** Latin-1; nothing that would end a line gets through. */
    RequestHead text(String text) {
        int count = text.length();
        room(count);
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            bytes[length++] = (byte) (c >= ' ' && c <= 0xFF || c == '\t' ? c : '?');
        }
        return this;
    }

    private RequestHead colon() {
        room(2);
        bytes[length++] = ':';
        bytes[length++] = ' ';
        return this;
    }

    private RequestHead lineEnd() {
        room(2);
        bytes[length++] = '\r';
        bytes[length++] = '\n';
        return this;
    }

    /** Ends the head of a request without a body. */
    void end() {
        lineEnd();
    }

    /** Ends the head, and adds the body if there is room for it; returns how much of the body was added. */
    int end(byte[] body) {
        add(LENGTH).number(body.length).lineEnd().lineEnd();
        int added = length + body.length <= Math.max(bytes.length, WireConnection.BUFFER) ? body.length : 0;
        room(added);
        System.arraycopy(body, 0, bytes, length, added);
        length += added;
        return added;
    }

    private RequestHead number(int number) {
        room(10);
        int digits = 1;
        for (int rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        for (int i = length + digits - 1, rest = number; i >= length; i--, rest /= 10) {
            bytes[i] = (byte) ('0' + rest % 10);
        }
        length += digits;
        return this;
    }
}
