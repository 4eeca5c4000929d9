package io.mcpdrivers.driver.stdio;

import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.StreamTransport;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Opens {@code mcp:stdio:<command>?arg=..&arg=..&env.NAME=..&cwd=..}: starts the command as a child process and speaks
 * to it, one message a line, over its standard input and output.
 *
 * <p>The command is looked up on the {@code PATH} that the child will have. The child gets an allow-listed part of this
 * process's environment, such as {@code HOME}, {@code PATH} and {@code LANG}, and what the URI adds. What it writes to
 * its standard error goes to the logger {@code io.mcpdrivers.server.<name>} at level INFO, and the last of it into the
 * exception if the server ends by itself.
 *
 * <p>Closing the transport closes the child's standard input, then asks it and all its descendants to terminate, then
 * kills them, each after a bounded wait. The driver ends nothing at the exit of the JVM: who opens a transport closes
 * it.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio">Specification: stdio</a>
 */
public final class StdioDriver implements McpDriver {

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(2);

    private static final List<DriverProperty> PROPERTIES = List.of(
            DriverProperty.of(
                            "arg", DriverProperty.Type.STRING, null, "One argument of the command; repeat it for more.")
                    .repeated(),
            DriverProperty.of(
                            "env.*",
                            DriverProperty.Type.STRING,
                            null,
                            "A variable of the server's environment, added to the inherited ones or in place of one.")
                    .secret(),
            DriverProperty.of(
                    "cwd",
                    DriverProperty.Type.STRING,
                    null,
                    "The server's working directory; by default that of this process."),
            DriverProperty.of(
                    "inheritEnv",
                    DriverProperty.Type.STRING,
                    null,
                    "Names of further variables that the server inherits from this process, separated by commas; a name"
                            + " may end in an asterisk, as in AWS_*."),
            DriverProperty.of(
                            "closeTimeout",
                            DriverProperty.Type.DURATION,
                            "5s",
                            "How long a server may take to end by itself after its input was closed, before SIGTERM.")
                    .clientSide(),
            DriverProperty.of(
                            "killTimeout",
                            DriverProperty.Type.DURATION,
                            "2s",
                            "How long a server may take to end after SIGTERM, before SIGKILL.")
                    .clientSide());

    /** Creates the driver; {@link java.util.ServiceLoader} does. */
    public StdioDriver() {}

    @Override
    public Set<String> schemes() {
        return Set.of("stdio");
    }

    @Override
    public List<DriverProperty> properties() {
        return PROPERTIES;
    }

    @Override
    public Transport open(McpUri uri, OpenOptions options) throws TransportException {
        Duration closeTimeout = uri.duration("closeTimeout", CLOSE_TIMEOUT);
        Duration killTimeout = uri.duration("killTimeout", KILL_TIMEOUT);
        ServerLabel label = new ServerLabel(options.serverName(), uri);
        Process process = new ServerLauncher(label).start();
        ProcessTree tree = new ProcessTree(process);
        try {
            ProcessChannel channel = new ProcessChannel(process, tree, label, closeTimeout, killTimeout);
            StreamTransport transport = new StreamTransport(channel.output(), channel.input(), options, channel);
            channel.supervise(transport);
            return transport;
        } catch (RuntimeException | Error e) {
            ProcessChannel.discard(process, tree);
            throw e;
        }
    }
}
