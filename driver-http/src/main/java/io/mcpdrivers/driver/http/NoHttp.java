package io.mcpdrivers.driver.http;

import java.io.IOException;
import java.util.function.UnaryOperator;

/** What a server has sent is no HTTP; the message says what is wrong with it, and leaves out what there is to quote. */
final class NoHttp extends IOException {

    private static final long serialVersionUID = 1L;

    private final String before;
    /** As it came and as long, for what is cut can hold a part of a secret that nobody recognizes any more. */
    private final transient String quoted;

    private final String after;

    NoHttp(String message) {
        this(message, "", "");
    }

    NoHttp(String before, String quoted, String after) {
        super(before + (quoted.isEmpty() ? "" : "...") + after);
        this.before = before;
        this.quoted = quoted;
        this.after = after;
    }

    /** The same of another one than the server. */
    NoHttp from(String whom) {
        return new NoHttp("from " + whom + ", " + before, quoted, after);
    }

    /** The message with the quote in it, masked and cut. */
    String told(UnaryOperator<String> shown) {
        return before + shown.apply(quoted) + after;
    }
}
