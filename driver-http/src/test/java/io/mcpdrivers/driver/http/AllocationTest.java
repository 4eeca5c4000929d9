package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guards what a small call costs in memory, on the thread that waits for it. */
class AllocationTest {

    private static final int WARM_UP = 3_000;
    private static final int CALLS = 3_000;
    private static final String RESULT = "{\"jsonrpc\":\"2.0\",\"id\":1234,\"result\":{\"content\":[{\"type\":\"text\","
            + "\"text\":\"The weather in Seattle is rainy, 11 degrees, with a light wind from the west.\"}]}}";
    private static final byte[] REQUEST = ("{\"jsonrpc\":\"2.0\",\"id\":1234,\"method\":\"tools/call\",\"params\":"
                    + "{\"name\":\"get_weather\",\"arguments\":{\"location\":\"Seattle\"}}}")
            .getBytes(StandardCharsets.US_ASCII);

    private static final class Counting implements TransportListener {
        int messages;

        @Override
        public void onMessage(byte[] buffer, int offset, int length) {
            messages++;
        }

        @Override
        public void onOversized(byte[] head, byte[] tail, long size) {}

        @Override
        public void onRequestFailed(long requestId, TransportException cause) {}

        @Override
        public void onClosed(TransportException cause) {}
    }

    private final Object threads;
    private final Method allocated;

    AllocationTest() {
        Object bean = null;
        Method method = null;
        try {
            // The test's module does not read that of the platform's beans.
            bean = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            method = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        } catch (ReflectiveOperationException e) {
            // Another JVM.
        }
        threads = bean;
        allocated = method;
    }

    private long allocated() throws ReflectiveOperationException {
        return (long) allocated.invoke(threads);
    }

    /** Measured on JDK 17: 1,000 bytes in JSON, 1,200 as an event. */
    @ParameterizedTest
    @CsvSource({"false, 1800", "true, 2200"})
    void a_small_call_allocates_little(boolean events, int most) throws Exception {
        assumeTrue(allocated != null);
        Counting listener = new Counting();
        try (ScriptedServer server = new ScriptedServer(r -> {
                    if (events) {
                        r.beginEvents();
                        r.chunk("event: message\ndata: " + RESULT + "\n\n");
                        r.endChunks();
                    } else {
                        r.json(RESULT);
                    }
                });
                Transport transport = new HttpDriver().open(McpUri.parse(server.uri()), OpenOptions.of("test"))) {
            transport.start(listener);
            call(transport, WARM_UP);
            long before = allocated();
            call(transport, CALLS);
            long each = (allocated() - before) / CALLS;
            assertThat(listener.messages).isEqualTo(WARM_UP + CALLS);
            assertThat(each).as("bytes per call").isLessThan(most);
        }
    }

    private static void call(Transport transport, int times) throws TransportException {
        for (int i = 0; i < times; i++) {
            transport.send(
                    new Envelope(
                            Envelope.Kind.REQUEST,
                            1234,
                            "tools/call",
                            Client.MODERN,
                            "get_weather",
                            Map.of(),
                            System.nanoTime() + 30_000_000_000L,
                            true),
                    REQUEST);
        }
    }
}
