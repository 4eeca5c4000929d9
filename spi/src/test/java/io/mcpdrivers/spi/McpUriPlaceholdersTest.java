package io.mcpdrivers.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class McpUriPlaceholdersTest {

    private static final Map<String, String> VALUES = Map.of(
            "env:SET", "value",
            "env:EMPTY", "",
            "sys:some.name", "system",
            "env:HOST", "host.example",
            "env:ODD", "a&b=c?d#e%20f",
            "env:NESTED", "${SET}",
            "env:URL", "https://resolved.example/mcp");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "${SET}               | value",
                "${env:SET}           | value",
                "${sys:some.name}     | system",
                "a${SET}b${env:SET}c  | avaluebvaluec",
                "${SET:-other}        | value",
                "${UNSET:-other}      | other",
                "${EMPTY:-other}      | other",
                "${EMPTY}             | ''",
                "${UNSET:-}           | ''",
                "${env:UNSET:-a:-b}   | a:-b",
                "$${SET}              | ${SET}",
                "$$${SET}             | $${SET}",
                "$${                  | ${",
                "$ {SET} $SET {SET} } | $ {SET} $SET {SET} }",
                "${UNSET:-a&b?c#d}    | a&b?c#d",
                "${UNSET:-a%26b}      | a&b",
                "${ODD}               | a&b=c?d#e%20f",
                "${NESTED}            | ${SET}",
                "${UNSET:-${SET}}     | value",
                "${UNSET:-a/${SET}/b} | a/value/b",
                "${UNSET:-${EMPTY:-${SET}}} | value",
                "${UNSET:-${NO:-x}}y  | xy",
                "${SET:-${UNSET}}     | value",
                "${UNSET:-${NESTED}}  | ${SET}",
                "${UNSET:-$${SET}     | ${SET",
                "${UNSET:-{a}         | {a",
                "${UNSET:-${SET}?a&b} | value?a&b",
            })
    void a_placeholder_becomes_its_value(String written, String expected) {
        McpUri uri = McpUri.parse("mcp:stdio:x?arg=" + written + "&last=1");
        assertThat(uri.parameter("last")).isEqualTo("1");
        McpUri resolved = uri.resolve(VALUES::get);
        assertThat(resolved.parameter("arg")).isEqualTo(expected);
        assertThat(resolved.resolve(VALUES::get).parameter("arg"))
                .as("resolved again")
                .isEqualTo(expected);
        assertThat(resolved.toBuilder().build().resolve(VALUES::get).parameter("arg"))
                .as("built again")
                .isEqualTo(expected);
    }

    @Test
    void as_many_placeholders_as_anybody_needs_may_stand_within_each_other() {
        assertThat(resolved("mcp:stdio:x?arg=" + "${UNSET:-".repeat(10) + "x" + "}".repeat(10))
                        .parameter("arg"))
                .isEqualTo("x");
        McpUri more = McpUri.parse("mcp:stdio:x?arg=" + "${UNSET:-".repeat(11) + "x" + "}".repeat(11) + "&last=1");
        assertThat(more.parameter("last")).isEqualTo("1");
        assertThat(McpUri.parse(more.canonical())).isEqualTo(more);
        assertThat(catchThrowableOfType(McpUriException.class, () -> more.resolve(VALUES::get)))
                .hasMessageContaining("more than 10 stand within each other");
    }

    @Test
    void what_is_not_closed_takes_nothing_from_the_parameters_behind_it() {
        McpUri uri = McpUri.builder("stdio", "x")
                .add("a", "${UNSET:-${SET}")
                .add("b", "${SET}}")
                .build();
        McpUri again = McpUri.parse(uri.canonical());
        assertThat(again.parameter("a")).isEqualTo("${UNSET:-${SET}");
        assertThat(again.parameter("b")).isEqualTo("${SET}}");
    }

    @Test
    void placeholders_stand_in_targets_too() {
        assertThat(resolved("mcp:stdio:${UNSET:-my server?}?arg=1").target()).isEqualTo("my server?");
        McpUri url = resolved("mcp:https://${HOST}/p?q=${UNSET:-a?b&c}#pool=false");
        assertThat(url.target()).isEqualTo("https://host.example/p?q=a?b&c");
        assertThat(url.parameter("pool")).isEqualTo("false");
    }

    @Test
    void a_whole_url_may_come_from_a_placeholder() {
        McpUri uri = resolved("mcp:https:${URL}?header.X=1");
        assertThat(uri.target()).isEqualTo("https://resolved.example/mcp");
        assertThat(uri).isEqualTo(McpUri.parse("mcp:https://resolved.example/mcp#header.X=1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "mcp:stdio:x?arg=${UNSET}         | '${UNSET}' in parameter 'arg' is not set",
                "mcp:stdio:x?env.A=${env:UNSET}   | '${env:UNSET}' in parameter 'env.A' is not set",
                "mcp:stdio:x?arg=${sys:unset}     | '${sys:unset}' in parameter 'arg' is not set",
                "mcp:stdio:${UNSET}               | '${UNSET}' in 'mcp:stdio:...' is not set",
                "mcp:stdio:x?arg=${SET            | in parameter 'arg' is never closed",
                "mcp:stdio:${SET                  | never closed",
                "mcp:stdio:x?arg=${UNSET:-${SET}  | in parameter 'arg' is never closed",
                "mcp:stdio:x?arg=${UNSET:-${NO}}  | '${NO}' in parameter 'arg' is not set",
                "mcp:stdio:x?arg=${A${SET}:-hush} | has another one in its name",
                "mcp:stdio:x?arg=${}              | names no variable",
                "mcp:stdio:x?arg=${:-x}           | names no variable",
                "mcp:stdio:x?arg=${env:}          | names no variable",
                "mcp:stdio:x?arg=${sys::-hush}    | names no variable",
                "mcp:stdio:${EMPTY}               | is empty",
            })
    void what_cannot_be_resolved_is_an_error_that_names_it(String text, String reason) {
        McpUri uri = McpUri.parse(text);
        assertThat(catchThrowableOfType(McpUriException.class, () -> uri.resolve(VALUES::get)))
                .hasMessageContaining(reason)
                .hasMessageNotContaining("hush");
    }

    @Test
    void a_value_cannot_smuggle_parameters_into_a_url() {
        McpUri uri = McpUri.parse("mcp:https:${EVIL}");
        assertThat(catchThrowableOfType(
                        McpUriException.class, () -> uri.resolve(name -> "https://h/p#header.Authorization=x")))
                .hasMessageContaining("'#'")
                .hasMessageNotContaining("header.Authorization");
        assertThat(catchThrowableOfType(McpUriException.class, () -> uri.resolve(name -> "https://h/\np")))
                .hasMessageContaining("control character");
    }

    @ParameterizedTest
    @ValueSource(strings = {"${cmd:rm}", "${secret:x}", "${:x}", "${ENV:HOME}"})
    void an_unknown_form_is_an_error_that_lists_the_known_ones(String placeholder) {
        assertThat(catchThrowableOfType(
                        McpUriException.class,
                        () -> McpUri.parse("mcp:stdio:x?arg=" + placeholder).resolve()))
                .hasMessageContaining("${env:NAME}")
                .hasMessageContaining("${sys:name}");
    }

    @Test
    void the_environment_and_the_system_properties_are_looked_into() {
        System.setProperty("mcp.spi.test", "from the property");
        try {
            assertThat(McpUri.parse("mcp:stdio:x?arg=${sys:mcp.spi.test}")
                            .resolve()
                            .parameter("arg"))
                    .isEqualTo("from the property");
        } finally {
            System.clearProperty("mcp.spi.test");
        }
        assertThat(McpUri.parse("mcp:stdio:x?arg=${PATH}").resolve().parameter("arg"))
                .isEqualTo(System.getenv("PATH"));
    }

    @Test
    void nothing_is_looked_up_before_it_is_asked_for() {
        McpUri uri = McpUri.parse("mcp:stdio:x?arg=${UNSET}&env.T=${UNSET_TOO}");
        assertThat(uri.parameter("arg")).isEqualTo("${UNSET}");
        assertThat(uri).hasToString("mcp:stdio:x?arg=${UNSET}&env.T=${UNSET_TOO}");
        McpUri plain = McpUri.parse("mcp:stdio:x?arg=1");
        assertThat(plain.resolve(name -> {
                    throw new AssertionError("looked up " + name);
                }))
                .isSameAs(plain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"$${", "$$${", "{", "$", "${a}", "$${a}"})
    void a_long_text_takes_no_longer_for_what_stands_in_it(String piece) {
        String text = piece.repeat(300_000);
        McpUri read = assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> McpUri.parse(McpUri.builder("stdio", "x")
                        .add("arg", text)
                        .add("last", "}")
                        .build()
                        .canonical()));
        assertThat(read.parameter("arg").equals(text)).isTrue();
        assertThat(read.parameter("last")).isEqualTo("}");
    }

    private static McpUri resolved(String text) {
        return McpUri.parse(text).resolve(VALUES::get);
    }
}
