package io.mcpdrivers.driver.http;

import java.util.Arrays;

/**
 * What a transport has to see of a message: whether it is a response, and to which request. Only the names of the
 * outermost members are read, and the id.
 */
final class MessageGlance {

    /** What a message is, as far as it shows. */
    enum Kind {
        RESPONSE,
        REQUEST_OR_NOTIFICATION,
        /** Not one JSON-RPC message: an array, or no JSON. */
        OTHER
    }

    private static final long[] NO_RESPONSES = {};
    private static final int MOST_OF_BATCH = 1000;

    private final byte[] text;
    private final int end;
    private int at;
    private Kind kind = Kind.OTHER;
    private long id = -1;
    private boolean object;
    private boolean error;
    private boolean idGiven;

    private MessageGlance(byte[] text, int offset, int length) {
        this.text = text;
        this.at = offset;
        this.end = offset + length;
    }

    static MessageGlance at(byte[] text, int offset, int length) {
        MessageGlance glance = new MessageGlance(text, offset, length);
        glance.read();
        return glance;
    }

    /** The ids of the responses in it, which may be a batch of revision 2025-03-26; -1 for one without. */
    long[] responses() {
        if (kind == Kind.RESPONSE) {
            return new long[] {id};
        }
        if (object || at >= end || text[at] != '[') {
            return NO_RESPONSES;
        }
        long[] ids = NO_RESPONSES;
        do {
            at++;
            int begin = at;
            skipValue();
            MessageGlance each = at(text, begin, at - begin);
            if (each.kind == Kind.RESPONSE) {
                ids = Arrays.copyOf(ids, ids.length + 1);
                ids[ids.length - 1] = each.id;
            }
        } while (at < end && text[at] == ',' && ids.length < MOST_OF_BATCH);
        return ids;
    }

    Kind kind() {
        return kind;
    }

    /** The id if it is a whole number from 0 on, else -1. */
    long id() {
        return id;
    }

    boolean isResponseTo(long request) {
        return kind == Kind.RESPONSE && id == request;
    }

    boolean isErrorTo(long request) {
        return isResponseTo(request) && error;
    }

    /** Whether it is an error that names no request, with which a server answers what it did not look into. */
    boolean isErrorWithoutId() {
        return kind == Kind.RESPONSE && error && !idGiven;
    }

    /** Whether it is a JSON object. */
    boolean isObject() {
        return object;
    }

    private void read() {
        skipSpace();
        if (at >= end || text[at] != '{') {
            return;
        }
        object = true;
        at++;
        while (true) {
            skipSpace();
            if (at >= end || text[at] != '"') {
                return;
            }
            int nameBegin = at + 1;
            skipString();
            int nameEnd = at - 1;
            skipSpace();
            if (at >= end || text[at] != ':') {
                return;
            }
            at++;
            skipSpace();
            member(nameBegin, nameEnd);
            if (kind == Kind.REQUEST_OR_NOTIFICATION || (kind == Kind.RESPONSE && id >= 0)) {
                return;
            }
            skipSpace();
            if (at >= end || text[at] != ',') {
                return;
            }
            at++;
        }
    }

    private void member(int nameBegin, int nameEnd) {
        if (is("id", nameBegin, nameEnd)) {
            int begin = at;
            long value = 0;
            while (at < end && text[at] >= '0' && text[at] <= '9' && at - begin < 18) {
                value = value * 10 + text[at] - '0';
                at++;
            }
            boolean whole = at > begin && at < end && (text[at] <= ' ' || text[at] == ',' || text[at] == '}');
            id = whole ? value : -1;
            idGiven = whole || begin < end && text[begin] != 'n';
        } else if (is("result", nameBegin, nameEnd) || is("error", nameBegin, nameEnd)) {
            kind = Kind.RESPONSE;
            error = is("error", nameBegin, nameEnd);
            if (id >= 0) {
                return;
            }
        } else if (is("method", nameBegin, nameEnd)) {
            kind = Kind.REQUEST_OR_NOTIFICATION;
            return;
        }
        skipValue();
    }

    private boolean is(String name, int begin, int nameEnd) {
        if (nameEnd - begin != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (text[begin + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void skipSpace() {
        while (at < end && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
            at++;
        }
    }

    /** From the quote that begins a string to behind the one that ends it. */
    private void skipString() {
        at++;
        while (at < end && text[at] != '"') {
            at += text[at] == '\\' ? 2 : 1;
        }
        at = Math.min(at + 1, end);
    }

    /** To what follows a value: a comma, or the bracket that closes what the value stands in. */
    private void skipValue() {
        int depth = 0;
        while (at < end) {
            switch (text[at]) {
                case '"' -> {
                    skipString();
                    continue;
                }
                case '{', '[' -> depth++;
                case '}', ']' -> {
                    if (depth == 0) {
                        return;
                    }
                    depth--;
                }
                case ',' -> {
                    if (depth == 0) {
                        return;
                    }
                }
                default -> {}
            }
            at++;
        }
    }
}
