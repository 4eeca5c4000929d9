package io.mcpdrivers.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.pool.EvictionReason;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.PoolBuilder;
import io.mcpdrivers.pool.PoolTime;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The meters of pools. */
class PoolMetricsTest extends PoolMetricsTestBase {

    @Test
    void a_setting_has_a_pool_measured_in_the_registry_that_all_share() {
        Metrics.addRegistry(registry);
        try (McpPool pool = McpPool.builder()
                .set("metrics", "true")
                .set("jmxNamePrefix", "shop")
                .server("one", Leftovers.fixture())
                .build()) {
            use(pool, "one");
            assertThat(value("mcp.pool.connections.idle", "one")).isEqualTo(1);
            assertThat(registry.find("mcp.client.operation.duration").timers()).isNotEmpty();
        } finally {
            Metrics.removeRegistry(registry);
        }
        assertThat(ofPools()).isEmpty();
        Metrics.globalRegistry.clear();
    }

    /** Those that are counted: a server has its meters for a moment before it is measured by them. */
    private double failedStarts() {
        return registry.find("mcp.pool.connections.creation.failures").functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum();
    }

    private List<String> ofPools() {
        return registry.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .filter(name -> name.startsWith("mcp.pool."))
                .toList();
    }

    @Test
    void the_meters_say_what_happens() {
        McpPool pool = build(builder().server("files", Leftovers.fixture()).maxTotalPerKey(3));
        use(pool, "files");
        McpConnection first = pool.getConnection("files");
        McpConnection second = pool.getConnection("files");
        Await.until("the numbers are seen", () -> value("mcp.pool.connections.active", "files") == 2);
        assertThat(value("mcp.pool.connections", "files")).isEqualTo(2);
        assertThat(value("mcp.pool.connections.idle", "files")).isZero();
        assertThat(value("mcp.pool.connections.pending", "files")).isZero();
        assertThat(value("mcp.pool.connections.max", "files")).isEqualTo(3);
        assertThat(value("mcp.pool.connections.min", "files")).isZero();
        assertThat(value("mcp.pool.connections.hits", "files")).isEqualTo(1);
        assertThat(value("mcp.pool.connections.misses", "files")).isEqualTo(2);
        assertThat(value("mcp.pool.connections.acquire", "files")).isEqualTo(3);
        assertThat(value("mcp.pool.connections.usage", "files")).isEqualTo(1);
        assertThat(value("mcp.pool.connections.creation", "files")).isEqualTo(2);
        first.close();
        second.close();
        pool.softEvict("files");
        Await.until(
                "both have been closed on request",
                () -> registry.get("mcp.pool.connections.evictions")
                                .tags("server", "files", "reason", "asked")
                                .functionCounter()
                                .count()
                        == 2);
    }

    @Test
    void failures_are_counted() {
        McpPool pool = build(builder()
                .server("broken", "mcp:stdio:no-such-command-anywhere")
                .server("full", Leftovers.fixture())
                .maxTotalPerKey(1));
        assertThatThrownBy(() -> pool.getConnection("broken")).isInstanceOf(McpException.class);
        Await.until("the failed start is counted", () -> failedStarts() == 1);
        assertThat(value("mcp.pool.connections.creation.failures", "broken")).isEqualTo(1);

        try (McpConnection lease = pool.getConnection("full")) {
            assertThatThrownBy(() -> pool.getConnection("mcp:server:full?maxWait=10ms"))
                    .isInstanceOf(McpException.class);
            Await.until("the timeout is counted", () -> value("mcp.pool.connections.timeout", "full") == 1);
            assertThatThrownBy(() -> lease.callTool("crash", Map.of())).isInstanceOf(McpException.class);
            assertThat(lease.request("tools/list", null)).isNotEmpty();
            Await.until("the repeated call is counted", () -> value("mcp.pool.connections.retries", "full") >= 1);
        }
    }

    @Test
    void meters_vanish_with_their_server_and_with_their_pool() {
        McpPool pool =
                build(builder().server("one", Leftovers.fixture()).server("two", Leftovers.fixture("era=modern")));
        use(pool, "one");
        use(pool, "two");
        assertThat(servers()).containsExactly("one", "two");
        pool.remove("one");
        Await.until("the removed server's meters are gone", () -> servers().equals(Set.of("two")));
        pool.close();
        assertThat(servers()).isEmpty();
        assertThat(ofPools()).isEmpty();
    }

    @Test
    void meters_vanish_when_their_server_was_not_used_for_ten_minutes() {
        PoolTime time = new PoolTime();
        McpPool pool = build(time.rule(builder())
                .server("early", Leftovers.fixture())
                .server("late", Leftovers.fixture("era=modern"))
                .server("idle", Leftovers.fixture("era=dual"), Map.of("idleTimeout", "0", "maxAge", "0")));
        use(pool, "early");
        use(pool, "idle");
        time.advance(Duration.ofMinutes(1));
        use(pool, "late");
        time.advance(Duration.ofMinutes(4));
        Await.until("the first has expired", () -> value("mcp.pool.connections", "early") == 0);
        assertThat(value("mcp.pool.connections", "late")).isEqualTo(1);
        time.advance(Duration.ofMinutes(1));
        Await.until("the second has expired", () -> value("mcp.pool.connections", "late") == 0);
        time.advance(Duration.ofMinutes(10).minusNanos(1));
        Await.until(
                "only the first has been unused for so long", () -> servers().equals(Set.of("late", "idle")));
        time.advance(Duration.ofNanos(1));
        Await.until("the second has, too", () -> servers().equals(Set.of("idle")));
        use(pool, "early");
        assertThat(servers()).containsExactly("early", "idle");
        assertThat(value("mcp.pool.connections.misses", "early")).isEqualTo(1);
        pool.close();
        assertThat(ofPools()).isEmpty();
    }

