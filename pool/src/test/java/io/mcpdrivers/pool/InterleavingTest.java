package io.mcpdrivers.pool;

import io.mcpdrivers.McpPoolExhaustedException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two threads in the lease layer, in many orders of their instructions, under Lincheck's model checker. Counters and slots
 * have to behave as if each operation happened in one instant; and one who waits for a connection always gets it in the
 * end, whatever the order.
 */
@Tag("interleavings")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class InterleavingTest {

    private static final long FOR_EVER = Long.MAX_VALUE / 4;

    private static ModelCheckingOptions options(int actors, int invocations) {
        return new ModelCheckingOptions()
                .threads(2)
                .actorsPerThread(actors)
                .actorsBefore(0)
                .actorsAfter(0)
                .invocationsPerIteration(invocations)
                .minimizeFailedScenario(false);
    }

    /** The number of free connections. */
    public static class Counts {
        private final LendingCounts counts = new LendingCounts();

        @Operation
        public boolean promise() {
            return counts.promise();
        }

        @Operation
        public void giveBack() {
            counts.addAvailable(1);
        }

        @Operation
        public void remove() {
            counts.addAvailable(-1);
        }

        @Operation
        public boolean breakPromise() {
            return counts.breakPromise();
        }

        @Operation
        public void givePromiseBack() {
            counts.givePromiseBack();
        }

        @Operation
        public int available() {
            return counts.available();
        }
    }

    @Test
    void counts_of_free_connections_change_in_one_instant() {
        options(3, 100).iterations(4).actorsBefore(2).check(Counts.class);
    }

    /** The leases on one connection. */
    public static class Slot {
        private static final LendingRig RIG = new LendingRig(LendingRig.settings(2));
        private final PooledSlot slot = new PooledSlot(RIG.server, new StubConnection(), 0, 0);

        @Operation
        public boolean activate() {
            return slot.activate();
        }

        @Operation
        public boolean join() {
            boolean joined = slot.join();
            if (slot.leases() > 2) {
                throw new IllegalStateException("More leases than the connection has room for");
            }
            return joined;
        }

        @Operation
        public boolean releaseShared() {
            return slot.releaseShared();
        }

        @Operation
        public boolean retire() {
            return slot.retire(EvictionReason.ASKED);
        }

        @Operation
        public boolean removeIfFree() {
            return slot.removeIfFree();
        }
    }

    @Test
    void leases_on_a_connection_are_counted_in_one_instant() {
        options(2, 40).iterations(10).actorsAfter(2).check(Slot.class);
    }

    /** Callers of a server with one connection, from borrowing to giving back. */
    abstract static class Callers {
        private final int streams;
        private final LendingRig rig;
        private final AtomicInteger leases = new AtomicInteger();

        Callers(int streams, SettingValues settings) {
            this.streams = streams;
            this.rig = new LendingRig(settings);
        }

        @Operation(blocking = true)
        public String lend() {
            return use(FOR_EVER);
        }

        private String use(long maxWaitNanos) {
            PooledSlot slot;
            try {
                slot = rig.server.borrowing().borrow(maxWaitNanos);
            } catch (McpPoolExhaustedException e) {
                return "done";
            }
            if (slot != rig.slot || leases.incrementAndGet() > streams) {
                throw new IllegalStateException("The connection is lent too often");
            }
            leases.decrementAndGet();
            rig.server.returns().release(slot);
            return "done";
        }

        /** Gives up at once. */
        String lendIfAtHand() {
            return use(0);
        }
    }

    /** Leases that have the connection for themselves. */
    public static class ExclusiveCallers extends Callers {
        private static final SettingValues SETTINGS = LendingRig.settings(1);

        public ExclusiveCallers() {
            super(1, SETTINGS);
        }
    }

    /** Leases that share the connection. */
    public static class SharingCallers extends Callers {
        private static final SettingValues SETTINGS = LendingRig.settings(2);

        public SharingCallers() {
            super(2, SETTINGS);
        }
    }

    /** Some of them do not wait. */
    public static class ImpatientCallers extends Callers {
        private static final SettingValues SETTINGS = LendingRig.settings(1);

        public ImpatientCallers() {
            super(1, SETTINGS);
        }

        @Operation
        public String tryToLend() {
            return lendIfAtHand();
        }
    }

    @Test
    void whoever_waits_for_an_exclusive_connection_gets_it() {
        options(1, 100).iterations(1).check(ExclusiveCallers.class);
    }

    @Test
    void whoever_waits_for_a_shared_connection_gets_it() {
        options(1, 60).iterations(1).check(SharingCallers.class);
    }

    @Test
    void whoever_waits_gets_the_connection_though_others_give_up() {
        options(1, 40).iterations(2).check(ImpatientCallers.class);
    }
}
