package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.McpDriver;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.util.VersionInfo;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** The library for HTTP/2 is wanted by nobody else. */
class WithoutLibraryTest {

    private static String classPath() throws Exception {
        Set<String> parts = new LinkedHashSet<>();
        parts.add(Path.of("target", "classes").toAbsolutePath().toString());
        parts.add(Path.of("target", "test-classes").toAbsolutePath().toString());
        for (Class<?> each : new Class<?>[] {McpDriver.class, Logger.class, Assertions.class}) {
            parts.add(Path.of(each.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        }
        return String.join(File.pathSeparator, parts);
    }

    private static List<String> run(String... uris) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath(),
                WithoutLibrary.class.getName()));
        command.addAll(List.of(uris));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            List<String> said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as("%s", said).isZero();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void http_1_1_needs_no_library_and_http_2_says_which() throws Exception {
        TestKeys.make();
        try (ScriptedServer plain = new ScriptedServer(r -> r.json(r.result("{}")));
                ScriptedServer secure = new ScriptedServer(TestKeys.secureSocket(false), r -> r.json(r.result("{}")));
                TestProxy tunnels = TestProxy.connect("user:password")) {
            String trusting = "mcp:https://localhost:" + secure.port() + "/mcp#trustStore=" + TestKeys.pem();
            List<String> said = run(
                    plain.uri(),
                    trusting,
                    "mcp:http://nowhere.invalid/mcp#proxy=http://127.0.0.1:" + plain.port(),
                    trusting + "&proxy=http://user:password@127.0.0.1:" + tunnels.port(),
                    plain.uri() + "#httpVersion=2",
                    plain.uri() + "#httpVersion=2",
                    plain.uri());
            assertThat(said).hasSize(7);
            for (int i : new int[] {0, 1, 2, 3, 6}) {
                assertThat(said.get(i)).startsWith("answered {").contains("\"result\":{}");
            }
            for (int i : new int[] {4, 5}) {
                assertThat(said.get(i))
                        .startsWith("refused ")
                        .contains("'httpVersion' is 2", SharedClient.HTTP_2_LIBRARY, "leave the parameter out");
            }
            assertThat(plain.seen).hasSize(3);
            assertThat(secure.seen).hasSize(2);
            assertThat(tunnels.tunnels).hasSize(1);
        }
    }

    @Test
    void the_version_that_is_named_is_the_one_that_is_tested() {
        ClassLoader loader = Http2Client.class.getClassLoader();
        VersionInfo version = VersionInfo.loadVersionInfo("org.apache.hc.client5", loader);
        assertThat(version).isNotNull();
        assertThat(SharedClient.HTTP_2_LIBRARY)
                .isEqualTo("org.apache.httpcomponents.client5:httpclient5:" + version.getRelease());
    }
}
