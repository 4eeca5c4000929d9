package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ExpiryRaceTest extends PoolTestBase {

    @Test
    void a_connection_that_is_borrowed_while_it_is_looked_at_for_expiry_is_not_lost() throws Exception {
        MemoryServer server = legacy();
        McpPool pool = build(builder().set("aliveBypass", "1h").maxTotalPerKey(2));
        List<CompletableFuture<Integer>> borrowers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            borrowers.add(async(() -> {
                int count = 0;
                long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
                do {
                    pool.getConnection(server.uri()).close();
                    count++;
                } while (System.nanoTime() - until < 0);
                return count;
            }));
        }
        while (!borrowers.stream().allMatch(CompletableFuture::isDone)) {
            pool.tend();
        }
        for (CompletableFuture<Integer> borrower : borrowers) {
            assertThat(get(borrower)).isPositive();
        }
        assertThat(server.startAttempts.get()).isLessThanOrEqualTo(2);
        McpConnection a = pool.getConnection(server.uri());
        McpConnection b = pool.getConnection(server.uri());
        assertThat(process(a)).isNotSameAs(process(b));
        a.close();
        b.close();
    }
}
