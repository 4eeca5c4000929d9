package io.mcpdrivers.testing;

import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import java.util.List;
import java.util.Set;

/** A driver that is found, and opens nothing. */
public class FoundDriver implements McpDriver {

    @Override
    public Set<String> schemes() {
        return Set.of("found");
    }

    @Override
    public List<DriverProperty> properties() {
        return List.of();
    }

    @Override
    public Transport open(McpUri uri, OpenOptions options) throws TransportException {
        throw new TransportException(
                TransportException.Kind.CONFIGURATION, "opened by " + getClass().getSimpleName());
    }
}
