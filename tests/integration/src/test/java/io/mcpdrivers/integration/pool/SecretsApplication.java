package io.mcpdrivers.integration.pool;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.ConnectionOptions;
import io.mcpdrivers.McpBatch;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.McpTelemetry;
import io.mcpdrivers.fixture.Fixture;
import io.mcpdrivers.fixture.HttpFixtureServer;
import io.mcpdrivers.pool.McpPool;
import io.mcpdrivers.pool.PoolBuilder;
import io.mcpdrivers.spi.McpUri;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * An application whose servers have secrets. It does what goes well and what fails, and prints all that can be seen of it
 * from outside: logs, exceptions, text forms, metrics, spans, events, JMX, threads, command lines. {@link SecretsTest} runs
 * it in a JVM of its own, whose whole output it searches.
 */
final class SecretsApplication {

    /** All secrets begin like this. */
    static final String MARK = "sEcReT";

    private static final String ENVIRONMENT = MARK + "-environment";
    private static final String ARGUMENT = MARK + "-argument";
    private static final String PLACEHOLDER = MARK + "-placeholder";
    private static final String HEADER = MARK + "-header";
    private static final String SUPPLIED = MARK + "-supplied";
    private static final String QUERY = MARK + "-query";
    private static final String USER = MARK + "-user";

    private static final PrometheusMeterRegistry METERS = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private static final McpTelemetry TELEMETRY = McpTelemetry.of(METERS, observations());

    private SecretsApplication() {}

    private interface Step {
        void run() throws Exception;
    }

    /** Prints {@code done} at the end. */
    public static void main(String[] arguments) throws Exception {
        System.setProperty("secrets.test.value", PLACEHOLDER);
        try (HttpFixtureServer http = HttpFixtureServer.start("token=" + HEADER);
                McpPool pool = builder()
                        .server("env", stdio())
                        .server("typo", stdio() + "&idleTimeuot=5m")
                        .server("unset", stdio() + "&env.OTHER=" + encode("${env:NO_SUCH_VARIABLE_ANYWHERE}"))
                        .server("speaks", shell("echo \"$TOKEN\"; echo \"$TOKEN\" >&2; exit 3"))
                        .server("silent", shell("echo \"$TOKEN\" >&2; cat > /dev/null"), Map.of("connectTimeout", "1s"))
                        .server("web", web(http, HEADER), Map.of("maxTotalPerKey", "2"))
                        .server("refused", web(http, HEADER + "-wrong"))
                        .server("gone", "mcp:http://" + USER + ":" + USER + "@127.0.0.1:1/mcp?api_key=" + QUERY)
                        .build()) {
            useStdio(pool);
            useHttp(pool, http);
            useEchoing();
            fail(pool);
            show("pool", pool);
            show("status", pool.status());
            show("health", pool.health());
            show("warm up", pool.warmUp());
            dumpJmx();
            dumpThreadsAndCommands();
            print("metrics", METERS.scrape());
            pool.close();
            attempt("closed pool", () -> pool.getConnection("env"));
        }
        print("end", "done");
    }

    private static PoolBuilder builder() {
        PoolBuilder builder = McpPool.builder()
                .shutdownTimeout(Duration.ZERO)
                .set("maxWait", "60s")
                .set("leakThreshold", "1ms")
                .set("timeBetweenEvictionRuns", "20ms")
                .telemetry(TELEMETRY)
                .listener(event -> show("event", event));
        show("builder", builder);
        return builder;
    }

