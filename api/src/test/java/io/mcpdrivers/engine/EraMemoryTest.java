package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.engine.EraMemory.Era;
import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each test has hosts of its own, since what is remembered lasts. */
class EraMemoryTest {

    private static final McpDriver NEVER_OPENED = new McpDriver() {
        @Override
        public Set<String> schemes() {
            return Set.of();
        }

        @Override
        public List<DriverProperty> properties() {
            return List.of();
        }

        @Override
        public Transport open(McpUri uri, OpenOptions options) {
            throw new UnsupportedOperationException();
        }
    };

    private static ServerTarget target(String uri) {
        return new ServerTarget(
                McpUri.parse(uri),
                NEVER_OPENED,
                "test",
                uri,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                null,
                1024,
                ConnectionOptions.defaults(),
                new ServerMemory());
    }

    private static Era recall(String uri) {
        return EraMemory.recall(target(uri));
    }

    @Test
    void a_server_over_http_is_known_by_its_origin() {
        EraMemory.remember(target("mcp:https://one.test/mcp?key=1#header.Authorization=a"), Era.LEGACY);

        assertThat(recall("mcp:https://one.test/mcp?key=2#header.Authorization=b"))
                .isEqualTo(Era.LEGACY);
        assertThat(recall("mcp:https://user:password@ONE.test:443/mcp")).isEqualTo(Era.LEGACY);
        assertThat(recall("mcp:https://one.test/other")).isEqualTo(Era.LEGACY);
        assertThat(recall("mcp:https://one.test")).isEqualTo(Era.LEGACY);
        assertThat(recall("mcp:http://one.test/mcp")).isNull();
        assertThat(recall("mcp:https://one.test:8443/mcp")).isNull();
        assertThat(recall("mcp:https://two.test/mcp")).isNull();
    }

    @Test
    void neighbours_of_both_eras_say_nothing_of_a_third() {
        EraMemory.remember(target("mcp:http://gateway.test/old"), Era.LEGACY);
        EraMemory.remember(target("mcp:http://gateway.test/new"), Era.MODERN);

        assertThat(recall("mcp:http://gateway.test/old")).isEqualTo(Era.LEGACY);
        assertThat(recall("mcp:http://gateway.test/new?q=1")).isEqualTo(Era.MODERN);
        assertThat(recall("mcp:http://gateway.test/third")).isNull();
    }

    @Test
    void a_later_verdict_counts() {
        EraMemory.remember(target("mcp:http://upgraded.test/mcp"), Era.LEGACY);
        EraMemory.remember(target("mcp:http://upgraded.test/mcp"), Era.MODERN);

        assertThat(recall("mcp:http://upgraded.test/mcp")).isEqualTo(Era.MODERN);
        EraMemory.forget(target("mcp:http://upgraded.test/mcp"));
        assertThat(recall("mcp:http://upgraded.test/mcp")).isNull();
        assertThat(recall("mcp:http://upgraded.test/other")).isNull();
    }

    @Test
    void any_other_server_is_known_by_its_identity() {
        EraMemory.remember(target("mcp:stdio:run?arg=a"), Era.MODERN);

        assertThat(recall("mcp:stdio:run?arg=a")).isEqualTo(Era.MODERN);
        assertThat(recall("mcp:stdio:run?arg=b")).isNull();
    }
}
