package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.spi.McpUri;
import java.util.Properties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that are opened directly, since there is no default pool. */
class FallbackTest extends PoolTestBase {

    @ParameterizedTest
    @ValueSource(strings = {"maxUses=-4", "streams=0", "validationTimeout=0s", "maxTotalPerKey=${NOT_SET:--7}"})
    void a_setting_in_the_uri_is_refused_as_the_pool_would(String parameter) {
        MemoryServer server = legacy();
        DefaultPoolProvider provider = new DefaultPoolProvider(
                () -> {
                    throw new McpConfigurationException("no pool", null);
                },
                new Properties());
        McpUri uri = McpUri.parse(server.uri() + "?" + parameter);
        String setting = parameter.substring(0, parameter.indexOf('='));
        assertThatThrownBy(() -> provider.getConnection(uri))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("'" + setting + "'");
        assertThatThrownBy(() -> pool().getConnection(uri)).hasMessageContaining("'" + setting + "'");
        assertThat(server.startAttempts).hasValue(0);
        provider.getConnection(McpUri.parse(server.uri() + "?maxUses=4")).close();
    }
}
