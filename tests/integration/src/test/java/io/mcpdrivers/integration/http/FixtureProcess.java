package io.mcpdrivers.integration.http;

import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Leftovers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A fixture server over HTTP with a heap and an end of its own. */
public final class FixtureProcess implements AutoCloseable {

    private final Process process;
    private final int port;

    private FixtureProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts one with these options. */
    public static FixtureProcess start(String... options) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Fixture.httpCommand(options));
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        Leftovers.mark(builder);
        Process process = builder.start();
        String line =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
        if (line == null || !line.startsWith("port ")) {
            process.destroyForcibly();
            throw new IllegalStateException("The server says '" + line + "' instead of its port");
        }
        return new FixtureProcess(process, Integer.parseInt(line.substring("port ".length())));
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** Its endpoint. */
    public String url() {
        return "http://127.0.0.1:" + port + "/mcp";
    }

    /** Its process. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Ends it in the way of a crash. */
    @Override
    public void close() {
        process.destroyForcibly();
        Await.result(process.onExit());
    }
}
