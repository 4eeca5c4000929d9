package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A call that fails before it is made does not count as one in flight, which would keep its lease for ever. */
class LostLeaseTest extends PoolTestBase {

    @Test
    @SuppressWarnings("NullAway") // What a caller may do that does not look
    void a_call_whose_options_cannot_be_used_gives_its_lease_back() {
        MemoryServer server = legacy();
        McpPool pool = build(builder().maxTotalPerKey(1).server("files", server.uri()));
        pool.getConnection("files").close();
        for (boolean async : new boolean[] {false, true}) {
            try (McpConnection lease = pool.getConnection("mcp:server:files?requestTimeout=60s")) {
                CallOptions none = null;
                assertThatThrownBy(() -> {
                            if (async) {
                                lease.pingAsync(none);
                            } else {
                                lease.ping(none);
                            }
                        })
                        .isInstanceOf(NullPointerException.class);
            }
            assertThat(pool.status().leases()).isZero();
        }
    }

    @Test
    void a_call_for_which_the_code_of_the_application_fails_gives_its_lease_back() {
        SettingValues settings = LendingRig.settings(1);
        LendingRig rig = new LendingRig(settings);
        ServerPool server = rig.server;
        PooledSlot slot = server.borrowing().borrow(0);
        assertThat(slot).isNotNull();
        // This connection does not even say what it was opened to, of which what is measured depends.
        PooledLease lease = new PooledLease(new Route(null, server, server.target(), settings, null), slot, null);
        assertThatThrownBy(() -> lease.pingAsync(CallOptions.defaults()))
                .isInstanceOf(UnsupportedOperationException.class);
        lease.close();
        assertThat(slot.isFree()).isTrue();
    }

    @Test
    void a_connection_that_cannot_be_asked_to_tell_of_changes_does_not_keep_others_from_it() {
        ServerPool server = new LendingRig(LendingRig.settings(1)).server;
        AtomicInteger asked = new AtomicInteger();
        StubConnection failing = new StubConnection() {
            @Override
            public CompletableFuture<Void> followTools(Runnable begun) {
                asked.incrementAndGet();
                throw new IllegalStateException("not now");
            }
        };
        for (int i = 1; i <= 2; i++) {
            assertThatThrownBy(() -> server.toolChanges().follow(failing)).hasMessage("not now");
            assertThat(asked).hasValue(i);
        }
    }

    @Test
    void a_task_runs_once_whatever_becomes_of_what_its_thread_is_at() {
        AtomicInteger runs = new AtomicInteger();
        LeaseFuture.inContext(null, runs::incrementAndGet);
        assertThat(runs).hasValue(1);
        LeaseFuture.inContext(
                task -> {
                    throw new IllegalStateException("no scope");
                },
                runs::incrementAndGet);
        assertThat(runs).hasValue(2);
        LeaseFuture.inContext(
                task -> {
                    task.run();
                    throw new IllegalStateException("the scope cannot be left");
                },
                runs::incrementAndGet);
        assertThat(runs).hasValue(3);
    }
}
