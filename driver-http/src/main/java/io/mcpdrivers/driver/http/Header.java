package io.mcpdrivers.driver.http;

import org.jspecify.annotations.Nullable;

/** A header of a request. */
final class Header {

    final String name;
    final String value;
    /** Whether it is for nobody but the server that it is meant for. */
    final boolean sensitive;
    /** As it is sent, for one that goes with many requests; null if that is not prepared. */
    final byte @Nullable [] line;

    private Header(String name, String value, boolean sensitive, boolean prepared) {
        this.name = name;
        this.value = value;
        this.sensitive = sensitive;
        this.line = prepared ? RequestHead.line(name, value) : null;
    }

    static Header of(String name, String value) {
        return new Header(name, value, false, false);
    }

    static Header sensitive(String name, String value) {
        return new Header(name, value, true, false);
    }

    /** One that goes with many requests. */
    static Header prepared(String name, String value) {
        return new Header(name, value, false, true);
    }
}
