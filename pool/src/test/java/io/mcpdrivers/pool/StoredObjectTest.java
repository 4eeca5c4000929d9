package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
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
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(700);
        CompletableFuture<Void> tester = async(() -> {
            while (System.nanoTime() - until < 0) {
                if (stored.startEvictionTest()) {
                    stored.endEvictionTest(idle);
                }
            }
            return null;
        });
        int borrowed = 0;
        while (System.nanoTime() - until < 0) {
            PooledObject<Stored> taken = idle.pollFirst();
            if (taken != null && taken.allocate()) {
                borrowed++;
                taken.markReturning();
                assertThat(taken.deallocate()).isTrue();
                idle.addFirst(taken);
            }
        }
        get(tester);
        assertThat(idle).containsExactly(stored);
        assertThat(borrowed).isPositive();
    }
}
