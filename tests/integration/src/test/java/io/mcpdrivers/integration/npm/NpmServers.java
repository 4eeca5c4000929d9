package io.mcpdrivers.integration.npm;

import io.mcpdrivers.integration.Leftovers;
import io.mcpdrivers.spi.McpUri;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The servers in {@code tests/npm}, which are installed when they are first asked for. */
public final class NpmServers {

    static final Path FOLDER = Path.of(System.getProperty("basedir", ""))
            .toAbsolutePath()
            .normalize()
            .resolveSibling("npm");
    static final String OFFICIAL = "node_modules/@modelcontextprotocol/";
    private static final long INSTALL_SECONDS = 100;

    private static boolean installed;

    private NpmServers() {}

    /** The reference server with a tool for every feature. */
    public static String everything() {
        return node(OFFICIAL + "server-everything/dist/index.js");
    }

    /** A server of the files in a folder. */
    public static String filesystem(Path folder) {
        return node(OFFICIAL + "server-filesystem/dist/index.js", folder.toString());
    }

    /** A server that keeps what it is told in a file. */
    public static String memory(Path file) {
        return node(OFFICIAL + "server-memory/dist/index.js") + "&env.MEMORY_FILE_PATH=" + file;
    }

    /** A server on the official SDK that speaks 2026-07-28, and the older revisions, too. */
    public static String modern() {
        return node("modern-server.mjs");
    }

    /** The same server, refusing older clients. */
    public static String modernOnly() {
        return modern() + "&env.MODERN_ONLY=1";
    }

    private static String node(String script, String... arguments) {
        install();
        McpUri.Builder uri = McpUri.builder("stdio", "node")
                .add("arg", FOLDER.resolve(script).toString());
        for (String argument : arguments) {
            uri.add("arg", argument);
        }
        return Leftovers.marked(uri.build().canonical());
    }

    static synchronized void install() {
        if (installed) {
            return;
        }
        run("node", List.of("node", "--version"));
        if (!isUpToDate()) {
            run("npm", List.of("npm", "ci", "--prefix", FOLDER.toString(), "--no-audit", "--no-fund"));
        }
        installed = true;
    }

    private static boolean isUpToDate() {
        Path done = FOLDER.resolve("node_modules/.package-lock.json");
        try {
            return Files.exists(done)
                    && Files.getLastModifiedTime(done)
                                    .compareTo(Files.getLastModifiedTime(FOLDER.resolve("package-lock.json")))
                            >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static void run(String what, List<String> command) {
        try {
            Path output = Files.createTempFile("npm", ".log");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(INSTALL_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            String text = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            if (!ended || process.exitValue() != 0) {
                throw new IllegalStateException("'" + String.join(" ", command) + "' "
                        + (ended ? "ended with " + process.exitValue() : "did not end in " + INSTALL_SECONDS + " s")
                        + ":\n" + text);
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "These tests run MCP servers from npm and need " + what
                            + " on the PATH: install Node 20 or later with npm (" + e.getMessage() + ")",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while running '" + String.join(" ", command) + "'", e);
        }
    }
}
