package io.mcpdrivers.integration.npm;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.schema.CallToolResult;
import io.mcpdrivers.schema.ContentBlock;
import io.mcpdrivers.schema.EmbeddedResource;
import io.mcpdrivers.schema.ImageContent;
import io.mcpdrivers.schema.ResourceLink;
import io.mcpdrivers.schema.TextContent;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The reference server, over whatever transport. */
abstract class EverythingBehaviour extends LongCallBehaviour {

    record Weather(int temperature, String conditions, int humidity) {}

    @Override
    String revision() {
        return "2025-11-25";
    }

    @Override
    String serverName() {
        return "mcp-servers/everything";
    }

    @Override
    List<String> tools() {
        return List.of("echo", "get-sum", "get-tiny-image", "get-structured-content", "trigger-long-running-operation");
    }

    @Override
    Call callGiving(String text) {
        return new Call("echo", Map.of("message", text));
    }

    @Override
    Call failingCall() {
        return new Call("echo", Map.of());
    }

    @Override
    Call longCall(int milliseconds) {
        return new Call("trigger-long-running-operation", Map.of("duration", milliseconds / 1000.0, "steps", 4));
    }

    @Override
    boolean hasResources() {
        return true;
    }

    @Test
    void structured_content_is_read_as_json_and_as_a_class() {
        CallToolResult result = connection.callTool("get-structured-content", Map.of("location", "New York"));
        assertThat(result.structuredContent().path("temperature").asInt()).isEqualTo(33);
        assertThat(result.structuredContent(Weather.class)).isEqualTo(new Weather(33, "Cloudy", 82));
    }

    @Test
    void arguments_may_be_any_object() {
        record Sum(int a, double b) {}
        assertThat(connection.callTool("get-sum", new Sum(2, 0.5)).text()).contains("2.5");
    }

    @Test
    void an_image_comes_between_texts() {
        List<ContentBlock> content =
                connection.callTool("get-tiny-image", Map.of()).content();
        assertThat(content).extracting(ContentBlock::type).containsExactly("text", "image", "text");
        assertThat(content.get(1)).isInstanceOfSatisfying(ImageContent.class, image -> {
            assertThat(image.mimeType()).isEqualTo("image/png");
            assertThat(Base64.getDecoder().decode(image.data())).startsWith(0x89, 'P', 'N', 'G');
        });
    }

    @Test
    void links_and_embedded_resources_are_read() {
        List<ContentBlock> links =
                connection.callTool("get-resource-links", Map.of("count", 2)).content();
        assertThat(links.subList(1, 3))
                .allSatisfy(block -> assertThat(block).isInstanceOfSatisfying(ResourceLink.class, link -> {
                    assertThat(link.uri()).startsWith("demo://resource/");
                    assertThat(link.name()).isNotEmpty();
                }));
        assertThat(resource("Text").text()).isNotEmpty();
        assertThat(Base64.getDecoder().decode(resource("Blob").blob())).isNotEmpty();
    }

    private EmbeddedResource resource(String type) {
        return (EmbeddedResource) connection
                .callTool("get-resource-reference", Map.of("resourceType", type, "resourceId", 1))
                .content()
                .get(1);
    }

    @Test
    void annotations_of_content_are_kept() {
        ContentBlock block = connection
                .callTool("get-annotated-message", Map.of("messageType", "error"))
                .content()
                .get(0);
        assertThat(block).isInstanceOf(TextContent.class);
        assertThat(block.annotations().path("priority").asDouble()).isEqualTo(1.0);
        assertThat(block.annotations().path("audience").size()).isEqualTo(2);
    }

    @Test
    void instructions_and_capabilities_are_there() {
        assertThat(connection.metadata().instructions()).contains("Everything");
        assertThat(connection.metadata().capabilities().has("resources")).isTrue();
    }
}
