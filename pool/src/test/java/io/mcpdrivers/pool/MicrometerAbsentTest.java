package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import org.junit.jupiter.api.Test;

/** All tests of this module run without Micrometer; this one makes sure of it. */
class MicrometerAbsentTest extends PoolTestBase {

    @Test
    void a_pool_that_is_to_be_measured_works_all_the_same() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("metrics", "true"));
        pool.getConnection(server.uri()).close();
        assertThat(pool.status().idle()).isEqualTo(1);
    }

    @Test
    void micrometer_is_not_there() {
        assertThatThrownBy(() -> Class.forName("io.micrometer.core.instrument.MeterRegistry"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void frameworks_may_look_at_the_builder_and_the_pool() {
        // Reflection wants the types of all parameters.
        assertThat(PoolBuilder.class.getDeclaredMethods())
                .extracting(Method::getName)
                .contains("telemetry");
        assertThat(McpPool.class.getDeclaredMethods()).isNotEmpty();
    }
}
