package io.mcpdrivers.integration.npm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A server of both eras is spoken to in the newer one. */
class ModernServerTest extends LongCallBehaviour {

    record Sum(int sum) {}

    @Override
    String uri() {
        return NpmServers.modern();
    }

    @Override
    String revision() {
        return "2026-07-28";
    }

    @Override
    String serverName() {
        return "modern-server";
    }

    @Override
    List<String> tools() {
        return List.of("echo", "add", "slow", "fail");
    }

    @Override
    Call callGiving(String text) {
        return new Call("echo", Map.of("message", text));
    }

    @Override
    Call failingCall() {
        return new Call("fail", Map.of("message", "no luck"));
    }

    @Override
    Call longCall(int milliseconds) {
        return new Call("slow", Map.of("ms", milliseconds, "steps", 4));
    }

    @Test
    void structured_content_is_read_as_a_class() {
        assertThat(connection.callTool("add", Map.of("a", 2, "b", 3)).structuredContent(Sum.class))
                .isEqualTo(new Sum(5));
    }

    @Test
    void instructions_are_there() {
        assertThat(connection.metadata().instructions()).isEqualTo("A server to test against.");
    }
}
