package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpProtocolException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.fixture.HttpFixtureServer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that answer a request with what is no answer, late or never, or break off. */
class AnswerTest extends HttpTestBase {

    /**
     * The fault; what comes of it at a call, and while connecting: {@code ok}, {@code prot}
     * ({@link McpProtocolException}), {@code time} ({@link McpTimeoutException}, or {@link McpConnectionException} while
     * connecting), {@code may} ({@link McpConnectionLostException} of a call that may have been executed),
     * {@code conn} ({@link McpConnectionException}); what the message says.
     */
    private static final String TABLE = """
            fault                   | call | connecting | message
            type:text/plain         | prot | prot       | type text/plain
            type:text/html          | prot | prot       | type text/html
            type:                   | ok   | ok         |
            type:Application/JSON    | ok   | ok         |
            status:200,body:empty   | prot | prot       | status 200 and without a body
            status:200,body:html    | prot | prot       | Something is wrong
            status:200,body:text    | prot | prot       | Refused on demand
            status:202,body:empty   | prot | prot       | status 202 and without a body
            status:204,body:empty   | prot | prot       | status 204 and without a body
            slow-headers:5          | ok   | ok         |
            delay:50                | ok   | ok         |
            stall:headers           | time | time       |
            stall:status            | time | time       |
            stall:body              | time | time       |
            stall:stream            | time | time       |
            endless:comments        | time | time       |
            endless:events          | time | time       |
            endless:line            | prot | prot       | maxMessageSize
            endless:bytes           | prot | prot       | maxMessageSize
            endless:headers         | prot | prot       | header count
            break:end               | may  | conn       | before the response
            break:cut               | may  | conn       | before the response
            break:reset             | may  | conn       | before the response
            reset:after             | may  | conn       |
            close:after             | may  | conn       | closed the connection
            reset:served            | may  | conn       |
            close:served            | may  | conn       | closed the connection
            garbage:1               | prot | prot       | What is HTTP?
            """;

    private static Stream<Arguments> table() {
        List<String> lines = TABLE.lines().skip(1).toList();
        return Stream.of("legacy", "modern")
                .flatMap(era -> lines.stream().flatMap(line -> {
                    String[] cells = line.split(" *\\| *", -1);
                    return Stream.of(
                            Arguments.of(era, "call", cells[0], cells[1], cells[3]),
                            Arguments.of(
                                    era,
                                    era.equals("legacy") ? "initialize" : "discover",
                                    cells[0],
                                    cells[2],
                                    cells[3]));
                }));
    }

    @ParameterizedTest(name = "{0}: {1} with {2}: {3} {4}")
    @MethodSource("table")
    void an_answer_leads_to(String era, String step, String fault, String outcome, String message) {
        HttpFixtureServer server = server("era=" + era, "answer=auto");
        boolean calling = step.equals("call");
        String uri = uri(
                server,
                "maxMessageSize=65536",
                outcome.equals("time") ? (calling ? "requestTimeout=1s" : "connectTimeout=1s") : "requestTimeout=30s",
                "protocol=" + (era.equals("legacy") ? "2025-11-25" : "auto"));
        McpConnection connection = calling ? connections.open(uri) : null;
        server.fault(step, fault);
        if (outcome.equals("ok")) {
            assertWorks(calling ? connection : connections.open(uri));
            return;
        }
        McpException failure = failure(() -> {
            if (calling) {
                connection.callTool("echo", Map.of("message", "hello"));
            } else {
                connections.open(uri);
            }
        });
        if (step.equals("discover") && outcome.equals("prot")) {
            // It could have been a legacy server's way of not knowing the question, so that initialize was tried.
            assertThat(failure).isInstanceOf(McpConnectionException.class).hasMessageContaining(server.url());
            return;
        }
        assertThat(failure)
                .isInstanceOf(
                        switch (outcome) {
                            case "prot" -> McpProtocolException.class;
                            case "time" -> calling ? McpTimeoutException.class : McpConnectionException.class;
                            case "may" -> McpConnectionLostException.class;
                            default -> McpConnectionException.class;
                        });
        if (!outcome.equals("time") && !message.equals("maxMessageSize")) {
            assertThat(failure).hasMessageContaining(server.url());
        }
        assertThat(failure).hasMessageContaining("127.0.0.1:" + server.port()).hasMessageContaining(message);
        if (calling) {
            if (!outcome.equals("prot")) {
                assertThat(failure.mayHaveExecuted()).isTrue();
            }
            // One bad answer is not the end of the connection.
            server.clearFaults();
            assertWorks(connection);
        }
        server.forgetSessions();
    }
}
