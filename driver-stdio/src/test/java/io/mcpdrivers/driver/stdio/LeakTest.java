package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is opened and closed leaves nothing, and what is open costs little. */
@Timeout(120)
class LeakTest {

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_hundred_opened_and_closed_leave_no_thread_process_or_descriptor() throws Exception {
        String works = "exec cat";
        String breaks = "echo ready; echo broken >&2; exit 1";
        String leaves = "sleep 300 & echo ready; sleep 0.1; exit 1";
        // Each way once, since a class that is loaded may open a jar that stays open.
        for (String script : new String[] {works, breaks, leaves}) {
            cycle(2, script);
        }
        int descriptors = descriptors();
        cycle(100, works);
        cycle(20, breaks);
        cycle(10, leaves);
        Servers.await("the descriptors are closed", () -> descriptors() <= descriptors);
        Servers.await(
                "the threads have ended",
                () -> Servers.threads().stream().noneMatch(name -> !name.equals("mcp-stream-watch")));
        assertThat(Servers.children()).isEmpty();
    }

    private void cycle(int times, String script) throws Exception {
        for (int i = 0; i < times; i++) {
            Recorder recorder = new Recorder();
            try (Transport transport = new StdioDriver().open(shell(script), OpenOptions.of("leak"))) {
                transport.start(recorder);
                if (script.contains("cat")) {
                    Servers.send(transport, "ready");
                }
                assertThat(recorder.message()).isEqualTo("ready");
            }
        }
    }

    /** What a script leaves behind is not waited for as long as it would be otherwise. */
    private static McpUri shell(String script) {
        return Servers.shell(script).set("closeTimeout", "300ms").build();
    }

    private static int descriptors() {
        String[] names = new java.io.File("/proc/self/fd").list();
        return names == null ? 0 : names.length;
    }

    @Test
    void an_idle_connection_costs_one_thread() throws Exception {
        List<Transport> transports = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            transports.add(servers.open(McpUri.builder("stdio", "cat"), new Recorder()));
        }
        assertThat(Servers.threads())
                .filteredOn(name -> !name.startsWith("mcp-read"))
                .hasSizeLessThanOrEqualTo(2);
        assertThat(Servers.threads()).hasSizeLessThanOrEqualTo(12);
        assertThat(transports).allMatch(Transport::isOpen);
    }

    @Test
    void a_server_opened_and_never_started_is_ended() throws Exception {
        long begin = System.nanoTime();
        servers.open(McpUri.builder("stdio", "cat").add("closeTimeout", "60s").add("killTimeout", "60s"))
                .close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void an_oversized_message_is_skipped_and_the_next_one_arrives() throws Exception {
        Recorder recorder = new Recorder();
        Transport transport = servers.open(
                Servers.shell("head -c 50000000 /dev/zero | tr '\\0' x; echo; echo next; read line"),
                new OpenOptions("test", Duration.ofSeconds(5), 100_000));
        transport.start(recorder);
        assertThat(recorder.message()).isEqualTo("next");
        assertThat(recorder.oversized).containsExactly(50_000_000L);
    }
}
