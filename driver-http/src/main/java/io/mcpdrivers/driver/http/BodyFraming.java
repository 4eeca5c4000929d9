package io.mcpdrivers.driver.http;

import java.io.EOFException;
import java.io.IOException;

/**
 * Where a body ends: after a length, after its last chunk, or with the connection.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-6">RFC 9112: Message Body</a>
 */
final class BodyFraming {

    private static final int MOST_LINE = 8192;

    private enum Kind {
        LENGTH,
        CHUNKS,
        TO_THE_END
    }

    private final WireConnection connection;
    private final Kind kind;
    /** What is left of the length, or of the chunk. */
    private long left;

    /** Whether the end of line behind a chunk is still to come. */
    private boolean chunkEndDue;
    /** How many have come; negative before the last chunk. */
    private int trailers = -1;

    private boolean ended;
    private boolean unusable;

    private BodyFraming(WireConnection connection, Kind kind, long left) {
        this.connection = connection;
        this.kind = kind;
        this.left = left;
    }

    static BodyFraming of(ResponseHead head, WireConnection connection) {
        if (!head.hasBody()) {
            BodyFraming none = new BodyFraming(connection, Kind.LENGTH, 0);
            // A server that promises a body all the same may send it.
            none.unusable = head.isChunked || head.length > 0;
            return none;
        }
        if (head.isChunked) {
            return new BodyFraming(connection, Kind.CHUNKS, 0);
        }
        return head.length < 0
                ? new BodyFraming(connection, Kind.TO_THE_END, Long.MAX_VALUE)
                : new BodyFraming(connection, Kind.LENGTH, head.length);
    }

    void forbidReuse() {
        unusable = true;
    }

    /** Whether the connection may be used for another request: the body has ended, and nothing follows it. */
    boolean isReusable() {
        boolean complete = kind == Kind.LENGTH ? left == 0 : kind == Kind.CHUNKS && ended;
        return complete && !unusable && connection.isClean();
    }

    int read(byte[] to, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (kind == Kind.CHUNKS && left == 0 && !ended) {
            nextChunk();
        }
        if (ended || left == 0) {
            return -1;
        }
        int read = connection.read(to, offset, (int) Math.min(length, left));
        if (read < 0) {
            if (kind == Kind.TO_THE_END) {
                ended = true;
                return -1;
            }
            throw cutShort();
        }
        left -= read;
        return read;
    }

    private static EOFException cutShort() {
        return new EOFException("The server has closed the connection within the body of its answer");
    }

    /** Goes on where it was if a read has ended before, because its time was over. */
    private void nextChunk() throws IOException {
        if (chunkEndDue) {
            if (lineLength() > 0) {
                throw new NoHttp("a chunk that is longer than its size");
            }
            skipLine();
            chunkEndDue = false;
        }
        if (trailers < 0) {
            left = chunkSize(lineLength());
            skipLine();
            chunkEndDue = left > 0;
            if (chunkEndDue) {
                return;
            }
            trailers = 0;
        }
        while (lineLength() > 0) {
            if (trailers++ > ResponseHead.MOST_LINES) {
                throw new NoHttp("more than " + ResponseHead.MOST_LINES + " trailers");
            }
            skipLine();
        }
        skipLine();
        ended = true;
    }

    /** How long the line is that begins here, without its end; reads until that is there. */
    private int lineLength() throws IOException {
        for (int seen = 0; ; ) {
            for (; connection.at + seen < connection.end; seen++) {
                if (connection.buffer[connection.at + seen] == '\n') {
                    boolean returns = seen > 0 && connection.buffer[connection.at + seen - 1] == '\r';
                    return returns ? seen - 1 : seen;
                }
            }
            if (seen > MOST_LINE) {
                throw new NoHttp("a line of more than " + MOST_LINE + " bytes for a chunk");
            }
            if (connection.fill() < 0) {
                throw cutShort();
            }
        }
    }

    private void skipLine() {
        while (connection.buffer[connection.at++] != '\n') {
            // On to the end of the line, which is there.
        }
    }

    private long chunkSize(int lineLength) throws NoHttp {
        long size = 0;
        int digits = 0;
        for (; digits < lineLength; digits++) {
            int digit = Character.digit(connection.buffer[connection.at + digits], 16);
            if (digit < 0) {
                break;
            }
            size = size * 16 + digit;
        }
        boolean ends = digits == lineLength || " \t;".indexOf(connection.buffer[connection.at + digits]) >= 0;
        if (digits == 0 || digits > 15 || !ends) {
            throw new NoHttp("a chunk without a size");
        }
        return size;
    }
}
