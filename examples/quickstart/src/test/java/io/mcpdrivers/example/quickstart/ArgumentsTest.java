package io.mcpdrivers.example.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.example.quickstart.Arguments.Misused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {

    private static final String URI = "mcp:stdio:npx?arg=-y&arg=server";

    @Test
    void no_arguments_ask_for_the_tour() throws Misused {
        assertThat(Arguments.parse().uri()).isNull();
        assertThat(Arguments.parse("-v").uri()).isNull();
        assertThat(Arguments.parse("-v").verbose()).isTrue();
    }

    @Test
    void a_uri_alone_asks_for_the_tools() throws Misused {
        assertThat(Arguments.parse(URI).uri()).isEqualTo(URI);
        assertThat(Arguments.parse(URI).tool()).isNull();
    }

    @Test
    void options_may_stand_anywhere() throws Misused {
        Arguments arguments = Arguments.parse(URI, "echo", "message=hi", "-v");
        assertThat(arguments.verbose()).isTrue();
        assertThat(arguments.tool()).isEqualTo("echo");
        assertThat(arguments.values()).hasSize(1);
        assertThat(Arguments.parse(URI, "echo", "--help").help()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '`',
            value = {
                "key=5 5",
                "key=-1.50 -1.50",
                "key=12345678901234567890.123456789 12345678901234567890.123456789",
                "key=true true",
                "key=null null",
                "key={\"a\":[1,{}]} {\"a\":[1,{}]}",
                "key=\"5\" \"5\"",
                "key=hi \"hi\"",
                "key=a=b \"a=b\"",
                "key=007 \"007\"",
                "key=1e99999999999 \"1e99999999999\"",
                "key={broken \"{broken\"",
                "key=[1],[2] \"[1],[2]\"",
                "`key=two words` `\"two words\"`",
                "`key= ` `\" \"`",
                "key= \"\""
            })
    void a_value_is_json_where_it_is_json_and_a_string_otherwise(String word, String json) throws Misused {
        assertThat(Arguments.parse(URI, "tool", word).values()).containsOnlyKeys("key");
        assertThat(Arguments.parse(URI, "tool", word).values().get("key").toString())
                .isEqualTo(json);
    }

    @Test
    void values_keep_their_order() throws Misused {
        assertThat(Arguments.parse(URI, "tool", "z=1", "a=2", "m=3").values()).containsOnlyKeys("z", "a", "m");
        assertThat(Arguments.parse(URI, "tool", "z=1", "a=2", "m=3").values().keySet())
                .containsExactly("z", "a", "m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"word", "=value", "-x"})
    void what_is_no_key_and_value_is_refused(String word) {
        assertThatThrownBy(() -> Arguments.parse(URI, "tool", word))
                .isInstanceOf(Misused.class)
                .hasMessage("Expected key=value, got '" + word + "'");
    }

    @Test
    void other_mistakes_are_told_apart() {
        assertThatThrownBy(() -> Arguments.parse("npx", "echo")).hasMessageContaining("begins with 'mcp:', got 'npx'");
        assertThatThrownBy(() -> Arguments.parse(URI, "message=hi")).hasMessageContaining("name of a tool");
        assertThatThrownBy(() -> Arguments.parse(URI, "tool", "a=1", "a=2"))
                .hasMessage("'a' is given twice; a list is written a='[1, 2]'");
    }
}