    private static void useStdio(McpPool pool) throws Exception {
        try (McpConnection lease = pool.getConnection("env")) {
            show("lease", lease);
            show("connection", lease.unwrap(io.mcpdrivers.engine.PhysicalConnection.class));
            show(
                    "target",
                    lease.unwrap(io.mcpdrivers.engine.PhysicalConnection.class).target());
            show("metadata", lease.metadata());
            check(
                    "environment",
                    ENVIRONMENT,
                    lease.callTool("env", Map.of("name", "TOKEN")).text());
            check(
                    "placeholder",
                    PLACEHOLDER,
                    lease.callTool("env", Map.of("name", "FILLED_IN")).text());
            attempt("error", () -> lease.callTool("error", Map.of("message", "it was " + ENVIRONMENT)));
            attempt(
                    "timeout",
                    () -> lease.callTool("sleep", Map.of("ms", 9_000), CallOptions.timeout(Duration.ofMillis(20))));
            McpBatch batch =
                    lease.batch().add("error", Map.of("message", ENVIRONMENT)).add("pid", null);
            show("batch", batch);
            show("failure of a batch", batch.execute().get(0).error());
            attempt("crash", () -> lease.callTool("crash", Map.of("message", "dying of " + ENVIRONMENT)));
        }
        attempt("pool=false", () -> pool.getConnection(stdio() + "&pool=false").close());
        attempt("by URI", () -> McpDrivers.open(stdio(), options()).close());
        attempt(
                "more parameters",
                () -> McpDrivers.open(stdio(), Map.of("env.MORE", ENVIRONMENT)).close());
        show("uri", McpUri.parse(stdio()));
        show("options", options());
    }

    private static void useHttp(McpPool pool, HttpFixtureServer http) {
        attempt("web", () -> {
            try (McpConnection lease = pool.getConnection("web")) {
                lease.callTool("echo", Map.of("message", "hi"));
                show("lease of web", lease);
                attempt("web error", () -> lease.callTool("error", Map.of("message", "it was " + HEADER)));
                for (String status : List.of("400", "401", "403", "404", "500", "503")) {
                    http.fault("call", "status:" + status);
                    attempt("web " + status, () -> lease.callTool("echo", Map.of("message", "hi")));
                    http.clearFaults();
                }
            }
        });
        attempt("supplied headers", () -> {
            try (McpConnection c = McpDrivers.open("mcp:" + http.url() + "?api_key=" + QUERY, options())) {
                c.callTool("echo", Map.of("message", "hi"));
            }
        });
    }

    /** Once with a token that a quotation of a server holds, once with one that is longer than that. */
    private static void useEchoing() throws IOException {
        for (String token : List.of(SUPPLIED, SUPPLIED + "-" + "long".repeat(1_000))) {
            ConnectionOptions options = ConnectionOptions.defaults()
                    .withTelemetry(TELEMETRY)
                    .withHeaders(() -> Map.of("Authorization", "Bearer " + token));
            try (EchoingServer server = EchoingServer.start();
                    McpConnection c = McpDrivers.open("mcp:" + server.url(), options)) {
                for (String way : List.of("challenge", "forbidden", "error", "broken", "noise", "plain")) {
                    attempt("repeated " + way, () -> c.callTool(way, null));
                    attempt(
                            "repeated later " + way,
                            () -> c.callToolAsync(way, null).join());
                }
            }
        }
    }

    private static void fail(McpPool pool) {
        for (String server : List.of("typo", "unset", "speaks", "silent", "refused", "gone", "nobody")) {
            attempt(server, () -> pool.getConnection(server).close());
        }
        for (String uri : List.of(
                "mcp:stdio:?env.TOKEN=" + ENVIRONMENT,
                "mcp:studio:x?env.TOKEN=" + ENVIRONMENT,
                "mcp:stdio:no-such-command-anywhere?env.TOKEN=" + ENVIRONMENT + "&arg=--api-key=" + ARGUMENT,
                "mcp:stdio:x?env.TOKEN=" + ENVIRONMENT + "&requestTimeout=soon",
                "mcp:stdio:x?env.TOKEN=" + ENVIRONMENT + "&tokn=" + ENVIRONMENT,
                "mcp:https://" + USER + ":" + USER + "@127.0.0.1:1/mcp#header.Authorization=Bearer%20" + HEADER,
                "mcp:http://127.0.0.1:1/mcp?api_key=" + QUERY + "#header.X-Api-Key=" + HEADER + "&protocol=1999-01-01",
                "mcp:http://[broken/mcp?api_key=" + QUERY + "#header.Authorization=" + HEADER)) {
            attempt("bad URI", () -> pool.getConnection(uri).close());
            attempt(
                    "bad URI without a pool",
                    () -> McpDrivers.open(uri, options()).close());
        }
        attempt("exhausted", () -> {
            try (McpConnection a = pool.getConnection("web");
                    McpConnection b = pool.getConnection("web");
                    McpConnection c = pool.getConnection("mcp:server:web?maxWait=10ms&streams=1")) {
                show("leases", List.of(a, b, c));
            }
        });
        pool.disable("env");
        attempt("disabled", () -> pool.getConnection("env").close());
        pool.enable("env");
    }

