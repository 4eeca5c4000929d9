package io.mcpdrivers.pool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from time to time how much memory the processes of the connections use, and has those replaced that use too much.
 * Runs on a thread of the pool that may block.
 */
final class MemoryWatch {

    /** Gives the processes of this machine. */
    interface Probe {
        @Nullable
        ProcessTable read() throws IOException;
    }

    private record Used(PooledSlot slot, long bytes) {}

    private static final long MEGABYTE = 1024 * 1024;

    private static final Logger log = LoggerFactory.getLogger(MemoryWatch.class);

    private final Collection<ServerPool> servers;
    private final long maxPoolMemory;
    private final Probe probe;
    private final SingleFlight looking;
    private volatile boolean unknown;

    MemoryWatch(Collection<ServerPool> servers, long maxPoolMemory, Probe probe) {
        this.servers = servers;
        this.maxPoolMemory = maxPoolMemory;
        this.probe = probe;
        this.looking = new SingleFlight(PoolServices.BACKGROUND, this::look);
    }

    /** Has a thread look, if any limit is set. Does not block. */
    void request() {
        if (!unknown && isLimited()) {
            looking.request();
        }
    }

    private boolean isLimited() {
        return maxPoolMemory > 0
                || servers.stream().anyMatch(server -> server.settings().maxProcessMemory() > 0);
    }

    private void look() {
        List<PooledSlot> slots = new ArrayList<>();
        for (ServerPool server : servers) {
            for (PooledSlot slot : server.lending().slots()) {
                if (slot.processId() >= 0 && !slot.isLeaving()) {
                    slots.add(slot);
                }
            }
        }
        if (slots.isEmpty()) {
            return;
        }
        ProcessTable table;
        try {
            table = probe.read();
        } catch (IOException e) {
            log.debug("The memory of the servers cannot be looked at this time", e);
            return;
        }
        if (table == null) {
            unknown = true;
            log.warn(
                    "This system does not show the memory of processes; maxProcessMemory and maxPoolMemory have no effect");
            return;
        }
        judge(slots, table);
    }

    private void judge(List<PooledSlot> slots, ProcessTable table) {
        List<Used> fit = new ArrayList<>();
        long total = 0;
        for (PooledSlot slot : slots) {
            long bytes = table.residentOfTree(slot.processId());
            long limit = slot.server.settings().maxProcessMemory();
            if (limit > 0 && bytes > limit) {
                replace(slot, bytes, "maxProcessMemory", limit);
            } else {
                fit.add(new Used(slot, bytes));
                total += bytes;
            }
        }
        if (maxPoolMemory == 0) {
            return;
        }
        fit.sort(Comparator.comparingLong(Used::bytes).reversed());
        for (Used most : fit) {
            if (total <= maxPoolMemory) {
                return;
            }
            replace(most.slot, most.bytes, "maxPoolMemory", maxPoolMemory);
            total -= most.bytes;
        }
    }

    private static void replace(PooledSlot slot, long bytes, String setting, long limit) {
        log.warn(
                "A connection to server '{}' is replaced when no lease uses it: its processes use {} MiB of memory, and {} is"
                        + " {} MiB",
                slot.server.name(),
                bytes / MEGABYTE,
                setting,
                limit / MEGABYTE);
        slot.server.departures().evict(slot, EvictionReason.MEMORY);
    }
}
