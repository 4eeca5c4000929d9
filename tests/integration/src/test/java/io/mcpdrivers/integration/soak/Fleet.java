package io.mcpdrivers.integration.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The 20 servers, and the properties file that names them. */
final class Fleet implements AutoCloseable {

    private final Path file;
    private final List<FleetServer> servers;

    Fleet(Path folder) {
        file = folder.resolve("mcp-drivers.properties");
        servers = List.of(
                FleetServer.exclusive("s01", folder, "minIdle=1", "era=legacy"),
                FleetServer.stdio("s02", folder, "", "era=modern"),
                FleetServer.stdio("s03", folder, "streams=8", "era=dual"),
                FleetServer.exclusive("s04", folder, "maxUses=40", "era=legacy", "wrap=sh"),
                FleetServer.stdio("s05", folder, "maxAge=8s", "era=modern", "wrap=sh", "spawn.child=1"),
                FleetServer.exclusive("s06", folder, "", "era=legacy", "spawn.child=stubborn"),
                // Slow to start, the second for about as long as a caller waits.
                FleetServer.exclusive("s07", folder, "", "era=legacy", "start.delay=1500"),
                FleetServer.stdio("s08", folder, "", "era=modern", "start.delay=4000"),
                FleetServer.exclusive("s09", folder, "streams=1 aliveBypass=0", "era=modern"),
                // Ends with SIGKILL alone.
                FleetServer.exclusive("s10", folder, "", "era=legacy", "ignore.eof=1", "ignore.sigterm=1"),
                // Is broken now and then.
                FleetServer.exclusive("s11", folder, "", "era=legacy", "stderr.line=hello"),
                FleetServer.stdio("s12", folder, "maxAbandoned=4", "era=modern", "late.answers=1", "stdout.noise=1"),
                FleetServer.http("h13", folder, "", "era=legacy"),
                FleetServer.http("h14", folder, "", "era=modern"),
                FleetServer.http("h15", folder, "streams=4", "era=dual", "answer=sse"),
                FleetServer.http("h16", folder, "", "era=legacy", "transport=sse"),
                FleetServer.http("h17", folder, "keepalive=1s", "era=modern", "connection.requests=20"),
                FleetServer.http("h18", folder, "", "era=legacy", "fault.call=skip:50,every:200,session:lost"),
                FleetServer.http(
                        "h19",
                        folder,
                        "streams=8",
                        "era=legacy",
                        "answer=sse",
                        "resumable=1",
                        "fault.call=skip:20,every:30,break:cut"),
                FleetServer.http(
                        "h20",
                        folder,
                        "",
                        "era=modern",
                        "fault.call=skip:20,every:31,reset:served;skip:25,every:37,reset:after;"
                                + "skip:30,every:41,stall:headers;skip:35,every:43,delay:800"));
        servers.stream().filter(FleetServer::isHttp).forEach(FleetServer::start);
        write();
    }

    List<FleetServer> servers() {
        return servers;
    }

    Path file() {
        return file;
    }

    /** Writes the properties file, for the pool to read it again. */
    void write() {
        List<String> lines = new ArrayList<>();
        servers.forEach(server -> server.describe(lines));
        try {
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        servers.forEach(FleetServer::close);
    }
}
