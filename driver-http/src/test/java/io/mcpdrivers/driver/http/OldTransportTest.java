package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.TransportException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class OldTransportTest {

    /** Speaks HTTP with SSE; posting to the stream's URL is not allowed. */
    private static ScriptedServer server(int statusOfPost, String endpoint) throws Exception {
        AtomicReference<ScriptedServer.Seen> stream = new AtomicReference<>();
        return new ScriptedServer(r -> {
            if (r.method.equals("GET")) {
                r.beginEvents();
                stream.set(r);
                r.chunk("event: endpoint\ndata: " + endpoint + "\n\n");
            } else if (!r.path.startsWith("/messages")) {
                r.respond(statusOfPost, "what is this?");
            } else if (r.body.contains("\"close\"")) {
                r.respond(202, "Accepted");
                stream.get().socket.close();
            } else {
                r.respond(202, "Accepted");
                if (!r.body.contains("notifications/")) {
                    stream.get().chunk("event: message\ndata: " + r.result("{}") + "\n\n");
                }
            }
        });
    }

    @Test
    void it_is_spoken_when_it_is_asked_for() throws Exception {
        try (ScriptedServer server = server(404, "/messages?session=1");
                Client client = new Client("mcp:sse:" + server.url(), Client.LEGACY)) {
            assertThat(client.ask("initialize")).contains("\"id\":1");
            client.tell("notifications/initialized");
            assertThat(client.ask("tools/list")).contains("\"id\":2");
            assertThat(server.seen("POST")).extracting(r -> r.path).containsOnly("/messages?session=1");
            assertThat(server.seen("GET")).hasSize(1);
        }
    }

    @Test
    void a_server_that_refuses_the_first_post_is_tried_with_it() throws Exception {
        for (int status : new int[] {400, 404, 405}) {
            try (ScriptedServer server = server(status, "messages");
                    Client client = Client.legacy(server.uri())) {
                assertThat(client.ask("initialize")).contains("\"id\":1");
                client.tell("notifications/initialized");
                assertThat(client.ask("tools/list")).contains("\"id\":2");
                assertThat(client.failures).isEmpty();
            }
        }
    }

    @Test
    void a_server_that_speaks_neither_is_rejected_and_nothing_is_fixed_by_it() throws Exception {
        AtomicReference<Boolean> healthy = new AtomicReference<>(false);
        try (ScriptedServer server = new ScriptedServer(r -> {
                    if (healthy.get()) {
                        r.json(r.result("{}"));
                    } else {
                        r.respond(404, "<h1>Nothing here</h1>");
                    }
                });
                Client client = Client.legacy(server.uri())) {
            TransportException failure = client.fail("initialize");
            assertThat(failure.kind()).isEqualTo(TransportException.Kind.REJECTED);
            assertThat(failure).hasMessageContaining("404").hasMessageContaining("Nothing here");
            healthy.set(true);
            client.ask("initialize");
        }
    }

    @Test
    void messages_are_posted_to_the_same_origin_alone() throws Exception {
        try (ScriptedServer server = server(404, "http://localhost:1/messages")) {
            TransportException failure = catchThrowableOfType(
                    TransportException.class, () -> new Client("mcp:sse:" + server.url(), Client.LEGACY));
            assertThat(failure).isNotNull();
            assertThat(failure.kind()).isEqualTo(TransportException.Kind.PROTOCOL);
            assertThat(failure).hasMessageContaining("another origin");
        }
    }

    @Test
    void a_server_of_streamable_http_that_is_opened_as_an_old_one_is_told_apart() throws Exception {
        for (boolean stream : new boolean[] {true, false}) {
            try (ScriptedServer server = new ScriptedServer(r -> {
                if (stream) {
                    r.json("{}");
                } else {
                    r.respond(405, "Method not allowed");
                }
            })) {
                TransportException failure = catchThrowableOfType(
                        TransportException.class, () -> new Client("mcp:sse:" + server.url(), Client.LEGACY).close());
                assertThat(failure).hasMessageContaining("leave out 'sse:'");
            }
        }
    }

    @Test
    void an_error_about_a_request_does_not_end_the_session_that_its_stream_is() throws Exception {
        AtomicReference<String> error = new AtomicReference<>("");
        try (ScriptedServer server = new ScriptedServer(r -> {
                    if (r.method.equals("GET")) {
                        r.beginEvents();
                        r.chunk("event: endpoint\ndata: /messages\n\n");
                    } else {
                        r.respond(400, "{\"jsonrpc\":\"2.0\",\"id\":" + r.id() + ",\"error\":{" + error.get() + "}}");
                    }
                });
                Client client = new Client("mcp:sse:" + server.url(), Client.LEGACY)) {
            error.set("\"code\":-32602,\"message\":\"argument session_name is missing\"");
            assertThat(client.ask("tools/call")).contains("session_name");
            assertThat(client.failures).isEmpty();
            error.set("\"code\":-32000,\"message\":\"No valid session\"");
            assertThat(client.fail("tools/call").kind()).isEqualTo(TransportException.Kind.SESSION_LOST);
        }
    }

    @Test
    void messages_before_it_says_where_to_post_to_are_bounded() throws Exception {
        for (String message : new String[] {"{}", "x".repeat(5_000)}) {
            try (ScriptedServer server = new ScriptedServer(r -> {
                r.beginEvents();
                while (true) {
                    r.chunk("data: " + message + "\n\n");
                }
            })) {
                TransportException failure = catchThrowableOfType(
                        TransportException.class,
                        () -> new Client("mcp:sse:" + server.url(), Client.LEGACY, 20_000).close());
                assertThat(failure).isNotNull();
                assertThat(failure.kind()).isEqualTo(TransportException.Kind.PROTOCOL);
                assertThat(failure).hasMessageContaining("100 messages or 20000 bytes");
            }
        }
    }

    @Test
    void the_end_of_its_stream_is_the_end_of_the_transport() throws Exception {
        try (ScriptedServer server = server(404, "/messages");
                Client client = new Client("mcp:sse:" + server.url(), Client.LEGACY)) {
            client.ask("initialize");
            client.send("close");
            assertThat(client.closed.get(10, TimeUnit.SECONDS)).contains("ended the stream");
            assertThat(client.transport.isOpen()).isFalse();
        }
    }
}
