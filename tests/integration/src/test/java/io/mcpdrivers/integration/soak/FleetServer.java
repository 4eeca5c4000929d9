package io.mcpdrivers.integration.soak;

import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.integration.http.FixtureProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of the servers, as it is configured at the moment. One thread changes it, any may read it. */
final class FleetServer implements AutoCloseable {

    final String name;
    final Path records;
    private final boolean http;
    private final boolean exclusive;
    private final String settings;
    private final String[] options;
    private volatile @Nullable FixtureProcess process;
    private int generation;
    private int streams;
    private boolean configured = true;
    private boolean broken;

    private FleetServer(String name, boolean http, boolean exclusive, Path folder, String settings, String... options) {
        this.name = name;
        this.http = http;
        this.exclusive = exclusive;
        this.records = folder.resolve(name + ".records");
        this.settings = settings;
        this.options = options;
    }

    /** A process for each connection, which callers may share. */
    static FleetServer stdio(String name, Path folder, String settings, String... options) {
        return new FleetServer(name, false, false, folder, settings, options);
    }

    /** A process for each connection, each for one caller at a time. */
    static FleetServer exclusive(String name, Path folder, String settings, String... options) {
        return new FleetServer(name, false, true, folder, settings, options);
    }

    /** A process that serves all connections. */
    static FleetServer http(String name, Path folder, String settings, String... options) {
        return new FleetServer(name, true, false, folder, settings, options);
    }

    /** Whether each process serves one caller at a time. */
    boolean isExclusive() {
        return exclusive;
    }

    boolean isHttp() {
        return http;
    }

    /** Makes it another server for the pool. */
    void change() {
        generation++;
    }

    /** Changes a setting and not the server. */
    void changeSetting(int newStreams) {
        streams = newStreams;
    }

    void setConfigured(boolean now) {
        configured = now;
    }

    boolean isConfigured() {
        return configured;
    }

    /** Has its processes fail from the next start on, or no longer. */
    void setBroken(boolean now) {
        broken = now;
    }

    boolean isBroken() {
        return broken;
    }

    /** Starts a server over HTTP, on its old port if that is free. */
    void start() {
        try {
            FixtureProcess before = process;
            process = before == null ? FixtureProcess.start(options) : restart(before.port());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private FixtureProcess restart(int port) throws IOException {
        List<String> withPort = new ArrayList<>(Arrays.asList(options));
        withPort.add("port=" + port);
        try {
            return FixtureProcess.start(withPort.toArray(String[]::new));
        } catch (IllegalStateException e) {
            // Somebody else has taken the port: from now on it is configured elsewhere.
            return FixtureProcess.start(options);
        }
    }

    /** Ends a server over HTTP without a word. */
    void kill() {
        FixtureProcess running = process;
        if (running != null) {
            running.close();
        }
    }

    @Nullable
    ProcessHandle process() {
        FixtureProcess running = process;
        return running == null ? null : running.process();
    }

    /** Its lines in the properties file. */
    void describe(List<String> lines) {
        if (!configured) {
            return;
        }
        String prefix = "mcp.server." + name + ".";
        lines.add(prefix + "uri=" + uri());
        // With its name, since two names of the same server would share its connections.
        lines.add(prefix + (http ? "header.X-Generation=" : "env.SOAK_GENERATION=") + name + "-" + generation);
        lines.add(prefix + "requestTimeout=" + SoakPlan.REQUEST_TIMEOUT.toMillis() + "ms");
        lines.add(prefix + "connectTimeout=" + SoakPlan.CONNECT_TIMEOUT.toMillis() + "ms");
        if (streams > 0) {
            lines.add(prefix + "streams=" + streams);
        }
        for (String setting : settings.isEmpty() ? new String[0] : settings.split(" ", -1)) {
            lines.add(prefix + setting);
        }
    }

    private String uri() {
        FixtureProcess running = process;
        if (running != null) {
            boolean old = Arrays.asList(options).contains("transport=sse");
            return old ? "mcp:sse:http://127.0.0.1:" + running.port() + "/sse" : "mcp:" + running.url();
        }
        if (!broken) {
            return Leftovers.fixture(options);
        }
        String[] failing = Arrays.copyOf(options, options.length + 1);
        failing[options.length] = "start.exit=3";
        return Leftovers.fixture(failing);
    }

    @Override
    public void close() {
        kill();
    }
}
