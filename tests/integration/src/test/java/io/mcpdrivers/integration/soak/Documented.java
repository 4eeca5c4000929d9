package io.mcpdrivers.integration.soak;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpConnectionException;
import io.mcpdrivers.McpConnectionLostException;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpPoolClosedException;
import io.mcpdrivers.McpPoolException;
import io.mcpdrivers.McpPoolExhaustedException;
import io.mcpdrivers.McpTimeoutException;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The exceptions that are documented, for what the soak does. Exactly these kinds, none derived from them. */
final class Documented {

    /** Those of {@code McpPool.getConnection}: no such server, disabled or removed, full, does not start, interrupted. */
    private static final Set<Class<?>> BORROWING = Set.of(
            McpConfigurationException.class,
            McpPoolException.class,
            McpPoolExhaustedException.class,
            McpConnectionException.class,
            McpInterruptedException.class);

    /** Those of a call: no answer in time, connection lost, interrupted. An error of the server is told apart by its text. */
    private static final Set<Class<?>> CALLING =
            Set.of(McpTimeoutException.class, McpConnectionLostException.class, McpInterruptedException.class);

    private Documented() {}

    /** What an exception of {@code getConnection} is called; null if it is not documented. */
    static @Nullable String borrowing(Throwable failure, boolean closing) {
        boolean known = BORROWING.contains(failure.getClass()) || closing && failure instanceof McpPoolClosedException;
        return known && !isFromMistake(failure) ? name(failure) : null;
    }

    /** What an exception of a call is called; null if it is not documented. */
    static @Nullable String calling(Throwable failure) {
        return CALLING.contains(failure.getClass()) && !isFromMistake(failure) ? name(failure) : null;
    }

    /** Whether behind the failure there is a mistake of the library. */
    private static boolean isFromMistake(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            boolean mistake = cause instanceof NullPointerException
                    || cause instanceof IllegalStateException
                    || cause instanceof IllegalArgumentException
                    || cause instanceof ClassCastException
                    || cause instanceof IndexOutOfBoundsException
                    || cause instanceof Error;
            if (mistake || Arrays.stream(cause.getSuppressed()).anyMatch(Documented::isFromMistake)) {
                return true;
            }
        }
        return false;
    }

    static String name(Throwable failure) {
        return failure.getClass().getSimpleName();
    }

    static boolean mayHaveExecuted(Throwable failure) {
        return !(failure instanceof McpException known) || known.mayHaveExecuted();
    }
}
