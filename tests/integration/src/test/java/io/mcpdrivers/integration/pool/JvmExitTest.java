package io.mcpdrivers.integration.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.integration.Connections;
import io.mcpdrivers.integration.Leftovers;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A JVM that exits with leases out, calls in flight and a server that starts. */
class JvmExitTest {

    @RegisterExtension
    final Connections connections = Connections.perTest();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"exit, 7", "return, 0", "throw, 1", "sigterm, 143"})
    void no_server_process_survives_the_jvm(String how, int code) throws Exception {
        Path log = folder.resolve("calls.log");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dmcp.pool.shutdownTimeout=500ms",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ExitingApplication.class.getName(),
                how,
                log.toString());
        Process application = new ProcessBuilder(command)
                .redirectError(folder.resolve("stderr").toFile())
                .start();
        try (BufferedReader output = application.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).isEqualTo("ready");
            List<Long> pids = pids(log);
            assertThat(pids)
                    .hasSizeGreaterThanOrEqualTo(ExitingApplication.PROCESSES)
                    .allMatch(Leftovers::runs);
            if (how.equals("sigterm")) {
                // Not by the process itself, which would close its streams, too.
                application.toHandle().destroy();
            } else {
                application.getOutputStream().write('\n');
                application.getOutputStream().flush();
            }
            assertThat(application.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(application.exitValue()).isEqualTo(code);
        } finally {
            application.destroyForcibly();
        }
        // Those that were started last may have written their line meanwhile.
        assertThat(pids(log)).noneMatch(Leftovers::runs);
    }

    private static List<Long> pids(Path log) {
        List<String> lines = new ArrayList<>(Fixture.log(log, "start "));
        lines.addAll(Fixture.log(log, "child "));
        return lines.stream().map(line -> Long.parseLong(line.split(" ")[1])).toList();
    }
}
