package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.mcpdrivers.testing.Answers;
import io.mcpdrivers.testing.NothingLeft;
import io.mcpdrivers.testing.ScriptedServer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What calls allocate on the calling thread. The bounds are generous; the measured values are printed. */
@ExtendWith(NothingLeft.class)
class AllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long allocated() {
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    @Test
    void a_small_call_allocates_less_than_3_kb() {
        try (ScriptedServer modern = ScriptedServer.modern(Answers::echo).forgetful();
                ScriptedServer legacy = ScriptedServer.legacy(Answers::echo).forgetful()) {
            assertThat(perCall("modern", modern.open())).isLessThan(3 * 1024);
            assertThat(perCall("legacy", legacy.open())).isLessThan(3 * 1024);
        }
    }

    private static long perCall(String era, McpConnection connection) {
        int calls = 20_000;
        callEcho(connection, 5_000);
        long before = allocated();
        callEcho(connection, calls);
        long each = (allocated() - before) / calls;
        System.err.println("Allocated per small " + era + " call on the calling thread: " + each + " bytes");
        return each;
    }

    private static void callEcho(McpConnection connection, int times) {
        Map<String, String> arguments = Map.of("message", "hello");
        for (int i = 0; i < times; i++) {
            if (!connection.callTool("echo", arguments).text().equals("hello")) {
                throw new AssertionError("a wrong answer");
            }
        }
    }

    @Test
    void a_result_of_8_mb_allocates_less_than_3_times_its_size() {
        int size = 8 * 1024 * 1024;
        // Java's own decoder takes four times the size of what is beyond Latin-1.
        Map<String, Integer> bounds = Map.of(
                "plain text without anything. ", 3, "lines\\n and \\\"quotes\\\" ", 3, "Grüße ", 3, "€ and 漢字 ", 6);
        for (String piece : bounds.keySet()) {
            byte[] unit = piece.getBytes(StandardCharsets.UTF_8);
            StringBuilder text = new StringBuilder();
            for (int length = 0; length < size; length += unit.length) {
                text.append(piece);
            }
            byte[] end = (text + "\"}]}}").getBytes(StandardCharsets.UTF_8);
            try (ScriptedServer server = ScriptedServer.modern((message, client) -> {
                        byte[] start = ("{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id")
                                        + ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"")
                                .getBytes(StandardCharsets.UTF_8);
                        byte[] whole = new byte[start.length + end.length];
                        System.arraycopy(start, 0, whole, 0, start.length);
                        System.arraycopy(end, 0, whole, start.length, end.length);
                        client.send(whole);
                    })
                    .forgetful()) {
                McpConnection connection = server.open();
                for (int i = 0; i < 3; i++) {
                    connection.callTool("big", null);
                }
                long before = allocated();
                int length = connection.callTool("big", null).text().length();
                double times = (double) (allocated() - before) / end.length;
                System.err.printf(
                        "Allocated for a result of 8 MB (%d characters of '%s') on the calling thread: %.2f times its"
                                + " size%n",
                        length, piece, times);
                assertThat(times).isLessThan(bounds.get(piece));
            }
        }
    }
}
