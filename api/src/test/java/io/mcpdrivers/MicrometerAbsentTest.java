package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.lang.reflect.Method;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** All tests of this module run without Micrometer; this one makes sure of it. */
@ExtendWith(NothingLeft.class)
class MicrometerAbsentTest {

    @Test
    void micrometer_is_not_there() {
        assertThatThrownBy(() -> Class.forName("io.micrometer.core.instrument.MeterRegistry"))
                .isInstanceOf(ClassNotFoundException.class);
        assertThatThrownBy(() -> Class.forName("io.micrometer.observation.ObservationRegistry"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void frameworks_may_look_at_the_options() {
        // Reflection wants the types of all parameters.
        assertThat(ConnectionOptions.class.getMethods())
                .extracting(Method::getName)
                .contains("withTelemetry", "telemetry");
        assertThat(McpTelemetry.class.isInterface()).isTrue();
    }

    @Test
    void connections_work() {
        try (ScriptedServer server = ScriptedServer.modern(Answers::echo)) {
            ConnectionOptions options = ConnectionOptions.defaults().withHeaders(Map::of);
            McpConnection connection = server.adopt(McpDrivers.open(server.uri(), options));
            assertThat(connection.callTool("echo", Map.of("message", "hi")).text())
                    .isEqualTo("hi");
            assertThat(connection.unwrap(PhysicalConnection.class).target().options())
                    .isSameAs(options);
        }
    }
}
