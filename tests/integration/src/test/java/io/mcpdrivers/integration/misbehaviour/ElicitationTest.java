package io.mcpdrivers.integration.misbehaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.ElicitationHandler;
import io.mcpdrivers.ElicitationResult;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.schema.CallToolResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Questions to the user, at the edges. */
class ElicitationTest {

    private static final Map<String, ?> QUESTION = Map.of(
            "method",
            "elicitation/create",
            "params",
            Map.of(
                    "message",
                    "Sure?",
                    "requestedSchema",
                    Map.of("type", "object", "properties", Map.of("n", Map.of("type", "integer", "default", 30)))));

    @RegisterExtension
    final Connections connections = Connections.perTest();

    private McpConnection open(String uri, ElicitationHandler handler) {
        return connections.closing(
                McpDrivers.open(uri, ConnectionOptions.defaults().withElicitation(handler)));
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    }

    private static JsonNode response(CallToolResult result) {
        assertThat(result.isError()).as(result.text()).isFalse();
        return JsonMapper.shared().readTree(result.text());
    }

    private static ElicitationHandler hanging(CountDownLatch asked, CountDownLatch interrupted) {
        return request -> {
            asked.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                interrupted.countDown();
            }
            return ElicitationResult.accept();
        };
    }

    /** A slow answer must end neither the call nor its stream, whichever way the question came. */
    @ParameterizedTest
    @ValueSource(strings = {"stdio", "answer=sse", "answer=json", "transport=sse"})
    void a_question_in_mid_call_is_answered_however_long_that_takes(String way) {
        String uri = way.equals("stdio")
                ? Leftovers.fixture()
                : "mcp:" + connections.server(HttpFixtureServer.start(way)).url();
        McpConnection connection = open(uri, request -> {
            assertThat(new CountDownLatch(1).await(5_500, TimeUnit.MILLISECONDS))
                    .isFalse();
            return ElicitationResult.accept();
        });
        CallOptions hasty = CallOptions.timeout(Duration.ofSeconds(5));
        JsonNode expected = JsonMapper.shared().readTree("{\"action\":\"accept\",\"content\":{\"n\":30}}");
        CompletableFuture<CallToolResult> later = connection.callToolAsync("ask", with("id", "later"), hasty);
        assertThat(response(connection.callTool("ask", QUESTION, hasty)).path("result"))
                .isEqualTo(expected);
        assertThat(response(Await.result(later)).path("result")).isEqualTo(expected);
    }

    private static Map<String, Object> with(String name, Object value) {
        Map<String, Object> question = new java.util.HashMap<>(QUESTION);
        question.put(name, value);
        return question;
    }

    @Test
    void three_hundred_questions_at_once_are_too_many() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(256);
        CountDownLatch answer = new CountDownLatch(1);
        McpConnection connection = open(Leftovers.fixture(), request -> {
            asked.countDown();
            await(answer);
            return ElicitationResult.decline();
        });
        List<CompletableFuture<CallToolResult>> calls = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Map<String, Object> question = with("id", "q" + i);
            question.put("timeout", 60_000);
            calls.add(connection.callToolAsync("ask", question));
        }
        await(asked);
        Await.until(
                "the rest is refused",
                () -> calls.stream().filter(CompletableFuture::isDone).count() == 44);
        connection.ping();
        assertThat(connection.callTool("echo", Map.of("message", "meanwhile")).text())
                .isEqualTo("meanwhile");
        answer.countDown();
        int declined = 0;
        for (CompletableFuture<CallToolResult> call : calls) {
            declined += response(Await.result(call)).has("result") ? 1 : 0;
        }
        assertThat(declined).isEqualTo(256);
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "modern"})
    void a_connection_that_is_closed_interrupts_the_handler(String era) throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        McpConnection connection = open(Leftovers.fixture("era=" + era), hanging(asked, interrupted));
        CompletableFuture<CallToolResult> call = era.equals("legacy")
                ? connection.callToolAsync("ask", QUESTION)
                : connection.callToolAsync("input_required_elicit", Map.of());
        await(asked);
        connection.close();
        await(interrupted);
        Await.until("the call has failed", call::isCompletedExceptionally);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stdio", "http"})
    void a_modern_server_gets_its_answers_with_the_request(String way) {
        String uri = way.equals("stdio")
                ? Leftovers.fixture("era=modern")
                : "mcp:"
                        + connections
                                .server(HttpFixtureServer.start("era=modern"))
                                .url();
        McpConnection connection = open(uri, request -> ElicitationResult.accept(Map.of("name", "Ada")));
        assertThat(connection.callTool("input_required_elicit", Map.of()).text())
                .isEqualTo("{\"user\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}");
    }
}
