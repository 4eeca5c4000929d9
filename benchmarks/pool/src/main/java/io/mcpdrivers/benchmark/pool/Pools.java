package io.mcpdrivers.benchmark.pool;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.pool.McpPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.commons.pool2.BaseKeyedPooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericKeyedObjectPool;
import org.apache.commons.pool2.impl.GenericKeyedObjectPoolConfig;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Borrowing and giving back, with nothing in between. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Pools {

    /** Room for each thread of every run. */
    private static final int PER_KEY = 8;

    /** This library, exclusive leases. */
    @State(Scope.Benchmark)
    public static class Leases {

        @Param({"1", "100", "10000"})
        public int keys;

        private McpPool pool;
        private String[] uris;

        @Setup(Level.Trial)
        public void fill() {
            McpDrivers.register(new MemoryDriver());
            pool = McpPool.builder()
                    .maxTotalPerKey(PER_KEY)
                    .set("jmxEnabled", "false")
                    .set("aliveBypass", "1h")
                    .set("idleTimeout", "1h")
                    .build();
            uris = new String[keys];
            for (int i = 0; i < keys; i++) {
                uris[i] = "mcp:mem:legacy-" + i;
                pool.getConnection(uris[i]).close();
            }
        }

        String uri() {
            return uris[keys == 1 ? 0 : ThreadLocalRandom.current().nextInt(keys)];
        }

        @TearDown(Level.Trial)
        public void empty() {
            pool.close();
        }
    }

    /** This library, a connection that is out already and that may be shared. */
    @State(Scope.Benchmark)
    public static class Shared {

        private McpPool pool;
        private McpConnection other;

        @Setup(Level.Trial)
        public void fill() {
            McpDrivers.register(new MemoryDriver());
            pool = McpPool.builder().set("jmxEnabled", "false").build();
            other = pool.getConnection("mcp:mem:modern-0");
        }

        @TearDown(Level.Trial)
        public void empty() {
            other.close();
            pool.close();
        }
    }

    /** Commons Pool as it is. */
    @State(Scope.Benchmark)
    public static class Plain {

        @Param({"1", "100", "10000"})
        public int keys;

        private GenericKeyedObjectPool<String, Object> pool;
        private String[] names;

        @Setup(Level.Trial)
        public void fill() throws Exception {
            GenericKeyedObjectPoolConfig<Object> config = new GenericKeyedObjectPoolConfig<>();
            config.setMaxTotal(-1);
            config.setMaxTotalPerKey(PER_KEY);
            config.setJmxEnabled(false);
            pool = new GenericKeyedObjectPool<>(new Objects(), config);
            names = new String[keys];
            for (int i = 0; i < keys; i++) {
                names[i] = "key" + i;
                pool.addObject(names[i]);
            }
        }

        String name() {
            return names[keys == 1 ? 0 : ThreadLocalRandom.current().nextInt(keys)];
        }

        @TearDown(Level.Trial)
        public void empty() {
            pool.close();
        }
    }

    private static final class Objects extends BaseKeyedPooledObjectFactory<String, Object> {
        @Override
        public Object create(String key) {
            return new Object();
        }

        @Override
        public PooledObject<Object> wrap(Object value) {
            return new DefaultPooledObject<>(value);
        }
    }

    /** HikariCP over a data source that connects to nothing. It has no keys. */
    @State(Scope.Benchmark)
    public static class Hikari {

        private HikariDataSource pool;

        @Setup(Level.Trial)
        public void fill() {
            HikariConfig config = new HikariConfig();
            config.setDataSource(StubDataSource.create());
            config.setMaximumPoolSize(PER_KEY);
            config.setMinimumIdle(PER_KEY);
            pool = new HikariDataSource(config);
        }

        @TearDown(Level.Trial)
        public void empty() {
            pool.close();
        }
    }

    @Benchmark
    public Object mcpDrivers(Leases state) {
        McpConnection lease = state.pool.getConnection(state.uri());
        lease.close();
        return lease;
    }

    @Benchmark
    public Object mcpDriversJoin(Shared state) {
        McpConnection lease = state.pool.getConnection("mcp:mem:modern-0");
        lease.close();
        return lease;
    }

    @Benchmark
    public Object commonsPool(Plain state) throws Exception {
        String name = state.name();
        Object value = state.pool.borrowObject(name);
        state.pool.returnObject(name, value);
        return value;
    }

    @Benchmark
    public Object hikari(Hikari state) throws Exception {
        try (java.sql.Connection connection = state.pool.getConnection()) {
            return connection;
        }
    }
}
