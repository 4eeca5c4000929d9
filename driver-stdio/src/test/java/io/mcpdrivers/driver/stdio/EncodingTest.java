package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Arguments arrive as they were given, and streams are UTF-8 whatever the JVM's default. */
@Timeout(60)
class EncodingTest {

    private static final String TEXT = "gr\u00fc\u00df \u65e5\u672c \ud83d\ude00";

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void arguments_arrive_as_they_were_given() throws Exception {
        List<String> arguments = List.of("a b", "", "\"quoted\"", "it's", "$HOME `id` \\ * ?", "tab\there", "--x=&y");
        McpUri.Builder uri = Servers.shell("for a in \"$@\"; do echo \"<$a>\"; done; read line")
                .add("arg", "sh");
        arguments.forEach(argument -> uri.add("arg", argument));
        // The canonical form is what goes through files and logs; nothing may get lost on that way.
        McpUri parsed = McpUri.parse(uri.build().canonical());
        Recorder recorder = new Recorder();
        servers.open(parsed.toBuilder(), recorder);
        for (String argument : arguments) {
            assertThat(recorder.message()).isEqualTo("<" + argument + ">");
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void a_jvm_in_a_utf_8_locale_passes_any_character(@TempDir Path directory) throws Exception {
        assertThat(probe(directory, "C.UTF-8", "UTF-8")).containsExactly("argument: <" + TEXT + ">", "echo: " + TEXT);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void a_jvm_in_another_locale_speaks_utf_8_and_says_what_it_cannot_pass(@TempDir Path directory) throws Exception {
        List<String> lines = probe(directory, "C", "US-ASCII");
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).contains("arg 4 holds characters that this JVM cannot pass", "LC_ALL=C.UTF-8");
        assertThat(lines.get(1)).isEqualTo("echo: " + TEXT);
    }

    /** Runs the probe in a JVM of the given locale and default charset, on the class path. */
    private static List<String> probe(Path directory, String locale, String charset) throws Exception {
        Path report = directory.resolve("report");
        ProcessBuilder builder = new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-Dfile.encoding=" + charset,
                "-cp",
                Servers.classPath(),
                Probe.class.getName(),
                report.toString());
        builder.environment().put("LC_ALL", locale);
        File output = directory.resolve("output").toFile();
        Process process =
                builder.redirectErrorStream(true).redirectOutput(output).start();
        assertThat(process.waitFor()).as(() -> output.getPath()).isZero();
        return Files.readAllLines(report, StandardCharsets.UTF_8);
    }

    /** Passes a text as an argument, and to a server and back. */
    static final class Probe {
        public static void main(String[] args) throws Exception {
            StringBuilder report = new StringBuilder();
            McpUri argument = Servers.shell("echo \"<$1>\"")
                    .add("arg", "sh")
                    .add("arg", TEXT)
                    .build();
            try (Transport transport = new StdioDriver().open(argument, OpenOptions.of("argument"))) {
                Recorder recorder = new Recorder();
                transport.start(recorder);
                report.append("argument: ").append(recorder.message());
            } catch (TransportException e) {
                report.append(e.getMessage());
            }
            try (Transport transport = new StdioDriver().open(McpUri.parse("mcp:stdio:cat"), OpenOptions.of("echo"))) {
                Recorder recorder = new Recorder();
                transport.start(recorder);
                Servers.send(transport, TEXT);
                report.append("\necho: ").append(recorder.message()).append('\n');
            }
            Files.writeString(Path.of(args[0]), report, StandardCharsets.UTF_8);
        }
    }
}
