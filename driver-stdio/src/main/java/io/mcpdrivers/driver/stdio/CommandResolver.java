package io.mcpdrivers.driver.stdio;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the file that a command stands for. The JVM would look on its own {@code PATH} and, on Windows, for
 * {@code .exe} files only, so that {@code npx}, which is {@code npx.cmd}, would not be found.
 */
final class CommandResolver {

    private static final String POSIX_PATH = "/usr/local/bin:/usr/bin:/bin";
    private static final String ARGUMENTS_APART =
            "What stands behind the command's blank belongs into args, or into arg=.. of the URI, each argument for itself";
    private static final String WINDOWS_EXTENSIONS = ".COM;.EXE;.BAT;.CMD";

    private final @Nullable String path;
    private final boolean secretPath;
    private final List<String> extensions = new ArrayList<>();
    private final @Nullable File directory;
    private final boolean windows;

    /**
     * Takes the surroundings of the child.
     *
     * @param path the child's {@code PATH}; null if it has none
     * @param secretPath whether that must not be shown, because it stands in the URI as an {@code env.*}
     * @param pathExtensions the child's {@code PATHEXT}; null if it has none
     * @param directory the child's working directory; null for that of this process
     * @param windows whether to look in the way of Windows
     */
    CommandResolver(
            @Nullable String path,
            boolean secretPath,
            @Nullable String pathExtensions,
            @Nullable File directory,
            boolean windows) {
        this.path = path;
        this.secretPath = secretPath;
        this.directory = directory;
        this.windows = windows;
        if (windows) {
            String list = pathExtensions == null || pathExtensions.isBlank() ? WINDOWS_EXTENSIONS : pathExtensions;
            for (String extension : list.split(";", -1)) {
                if (extension.trim().startsWith(".")) {
                    extensions.add(extension.trim().toLowerCase(Locale.ROOT));
                }
            }
        }
    }

    /**
     * Finds the file. A command with a slash is a file name, relative to the child's working directory; one without is
     * looked for in the directories of {@code PATH}.
     *
     * @param command the command as the URI gives it
     * @return the absolute name of a file that can be executed
     * @throws IOException if there is none; the message says where it was looked for
     */
    String resolve(String command) throws IOException {
        if (command.indexOf('/') >= 0 || (windows && (command.indexOf('\\') >= 0 || command.indexOf(':') >= 0))) {
            File file = new File(command);
            return resolveFile(file.isAbsolute() ? file : new File(workingDirectory(), command), command);
        }
        File found = null;
        for (String entry : searched().split(windows ? ";" : ":", -1)) {
            String unquoted = windows ? entry.replace("\"", "") : entry;
            if (unquoted.isEmpty()) {
                continue;
            }
            File parent = new File(unquoted);
            File candidate = new File(parent.isAbsolute() ? parent : new File(workingDirectory(), unquoted), command);
            for (File file : candidates(candidate)) {
                if (file.isFile()) {
                    if (windows || file.canExecute()) {
                        return file.getAbsolutePath();
                    }
                    found = found == null ? file : found;
                }
            }
        }
        if (found != null) {
            throw new IOException(
                    "'" + found + "' is not executable by this user; change its mode, or name another file");
        }
        throw new IOException("there is no command '" + command + "' on the PATH "
                + (secretPath ? "that env.PATH gives" : "(" + searched() + ")")
                + "; install it, give its full path, or set env.PATH"
                + (command.indexOf(' ') < 0 ? "" : ". " + ARGUMENTS_APART));
    }

    private String resolveFile(File file, String command) throws IOException {
        for (File candidate : candidates(file)) {
            if (candidate.isFile()) {
                if (windows || candidate.canExecute()) {
                    return candidate.getAbsolutePath();
                }
                throw new IOException("'" + candidate + "' is not executable by this user; change its mode");
            }
        }
        throw new IOException(
                file.isDirectory()
                        ? "'" + file + "' is a directory, not a command"
                        : "there is no file '" + file + "'"
                                + (new File(command).isAbsolute() ? "" : " ('" + command + "' is relative to cwd)")
                                + (isFileWithArguments(file.getPath()) ? ". " + ARGUMENTS_APART : ""));
    }

    /** Whether a path that leads to nothing leads to a file up to one of its blanks. */
    private boolean isFileWithArguments(String path) {
        for (int end = path.indexOf(' '); end >= 0; end = path.indexOf(' ', end + 1)) {
            if (candidates(new File(path.substring(0, end))).stream().anyMatch(File::isFile)) {
                return true;
            }
        }
        return false;
    }

    /** On Windows a name without an executable extension stands for those with one, in the order of PATHEXT. */
    private List<File> candidates(File file) {
        if (!windows || extensions.contains(extension(file.getName()))) {
            return List.of(file);
        }
        List<File> candidates = new ArrayList<>();
        for (String extension : extensions) {
            candidates.add(new File(file.getPath() + extension));
        }
        return candidates;
    }

    private static String extension(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot).toLowerCase(Locale.ROOT);
    }

    private String searched() {
        return path != null ? path : windows ? "" : POSIX_PATH;
    }

    private File workingDirectory() {
        return directory != null ? directory : new File("").getAbsoluteFile();
    }

    /**
     * Says what of a command line {@code cmd.exe} would not take literally: it runs batch files, and no quoting keeps
     * it from expanding a percent sign or ending a string at a quote.
     *
     * @param command the resolved command
     * @param arguments its arguments
     * @return why it cannot be run safely; null if it can
     */
    static @Nullable String unsafeForBatchFile(String command, List<String> arguments) {
        String extension = extension(command);
        if (!extension.equals(".cmd") && !extension.equals(".bat")) {
            return null;
        }
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).chars().anyMatch(c -> c == '"' || c == '%' || c == '\r' || c == '\n')) {
                return "arg " + (i + 1)
                        + " holds a quote, a percent sign or a line break, which cannot be passed safely to"
                        + " the batch file '" + command + "'; name the program that it runs instead, such as node";
            }
        }
        return null;
    }
}
