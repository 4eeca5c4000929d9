package io.mcpdrivers.integration.npm;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.schema.CallToolResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesystemServerTest extends ServerBehaviour {

    @TempDir
    static Path folder;

    @Override
    String uri() {
        return NpmServers.filesystem(folder);
    }

    @Override
    String revision() {
        return "2025-11-25";
    }

    @Override
    String serverName() {
        return "secure-filesystem-server";
    }

    @Override
    List<String> tools() {
        return List.of("read_text_file", "write_file", "list_directory", "list_allowed_directories");
    }

    @Override
    Call callGiving(String text) {
        // A new file each time; what it answers names the file.
        return new Call("write_file", Map.of("path", folder.resolve(text).toString(), "content", "content of " + text));
    }

    @Override
    Call failingCall() {
        return new Call("read_text_file", Map.of("path", "/etc/hostname"));
    }

    @Test
    void a_file_is_written_listed_and_read() throws Exception {
        Path file = folder.resolve("notes äöü.txt");
        String text = "first line\nsecond \"line\" 😀\n";
        CallToolResult written = connection.callTool("write_file", Map.of("path", file.toString(), "content", text));
        assertThat(written.isError()).isFalse();
        assertThat(file).hasContent(text);

        assertThat(connection
                        .callTool("list_directory", Map.of("path", folder.toString()))
                        .text())
                .contains("[FILE] notes äöü.txt");

        Files.writeString(file, text + "third");
        CallToolResult read = connection.callTool("read_text_file", Map.of("path", file.toString()));
        assertThat(read.text()).isEqualTo(text + "third");
        assertThat(read.structuredContent().path("content").asString()).isEqualTo(text + "third");
    }

    @Test
    void a_large_file_is_read_whole() throws Exception {
        Path file = folder.resolve("large.txt");
        String text = "0123456789abcde\n".repeat(1 << 16);
        Files.writeString(file, text);
        assertThat(connection
                        .callTool("read_text_file", Map.of("path", file.toString()))
                        .text())
                .isEqualTo(text);
    }
}
