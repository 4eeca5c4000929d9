package io.mcpdrivers.example.quickstart;

import io.mcpdrivers.McpException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** MCP Drivers at work: a tour without arguments, one call to any server with them. See {@link Arguments#USAGE}. */
public final class Quickstart {

    private Quickstart() {}

    /**
     * Runs the quickstart and exits.
     *
     * @param commandLine see {@link Arguments#USAGE}
     */
    public static void main(String[] commandLine) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        // The pool keeps its servers until the JVM exits.
        System.exit(run(commandLine, out, err));
    }

    /** As {@link #main}, but gives the exit code instead of exiting. */
    static int run(String[] commandLine, PrintStream out, PrintStream err) {
        Arguments arguments;
        try {
            arguments = Arguments.parse(commandLine);
        } catch (Arguments.Misused e) {
            err.println(e.getMessage());
            err.println();
            err.print(Arguments.USAGE);
            return 2;
        }
        if (arguments.help()) {
            out.print(Arguments.USAGE);
            return 0;
        }
        if (arguments.verbose()) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "debug");
        }
        try {
            String uri = arguments.uri();
            return uri == null ? new Tour(out).run() : new OneCall(uri, arguments, out, err).run();
        } catch (RuntimeException e) {
            err.println(e instanceof McpException ? e.getMessage() : e.toString());
            if (arguments.verbose()) {
                e.printStackTrace(err);
            } else {
                err.println("(-v shows more)");
            }
            return 1;
        }
    }
}
