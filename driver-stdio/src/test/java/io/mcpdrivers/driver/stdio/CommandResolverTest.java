package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which file a command stands for, on POSIX and on Windows. */
class CommandResolverTest {

    private static final String EXTENSIONS = ".COM;.EXE;.BAT;.CMD";

    @TempDir
    Path root;

    private Path first;
    private Path second;

    @BeforeEach
    void directories() throws IOException {
        first = Files.createDirectory(root.resolve("first"));
        second = Files.createDirectory(root.resolve("second"));
    }

    private static Path file(Path directory, String name, boolean executable) throws IOException {
        Path file = Files.createFile(directory.resolve(name));
        assertThat(file.toFile().setExecutable(executable)).isTrue();
        return file;
    }

    private CommandResolver resolver(boolean windows, File directory) {
        String path = first + (windows ? ";" : ":") + second;
        return new CommandResolver(path, false, windows ? EXTENSIONS : null, directory, windows);
    }

    @Test
    void on_windows_npx_is_npx_cmd_and_not_the_shell_script_beside_it() throws Exception {
        file(first, "npx", true);
        Path npx = file(first, "npx.cmd", true);
        assertThat(resolver(true, null).resolve("npx")).isEqualToIgnoringCase(npx.toString());
        assertThat(resolver(true, null).resolve("npx.cmd")).isEqualToIgnoringCase(npx.toString());
        assertThat(resolver(true, null).resolve(first + "/npx")).isEqualToIgnoringCase(npx.toString());
    }

    @Test
    void on_windows_extensions_are_tried_in_their_order() throws Exception {
        file(second, "node.exe", true);
        Path other = file(first, "node.cmd", true);
        Path both = file(first, "node.exe", true);
        assertThat(resolver(true, null).resolve("node")).isEqualTo(both.toString());
        Files.delete(both);
        assertThat(resolver(true, null).resolve("node")).isEqualTo(other.toString());
    }

    @Test
    void on_windows_a_name_with_a_dot_of_its_own_gets_an_extension() throws Exception {
        Path python = file(second, "python3.12.exe", true);
        assertThat(resolver(true, null).resolve("python3.12")).isEqualTo(python.toString());
    }

    @Test
    void the_first_executable_file_on_the_path_is_taken() throws Exception {
        file(first, "run", false);
        Path run = file(second, "run", true);
        Files.createDirectory(first.resolve("other"));
        Path other = file(second, "other", true);
        assertThat(resolver(false, null).resolve("run")).isEqualTo(run.toString());
        assertThat(resolver(false, null).resolve("other")).isEqualTo(other.toString());
    }

    @Test
    void a_file_name_is_relative_to_the_working_directory() throws Exception {
        Path run = file(second, "run", true);
        assertThat(resolver(false, root.toFile()).resolve("second/run")).isEqualTo(run.toString());
    }

    @Test
    void a_failure_says_where_was_looked() throws Exception {
        assertThatThrownBy(() -> resolver(false, null).resolve("missing"))
                .hasMessageContaining("'missing'")
                .hasMessageContaining(first + ":" + second);
        file(first, "plain", false);
        assertThatThrownBy(() -> resolver(false, null).resolve("plain")).hasMessageContaining("not executable");
    }

    @Test
    void what_a_batch_file_would_not_take_literally_is_refused() {
        assertThat(CommandResolver.unsafeForBatchFile("C:\\npx.CMD", List.of("-y", "100%")))
                .contains("arg 2")
                .contains("batch file");
        assertThat(CommandResolver.unsafeForBatchFile("C:\\npx.cmd", List.of("-y", "\" & calc")))
                .isNotNull();
        assertThat(CommandResolver.unsafeForBatchFile("C:\\npx.cmd", List.of("-y", "a b")))
                .isNull();
        assertThat(CommandResolver.unsafeForBatchFile("C:\\node.exe", List.of("100%")))
                .isNull();
    }
}
