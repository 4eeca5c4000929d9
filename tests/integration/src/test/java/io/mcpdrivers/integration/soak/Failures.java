package io.mcpdrivers.integration.soak;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Failures in words. */
final class Failures {

    private static final int MOST_CHARACTERS = 6_000;

    private Failures() {}

    /** With its stack trace, causes, and what was suppressed. */
    static String describe(Throwable failure) {
        StringWriter out = new StringWriter();
        failure.printStackTrace(new PrintWriter(out));
        String text = out.toString();
        return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + "..";
    }

    /** What a thread is doing. */
    static String stack(Thread thread) {
        StringBuilder out = new StringBuilder();
        for (StackTraceElement element : thread.getStackTrace()) {
            out.append("\n    at ").append(element);
        }
        return out.toString();
    }
}
