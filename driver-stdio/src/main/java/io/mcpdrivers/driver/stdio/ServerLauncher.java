package io.mcpdrivers.driver.stdio;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.TransportException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Starts the process that a URI describes, and finds out beforehand what would go wrong. */
final class ServerLauncher {

    static final boolean WINDOWS = File.pathSeparatorChar == ';';

    private static final Pattern ERROR_NUMBER = Pattern.compile("error=(\\d+)");
    /** EAGAIN, ENOMEM, ENFILE, EMFILE: the machine is short of something, which may pass. */
    private static final List<String> PASSING_ERRORS = List.of("11", "12", "23", "24", "35");

    private final ServerLabel label;
    private final McpUri uri;

    ServerLauncher(ServerLabel label) {
        this.label = label;
        this.uri = label.uri();
    }

    /**
     * Starts the process.
     *
     * @throws TransportException if that is not possible
     */
    Process start() throws TransportException {
        List<String> arguments = uri.parameters("arg");
        Map<String, String> variables = uri.parametersWithPrefix("env.");
        check(arguments, variables);
        File directory = directory();
        ProcessBuilder builder = new ProcessBuilder();
        if (directory != null) {
            builder.directory(directory);
        }
        new ChildEnvironment(uri.parameter("inheritEnv"), variables, WINDOWS).applyTo(builder.environment());
        String command = resolve(builder.environment(), variables, directory);
        List<String> commandLine = new ArrayList<>();
        commandLine.add(command);
        commandLine.addAll(arguments);
        if (WINDOWS) {
            String unsafe = CommandResolver.unsafeForBatchFile(command, arguments);
            if (unsafe != null) {
                throw label.cannotStart(unsafe, null);
            }
        }
        try {
            return builder.command(commandLine).start();
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            Matcher number = ERROR_NUMBER.matcher(message);
            boolean passing = number.find() && PASSING_ERRORS.contains(number.group(1));
            throw label.cannotStart(
                    passing ? TransportException.Kind.CONNECTION : TransportException.Kind.CONFIGURATION,
                    "the operating system refuses to run '" + command + "': " + message,
                    null);
        }
    }

    private String resolve(Map<String, String> environment, Map<String, String> variables, @Nullable File directory)
            throws TransportException {
        boolean ownPath = variables.keySet().stream().anyMatch(ServerLauncher::isPath);
        CommandResolver resolver = new CommandResolver(
                value(environment, "PATH"), ownPath, value(environment, "PATHEXT"), directory, WINDOWS);
        try {
            return resolver.resolve(uri.target());
        } catch (IOException e) {
            throw label.cannotStart(String.valueOf(e.getMessage()), null);
        }
    }

    private static boolean isPath(String name) {
        return WINDOWS ? name.equalsIgnoreCase("PATH") : name.equals("PATH");
    }

    private static @Nullable String value(Map<String, String> environment, String name) {
        if (!WINDOWS) {
            return environment.get(name);
        }
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            if (variable.getKey().equalsIgnoreCase(name)) {
                return variable.getValue();
            }
        }
        return null;
    }

    private @Nullable File directory() throws TransportException {
        String cwd = uri.parameter("cwd");
        if (cwd == null) {
            return null;
        }
        File directory = new File(cwd).getAbsoluteFile();
        String shown = String.join("", uri.display("cwd"));
        if (cwd.isEmpty()) {
            throw label.cannotStart("cwd is empty; give a directory, or leave it out", null);
        }
        if (!directory.exists()) {
            throw label.cannotStart("the directory that cwd names does not exist: '" + shown + "'", null);
        }
        if (!directory.isDirectory()) {
            throw label.cannotStart("cwd names '" + shown + "', which is no directory", null);
        }
        return directory;
    }

    /** Refuses what the JVM would pass on changed: a NUL would cut a value short, a lost character become a '?'. */
    private void check(List<String> arguments, Map<String, String> variables) throws TransportException {
        check("the command", uri.target());
        for (int i = 0; i < arguments.size(); i++) {
            check("arg " + (i + 1), arguments.get(i));
        }
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            String name = variable.getKey();
            if (name.indexOf('=') >= 0) {
                throw label.cannotStart("env." + name.replaceAll("=.*", "=***") + ": a name cannot hold a '='", null);
            }
            check("the name of env." + name, name);
            check("env." + name, variable.getValue());
        }
        String cwd = uri.parameter("cwd");
        if (cwd != null) {
            check("cwd", cwd);
        }
    }

    private void check(String what, String value) throws TransportException {
        if (value.indexOf('\0') >= 0) {
            throw label.cannotStart(what + " holds a NUL character, which no process can be given", null);
        }
        Charset charset = systemCharset();
        if (!WINDOWS && !charset.newEncoder().canEncode(value)) {
            throw label.cannotStart(
                    what + " holds characters that this JVM cannot pass to a process, since it was started with the"
                            + " encoding " + charset + "; start the JVM in a UTF-8 locale, for example with"
                            + " LC_ALL=C.UTF-8",
                    null);
        }
    }

    /** What the JVM encodes command lines with: up to Java 17 the default charset, then that of the locale. */
    private static Charset systemCharset() {
        String locale = System.getProperty("sun.jnu.encoding");
        if (Runtime.version().feature() < 18 || locale == null) {
            return Charset.defaultCharset();
        }
        try {
            return Charset.forName(locale);
        } catch (IllegalArgumentException e) {
            return Charset.defaultCharset();
        }
    }
}
