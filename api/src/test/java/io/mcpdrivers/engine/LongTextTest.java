package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class LongTextTest {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final int LIMIT = 16 * 1024;

    /** Decodes a JSON string as {@link LongText} does, from the middle of a larger array. */
    private static String decode(byte[] json) {
        byte[] buffer = new byte[json.length + 20];
        buffer[0] = '"';
        int offset = 7;
        buffer[offset] = '[';
        System.arraycopy(json, 0, buffer, offset + 1, json.length);
        buffer[offset + 1 + json.length] = ']';
        JsonReader in = new JsonReader(buffer, offset, json.length + 2);
        in.enterArray();
        assertThat(in.nextElement()).isTrue();
        in.kind();
        LongText text = in.longText();
        assertThat(in.nextElement()).isFalse();
        return text.decode();
    }

    private static String decode(String json) {
        return decode(json.getBytes(StandardCharsets.UTF_8));
    }

    private static final String FILL = "x".repeat(LIMIT);

    @Test
    void every_escape_is_undone() {
        assertThat(decode("\"" + FILL + "\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e4\\u20AC\\ud83D\\uDe00\\u0000\""))
                .isEqualTo(FILL + "\"\\/\b\f\n\r\tAä€😀\0");
    }

    @Test
    void characters_of_every_length_are_decoded() {
        String text = FILL + "aä€😀\u007F\u0080\u07FF\u0800\uFFFF\uFFFD\u2028";

        assertThat(decode("\"" + text + "\"")).isEqualTo(text);
    }

    @Test
    void bytes_that_are_no_utf_8_are_an_error_beside_a_real_replacement_character_too() {
        byte[] json = ("\"" + FILL + "\uFFFD?\"").getBytes(StandardCharsets.UTF_8);
        assertThat(decode(json)).endsWith("\uFFFD?");
        json[json.length - 2] = (byte) 0xFF;
        assertThatThrownBy(() -> decode(json)).isInstanceOf(JacksonException.class);
    }

    @Test
    void half_a_surrogate_pair_becomes_a_question_mark() {
        assertThat(decode("\"" + FILL + "\\ud83d\"")).isEqualTo(FILL + "?");
        assertThat(decode("\"" + FILL + "\\ude00x\"")).isEqualTo(FILL + "?x");
        assertThat(decode("\"" + FILL + "\\ud83d\\ud83d\\ude00\"")).isEqualTo(FILL + "?😀");
        assertThat(decode("\"" + FILL + "\\ud83d\\u0041\"")).isEqualTo(FILL + "?A");
        assertThat(decode("\"" + FILL + "\\ud83d\\n\"")).isEqualTo(FILL + "?\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\x", "\\u12g4", "\\u12", "\\"})
    void an_escape_that_is_none_is_an_error(String escape) {
        assertThatThrownBy(() -> decode("\"" + FILL + escape + "\"")).isInstanceOf(JacksonException.class);
    }

    @Test
    void a_control_character_is_an_error() {
        assertThatThrownBy(() -> decode("\"" + FILL + "\u0001\"")).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> decode("\"" + FILL + "\t\"")).isInstanceOf(JacksonException.class);
    }

    @Test
    void bytes_that_are_no_utf_8_are_an_error() {
        for (byte[] invalid : new byte[][] {
            {(byte) 0xFF}, {(byte) 0xC3, 'x'}, {(byte) 0xE2, (byte) 0x82, 'x'}, {(byte) 0x80}, {(byte) 0xF8, 1, 1, 1},
        }) {
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            json.writeBytes(("\"" + FILL).getBytes(StandardCharsets.UTF_8));
            json.writeBytes(invalid);
            json.writeBytes("\"".getBytes(StandardCharsets.UTF_8));

            assertThatThrownBy(() -> decode(json.toByteArray())).isInstanceOf(JacksonException.class);
        }
    }

    @Test
    void lengths_around_the_limit_make_no_difference() {
        for (int length = LIMIT - 5; length <= LIMIT + 5; length++) {
            for (String end : new String[] {"", "\\n", "\\\\", "\\\"", "ä", "😀", "\\u00e4"}) {
                String json = "\"" + "y".repeat(length) + end + "\"";

                assertThat(decode(json)).isEqualTo(MAPPER.readValue(json, String.class));
            }
        }
    }

    @Test
    void an_empty_string_in_a_large_message_is_empty() {
        byte[] buffer = ("[\"\",\"" + FILL + "\"]").getBytes(StandardCharsets.UTF_8);
        JsonReader in = new JsonReader(buffer, 0, buffer.length);
        in.enterArray();
        assertThat(in.nextElement()).isTrue();
        assertThat(in.longText().decode()).isEmpty();
    }

    @Test
    void every_generated_text_is_decoded_as_jackson_decodes_it() {
        Random random = new Random(44);
        for (int i = 0; i < 100; i++) {
            String json = "\"" + randomBody(random, LIMIT + random.nextInt(2 * LIMIT)) + "\"";

            assertThat(decode(json)).isEqualTo(MAPPER.readValue(json, String.class));
        }
    }

    private static String randomBody(Random random, int length) {
        StringBuilder body = new StringBuilder(length + 20);
        int plain = 1 + random.nextInt(200);
        while (body.length() < length) {
            switch (random.nextInt(9)) {
                case 0 -> body.append("\\").append("\"\\/bfnrt".charAt(random.nextInt(8)));
                case 1 -> body.append(String.format("\\u%04x", random.nextInt(0xD800)));
                case 2 -> {
                    char[] pair = Character.toChars(0x10000 + random.nextInt(0x100000));
                    body.append(String.format("\\u%04X\\u%04x", (int) pair[0], (int) pair[1]));
                }
                case 3 -> body.appendCodePoint(0x10000 + random.nextInt(0x100000));
                case 4 -> body.append((char) (0x80 + random.nextInt(0xD000)));
                case 5 -> body.append("\\u").append(String.format("%04x", 0xE000 + random.nextInt(0x1FFF)));
                default -> body.append("plain text".repeat(plain), 0, plain);
            }
        }
        return body.toString();
    }
}
