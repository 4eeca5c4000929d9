package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that ends by itself is reported soon, with its exit code and its last words. */
@Timeout(60)
class ExitTest {

    private static final long LIMIT_MILLIS = 200;
    /** The exit code is waited for only a moment, in which a busy machine may not get to it. */
    private static final int ATTEMPTS = 8;

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void an_exit_is_reported_within_200_ms_with_command_code_and_stderr() throws Exception {
        Recorder recorder = soonest("echo 'cannot find /data' >&2; date +%s%3N; exit 3", " exited with code 3.");
        assertThat(recorder.end())
                .hasMessageContaining("Server 'test' (sh -c ")
                .hasMessageContaining(" exited with code 3.")
                .hasMessageContaining("The last it wrote to stderr:\ncannot find /data");
        assertThat(recorder.end().kind()).isEqualTo(TransportException.Kind.CONNECTION);
    }

    @Test
    void an_exit_is_reported_within_200_ms_though_a_child_holds_the_output() throws Exception {
        Recorder recorder = soonest("sleep 300 & echo gone >&2; sleep 0.1; date +%s%3N; exit 4", "exited with code 4");
        assertThat(recorder.end()).hasMessageContaining("gone");
    }

    @Test
    void an_exit_after_the_first_answers_ends_the_transport_though_a_child_holds_the_output() throws Exception {
        soonest("sleep 300 & read line; date +%s%3N; exit 5", "exited with code 5");
    }

    /**
     * The best of a few attempts, since the machine may have been busy; only those count whose report says how the
     * server ended. The script writes the time before it exits.
     */
    private Recorder soonest(String script, String how) throws Exception {
        long best = Long.MAX_VALUE;
        Recorder telling = null;
        for (int attempt = 0; attempt < ATTEMPTS && best > LIMIT_MILLIS; attempt++) {
            Recorder recorder = new Recorder();
            Transport transport = servers.open(Servers.shell(script), recorder);
            try {
                Servers.send(transport, "go");
            } catch (TransportException e) {
                assertThat(e.mayHaveBeenDelivered()).isFalse();
            }
            if (tells(recorder, how)) {
                telling = recorder;
                best = Math.min(best, recorder.closedAtMillis - Long.parseLong(recorder.message()));
            }
            transport.close();
        }
        assertThat(best).as("milliseconds from the exit to the report").isLessThanOrEqualTo(LIMIT_MILLIS);
        return telling;
    }

    /** Whether the report says how the server ended; one that comes before the exit code says that it still ran. */
    private static boolean tells(Recorder recorder, String how) throws Exception {
        boolean told = recorder.end().getMessage().contains(how);
        if (!told) {
            assertThat(recorder.end()).hasMessageContaining("still running");
        }
        return told;
    }

    @Test
    void a_server_that_was_killed_is_reported_with_the_signal() throws Exception {
        boolean told = false;
        for (int attempt = 0; attempt < ATTEMPTS && !told; attempt++) {
            Recorder recorder = new Recorder();
            servers.open(Servers.shell("kill -9 $$"), recorder);
            told = tells(recorder, "exited with code 137 (killed by signal 9, SIGKILL)");
            assertThat(recorder.end()).hasMessageContaining("it wrote nothing to stderr");
        }
        assertThat(told).isTrue();
    }

    @Test
    void a_server_that_closes_its_output_is_reported_and_ended() throws Exception {
        Recorder recorder = new Recorder();
        Transport transport = servers.open(Servers.shell("echo $$; exec >&-; sleep 300"), recorder);
        long pid = Long.parseLong(recorder.message());
        assertThat(recorder.end()).hasMessageContaining("closed its output while it was still running");
        assertThat(transport.isOpen()).isFalse();
        Servers.await("the server was killed", () -> !Servers.runs(pid));
    }

    @Test
    void a_server_that_closes_its_input_is_reported_and_ended() throws Exception {
        Recorder recorder = new Recorder();
        Transport transport = servers.open(Servers.shell("exec <&-; echo $$; sleep 300"), recorder);
        long pid = Long.parseLong(recorder.message());
        TransportException refusal =
                catchThrowableOfType(TransportException.class, () -> Servers.send(transport, "{}"));
        assertThat(refusal.mayHaveBeenDelivered()).isFalse();
        assertThat(recorder.end()).hasMessageContaining("closed its input while it was still running");
        Servers.await("the server was killed", () -> !Servers.runs(pid));
    }

    @Test
    void what_was_written_before_the_exit_is_delivered_first() throws Exception {
        Recorder recorder = new Recorder();
        servers.open(Servers.shell("i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done; exit 1"), recorder);
        recorder.end();
        assertThat(recorder.messages).hasSize(500).endsWith("line 499");
    }

    @Test
    void secrets_in_the_last_words_and_in_the_command_are_masked() throws Exception {
        Recorder recorder = new Recorder();
        McpUri.Builder uri = Servers.shell("echo \"token $TOKEN at $1\" >&2; exit 1")
                .add("arg", "sh")
                .add("arg", "postgres://user:hunter22@db/x")
                .add("env.TOKEN", "s3cr3t-value");
        servers.open(uri, recorder);
        assertThat(recorder.end())
                .hasMessageContaining("token *** at postgres://***@db/x")
                .hasMessageNotContaining("s3cr3t")
                .hasMessageNotContaining("hunter22");
    }

    @Test
    void an_exit_before_the_start_is_reported_at_the_start() throws Exception {
        Transport transport = servers.open(Servers.shell("echo early; echo why >&2; sleep 300 & sleep 0.1; exit 7"));
        Servers.await("only the child is left", () -> Servers.children().isEmpty());
        Recorder recorder = new Recorder();
        transport.start(recorder);
        assertThat(recorder.message()).isEqualTo("early");
        assertThat(recorder.end()).hasMessageContaining("exited with code 7").hasMessageContaining("why");
    }
}
