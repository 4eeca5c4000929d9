package io.mcpdrivers.engine;

import io.mcpdrivers.spi.McpUri;
import java.util.List;
import java.util.Set;

/** Makes up a short name for a server that has none, for logs and threads. */
final class ServerNames {

    private static final Set<String> LAUNCHERS =
            Set.of("npx", "npx.cmd", "uvx", "uv", "node", "python", "python3", "java", "docker", "bun", "deno", "sh");

    private static final int MOST_CHARACTERS = 40;

    private ServerNames() {}

    static String of(McpUri uri) {
        String target = uri.display();
        int scheme = target.indexOf("://");
        if (scheme >= 0) {
            String authority = target.substring(scheme + 3).split("[/?]", 2)[0];
            return clean(authority.substring(authority.indexOf('@') + 1), uri);
        }
        String command = lastSegment(target);
        if (LAUNCHERS.contains(command)) {
            List<String> arguments = uri.parameters("arg");
            for (String argument : arguments) {
                // A package or file follows the launcher; anything with an equals sign or blanks may be a secret.
                if (argument.matches("[@A-Za-z0-9][\\w@./-]*") && !argument.equals("run")) {
                    return clean(lastSegment(argument), uri);
                }
                if (!argument.matches("-\\w|--\\w+")) {
                    break;
                }
            }
        }
        return clean(command, uri);
    }

    private static String lastSegment(String path) {
        String trimmed = path.replaceAll("[/\\\\]+$", "");
        return trimmed.substring(Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\')) + 1);
    }

    private static String clean(String name, McpUri uri) {
        String cleaned = uri.redact(name).replaceAll("[^A-Za-z0-9._:-]+", "-").replaceAll("^-+|-+$", "");
        if (cleaned.length() > MOST_CHARACTERS) {
            cleaned = cleaned.substring(0, MOST_CHARACTERS);
        }
        return cleaned.isEmpty() ? uri.scheme() : cleaned;
    }
}
