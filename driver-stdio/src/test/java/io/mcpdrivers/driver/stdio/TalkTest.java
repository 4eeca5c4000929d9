package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.Transport;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Opens, talks, closes. */
@Timeout(60)
class TalkTest {

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void the_driver_is_found_on_the_class_path_and_on_the_module_path() throws Exception {
        try (InputStream services =
                StdioDriver.class.getResourceAsStream("/META-INF/services/" + McpDriver.class.getName())) {
            assertThat(services)
                    .asString(StandardCharsets.UTF_8)
                    .isEqualToIgnoringNewLines(StdioDriver.class.getName());
        }
        ModuleDescriptor module = StdioDriver.class.getModule().getDescriptor();
        if (module != null) {
            assertThat(module.provides())
                    .anyMatch(provides -> provides.service().equals(McpDriver.class.getName())
                            && provides.providers().equals(List.of(StdioDriver.class.getName())));
        }
        assertThat(new StdioDriver().accepts(McpUri.parse("mcp:stdio:npx?arg=-y")))
                .isTrue();
    }

    @Test
    void messages_go_to_the_server_and_back() throws Exception {
        Recorder recorder = new Recorder();
        Transport transport = servers.open(McpUri.builder("stdio", "cat"), recorder);
        Servers.send(transport, "{\"a\":1}");
        Servers.send(transport, "{\"b\":\"gr\u00fc\u00df dich \ud83d\ude00\"}");
        assertThat(recorder.message()).isEqualTo("{\"a\":1}");
        assertThat(recorder.message()).isEqualTo("{\"b\":\"gr\u00fc\u00df dich \ud83d\ude00\"}");
        assertThat(transport.isOpen()).isTrue();
        transport.close();
        assertThat(recorder.isClosed()).isTrue();
        assertThat(transport.isOpen()).isFalse();
    }
}
