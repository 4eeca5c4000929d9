package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpRequestException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When what a server says of its tools begins to count. */
class ToolChangesTest {

    private final List<Runnable> begun = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private final StubConnection connection = new StubConnection() {
        @Override
        public CompletableFuture<Void> followTools(Runnable task) {
            begun.add(task);
            return ended;
        }
    };

    @Test
    void who_follows_waits_until_the_server_has_begun_to_tell() {
        ToolChanges changes = new ToolChanges(TimeUnit.MINUTES.toNanos(1));
        CompletableFuture<Void> first =
                CompletableFuture.runAsync(() -> changes.follow(connection), PoolTestBase.THREADS);
        PoolTestBase.eventually(() -> begun.size() == 1);
        CompletableFuture<Void> second =
                CompletableFuture.runAsync(() -> changes.follow(connection), PoolTestBase.THREADS);
        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
        begun.get(0).run();
        assertThat(first).succeedsWithin(Duration.ofSeconds(30));
        assertThat(second).succeedsWithin(Duration.ofSeconds(30));
        assertThat(changes.count()).isZero();
        assertThat(begun).hasSize(1);
    }

    @Test
    void a_beginning_for_which_nobody_waits_any_more_counts_as_a_change() {
        ToolChanges changes = new ToolChanges(1);
        changes.follow(connection);
        assertThat(changes.count()).isZero();
        begun.get(0).run();
        assertThat(changes.count()).isEqualTo(1);
    }

    @Test
    void nobody_waits_for_a_server_that_ends_telling_before_it_has_begun() {
        ToolChanges changes = new ToolChanges(TimeUnit.MINUTES.toNanos(1));
        CompletableFuture<Void> first =
                CompletableFuture.runAsync(() -> changes.follow(connection), PoolTestBase.THREADS);
        PoolTestBase.eventually(() -> begun.size() == 1);
        ended.completeExceptionally(new IllegalStateException("lost"));
        assertThat(first).succeedsWithin(Duration.ofSeconds(30));
        assertThat(changes.count()).isEqualTo(1);
    }

    @Test
    void a_server_that_does_not_tell_of_changes_has_not_changed() {
        ToolChanges changes = new ToolChanges(TimeUnit.MINUTES.toNanos(1));
        CompletableFuture<Void> first =
                CompletableFuture.runAsync(() -> changes.follow(connection), PoolTestBase.THREADS);
        PoolTestBase.eventually(() -> begun.size() == 1);
        // As it comes from a stage behind that of the call.
        ended.completeExceptionally(
                new CompletionException(new McpRequestException("unknown", -32601, "unknown", null)));
        assertThat(first).succeedsWithin(Duration.ofSeconds(30));
        assertThat(changes.count()).isZero();
    }
}
