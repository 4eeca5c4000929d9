package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import java.lang.management.ManagementFactory;
import java.util.List;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManagementTest extends PoolTestBase {

    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

    @Test
    void an_operator_sees_and_does_by_jmx_what_the_pool_offers() throws Exception {
        MemoryServer files = legacy();
        MemoryServer failing = legacy();
        failing.failingStarts.set(100);
        McpPool pool = build(builder()
                .set("jmxEnabled", "true")
                .set("jmxNamePrefix", "managed")
                .server("files", files.uri() + "?env.TOKEN=swordfish")
                .server("failing", failing.uri()));
        ObjectName name = new ObjectName("io.mcpdrivers:type=McpPool,name=managed,view=operations");
        McpPoolMXBean bean = JMX.newMXBeanProxy(SERVER, name, McpPoolMXBean.class);
        List<String> warmed = bean.warmUp();
        assertThat(warmed).hasSize(2);
        assertThat(warmed.get(0)).contains("failing: ").contains("failed as told");
        assertThat(warmed.get(1)).isEqualTo("files: ready");
        try (McpConnection lease = pool.getConnection("files")) {
            assertThat(bean.getLeases()).isEqualTo(1);
            assertThat(bean.getActive()).isEqualTo(1);
            assertThat(bean.getServers().get("files")).startsWith("READY, 1 active, 0 idle");
            bean.softEvict("files");
        }
        eventually(() -> bean.getConnections() == 0);
        assertThat(bean.isHealthy()).isFalse();
        bean.disable("files");
        assertThat(bean.getServers().get("files")).contains("disabled");
        bean.enable("files");
        bean.suspend();
        assertThat(bean.isSuspended()).isTrue();
        bean.resume();
        pool.getConnection("files").close();
        assertThat(bean.getIdle()).isEqualTo(1);
        assertThat(bean.getMaxTotal()).isEqualTo(-1);
        assertThat(bean.getWaiting()).isZero();
        assertThatThrownBy(() -> bean.softEvict("fils")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bean.remove("fils")).isInstanceOf(IllegalArgumentException.class);
        bean.remove("failing");
        assertThat(bean.warmUp()).containsExactly("files: ready");
        assertThat(bean.reload()).as("still configured").contains("failing: added");
        assertThat(everythingShown()).doesNotContain("swordfish");
        pool.close();
        assertThat(SERVER.queryNames(new ObjectName("io.mcpdrivers:type=McpPool,name=managed,*"), null))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"jmxNamePrefix, 'a,b'", "jmxNamePrefix, 'all*'", "jmxNamePrefix, '\"quoted\"'", "jmxNameBase, nothing"})
    void a_name_that_is_none_is_refused(String setting, String value) {
        PoolBuilder builder = builder().set("jmxEnabled", "true").set(setting, value);
        assertThatThrownBy(builder::build)
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("'jmxNameBase' and 'jmxNamePrefix'")
                .hasMessageContaining(value);
        // Without JMX it is the name under which the pool is measured.
        build(builder.set("jmxEnabled", "false"));
    }

    private static String everythingShown() throws Exception {
        StringBuilder all = new StringBuilder();
        for (ObjectName name : SERVER.queryNames(new ObjectName("io.mcpdrivers:*"), null)) {
            all.append(name);
            for (var attribute : SERVER.getMBeanInfo(name).getAttributes()) {
                all.append(SERVER.getAttribute(name, attribute.getName()));
            }
        }
        return all.toString();
    }
}
