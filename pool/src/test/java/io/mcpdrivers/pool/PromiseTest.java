package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpPoolExhaustedException;
import io.mcpdrivers.engine.PhysicalConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is counted stays counted, whatever goes wrong. */
class PromiseTest extends PoolTestBase {

    /** A clock that stops the thread that looks for what has expired. */
    private final class StoppingTicker implements Ticker {
        final CountDownLatch looking = new CountDownLatch(1);
        final CountDownLatch gate = new CountDownLatch(1);
        volatile Thread stopped;

        @Override
        public long now() {
            if (Thread.currentThread() == stopped && isLooking()) {
                looking.countDown();
                try {
                    // Longer than anything is waited for.
                    gate.await(3 * SOON.toSeconds(), TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return clock.now();
        }

        private boolean isLooking() {
            return StackWalker.getInstance()
                    .walk(frames ->
                            frames.anyMatch(frame -> frame.getClassName().equals(ExpiryPolicy.class.getName())));
        }
    }

    @Test
    void a_connection_that_is_held_back_is_not_waited_for_longer_than_max_wait_and_stays_available() throws Exception {
        MemoryServer server = legacy();
        StoppingTicker ticker = new StoppingTicker();
        McpPool pool = build(builder().ticker(ticker).maxTotalPerKey(1));
        pool.getConnection(server.uri()).close();
        CompletableFuture<Void> looks = async(() -> {
            ticker.stopped = Thread.currentThread();
            pool.tend();
            return null;
        });
        ticker.looking.await();
        long begun = System.nanoTime();
        assertThatThrownBy(() -> pool.getConnection(server.uri() + "?maxWait=50ms"))
                .isInstanceOf(McpPoolExhaustedException.class);
        assertThat(System.nanoTime() - begun).isLessThan(SOON.toNanos());
        CompletableFuture<McpConnection> interrupted = async(() -> {
            Thread.currentThread().interrupt();
            return pool.getConnection(server.uri());
        });
        assertThat(failure(interrupted)).hasMessageContaining("Interrupted");
        CompletableFuture<McpConnection> patient = async(() -> pool.getConnection(server.uri()));
        ticker.gate.countDown();
        get(looks);
        get(patient).close();
        assertThat(server.startAttempts).hasValue(1);
        pool.getConnection(server.uri() + "?maxWait=0").close();
    }

    @Test
    void a_check_that_fails_with_an_error_leaves_no_lease() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1));
        pool.getConnection(server.uri()).close();
        clock.advance(Duration.ofSeconds(10));
        server.pingError = new StackOverflowError("as told");
        assertThatThrownBy(() -> pool.getConnection(server.uri() + "?aliveBypass=0"))
                .isInstanceOf(StackOverflowError.class);
        server.pingError = null;
        eventually(() -> status(pool, server).connections() == 0);
        pool.getConnection(server.uri()).close();
        assertThat(status(pool, server).leases()).isZero();
    }

    @Test
    void a_future_whose_repetition_cannot_be_decided_fails_and_leaves_no_call_behind() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = pool();
        PooledLease lease = (PooledLease) pool.getConnection(server.uri());
        CompletableFuture<String> future = lease.runAsync(
                new Call<>() {
                    @Override
                    public String make(PhysicalConnection connection, CallOptions options) {
                        return "made";
                    }

                    @Override
                    public CompletableFuture<String> makeAsync(PhysicalConnection connection, CallOptions options) {
                        return CompletableFuture.completedFuture("made");
                    }

                    @Override
                    public Call<String> again(String result, Throwable failure) {
                        throw new IllegalStateException("as told");
                    }
                },
                CallOptions.defaults());
        assertThat(failure(future)).isInstanceOf(IllegalStateException.class).hasMessage("as told");
        lease.close();
        assertThat(status(pool, server).idle()).isEqualTo(1);
    }

    @Test
    void nothing_is_warmed_once_the_pool_is_closing() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().minIdle(1).server(server.name, server.uri()));
        ServerPool found = pool.directory().route(server.name).server();
        eventually(() -> {
            pool.tend();
            return status(pool, server).idle() == 1;
        });
        pool.services().close();
        server.process(0).kill();
        eventually(() -> status(pool, server).connections() == 0);
        found.lending().warm();
        assertThat(status(pool, server).starting()).isZero();
        assertThat(server.startAttempts).hasValue(1);
    }
}
