package io.mcpdrivers.pool;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private static final long PS_SECONDS = 5;

    private final Map<Long, Long> resident = new HashMap<>();
    private final Map<Long, List<Long>> children = new HashMap<>();

    /** Looks at all processes; null if the system does not show them. Does I/O. */
    static @Nullable ProcessTable read() throws IOException {
        if (Files.isReadable(PROC.resolve("self/status"))) {
            return ofProc();
        }
        return WINDOWS ? null : ofPs();
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

    private static ProcessTable ofPs() throws IOException {
        Process ps = new ProcessBuilder("ps", "-axo", "pid=,ppid=,rss=")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(ps.getInputStream(), StandardCharsets.ISO_8859_1))) {
            ProcessTable table = new ProcessTable();
            String line;
            while ((line = lines.readLine()) != null) {
                table.addLine(line);
            }
            if (!ps.waitFor(PS_SECONDS, TimeUnit.SECONDS) || ps.exitValue() != 0) {
                throw new IOException("ps did not list the processes");
            }
            return table;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while ps listed the processes", e);
        } finally {
            ps.destroyForcibly();
        }
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
