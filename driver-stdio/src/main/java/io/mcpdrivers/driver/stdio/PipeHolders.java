package io.mcpdrivers.driver.stdio;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds, on Linux, the processes that hold the pipes which a server was started with. That shows who belongs to a
 * server when its parents have died before they were seen, as in {@code sh -c 'server & exit'}. A daemon that was
 * started to stay gives its standard streams up, and is not found. A server that exits within about a millisecond of its
 * start may be gone before its pipes are known; then nothing is found.
 */
final class PipeHolders {

    private static final int STANDARD_STREAMS = 3;

    private final Set<String> pipes;

    private PipeHolders(Set<String> pipes) {
        this.pipes = pipes;
    }

    /** The holders of the pipes of a process that has just been started; of none where that cannot be told. */
    static PipeHolders of(long pid) {
        return new PipeHolders(standardPipes(Long.toString(pid)));
    }

    /** The processes that hold one of them as a standard stream, but for this one and the children it has started. */
    List<ProcessHandle> find() {
        List<ProcessHandle> holders = new ArrayList<>();
        String[] names = pipes.isEmpty() ? null : new File("/proc").list((directory, name) -> isNumber(name));
        if (names == null) {
            return holders;
        }
        ProcessHandle self = ProcessHandle.current();
        for (String name : names) {
            if (standardPipes(name).stream().anyMatch(pipes::contains)) {
                Optional<ProcessHandle> holder = ProcessHandle.of(Long.parseLong(name));
                // A child that is just being started still has copies of the pipes of others.
                if (holder.isPresent()
                        && !holder.get().equals(self)
                        && !holder.get().parent().equals(Optional.of(self))) {
                    holders.add(holder.get());
                }
            }
        }
        return holders;
    }

    private static Set<String> standardPipes(String pid) {
        Set<String> found = new HashSet<>();
        for (int stream = 0; stream < STANDARD_STREAMS; stream++) {
            try {
                String target = Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/" + stream))
                        .toString();
                if (target.startsWith("pipe:")) {
                    found.add(target);
                }
            } catch (IOException | UnsupportedOperationException e) {
                // Another user's process, one that has gone, or no Linux.
                return found;
            }
        }
        return found;
    }

    private static boolean isNumber(String name) {
        return name.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
