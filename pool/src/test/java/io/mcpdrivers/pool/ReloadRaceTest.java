package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
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
