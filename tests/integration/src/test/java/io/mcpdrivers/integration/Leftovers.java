package io.mcpdrivers.integration;

import io.mcpdrivers.fixture.Fixture;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/** What of the servers and connections of this JVM is still there. */
public final class Leftovers {

    /** An environment variable that the servers of this JVM have, so that those without a parent are found, too. */
    private static final String MARK_NAME = "MCP_TEST_RUN";

    private static final String MARK = MARK_NAME + "=" + UUID.randomUUID();

    private static final Path PROC = Path.of("/proc");
    private static final boolean LINUX = Files.isReadable(PROC.resolve("self/environ"));

    private Leftovers() {}

    /** The URI of a fixture server that will be found again. */
    public static String fixture(String... options) {
        return marked(Fixture.uri(options));
    }

    /** A URI whose server will be found again. */
    public static String marked(String uri) {
        return uri + (uri.contains("?") ? "&" : "?") + "env." + MARK;
    }

    /** Has a process that is about to be started found again. */
    public static void mark(ProcessBuilder process) {
        process.environment().put(MARK_NAME, MARK.substring(MARK_NAME.length() + 1));
    }

    /** The processes that this JVM has started, at any remove, and that are there. */
    public static Set<String> processes() {
        Set<String> found = new TreeSet<>();
        ProcessHandle.current().descendants().forEach(process -> found.add(describe(process)));
        for (Path process : LINUX ? processFolders() : List.<Path>of()) {
            if (read(process.resolve("environ")).contains(MARK)) {
                ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                        .ifPresent(orphan -> found.add(describe(orphan)));
            }
        }
        return found;
    }

    /** Children of this JVM that have ended and that it has not reaped; none where that cannot be told. */
    public static Set<String> zombies() {
        Set<String> found = new TreeSet<>();
        for (Path process : LINUX ? processFolders() : List.<Path>of()) {
            String stat = read(process.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ");
            if (fields.length > 1
                    && fields[0].equals("Z")
                    && fields[1].equals(String.valueOf(ProcessHandle.current().pid()))) {
                found.add(stat.substring(0, stat.lastIndexOf(')') + 1));
            }
        }
        return found;
    }

    /** Ends whatever is there, so that one failed test does not fail the others. */
    public static void kill() {
        for (String process : processes()) {
            ProcessHandle.of(Long.parseLong(process.substring(0, process.indexOf(' '))))
                    .ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /** The names of threads that belong to a connection, a start or a pool; not those that wait a while for more work. */
    public static Set<String> threads() {
        Set<String> names = new TreeSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            String name = thread.getName();
            if (name.startsWith("mcp-read-")
                    || name.equals("mcp-http-stream")
                    || name.startsWith("mcp-http2")
                    || name.startsWith("mcp-pool-start-")
                    || name.startsWith("mcp-pool-housekeeping")) {
                names.add(name);
            }
        }
        return names;
    }

    /** How many file descriptors this JVM has open; -1 where that cannot be told. */
    public static int descriptors() {
        String[] names = LINUX ? new File("/proc/self/fd").list() : null;
        return names == null ? -1 : names.length;
    }

    /** Whether a process runs. One that nobody has reaped yet does not. */
    public static boolean runs(long pid) {
        if (!ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
            return false;
        }
        String stat = LINUX ? read(PROC.resolve(pid + "/stat")) : "() R";
        return !stat.isEmpty()
                && !stat.substring(stat.lastIndexOf(')') + 1).trim().startsWith("Z");
    }

    private static String describe(ProcessHandle process) {
        return process.pid() + " " + process.info().commandLine().orElse("?");
    }

    private static List<Path> processFolders() {
        try (Stream<Path> all = Files.list(PROC)) {
            return all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .toList();
        } catch (IOException e) {
            return new ArrayList<>();
        }
    }

    /** The text of a file; empty if the process has gone. */
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
