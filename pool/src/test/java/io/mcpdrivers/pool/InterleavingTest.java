package io.mcpdrivers.pool;

import io.mcpdrivers.McpPoolExhaustedException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
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

    private static ModelCheckingOptions options(int invocations) {
        return new ModelCheckingOptions()
                .iterations(0)
                .invocationsPerIteration(invocations)
                .minimizeFailedScenario(false);
    }

    /** Operations by name: some one after the other, then one on each of several threads, then some more. */
    private static ExecutionScenario scenario(Class<?> type, String before, String each, String after) {
        List<List<Actor>> threads = new ArrayList<>();
        actors(type, each).forEach(actor -> threads.add(List.of(actor)));
        return new ExecutionScenario(actors(type, before), threads, actors(type, after), null);
    }

    private static List<Actor> actors(Class<?> type, String names) {
        List<Actor> actors = new ArrayList<>();
        for (String name : names.isEmpty() ? new String[0] : names.split(" ")) {
            Method method = Arrays.stream(type.getMethods())
                    .filter(each -> each.getName().equals(name))
                    .findFirst()
                    .orElseThrow();
            boolean blocking = method.getAnnotation(Operation.class).blocking();
            actors.add(new Actor(method, List.of(), false, blocking, false, false, false));
        }
        return actors;
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
        ModelCheckingOptions options = options(60);
        for (String each : List.of("promise promise", "promise remove", "promise giveBack")) {
            options.addCustomScenario(scenario(Counts.class, "giveBack", each, "available"));
        }
        for (String each :
                List.of("breakPromise breakPromise", "breakPromise givePromiseBack", "breakPromise remove")) {
            options.addCustomScenario(scenario(Counts.class, "giveBack promise remove", each, "available"));
        }
        options.check(Counts.class);
    }

    /** The leases on one connection that two may share. */
    public static class Slot {
        private static final LendingRig RIG = new LendingRig(LendingRig.settings(2));
        private final PooledSlot slot = new PooledSlot(RIG.server, new StubConnection(), 0, 0);

        @Operation
        public boolean activate() {
            return slot.activate();
        }

        @Operation
        public boolean join() {
            return slot.join();
        }

        @Operation
        public boolean releaseShared() {
            return slot.releaseShared();
        }

        @Operation
        public String release() {
            return slot.release(true).toString();
        }

        @Operation
        public boolean retire() {
            return slot.retire(EvictionReason.ASKED);
        }

        @Operation
        public String remove() {
            return slot.remove().toString();
        }

        @Operation
        public boolean removeIfFree() {
            return slot.removeIfFree();
        }

        @Operation
        public String state() {
            return slot.leases() + (slot.isRetired() ? " retired" : "") + (slot.isRemoved() ? " removed" : "");
        }
    }

    /** What {@link Slot} is to do. */
    public static class SlotModel {
        private int leases;
        private boolean retired;
        private boolean removed;

        public boolean activate() {
            boolean free = leases == 0 && !removed;
            leases += free ? 1 : 0;
            return free;
        }

        public boolean join() {
            boolean room = leases == 1 && !retired && !removed;
            leases += room ? 1 : 0;
            return room;
        }

        public boolean releaseShared() {
            boolean shared = leases > 1;
            leases -= shared ? 1 : 0;
            return shared;
        }

        public String release() {
            leases--;
            if (leases > 0) {
                return "SHARED";
            }
            boolean last = retired && !removed;
            String result = removed ? "GONE" : last ? "REMOVE" : "FREE";
            removed |= last;
            retired = false;
            return result;
        }

        public boolean retire() {
            boolean used = leases > 0 && !removed;
            retired |= used;
            return used;
        }

        public String remove() {
            String result = removed ? "LOST" : leases == 0 ? "WAS_FREE" : "WAS_LEASED";
            removed = true;
            return result;
        }

        public boolean removeIfFree() {
            boolean free = leases == 0 && !removed;
            removed |= free;
            return free;
        }

        public String state() {
            return leases + (retired ? " retired" : "") + (removed ? " removed" : "");
        }
    }

    private static void checkSlot(String before, String... scenarios) {
        ModelCheckingOptions options = options(60).sequentialSpecification(SlotModel.class);
        for (String each : scenarios) {
            options.addCustomScenario(scenario(Slot.class, before, each, "state"));
        }
        options.check(Slot.class);
    }

    @Test
    void a_free_connection_is_leased_or_removed_by_one() {
        checkSlot("", "activate activate", "activate removeIfFree", "activate remove", "removeIfFree remove");
    }

    @Test
    void a_connection_in_use_is_joined_by_as_many_as_it_has_room_for() {
        checkSlot("activate", "join join", "join retire", "join remove", "join release");
        checkSlot("activate join", "join releaseShared", "join release");
    }

    @Test
    void the_last_lease_that_ends_decides_what_becomes_of_the_connection() {
        checkSlot("activate", "release retire", "release remove", "release removeIfFree");
        checkSlot(
                "activate join",
                "releaseShared releaseShared",
                "release releaseShared",
                "release release",
                "release retire",
                "release remove");
        checkSlot("activate join retire", "release release", "release remove");
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

        /** Waits for as long as it takes. */
        @Operation(blocking = true)
        public String lend() {
            return use(FOR_EVER);
        }

        /** Gives up at once. */
        @Operation
        public String tryToLend() {
            return use(0);
        }

        private String use(long maxWaitNanos) {
            PooledSlot slot;
            try {
                slot = rig.server.borrowing().borrow(maxWaitNanos);
            } catch (McpPoolExhaustedException e) {
                return "done";
            }
            if (slot != rig.slot || leases.incrementAndGet() > streams) {
                return "The connection is lent too often";
            }
            leases.decrementAndGet();
            rig.server.returns().release(slot);
            return "done";
        }

        @Operation
        public String state() {
            return rig.state();
        }
    }

    /** What all {@link Callers} are to find, and to leave behind. */
    public static class CallersModel {

        public String lend() {
            return "done";
        }

        public String tryToLend() {
            return "done";
        }

        public String state() {
            return LendingRig.UNUSED;
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

    private static void checkCallers(Class<? extends Callers> type, int invocations, String... scenarios) {
        ModelCheckingOptions options = options(invocations).sequentialSpecification(CallersModel.class);
        for (String each : scenarios) {
            options.addCustomScenario(scenario(type, "", each, "state"));
        }
        options.check(type);
    }

    @Test
    void whoever_waits_for_an_exclusive_connection_gets_it() {
        checkCallers(ExclusiveCallers.class, 100, "lend lend");
    }

    @Test
    void whoever_waits_for_a_shared_connection_gets_it() {
        checkCallers(SharingCallers.class, 60, "lend lend");
    }

    @Test
    void whoever_waits_gets_the_connection_though_others_give_up() {
        checkCallers(ExclusiveCallers.class, 25, "lend tryToLend");
    }
}
