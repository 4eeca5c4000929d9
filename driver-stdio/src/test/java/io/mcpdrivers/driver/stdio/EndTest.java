package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Closing ends the server and all that it has started, in bounded time, whatever they do. */
@Timeout(60)
class EndTest {

    /** Far less than {@link #LONG}, and far more than it takes a busy machine to deliver a signal. */
    private static final Duration BOUND = Duration.ofSeconds(20);

    /** For the timeouts that must not be needed. */
    private static final String LONG = "60s";

    @RegisterExtension
    final Servers servers = new Servers();

    private final Recorder recorder = new Recorder();

    private static McpUri.Builder hasty(McpUri.Builder uri) {
        return uri.add("closeTimeout", "200ms").add("killTimeout", "200ms");
    }

    /** What does not end with its input does so when it is asked to. */
    private static McpUri.Builder onceAsked(McpUri.Builder uri) {
        return uri.add("closeTimeout", "200ms").add("killTimeout", LONG);
    }

    private static void closeInTime(Transport transport) {
        long begin = System.nanoTime();
        transport.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(BOUND);
    }

    @Test
    void a_server_that_ends_with_its_input_has_time_to_finish() throws Exception {
        Transport transport = servers.open(
                Servers.shell("f=$(mktemp); echo $f; while read line; do :; done; sleep 0.3; echo finished > $f")
                        .add("closeTimeout", LONG),
                recorder);
        java.nio.file.Path file = java.nio.file.Path.of(recorder.message());
        transport.close();
        assertThat(file).hasContent("finished");
        java.nio.file.Files.delete(file);
    }

    @Test
    void a_server_that_ignores_the_end_of_its_input_is_asked_to_terminate() throws Exception {
        Transport transport = servers.open(
                Servers.shell("trap 'echo asked >&2; exit 0' TERM; echo ready; while :; do sleep 0.05; done")
                        .add("closeTimeout", "200ms")
                        .add("killTimeout", LONG),
                recorder);
        recorder.message();
        closeInTime(transport);
    }

    @Test
    void a_server_that_ignores_sigterm_too_is_killed() throws Exception {
        Transport transport = servers.open(
                hasty(Servers.shell("trap '' TERM INT HUP; echo $$; while :; do sleep 1; done")), recorder);
        long pid = Long.parseLong(recorder.message());
        closeInTime(transport);
        assertThat(Servers.runs(pid)).isFalse();
    }

    @Test
    void the_stubborn_child_of_a_wrapper_is_killed() throws Exception {
        Transport transport = servers.open(
                hasty(Servers.shell("sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done'; true")), recorder);
        long child = Long.parseLong(recorder.message());
        closeInTime(transport);
        assertThat(Servers.runs(child)).isFalse();
    }

    @Test
    void a_child_that_outlives_the_server_is_ended_even_without_its_streams() throws Exception {
        Transport transport =
                servers.open(onceAsked(Servers.shell("sleep 300 <&- >&- 2>&- & echo $!; read line")), recorder);
        long child = Long.parseLong(recorder.message());
        closeInTime(transport);
        assertThat(Servers.runs(child)).isFalse();
    }

    @Test
    void the_children_of_a_wrapper_that_was_killed_are_ended() throws Exception {
        Transport transport = servers.open(
                hasty(Servers.shell("echo $$; sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done'; true")),
                recorder);
        long wrapper = Long.parseLong(recorder.message());
        long child = Long.parseLong(recorder.message());
        ProcessHandle.of(wrapper).orElseThrow().destroyForcibly();
        assertThat(recorder.end()).hasMessageContaining("SIGKILL");
        closeInTime(transport);
        assertThat(Servers.runs(child)).isFalse();
    }

    @Test
    void a_child_seen_at_work_is_ended_though_its_parent_was_killed_and_its_streams_are_its_own() throws Exception {
        Transport transport = servers.open(
                onceAsked(Servers.shell("sleep 300 </dev/null >/dev/null 2>&1 & echo $$; echo $!; cat")), recorder);
        long wrapper = Long.parseLong(recorder.message());
        long child = Long.parseLong(recorder.message());
        // So long after its first words the server has been looked at several times.
        long seen = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (System.nanoTime() < seen) {
            Servers.send(transport, "ping");
            recorder.message();
        }
        ProcessHandle.of(wrapper).orElseThrow().destroyForcibly();
        recorder.end();
        closeInTime(transport);
        assertThat(Servers.runs(child)).isFalse();
    }

    @Test
    void a_child_left_by_a_server_that_exits_is_ended() throws Exception {
        Transport transport =
                servers.open(onceAsked(Servers.shell("sleep 300 & echo $!; sleep 0.1; exit 3")), recorder);
        long child = Long.parseLong(recorder.message());
        recorder.end();
        closeInTime(transport);
        assertThat(Servers.runs(child)).isFalse();
    }

    @Test
    void a_child_that_nobody_reaps_delays_nothing() throws Exception {
        Transport transport = servers.open(
                Servers.shell("true & exec cat").add("closeTimeout", LONG).add("killTimeout", LONG), recorder);
        Servers.send(transport, "ping");
        recorder.message();
        closeInTime(transport);
    }

    @Test
    void closing_is_bounded_while_a_write_is_stuck() throws Exception {
        Transport transport = servers.open(onceAsked(Servers.shell("echo ready; exec sleep 300")), recorder);
        recorder.message();
        CountDownLatch failed = new CountDownLatch(1);
        Thread writer = new Thread(() -> {
            try {
                Servers.send(transport, "x".repeat(1024 * 1024));
            } catch (Exception e) {
                failed.countDown();
            }
        });
        writer.start();
        Servers.await(
                "the writer is stuck",
                () -> writer.getStackTrace().length > 0
                        && writer.getStackTrace()[0].getMethodName().equals("writeBytes"));
        closeInTime(transport);
        assertThat(failed.await(10, TimeUnit.SECONDS)).isTrue();
        writer.join();
    }

    @Test
    void several_threads_may_close_at_once() throws Exception {
        Transport transport =
                servers.open(hasty(Servers.shell("trap '' TERM; echo $$; while :; do sleep 1; done")), recorder);
        long pid = Long.parseLong(recorder.message());
        List<Boolean> left = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                transport.close();
                left.add(Servers.runs(pid));
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(left).containsExactly(false, false, false, false);
    }

    @Test
    void an_interrupt_does_not_shorten_the_end_and_is_kept() throws Exception {
        Transport transport =
                servers.open(hasty(Servers.shell("trap '' TERM; echo $$; while :; do sleep 1; done")), recorder);
        long pid = Long.parseLong(recorder.message());
        Thread.currentThread().interrupt();
        transport.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(Servers.runs(pid)).isFalse();
    }

    @Test
    void many_stubborn_servers_end_side_by_side() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Recorder each = new Recorder();
            Transport transport = servers.open(
                    Servers.shell("trap '' TERM; echo $$; while :; do sleep 1; done")
                            .add("closeTimeout", "1s")
                            .add("killTimeout", "1s"),
                    each);
            each.message();
            threads.add(new Thread(transport::close));
        }
        long begin = System.nanoTime();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        // One after another they would take twice that.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(BOUND);
    }
}
