package io.mcpdrivers.spi.test;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The peer that {@link McpDriverTestKit} talks to, for drivers over byte streams: one message a line. It sends each
 * message back as it came, but for those that tell it what else to do:
 *
 * <ul>
 *   <li>{@code "control":"close"}: ends the conversation without an answer;
 *   <li>{@code "control":"big","size":n}: answers with one message of {@code n} bytes;
 *   <li>{@code "control":"silent"}: neither reads nor writes any more, and leaves the connection open.
 * </ul>
 *
 * <p>The control members stand in a JSON object beside others, written without spaces. A peer for another kind of
 * transport, or in another language, need do no more than search for these texts.
 */
public final class EchoPeer {

    private static final Pattern CONTROL = Pattern.compile("\"control\":\"(\\w+)\"(?:,\"size\":(\\d{1,9}))?");

    /** Control messages are short; what is longer is only sent back. */
    private static final int MAX_CONTROL_SIZE = 200;

    private static final long MAX_SILENCE_SECONDS = 60;

    private EchoPeer() {}

    /**
     * Serves one conversation on the calling thread, until the other side ends it or asks for its end.
     *
     * @param in what the driver writes
     * @param out what the driver reads; the caller closes both
     * @throws IOException if the connection breaks
     */
    public static void serve(InputStream in, OutputStream out) throws IOException {
        InputStream buffered = new BufferedInputStream(in, 64 * 1024);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = buffered.read(); b >= 0; b = buffered.read()) {
            line.write(b);
            if (b == '\n') {
                if (!answer(line.toByteArray(), out)) {
                    return;
                }
                line.reset();
            }
        }
    }

    /** Returns false if the conversation has to end. */
    private static boolean answer(byte[] line, OutputStream out) throws IOException {
        Matcher control =
                CONTROL.matcher(line.length > MAX_CONTROL_SIZE ? "" : new String(line, StandardCharsets.UTF_8));
        byte[] answer = line;
        if (control.find()) {
            switch (control.group(1)) {
                case "close":
                    return false;
                case "silent":
                    awaitInterrupt();
                    return false;
                case "big":
                    answer = message(Integer.parseInt(control.group(2)));
                    break;
                default:
                    break;
            }
        }
        out.write(answer);
        out.flush();
        return true;
    }

    private static byte[] message(int size) {
        byte[] begin = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"".getBytes(StandardCharsets.US_ASCII);
        byte[] message = Arrays.copyOf(begin, size + 1);
        Arrays.fill(message, begin.length, size - 2, (byte) 'x');
        message[size - 2] = '"';
        message[size - 1] = '}';
        message[size] = '\n';
        return message;
    }

    private static void awaitInterrupt() {
        try {
            boolean never = new CountDownLatch(1).await(MAX_SILENCE_SECONDS, TimeUnit.SECONDS);
            assert !never;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Serves one conversation on the standard streams, for drivers that start a process.
     *
     * @param arguments not used
     * @throws IOException if the streams break
     */
    public static void main(String[] arguments) throws IOException {
        serve(new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out));
    }
}
