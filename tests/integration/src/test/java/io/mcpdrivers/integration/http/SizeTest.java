package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers in small pieces, in many forms, and of many megabytes. */
class SizeTest extends HttpTestBase {

    private static final int LARGE = 64_000_000;

    /** The tool has two- to four-byte letters; the options are separated by blanks. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "answer=json chunk=1",
                "answer=json chunk=3",
                "answer=json chunk=7 gzip=force",
                "answer=sse chunk=1",
                "answer=sse chunk=1 sse.eol=crlf",
                "answer=sse chunk=2 sse.eol=crlf sse.multiline=1",
                "answer=sse chunk=1 sse.eol=mixed sse.comments=1 sse.bom=1",
                "answer=sse chunk=5 sse.eol=cr sse.no.space=1 gzip=force",
                "answer=sse chunk=1 sse.eol=crlf chunk.delay=1"
            })
    void chunks_may_end_within_a_letter_and_within_a_line_break(String options) {
        for (String era : new String[] {"legacy", "modern"}) {
            McpConnection connection = connections.open(uri(server((options + " era=" + era).split(" "))));
            String text = "Grüße, 世界 😀 – \r\n\u2028 done";
            assertThat(connection.callTool("echo", Map.of("message", text)).text())
                    .isEqualTo(text);
            assertThat(connection.callTool("unicode", Map.of()).isError()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"json, legacy", "sse, modern"})
    void an_answer_of_64_megabytes_is_read_if_that_is_allowed(String answer, String era) throws Exception {
        FixtureProcess server = connections.server(FixtureProcess.start("era=" + era, "answer=" + answer));
        McpConnection connection = connections.open(uri(server.url(), "maxMessageSize=70000000"));
        String text = connection.callTool("big", Map.of("size", LARGE)).text();
        assertThat(text).hasSize(LARGE);
        assertThat(text.chars().filter(c -> c < 'a' || c > 'z').count()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"json, modern, 1000000", "sse, legacy, 60000000"})
    void an_answer_of_64_megabytes_is_refused_at_once_if_it_is_not_and_others_are_not_harmed(
            String answer, String era, int limit) throws Exception {
        FixtureProcess server = connections.server(FixtureProcess.start("era=" + era, "answer=" + answer));
        McpConnection connection = connections.open(uri(server.url(), "maxMessageSize=" + limit));
        CompletableFuture<?> other = connection.callToolAsync("sleep", Map.of("ms", 1_500));
        assertThat(failure(() -> connection.callTool("big", Map.of("size", LARGE))))
                .isInstanceOf(McpProtocolException.class)
                .hasMessageContaining("maxMessageSize of " + limit);
        assertThat(Await.result(other)).isNotNull();
        assertWorks(connection);
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "sse"})
    void an_answer_of_exactly_the_limit_is_read_and_one_of_a_byte_more_is_not(String answer) {
        HttpFixtureServer server = server("era=modern", "answer=" + answer);
        McpConnection probe = connections.open(uri(server));
        // What stands around the text of the answer to the next request, whose id has one digit.
        String empty = "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":"
                + probe.request("tools/call", Map.of("name", "echo", "arguments", Map.of("message", ""))) + "}";
        int limit = 10_000;
        McpConnection connection = connections.open(uri(server, "maxMessageSize=" + limit));
        String fits = "x".repeat(limit - empty.length());
        assertThat(connection.callTool("echo", Map.of("message", fits)).text()).isEqualTo(fits);
        assertThatThrownBy(() -> connection.callTool("echo", Map.of("message", fits + "x")))
                .isInstanceOf(McpProtocolException.class)
                .hasMessageContaining((limit + 1) + " bytes");
    }
}
