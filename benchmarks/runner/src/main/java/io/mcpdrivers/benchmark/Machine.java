package io.mcpdrivers.benchmark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was measured on. */
final class Machine {

    private Machine() {}

    static Map<String, Object> describe() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("processor", first(Path.of("/proc/cpuinfo"), "model name", System.getProperty("os.arch")));
        members.put("processors", Runtime.getRuntime().availableProcessors());
        members.put("memory", first(Path.of("/proc/meminfo"), "MemTotal", "unknown"));
        members.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return members;
    }

    /** How many threads wanted to run, on the average of the last minute. */
    static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static String first(Path file, String name, String otherwise) {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(otherwise);
        } catch (IOException e) {
            return otherwise;
        }
    }
}
