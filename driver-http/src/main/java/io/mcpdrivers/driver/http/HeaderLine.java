package io.mcpdrivers.driver.http;

import org.apache.hc.core5.http.message.BasicHeader;

/** A header that goes with many requests, with its line as it is sent. */
final class HeaderLine extends BasicHeader {

    private static final long serialVersionUID = 1L;

    final transient byte[] line;

    HeaderLine(String name, String value) {
        this(name, value, false);
    }

    HeaderLine(String name, String value, boolean sensitive) {
        super(name, value, sensitive);
        line = RequestHead.line(new BasicHeader(name, value));
    }
}
