package io.mcpdrivers.driver.stdio;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server writes to its standard error: read only as far as it is there, so that nobody ever waits for it, logged
 * line by line, and the last of it kept. Thread-safe.
 */
final class ServerStderr {

    private static final int MAX_LINE = 8 * 1024;
    /** A longer line is logged in pieces; a little more is gathered, so that a secret at the cut is found. */
    private static final int MAX_GATHERED = MAX_LINE + 4 * 1024;
    /** The most that is read at once, so that a talkative server does not keep others waiting. */
    private static final int MAX_PER_TURN = 256 * 1024;

    private static final Pattern TERMINAL_SEQUENCE = Pattern.compile("\u001b(\\[[0-9;?]*[ -/]*[@-~]|[@-Z\\\\-_])");

    private final InputStream in;
    private final ServerLabel label;
    private final Logger log;
    private final ReentrantLock lock = new ReentrantLock();
    private final StderrTail tail = new StderrTail();
    private byte[] line = new byte[128];
    private int length;
    private boolean failed;

    ServerStderr(InputStream in, ServerLabel label) {
        this.in = in;
        this.label = label;
        this.log = LoggerFactory.getLogger("io.mcpdrivers.server." + label.name());
    }

    /**
     * Reads what is there, without waiting for more.
     *
     * @param buffer to read into
     * @return whether there was something
     */
    boolean drain(byte[] buffer) {
        lock.lock();
        try {
            int total = 0;
            while (!failed && total < MAX_PER_TURN) {
                int available = in.available();
                int count = available <= 0 ? 0 : in.read(buffer, 0, Math.min(available, buffer.length));
                if (count <= 0) {
                    break;
                }
                total += count;
                tail.append(buffer, 0, count);
                if (log.isInfoEnabled()) {
                    gather(buffer, count);
                }
            }
            return total > 0;
        } catch (IOException e) {
            // The stream was closed, since the process has gone.
            failed = true;
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Reads what is still there after the end, and logs an unfinished last line. */
    void finish() {
        byte[] buffer = new byte[8 * 1024];
        for (int turn = 0; turn < 4 && drain(buffer); turn++) {
            // A pipe holds less than this; more comes only from a process that outlives the server.
        }
        lock.lock();
        try {
            logLine();
        } finally {
            lock.unlock();
        }
    }

    /** The last lines, at most 4 KiB, secrets masked; empty if there was nothing. */
    String lastWords() {
        String text;
        lock.lock();
        try {
            text = tail.text();
        } finally {
            lock.unlock();
        }
        return StderrTail.shortened(printable(label.uri().redact(text)));
    }

    private void gather(byte[] bytes, int count) {
        int from = 0;
        for (int i = 0; i < count; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                append(bytes, from, i);
                logLine();
                from = i + 1;
            }
        }
        append(bytes, from, count);
        if (line.length > 1024 && length < 128) {
            line = Arrays.copyOf(line, 128);
        }
    }

    private void append(byte[] bytes, int start, int end) {
        int from = start;
        while (from < end) {
            int count = Math.min(end - from, Math.max(MAX_GATHERED, line.length) - length);
            if (length + count > line.length) {
                line = Arrays.copyOf(line, Math.min(MAX_GATHERED, Math.max(length + count, line.length * 2)));
            }
            keep(bytes, from, count);
            from += count;
            if (length >= MAX_GATHERED) {
                logPiece();
            }
        }
    }

    /** Logs the first piece of a line that has become too long, and keeps the rest of it. */
    private void logPiece() {
        int whole = length;
        if (line[whole - 1] < 0) {
            // The last character may be incomplete.
            do {
                whole--;
            } while (whole > length - 4 && (line[whole] & 0xC0) == 0x80);
        }
        // Cut in the redacted text, where no secret can be cut in two.
        String redacted = redacted(whole);
        int cut = Math.min(MAX_LINE, redacted.length());
        if (cut < redacted.length() && Character.isLowSurrogate(redacted.charAt(cut))) {
            cut--;
        }
        log(redacted.substring(0, cut));
        byte[] rest = redacted.substring(cut).getBytes(StandardCharsets.UTF_8);
        byte[] incomplete = Arrays.copyOfRange(line, whole, length);
        length = 0;
        line = new byte[Math.max(MAX_GATHERED, rest.length + incomplete.length + 1)];
        keep(rest, 0, rest.length);
        keep(incomplete, 0, incomplete.length);
    }

    private void keep(byte[] bytes, int from, int count) {
        System.arraycopy(bytes, from, line, length, count);
        length += count;
    }

    private void logLine() {
        if (length > 0) {
            log(redacted(length));
            length = 0;
        }
    }

    private String redacted(int count) {
        return label.uri().redact(new String(line, 0, count, StandardCharsets.UTF_8));
    }

    private void log(String text) {
        String shown = printable(text).stripTrailing();
        if (!shown.isEmpty()) {
            log.info("{}", shown);
        }
    }

    /** A text without what would steer a terminal or forge lines of a log; line breaks and tabs stay. */
    static String printable(String text) {
        String plain = TERMINAL_SEQUENCE.matcher(text).replaceAll("");
        StringBuilder out = new StringBuilder(plain.length());
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (c == '\r') {
                if (i + 1 == plain.length() || plain.charAt(i + 1) != '\n') {
                    out.append('\n');
                }
            } else if (c == '\n' || c == '\t' || !Character.isISOControl(c)) {
                out.append(c);
            }
        }
        return out.toString();
    }
}
