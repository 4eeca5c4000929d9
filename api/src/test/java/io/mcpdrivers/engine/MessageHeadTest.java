package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.engine.MessageHead.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class MessageHeadTest {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final JsonMapper SPACED =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private static MessageHead read(String message) {
        return read(message.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads from the middle of an array whose other bytes mislead. */
    private static MessageHead read(byte[] message) {
        byte[] before = "{\"result\":{".getBytes(StandardCharsets.UTF_8);
        byte[] behind = ",\"id\":99}".getBytes(StandardCharsets.UTF_8);
        byte[] buffer = new byte[before.length + message.length + behind.length];
        System.arraycopy(before, 0, buffer, 0, before.length);
        System.arraycopy(message, 0, buffer, before.length, message.length);
        System.arraycopy(behind, 0, buffer, before.length + message.length, behind.length);
        MessageHead head = new MessageHead();
        head.read(buffer, before.length, message.length);
        return head;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{}}",
                "{\"jsonrpc\":\"2.0\",\"id\":5,\"error\":{\"code\":1,\"message\":\"x\"}}",
                "{\"jsonrpc\":\"2.0\",\"result\":{},\"id\":5}",
                "{\"result\":{},\"jsonrpc\":\"2.0\",\"id\":5}",
                "{\"result\":{},\"id\":5,\"jsonrpc\":\"2.0\"}",
                "{\"error\":{\"code\":1},\"jsonrpc\":\"2.0\",\"id\":5}",
                "{\"id\":5,\"jsonrpc\":\"2.0\",\"result\":[{\"id\":6}]}",
                "{\"id\":5,\"result\":null}",
                "{\"result\":{\"id\":6,\"result\":{\"id\":7}},\"id\":5}",
                "{ \"jsonrpc\" : \"2.0\" , \"id\" : 5 , \"result\" : { } }",
                "{\"jsonrpc\": \"2.0\", \"id\": 5, \"result\": {\"method\": \"x\"}}",
                "{\"jsonrpc\":\"2.0\",\"id\":\"5\",\"result\":{}}",
                "{\"result\":{},\"id\":\"5\"}",
                "{\"result\":{\"text\":\"\\\",\\\"id\\\":6}\"},\"id\":5}",
                "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"text\":\"\\\",\\\"id\\\":6}\"}}",
                "{\"result\":{\"a\":{\"b\":[1,2,{\"c\":\"}}}\"}]}},\"id\":5}",
                "{\"jsonrpc\":\"2.0\",\"extra\":{\"id\":6},\"id\":5,\"result\":{}}",
            })
    void a_response_is_told_whatever_the_order_of_its_members(String message) {
        MessageHead head = read(message);

        assertThat(head.kind).isEqualTo(Kind.RESPONSE);
        assertThat(head.id).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\":7}",
                "{\"method\":\"ping\",\"params\":{\"result\":{}},\"id\":7}",
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"role\":\"x\",\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"extension\":\"x\",\"method\":\"ping\"}",
                "{ \"id\" : 7, \"method\" : \"ping\" }",
            })
    void a_request_is_told_by_its_method_and_id(String message) {
        MessageHead head = read(message);

        assertThat(head.kind).isEqualTo(Kind.REQUEST);
        assertThat(head.rawId).isEqualTo("7");
        assertThat(head.method).isEqualTo("ping");
    }

    @Test
    void the_id_of_a_request_is_kept_as_it_was_written() {
        for (String id : List.of("\"a\\\"b\"", "\"\"", "-1", "1.5", "12345678901234567890123", "\"7\"")) {
            MessageHead head = read("{\"id\":" + id + ",\"method\":\"ping\"}");

            assertThat(head.kind).isEqualTo(Kind.REQUEST);
            assertThat(head.rawId).isEqualTo(id);
        }
    }

    @Test
    void a_method_without_an_id_is_a_notification() {
        assertThat(read("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}").kind)
                .isEqualTo(Kind.NOTIFICATION);
        assertThat(read("{\"method\":\"x\",\"id\":null}").kind).isEqualTo(Kind.NOTIFICATION);
    }

    @Test
    void an_id_that_cannot_be_this_client_s_is_none() {
        for (String id : List.of("null", "-5", "5.5", "1e1", "99999999999999999999", "\"abc\"", "\"-5\"", "\" 5\"")) {
            MessageHead head = read("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{}}");

            assertThat(head.kind).as(id).isEqualTo(Kind.RESPONSE);
            assertThat(head.id).as(id).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "\"text\"",
                "5",
                "{",
                "{}",
                "{]",
                "{\"level\":\"info\",\"message\":\"started\"}",
                "{\"id\":5}",
                "{\"id\":5,\"level\":\"info\"}",
                "{\"method\":5}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"x\"} trailing",
                "{\"jsonrpc\":\"2.0\",\"method\":\"x\"",
            })
    void what_is_no_message_is_noise(String line) {
        assertThat(read(line).kind).isEqualTo(Kind.NOISE);
    }

    @Test
    void invalid_utf_8_and_zero_bytes_are_noise() {
        assertThat(read(new byte[] {(byte) 0xFF, (byte) 0xFE, 0}).kind).isEqualTo(Kind.NOISE);
        assertThat(read(new byte[] {'{', '"', (byte) 0xC3, '"', ':', '1', '}'}).kind)
                .isEqualTo(Kind.NOISE);
        assertThat(read(new byte[] {'{'}).kind).isEqualTo(Kind.NOISE);
    }

    @Test
    void a_broken_response_goes_to_the_call_it_names() {
        for (String broken : List.of(
                "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"content\":[}}",
                "{\"jsonrpc\": \"2.0\", \"id\": 5, \"result\": {",
                "{\"jsonrpc\": \"2.0\", \"result\": {\"a\": nonsense}, \"id\": 5}",
                "{\"result\": " + "[".repeat(600) + "]".repeat(600) + ",\"id\":5,\"jsonrpc\":\"2.0\"}")) {
            MessageHead head = read(broken);

            assertThat(head.kind).as(broken).isEqualTo(Kind.RESPONSE);
            assertThat(head.id).as(broken).isEqualTo(5);
        }
    }

    @Test
    void an_array_is_a_batch() {
        assertThat(read("[{\"id\":5,\"result\":{}}]").kind).isEqualTo(Kind.BATCH);
    }

    @Test
    void the_id_of_a_message_that_was_skipped_is_found_at_either_end() {
        assertThat(excerpt("{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"content\":[{\"te", "xxx\"}]}}"))
                .isEqualTo(5);
        assertThat(excerpt("{\"jsonrpc\": \"2.0\", \"id\": 5, \"result\": {\"te", "xxx\"}]}}"))
                .isEqualTo(5);
        assertThat(excerpt("{\"result\":{\"content\":[{\"te", "xxx\"}]},\"id\":5}"))
                .isEqualTo(5);
        assertThat(excerpt("{\"result\":{\"content\":[{\"te", "xxx\"}]} , \"id\" : \"5\" , \"jsonrpc\":\"2.0\" }"))
                .isEqualTo(5);
    }

    @Test
    void the_end_of_an_excerpt_is_not_taken_for_the_end_of_the_message() {
        assertThat(excerpt("{\"result\":{\"rows\":[{\"a\":1,\"id\":6}", "xxx\"}]},\"id\":5}"))
                .isEqualTo(5);
        assertThat(excerpt("{\"result\":{\"rows\":[{\"a\":1,\"id\":6}", "xxx\"}]},\"x\":1}"))
                .isEqualTo(MessageHead.UNKNOWN);
        assertThat(excerpt("{\"result\": {\"rows\":[{\"a\":1,\"id\":6}", "xxx\"}]},\"x\":1}"))
                .isEqualTo(MessageHead.UNKNOWN);
    }

    @Test
    void a_skipped_message_that_answers_nothing_is_told_from_one_whose_id_is_unknown() {
        assertThat(excerpt("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"d", "\"}}"))
                .isEqualTo(MessageHead.NO_RESPONSE);
        assertThat(excerpt("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"sampling/createMessage\",\"params\":{", "\"}}"))
                .isEqualTo(MessageHead.NO_RESPONSE);
        assertThat(excerpt("{\"result\":{\"content\":[{\"te", "\"}]}}")).isEqualTo(MessageHead.UNKNOWN);
        assertThat(excerpt("garbage", "garbage")).isEqualTo(MessageHead.UNKNOWN);
    }

    private static long excerpt(String head, String tail) {
        return new MessageHead()
                .idOfExcerpt(head.getBytes(StandardCharsets.UTF_8), tail.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void every_generated_message_is_read_as_jackson_reads_it() {
        Random random = new Random(42);
        for (int i = 0; i < 5_000; i++) {
            ObjectNode message = generate(random);
            byte[] bytes = random.nextInt(4) == 0
                    ? SPACED.writeValueAsString(message).replace("\n", "").getBytes(StandardCharsets.UTF_8)
                    : MAPPER.writeValueAsBytes(message);
            MessageHead head = read(bytes);
            String shown = message.toString();

            JsonNode id = message.get("id");
            if (message.path("method").isString()) {
                boolean request = id != null && !id.isNull();
                assertThat(head.kind).as(shown).isEqualTo(request ? Kind.REQUEST : Kind.NOTIFICATION);
                assertThat(head.method).isEqualTo(message.get("method").asString());
            } else {
                assertThat(head.kind).as(shown).isEqualTo(Kind.RESPONSE);
                boolean number =
                        id.isIntegralNumber() || id.isString() && id.asString().matches("\\d{1,18}");
                assertThat(head.id).as(shown).isEqualTo(number ? id.asLong() : -1);
            }
        }
    }

    @Test
    void a_message_with_random_bytes_changed_is_never_read_as_another_s_response() {
        Random random = new Random(43);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = MAPPER.writeValueAsBytes(generate(random));
            for (int change = random.nextInt(3); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            MessageHead head = read(bytes);
            JsonNode valid = tree(bytes);
            if (valid != null && valid.isObject() && head.kind == Kind.RESPONSE && head.id >= 0) {
                assertThat(valid.path("id").asString())
                        .as(new String(bytes, StandardCharsets.UTF_8))
                        .isEqualTo(String.valueOf(head.id));
            }
        }
    }

    private static JsonNode tree(byte[] bytes) {
        try {
            return MAPPER.readTree(bytes);
        } catch (JacksonException e) {
            return null;
        }
    }

    /** A JSON-RPC message with its members in any order. */
    private static ObjectNode generate(Random random) {
        List<Map.Entry<String, JsonNode>> members = new ArrayList<>();
        members.add(Map.entry("jsonrpc", MAPPER.valueToTree("2.0")));
        int kind = random.nextInt(4);
        if (kind < 2) {
            members.add(Map.entry("id", randomId(random)));
            members.add(Map.entry(random.nextInt(5) == 0 ? "error" : "result", randomObject(random, 0)));
        } else {
            members.add(Map.entry("method", MAPPER.valueToTree(randomText(random))));
            members.add(Map.entry("params", randomObject(random, 0)));
            if (kind == 2) {
                members.add(Map.entry("id", randomId(random)));
            }
        }
        if (random.nextInt(10) == 0) {
            members.add(Map.entry("extra", randomObject(random, 0)));
        }
        if (random.nextInt(3) > 0) {
            Collections.shuffle(members, random);
        }
        ObjectNode message = MAPPER.createObjectNode();
        members.forEach(member -> message.set(member.getKey(), member.getValue()));
        return message;
    }

    private static JsonNode randomId(Random random) {
        return random.nextInt(8) == 0
                ? MAPPER.valueToTree("id" + random.nextInt(100))
                : random.nextInt(8) == 0
                        ? MAPPER.valueToTree(String.valueOf(random.nextInt(1000)))
                        : MAPPER.valueToTree(random.nextLong(1, 1_000_000_000_000_000_000L) >> random.nextInt(60));
    }

    private static ObjectNode randomObject(Random random, int depth) {
        ObjectNode object = MAPPER.createObjectNode();
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = random.nextBoolean() ? randomText(random) : "id";
            switch (random.nextInt(depth > 3 ? 3 : 5)) {
                case 0 -> object.put(name, random.nextInt(100));
                case 1 -> object.put(name, randomText(random));
                case 2 -> object.put(name, random.nextBoolean());
                case 3 -> object.set(name, randomObject(random, depth + 1));
                default ->
                    object.putArray(name).add(randomObject(random, depth + 1)).add(randomText(random));
            }
        }
        return object;
    }

    private static String randomText(Random random) {
        List<String> texts = List.of(
                "\",\"id\":5}",
                ",\"id\":5}",
                "{\"result\":{",
                "}",
                "{",
                "\\",
                "\"",
                "id",
                "result",
                "method",
                "",
                "\n",
                "ü€😀",
                "\\\",\\\"id\\\":6}",
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}");
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            text.append(texts.get(random.nextInt(texts.size())));
        }
        return text.toString();
    }
}
