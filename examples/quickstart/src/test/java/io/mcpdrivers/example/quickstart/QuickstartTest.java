package io.mcpdrivers.example.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuickstartTest {

    /** Not pooled, as the default pool keeps its servers until the JVM exits. */
    private static final String URI = BundledServer.URI + "&pool=false";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @AfterEach
    void no_process_is_left() {
        assertThat(ProcessHandle.current().descendants()).isEmpty();
    }

    @Test
    void a_result_goes_to_standard_output() {
        assertThat(run(URI, "echo", "message=gr\u00fc\u00dfe")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("gr\u00fc\u00dfe" + System.lineSeparator());
        assertThat(err.size()).isZero();
    }

    @Test
    void numbers_reach_the_tool_as_numbers() {
        assertThat(run(URI, "add", "a=2", "b=0.5")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).strip()).isEqualTo("{\"sum\":2.5}");
    }

    @Test
    void without_a_tool_the_tools_are_listed() {
        assertThat(run(URI)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("example-server 0.1.0, protocol 2026-07-28, 3 tools")
                .contains("  echo message=<string>", "  add a=<number> b=<number>", "  counter");
    }

    @Test
    void an_unknown_tool_fails_with_the_list_of_tools() {
        assertThat(run(URI, "ehco", "message=hi")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("Unknown tool: ehco", "The server has no tool 'ehco'. Its tools:", "echo message=<string>");
        assertThat(out.size()).isZero();
    }

    @Test
    void wrong_arguments_fail_with_those_of_the_tool() {
        assertThat(run(URI, "add", "a=2")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("two numbers", "The tool's arguments: add a=<number> b=<number>");
        assertThat(out.size()).isZero();
    }

    @Test
    void a_server_that_cannot_start_fails_without_a_stack_trace() {
        assertThat(run("mcp:stdio:mcp-drivers-no-such-command?pool=false", "echo"))
                .isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("mcp-drivers-no-such-command")
                .doesNotContain("\tat ");
    }

    @Test
    void a_command_that_cannot_be_understood_shows_the_usage() {
        assertThat(run("npx")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("got 'npx'").endsWith(Arguments.USAGE);
        assertThat(run("--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(Arguments.USAGE);
    }

    private int run(String... commandLine) {
        return Quickstart.run(
                commandLine,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
