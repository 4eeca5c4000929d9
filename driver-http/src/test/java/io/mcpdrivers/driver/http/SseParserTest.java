package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SseParserTest {

    private static final int LIMIT = 1_000_000;

    private static final class Recorder implements SseParser.Sink {
        final List<String> events = new ArrayList<>();

        @Override
        public void event(String type, byte[] data, int length) {
            events.add(type + "|" + new String(data, 0, length, StandardCharsets.UTF_8));
        }

        @Override
        public void oversized(byte[] head, byte[] tail, long size) {
            events.add("oversized " + size + " "
                    + new String(head, 0, Math.min(3, head.length), StandardCharsets.UTF_8) + ".."
                    + new String(tail, Math.max(0, tail.length - 3), Math.min(3, tail.length), StandardCharsets.UTF_8));
        }
    }

    private static List<String> parse(String stream) {
        return parse(stream, LIMIT);
    }

    private static List<String> parse(String stream, int limit) {
        Recorder recorder = new Recorder();
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        new SseParser(limit, null, recorder).feed(bytes, 0, bytes.length);
        Recorder byteByByte = new Recorder();
        SseParser slow = new SseParser(limit, null, byteByByte);
        for (int i = 0; i < bytes.length; i++) {
            slow.feed(bytes, i, 1);
        }
        assertThat(byteByByte.events).isEqualTo(recorder.events);
        return recorder.events;
    }

    @Test
    void an_event_ends_with_an_empty_line() {
        assertThat(parse("data: one\n\ndata:two\n\n")).containsExactly("message|one", "message|two");
    }

    @Test
    void all_three_line_ends_are_understood_and_may_be_mixed() {
        assertThat(parse("data: a\r\n\r\ndata: b\r\rdata: c\n\r\ndata: d\r\n\n"))
                .containsExactly("message|a", "message|b", "message|c", "message|d");
    }

    @Test
    void several_data_lines_are_joined_by_line_breaks() {
        assertThat(parse("data: a\ndata:\ndata:  b\n\n")).containsExactly("message|a\n\n b");
    }

    @Test
    void empty_data_is_an_event_and_no_data_is_none() {
        assertThat(parse("data\n\nevent: x\n\nid: 1\n\ndata:\n\n")).containsExactly("message|", "message|");
    }

    @Test
    void comments_unknown_fields_and_fields_with_spaces_are_ignored() {
        assertThat(parse(": hello\n:\nfoo: bar\n data: no\ndata : no\ndata: yes\n\n"))
                .containsExactly("message|yes");
    }

    @Test
    void a_type_belongs_to_one_event() {
        assertThat(parse("event: endpoint\ndata: /post\n\ndata: x\n\n")).containsExactly("endpoint|/post", "message|x");
    }

    @Test
    void what_is_not_ended_is_dropped() {
        assertThat(parse("data: a\n\ndata: b\n")).containsExactly("message|a");
        assertThat(parse("data: a\n\ndata: b")).containsExactly("message|a");
    }

    @Test
    void a_byte_order_mark_is_skipped_at_the_beginning_alone() {
        assertThat(parse("\uFEFFdata: a\n\n")).containsExactly("message|a");
        assertThat(parse("data: a\n\n\uFEFFdata: b\n\n")).containsExactly("message|a");
    }

    @Test
    void the_id_counts_from_the_end_of_its_event_on_and_stays() {
        Recorder recorder = new Recorder();
        SseParser parser = new SseParser(LIMIT, "0", recorder);
        assertThat(parser.lastEventId()).isEqualTo("0");
        feed(parser, "id: 7\ndata: a\n");
        assertThat(parser.lastEventId()).isEqualTo("0");
        feed(parser, "\ndata: b\n\nid: nul\0\ndata: c\n\n");
        assertThat(parser.lastEventId()).isEqualTo("7");
        feed(parser, "id\ndata: d\n\n");
        assertThat(parser.lastEventId()).isNull();
    }

    @Test
    void the_retry_time_is_taken_if_it_is_a_number() {
        SseParser parser = new SseParser(LIMIT, null, new Recorder());
        feed(parser, "retry: soon\nretry: 1500\nretry: -1\nretry: 1x\n");
        assertThat(parser.retryMillis()).isEqualTo(1500);
    }

    private static void feed(SseParser parser, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        parser.feed(bytes, 0, bytes.length);
    }

    @Test
    void an_event_over_the_limit_is_skipped_and_the_next_one_comes() {
        assertThat(parse("data: 12345\n\ndata: 123456\n\ndata: x\n\n", 5))
                .containsExactly("message|12345", "oversized 6 123..456", "message|x");
        String big = "a".repeat(5000) + "b".repeat(5000) + "END";
        assertThat(parse("data: " + big + "\n\ndata: x\n\n", 5000))
                .containsExactly("oversized 10003 aaa..END", "message|x");
    }

    @Test
    void any_stream_cut_anywhere_gives_the_same_events() {
        Random random = new Random(7);
        String[] parts = {
            "data",
            "data:",
            "data: ",
            ":",
            " ",
            "\n",
            "\r",
            "\r\n",
            "\n\n",
            "ä",
            "世界",
            "😀",
            "id: 1",
            "event: x",
            "retry: 5",
            "x",
            "{\"a\":1}",
            "\uFEFF"
        };
        for (int round = 0; round < 3000; round++) {
            StringBuilder stream = new StringBuilder();
            for (int i = random.nextInt(40); i >= 0; i--) {
                stream.append(parts[random.nextInt(parts.length)]);
            }
            byte[] bytes = stream.toString().getBytes(StandardCharsets.UTF_8);
            int limit = random.nextBoolean() ? LIMIT : 1 + random.nextInt(12);
            Recorder cut = new Recorder();
            SseParser parser = new SseParser(limit, null, cut);
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(7));
                parser.feed(bytes, at, length);
                at += length;
            }
            Recorder whole = new Recorder();
            new SseParser(limit, null, whole).feed(bytes, 0, bytes.length);
            assertThat(cut.events).isEqualTo(whole.events);
            if (limit == LIMIT) {
                assertThat(whole.events).as(stream.toString()).isEqualTo(reference(stream.toString()));
            }
        }
    }

    /** The rules of the standard, written down line by line. */
    private static List<String> reference(String stream) {
        List<String> events = new ArrayList<>();
        String text = stream.startsWith("\uFEFF") ? stream.substring(1) : stream;
        String type = "";
        StringBuilder data = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            int end = at;
            while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
                end++;
            }
            if (end == text.length()) {
                break;
            }
            String line = text.substring(at, end);
            at = text.startsWith("\r\n", end) ? end + 2 : end + 1;
            if (line.isEmpty()) {
                if (data.length() > 0) {
                    events.add((type.isEmpty() ? "message" : type) + "|" + data.substring(0, data.length() - 1));
                }
                data.setLength(0);
                type = "";
                continue;
            }
            int colon = line.indexOf(':');
            String name = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            if (name.equals("data")) {
                data.append(value).append('\n');
            } else if (name.equals("event")) {
                type = value;
            }
        }
        return events;
    }

    @Test
    void random_bytes_break_nothing() {
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = random.nextInt(200); i > 0; i--) {
                stream.write("\r\n: dateviny\0\uFFFF".charAt(random.nextInt(14)) + random.nextInt(2) * 128);
            }
            byte[] bytes = stream.toByteArray();
            new SseParser(10, null, new Recorder()).feed(bytes, 0, bytes.length);
        }
    }
}
