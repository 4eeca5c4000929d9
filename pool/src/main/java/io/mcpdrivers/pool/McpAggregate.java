package io.mcpdrivers.pool;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.Tool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tools of many servers as if they were those of one, for a model that is to choose among them all.
 *
 * <pre>{@code
 * McpAggregate all = McpAggregate.of(pool);
 * for (AggregatedTool tool : all.listTools().tools()) {
 *     System.out.println(tool.name() + ": " + tool.original().description());
 * }
 * all.callTool("files__read_file", Map.of("path", "/data/notes.txt"));
 * }</pre>
 *
 * <p>A server that cannot be asked is reported beside the tools of the others, never in place of them. Lists are kept, and
 * asked for again when their server has said that they changed ({@code notifications/tools/list_changed}; servers of revision
 * 2026-07-28 are asked to, by {@code subscriptions/listen}) or can no longer say so, when they are
 * older than {@link Builder#refreshAfter}, when they could not be had, and when a name is called that is not known. It uses
 * the pool's connections and owns none, so there is nothing to close. Thread-safe.
 */
public final class McpAggregate {

    private static final int INVALID_PARAMS = -32602;
    private static final int METHOD_NOT_FOUND = -32601;

    private final McpPool pool;
    private final @Nullable Map<String, String> chosen;
    private final AggregateLists lists;
    /** The tools by name, those of servers that cannot be reached now included. */
    private volatile Map<String, AggregatedTool> byName = Map.of();

    private McpAggregate(Builder builder) {
        this.pool = builder.pool;
        this.chosen = builder.servers.isEmpty() ? null : new TreeMap<>(builder.servers);
        this.lists = new AggregateLists(pool, builder.atOnce, builder.timeout, builder.refreshAfter);
    }

    /**
     * The tools of all servers that are configured and enabled, now or later.
     *
     * @param pool where the connections come from
     * @return the aggregate
     */
    public static McpAggregate of(McpPool pool) {
        return builder(pool).build();
    }

    /**
     * Begins to choose servers and limits.
     *
     * @param pool where the connections come from
     * @return a builder with the defaults
     */
    public static Builder builder(McpPool pool) {
        return new Builder(pool);
    }

    /**
     * The tools of all servers. Asks those whose list is not known or may have changed, some at a time, each for at most
     * {@link Builder#timeout}.
     *
     * @return the tools, and the servers that could not be asked
     * @throws io.mcpdrivers.McpInterruptedException if the thread was interrupted
     */
    public AggregatedTools listTools() {
        Map<String, String> servers = servers();
        Map<String, String> stale = new LinkedHashMap<>();
        servers.forEach((server, target) -> {
            if (lists.isStale(server, target)) {
                stale.put(server, target);
            }
        });
        return refresh(servers, stale);
    }

    /**
     * Whether {@link #listTools()} would ask any server, since its tools may have changed.
     *
     * @return true if so; no I/O
     */
    public boolean isStale() {
        return servers().entrySet().stream().anyMatch(entry -> lists.isStale(entry.getKey(), entry.getValue()));
    }

    private AggregatedTools refresh(Map<String, String> servers, Map<String, String> asked) {
        lists.refresh(asked);
        lists.retain(servers.keySet());
        Map<String, List<Tool>> known = new LinkedHashMap<>();
        Map<String, McpException> unreachable = new LinkedHashMap<>();
        for (String server : servers.keySet()) {
            AggregateLists.Listed listed = lists.of(server);
            if (listed != null) {
                known.put(server, listed.tools());
                if (listed.failure() != null) {
                    unreachable.put(server, listed.failure());
                }
            }
        }
        Map<String, AggregatedTool> named = AggregateNames.name(known);
        byName = named;
        List<AggregatedTool> tools = new ArrayList<>();
        for (AggregatedTool tool : named.values()) {
            if (!unreachable.containsKey(tool.server())) {
                tools.add(tool);
            }
        }
        return new AggregatedTools(tools, unreachable);
    }

    /**
     * Calls a tool on its server, as {@link McpConnection#callTool(String, Object)} does.
     *
     * @param name the tool's name here
     * @param arguments its arguments, or null for none
     * @return the result
     * @throws McpException if no server has that tool, or the call fails
     */
    public CallToolResult callTool(String name, @Nullable Object arguments) {
        return callTool(name, arguments, CallOptions.defaults());
    }

    /**
     * As {@link #callTool(String, Object)}, with options.
     *
     * @param name the tool's name here
     * @param arguments its arguments, or null for none
     * @param options the options of the call
     * @return the result
     * @throws McpException if no server has that tool, or the call fails
     */
    public CallToolResult callTool(String name, @Nullable Object arguments, CallOptions options) {
        AggregatedTool tool = find(Objects.requireNonNull(name, "name"));
        String target = servers().get(tool.server());
        if (target == null) {
            throw unknown(name);
        }
        try (McpConnection connection = pool.getConnection(target)) {
            return connection.callTool(tool.original().name(), arguments, options);
        } catch (McpRequestException e) {
            if (e.code() == INVALID_PARAMS || e.code() == METHOD_NOT_FOUND) {
                // It may no longer have that tool.
                lists.forget(tool.server());
            }
            throw e;
        }
    }

    /**
     * What a name stands for.
     *
     * @param name a tool's name here
     * @return the tool with its server and original name
     * @throws McpException if no server has that tool, as far as they can be asked
     */
    public AggregatedTool find(String name) {
        AggregatedTool found = byName.get(name);
        if (found != null) {
            return found;
        }
        Map<String, String> servers = servers();
        Map<String, String> asked = new LinkedHashMap<>();
        servers.forEach((server, target) -> {
            if (lists.isWorthAsking(server)) {
                asked.put(server, target);
            }
        });
        refresh(servers, asked);
        found = byName.get(name);
        if (found == null) {
            throw unknown(name);
        }
        return found;
    }

    private McpException unknown(String name) {
        return UnknownTool.refusal(name, pool.directory(), chosen == null, failures(), byName.values());
    }

    /** Why servers could not be asked, by their names. */
    private Map<String, McpException> failures() {
        Map<String, McpException> failures = new TreeMap<>();
        for (String server : servers().keySet()) {
            AggregateLists.Listed listed = lists.of(server);
            if (listed != null && listed.failure() != null) {
                failures.put(server, listed.failure());
            }
        }
        return failures;
    }

    /** What to connect to, by server. */
    private Map<String, String> servers() {
        if (chosen != null) {
            return chosen;
        }
        Map<String, String> servers = new TreeMap<>();
        for (ServerEntry entry : pool.directory().configuration().servers().values()) {
            if (pool.directory().isEnabled(entry)) {
                servers.put(entry.name(), entry.name());
            }
        }
        return servers;
    }

    /** Chooses servers and limits. Not thread-safe. */
    public static final class Builder {

        private final McpPool pool;
        private final Map<String, String> servers = new TreeMap<>();
        private int atOnce = 8;
        private Duration timeout = Duration.ofSeconds(30);
        private Duration refreshAfter = Duration.ofMinutes(1);

        private Builder(McpPool pool) {
            this.pool = Objects.requireNonNull(pool, "pool");
        }

        /**
         * Adds a server. Without any, those that are configured and enabled are taken.
         *
         * @param name what it is called in the names of its tools
         * @param uriOrServerName what to connect to, as in {@link McpPool#getConnection}
         * @return this builder
         */
        public Builder server(String name, String uriOrServerName) {
            servers.put(
                    Objects.requireNonNull(name, "name"), Objects.requireNonNull(uriOrServerName, "uriOrServerName"));
            return this;
        }

        /**
         * How many servers are asked for their tools at the same time.
         *
         * @param most at least 1; default 8
         * @return this builder
         */
        public Builder atOnce(int most) {
            if (most < 1) {
                throw new IllegalArgumentException("atOnce must be at least 1, but is " + most);
            }
            atOnce = most;
            return this;
        }

        /**
         * How long one server may take to list its tools, the time for a connection included.
         *
         * @param most longer than 0; default 30 s
         * @return this builder
         */
        public Builder timeout(Duration most) {
            if (most.isZero() || most.isNegative()) {
                throw new IllegalArgumentException("timeout must be longer than 0, but is " + most);
            }
            timeout = most;
            return this;
        }

        /**
         * How old a list may get that its server did not say has changed.
         *
         * @param age not negative; default 1 min
         * @return this builder
         */
        public Builder refreshAfter(Duration age) {
            refreshAfter = Objects.requireNonNull(age, "age");
            return this;
        }

        /**
         * Makes the aggregate. Does no I/O.
         *
         * @return the aggregate
         */
        public McpAggregate build() {
            return new McpAggregate(this);
        }
    }
}
