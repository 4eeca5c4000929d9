package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.engine.Connector;
import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.Exchange;
import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportListener;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** As many servers as a gateway with a connection per user may have. */
class ManyKeysTest extends PoolTestBase {

    private static final int KEYS = 10_000;
    private static final int DIRECT = 2_000;
    /** About three times what was found, since it is no affair of this test how objects are laid out. */
    private static final long MOST_BYTES_PER_KEY = 16 * 1024;

    private final LightDriver driver = new LightDriver();

    @BeforeEach
    void register() {
        McpDrivers.register(driver);
    }

    @AfterEach
    void deregister() {
        McpDrivers.deregister(driver);
    }

    @Test
    void an_idle_key_costs_little_and_all_of_them_can_be_borrowed() {
        McpPool pool = pool();
        fill(pool, 0, 500);
        int more = KEYS - 500;
        long before = usedHeap();
        fill(pool, 500, KEYS);
        long perKey = (usedHeap() - before) / more;
        long connection = bytesPerConnection(DIRECT);
        System.out.printf("an idle key takes %d bytes of heap, of which its connection %d%n", perKey, connection);
        assertThat(perKey).as("bytes of an idle key").isLessThan(MOST_BYTES_PER_KEY);

        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < KEYS; i++) {
            try (McpConnection c = pool.getConnection(uri(random.nextInt(KEYS)))) {
                assertThat(c.isClosed()).isFalse();
            }
        }
        PoolStatus status = pool.status();
        assertThat(status.idle()).isEqualTo(KEYS);
        assertThat(status.leases()).isZero();
        assertThat(driver.opened).hasValue(KEYS + DIRECT);
        pool.close();
        assertThat(driver.live).hasValue(0);
    }

    private static String uri(int key) {
        return "mcp:light:" + key;
    }

    private static void fill(McpPool pool, int from, int to) {
        for (int i = from; i < to; i++) {
            pool.getConnection(uri(i)).close();
        }
    }

    /** What connections take that no pool holds. */
    private static long bytesPerConnection(int count) {
        List<McpConnection> connections = new ArrayList<>(count);
        long before = usedHeap();
        for (int i = 0; i < count; i++) {
            connections.add(Connector.open(Connector.prepare(McpUri.parse(uri(i)), null)));
        }
        long bytes = (usedHeap() - before) / count;
        connections.forEach(McpConnection::close);
        return bytes;
    }

    private static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    /** Its connections answer at once, on the thread that asks. */
    private static final class LightDriver implements McpDriver {
        private final AtomicInteger opened = new AtomicInteger();
        private final AtomicInteger live = new AtomicInteger();

        @Override
        public Set<String> schemes() {
            return Set.of("light");
        }

        @Override
        public List<DriverProperty> properties() {
            return List.of();
        }

        @Override
        public Transport open(McpUri uri, OpenOptions options) {
            opened.incrementAndGet();
            live.incrementAndGet();
            return new LightTransport(live);
        }
    }

    private static final class LightTransport implements Transport {
        private final AtomicInteger live;
        private TransportListener listener;
        private boolean closed;

        LightTransport(AtomicInteger live) {
            this.live = live;
        }

        @Override
        public void start(TransportListener told) {
            listener = told;
        }

        @Override
        public Exchange send(Envelope envelope, byte[] message) {
            if (envelope.kind() == Envelope.Kind.REQUEST) {
                String result = "initialize".equals(envelope.method())
                        ? "\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
                                + "\"serverInfo\":{\"name\":\"light\",\"version\":\"1\"}}"
                        : "\"error\":{\"code\":-32601,\"message\":\"Method not found\"}";
                byte[] answer = ("{\"jsonrpc\":\"2.0\",\"id\":" + envelope.id() + "," + result + "}")
                        .getBytes(StandardCharsets.UTF_8);
                listener.onMessage(answer, 0, answer.length);
            }
            return Exchange.NONE;
        }

        @Override
        public synchronized boolean isOpen() {
            return !closed;
        }

        @Override
        public void close() {
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
            }
            live.decrementAndGet();
            listener.onClosed(null);
        }
    }
}
