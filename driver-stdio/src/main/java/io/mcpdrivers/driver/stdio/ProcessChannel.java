package io.mcpdrivers.driver.stdio;

import io.mcpdrivers.spi.StreamTransport;
import io.mcpdrivers.spi.TransportException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running server: its streams, its supervision and its end. */
final class ProcessChannel implements StreamTransport.Channel, ProcessWatch.Watched {

    /** How long to wait for an exit code behind the end of the streams. */
    private static final long EXIT_CODE_NANOS = 80_000_000L;
    /** After an exit, how long nothing must come for the output to count as read, if the stream does not end. */
    private static final long DRAIN_NANOS = 60_000_000L;
    /** After an exit, how long output may still come from processes that the server has left. */
    private static final long LONGEST_DRAIN_NANOS = 1_000_000_000L;
    /** How long a write that is under way may delay the closing of the server's input. */
    private static final long STUCK_WRITE_NANOS = 1_000_000_000L;
    /** How long to wait for what should follow at once: a killed process to go, a broken read to return. */
    private static final long AFTERMATH_NANOS = 2_000_000_000L;
    /** The pauses between two looks for descendants, of which each is twice the one before. */
    private static final long FIRST_LOOK_NANOS = 100_000_000L;

    private static final long LAST_LOOK_NANOS = 30_000_000_000L;

    private static final Logger log = LoggerFactory.getLogger(ProcessChannel.class);

    private final Process process;
    private final ProcessTree tree;
    private final ServerLabel label;
    private final Duration closeTimeout;
    private final Duration killTimeout;
    private final ServerOutput output;
    private final ServerInput input;
    private final ServerStderr stderr;

    private volatile @Nullable StreamTransport transport;
    private volatile boolean aborted;
    private volatile boolean closing;
    /** When the streams were first seen to end; 0 if they were not. */
    private volatile long endSeen;

    // The state of the watching thread.
    private long lookPause = FIRST_LOOK_NANOS;
    private long nextLook = System.nanoTime() + FIRST_LOOK_NANOS;
    private boolean hasSpoken;
    private int progressAtLook;
    private int lastProgress;
    private long lastProgressAt;
    private long exitSeen;

    ProcessChannel(Process process, ProcessTree tree, ServerLabel label, Duration closeTimeout, Duration killTimeout) {
        this.process = process;
        this.tree = tree;
        this.label = label;
        this.closeTimeout = closeTimeout;
        this.killTimeout = killTimeout;
        this.output = new ServerOutput(process.getInputStream());
        this.input = new ServerInput(process.getOutputStream());
        this.stderr = new ServerStderr(process.getErrorStream(), label);
    }

    /** What the server writes. */
    InputStream output() {
        return output;
    }

    /** What the server reads. */
    OutputStream input() {
        return input;
    }

    /** Begins to drain the standard error, and to end the transport when the process exits. */
    void supervise(StreamTransport over) {
        transport = over;
        ProcessWatch.add(this);
    }

    /** Gives up on a process that could not be supervised. */
    static void discard(Process process, ProcessTree tree) {
        tree.kill();
        // Nothing is being written, so this cannot block; it closes the streams, too.
        process.destroyForcibly();
    }

    @Override
    public boolean watch(long now, byte[] buffer) {
        boolean busy = stderr.drain(buffer);
        int progress = output.progress();
        if (progress != lastProgress) {
            lastProgress = progress;
            lastProgressAt = now;
        }
        if (process.isAlive()) {
            lookForDescendants(now, progress);
            return busy;
        }
        return endAfterExit(now, progress) || busy;
    }

    /** A look costs milliseconds where many processes run, so a server that is quiet is not looked at. */
    private void lookForDescendants(long now, int progress) {
        boolean nowSpeaking = progress > 1;
        if (nowSpeaking && !hasSpoken) {
            // Its wrappers have done their work, and the processes that serve are there.
            hasSpoken = true;
            lookPause = FIRST_LOOK_NANOS;
            nextLook = now + FIRST_LOOK_NANOS;
        }
        if (closing || now - nextLook < 0 || (hasSpoken && progress == progressAtLook)) {
            return;
        }
        tree.remember();
        progressAtLook = progress;
        nextLook = now + lookPause;
        lookPause = Math.min(2 * lookPause, LAST_LOOK_NANOS);
    }

