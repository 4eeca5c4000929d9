package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonRawValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class JsonWriterTest {

    private static final JsonMapper JACKSON = JsonMapper.shared();

    record Raw(@JsonRawValue String json) {}

    private static byte[] write(@Nullable Object value) {
        JsonWriter out = new JsonWriter(new byte[1]);
        out.writeValue(value);
        return out.toBytes();
    }

    private static String written(@Nullable Object value) {
        return new String(write(value), StandardCharsets.UTF_8);
    }

    /** A text with characters of every kind. */
    static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            switch (random.nextInt(8)) {
                case 0 -> text.append((char) random.nextInt(0x20));
                case 1 -> text.append("\"\\/".charAt(random.nextInt(3)));
                case 2 -> text.append((char) (0x80 + random.nextInt(0xD700)));
                case 3 -> text.appendCodePoint(0x10000 + random.nextInt(0x100000));
                default -> text.append((char) (0x20 + random.nextInt(0x60)));
            }
        }
        return text.toString();
    }

    @Test
    void what_is_written_is_read_again() {
        Random random = new Random(46);
        for (int i = 0; i < 400; i++) {
            String text = text(random, random.nextInt(1_500));
            assertThat(JACKSON.readValue(write(text), String.class)).isEqualTo(text);
        }
        for (long number :
                new long[] {0, 9, 10, 99, 100, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE
                }) {
            assertThat(written(number)).isEqualTo(Long.toString(number));
        }
        assertThat(written((int) 7)).isEqualTo("7");
        assertThat(written(1.5e300)).isEqualTo("1.5E300");
        assertThat(written(Double.NaN)).isEqualTo("\"NaN\"");
        assertThat(written(Double.NEGATIVE_INFINITY)).isEqualTo("\"-Infinity\"");
        assertThat(written(null)).isEqualTo("null");
        assertThat(written(List.of(true, "x"))).isEqualTo("[true,\"x\"]");
    }

    @Test
    void objects_have_their_commas() {
        JsonWriter out = new JsonWriter(new byte[1]);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("a", 1);
        map.put("b", List.of());
        map.put("c\"", null);
        out.writeStartObject();
        out.writeRaw("\"r\":1,\"s\":2");
        out.writeName("o");
        out.writeStartObject();
        out.writeEndObject();
        out.writeName("m");
        out.writeMap(map);
        out.writeEndObject();

        assertThat(new String(out.toBytes(), StandardCharsets.UTF_8))
                .isEqualTo("{\"r\":1,\"s\":2,\"o\":{},\"m\":{\"a\":1,\"b\":[],\"c\\\"\":null}}");
    }

    @Test
    void half_a_surrogate_pair_is_an_error() {
        for (String wrong : List.of("\uD83D", "x\uDE00y", "\uD83Dx", "x".repeat(511) + "\uD83D")) {
            assertThatThrownBy(() -> write(wrong)).isInstanceOf(JacksonException.class);
        }
        String across = "x".repeat(511) + "😀".repeat(600);
        assertThat(written(across)).isEqualTo('"' + across + '"');
    }

    @Test
    void line_breaks_within_raw_json_become_blanks() {
        assertThat(written(new Raw("[1,\r\n2]"))).isEqualTo("{\"json\":[1,  2]}");
    }

    @Test
    void a_long_value_grows_the_array() {
        byte[] written = write(Map.of("k", "v".repeat(1_000_000)));

        assertThat(written).hasSize(1_000_008);
        assertThat(Arrays.copyOf(written, 6)).isEqualTo("{\"k\":\"".getBytes(StandardCharsets.UTF_8));
    }
}
