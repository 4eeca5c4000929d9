package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** What becomes of those who wait for answers if asking itself fails. */
@ExtendWith(NothingLeft.class)
class GatheringTest {

    /** Stands for an error in the virtual machine, such as a lack of threads. */
    private static final class Failing implements ClientFeature {
        @Override
        public String method() {
            return "test/ask";
        }

        @Override
        public void writeCapability(JsonGenerator out) {}

        @Override
        public Callable<JsonNode> question(JsonNode params) {
            return () -> {
                throw new IllegalStateException("no answer");
            };
        }

        @Override
        public JsonNode unanswered() {
            throw new OutOfMemoryError("for the test");
        }
    }

    @Test
    void an_error_while_asking_ends_the_wait() {
        try (ScriptedServer server = ScriptedServer.legacy(Answers::echo)) {
            ClientFeatures features = ClientFeatures.of(Connector.prepare(McpUri.parse(server.uri()), null));
            Failing failing = new Failing();
            for (long nanos : new long[] {0, TimeUnit.SECONDS.toNanos(30)}) {
                Gathering gathering = new Gathering(
                        List.of(new InputRequests.Entry("q", failing, failing.question(Json.MAPPER.nullNode()))),
                        features,
                        nanos);
                gathering.askNext();
                assertThatThrownBy(() -> gathering.get(20, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(OutOfMemoryError.class);
            }
        }
    }
}
