package io.mcpdrivers.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Passes over the bytes of a long JSON string in which there is nothing to look at, eight at a time. */
final class PlainBytes {

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long SPACES = 0x2020202020202020L;
    private static final long QUOTES = 0x2222222222222222L;
    private static final long BACKSLASHES = 0x5C5C5C5C5C5C5C5CL;

    private PlainBytes() {}

    /** From where on there may be a quote, a backslash or a control character, or where there are less than eight bytes. */
    static int skip(byte[] bytes, int from, int end) {
        int at = from;
        while (at + Long.BYTES <= end) {
            long word = (long) WORDS.get(bytes, at);
            long quote = word ^ QUOTES;
            long backslash = word ^ BACKSLASHES;
            // The high bit of a byte is set if a subtraction passed zero: if it was zero before, or less than a space.
            long found = (quote - ONES & ~quote) | (backslash - ONES & ~backslash) | (word - SPACES & ~word);
            if ((found & HIGH_BITS) != 0) {
                break;
            }
            at += Long.BYTES;
        }
        return at;
    }
}
