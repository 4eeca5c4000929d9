package io.mcpdrivers.pool;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.engine.PhysicalConnection;
import io.mcpdrivers.schema.Tool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The tool lists of many servers, each as it was last asked for; several are asked at once, each for a limited time. */
final class AggregateLists {

    /** A list that was asked for within this time is not asked for again because of an unknown name. */
    private static final long LEAST_AGE_NANOS = 1_000_000_000L;

    /**
     * What came of asking a server.
     *
     * @param tools its tools; those it had before if it could not be asked
     * @param failure why it could not be asked, or null
     * @param version the version of the list as far as the server tells of changes
     */
    record Listed(List<Tool> tools, @Nullable McpException failure, Object version, long at) {}

    private final McpPool pool;
    private final int atOnce;
    private final Duration timeout;
    private final long refreshNanos;
    private final Map<String, Listed> lists = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Listed>> running = new ConcurrentHashMap<>();

    AggregateLists(McpPool pool, int atOnce, Duration timeout, Duration refreshAfter) {
        this.pool = pool;
        this.atOnce = atOnce;
        this.timeout = timeout;
        this.refreshNanos = SettingValues.nanos(refreshAfter);
    }

    @Nullable
    Listed of(String server) {
        return lists.get(server);
    }

    /** Has a server asked again the next time. */
    void forget(String server) {
        lists.computeIfPresent(server, (name, known) -> new Listed(known.tools, known.failure, new Object(), known.at));
    }

    void retain(Collection<String> servers) {
        lists.keySet().retainAll(servers);
    }

    boolean isStale(String server, String target) {
        Listed known = lists.get(server);
        return known == null
                || known.failure != null
                || !known.version.equals(version(target))
                || pool.services().now() - known.at >= refreshNanos;
    }

    /** Whether asking again might show what was not there before. */
    boolean isWorthAsking(String server) {
        Listed known = lists.get(server);
        return known == null || pool.services().now() - known.at >= LEAST_AGE_NANOS;
    }

    /**
     * Asks servers for their tools, and waits for all answers.
     *
     * @param targets what to connect to, by server
     * @throws McpInterruptedException if the thread is interrupted; what was begun goes on
     */
    void refresh(Map<String, String> targets) {
        List<CompletableFuture<Listed>> awaited = new ArrayList<>();
        List<String> mine = new ArrayList<>();
        targets.forEach((server, target) -> {
            CompletableFuture<Listed> fresh = new CompletableFuture<>();
            CompletableFuture<Listed> other = running.putIfAbsent(server, fresh);
            awaited.add(other == null ? fresh : other);
            if (other == null) {
                mine.add(server);
            }
        });
        List<CompletableFuture<Void>> begun = new AtOnce(pool.services().background(), atOnce).map(mine, server -> {
            ask(server, String.valueOf(targets.get(server)));
            return null;
        });
        for (int i = 0; i < begun.size(); i++) {
            String server = mine.get(i);
            var unused = begun.get(i).whenComplete((nothing, e) -> {
                CompletableFuture<Listed> failed = e == null ? null : running.remove(server);
                if (failed != null) {
                    failed.completeExceptionally(e);
                }
            });
        }
        for (CompletableFuture<Listed> each : awaited) {
            try {
                each.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new McpInterruptedException("Interrupted while the tools were listed", e);
            } catch (ExecutionException e) {
                throw new McpException("Listing the tools failed: " + e.getCause(), e);
            }
        }
    }

    private void ask(String server, String target) {
        Object version = version(target);
        List<Tool> tools = List.of();
        McpException failure = null;
        try {
            Asked asked = list(server, target);
            tools = asked.tools;
            version = asked.version;
        } catch (McpException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = new McpException("The tools of server '" + server + "' cannot be listed: " + e, e);
        }
        if (failure != null) {
            Listed before = lists.get(server);
            tools = before == null ? List.of() : before.tools;
        }
        Listed listed = new Listed(tools, failure, version, pool.services().now());
        lists.put(server, listed);
        CompletableFuture<Listed> done = running.remove(server);
        if (done != null) {
            done.complete(listed);
        }
    }

    private record Asked(List<Tool> tools, Object version) {}

    private Asked list(String server, String target) {
        try (TimeLimit limit = new TimeLimit(pool.services().housekeeper(), timeout)) {
            try (McpConnection connection = pool.getConnection(target)) {
                ServerPool known = pool.directory().known(target);
                if (known != null) {
                    known.toolChanges().follow(connection.unwrap(PhysicalConnection.class));
                }
                // From before the list is asked for, so that no change is missed.
                Object version = version(target);
                return new Asked(connection.listTools(CallOptions.timeout(timeout)), version);
            } catch (McpInterruptedException e) {
                if (limit.isOver()) {
                    throw new McpTimeoutException(
                            "Server '" + server + "' did not list its tools within " + timeout.toMillis() + " ms",
                            true,
                            e);
                }
                throw e;
            }
        }
    }

    /** What changes when a server says that its tools have changed, or when the name means another server. */
    private Object version(String target) {
        ServerPool server = pool.directory().known(target);
        return server == null
                ? "unknown"
                : new Version(server.key(), server.toolChanges().count());
    }

    private record Version(ServerKey server, long changes) {}
}
