package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Moments of the lease layer that are hard to meet with threads, one step after the other on one thread. */
class LendingTest {

    private final LendingRig rig = new LendingRig(LendingRig.settings(1));
    private final Lending lending = rig.server.lending();
    private final Returns returns = rig.server.returns();

    private PooledSlot borrow() {
        return Objects.requireNonNull(rig.server.borrowing().borrow(0));
    }

    private Waiter enqueue() {
        Waiter waiter = new Waiter(0);
        assertThat(lending.enqueue(waiter, false)).isTrue();
        assertThat(waiter.await())
                .as("what one is given for whom there is nothing")
                .isNull();
        return waiter;
    }

    @Test
    void one_whose_time_is_over_takes_what_it_was_given_in_that_moment() {
        PooledSlot held = borrow();
        Waiter waiter = enqueue();
        returns.release(held);
        assertThat(lending.leave(waiter)).isSameAs(Waiter.TICKET);
        assertThat(lending.waiting()).isZero();
        assertThat(lending.available()).as("promised to nobody").isZero();
        lending.ticketReturned();
        assertThat(rig.state()).isEqualTo(LendingRig.UNUSED);
    }

    @Test
    void nothing_is_given_to_one_who_has_left() {
        PooledSlot held = borrow();
        Waiter waiter = enqueue();
        assertThat(lending.leave(waiter)).isNull();
        returns.release(held);
        assertThat(waiter.given()).isNull();
        assertThat(rig.state()).isEqualTo(LendingRig.UNUSED);
    }

    @Test
    void what_one_gives_back_who_has_no_use_for_it_goes_to_the_next() {
        PooledSlot held = borrow();
        Waiter first = enqueue();
        Waiter second = enqueue();
        returns.release(held);
        assertThat(first.given()).isSameAs(Waiter.TICKET);
        assertThat(second.given()).isNull();
        lending.ticketReturned();
        assertThat(second.given()).isSameAs(Waiter.TICKET);
        lending.ticketReturned();
        assertThat(rig.state()).isEqualTo(LendingRig.UNUSED);
    }

    @Test
    void one_who_has_joined_and_leaves_in_that_moment_takes_its_lease() {
        LendingRig shared = new LendingRig(LendingRig.settings(2));
        Lending queue = shared.server.lending();
        PooledSlot held = Objects.requireNonNull(shared.server.borrowing().borrow(0));
        PooledSlot full = Objects.requireNonNull(shared.server.borrowing().borrow(0));
        assertThat(full).isSameAs(held);
        Waiter waiter = new Waiter(0);
        assertThat(queue.enqueue(waiter, false)).isTrue();
        assertThat(waiter.await()).as("while there is no room").isNull();
        shared.server.returns().release(held);
        assertThat(queue.leave(waiter)).isSameAs(held);
        assertThat(held.leases()).isEqualTo(2);
        shared.server.returns().release(held);
        shared.server.returns().release(held);
        assertThat(shared.state()).isEqualTo(LendingRig.UNUSED);
    }

    @Test
    void a_connection_that_is_given_back_is_stored_once() {
        for (int i = 0; i < 3; i++) {
            returns.release(borrow());
            assertThat(rig.state()).isEqualTo(LendingRig.UNUSED);
        }
    }
}