    /**
     * Ends the transport of a process that has exited. Its output normally ends with it, and the reading thread sees
     * that first; a process that it has left may hold the stream open.
     */
    private boolean endAfterExit(long now, int progress) {
        StreamTransport over = transport;
        if (over == null || closing || progress == 0 || output.hasEnded() || !over.isOpen()) {
            return false;
        }
        if (exitSeen == 0) {
            exitSeen = now;
            lastProgressAt = now;
        }
        boolean reading = (progress & 1) == 1;
        if ((reading && now - lastProgressAt > DRAIN_NANOS) || now - exitSeen > LONGEST_DRAIN_NANOS) {
            over.end(describeEnd(null));
            return false;
        }
        return true;
    }

    @Override
    public TransportException describeEnd(@Nullable IOException cause) {
        long now = System.nanoTime();
        if (endSeen == 0) {
            endSeen = now;
        }
        boolean outputEnded = output.hasEnded();
        try (Waits waits = new Waits()) {
            long wait = Math.max(0, endSeen + EXIT_CODE_NANOS - now);
            waits.until(wait, time -> process.waitFor(time, TimeUnit.NANOSECONDS));
        }
        stderr.finish();
        StringBuilder message = new StringBuilder("Server ").append(label);
        if (!process.isAlive()) {
            message.append(ExitCodes.describe(process.exitValue(), ServerLauncher.WINDOWS));
        } else if (outputEnded && cause == null) {
            message.append(" closed its output while it was still running");
        } else if (input.isBroken()) {
            message.append(" closed its input while it was still running");
        } else {
            message.append(" cannot be read from any longer: ")
                    .append(cause == null ? "its streams have ended" : cause.getMessage());
        }
        String lastWords = stderr.lastWords();
        if (lastWords.isEmpty()) {
            message.append("; it wrote nothing to stderr");
        } else {
            message.append(". The last it wrote to stderr:\n").append(lastWords);
        }
        return new TransportException(TransportException.Kind.CONNECTION, message.toString(), false, cause);
    }

    @Override
    public String lastWords() {
        return stderr.lastWords();
    }

    @Override
    public OptionalLong processId() {
        return OptionalLong.of(process.pid());
    }

    @Override
    public void abort() {
        aborted = true;
        tree.kill();
    }

    @Override
    public void close() {
        closing = true;
        try (Waits waits = new Waits()) {
            tree.remember();
            boolean ended = !aborted && closeInput(waits) && tree.awaitEnd(closeTimeout.toNanos(), waits);
            if (!ended && !aborted && tree.isAlive()) {
                log.debug("Server {} did not end within {} of the end of its input; asking it to", label, closeTimeout);
                tree.remember();
                tree.terminate();
                tree.awaitEnd(killTimeout.toNanos(), waits);
            }
            tree.rememberPipeHolders();
            if (tree.isAlive()) {
                kill(waits);
            }
            output.awaitEnd(AFTERMATH_NANOS, waits);
            closeStreams(waits);
        } finally {
            ProcessWatch.remove(this);
        }
    }

    /** Closes the server's input; false if that cannot be done, since the server does not read what is there. */
    private boolean closeInput(Waits waits) {
        long patience = Math.min(STUCK_WRITE_NANOS, closeTimeout.toNanos());
        return input.close(patience, waits);
    }

    private void kill(Waits waits) {
        log.debug("Server {} still runs ({}); killing it", label, tree.pids());
        // Again and again, since one that is not yet dead can still start another.
        boolean gone = waits.polling(AFTERMATH_NANOS, () -> {
            tree.kill();
            return !tree.isAlive();
        });
        if (!gone) {
            log.warn("Server {} could not be killed; these processes are left: {}", label, tree.pids());
        }
    }

    private void closeStreams(Waits waits) {
        stderr.finish();
        input.close(AFTERMATH_NANOS, waits);
        try {
            process.getErrorStream().close();
            process.getInputStream().close();
        } catch (IOException e) {
            log.debug("Closing the streams of server {} failed", label, e);
        }
    }
}
