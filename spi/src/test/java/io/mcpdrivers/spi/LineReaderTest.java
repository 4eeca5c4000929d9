package io.mcpdrivers.spi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineReaderTest {

    private static final int LIMIT = 100_000;

    @Test
    void a_line_may_be_split_between_reads_at_any_position() throws IOException {
        String text = "{\"a\":1}\r\n\n{\"b\":\"é漢\uD83D\uDE00\"}\n \t\r\n[3]\r\r\n{\"c\":4}\n";
        byte[] bytes = text.getBytes(UTF_8);
        for (int split = 1; split < bytes.length; split++) {
            for (int second = split + 1; second <= bytes.length; second++) {
                assertThat(read(LIMIT, chunks(bytes, split, second)).lines)
                        .as("split at %d and %d", split, second)
                        .containsExactly("{\"a\":1}", "{\"b\":\"é漢\uD83D\uDE00\"}", "[3]", "{\"c\":4}");
            }
        }
    }

    @Test
    void blank_lines_and_carriage_returns_are_no_messages() throws IOException {
        assertThat(read(LIMIT, "\n\r\n\r\r\r\n  \t \n\na\r\n\r\nb\n".getBytes(UTF_8)).lines)
                .containsExactly("a", "b");
    }

    @Test
    void a_carriage_return_alone_ends_no_line() throws IOException {
        assertThat(read(LIMIT, "a\rb\n".getBytes(UTF_8)).lines).containsExactly("a\rb");
    }

    @Test
    void a_line_that_the_stream_ends_in_is_dropped() throws IOException {
        assertThat(read(LIMIT, "whole\nhalf".getBytes(UTF_8)).lines).containsExactly("whole");
        assertThat(read(LIMIT, new byte[0]).lines).isEmpty();
    }

    @Test
    void no_other_byte_is_taken_for_a_line_break_wherever_that_is() throws IOException {
        for (int other = 0x21; other < 0x80; other++) {
            for (int length = 1; length < 20; length++) {
                String line = String.valueOf((char) other).repeat(length);
                assertThat(read(LIMIT, (line + "\n" + line + "\nrest").getBytes(UTF_8)).lines)
                        .containsExactly(line, line);
            }
        }
        for (char other : new char[] {0x0B, 0x8A, 0x010A, 0x0A0A, 0xFFFD}) {
            String line = ("" + other + 'x').repeat(9);
            assertThat(read(LIMIT, (line + "\n").getBytes(UTF_8)).lines).containsExactly(line);
        }
    }

    @Test
    void reads_of_one_byte_give_the_same_lines() throws IOException {
        byte[] bytes = ("x".repeat(70_000) + "\n{}\n" + "y".repeat(10) + "\r\n").getBytes(UTF_8);
        assertThat(read(LIMIT, new ChunkedInput(bytes, new Random(1), 1)).lines)
                .containsExactly("x".repeat(70_000), "{}", "y".repeat(10));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10, 4096, 8189, 8190, 8191, 8192, 8193, 16_384, 32_767, 32_768, 65_536, 100_000})
    void a_line_of_exactly_the_limit_arrives_and_one_over_is_skipped(int limit) throws IOException {
        for (String end : List.of("\n", "\r\n")) {
            for (int chunk : new int[] {1, 7, 4096, 1 << 20}) {
                if (chunk == 1 && limit > 9_000) {
                    continue;
                }
                byte[] bytes = ("a".repeat(limit) + end + "b".repeat(limit + 1) + end + "c" + end + "d".repeat(limit)
                                + end + "e".repeat(3 * limit + 20_000) + end + "f" + end)
                        .getBytes(UTF_8);
                Lines lines = read(limit, new ChunkedInput(bytes, null, chunk));
                String where = "limit " + limit + ", chunks of " + chunk + ", line break of " + end.length();
                assertThat(lines.lines).as(where).containsExactly("a".repeat(limit), "c", "d".repeat(limit), "f");
                assertThat(lines.oversized).as(where).containsExactly(limit + 1L, 3L * limit + 20_000);
            }
        }
    }

    @Test
    void the_excerpts_of_a_skipped_line_are_its_beginning_and_its_end() throws IOException {
        for (int chunk : new int[] {100, 5000, 1 << 20}) {
            StringBuilder line = new StringBuilder();
            while (line.length() < 300_000) {
                line.append(line.length()).append(',');
            }
            Lines lines = read(50_000, new ChunkedInput((line + "\r\nnext\n").getBytes(UTF_8), null, chunk));
            assertThat(lines.oversized).containsExactly((long) line.length());
            assertThat(lines.heads.get(0)).isEqualTo(line.substring(0, 4096));
            String tail = lines.tails.get(0);
            assertThat(tail).isNotEmpty().hasSizeLessThanOrEqualTo(4096);
            assertThat(line.toString()).endsWith(tail);
            assertThat(tail.length()).isGreaterThanOrEqualTo(4096 - 2);
            assertThat(lines.lines).containsExactly("next");
        }
    }

    @Test
    void a_line_over_the_limit_at_the_end_of_the_stream_is_dropped() throws IOException {
        Lines lines = read(1000, new ChunkedInput(("ok\n" + "x".repeat(50_000)).getBytes(UTF_8), null, 900));
        assertThat(lines.lines).containsExactly("ok");
        assertThat(lines.oversized).isEmpty();
    }

    @Test
    void a_line_over_the_limit_is_not_held_in_memory() throws IOException {
        long size = 256L * 1024 * 1024;
        Set<byte[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        InputStream in = new InputStream() {
            private long left = size;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                arrays.add(buffer);
                if (left < 0) {
                    return -1;
                }
                int count = (int) Math.min(Math.max(left, 1), Math.min(length, 65_536));
                Arrays.fill(buffer, offset, offset + count, left == 0 ? (byte) '\n' : (byte) 'x');
                left -= left == 0 ? 1 : count;
                return count;
            }
        };
        Lines lines = read(64 * 1024, in);
        assertThat(lines.oversized).containsExactly(size);
        assertThat(arrays.stream().mapToInt(array -> array.length).sum())
                .as("bytes in the arrays that were read into")
                .isLessThan(256 * 1024);
    }

    @Test
    void many_small_lines_may_come_in_one_read() throws IOException {
        StringBuilder text = new StringBuilder();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            expected.add("line " + i);
            text.append("line ").append(i).append('\n');
        }
        assertThat(read(LIMIT, text.toString().getBytes(UTF_8)).lines).isEqualTo(expected);
    }

    @Test
    void small_lines_follow_a_large_one_that_is_handed_over_in_the_same_read() throws IOException {
        String large = "L".repeat(60_000);
        // The first line makes the buffer large enough for what follows to come in one read.
        byte[] bytes = ("F".repeat(90_000) + "\n" + large + "\na\n\r\nb\n" + large + "\nc\n" + large).getBytes(UTF_8);
        for (int chunk : new int[] {90_001, 1 << 20}) {
            assertThat(read(LIMIT, new ChunkedInput(bytes, null, chunk)).lines)
                    .containsExactly("F".repeat(90_000), large, "a", "b", large, "c");
        }
    }

    @Test
    void a_recycled_array_is_read_into_again_and_others_are_left_alone() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            text.append(String.valueOf((char) ('a' + i)).repeat(90_000)).append('\n');
        }
        Recycling sink = new Recycling(LIMIT, i -> true);
        sink.readAll(new ChunkedInput(text.toString().getBytes(UTF_8), null, 8192));
        assertThat(sink.arrays).as("arrays that took 20 large lines").hasSizeLessThanOrEqualTo(4);

        Recycling keeping = new Recycling(LIMIT, i -> i % 2 == 0);
        keeping.readAll(new ChunkedInput(text.toString().getBytes(UTF_8), null, 8192));
        keeping.assertKeptOnesUnchanged();
    }

    @Test
    void random_lines_in_random_chunks_are_what_a_simple_splitter_finds() throws IOException {
        for (long seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            int limit = 1 + random.nextInt(random.nextInt(10) == 0 ? 200_000 : 3000);
            StringBuilder text = new StringBuilder();
            List<String> expected = new ArrayList<>();
            List<Long> oversized = new ArrayList<>();
            for (int i = random.nextInt(60); i >= 0; i--) {
                int size = switch (random.nextInt(6)) {
                    case 0 -> 0;
                    case 1 -> limit - 1 + random.nextInt(4);
                    case 2 -> random.nextInt(200_000);
                    default -> random.nextInt(300);
                };
                String line = String.valueOf((char) ('a' + random.nextInt(26))).repeat(size);
                if (size > limit) {
                    oversized.add((long) size);
                } else if (size > 0) {
                    expected.add(line);
                }
                text.append(line).append(random.nextBoolean() ? "\r\n" : "\n");
            }
            if (random.nextBoolean()) {
                text.append("not a whole line");
            }
            int chunk = 1 + random.nextInt(random.nextBoolean() ? 20_000 : 300_000);
            Recycling sink = new Recycling(limit, i -> random.nextBoolean());
            sink.readAll(new ChunkedInput(text.toString().getBytes(UTF_8), random, chunk));
            assertThat(sink.lines.lines).as("seed %d", seed).isEqualTo(expected);
            assertThat(sink.lines.oversized).as("seed %d", seed).isEqualTo(oversized);
            sink.assertKeptOnesUnchanged();
        }
    }

    @Test
    void deliveries_are_bracketed_also_when_the_sink_fails() throws IOException {
        List<String> events = new ArrayList<>();
        LineReader reader = new LineReader(new ChunkedInput("a\nb\n".getBytes(UTF_8), null, 10), LIMIT, new Lines() {
            @Override
            public void delivering(boolean begin) {
                events.add(begin ? "begin" : "end");
            }

            @Override
            public void line(byte[] buffer, int offset, int length) {
                events.add("line");
                throw new IllegalStateException("of the sink");
            }
        });
        org.assertj.core.api.Assertions.assertThatIllegalStateException().isThrownBy(reader::readAll);
        assertThat(events).containsExactly("begin", "line", "end");
    }

    private static Lines read(int limit, byte[] bytes) throws IOException {
        return read(limit, new ChunkedInput(bytes, null, Integer.MAX_VALUE));
    }

    private static Lines read(int limit, InputStream in) throws IOException {
        Lines lines = new Lines();
        new LineReader(in, limit, lines).readAll();
        return lines;
    }

    private static InputStream chunks(byte[] bytes, int first, int second) {
        return new java.io.SequenceInputStream(Collections.enumeration(List.of(
                new java.io.ByteArrayInputStream(bytes, 0, first),
                new java.io.ByteArrayInputStream(bytes, first, second - first),
                new java.io.ByteArrayInputStream(bytes, second, bytes.length - second))));
    }

    /** Gives at most so many bytes a read, or a random number up to that. */
    private static final class ChunkedInput extends InputStream {
        private final byte[] bytes;
        private final Random random;
        private final int chunk;
        private int position;

        ChunkedInput(byte[] bytes, Random random, int chunk) {
            this.bytes = bytes;
            this.random = random;
            this.chunk = chunk;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("the reader reads into arrays");
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            assertThat(length).as("room in the buffer").isPositive();
            if (position == bytes.length) {
                return -1;
            }
            int most = random == null ? chunk : 1 + random.nextInt(chunk);
            int count = Math.min(Math.min(length, most), bytes.length - position);
            System.arraycopy(bytes, position, buffer, offset, count);
            position += count;
            return count;
        }
    }

    private static class Lines implements LineReader.Sink {
        final List<String> lines = new ArrayList<>();
        final List<Long> oversized = new ArrayList<>();
        final List<String> heads = new ArrayList<>();
        final List<String> tails = new ArrayList<>();

        @Override
        public void line(byte[] buffer, int offset, int length) {
            assertThat(length).isPositive();
            lines.add(new String(buffer, offset, length, UTF_8));
        }

        @Override
        public void oversized(byte[] head, byte[] tail, long size) {
            oversized.add(size);
            heads.add(new String(head, UTF_8));
            tails.add(new String(tail, UTF_8));
        }

        @Override
        public void delivering(boolean begin) {}
    }

    /** Hands some of the arrays back and keeps the others, whose content must stay. */
    private static final class Recycling implements LineReader.Sink {
        final Lines lines = new Lines();
        final Set<byte[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        private final List<byte[]> kept = new ArrayList<>();
        private final List<byte[]> keptCopies = new ArrayList<>();
        private final int limit;
        private final java.util.function.IntPredicate recycles;
        private LineReader reader;
        private int count;

        Recycling(int limit, java.util.function.IntPredicate recycles) {
            this.limit = limit;
            this.recycles = recycles;
        }

        void readAll(InputStream in) throws IOException {
            reader = new LineReader(in, limit, this);
            reader.readAll();
        }

        @Override
        public void line(byte[] buffer, int offset, int length) {
            lines.line(buffer, offset, length);
            arrays.add(buffer);
            for (byte[] other : kept) {
                assertThat(other).as("an array that was not handed back").isNotSameAs(buffer);
            }
            if (recycles.test(count++)) {
                Arrays.fill(buffer, (byte) '\n');
                reader.recycle(buffer);
            } else {
                kept.add(buffer);
                keptCopies.add(buffer.clone());
            }
        }

        @Override
        public void oversized(byte[] head, byte[] tail, long size) {
            lines.oversized(head, tail, size);
        }

        @Override
        public void delivering(boolean begin) {}

        void assertKeptOnesUnchanged() {
            for (int i = 0; i < kept.size(); i++) {
                assertThat(Arrays.equals(kept.get(i), keptCopies.get(i)))
                        .as("array %d keeps its content", i)
                        .isTrue();
            }
        }
    }
}
