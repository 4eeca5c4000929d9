package io.mcpdrivers.driver.http;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The head of a response of HTTP/1: what frames the body is read at once, the rest where it is asked for.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112">RFC 9112: HTTP/1.1</a>
 */
final class ResponseHead {

    /** The connection has ended where an answer was due. */
    static final class NoAnswer extends EOFException {
        private static final long serialVersionUID = 1L;

        NoAnswer(String message) {
            super(message);
        }
    }

    static final int MOST_LINE = 64 * 1024;
    static final int MOST_LINES = 1_000;
    static final int MOST_BYTES = 1024 * 1024;
    private static final int MOST_EMPTY_LINES = 10;
    private static final int MOST_INTERIM = 20;

    private static final String LENGTH = "content-length";
    private static final String CODING = "transfer-encoding";
    private static final String CONNECTION = "connection";

    /** The lines behind the first one, each with its end. */
    private final byte[] lines;

    final int status;
    private boolean keeps;
    private boolean closes;
    boolean isChunked;
    /** -1 if the head does not say. */
    long length = -1;

    private ResponseHead(byte[] lines, int status, boolean current) throws NoHttp {
        this.lines = lines;
        this.status = status;
        this.keeps = current;
        for (int i = 0; i < lines.length; ) {
            int lineEnd = lineEnd(i);
            readFraming(i, lineEnd);
            i = next(lineEnd);
        }
        if (isChunked && (length >= 0 || !current)) {
            // Chunks beside a length, or in HTTP/1.0: somebody in between may have believed the other.
            this.length = -1;
            this.closes = true;
        }
    }

    /** Reads the head of an answer that is not an interim one. */
    static ResponseHead readFinal(WireConnection from) throws IOException {
        ResponseHead received = read(from);
        for (int interim = 1; received.status < 200; interim++) {
            if (received.status == 101) {
                throw new NoHttp("status 101 (another protocol), which was not asked for");
            }
            if (interim > MOST_INTERIM) {
                throw new NoHttp("more than " + MOST_INTERIM + " interim answers");
            }
            received = read(from);
        }
        return received;
    }

    /** Reads a head, and leaves what follows it in the buffer of the connection. */
    static ResponseHead read(WireConnection from) throws IOException {
        int empty = 0;
        int first = line(from, 0, true);
        while (first == 0 || first == 1 && from.buffer[from.at] == '\r') {
            if (++empty > MOST_EMPTY_LINES) {
                throw new NoHttp("empty lines instead of a status");
            }
            from.at += first + 1;
            first = line(from, 0, true);
        }
        int status = status(from.buffer, from.at, first);
        boolean current = from.buffer[from.at + 7] != '0';
        from.at += first + 1;
        int length = 0;
        for (int count = 0; ; count++) {
            int line = line(from, length, false);
            boolean last = line == 0 || line == 1 && from.buffer[from.at + length] == '\r';
            if (last) {
                byte[] lines = Arrays.copyOfRange(from.buffer, from.at, from.at + length);
                from.at += length + line + 1;
                return new ResponseHead(unfolded(lines), status, current);
            }
            if (count >= MOST_LINES) {
                throw new NoHttp("a header count of more than " + MOST_LINES);
            }
            length += line + 1;
        }
    }

    /** The length of the line that begins at an offset in the buffer, without its line feed; reads until that comes. */
    private static int line(WireConnection from, int offset, boolean first) throws IOException {
        int seen = 0;
        while (true) {
            byte[] buffer = from.buffer;
            for (int i = from.at + offset + seen; i < from.end; i++) {
                if (buffer[i] == '\n') {
                    return i - from.at - offset;
                }
            }
            seen = from.end - from.at - offset;
            if (seen > MOST_LINE) {
                throw new NoHttp("a line of more than " + MOST_LINE + " bytes");
            }
            if (offset + seen > MOST_BYTES) {
                throw new NoHttp("a head of more than " + MOST_BYTES + " bytes");
            }
            if (from.fill() < 0) {
                if (first && seen == 0) {
                    throw new NoAnswer("The server has closed the connection without an answer");
                }
                throw new EOFException("The server has closed the connection within the head of its answer");
            }
        }
    }

