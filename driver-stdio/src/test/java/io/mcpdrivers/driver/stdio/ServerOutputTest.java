package io.mcpdrivers.driver.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ServerOutputTest {

    /** Gives its bytes in pieces, as a pipe does, and counts what it is asked. */
    private static final class Pieces extends InputStream {
        private final Random random = new Random(47);
        private final byte[] bytes;
        private final int largest;
        private int at;
        private int reads;
        private int questions;

        Pieces(int size, int largest) {
            this.bytes = new byte[size];
            this.largest = largest;
            random.nextBytes(bytes);
        }

        @Override
        public int read() {
            throw new AssertionError("a byte at a time");
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            reads++;
            if (at == bytes.length) {
                return -1;
            }
            int count = Math.min(Math.min(length, bytes.length - at), 1 + random.nextInt(largest));
            System.arraycopy(bytes, at, buffer, offset, count);
            at += count;
            return count;
        }

        @Override
        public int available() {
            questions++;
            return 0;
        }
    }

    @Test
    void each_read_asks_the_system_once() throws IOException {
        Pieces pieces = new Pieces(100_000, 300);
        ServerOutput output = new ServerOutput(new BufferedInputStream(pieces));
        byte[] buffer = new byte[8 * 1024];
        int reads = 0;
        int before;
        do {
            before = pieces.at;
            int count = output.read(buffer, 0, buffer.length);
            reads++;
            assertThat(count).isEqualTo(pieces.at == before ? -1 : pieces.at - before);
        } while (pieces.at > before);

        assertThat(pieces.reads).isEqualTo(reads);
        assertThat(pieces.questions).isZero();
        assertThat(output.hasEnded()).isTrue();
    }

    @Test
    void nothing_is_lost_whatever_the_room() throws IOException {
        Random random = new Random(48);
        for (int largest : new int[] {1, 100, 5_000, 40_000}) {
            Pieces pieces = new Pieces(300_000, largest);
            ServerOutput output = new ServerOutput(new BufferedInputStream(pieces));
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            byte[] buffer = new byte[64 * 1024];
            for (int count = 0; count >= 0; ) {
                read.write(buffer, 0, count);
                int room = 1 + random.nextInt(random.nextBoolean() ? 200 : buffer.length);
                count = output.read(buffer, 0, room);
            }

            assertThat(read.toByteArray()).isEqualTo(pieces.bytes);
        }
    }
}
