package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.testing.NothingLeft;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tasks for which there is no thread. */
@ExtendWith(NothingLeft.class)
class BackgroundTest {

    @AfterEach
    void giveThreads() {
        EngineState.giveThreads();
    }

    @Test
    void what_must_not_be_lost_is_done_once_when_there_is_a_thread() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        EngineState.refuseThreads();
        Background.persist(() -> {
            runs.incrementAndGet();
            done.countDown();
        });
        assertThat(runs).hasValue(0);
        EngineState.giveThreads();
        assertThat(done.await(90, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).hasValue(1);
    }

    @Test
    void tasks_one_after_the_other_go_on_when_there_is_a_thread() throws Exception {
        SerialTasks tasks = new SerialTasks(Background::runSoon);
        List<Integer> order = new CopyOnWriteArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        EngineState.refuseThreads();
        tasks.execute(() -> order.add(1));
        tasks.execute(() -> order.add(2));
        EngineState.giveThreads();
        tasks.execute(done::countDown);
        assertThat(done.await(90, TimeUnit.SECONDS)).isTrue();
        assertThat(order).containsExactly(1, 2);
    }

    @Test
    void continuations_for_which_a_pool_has_no_thread_are_run_and_so_are_later_ones() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        ContinuationPool pool = new ContinuationPool(
                1,
                owner -> new ForkJoinWorkerThread(owner) {
                    @Override
                    public void start() {
                        if (attempts.getAndIncrement() < 2) {
                            throw new OutOfMemoryError("unable to create native thread, as told");
                        }
                        super.start();
                    }
                },
                1);
        try {
            EngineState.refuseThreads();
            CountDownLatch first = new CountDownLatch(2);
            pool.execute(first::countDown);
            pool.execute(first::countDown);
            EngineState.giveThreads();
            assertThat(first.await(90, TimeUnit.SECONDS)).isTrue();
            CountDownLatch later = new CountDownLatch(1);
            pool.execute(later::countDown);
            assertThat(later.await(90, TimeUnit.SECONDS)).isTrue();
        } finally {
            pool.shutdown();
        }
    }
}
