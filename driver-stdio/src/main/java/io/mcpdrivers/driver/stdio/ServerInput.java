package io.mcpdrivers.driver.stdio;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The standard input of a server. The JDK's stream cannot be closed while a write to it is stuck; this one says so
 * after a bounded wait. Each write reaches the system at once.
 */
final class ServerInput extends OutputStream {

    private final OutputStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean closed;
    private volatile boolean broken;

    ServerInput(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IOException("the server's input is closed");
            }
            out.write(bytes, offset, length);
            out.flush();
        } catch (IOException e) {
            broken = true;
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a write has failed. */
    boolean isBroken() {
        return broken;
    }

    /**
     * Closes the stream, so that the server reads its end.
     *
     * @param nanos how long to wait for a write that is under way
     * @return false if it went on for longer, and the stream is still open
     */
    boolean close(long nanos, Waits waits) {
        closed = true;
        if (!waits.until(nanos, remaining -> lock.tryLock(remaining, TimeUnit.NANOSECONDS))) {
            return false;
        }
        try {
            out.close();
        } catch (IOException e) {
            // It was broken, so it has ended for the server, too.
            broken = true;
        } finally {
            lock.unlock();
        }
        return true;
    }
}
