package io.mcpdrivers.integration.soak;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Sends signals to the processes below this one, through one shell that stays. */
final class Signals implements AutoCloseable {

    private final Process shell;
    private final Writer commands;

    Signals() {
        try {
            shell = new ProcessBuilder("sh")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands = new OutputStreamWriter(shell.getOutputStream(), StandardCharsets.US_ASCII);
    }

    /** A process of a server over stdio, at any remove; not one of those that serve HTTP, nor the shell. */
    ProcessHandle anyOf(Random random, List<ProcessHandle> spared) {
        List<ProcessHandle> all = ProcessHandle.current()
                .descendants()
                .filter(process -> process.pid() != shell.pid() && !spared.contains(process))
                .filter(process -> !isStartingHttp(process))
                .toList();
        return all.isEmpty() ? shell.toHandle() : all.get(random.nextInt(all.size()));
    }

    /** Whether it is about to serve HTTP, but not among those yet that do; whoever starts it would wait for it in vain. */
    private static boolean isStartingHttp(ProcessHandle process) {
        String command = process.info().commandLine().orElse("");
        return command.isEmpty() || command.contains("HttpFixtureServer") || command.contains("jspawnhelper");
    }

    boolean isNobody(ProcessHandle process) {
        return process.pid() == shell.pid();
    }

    void stop(ProcessHandle process) {
        send("STOP", process);
    }

    void goOn(ProcessHandle process) {
        send("CONT", process);
    }

    private void send(String signal, ProcessHandle process) {
        if (process.isAlive()) {
            try {
                commands.write("kill -" + signal + " " + process.pid() + "\n");
                commands.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            commands.close();
            if (!shell.waitFor(10, TimeUnit.SECONDS)) {
                shell.destroyForcibly();
            }
        } catch (IOException e) {
            shell.destroyForcibly();
        } catch (InterruptedException e) {
            shell.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
