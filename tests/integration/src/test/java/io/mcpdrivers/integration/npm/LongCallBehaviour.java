package io.mcpdrivers.integration.npm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpTimeoutException;
import io.mcpdrivers.integration.Await;
import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.Progress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What also holds for a server that has a tool which takes its time and reports progress. */
abstract class LongCallBehaviour extends ServerBehaviour {

    /** A call that takes that long and reports progress at least twice. */
    abstract Call longCall(int milliseconds);

    @Test
    void progress_is_reported_while_a_call_runs() {
        Call call = longCall(400);
        List<Progress> reported = new CopyOnWriteArrayList<>();
        Thread caller = Thread.currentThread();
        List<Thread> reportedOn = new CopyOnWriteArrayList<>();
        CallToolResult result = connection.callTool(
                call.tool(), call.arguments(), CallOptions.defaults().withProgress(progress -> {
                    reported.add(progress);
                    reportedOn.add(Thread.currentThread());
                }));
        assertThat(result.isError()).isFalse();
        assertThat(reported).hasSizeGreaterThanOrEqualTo(2);
        assertThat(reported).extracting(Progress::progress).isSorted().doesNotHaveDuplicates();
        assertThat(reportedOn).containsOnly(caller);
    }

    @Test
    void a_call_that_takes_too_long_is_cancelled_and_the_connection_works_on() {
        Call call = longCall(20_000);
        long took = Await.millis(() -> assertThatThrownBy(() ->
                        connection.callTool(call.tool(), call.arguments(), CallOptions.timeout(Duration.ofMillis(200))))
                .isInstanceOf(McpTimeoutException.class)
                .hasMessageContainingAll(call.tool(), "200ms")
                .satisfies(e -> assertThat(((McpException) e).mayHaveExecuted()).isTrue()));
        assertThat(took).isBetween(200L, 15_000L);

        CompletableFuture<CallToolResult> future = connection.callToolAsync(call.tool(), call.arguments());
        assertThat(future.cancel(true)).isTrue();

        assertThat(call(callGiving("next")).text()).contains("next");
    }
}
