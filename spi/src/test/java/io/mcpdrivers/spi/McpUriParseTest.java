package io.mcpdrivers.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class McpUriParseTest {

    @Test
    void a_command_has_its_parameters_behind_a_question_mark() {
        McpUri uri = McpUri.parse("mcp:stdio:npx?arg=-y&arg=%40scope/pkg&env.DEBUG=1&env.A=b=c&cwd=/tmp/a%20b"
                + "&requestTimeout=1m&maxMessageSize=64k&pool=false&empty=");
        assertThat(uri.scheme()).isEqualTo("stdio");
        assertThat(uri.target()).isEqualTo("npx");
        assertThat(uri.parameters("arg")).containsExactly("-y", "@scope/pkg");
        assertThat(uri.parametersWithPrefix("env.")).containsEntry("DEBUG", "1").containsEntry("A", "b=c");
        assertThat(uri.parameter("cwd")).isEqualTo("/tmp/a b");
        assertThat(uri.parameter("empty")).isEmpty();
        assertThat(uri.parameter("absent")).isNull();
        assertThat(uri.duration("requestTimeout", Duration.ZERO)).isEqualTo(Duration.ofMinutes(1));
        assertThat(uri.duration("absent", Duration.ofSeconds(7))).isEqualTo(Duration.ofSeconds(7));
        assertThat(uri.size("maxMessageSize", 1)).isEqualTo(65_536);
        assertThat(uri.bool("pool", true)).isFalse();
        assertThat(uri.parameterNames())
                .containsExactly(
                        "arg", "env.DEBUG", "env.A", "cwd", "requestTimeout", "maxMessageSize", "pool", "empty");
    }

    @Test
    void a_command_may_hold_what_is_encoded() {
        assertThat(McpUri.parse("mcp:stdio:/opt/my%20server%3F%23%26%25").target())
                .isEqualTo("/opt/my server?#&%");
        assertThat(McpUri.parse("mcp:stdio:C%3A\\Program Files\\node.exe?arg=1+1")
                        .target())
                .isEqualTo("C:\\Program Files\\node.exe");
        assertThat(McpUri.parse("mcp:stdio:x?arg=1+1").parameter("arg")).isEqualTo("1+1");
        assertThat(McpUri.parse("mcp:stdio:x?arg=%E6%BC%A2é\uD83D\uDE00%00%0a").parameter("arg"))
                .isEqualTo("漢é\uD83D\uDE00\0\n");
    }

    @Test
    void a_url_keeps_its_query_and_has_its_parameters_in_the_fragment() {
        McpUri uri = McpUri.parse("mcp:https://host:8443/a%20b?x=1&y=%26#requestTimeout=5s&header.X-Team=a%26b?c#d");
        assertThat(uri.scheme()).isEqualTo("https");
        assertThat(uri.target()).isEqualTo("https://host:8443/a%20b?x=1&y=%26");
        assertThat(uri.parameter("header.X-Team")).isEqualTo("a&b?c#d");
        assertThat(McpUri.parse("mcp:http://localhost").target()).isEqualTo("http://localhost");
        assertThat(McpUri.parse("mcp:http://localhost/#").parameterNames()).isEmpty();
    }

    @Test
    void a_scheme_may_stand_before_a_url_of_another() {
        McpUri uri = McpUri.parse("mcp:sse:http://host/sse?a=b#pool=false");
        assertThat(uri.scheme()).isEqualTo("sse");
        assertThat(uri.target()).isEqualTo("http://host/sse?a=b");
        assertThat(uri.parameter("pool")).isEqualTo("false");
        assertThat(uri.canonical()).isEqualTo("mcp:sse:http://host/sse?a=b#pool=false");
    }

    @Test
    void the_name_of_a_server_and_the_path_of_a_socket_are_targets() {
        assertThat(McpUri.parse("mcp:server:files").target()).isEqualTo("files");
        assertThat(McpUri.parse("mcp:unix:/run/a.sock").target()).isEqualTo("/run/a.sock");
    }

    @Test
    void schemes_are_read_in_any_case() {
        assertThat(McpUri.parse("MCP:StdIO:npx")).isEqualTo(McpUri.parse("mcp:stdio:npx"));
        assertThat(McpUri.parse("mcp:HTTP://Host/Path")).isEqualTo(McpUri.parse("mcp:http://host/Path"));
    }

    @Test
    void superfluous_separators_are_tolerated() {
        assertThat(McpUri.parse("mcp:stdio:npx?").parameterNames()).isEmpty();
        assertThat(McpUri.parse("mcp:stdio:npx?&a=1&&b=2&")).isEqualTo(McpUri.parse("mcp:stdio:npx?a=1&b=2"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "npx                        | 0  | must begin with 'mcp:'",
                "\"\"                       | 0  | must begin with 'mcp:'",
                "https://host/mcp           | 0  | must begin with 'mcp:', as in mcp:https://host/mcp",
                "every                      | 0  | or mcp:server:every for a configured server",
                "mcp:                       | 4  | a scheme and a colon must follow",
                "mcp:npx                    | 4  | a scheme and a colon must follow",
                "mcp::npx                   | 4  | a scheme and a colon must follow",
                "mcp:1x:npx                 | 4  | a scheme and a colon must follow",
                "mcp:stdio:                 | 10 | a command is expected",
                "mcp:stdio:?arg=1           | 10 | a command is expected",
                "mcp:server:                | 11 | the name of a configured server",
                "mcp:http:                  | 9  | a URL is expected",
                "mcp:http:host              | 9  | a URL is expected",
                "mcp:https:/host            | 10 | a URL is expected",
                "mcp:sse:host               | 8  | a URL is expected, as in mcp:sse:http://host/sse",
                "mcp:unix:                  | 9  | what to connect to",
                "mcp:stdio:npx#arg=1        | 13 | '#' has no meaning here",
                "mcp:stdio:npx?arg=a#b      | 19 | '#' has no meaning here",
                "mcp:stdio:npx?arg          | 14 | needs a value",
                "mcp:stdio:npx?a=1&arg&b=2  | 18 | needs a value",
                "mcp:stdio:npx?=1           | 14 | needs a name",
                "mcp:http://host#pool       | 16 | needs a value",
                "mcp:stdio:n%px             | 11 | two hexadecimal digits",
                "mcp:stdio:npx%             | 13 | two hexadecimal digits",
                "mcp:stdio:npx?arg=%4       | 18 | two hexadecimal digits",
                "mcp:stdio:npx?a=%2&b=1     | 16 | two hexadecimal digits",
                "mcp:stdio:npx?arg=%４１    | 18 | two hexadecimal digits",
                "mcp:stdio:npx?arg=%C3      | 18 | not UTF-8",
                "mcp:stdio:npx?a=1&%FF=2    | 18 | not UTF-8",
                "mcp:http://h/${A           | 13 | never closed",
            })
    void an_error_names_its_position_and_reason(String text, int position, String reason) {
        McpUriException e = catchThrowableOfType(McpUriException.class, () -> McpUri.parse(text));
        assertThat(e).hasMessageContaining(reason).hasMessageContaining("position " + position + ":");
        assertThat(e.position()).isEqualTo(position);
        assertThat(e).hasMessageStartingWith("Invalid MCP URI at position ");
    }

    @Test
    void control_characters_and_halves_of_characters_are_refused_with_their_position() {
        for (String bad : new String[] {"\n", "\0", "\u007F", "\uD800", "\uDE00", "\uDE00\uD83D"}) {
            McpUriException e =
                    catchThrowableOfType(McpUriException.class, () -> McpUri.parse("mcp:stdio:npx?arg=" + bad + "x"));
            assertThat(e.position()).isEqualTo(18);
        }
    }

    @Test
    void a_parameter_that_takes_one_value_may_stand_only_once() {
        McpUri uri = McpUri.parse("mcp:stdio:npx?cwd=/a&cwd=/b&env.X=hush&env.X=quiet");
        assertThat(catchThrowableOfType(McpUriException.class, () -> uri.parameter("cwd")))
                .hasMessageContaining("'cwd' stands 2 times");
        assertThat(catchThrowableOfType(McpUriException.class, () -> uri.parametersWithPrefix("env.")))
                .hasMessageContaining("'env.X'")
                .hasMessageNotContaining("hush");
    }

    @Test
    void a_value_of_the_wrong_form_names_parameter_value_and_forms() {
        McpUri uri = McpUri.parse("mcp:stdio:npx?requestTimeout=30&pool=yes&maxMessageSize=big");
        assertThat(catchThrowableOfType(McpUriException.class, () -> uri.duration("requestTimeout", Duration.ZERO)))
                .hasMessageContaining("'requestTimeout'")
                .hasMessageContaining("'30' is no duration")
                .hasMessageContaining("30s");
        assertThat(catchThrowableOfType(McpUriException.class, () -> uri.bool("pool", true)))
                .hasMessageContaining("'yes'");
        assertThat(catchThrowableOfType(McpUriException.class, () -> uri.size("maxMessageSize", 1)))
                .hasMessageContaining("'big' is no size");
    }

    @Test
    void a_builder_makes_what_the_parser_reads() {
        McpUri built = McpUri.builder("stdio", "my server?")
                .add("arg", "a&b")
                .add("arg", "c=d#e")
                .set("cwd", "/x")
                .set("cwd", "/y")
                .build();
        assertThat(built).isEqualTo(McpUri.parse("mcp:stdio:my%20server%3F?arg=a%26b&arg=c=d%23e&cwd=/y"));
        assertThat(built.toBuilder().add("arg", "f").build().parameters("arg")).containsExactly("a&b", "c=d#e", "f");
        assertThat(McpUri.builder("http", "http://Host/p").build()).isEqualTo(McpUri.parse("mcp:http://host/p"));
        assertThat(McpUri.builder("http", "//host/p").build().target()).isEqualTo("http://host/p");
    }

    @Test
    void a_builder_refuses_what_cannot_be_written() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> McpUri.builder("stdio", "x").add("", "v"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> McpUri.builder("stdio", "").build())
                .withMessageContaining("empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> McpUri.builder("no scheme", "x").build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> McpUri.builder("http", "host").build());
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> McpUri.builder("http", "http://h/p#header.A=1").build())
                .withMessageContaining("'#'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> McpUri.builder("http", "http://h/\n").build());
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> McpUri.builder("stdio", "x").add("arg", "\uD800").build())
                .withMessageContaining("'arg'");
    }
}
