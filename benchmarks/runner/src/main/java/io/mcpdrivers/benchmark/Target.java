package io.mcpdrivers.benchmark;

import java.util.List;

/**
 * The server to connect to.
 *
 * @param transport {@code stdio}, {@code json} or {@code sse}; the last two are Streamable HTTP with that kind of answer
 * @param endpoint the server's program for stdio, else its URL
 */
public record Target(String transport, String endpoint) {

    public boolean isStdio() {
        return transport.equals("stdio");
    }

    public List<String> command() {
        return List.of(endpoint);
    }

    public int port() {
        return java.net.URI.create(endpoint).getPort();
    }
}
