package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file with variables for a server's environment, {@code NAME=value} in each line, as VS Code and others read it: empty
 * lines and those that begin with a hash are nothing, {@code export} may stand in front, values may stand in quotes, and
 * within double quotes {@code \n} is a line break. Placeholders in it have no meaning.
 */
final class EnvFile {

    private static final Pattern LINE = Pattern.compile("\\s*(?:export\\s+)?([A-Za-z_][\\w.-]*)\\s*=\\s*(.*)");

    private record Read(Path path, FileTime modified, long size, Map<String, String> variables) {}

    /** What was read last; looked at again only if the file has changed. */
    private volatile @Nullable Read last;
    /** Whether it was read more than once, and had changed. */
    private volatile boolean changed;

    /**
     * The variables in the file as it is now.
     *
     * @throws McpConfigurationException if it cannot be read
     */
    Map<String, String> variables(Path path) {
        Read known = last;
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            if (known == null
                    || !known.path.equals(path)
                    || known.size != now.size()
                    || !known.modified.equals(now.lastModifiedTime())) {
                changed |= known != null;
                known = new Read(path, now.lastModifiedTime(), now.size(), parse(SourceFile.read(path), path));
                last = known;
            }
            return known.variables;
        } catch (IOException e) {
            throw new McpConfigurationException("envFile " + path + " cannot be read: " + e, e);
        }
    }

    /** Whether the file has changed since it was read for the first time. */
    boolean isOutdated() {
        Read known = last;
        if (known == null) {
            return false;
        }
        if (changed) {
            return true;
        }
        try {
            BasicFileAttributes now = Files.readAttributes(known.path, BasicFileAttributes.class);
            return known.size != now.size() || !known.modified.equals(now.lastModifiedTime());
        } catch (IOException e) {
            return true;
        }
    }

    private static Map<String, String> parse(String text, Path path) {
        Map<String, String> variables = new TreeMap<>();
        int number = 0;
        for (String line : text.split("\\R", -1)) {
            number++;
            if (line.isBlank() || line.stripLeading().startsWith("#")) {
                continue;
            }
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                // The line may be a secret.
                throw new McpConfigurationException(
                        "envFile " + path + ", line " + number + ": it is not of the form NAME=value", null);
            }
            variables.put(matcher.group(1), value(matcher.group(2).strip()));
        }
        return variables;
    }

    private static String value(String written) {
        char quote = written.isEmpty() ? 0 : written.charAt(0);
        int end = quote == '"' || quote == '\'' ? end(written, quote) : -1;
        if (end > 0) {
            String value = written.substring(1, end);
            return quote == '\'' ? value : unescape(value);
        }
        int comment = written.indexOf(" #");
        return comment < 0 ? written : written.substring(0, comment).strip();
    }

    /** Where the closing quote stands, behind which nothing but a comment may follow; -1 if it does not. */
    private static int end(String written, char quote) {
        for (int i = 1; i < written.length(); i++) {
            if (quote == '"' && written.charAt(i) == '\\') {
                i++;
            } else if (written.charAt(i) == quote) {
                String behind = written.substring(i + 1).strip();
                return behind.isEmpty() || behind.startsWith("#") ? i : -1;
            }
        }
        return -1;
    }

    private static String unescape(String value) {
        StringBuilder out = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c != '\\' || i + 1 == value.length()) {
                out.append(c);
                continue;
            }
            char next = value.charAt(++i);
            switch (next) {
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case '"', '\\' -> out.append(next);
                default -> out.append(c).append(next);
            }
        }
        return out.toString();
    }
}
