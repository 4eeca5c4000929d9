package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.TransportException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be started is refused before there is a process, and the message says what to do. */
@Timeout(60)
class StartFailureTest {

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void a_command_that_does_not_exist_is_named_with_the_path_that_was_searched() {
        assertThat(refusal(McpUri.builder("stdio", "no-such-server").add("arg", "--token=abcdef")))
                .hasMessageContaining("'test' (no-such-server --token=***)")
                .hasMessageContaining(
                        "there is no command 'no-such-server' on the PATH (" + System.getenv("PATH") + ")");
    }

    @Test
    void whoever_writes_the_arguments_into_the_command_is_told_where_they_belong(@TempDir Path directory)
            throws Exception {
        assertThat(refusal(McpUri.builder("stdio", "no-such-server -y foo")))
                .hasMessageContainingAll("no command 'no-such-server -y foo'", "belongs into args");
        Path script = Files.createFile(directory.resolve("serve.sh"));
        assertThat(refusal(McpUri.builder("stdio", script + " -y foo"))).hasMessageContaining("belongs into args");
        assertThat(refusal(McpUri.builder("stdio", directory + "/My Servers/serve.sh")))
                .hasMessageContaining("there is no file")
                .hasMessageNotContaining("args");
    }

    @Test
    void a_path_given_by_the_uri_is_searched_but_not_shown(@TempDir Path directory) throws Exception {
        Path script = Files.writeString(directory.resolve("greet"), "#!/bin/sh\necho hello\nread line\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        assertThat(refusal(McpUri.builder("stdio", "greets").add("env.PATH", directory.toString())))
                .hasMessageContaining("env.PATH")
                .hasMessageNotContaining(directory.toString());
        Recorder recorder = new Recorder();
        servers.open(McpUri.builder("stdio", "greet").add("env.PATH", directory.toString()), recorder);
        assertThat(recorder.message()).isEqualTo("hello");
    }

    @Test
    void a_relative_command_belongs_to_the_working_directory(@TempDir Path directory) throws Exception {
        Path script = Files.writeString(directory.resolve("where.sh"), "#!/bin/sh\npwd\nread line\n");
        assertThat(refusal(McpUri.builder("stdio", "./where.sh").add("cwd", directory.toString())))
                .hasMessageContaining("not executable");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Recorder recorder = new Recorder();
        servers.open(McpUri.builder("stdio", "./where.sh").add("cwd", directory.toString()), recorder);
        assertThat(Path.of(recorder.message()).toRealPath()).isEqualTo(directory.toRealPath());
        assertThat(refusal(McpUri.builder("stdio", "./there.sh").add("cwd", directory.toString())))
                .hasMessageContaining("there.sh")
                .hasMessageContaining("relative to cwd");
        assertThat(refusal(McpUri.builder("stdio", directory.toString()))).hasMessageContaining("is a directory");
    }

    @Test
    void a_working_directory_that_does_not_exist_is_named(@TempDir Path directory) throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        assertThat(refusal(McpUri.builder("stdio", "cat").add("cwd", directory + "/none")))
                .hasMessageContaining("the directory that cwd names does not exist: '" + directory + "/none'");
        assertThat(refusal(McpUri.builder("stdio", "cat").add("cwd", file.toString())))
                .hasMessageContaining("which is no directory");
        assertThat(refusal(McpUri.builder("stdio", "cat").add("cwd", ""))).hasMessageContaining("cwd is empty");
    }

    @Test
    void what_no_process_can_be_given_is_refused() {
        assertThat(refusal(McpUri.builder("stdio", "cat").add("arg", "a").add("arg", "b\0c")))
                .hasMessageContaining("arg 2 holds a NUL character");
        assertThat(refusal(McpUri.builder("stdio", "cat").add("env.SECRET", "b\0c")))
                .hasMessageContaining("env.SECRET holds a NUL character");
        assertThat(refusal(McpUri.builder("stdio", "cat").add("env.A=secret", "b")))
                .hasMessageContaining("cannot hold a '='")
                .hasMessageNotContaining("secret");
    }

    @Test
    void a_file_that_the_system_cannot_run_is_reported_with_its_reason(@TempDir Path directory) throws Exception {
        Path script = Files.writeString(directory.resolve("broken"), "#!/no/such/interpreter\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        assertThat(refusal(McpUri.builder("stdio", script.toString())))
                .hasMessageContaining("the operating system refuses to run")
                .hasMessageContaining("No such file");
    }

    private TransportException refusal(McpUri.Builder uri) {
        TransportException refusal = catchThrowableOfType(TransportException.class, () -> servers.open(uri));
        assertThat(refusal).isNotNull();
        assertThat(refusal.kind()).isEqualTo(TransportException.Kind.CONFIGURATION);
        return refusal;
    }
}
