package io.mcpdrivers.integration.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What nobody may see but the server. */
class SecretsTest extends HttpTestBase {

    @TempDir
    Path folder;

    @Test
    void no_secret_is_in_logs_of_any_level_nor_in_messages_status_or_jmx() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                TalkativeApplication.class.getName()));
        List<String> urls = new ArrayList<>();
        for (String era : List.of("era=legacy", "era=modern")) {
            urls.add(server(era).url());
            urls.add(server(era, "fault.call=status:500,body:html").url());
            urls.add(server(era, "fault.post=status:401").url());
            urls.add(server(era, "fault.call=reset:after").url());
        }
        urls.add("http://127.0.0.1:1/mcp");
        for (String url : urls) {
            command.add(uri(
                    url.replace("http://", "http://user:" + SECRET + "@"), "header.Authorization=Bearer%20" + SECRET));
        }
        command.add(uri(urls.get(0).replace("http://", "http://user:" + SECRET + "@")));
        Path output = folder.resolve("output");
        Process application = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(application.waitFor(100, TimeUnit.SECONDS)).isTrue();
        } finally {
            application.destroyForcibly();
        }
        String basic = Base64.getEncoder().encodeToString(("user:" + SECRET).getBytes(StandardCharsets.UTF_8));
        List<String> lines = Files.readAllLines(output);
        assertThat(lines.contains("done")).isTrue();
        assertThat(lines.stream()
                        .filter(line -> line.contains(SECRET) || line.contains(basic))
                        .limit(10))
                .isEmpty();
    }
}
