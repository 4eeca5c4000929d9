package io.mcpdrivers.pool;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The processes of this machine at some moment, with their resident memory, where the system shows it. */
final class ProcessTable {

    private static final Logger log = LoggerFactory.getLogger(ProcessTable.class);

    private static final Path PROC = Path.of("/proc");
    private static final boolean WINDOWS =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
    private static final int MOST_PROCESSES = 1_000_000;
    private static final Duration PS_LIMIT = Duration.ofSeconds(5);
    /** More than three numbers need; what is longer is none of those. */
    private static final int LONGEST_LINE = 200;

    private static final long MOST_CHARACTERS = 64L * MOST_PROCESSES;

    private final Map<Long, Long> resident = new HashMap<>();
    private final Map<Long, List<Long>> children = new HashMap<>();

    /** Looks at all processes; null if the system does not show them. Does I/O. */
    static @Nullable ProcessTable read() throws IOException {
        if (Files.isReadable(PROC.resolve("self/status"))) {
            return ofProc();
        }
        return WINDOWS ? null : ofCommand(List.of("ps", "-axo", "pid=,ppid=,rss="), PS_LIMIT);
    }

    void add(long id, long parent, long bytes) {
        if (resident.size() < MOST_PROCESSES) {
            resident.put(id, bytes);
            children.computeIfAbsent(parent, unused -> new ArrayList<>()).add(id);
        }
    }

    /** The memory of a process and of all that descends from it; 0 if it is not there. */
    long residentOfTree(long root) {
        long bytes = 0;
        Set<Long> seen = new HashSet<>();
        Deque<Long> left = new ArrayDeque<>(List.of(root));
        Long id;
        while ((id = left.poll()) != null) {
            if (seen.add(id)) {
                bytes += resident.getOrDefault(id, 0L);
                left.addAll(children.getOrDefault(id, List.of()));
            }
        }
        return bytes;
    }

    private static ProcessTable ofProc() throws IOException {
        ProcessTable table = new ProcessTable();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                try {
                    table.addStatus(Long.parseLong(entry.getFileName().toString()), entry.resolve("status"));
                } catch (IOException | NumberFormatException e) {
                    log.trace("Process {} has ended meanwhile, or is not ours to look at", entry, e);
                }
            }
        }
        return table;
    }

    private void addStatus(long id, Path status) throws IOException {
        long parent = -1;
        long kilobytes = 0;
        for (String line : Files.readString(status, StandardCharsets.ISO_8859_1).split("\n", -1)) {
            if (line.startsWith("PPid:")) {
                parent = Long.parseLong(line.substring(5).trim());
            } else if (line.startsWith("VmRSS:")) {
                kilobytes = Long.parseLong(line.substring(6).replace("kB", "").trim());
            }
        }
        add(id, parent, kilobytes * 1024);
    }

    /**
     * Reads what a command such as {@code ps} prints.
     *
     * @param limit how long it may take before it is ended
     * @throws IOException if it cannot be run, fails or takes too long
     */
    static ProcessTable ofCommand(List<String> command, Duration limit) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream output = process.getInputStream()) {
            // Reading ends when the process does, but not before all is read: the process itself would close its
            // output.
            ProcessHandle handle = process.toHandle();
            var unused = process.onExit()
                    .orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS)
                    .exceptionally(late -> {
                        handle.destroyForcibly();
                        return null;
                    });
            ProcessTable table = new ProcessTable();
            table.addLines(output);
            if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS) || process.exitValue() != 0) {
                throw new IOException(
                        command.get(0) + " did not list the processes within " + limit.toMillis() + " ms");
            }
            return table;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while " + command.get(0) + " listed the processes", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private void addLines(InputStream output) throws IOException {
        Reader reader = new InputStreamReader(output, StandardCharsets.ISO_8859_1);
        char[] buffer = new char[8192];
        StringBuilder line = new StringBuilder();
        long left = MOST_CHARACTERS;
        int count;
        while ((count = reader.read(buffer)) >= 0) {
            left -= count;
            if (left < 0) {
                throw new IOException("The list of processes is longer than " + MOST_CHARACTERS + " characters");
            }
            for (int i = 0; i < count; i++) {
                if (buffer[i] == '\n') {
                    addLine(line.toString());
                    line.setLength(0);
                } else if (line.length() < LONGEST_LINE) {
                    line.append(buffer[i]);
                }
            }
        }
        addLine(line.toString());
    }

    /** A line of {@code ps}: process, parent, kilobytes. */
    void addLine(String line) {
        String[] numbers = line.trim().split("\\s+", -1);
        try {
            if (numbers.length == 3) {
                add(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]) * 1024);
            }
        } catch (NumberFormatException e) {
            log.trace("ps said {}", line, e);
        }
    }
}
