package io.mcpdrivers.driver.stdio;

import java.nio.charset.StandardCharsets;

/** The last bytes that were written to a stream, whatever they are. Not thread-safe. */
final class StderrTail {

    private static final int SIZE = 4 * 1024;
    /** More is kept than is shown, so that a secret at the cut is still whole when secrets are looked for. */
    private static final int KEPT = SIZE + 1024;

    private byte[] ring = new byte[256];
    private long written;

    void append(byte[] bytes, int offset, int length) {
        while (ring.length < KEPT && written + length > ring.length) {
            // Nothing has been overwritten before the ring has its full size.
            byte[] larger = new byte[Math.min(KEPT, ring.length * 4)];
            System.arraycopy(ring, 0, larger, 0, (int) Math.min(written, ring.length));
            ring = larger;
        }
        int skipped = Math.max(0, length - ring.length);
        written += skipped;
        for (int done = skipped; done < length; ) {
            int at = (int) (written % ring.length);
            int count = Math.min(length - done, ring.length - at);
            System.arraycopy(bytes, offset + done, ring, at, count);
            written += count;
            done += count;
        }
    }

    /** The text that is kept; what precedes its first whole line is left out if something came before it. */
    String text() {
        int length = (int) Math.min(written, ring.length);
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = ring[(int) ((written - length + i) % ring.length)];
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        return written > ring.length ? fromNextLine(text, 0) : text;
    }

    /** Cuts a text down to what is shown of it: its last whole lines. */
    static String shortened(String text) {
        String stripped = text.strip();
        return stripped.length() <= SIZE ? stripped : fromNextLine(stripped, stripped.length() - SIZE);
    }

    private static String fromNextLine(String text, int from) {
        int lineBreak = text.indexOf('\n', from);
        return lineBreak < 0 || lineBreak == text.length() - 1 ? text.substring(from) : text.substring(lineBreak + 1);
    }
}
