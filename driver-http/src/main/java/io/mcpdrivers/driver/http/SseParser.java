package io.mcpdrivers.driver.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream of server-sent events, in whatever pieces it comes. Works on the bytes: none of those that structure
 * the stream can be part of a longer UTF-8 sequence. Not thread-safe.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream">WHATWG HTML:
 *     Parsing an event stream</a>
 */
final class SseParser {

    /** Takes the events. */
    interface Sink {

        /**
         * One event.
         *
         * @param type its type, {@code message} if the stream gives none
         * @param data an array that belongs to the sink from now on
         * @param length how many bytes of it, from the first on, are the event's data; may be 0
         */
        void event(String type, byte[] data, int length);

        /** An event was skipped, since its data is over the limit; at most 4 KiB of it at each end. */
        void oversized(byte[] head, byte[] tail, long size);
    }

    private static final int EXCERPT = 4096;
    /** What is kept of a field that is no data: an event type, an id, a time. More makes the field ignored. */
    private static final int MOST_OF_FIELD = 8192;

    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] NOTHING = {};
    private static final String MESSAGE = "message";
    private static final byte[] MESSAGE_BYTES = ascii(MESSAGE);
    private static final byte[] LINE_BREAK = {'\n'};
    private static final byte[] DATA = ascii("data");
    private static final byte[] EVENT = ascii("event");
    private static final byte[] ID = ascii("id");
    private static final byte[] RETRY = ascii("retry");

    private enum State {
        BOM,
        NAME,
        BEFORE_VALUE,
        VALUE,
        IGNORED
    }

    private enum Field {
        DATA,
        EVENT,
        ID,
        RETRY,
        OTHER
    }

    private final int maxSize;
    private final Sink sink;

    private State state = State.BOM;
    private int bomLength;
    private boolean afterCarriageReturn;
    private Field field = Field.OTHER;
    /** The name or the value of the field that is being read, if it is no data. */
    private byte[] text = new byte[16];

    private int textLength;

    private byte[] data = NOTHING;
    private long dataLength;
    private boolean hasData;
    /** The last bytes of data over the limit, as a ring; position = dataLength modulo its size. */
    private byte @Nullable [] tail;

    private String type = "";
    private @Nullable String idOfEvent;
    private @Nullable String lastEventId;
    private long retryMillis = -1;

    SseParser(int maxSize, @Nullable String lastEventId, Sink sink) {
        this.maxSize = maxSize;
        this.lastEventId = lastEventId;
        this.idOfEvent = lastEventId;
        this.sink = sink;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The id of the last whole event that had one or inherited one; null if there is none. */
    @Nullable
    String lastEventId() {
        return lastEventId == null || lastEventId.isEmpty() ? null : lastEventId;
    }

    /** How long the server wants to be left alone after the stream ends; -1 if it has not said. */
    long retryMillis() {
        return retryMillis;
    }

    /** How much data of the event that is being read has come. */
    long pendingSize() {
        return dataLength;
    }

    /** Takes the next piece of the stream. What follows the last empty line at the end of the stream is no event. */
    void feed(byte[] piece, int offset, int length) {
        int end = offset + length;
        int i = offset;
        while (i < end) {
            byte b = piece[i];
            if (afterCarriageReturn) {
                afterCarriageReturn = false;
                if (b == '\n') {
                    i++;
                    continue;
                }
            }
            if (state == State.BOM) {
                i = skipBom(piece, i);
                continue;
            }
            if (b == '\n' || b == '\r') {
                afterCarriageReturn = b == '\r';
                endLine();
                i++;
                continue;
            }
            switch (state) {
                case NAME -> {
                    if (b != ':') {
                        addToText(b);
                    } else if (textLength == 0) {
                        state = State.IGNORED;
                    } else {
                        beginValue();
                    }
                    i++;
                }
                case BEFORE_VALUE -> {
                    state = State.VALUE;
                    if (b == ' ') {
                        i++;
                    }
                }
                case VALUE -> i = addToValue(piece, i, end);
                default -> i = lineEnd(piece, i, end);
            }
        }
    }

    private int skipBom(byte[] piece, int i) {
        if (piece[i] == BOM[bomLength]) {
            bomLength++;
            if (bomLength == BOM.length) {
                state = State.NAME;
            }
            return i + 1;
        }
        state = State.NAME;
        for (int k = 0; k < bomLength; k++) {
            addToText(BOM[k]);
        }
        return i;
    }

    private void beginValue() {
        field = is(DATA)
                ? Field.DATA
                : is(EVENT) ? Field.EVENT : is(ID) ? Field.ID : is(RETRY) ? Field.RETRY : Field.OTHER;
        textLength = 0;
        state = field == Field.OTHER ? State.IGNORED : State.BEFORE_VALUE;
    }

    private boolean is(byte[] name) {
        return Arrays.equals(text, 0, textLength, name, 0, name.length);
    }

    private int addToValue(byte[] piece, int from, int end) {
        int to = lineEnd(piece, from, end);
        if (field == Field.DATA) {
            addToData(piece, from, to - from);
        } else {
            for (int i = from; i < to; i++) {
                addToText(piece[i]);
            }
        }
        return to;
    }

    private static int lineEnd(byte[] piece, int from, int end) {
        int i = from;
        while (i < end && piece[i] != '\n' && piece[i] != '\r') {
            i++;
        }
        return i;
    }

    private void addToText(byte b) {
        if (textLength >= MOST_OF_FIELD) {
            state = State.IGNORED;
            return;
        }
        if (textLength == text.length) {
            text = Arrays.copyOf(text, textLength * 2);
        }
        text[textLength++] = b;
    }

    private void endLine() {
        if (state == State.NAME) {
            if (textLength == 0) {
                dispatch();
                return;
            }
            // A field without a colon has an empty value.
            beginValue();
        }
        if (state == State.VALUE || state == State.BEFORE_VALUE) {
            endField();
        }
        state = State.NAME;
        textLength = 0;
    }

    private void endField() {
        if (field == Field.DATA) {
            hasData = true;
            addToData(LINE_BREAK, 0, 1);
            return;
        }
        String value =
                field == Field.EVENT && Arrays.equals(text, 0, textLength, MESSAGE_BYTES, 0, MESSAGE_BYTES.length)
                        ? MESSAGE
                        : new String(text, 0, textLength, StandardCharsets.UTF_8);
        switch (field) {
            case EVENT -> type = value;
            case ID -> {
                if (value.indexOf('\0') < 0) {
                    idOfEvent = value;
                }
            }
            case RETRY -> {
                if (value.matches("[0-9]{1,15}")) {
                    retryMillis = Long.parseLong(value);
                }
            }
            default -> {}
        }
    }

    private void addToData(byte[] piece, int offset, int length) {
        // The line break behind the last line is no part of the data.
        if (tail == null && dataLength + length <= maxSize + 1L) {
            int needed = (int) dataLength + length;
            if (needed > data.length) {
                data = Arrays.copyOf(data, Math.max(needed + 1, (int) Math.min(data.length * 2L, maxSize + 1L)));
            }
            System.arraycopy(piece, offset, data, (int) dataLength, length);
            dataLength = needed;
            return;
        }
        if (tail == null) {
            tail = new byte[EXCERPT];
            int kept = (int) Math.min(EXCERPT, dataLength);
            int first = (int) dataLength - kept;
            for (int i = first; i < dataLength; i++) {
                tail[i % EXCERPT] = data[i];
            }
            int headLength = (int) Math.min(EXCERPT, dataLength);
            int missing = Math.min(EXCERPT - headLength, length);
            byte[] head = Arrays.copyOf(data, headLength + missing);
            System.arraycopy(piece, offset, head, headLength, missing);
            data = head;
        }
        for (int i = Math.max(0, length - EXCERPT); i < length; i++) {
            tail[(int) ((dataLength + i) % EXCERPT)] = piece[offset + i];
        }
        dataLength += length;
    }

    private void dispatch() {
        lastEventId = idOfEvent;
        if (hasData) {
            String eventType = type.isEmpty() ? MESSAGE : type;
            long size = dataLength - 1;
            byte[] ring = tail;
            if (ring == null || size <= maxSize) {
                sink.event(eventType, data, (int) size);
            } else {
                sink.oversized(data, unroll(ring, size), size);
            }
        }
        data = NOTHING;
        dataLength = 0;
        hasData = false;
        tail = null;
        type = "";
    }

    /** The bytes of the ring in their order, without the line break that was added last. */
    private static byte[] unroll(byte[] ring, long size) {
        byte[] last = new byte[(int) Math.min(EXCERPT - 1, size)];
        for (int i = 0; i < last.length; i++) {
            last[i] = ring[(int) ((size - last.length + i) % EXCERPT)];
        }
        return last;
    }
}
