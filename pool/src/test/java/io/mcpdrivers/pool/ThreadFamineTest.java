package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** For some time no thread can be had: nothing is lost by that for ever. */
class ThreadFamineTest extends PoolTestBase {

    private final AtomicInteger attempts = new AtomicInteger();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final LendingRig rig = new LendingRig(settings(), new StubConnection() {
        @Override
        public CompletableFuture<Void> closeAsync() {
            if (attempts.incrementAndGet() == 1) {
                throw new OutOfMemoryError("unable to create native thread, as told");
            }
            return end;
        }
    });

    /** A caller is told of the first start that fails. */
    private static SettingValues settings() {
        SettingValues settings = LendingRig.settings(1);
        settings.set("connectRetries", "0", "in a test");
        return settings;
    }

    @AfterEach
    void closeHousekeeper() {
        rig.services.housekeeper().close();
    }

    @Test
    void a_connection_that_cannot_be_closed_counts_until_it_was_closed_after_all() {
        PooledSlot slot = rig.server.borrowing().borrow(0);
        rig.server.returns().discard(slot, EvictionReason.INVALID);
        eventually(() -> attempts.get() == 2);
        assertThat(rig.server.lending().open()).isEqualTo(1);
        assertThat(rig.services.permits().used()).isEqualTo(1);
        end.complete(null);
        eventually(
                () -> rig.server.lending().open() == 0 && rig.services.permits().used() == 0);
        assertThat(attempts).hasValue(2);
    }

    @Test
    void who_waits_is_told_though_the_last_connection_cannot_be_closed() throws Exception {
        PooledSlot slot = rig.server.borrowing().borrow(0);
        CompletableFuture<PooledSlot> waits = async(() -> rig.server.borrowing().borrow(SOON.toNanos()));
        eventually(() -> rig.server.lending().waiting() == 1);
        rig.server.departures().remove(slot, EvictionReason.LOST);
        end.complete(null);
        // The rig can start none.
        assertThat(failure(waits)).hasMessageContaining("nothing is to be started");
    }

    @Test
    void what_needs_a_thread_is_done_when_there_is_one() {
        AtomicInteger failures = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        rig.services.housekeeper().persist(() -> {
            if (failures.getAndIncrement() == 0) {
                throw new OutOfMemoryError("unable to create native thread, as told");
            }
            done.countDown();
        });
        awaitQuietly(done);
        assertThat(done.getCount()).isZero();
        assertThat(failures).hasValue(2);
    }
}