    @Test
    void a_registry_that_throws_costs_no_caller_anything_and_has_all_meters_of_a_server_or_none() {
        AtomicReference<String> refused = new AtomicReference<>("mcp.pool.connections.leaks");
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                if (id.getName().equals(refused.get())) {
                    throw new IllegalStateException("as told");
                }
                return id;
            }
        });
        McpPool pool = build(builder().server("one", Leftovers.fixture()));
        use(pool, "one");
        use(pool, "one");
        assertThat(pool.status().servers().get("one").hits()).isEqualTo(1);
        assertThat(ofPools()).isEmpty();
        refused.set("");
        use(pool, "one");
        assertThat(value("mcp.pool.connections.hits", "one")).isEqualTo(2);
        pool.close();
        assertThat(ofPools()).isEmpty();
    }

    @Test
    void pools_of_one_name_are_told_apart() {
        McpPool first = build(builder());
        McpPool second = build(builder());
        String uri = Leftovers.fixture();
        use(first, uri);
        use(second, uri);
        assertThat(registry.find("mcp.pool.connections").gauges())
                .extracting(gauge -> gauge.getId().getTag("pool"))
                .containsExactlyInAnyOrder("shop", "shop2");
        first.close();
        second.close();
        use(build(builder()), uri);
        assertThat(registry.find("mcp.pool.connections").gauges())
                .extracting(gauge -> gauge.getId().getTag("pool"))
                .containsExactly("shop");
    }

    @Test
    void users_of_one_server_share_its_meters() {
        McpPool pool = build(builder());
        McpConnection first = pool.getConnection(Leftovers.fixture() + "&name=mail&env.TOKEN=first");
        McpConnection second = pool.getConnection(Leftovers.fixture() + "&name=mail&env.TOKEN=second");
        Await.until("both are counted", () -> value("mcp.pool.connections.active", "mail") == 2);
        assertThat(servers()).containsExactly("mail");
        first.close();
        second.close();
    }

    @Test
    void servers_beyond_a_thousand_share_their_meters() {
        McpPool pool = build(builder());
        for (int i = 0; i < 1_010; i++) {
            String uri = "mcp:stdio:no-such-command-anywhere?name=s" + i + "&env.USER_ID=" + i;
            assertThatThrownBy(() -> pool.getConnection(uri)).isInstanceOf(McpException.class);
        }
        Await.until("all are measured", () -> servers().size() == 1_001);
        assertThat(servers()).contains("_OTHER");
        // Those that share meters have joined one after the other.
        Await.until("all failures are counted", () -> failedStarts() == 1_010);
    }

    @Test
    void the_reference_has_all_meters_and_tags() {
        McpPool pool = build(builder().server("files", Leftovers.fixture()));
        use(pool, "files");
        connections.closing(pool).close();
        McpPool open = build(builder().server("files", Leftovers.fixture()));
        use(open, "files");
        Await.until(
                "the session is measured",
                () -> registry.find("mcp.client.session.duration").timer() != null);
        Set<String> names = new TreeSet<>();
        for (Meter meter : registry.getMeters()) {
            if (meter.getId().getName().endsWith(".histogram")) {
                continue; // In which form the simple registry shows buckets.
            }
            names.add(meter.getId().getName());
            for (Tag tag : meter.getId().getTags()) {
                assertThat(Documents.row(meter.getId().getName())).contains("`" + tag.getKey() + "`");
            }
        }
        assertThat(Documents.meters()).isEqualTo(names);
        for (EvictionReason reason : EvictionReason.values()) {
            assertThat(Documents.row("mcp.pool.connections.evictions"))
                    .contains("`" + reason.name().toLowerCase(Locale.ROOT) + "`");
        }
    }

    @Test
    void the_dashboard_asks_for_what_prometheus_gets() {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        PoolBuilder builder = McpPool.builder().telemetry(McpTelemetry.of(prometheus));
        McpPool pool = build(builder);
        use(pool, Leftovers.fixture());
        pool.softEvict(Leftovers.fixture());
        Await.until(
                "the session is measured",
                () -> prometheus.find("mcp.client.session.duration").timer() != null);
        Map<String, Set<String>> there = Dashboard.there(prometheus.scrape());
        Map<String, Set<String>> asked = Dashboard.asked(Documents.queries());
        assertThat(asked).hasSizeGreaterThan(15);
        assertThat(there.keySet()).containsAll(asked.keySet());
        asked.forEach(
                (sample, labels) -> assertThat(there.get(sample)).as(sample).containsAll(labels));
        assertThat(asked.get("mcp_pool_connections")).containsExactly("pool", "server");
        assertThat(asked.get("mcp_client_operation_duration_seconds_bucket"))
                .containsExactly("gen_ai_tool_name", "le", "mcp_method_name");
    }

    @Test
    void a_query_asks_each_sample_for_labels_of_its_own() {
        assertThat(Dashboard.asked(Set.of(
                        "sum by (le, mcp_c) (rate(mcp_a_sum{d=~\"x\"}[5m])) / sum (mcp_b_count{mcp_e!=\"mcp_x\"})",
                        "label_values(mcp_f{g=\"1\"}, h)")))
                .isEqualTo(Map.of(
                        "mcp_a_sum", Set.of("d", "le", "mcp_c"),
                        "mcp_b_count", Set.of("mcp_e"),
                        "mcp_f", Set.of("g", "h")));
    }
}