    private static String stdio() {
        return Fixture.uri() + "&env.TOKEN=" + ENVIRONMENT + "&env.FILLED_IN=" + encode("${sys:secrets.test.value}");
    }

    private static String shell(String script) {
        return "mcp:stdio:sh?arg=-c&arg=" + encode(script) + "&env.TOKEN=" + ENVIRONMENT;
    }

    private static String web(HttpFixtureServer http, String token) {
        return "mcp:" + http.url() + "?api_key=" + QUERY + "#header.Authorization=" + encode("Bearer " + token)
                + "&header.X-Other=" + HEADER;
    }

    private static ConnectionOptions options() {
        return ConnectionOptions.defaults()
                .withTelemetry(TELEMETRY)
                .withHeaders(() -> Map.of("Authorization", "Bearer " + HEADER, "X-Supplied", SUPPLIED));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static ObservationRegistry observations() {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {
            @Override
            public void onStop(Observation.Context context) {
                show("span", context);
            }

            @Override
            public void onError(Observation.Context context) {
                show("error of a span", context.getError());
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
        return registry;
    }

    /** Does something that may fail; what it fails with is shown with all causes. */
    private static void attempt(String what, Step step) {
        try {
            step.run();
            print(what, "succeeded");
        } catch (Exception e) {
            show(what, e);
        }
    }

    private static void check(String what, String expected, String actual) {
        print(what, expected.equals(actual) ? "arrived" : "did not arrive");
    }

    private static void show(String what, @Nullable Object shown) {
        if (shown instanceof Throwable failure) {
            synchronized (System.err) {
                System.err.println("[" + what + "] exception:");
                failure.printStackTrace();
            }
        } else {
            print(what, String.valueOf(shown));
        }
    }

    private static void print(String what, String text) {
        System.err.println("[" + what + "] " + text);
    }

    private static void dumpJmx() throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : server.queryNames(new ObjectName("io.mcpdrivers:*"), null)) {
            print("jmx", name.toString());
            for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
                try {
                    print("jmx " + attribute.getName(), String.valueOf(server.getAttribute(name, attribute.getName())));
                } catch (Exception e) {
                    show("jmx " + attribute.getName(), e);
                }
            }
            try {
                print("jmx listAllObjects", String.valueOf(server.invoke(name, "listAllObjects", null, null)));
            } catch (Exception e) {
                show("jmx listAllObjects", e);
            }
        }
    }

    private static void dumpThreadsAndCommands() {
        Thread.getAllStackTraces().keySet().forEach(thread -> print("thread", thread.getName()));
        print("command", commandLine(ProcessHandle.current()));
        for (ProcessHandle process : ProcessHandle.current().descendants().toList()) {
            print("command of a server", commandLine(process));
        }
    }

    /** As the system has it; of a process that ends meanwhile what the JDK still knows. */
    private static String commandLine(ProcessHandle process) {
        try {
            Path file = Path.of("/proc/" + process.pid() + "/cmdline");
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replace('\0', ' ');
        } catch (IOException e) {
            return String.valueOf(process.info().commandLine());
        }
    }
}
