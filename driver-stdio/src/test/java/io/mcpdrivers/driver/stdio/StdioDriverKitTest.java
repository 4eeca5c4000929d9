package io.mcpdrivers.driver.stdio;

import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.test.EchoPeer;
import io.mcpdrivers.spi.test.McpDriverTestKit;
import java.util.List;

/** The behaviour that every driver must show, over the streams of real processes. */
class StdioDriverKitTest extends McpDriverTestKit {

    @Override
    protected McpDriver driver() {
        return new StdioDriver();
    }

    @Override
    protected String peerUri() {
        return Servers.java(EchoPeer.class, List.of())
                .add("closeTimeout", "1s")
                .build()
                .canonical();
    }

    @Override
    protected String nowhereUri() {
        return "mcp:stdio:no-such-server?arg=-y";
    }
}
