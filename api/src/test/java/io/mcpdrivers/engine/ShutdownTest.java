package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportListener;
import io.mcpdrivers.testing.FoundDriver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of connections when the JVM exits, seen from outside of one. */
class ShutdownTest {

    @ParameterizedTest
    @ValueSource(strings = {"opening", "handshake", "failed"})
    void what_is_being_opened_while_the_jvm_exits_is_closed(String moment) throws Exception {
        assertThat(run(moment)).contains("transport opened", "transport closed");
    }

    @Test
    void nothing_is_opened_once_the_jvm_exits() throws Exception {
        assertThat(run("late")).contains("refused: No connection").doesNotContain("transport opened");
    }

    @Test
    void what_is_open_is_closed_after_the_pools() throws Exception {
        assertThat(run("pool")).containsSubsequence("pool closed", "transport closed");
    }

    private static String run(String moment) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Main.class.getName(),
                        moment)
                .redirectErrorStream(true)
                .start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(output).isTrue();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    /** The JVM that exits. */
    public static final class Main {

        public static void main(String[] arguments) throws Exception {
            String moment = arguments[0];
            CountDownLatch opening = new CountDownLatch(1);
            McpDrivers.register(new SlowDriver(moment, opening));
            switch (moment) {
                case "late" -> {
                    ShutdownSequence.register(() -> {});
                    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                        while (!ShutdownSequence.isStarted()) {
                            Thread.onSpinWait();
                        }
                        tryToOpen();
                    }));
                    System.exit(0);
                }
                case "pool" -> ShutdownSequence.register(() -> System.out.println("pool closed"));
                default -> {}
            }
            Thread opener = new Thread(Main::tryToOpen);
            opener.setDaemon(true);
            opener.start();
            opening.await();
            System.exit(0);
        }

        private static void tryToOpen() {
            try {
                McpDrivers.open("mcp:slow:x?connectTimeout=20s");
            } catch (RuntimeException e) {
                System.out.println("refused: " + e.getMessage());
            }
        }
    }

    /** Takes its time to open, if that is the moment, and says what happens. */
    private static final class SlowDriver extends FoundDriver {
        private final String moment;
        private final CountDownLatch opening;

        SlowDriver(String moment, CountDownLatch opening) {
            this.moment = moment;
            this.opening = opening;
        }

        @Override
        public Set<String> schemes() {
            return Set.of("slow");
        }

        @Override
        public Transport open(McpUri uri, OpenOptions options) {
            if (moment.equals("opening")) {
                opening.countDown();
                // Until the exit has begun.
                long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(4);
                while (!ShutdownSequence.isStarted() && System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
            }
            System.out.println("transport opened");
            return new Transport() {
                @Override
                public void start(TransportListener listener) {
                    if (moment.equals("failed")) {
                        throw new IllegalStateException("cannot start");
                    }
                }

                @Override
                public Exchange send(Envelope envelope, byte[] message) {
                    opening.countDown();
                    return Exchange.NONE;
                }

                @Override
                public boolean isOpen() {
                    return true;
                }

                @Override
                public void close() {
                    opening.countDown();
                    try {
                        // Long enough for an exit that does not wait.
                        new CountDownLatch(1).await(300, TimeUnit.MILLISECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    System.out.println("transport closed");
                }
            };
        }
    }
}
