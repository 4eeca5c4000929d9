package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The places that a file with servers speaks of.
 *
 * @param workspace what <code>${workspaceFolder}</code> stands for, and what relative paths are relative to
 * @param workspaceKnown whether that was given or follows from where the file is, and is not just where this process is
 * @param secondsByName whether the file has the name that applications give it which count timeouts in seconds
 */
record McpJsonPaths(Path workspace, boolean workspaceKnown, boolean secondsByName) {

    /** How many letters of a variable may be wrong. */
    private static final int MOST_MISSPELT = 2;

    private static final String HOME = "${sys:user.home}";

    /** Those of editors that are filled in when a file is read. */
    static final List<String> VARIABLES = List.of(
            "${workspaceFolder}",
            "${workspaceFolderBasename}",
            "${workspaceRoot}",
            "${userHome}",
            "${cwd}",
            "${pathSeparator}");

    private static final Pattern NOT_SET = Pattern.compile("'\\$\\{([A-Za-z]+)}' in .* is not set.*", Pattern.DOTALL);

    private static final List<String> IN_SECONDS =
            List.of("mcp_settings.json", "cline_mcp_settings.json", ".roo/mcp.json", ".kilocode/mcp.json");

    static McpJsonPaths of(@Nullable Path file, @Nullable Path givenWorkspace) {
        Path absolute = file == null ? null : file.toAbsolutePath().normalize();
        Path folder = absolute == null ? null : absolute.getParent();
        Path workspace = givenWorkspace != null ? givenWorkspace.toAbsolutePath() : folder;
        if (workspace == null) {
            workspace = Path.of("").toAbsolutePath();
        } else if (givenWorkspace == null) {
            Path name = workspace.getFileName();
            Path above = workspace.getParent();
            if (name != null && above != null && name.toString().startsWith(".")) {
                workspace = above;
            }
        }
        return new McpJsonPaths(
                workspace,
                folder != null || givenWorkspace != null,
                absolute != null && IN_SECONDS.stream().anyMatch(absolute::endsWith));
    }

    /**
     * The directory in which a process of a {@code servers} file starts that names none; null to leave that to the
     * process itself.
     */
    @Nullable
    String defaultDirectory() {
        return workspaceKnown && Files.isDirectory(workspace) ? escaped(workspace.toString()) : null;
    }

    /** A text in which a tilde at the beginning stands for the home of the user, as in a shell. */
    static String fromHome(String text) {
        boolean home = text.equals("~") || text.startsWith("~/") || text.startsWith("~\\");
        return home ? HOME + text.substring(1) : text;
    }

    /** A path as it was written, made absolute, unless it begins with a placeholder. */
    String absolute(String path) {
        return path.startsWith("${") ? path : literal(workspace.toString(), path);
    }

    private static String literal(String folder, String path) {
        // What stands before a placeholder tells whether the path is absolute.
        int placeholder = path.indexOf("${");
        String known = placeholder < 0 ? path : path.substring(0, placeholder);
        if (Path.of(known).isAbsolute() || known.startsWith("/")) {
            return path;
        }
        String below = path.startsWith("./") || path.startsWith(".\\") ? path.substring(2) : path;
        return escaped(folder) + java.io.File.separator + below;
    }

    /**
     * Replaces the variables of editors that are known now by what they stand for, also in the defaults of others. Those
     * of the environment and inputs stay, to be filled in when connecting.
     *
     * @throws McpConfigurationException if a default cannot hold what stands in it
     */
    String fillIn(String text) {
        if (!text.contains("${")) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        int open = 0;
        for (int i = 0; i < text.length(); ) {
            if (text.startsWith("$${", i)) {
                out.append("$${");
                i += 3;
                continue;
            }
            if (!text.startsWith("${", i)) {
                open -= open > 0 && text.charAt(i) == '}' ? 1 : 0;
                out.append(text.charAt(i++));
                continue;
            }
            int end = text.indexOf('}', i);
            String value = end < 0 ? null : value(text.substring(i + 2, end));
            if (value == null) {
                open++;
                out.append("${");
                i += 2;
                continue;
            }
            if (open > 0 && !value.startsWith("${") && value.indexOf('}') >= 0) {
                throw new McpConfigurationException(
                        "'" + text.substring(i, end + 1) + "' is " + value
                                + ", which cannot stand in the default of another variable because of its brace",
                        null);
            }
            out.append(value);
            i = end + 1;
        }
        return out.toString();
    }

    /** What may have been meant by a variable that is not set, to be added to the message which says so. */
    static String hint(String message) {
        Matcher notSet = NOT_SET.matcher(message);
        if (notSet.matches() && notSet.group(1).length() > MOST_MISSPELT * 2) {
            for (String variable : VARIABLES) {
                String name = variable.substring(2, variable.length() - 1).toLowerCase(Locale.ROOT);
                if (NearestName.isNear(notSet.group(1), name, MOST_MISSPELT)) {
                    return ". Did you mean '" + variable + "', which JSON files have?";
                }
            }
        }
        return "";
    }

    private @Nullable String value(String variable) {
        return switch (variable) {
            case "workspaceFolder", "workspaceRoot" -> escaped(workspace.toString());
            case "workspaceFolderBasename" -> {
                Path name = workspace.getFileName();
                yield escaped(name == null ? "" : name.toString());
            }
            case "userHome" -> HOME;
            case "cwd" -> "${sys:user.dir}";
            case "pathSeparator", "/" -> java.io.File.separator;
            default -> null;
        };
    }

    private static String escaped(String literal) {
        return literal.replace("${", "$${");
    }
}
