package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.McpException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Which arguments are sent in headers, and as what. */
class HeaderParametersTest {

    private static JsonNode json(String text) {
        return Json.MAPPER.readTree(text.replace('\'', '"'));
    }

    private static HeaderParameters of(String properties) throws HeaderParameters.Invalid {
        return HeaderParameters.of(json("{'type':'object','properties':" + properties + "}"), Json::quote);
    }

    private static Map<String, String> values(String properties, String arguments) throws HeaderParameters.Invalid {
        return of(properties).values("t", json(arguments));
    }

    @Test
    void strings_integers_and_booleans_are_mirrored_from_any_depth_of_properties() throws HeaderParameters.Invalid {
        assertThat(values(
                        "{'a':{'type':'string','x-mcp-header':'Region'},'b':{'type':'integer','x-mcp-header':'n'},"
                                + "'c':{'type':'object','properties':{'properties':{'type':'boolean','x-mcp-header':'Deep'}}},"
                                + "'plain':{'type':'string'}}",
                        "{'a':' us ','b':-7,'c':{'properties':false},'plain':'x'}"))
                .containsExactly(Map.entry("Region", " us "), Map.entry("n", "-7"), Map.entry("Deep", "false"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {'a':''}                 | ''
                    {'a':42.0}               | 42
                    {'a':9007199254740991}   | 9007199254740991
                    {'a':-9007199254740991}  | -9007199254740991
                    {'a':1e3}                | 1000
                    {'a':0.0}                | 0
                    """)
    void values_are_written_as_the_specification_says(String arguments, String expected) throws Exception {
        assertThat(values("{'a':{'type':'string','x-mcp-header':'A'}}", arguments.replace("''", "\"\"")))
                .containsExactly(Map.entry("A", expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'a':null}", "{'a':{}}", "{'a':[1]}", "null", "{'b':1}"})
    void what_is_absent_null_or_no_single_value_has_no_header(String arguments) throws HeaderParameters.Invalid {
        assertThat(values("{'a':{'type':'string','x-mcp-header':'A'}}", arguments))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"9007199254740992", "-9007199254740992"})
    void a_number_beyond_the_safe_range_is_refused_before_it_is_sent(String number) throws HeaderParameters.Invalid {
        HeaderParameters parameters = of("{'a':{'type':'integer','x-mcp-header':'A'}}");

        assertThatThrownBy(() -> parameters.values("t", json("{'a':" + number + "}")))
                .isInstanceOf(McpException.class)
                .hasMessageContaining("'a' of tool 't'")
                .hasMessageContaining("9007199254740991");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'a':{'type':'string','x-mcp-header':''}}",
                "{'a':{'type':'string','x-mcp-header':1}}",
                "{'a':{'type':'string','x-mcp-header':'My Region'}}",
                "{'a':{'type':'string','x-mcp-header':'a:b'}}",
                "{'a':{'type':'string','x-mcp-header':'R\u00e9gion'}}",
                "{'a':{'type':'string','x-mcp-header':'a\\tb'}}",
                "{'a':{'type':'string','x-mcp-header':'a\\r\\nb'}}",
                "{'a':{'type':'object','x-mcp-header':'A'}}",
                "{'a':{'type':'array','x-mcp-header':'A'}}",
                "{'a':{'type':'null','x-mcp-header':'A'}}",
                "{'a':{'type':'number','x-mcp-header':'A'}}",
                "{'a':{'x-mcp-header':'A'}}",
                "{'a':{'type':'string','x-mcp-header':'Same'},'b':{'type':'string','x-mcp-header':'sAME'}}",
                "{'a':{'type':'array','items':{'type':'string','x-mcp-header':'A'}}}",
                "{'a':{'type':'array','items':{'properties':{'b':{'type':'string','x-mcp-header':'A'}}}}}",
                "{'a':{'anyOf':[{'type':'string','x-mcp-header':'A'}]}}",
                "{'a':{'if':{'type':'string','x-mcp-header':'A'}}}",
                "{'a':{'$defs':{'b':{'type':'string','x-mcp-header':'A'}}}}",
            })
    void annotations_that_break_the_rules_are_refused(String properties) {
        assertThatThrownBy(() -> of(properties))
                .isInstanceOf(HeaderParameters.Invalid.class)
                .hasMessageContaining("x-mcp-header");
    }

    @Test
    void an_annotation_of_the_schema_itself_is_refused() {
        assertThatThrownBy(() -> HeaderParameters.of(json("{'type':'string','x-mcp-header':'A'}"), Json::quote))
                .isInstanceOf(HeaderParameters.Invalid.class);
    }

    @Test
    void what_only_looks_like_an_annotation_is_none() throws HeaderParameters.Invalid {
        assertThat(
                        of("{'x-mcp-header':{'type':'string'},'a':{'default':{'x-mcp-header':'A'},'enum':[{'x-mcp-header':1}],"
                                        + "'type':'string'}}")
                                .parameters())
                .isEmpty();
    }
}
