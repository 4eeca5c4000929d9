package io.mcpdrivers.driver.stdio;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a server: what it needs to find its way about, taken from this process, and what the URI gives.
 * Everything else of this process, its secrets among it, stays here.
 */
final class ChildEnvironment {

    private static final Set<String> POSIX_NAMES =
            Set.of("HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LANG", "TZ", "TMPDIR");

    private static final Set<String> WINDOWS_NAMES = Set.of(
            "APPDATA",
            "COMSPEC",
            "HOMEDRIVE",
            "HOMEPATH",
            "LOCALAPPDATA",
            "PATH",
            "PATHEXT",
            "PROCESSOR_ARCHITECTURE",
            "PROGRAMFILES",
            "SYSTEMDRIVE",
            "SYSTEMROOT",
            "TEMP",
            "TMP",
            "USERNAME",
            "USERPROFILE");

    private final List<String> inherited = new ArrayList<>();
    private final Map<String, String> added;
    private final boolean windows;

    /**
     * Takes what the URI says.
     *
     * @param inherit the further names, separated by commas, each perhaps ending in an asterisk; may be null
     * @param added the variables to set, by name
     * @param windows whether names are those of Windows and compared without regard to case
     */
    ChildEnvironment(@Nullable String inherit, Map<String, String> added, boolean windows) {
        this.added = added;
        this.windows = windows;
        if (inherit != null) {
            for (String name : inherit.split(",", -1)) {
                if (!name.isBlank()) {
                    inherited.add(comparable(name.trim()));
                }
            }
        }
    }

    /**
     * Turns the environment of this process into that of the child. What stays is not written anew, so that it keeps
     * its bytes even if they are not valid in the JVM's encoding.
     */
    void applyTo(Map<String, String> environment) {
        environment
                .entrySet()
                .removeIf(variable -> !isInherited(variable.getKey()) || isShellFunction(variable.getValue()));
        added.forEach((name, value) -> {
            if (windows) {
                environment.keySet().removeIf(name::equalsIgnoreCase);
            }
            environment.put(name, value);
        });
    }

    private boolean isInherited(String variable) {
        String name = comparable(variable);
        if (windows ? WINDOWS_NAMES.contains(name) : POSIX_NAMES.contains(name) || name.startsWith("LC_")) {
            return true;
        }
        for (String pattern : inherited) {
            boolean matches = pattern.endsWith("*")
                    ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                    : name.equals(pattern);
            if (matches) {
                return true;
            }
        }
        return false;
    }

    /** Old shells export functions as such values, and run what stands behind them. */
    private static boolean isShellFunction(String value) {
        return value.startsWith("()");
    }

    private String comparable(String name) {
        return windows ? name.toUpperCase(Locale.ROOT) : name;
    }
}
