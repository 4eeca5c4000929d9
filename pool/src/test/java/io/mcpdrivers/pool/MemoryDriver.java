package io.mcpdrivers.pool;

import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import java.util.List;
import java.util.Set;

/** Opens connections to {@link MemoryServer}s: {@code mcp:mem:<name>}. */
final class MemoryDriver implements McpDriver {

    @Override
    public Set<String> schemes() {
        return Set.of("mem");
    }

    @Override
    public List<DriverProperty> properties() {
        return List.of(
                DriverProperty.of("env.*", DriverProperty.Type.STRING, null, "The environment")
                        .secret(),
                DriverProperty.of("user", DriverProperty.Type.STRING, null, "Whom it serves"),
                DriverProperty.of("arg", DriverProperty.Type.STRING, null, "An argument")
                        .repeated());
    }

    @Override
    public Transport open(McpUri uri, OpenOptions options) throws TransportException {
        return MemoryServer.of(uri.target()).open(uri);
    }
}
