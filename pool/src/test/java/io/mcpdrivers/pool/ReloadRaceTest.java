package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reloads that overtake each other, and names that share a server of which one is dropped. */
class ReloadRaceTest extends PoolTestBase {

    @TempDir
    Path folder;

    private Path write(String... lines) throws IOException {
        return Files.writeString(folder.resolve("mcp.properties"), String.join("\n", lines));
    }

    @Test
    void a_reload_that_was_overtaken_does_not_undo_the_later_one() throws Exception {
        MemoryServer server = legacy();
        String[] entry = {"mcp.server.a.uri=" + server.uri(), "mcp.server.a.maxUses=${USES}"};
        AtomicReference<Thread> slow = new AtomicReference<>();
        CountDownLatch looking = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        McpPool pool = build(builder().load(write(entry)).environment(name -> {
            if (Thread.currentThread() == slow.get()) {
                looking.countDown();
                awaitQuietly(goOn);
            }
            return "9";
        }));
        pool.getConnection("a").close();
        write(entry[0], entry[1], "mcp.pool.maxIdle=2", "mcp.pool.maxTotal=2");
        CompletableFuture<ReloadResult> first = async(() -> {
            slow.set(Thread.currentThread());
            return pool.reload();
        });
        awaitQuietly(looking);
        write(entry[0], entry[1], "mcp.pool.maxIdle=3", "mcp.pool.maxTotal=3");
        pool.reload();
        goOn.countDown();
        get(first);
        assertThat(pool.status().maxTotal()).isEqualTo(3);
        assertThat(pool.services().permits().max()).isEqualTo(3);
        assertThat(pool.directory().used("a").settings().maxIdle()).isEqualTo(3);
        assertThat(pool.directory().used("a").settings().maxUses()).isEqualTo(9);
    }

    @Test
    void a_reload_that_drops_a_name_leaves_those_alone_that_have_come_to_its_server_by_uri() throws Exception {
        Path file = write("mcp.server.a.uri=mcp:mem:dropped");
        McpPool pool = build(builder().load(file));
        dropBesideUseByUri(pool, () -> {
            write("");
            pool.reload();
        });
    }

    @Test
    void removing_a_name_leaves_those_alone_that_have_come_to_its_server_by_uri() throws Exception {
        McpPool pool = build(builder().server("a", "mcp:mem:dropped"));
        dropBesideUseByUri(pool, () -> pool.remove("a"));
    }

    /** Has somebody ask for the server by its URI after its name is no longer known, and before all is done that follows. */
    private static void dropBesideUseByUri(McpPool pool, Dropping dropping) throws Exception {
        MemoryServer server = MemoryServer.of("dropped");
        pool.getConnection("a").close();
        ServerPool used = pool.directory().used("a");
        CompletableFuture<Void> dropped;
        synchronized (used) {
            dropped = async(() -> {
                dropping.run();
                return null;
            });
            // Next it is to have no owner any more, which takes this monitor.
            eventually(used::isRemoved);
            pool.getConnection(server.uri()).close();
        }
        get(dropped);
        assertThat(used.isRemoved()).isFalse();
        assertThat(used.isRetired()).isFalse();
        int starts = server.startAttempts.get();
        for (int i = 0; i < 3; i++) {
            pool.getConnection(server.uri()).close();
        }
        assertThat(server.startAttempts.get() - starts).isLessThanOrEqualTo(1);
    }

    /** A pool that has the server under a name that is still being found by the time it is removed. */
    private McpPool removedWhileFound(MemoryServer server, PoolBuilder builder, Consumer<McpPool> before)
            throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        McpPool pool = build(builder.server("orphan", server.uri() + "?user=${input:user}&minIdle=1")
                .inputs(input -> {
                    asked.countDown();
                    awaitQuietly(answer);
                    return "somebody";
                }));
        before.accept(pool);
        CompletableFuture<McpConnection> lease = async(() -> pool.getConnection("orphan"));
        awaitQuietly(asked);
        pool.remove("orphan");
        answer.countDown();
        assertThat(failure(lease)).isInstanceOf(McpConfigurationException.class).hasMessageContaining("orphan");
        return pool;
    }

    @Test
    void what_is_found_by_a_name_that_was_removed_meanwhile_is_not_kept_warm() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = removedWhileFound(server, builder(), made -> {});
        pool.tend();
        assertThat(pool.status().servers()).isEmpty();
        assertThat(pool.status().connections()).isZero();
        assertThat(server.startAttempts).hasValue(0);
    }

    @Test
    void what_is_found_by_a_name_that_was_removed_meanwhile_stays_with_the_other_name_that_means_it() throws Exception {
        MemoryServer server = legacy();
        PoolBuilder both = builder().server("kept", server.uri() + "?user=somebody&maxUses=7");
        McpPool pool = removedWhileFound(
                server, both, made -> made.getConnection("kept").close());
        ServerPool used = pool.directory().used("kept");
        assertThat(pool.status().servers()).containsOnlyKeys("kept");
        assertThat(used.isRetired()).isFalse();
        assertThat(used.owner()).isEqualTo("kept");
        pool.getConnection("kept").close();
        assertThat(server.startAttempts).hasValue(1);
    }

    @Test
    void what_is_found_by_a_name_that_was_removed_meanwhile_stays_with_those_who_come_by_uri() throws Exception {
        MemoryServer server = legacy();
        String uri = server.uri() + "?user=somebody";
        McpPool pool = removedWhileFound(
                server, builder(), made -> made.getConnection(uri).close());
        pool.getConnection(uri).close();
        ServerPool used = pool.directory().known(uri);
        assertThat(used.isRetired()).isFalse();
        assertThat(used.isRemoved()).isFalse();
        assertThat(used.owner()).isNull();
    }

    @FunctionalInterface
    private interface Dropping {
        void run() throws IOException;
    }

    @Test
    void who_came_by_uri_before_the_name_was_forgotten_is_not_told_that_it_was_removed() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().server("a", server.uri()));
        pool.getConnection("a").close();
        ServerDirectory directory = pool.directory();
        PoolConfiguration before = directory.configuration();
        assertThat(directory.replace(before, before.without("a"))).isTrue();
        ServerPool found = directory.route(server.uri()).server();
        directory.forget("a");
        found.retire();
        assertThatThrownBy(() -> pool.getConnection(server.uri())).hasMessageContaining("removed");
        directory.reviveFound();
        pool.getConnection(server.uri()).close();
        assertThat(found.isRetired()).isFalse();
    }

    @Test
    void a_name_that_is_dropped_is_no_longer_shown_for_the_server_that_has_another() throws Exception {
        MemoryServer server = legacy();
        String kept = "mcp.server.kept.uri=" + server.uri();
        McpPool pool = build(builder().load(write(kept, "mcp.server.gone.uri=" + server.uri())));
        pool.getConnection("gone").close();
        write(kept, "mcp.server.kept.maxUses=7");
        assertThat(pool.reload().removed()).containsExactly("gone");
        assertThat(pool.status().servers()).containsOnlyKeys("kept");
        ServerStatus status = pool.status().servers().get("kept");
        assertThat(status.idle()).isEqualTo(1);
        assertThat(status.enabled()).isTrue();
        assertThat(pool.directory().servers())
                .singleElement()
                .satisfies(used -> assertThat(used.settings().maxUses()).isEqualTo(7));
        pool.getConnection("kept").close();
        assertThat(server.startAttempts).hasValue(1);
    }
}
