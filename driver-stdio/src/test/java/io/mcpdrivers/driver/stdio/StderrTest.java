package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server's standard error never blocks it, is logged line by line, and its end is kept. */
@Timeout(60)
class StderrTest {

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void much_on_stderr_before_an_answer_does_not_block_the_server() throws Exception {
        for (int bytes : new int[] {256 * 1024, 10 * 1024 * 1024}) {
            Recorder recorder = new Recorder();
            Transport transport =
                    servers.open(Servers.shell("head -c " + bytes + " /dev/zero | tr '\\0' x >&2; cat"), recorder);
            Servers.send(transport, "after " + bytes);
            assertThat(recorder.message()).isEqualTo("after " + bytes);
            transport.close();
        }
    }

    @Test
    void lines_are_logged_under_the_name_of_the_server_without_its_secrets() throws Exception {
        List<String> lines = logged(
                "chatty",
                "printf 'first \\303\\274 line\\r\\n\\033[31mred\\033[0m %s\\n\\nsplit' \"$TOKEN\" >&2;"
                        + " sleep 0.2; printf ' line\\nunfinished' >&2; exit 1");
        assertThat(lines)
                .containsExactly(
                        "INFO io.mcpdrivers.server.chatty - first \u00fc line",
                        "INFO io.mcpdrivers.server.chatty - red ***",
                        "INFO io.mcpdrivers.server.chatty - split line",
                        "INFO io.mcpdrivers.server.chatty - unfinished");
    }

    @Test
    void a_long_line_is_logged_in_pieces_and_no_secret_is_cut_in_two() throws Exception {
        String filler = "head -c 8187 /dev/zero | tr '\\0' x >&2; ";
        List<String> lines = logged("endless", filler + "printf \"$TOKEN and more\" >&2; " + filler + "exit 1");
        assertThat(String.join("", lines)).contains("***").doesNotContain("s3cr", "value");
        assertThat(lines).hasSize(2).allMatch(line -> line.length() < 8 * 1024 + 100);
    }

    @Test
    void a_character_is_not_cut_in_two_where_a_line_is() throws Exception {
        String two = "printf '\\303\\274%.0s' $(seq 20001) >&2; ";
        List<String> lines = logged("wide", "printf x >&2; " + two + "exit 1");
        String prefix = "INFO io.mcpdrivers.server.wide - ";
        assertThat(lines).allMatch(line -> line.startsWith(prefix) && line.length() <= 8 * 1024 + prefix.length());
        assertThat(lines.stream().map(line -> line.substring(prefix.length())).reduce("", String::concat))
                .isEqualTo("x" + "\u00fc".repeat(20001));
    }

    private List<String> logged(String name, String script) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.log.io.mcpdrivers.server." + name, "info");
        PrintStream original = System.err;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            Recorder recorder = new Recorder();
            Transport transport =
                    servers.open(Servers.shell(script).add("env.TOKEN", "s3cr3t-value"), OpenOptions.of(name));
            transport.start(recorder);
            recorder.end();
            transport.close();
        } finally {
            System.setErr(original);
        }
        return captured.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("INFO io.mcpdrivers.server." + name + " - "))
                .map(line -> line.substring(line.indexOf("INFO")))
                .toList();
    }

    @Test
    void the_last_whole_lines_are_kept() {
        Random random = new Random(1);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            all.append("line ")
                    .append(i)
                    .append(' ')
                    .append("\u00fc".repeat(random.nextInt(60)))
                    .append('\n');
        }
        byte[] bytes = all.toString().getBytes(StandardCharsets.UTF_8);
        StderrTail tail = new StderrTail();
        for (int from = 0; from < bytes.length; ) {
            int count = Math.min(bytes.length - from, 1 + random.nextInt(9000));
            tail.append(bytes, from, count);
            from += count;
        }
        String text = StderrTail.shortened(tail.text());
        assertThat(all.toString().strip()).endsWith(text);
        assertThat(text).startsWith("line ");
        assertThat(text.length()).isBetween(1000, 4096);
    }

    @Test
    void little_is_kept_whole_and_a_line_without_end_is_cut() {
        StderrTail tail = new StderrTail();
        assertThat(tail.text()).isEmpty();
        for (int i = 0; i < 100; i++) {
            tail.append("0123456789".getBytes(StandardCharsets.UTF_8), 0, 10);
        }
        assertThat(tail.text()).isEqualTo("0123456789".repeat(100));
        for (int i = 0; i < 1000; i++) {
            tail.append("0123456789".getBytes(StandardCharsets.UTF_8), 0, 10);
        }
        assertThat(StderrTail.shortened(tail.text())).hasSize(4096).endsWith("6789");
    }

    @Test
    void invalid_utf_8_and_control_characters_are_harmless() {
        ServerStderr stderr = new ServerStderr(
                new ByteArrayInputStream(new byte[] {'a', (byte) 0xff, 0, 7, 27, ']', 'b', '\r', 'c', '\n'}),
                new ServerLabel("x", io.mcpdrivers.spi.McpUri.parse("mcp:stdio:cat")));
        stderr.finish();
        assertThat(stderr.lastWords()).isEqualTo("a\ufffdb\nc");
    }
}
