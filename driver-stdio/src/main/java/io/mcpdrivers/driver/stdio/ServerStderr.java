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
    private static final int MAX_GATHERED = MAX_LINE + 1024;
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
            logGathered(length);
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
                logGathered(length);
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
            int count = Math.min(end - from, MAX_GATHERED - length);
            if (length + count > line.length) {
                line = Arrays.copyOf(line, Math.min(MAX_GATHERED, Math.max(length + count, line.length * 2)));
            }
            System.arraycopy(bytes, from, line, length, count);
            length += count;
            from += count;
            if (length == MAX_GATHERED) {
                logGathered(wholeCharacters(MAX_LINE));
            }
        }
    }

    /** The nearest place at or before an index where no UTF-8 sequence is cut in two. */
    private int wholeCharacters(int index) {
        int at = index;
        while (at > index - 4 && (line[at] & 0xC0) == 0x80) {
            at--;
        }
        return at;
    }

    /** Logs the first bytes of what is gathered, and keeps the rest. */
    private void logGathered(int count) {
        if (count > 0) {
            String text = new String(line, 0, length, StandardCharsets.UTF_8);
            String first = new String(line, 0, count, StandardCharsets.UTF_8);
            String redacted = label.uri().redact(text);
            if (count < length) {
                // Cut in the redacted text, where no secret can be cut in two.
                String rest = label.uri().redact(text.substring(first.length()));
                redacted =
                        redacted.endsWith(rest) ? redacted.substring(0, redacted.length() - rest.length()) : redacted;
            }
            String shown = printable(redacted).stripTrailing();
            if (!shown.isEmpty()) {
                log.info("{}", shown);
            }
        }
        System.arraycopy(line, count, line, 0, length - count);
        length -= count;
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
