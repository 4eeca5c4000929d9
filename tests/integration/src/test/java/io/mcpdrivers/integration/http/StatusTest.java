package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpAuthorizationException;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.integration.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that answer a step with a status. */
class StatusTest extends HttpTestBase {

    /**
     * What comes of it, if the server always answers so: {@code ok} (nobody notices), {@code auth}
     * ({@link McpAuthorizationException}), {@code conn} (no connection, {@link McpConnectionException}), {@code not}
     * ({@link McpConnectionException} of a call on a connection that is in order, certainly not executed; or
     * {@link McpRequestException} if the body holds an error of JSON-RPC), {@code lost} and {@code may}
     * ({@link McpConnectionLostException} of a call that certainly was not or may have been executed),
     * {@code era} ({@link McpConnectionException} that tells of the wrong era instead).
     *
     * <p>A question about the era that is answered with 4xx tells of a legacy server, but for those statuses that tell
     * nothing. What is answered to a notification, to the opening of a stream or to a farewell matters to nobody.
     */
    private static final Map<String, String> TABLE = Map.of("legacy", """
                    step         400  401  403  404  405  406  415  429  500  503
                    discover     ok   auth auth ok   ok   ok   ok   conn conn conn
                    initialize   conn auth auth conn conn conn conn conn conn conn
                    initialized  ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
                    list         not  auth auth lost not  not  not  not  may  may
                    call         not  auth auth lost not  not  not  not  may  may
                    get          ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
                    delete       ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
                    """, "modern", """
                    step         400  401  403  404  405  406  415  429  500  503
                    discover     era  auth auth era  era  era  era  conn conn conn
                    list         not  auth auth not  not  not  not  not  may  may
                    call         not  auth auth not  not  not  not  not  may  may
                    """);

    private static Stream<Arguments> table() {
        return TABLE.keySet().stream().sorted().flatMap(era -> {
            List<String> lines = TABLE.get(era).lines().toList();
            String[] statuses = lines.get(0).split(" +");
            return lines.stream().skip(1).flatMap(line -> {
                String[] cells = line.split(" +");
                boolean matters = List.of("discover", "initialize", "call").contains(cells[0]);
                return (matters ? Stream.of("json", "empty", "html") : Stream.of("json"))
                        .flatMap(body -> Stream.iterate(1, i -> i < cells.length, i -> i + 1)
                                .map(i -> Arguments.of(era, cells[0], statuses[i], body, cells[i])));
            });
        });
    }

    @ParameterizedTest(name = "{0}: {1} is answered with {2} and {3}: {4}")
    @MethodSource("table")
    void a_status_leads_to(String era, String step, String status, String body, String outcome) {
        HttpFixtureServer server = server("era=" + era, "fault." + step + "=status:" + status + ",body:" + body);
        if (outcome.equals("ok")) {
            McpConnection connection = connections.open(uri(server));
            connection.listTools();
            assertWorks(connection);
            assertThat(Await.millis(connection::close)).isLessThan(AT_ONCE_MILLIS);
            server.forgetSessions();
            return;
        }
        List<McpConnection> opened = new ArrayList<>();
        McpException failure = failure(() -> {
            McpConnection connection = connections.open(uri(server));
            opened.add(connection);
            if (step.equals("list")) {
                connection.listTools();
            } else {
                assertWorks(connection);
            }
        });
        if (!outcome.equals("not")) {
            // Those that the client has given up are no longer its own.
            server.forgetSessions();
        }
        boolean saysMore = body.equals("json") && saysMore(era, step, status);
        assertThat(failure)
                .isInstanceOf(
                        switch (outcome) {
                            case "auth" -> McpAuthorizationException.class;
                            case "conn", "era" -> McpConnectionException.class;
                            case "not" -> saysMore ? McpRequestException.class : McpConnectionException.class;
                            default -> McpConnectionLostException.class;
                        });
        if (!outcome.equals("may") && !outcome.equals("lost")) {
            assertThat(failure).isNotInstanceOf(McpConnectionLostException.class);
        }
        if (outcome.equals("not")) {
            assertThat(requests(server, step.equals("list") ? "tools/list" : "tools/call"))
                    .hasSize(1);
            server.clearFaults();
            assertWorks(opened.get(0));
        }
        if (!(failure instanceof McpRequestException)) {
            assertThat(failure.mayHaveExecuted()).isEqualTo(outcome.equals("may"));
        }
        assertThat(failure).hasMessageContaining("127.0.0.1:" + server.port());
        if (outcome.equals("era")) {
            return;
        }
        if (!saysMore) {
            assertThat(failure).hasMessageContainingAll(server.url(), "status " + status);
        }
        if (outcome.equals("conn")) {
            assertThat(failure).hasMessageContaining(server.url());
        }
        switch (body) {
            case "json" -> assertThat(failure).hasMessageContaining("Refused on demand");
            case "html" -> assertThat(failure).hasMessageContaining("Something is wrong");
            default -> {}
        }
    }

    /** A JSON-RPC error says more than the status that it comes with, unless that means something to the client. */
    private static boolean saysMore(String era, String step, String status) {
        return switch (status) {
            case "400", "405", "406", "415" -> true;
            case "404" -> era.equals("modern") || step.equals("initialize");
            default -> false;
        };
    }
}
