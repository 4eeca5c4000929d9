package io.mcpdrivers.integration.misbehaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.McpException;
import java.util.function.Supplier;

/** What is said of servers that end by themselves. */
final class Ends {

    private static final int ATTEMPTS = 8;

    private Ends() {}

    /**
     * A failure that says with which code or signal a server ended. That is waited for only a moment once the streams
     * have ended, in which a busy machine may not get to it; what is reported then is that the server still ran.
     *
     * @param attempt has a server of its own end, and gives what the caller was told
     */
    static <E extends McpException> E reported(String end, Supplier<E> attempt) {
        for (int made = 1; ; made++) {
            E failure = attempt.get();
            if (String.valueOf(failure.getMessage()).contains(end) || made == ATTEMPTS) {
                assertThat(failure).hasMessageContaining(end);
                return failure;
            }
            assertThat(failure).hasMessageContaining("still running");
        }
    }
}
