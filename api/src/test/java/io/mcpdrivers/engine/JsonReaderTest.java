package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class JsonReaderTest {

    private static final JsonMapper JACKSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final JsonMapper SPACED =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Reads from the middle of an array whose other bytes mislead. */
    private static JsonNode read(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        byte[] buffer = new byte[bytes.length + 20];
        Arrays.fill(buffer, (byte) '1');
        System.arraycopy(bytes, 0, buffer, 7, bytes.length);
        JsonReader in = new JsonReader(buffer, 7, bytes.length);
        JsonNode tree = JsonTrees.read(in);
        if (!in.isAtEnd()) {
            throw in.failed("there is more");
        }
        JsonReader again = new JsonReader(buffer, 7, bytes.length);
        again.skip();
        assertThat(again.isAtEnd()).isTrue();
        return tree;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "-1",
                "2147483647",
                "2147483648",
                "-2147483649",
                "9223372036854775807",
                "9223372036854775808",
                "123456789012345678901234567890",
                "1.5",
                "-1.5e10",
                "1E-3",
                "1e400",
                "true",
                "false",
                "null",
                "\"\"",
                "\"a\\u00e4\\n\\\\\"",
                "\"\\ud83d\\ude00\"",
                "\"\\ud83d\"",
                "\"\\ud83dx\"",
                "[]",
                "[[],{}]",
                "{\"\":1}",
                "{\"a\":1,\"a\":2}",
                " [ 1 , 2 ] ",
                "{\"text\":\"type\",\"taxt\":\"tyxe\"}",
                "\"Grüße, € und 😀\""
            })
    void values_are_what_jackson_makes_of_them(String json) {
        assertThat(read(json)).isEqualTo(JACKSON.readTree(json));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "01",
                "-",
                "1.",
                ".5",
                "1e",
                "+1",
                "1a",
                "tru",
                "truex",
                "nul",
                "NaN",
                "'a'",
                "\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"\\\"",
                "\"a\nb\"",
                "[",
                "[1",
                "[1,",
                "[1,]",
                "[,1]",
                "[1 2]",
                "{",
                "{1:2}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":1 \"b\":2}",
                "{,}",
                "]",
                "[}",
                "{]",
                "1 2",
                "//x\n1"
            })
    void what_is_no_json_is_an_error(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(JacksonException.class);
    }

    @Test
    void depth_and_the_length_of_numbers_are_limited() {
        assertThat(read("[".repeat(500) + "]".repeat(500))).isNotNull();
        assertThatThrownBy(() -> read("[".repeat(501) + "]".repeat(501))).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> read("{\"a\":".repeat(100_000))).isInstanceOf(JacksonException.class);
        assertThat(read("1".repeat(1_000))).isEqualTo(JACKSON.readTree("1".repeat(1_000)));
        assertThatThrownBy(() -> read("1".repeat(1_001))).isInstanceOf(JacksonException.class);
    }

    @Test
    void what_was_generated_and_what_was_broken_is_read_as_jackson_reads_it() {
        Random random = new Random(45);
        String letters = "{}[]\",:\\ 01-.eEtrufalsn\n/x";
        for (int i = 0; i < 2_000; i++) {
            JsonNode tree = tree(random, 4);
            String json = i % 2 == 0 ? tree.toString() : SPACED.writeValueAsString(tree);
            assertThat(read(json)).isEqualTo(tree);

            StringBuilder broken = new StringBuilder(json);
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                int at = random.nextInt(broken.length());
                char letter = letters.charAt(random.nextInt(letters.length()));
                switch (random.nextInt(3)) {
                    case 0 -> broken.setCharAt(at, letter);
                    case 1 -> broken.insert(at, letter);
                    default -> broken.deleteCharAt(at);
                }
                if (broken.length() == 0) {
                    broken.append(' ');
                }
            }
            String text = broken.toString();
            assertThat(readOrNull(text)).as(text).isEqualTo(jacksonOrNull(text));
        }
    }

    private static @Nullable JsonNode readOrNull(String json) {
        try {
            return read(json);
        } catch (JacksonException e) {
            return null;
        }
    }

    private static @Nullable JsonNode jacksonOrNull(String json) {
        try {
            JsonNode tree = JACKSON.readTree(json.getBytes(StandardCharsets.UTF_8));
            return tree.isMissingNode() ? null : tree;
        } catch (JacksonException e) {
            return null;
        }
    }

    private static JsonNode tree(Random random, int depth) {
        int kind = random.nextInt(depth == 0 ? 6 : 8);
        return switch (kind) {
            case 0 -> JACKSON.getNodeFactory().numberNode(random.nextInt());
            case 1 -> JACKSON.getNodeFactory().numberNode(random.nextGaussian());
            case 2 -> JACKSON.getNodeFactory().booleanNode(random.nextBoolean());
            case 3 -> JACKSON.getNodeFactory().nullNode();
            case 4 -> JACKSON.getNodeFactory().stringNode(JsonWriterTest.text(random, random.nextInt(20)));
            case 5 -> JACKSON.getNodeFactory().stringNode(JsonWriterTest.text(random, random.nextInt(200)));
            case 6 -> {
                ArrayNode array = JACKSON.createArrayNode();
                for (int i = random.nextInt(4); i > 0; i--) {
                    array.add(tree(random, depth - 1));
                }
                yield array;
            }
            default -> {
                ObjectNode object = JACKSON.createObjectNode();
                for (int i = random.nextInt(4); i > 0; i--) {
                    object.set(JsonWriterTest.text(random, random.nextInt(8)), tree(random, depth - 1));
                }
                yield object;
            }
        };
    }
}