    /** {@code HTTP/1.1 200}, and perhaps a reason. */
    private static int status(byte[] text, int begin, int length) throws NoHttp {
        boolean good = length >= 12
                && text[begin] == 'H'
                && text[begin + 1] == 'T'
                && text[begin + 2] == 'T'
                && text[begin + 3] == 'P'
                && text[begin + 4] == '/'
                && text[begin + 5] == '1'
                && text[begin + 6] == '.'
                && isDigit(text[begin + 7])
                && text[begin + 8] == ' ';
        int status = 0;
        for (int i = 9; good && i < 12; i++) {
            good = isDigit(text[begin + i]);
            status = status * 10 + text[begin + i] - '0';
        }
        good = good && status >= 100 && (length == 12 || text[begin + 12] == ' ' || text[begin + 12] == '\r');
        if (!good) {
            throw new NoHttp("'", text(text, begin, length), "' instead of a status");
        }
        return status;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static String text(byte[] text, int begin, int length) {
        return new String(text, begin, length, StandardCharsets.ISO_8859_1).strip();
    }

    /** A line that begins with a space goes on with the one before. */
    private static byte[] unfolded(byte[] lines) {
        for (int i = 1; i < lines.length; i++) {
            if (lines[i - 1] == '\n' && (lines[i] == ' ' || lines[i] == '\t')) {
                lines[i - 1] = ' ';
                if (i > 1 && lines[i - 2] == '\r') {
                    lines[i - 2] = ' ';
                }
            }
        }
        return lines;
    }

    private int lineEnd(int begin) {
        int i = begin;
        while (i < lines.length && lines[i] != '\n') {
            i++;
        }
        return i;
    }

    private static int next(int lineEnd) {
        return lineEnd + 1;
    }

    private void readFraming(int begin, int lineEnd) throws NoHttp {
        int colon = begin;
        while (colon < lineEnd && lines[colon] != ':') {
            colon++;
        }
        if (colon == lineEnd || colon == begin || lines[colon - 1] <= ' ') {
            throw new NoHttp("the header line '", text(lines, begin, lineEnd - begin), "'");
        }
        switch (colon - begin) {
            case 14 -> {
                if (is(LENGTH, begin)) {
                    readLength(colon, lineEnd);
                }
            }
            case 17 -> {
                if (is(CODING, begin)) {
                    readCoding(value(colon, lineEnd));
                }
            }
            case 10 -> {
                if (is(CONNECTION, begin)) {
                    readConnection(value(colon, lineEnd));
                }
            }
            default -> {}
        }
    }

    private void readLength(int colon, int lineEnd) throws NoHttp {
        int begin = valueBegin(colon, lineEnd);
        int end = valueEnd(begin, lineEnd);
        boolean whole = end > begin && end - begin < 19;
        long number = 0;
        for (int i = begin; whole && i < end; i++) {
            whole = isDigit(lines[i]);
            number = number * 10 + lines[i] - '0';
        }
        if (!whole || length >= 0 && length != number) {
            throw new NoHttp("Content-Length: ", text(lines, begin, end - begin), length >= 0 ? " and " + length : "");
        }
        length = number;
    }

    private void readCoding(String value) throws NoHttp {
        if (isChunked) {
            throw new NoHttp("Transfer-Encoding: ", value, " after chunked");
        }
        if (value.equalsIgnoreCase("chunked")) {
            isChunked = true;
        } else if (!value.equalsIgnoreCase("identity")) {
            throw new NoHttp("Transfer-Encoding: ", value, "");
        }
    }

    private void readConnection(String value) {
        if (value.equalsIgnoreCase("keep-alive")) {
            keeps = true;
            return;
        }
        for (String token : value.split(",", -1)) {
            if (token.strip().equalsIgnoreCase("close")) {
                closes = true;
            }
            keeps |= token.strip().equalsIgnoreCase("keep-alive");
        }
    }

    /** Whether the name of a header begins here; it has the right length. */
    private boolean is(String lowerCase, int begin) {
        for (int i = 0; i < lowerCase.length(); i++) {
            int letter = lines[begin + i];
            if ((letter >= 'A' && letter <= 'Z' ? letter + 32 : letter) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private String value(int colon, int lineEnd) {
        int begin = valueBegin(colon, lineEnd);
        return new String(lines, begin, valueEnd(begin, lineEnd) - begin, StandardCharsets.ISO_8859_1);
    }

    private int valueBegin(int colon, int lineEnd) {
        int begin = colon + 1;
        while (begin < lineEnd && isSpace(lines[begin])) {
            begin++;
        }
        return begin;
    }

    private int valueEnd(int begin, int lineEnd) {
        int end = lineEnd;
        while (begin < end && isSpace(lines[end - 1])) {
            end--;
        }
        return end;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r';
    }

    /** The first value of a header; null if there is none. */
    @Nullable
    String header(String lowerCase) {
        return header(lowerCase, 0);
    }

    private @Nullable String header(String lowerCase, int from) {
        int begin = find(lowerCase, from);
        return begin < 0 ? null : value(begin + lowerCase.length(), lineEnd(begin));
    }

    private int find(String lowerCase, int from) {
        int name = lowerCase.length();
        for (int i = from; i + name < lines.length; i = next(lineEnd(i))) {
            if (lines[i + name] == ':' && is(lowerCase, i)) {
                return i;
            }
        }
        return -1;
    }

    /** All values of a header, joined. */
    String headers(String lowerCase) {
        StringBuilder all = new StringBuilder();
        for (int i = find(lowerCase, 0); i >= 0; i = find(lowerCase, next(lineEnd(i)))) {
            all.append(all.isEmpty() ? "" : ", ").append(value(i + lowerCase.length(), lineEnd(i)));
        }
        return all.toString();
    }

    /** Whether the server keeps the connection open behind the body. */
    boolean keepsAlive() {
        return keeps && !closes;
    }

    /** Whether there is a body, which may be empty. */
    boolean hasBody() {
        return status != 204 && status != 304;
    }
}
