package io.mcpdrivers.example.server;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * An MCP server over stdio with the tools {@code echo}, {@code add} and {@code counter}. It speaks 2026-07-28, and the
 * revisions from 2024-11-05 to 2025-11-25 to clients that begin with {@code initialize}.
 *
 * <p>Every tool is done at once, so messages are served one after the other by the one thread there is. The server
 * ends when its input does.
 */
public final class ExampleServer {

    private final Protocol protocol = new Protocol(new Tools());

    private ExampleServer() {}

    /**
     * Runs the server until its input ends.
     *
     * @param arguments none
     * @throws IOException if the client has gone away
     */
    public static void main(String[] arguments) throws IOException {
        ExampleServer server = new ExampleServer();
        BufferedReader input = new BufferedReader(
                new InputStreamReader(new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8));
        // Nothing but messages may appear on standard output, so nobody else gets it.
        OutputStream output = new FileOutputStream(FileDescriptor.out);
        System.setOut(System.err);
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            Object answer = line.isBlank() ? null : server.answer(line);
            if (answer != null) {
                output.write((Json.write(answer) + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private @Nullable Object answer(String line) {
        try {
            Object message = Json.read(line);
            return message instanceof List<?> batch ? answers(batch) : answerOne(message);
        } catch (JacksonException | NumberFormatException e) {
            // The latter for a number that is too large for a BigDecimal.
            return Protocol.error(null, new RequestError(RequestError.PARSE_ERROR, String.valueOf(e.getMessage())));
        }
    }

    /** Revision 2025-03-26 lets a client send several messages in an array, and have its answers in one. */
    private @Nullable Object answers(List<?> batch) {
        List<Object> answers = new ArrayList<>();
        for (Object message : batch) {
            Object answer = answerOne(message);
            if (answer != null) {
                answers.add(answer);
            }
        }
        return answers.isEmpty() ? null : answers;
    }

    @SuppressWarnings("unchecked") // Json makes objects maps with strings for keys.
    private @Nullable Object answerOne(Object message) {
        if (message instanceof Map) {
            return protocol.answer((Map<String, Object>) message);
        }
        return Protocol.error(null, new RequestError(RequestError.INVALID_REQUEST, "A message is a JSON object"));
    }
}
