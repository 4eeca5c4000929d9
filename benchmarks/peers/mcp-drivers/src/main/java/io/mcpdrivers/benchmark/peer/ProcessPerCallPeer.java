package io.mcpdrivers.benchmark.peer;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.benchmark.Peer;
import io.mcpdrivers.benchmark.Target;

/** What most programs do today: start the server, shake hands, call once, end the server. */
public final class ProcessPerCallPeer implements Peer.Factory {

    @Override
    public Peer connect(Target target, String variant) {
        String uri = McpDriversPeer.uri(target, variant);
        return new Peer() {

            @Override
            public String echo(String message) {
                try (McpConnection connection = McpDrivers.open(uri)) {
                    return McpDriversPeer.echo(connection, message);
                }
            }

            @Override
            public int blob(int size) {
                throw new UnsupportedOperationException("for small calls alone");
            }

            @Override
            public void close() {
                // Nothing is open between calls.
            }
        };
    }
}
