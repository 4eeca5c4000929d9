package io.mcpdrivers.driver.stdio;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A process and all that descends from it. Descendants are remembered when they are seen, since those whose parent has
 * died can no longer be found from the root. Thread-safe.
 */
final class ProcessTree {

    private static final boolean HAS_PROC = Files.isReadable(Path.of("/proc/self/stat"));

    private final Process root;
    /** Signals by this handle: {@link Process#destroy} also closes the streams, which can block. */
    private final ProcessHandle handle;

    private final PipeHolders pipes;
    private final Set<ProcessHandle> descendants = ConcurrentHashMap.newKeySet();

    ProcessTree(Process root) {
        this.root = root;
        this.handle = root.toHandle();
        this.pipes = PipeHolders.of(root.pid());
    }

    /** Looks for descendants that are not known yet, and forgets those that are gone. */
    void remember() {
        Set<ProcessHandle> found = new HashSet<>();
        if (root.isAlive()) {
            handle.descendants().forEach(found::add);
        }
        for (ProcessHandle known : descendants) {
            if (!found.contains(known) && isRunning(known)) {
                // Its parent has died; its own children can be found from it alone.
                known.descendants().forEach(found::add);
            }
        }
        descendants.addAll(found);
        descendants.removeIf(known -> !isRunning(known));
    }

    /** Adds those that hold the standard streams of the root, though nothing else shows where they come from. */
    void rememberPipeHolders() {
        pipes.find().forEach(descendants::add);
        remember();
    }

    /** Whether anything of it runs. */
    boolean isAlive() {
        return root.isAlive() || descendants.stream().anyMatch(ProcessTree::isRunning);
    }

    /** Asks all that is known to run to terminate; where the system cannot ask, as on Windows, kills it. */
    void terminate() {
        for (ProcessHandle running : running()) {
            running.destroy();
        }
    }

    /** Kills all that is known to run, without waiting. */
    void kill() {
        remember();
        for (ProcessHandle running : running()) {
            running.destroyForcibly();
        }
    }

    /** Waits until nothing runs; false if something still does after the given time. */
    boolean awaitEnd(long nanos, Waits waits) {
        long deadline = System.nanoTime() + nanos;
        waits.until(nanos, time -> root.waitFor(time, TimeUnit.NANOSECONDS));
        return waits.polling(deadline - System.nanoTime(), () -> !isAlive());
    }

    /** The root first: a parent that dies before its children does not start them anew. */
    private List<ProcessHandle> running() {
        List<ProcessHandle> running = new ArrayList<>();
        if (root.isAlive()) {
            running.add(handle);
        }
        descendants.stream().filter(ProcessTree::isRunning).forEach(running::add);
        return running;
    }

    /** The ids of what runs, for a message. */
    List<Long> pids() {
        return running().stream().map(ProcessHandle::pid).toList();
    }

    /**
     * Whether a process runs. One that has ended but that nobody has reaped does not, though the JDK calls it alive;
     * where process 1 is a program that reaps no strangers, as a JVM in a container is, it stays so for ever.
     */
    static boolean isRunning(ProcessHandle process) {
        if (!process.isAlive()) {
            return false;
        }
        if (!HAS_PROC) {
            return true;
        }
        // Not by a channel, which an interrupt would close.
        try (InputStream in = new FileInputStream("/proc/" + process.pid() + "/stat")) {
            String stat = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            int state = stat.lastIndexOf(')') + 2;
            return state >= stat.length() || (stat.charAt(state) != 'Z' && stat.charAt(state) != 'X');
        } catch (IOException e) {
            return process.isAlive();
        }
    }
}
