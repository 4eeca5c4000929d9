package io.mcpdrivers.driver.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A response whose body is still to come, on the connection that it holds. Names of headers are in lower case. */
interface Received extends Cancellable {

    int status();

    /** The first value of a header; null if there is none. */
    @Nullable
    String header(String name);

    /** All values of a header, joined. */
    String headers(String name);

    boolean hasBody();

    /** How long the body is; -1 if that is not known. */
    long length();

    /** Reads what has come of the body, at least a byte; -1 at its end. */
    int read(byte[] buffer, int offset, int length) throws IOException;

    /** Makes the next read end when the time of a ticket is over. */
    void limitRead(Ticket ticket) throws IOException;

    /** The same after a time in milliseconds. */
    void limitRead(int millis) throws IOException;

    /** The body was read to its end. */
    void release();

    /** The rest is not wanted: ends the connection. */
    void giveUp();

    /** The same, from any thread; without effect on the connection once that was given back. */
    @Override
    void cancel();
}
