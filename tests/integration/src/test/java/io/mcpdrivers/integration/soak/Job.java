package io.mcpdrivers.integration.soak;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpRequestException;
import io.mcpdrivers.schema.CallToolResult;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * One call of a tool, and what may come of it.
 *
 * @param kind what it is called in the table
 * @param tool the tool
 * @param arguments its arguments
 * @param timeout its timeout
 * @param text what is in it and nowhere else, and in its answer
 * @param answer how the server answers
 * @param number the number of the record that the call leaves at the server; -1 if it leaves none
 */
record Job(
        String kind, String tool, Map<String, ?> arguments, Duration timeout, String text, Answer answer, int number) {

    /** How a server answers. */
    enum Answer {
        RESULT,
        ERROR_RESULT,
        ERROR
    }

    CallOptions options() {
        return CallOptions.timeout(timeout);
    }

    /**
     * What came of it.
     *
     * @return the outcome's name; one that begins with an exclamation mark must not be
     */
    String outcome(@Nullable CallToolResult result, @Nullable Throwable failure) {
        if (result != null) {
            boolean own = answer != Answer.ERROR
                    && result.text().equals(text)
                    && result.isError() == (answer == Answer.ERROR_RESULT);
            return own ? Outcomes.ANSWERED : "! not its own answer: " + shortened(result.text()) + " to " + this;
        }
        if (failure == null) {
            return "! neither an answer nor a failure";
        }
        if (failure instanceof McpRequestException error) {
            boolean own = answer == Answer.ERROR && error.serverMessage().equals(text);
            return own ? Outcomes.ANSWERED : "! not its own error: " + failure + " to " + this;
        }
        if (failure instanceof CancellationException) {
            return "cancelled";
        }
        String name = Documented.calling(failure);
        return name != null ? name : "! not documented: " + Failures.describe(failure) + " of " + this;
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? "'" + text + "'" : "'" + text.substring(0, 100) + "..'";
    }

    @Override
    public String toString() {
        return kind + " " + shortened(text);
    }
}
