package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads files that somebody else has written: UTF-8, with or without a byte order mark, and not endless. */
final class SourceFile {

    /** The most that a file of configuration may hold. */
    static final int MOST_BYTES = 4 * 1024 * 1024;

    private SourceFile() {}

    static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, "file " + file);
        } catch (NoSuchFileException e) {
            throw new McpConfigurationException(
                    "There is no configuration file " + file.toAbsolutePath() + "; create it or name another", e);
        } catch (IOException e) {
            throw new McpConfigurationException("Configuration file " + file + " cannot be read: " + e, e);
        }
    }

    /**
     * Reads to the end.
     *
     * @param source what it is, for messages
     */
    static String read(InputStream in, String source) throws IOException {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new McpConfigurationException(
                    "Configuration " + source + " is larger than " + MOST_BYTES / 1024 / 1024
                            + " MiB, which is more than is read; is it the right one?",
                    null);
        }
        StringBuilder text = new StringBuilder(bytes.length);
        try (Reader reader =
                new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8.newDecoder())) {
            char[] buffer = new char[8192];
            for (int n = reader.read(buffer); n >= 0; n = reader.read(buffer)) {
                text.append(buffer, 0, n);
            }
        } catch (CharacterCodingException e) {
            throw new McpConfigurationException("Configuration " + source + " is not in UTF-8", e);
        }
        return text.length() > 0 && text.charAt(0) == '\uFEFF' ? text.substring(1) : text.toString();
    }
}
