package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Permits that are offered to servers that no longer want them. */
class PermitsTest {

    private final Permits permits = new Permits(1);
    private final ServerPool first = new LendingRig(LendingRig.settings(1)).server;
    private final ServerPool second = new LendingRig(LendingRig.settings(1)).server;

    private void assertOneIsLeft() {
        assertThat(permits.isRoomNeeded()).isFalse();
        assertThat(permits.tryAcquire()).isTrue();
        assertThat(permits.tryAcquire()).isFalse();
    }

    @Test
    void a_permit_that_all_who_queued_refuse_is_left_for_others() {
        assertThat(permits.tryAcquire()).isTrue();
        assertThat(permits.acquireOrQueue(first)).isFalse();
        assertThat(permits.acquireOrQueue(second)).isFalse();
        permits.release();
        assertThat(permits.used()).isZero();
        assertOneIsLeft();
    }

    @Test
    void a_permit_that_a_higher_limit_brings_and_nobody_wants_is_left_for_others() {
        assertThat(permits.tryAcquire()).isTrue();
        assertThat(permits.acquireOrQueue(first)).isFalse();
        assertThat(permits.acquireOrQueue(second)).isFalse();
        permits.max(2);
        assertThat(permits.used()).isEqualTo(1);
        assertOneIsLeft();
    }

    @Test
    void a_permit_that_was_given_out_before_the_limit_was_lowered_goes_to_nobody() {
        permits.max(2);
        assertThat(permits.tryAcquire()).isTrue();
        assertThat(permits.tryAcquire()).isTrue();
        permits.max(1);
        assertThat(permits.acquireOrQueue(first)).isFalse();
        permits.release();
        assertThat(permits.used()).isEqualTo(1);
        assertThat(permits.isRoomNeeded()).as("the first still waits").isTrue();
    }

    @Test
    void a_server_that_leaves_the_queue_is_offered_nothing() {
        assertThat(permits.tryAcquire()).isTrue();
        assertThat(permits.acquireOrQueue(first)).isFalse();
        permits.withdraw(first);
        assertThat(permits.isRoomNeeded()).isFalse();
        permits.closingBegins();
        permits.closingEnded();
        assertOneIsLeft();
    }
}
