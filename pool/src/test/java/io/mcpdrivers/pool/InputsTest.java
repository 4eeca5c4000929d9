package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is asked for what, and which server the answer reaches. */
class InputsTest extends PoolTestBase {

    @TempDir
    Path folder;

    private final List<String> asked = new CopyOnWriteArrayList<>();

    private Path file(String name, String server, String uri, String description) throws IOException {
        return Files.writeString(folder.resolve(name), """
                {"inputs": [{"id": "token", "password": true, "description": "%s"}],
                 "servers": {"%s": {"url": "%s", "env": {"TOKEN": "${input:token}"}}}}
                """.formatted(description, server, uri));
    }

    private String answer(ConfigurationInput input) {
        asked.add(String.valueOf(input.description()));
        return "answer to " + input.description();
    }

    private static String token(McpPool pool, String server) {
        try (McpConnection c = pool.getConnection(server)) {
            return String.valueOf(process(c).uri.parameter("env.TOKEN"));
        }
    }

    @Test
    void what_one_file_was_told_reaches_no_server_of_another_that_uses_the_same_id() throws Exception {
        Path bank = file("one.json", "bank", legacy().uri(), "Token of the bank");
        Path weather = file("two.json", "weather", legacy().uri(), "Token of the weather service");
        Path properties = Files.writeString(
                folder.resolve("three.properties"),
                "mcp.server.news.uri=" + legacy().uri() + "?env.TOKEN=${input:token}\n"
                        + "mcp.server.bank.requestTimeout=1m\n");
        McpPool pool = build(builder().load(bank).load(weather).load(properties).inputs(this::answer));
        assertThat(token(pool, "bank")).isEqualTo("answer to Token of the bank");
        assertThat(token(pool, "weather")).isEqualTo("answer to Token of the weather service");
        assertThat(token(pool, "news")).isEqualTo("answer to null");
        assertThat(token(pool, "bank")).isEqualTo("answer to Token of the bank");
        assertThat(asked).containsExactly("Token of the bank", "Token of the weather service", "null");
    }

    @Test
    void servers_of_one_file_share_an_answer_also_after_a_reload() throws Exception {
        Path file = file("one.json", "bank", legacy().uri(), "Token of the bank");
        McpPool pool = build(builder().load(file).inputs(this::answer));
        assertThat(token(pool, "bank")).isEqualTo("answer to Token of the bank");
        file("one.json", "branch", legacy().uri(), "Token of the bank");
        assertThat(pool.reload().added()).containsExactly("branch");
        assertThat(token(pool, "branch")).isEqualTo("answer to Token of the bank");
        assertThat(asked).containsExactly("Token of the bank");
    }

    @Test
    void nobody_is_asked_for_what_the_inputs_of_the_file_do_not_have() throws Exception {
        Path file = file("one.json", "bank", legacy().uri(), "Token of the bank");
        Files.writeString(file, Files.readString(file).replace("${input:token}", "${input:tokne}"));
        McpPool pool = build(builder().load(file).inputs(this::answer));
        assertThatThrownBy(() -> pool.getConnection("bank"))
                .hasMessageContainingAll("no input 'tokne'", "one.json", "Did you mean 'token'?");
        assertThat(asked).isEmpty();
    }
}
