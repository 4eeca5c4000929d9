package io.mcpdrivers.engine;

/** A response as it came, not yet parsed: the caller that waits for it does that. */
final class Reply {

    private final byte[] buffer;
    private final int offset;
    private final int length;

    Reply(byte[] buffer, int offset, int length) {
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
    }

    byte[] buffer() {
        return buffer;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }
}
