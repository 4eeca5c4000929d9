package io.mcpdrivers.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class McpUriCanonicalTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mcp:stdio:npx?b=2&a=1            | mcp:stdio:npx?a=1&b=2",
                "mcp:stdio:npx?cwd=/x&arg=1&arg=2 | mcp:stdio:npx?arg=1&cwd=/x&arg=2",
                "mcp:stdio:n%70x?%61rg=%2Dy       | mcp:stdio:npx?arg=-y",
                "mcp:stdio:npx?arg=a%20b          | mcp:stdio:npx?arg=a b",
                "mcp:stdio:npx?arg=%c3%a9         | mcp:stdio:npx?arg=é",
                "mcp:stdio:npx?arg=%7e%C3%A9      | mcp:stdio:npx?arg=~%c3%a9",
                "MCP:STDIO:npx                    | mcp:stdio:npx",
                "mcp:HTTPS://Example.COM/P?Q=1    | mcp:https://example.com/P?Q=1",
                "mcp:http:http://host/x           | mcp:http://host/x",
                "mcp:http://U:P@HOST/x            | mcp:http://U:P@host/x",
                "mcp:http://h/x#b=2&a=1           | mcp:http://h/x#a=1&b=2",
            })
    void the_same_uri_written_differently_is_equal(String one, String other) {
        assertThat(McpUri.parse(one)).isEqualTo(McpUri.parse(other)).hasSameHashCodeAs(McpUri.parse(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mcp:stdio:npx?arg=1&arg=2 | mcp:stdio:npx?arg=2&arg=1",
                "mcp:stdio:npx?arg=1       | mcp:stdio:npx?arg=1&arg=1",
                "mcp:stdio:npx?arg=a%26b=c | mcp:stdio:npx?arg=a&b=c",
                "mcp:stdio:npx             | mcp:stdio:NPX",
                "mcp:stdio:npx?a=          | mcp:stdio:npx",
                "mcp:stdio:npx%3Fa=b       | mcp:stdio:npx?a=b",
                "mcp:stdio:npx?arg=1+1     | mcp:stdio:npx?arg=1%201",
                "mcp:http://h/A            | mcp:http://h/a",
                "mcp:http://u:P@h/         | mcp:http://u:p@h/",
                "mcp:http://h/?a=1         | mcp:http://h/#a=1",
                "mcp:http://h/             | mcp:sse:http://h/",
            })
    void what_means_something_else_is_not_equal(String one, String other) {
        assertThat(McpUri.parse(one)).isNotEqualTo(McpUri.parse(other));
    }

    @Test
    void parameters_can_be_left_out_of_the_comparison() {
        assertThat(McpUri.parse("mcp:stdio:npx?arg=1&requestTimeout=5s").canonical(name -> name.equals("arg")))
                .isEqualTo("mcp:stdio:npx?arg=1");
    }

    @Test
    void an_open_placeholder_does_not_reach_into_the_next_parameter() {
        McpUri uri = McpUri.builder("stdio", "x")
                .add("a", "$${open")
                .add("b", "${open")
                .add("c", "}")
                .build();
        McpUri read = McpUri.parse(uri.canonical());
        assertThat(read).isEqualTo(uri);
        assertThat(read.parameter("a")).isEqualTo("$${open");
        assertThat(read.parameter("b")).isEqualTo("${open");
        assertThat(read.parameter("c")).isEqualTo("}");
        assertThat(McpUri.parse("mcp:stdio:x?a=$${b&c=}").parameter("c")).isEqualTo("}");
    }

    @Test
    void random_uris_are_read_back_equal_from_their_canonical_form() {
        String alphabet = "ab01 %&=?#+/:@$${}}{;,\"'\\<>[]|^`~!*()._-\t\n\0\u007Fé漢\u2028\uFEFF";
        Random random = new Random(42);
        int built = 0;
        for (int i = 0; i < 8_000; i++) {
            McpUri.Builder builder = McpUri.builder("stdio", text(random, alphabet, 1 + random.nextInt(8)));
            int parameters = random.nextInt(5);
            for (int p = 0; p < parameters; p++) {
                builder.add(text(random, alphabet, 1 + random.nextInt(4)), text(random, alphabet, random.nextInt(12)));
            }
            McpUri uri;
            try {
                uri = builder.build();
            } catch (McpUriException e) {
                // Targets that look like URLs cannot hold everything.
                assertThat(e).hasMessageContaining("URL");
                continue;
            }
            built++;
            McpUri read = McpUri.parse(uri.canonical());
            assertThat(read).as(uri.canonical()).isEqualTo(uri);
            assertThat(read.target()).isEqualTo(uri.target());
            for (String name : uri.parameterNames()) {
                assertThat(read.parameters(name))
                        .as("%s of %s", name, uri.canonical())
                        .isEqualTo(uri.parameters(name));
            }
            assertThat(read.parameterNames()).containsExactlyInAnyOrderElementsOf(uri.parameterNames());
            assertThat(read.canonical()).isEqualTo(uri.canonical());
        }
        assertThat(built).isGreaterThan(7_500);
    }

    @Test
    void whatever_is_parsed_is_read_back_equal_and_the_rest_is_refused() {
        String alphabet = "ab1%24&=?#+/:@${}- é";
        Random random = new Random(7);
        String[] beginnings = {"mcp:stdio:", "mcp:http://", "mcp:sse:http://h", "mcp:", "mcp:x:y?"};
        int parsed = 0;
        for (int i = 0; i < 20_000; i++) {
            String text = beginnings[random.nextInt(beginnings.length)] + text(random, alphabet, random.nextInt(25));
            try {
                McpUri uri = McpUri.parse(text);
                parsed++;
                assertThat(McpUri.parse(uri.canonical())).as(text).isEqualTo(uri);
                assertThat(uri.toString()).as(text).isNotEmpty();
            } catch (McpUriException e) {
                assertThat(e.position()).as(text).isLessThanOrEqualTo(text.length());
            }
        }
        assertThat(parsed).isGreaterThan(500);
    }

    private static String text(Random random, String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(
                    random.nextInt(40) == 0 ? "\uD83D\uDE00" : "" + alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
