package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import java.io.IOException;

/** One attempt at a request, which can be cancelled while it waits, connects, writes or reads. */
abstract class Attempt implements Cancellable {

    /** Sends a request and gives the head of the answer. */
    abstract Answer send(Endpoint at, Wire.Outgoing request, OwnHeaders.Sent own, boolean trusted)
            throws IOException, TransportException;

    /** Whether the connection was there before this attempt, so that the server may have closed it meanwhile. */
    abstract boolean isReused();

    /** Whether the request may have reached the server, which then may have acted on it. */
    abstract boolean maySent(IOException failure);
}
