package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Opens servers for a test, closes what it left open, and sees that nothing of them is left. */
final class Servers implements AfterEachCallback {

    /** Long enough for any machine; a test that waits this long has failed. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<Transport> opened = new ArrayList<>();

    /** A URI that runs a shell script. */
    static McpUri.Builder shell(String script) {
        return McpUri.builder("stdio", "sh").add("arg", "-c").add("arg", script);
    }

    /** A URI that runs the main method of a class of these tests. */
    static McpUri.Builder java(Class<?> main, List<String> options, String... arguments) {
        McpUri.Builder builder = McpUri.builder("stdio", System.getProperty("java.home") + "/bin/java")
                .add("arg", "-XX:TieredStopAtLevel=1")
                .add("arg", "-Xshare:auto");
        options.forEach(option -> builder.add("arg", option));
        builder.add("arg", "-cp").add("arg", classPath()).add("arg", main.getName());
        for (String argument : arguments) {
            builder.add("arg", argument);
        }
        return builder;
    }

    static String classPath() {
        return String.join(
                File.pathSeparator,
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                System.getProperty("jdk.module.path", ""));
    }

    Transport open(McpUri.Builder uri) throws TransportException {
        return open(uri, OpenOptions.of("test"));
    }

    Transport open(McpUri.Builder uri, OpenOptions options) throws TransportException {
        Transport transport = new StdioDriver().open(uri.build(), options);
        opened.add(transport);
        return transport;
    }

    /** Opens and starts. */
    Transport open(McpUri.Builder uri, Recorder recorder) throws TransportException {
        Transport transport = open(uri);
        transport.start(recorder);
        return transport;
    }

    static void send(Transport transport, String message) throws TransportException {
        Envelope envelope = new Envelope(
                Envelope.Kind.NOTIFICATION, 0, "test", null, null, Map.of(), System.nanoTime() + PATIENCE.toNanos());
        transport.send(envelope, message.getBytes(StandardCharsets.UTF_8));
    }

    /** Waits until a condition holds. */
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** Whether a process runs; one that process 1 has still to reap does not. */
    static boolean runs(long pid) {
        return ProcessHandle.of(pid).map(ProcessTree::isRunning).orElse(false);
    }

    static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("mcp-"))
                .toList();
    }

    static List<String> children() {
        return ProcessHandle.current()
                .descendants()
                .map(process -> process.pid() + " "
                        + Optional.of(process.info())
                                .flatMap(ProcessHandle.Info::commandLine)
                                .orElse("?"))
                .toList();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        opened.forEach(Transport::close);
        opened.clear();
        assertThat(children()).as("processes left").isEmpty();
        await("no thread reads any longer", () -> threads().stream().noneMatch(name -> name.startsWith("mcp-read")));
    }
}
