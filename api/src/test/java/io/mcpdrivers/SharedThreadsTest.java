package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.Await;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedThreadsTest {

    @Test
    void threads_that_connections_share_end_by_themselves() {
        try (ScriptedServer server = ScriptedServer.modern(Answers::echo)) {
            server.open().callToolAsync("echo", Map.of("message", "x")).join();
        }

        Await.that(() -> NothingLeft.threads().isEmpty(), "threads are left: " + NothingLeft.threads());
        assertThat(NothingLeft.threads()).isEmpty();
    }
}
