package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.PooledObjectState;
import org.junit.jupiter.api.Test;

class StoredObjectTest extends PoolTestBase {

    private static final class Stored extends StoredObject<Stored> {
        @Override
        public Stored getObject() {
            return this;
        }

        @Override
        public String toString() {
            return "stored " + getState();
        }
    }

    @Test
    void one_that_is_taken_while_it_is_tested_goes_back_when_the_test_ends() {
        LinkedBlockingDeque<PooledObject<Stored>> idle = new LinkedBlockingDeque<>();
        Stored stored = new Stored();
        assertThat(stored.startEvictionTest()).isTrue();
        assertThat(stored.allocate()).isFalse();
        assertThat(stored.endEvictionTest(idle)).isFalse();
        assertThat(idle).containsExactly(stored);
        assertThat(stored.allocate()).isTrue();
        assertThat(stored.startEvictionTest()).isFalse();
        stored.markReturning();
        assertThat(stored.deallocate()).isTrue();
        assertThat(stored.deallocate()).isFalse();
        stored.invalidate();
        assertThat(stored.allocate()).isFalse();
        assertThat(stored.getState()).isEqualTo(PooledObjectState.INVALID);
    }

    @Test
    void it_is_never_lost_between_a_borrower_and_the_test_for_expiry() throws Exception {
        LinkedBlockingDeque<PooledObject<Stored>> idle = new LinkedBlockingDeque<>();
        Stored stored = new Stored();
        idle.add(stored);
        CountDownLatch testing = new CountDownLatch(1);
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> tester = async(() -> {
            testing.countDown();
            while (!stop.get()) {
                if (stored.startEvictionTest()) {
                    stored.endEvictionTest(idle);
                }
            }
            return null;
        });
        assertThat(testing.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        int borrowed = 0;
        long begun = System.nanoTime();
        long enough = begun + TimeUnit.MILLISECONDS.toNanos(700);
        do {
            PooledObject<Stored> taken = idle.pollFirst();
            if (taken != null && taken.allocate()) {
                borrowed++;
                taken.markReturning();
                assertThat(taken.deallocate()).isTrue();
                idle.addFirst(taken);
            }
        } while (System.nanoTime() - enough < 0 || (borrowed == 0 && System.nanoTime() - begun < SOON.toNanos()));
        stop.set(true);
        get(tester);
        assertThat(idle).containsExactly(stored);
        assertThat(borrowed).isPositive();
    }
}
