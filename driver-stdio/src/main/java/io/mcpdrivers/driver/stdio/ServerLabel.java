package io.mcpdrivers.driver.stdio;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * Names a server in messages, by its name and its command line, secrets masked.
 *
 * @param name the server's name
 * @param uri what was opened
 */
record ServerLabel(String name, McpUri uri) {

    private static final int MAX_COMMAND_LENGTH = 400;

    /** For example {@code 'files' (npx -y @modelcontextprotocol/server-filesystem /data)}. */
    @Override
    public String toString() {
        StringBuilder command = new StringBuilder(quoted(uri.display()));
        for (String argument : uri.display("arg")) {
            command.append(' ').append(quoted(argument));
        }
        if (command.length() > MAX_COMMAND_LENGTH) {
            command.setLength(MAX_COMMAND_LENGTH);
            command.append("...");
        }
        return "'" + name + "' (" + command + ")";
    }

    /** A failure to start that is the fault of the URI or of the machine's set-up. */
    TransportException cannotStart(String reason, @Nullable Throwable cause) {
        return cannotStart(TransportException.Kind.CONFIGURATION, reason, cause);
    }

    TransportException cannotStart(TransportException.Kind kind, String reason, @Nullable Throwable cause) {
        return new TransportException(kind, "Cannot start server " + this + ": " + uri.redact(reason), false, cause);
    }

    private static String quoted(String word) {
        boolean plain = !word.isEmpty() && word.chars().noneMatch(c -> c <= ' ' || c == '"' || c == '\'');
        return plain ? word : "\"" + ServerStderr.printable(word) + "\"";
    }
}
