package io.mcpdrivers.integration.soak;

import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.PoolEvent;
import io.mcpdrivers.pool.PoolStatus;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/** What is left of a pool once it is closed, and of all that it has used. Nothing should be. */
final class Remains {

    /** Threads that wait a while for further work are given the time to end. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Map<String, Long> left = new LinkedHashMap<>();
    private final Outcomes outcomes;

    Remains(Outcomes outcomes) {
        this.outcomes = outcomes;
    }

    /** How many of each are left. */
    Map<String, Long> left() {
        return left;
    }

    /** Looks at what the pool and its events say. */
    void ofPool(McpPool pool, Ledger ledger, long leases) {
        look(
                "connections made and not closed (events)",
                "",
                () -> ledger.count(PoolEvent.Type.CREATED) - ledger.count(PoolEvent.Type.EVICTED));
        look(
                "leases taken and not given back (events)",
                "",
                () -> ledger.count(PoolEvent.Type.BORROWED) - ledger.count(PoolEvent.Type.RETURNED));
        look(
                "leases that borrowers got and the pool did not tell of",
                "",
                () -> leases - ledger.count(PoolEvent.Type.BORROWED));
        PoolStatus status = pool.status();
        look("leases (status)", status, () -> pool.status().leases());
        look(
                "connections, and with them permits (status)",
                status,
                () -> pool.status().connections());
        look(
                "active, idle, starting (status)",
                status,
                () -> pool.status().active()
                        + pool.status().idle()
                        + pool.status().starting());
        look("waiting callers (status)", status, () -> pool.status().waiting());
        look("JMX beans", "", () -> beans().size());
    }

    /** Looks at what it has registered to be measured. */
    void ofMeters(MeterRegistry meters) {
        look("meters of the pool", "", () -> metersOfPools(meters));
    }

    /** How many meters of pools there are; those of connections stay. */
    static long metersOfPools(MeterRegistry meters) {
        return meters.getMeters().stream()
                .filter(meter -> meter.getId().getName().startsWith("mcp.pool"))
                .count();
    }

    /** Looks at what the system says. */
    void ofSystem(int descriptorsBefore) {
        look(
                "processes, grandchildren included",
                "",
                () -> Leftovers.processes().size());
        Leftovers.processes().forEach(process -> outcomes.finding("left: process " + process));
        look("zombies", "", () -> Leftovers.zombies().size());
        look("threads", "", () -> threads().size());
        threads().forEach(thread -> outcomes.finding("left: thread " + thread));
        look("file descriptors", "", () -> Math.max(0, Leftovers.descriptors() - descriptorsBefore));
    }

    void look(String what, Object about, LongSupplier count) {
        Await.within(PATIENCE, () -> count.getAsLong() == 0);
        long found = count.getAsLong();
        left.put(what, found);
        if (found != 0) {
            outcomes.finding("left: " + found + " " + what + " " + about);
        }
    }

    /** The threads of the library. */
    private static Set<String> threads() {
        Set<String> names = new TreeSet<>();
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("mcp-"))
                .forEach(thread -> names.add(thread.getName()));
        return names;
    }

    private static Set<ObjectName> beans() {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            return server.queryNames(new ObjectName("io.mcpdrivers:*"), null);
        } catch (MalformedObjectNameException e) {
            throw new IllegalStateException(e);
        }
    }
}
