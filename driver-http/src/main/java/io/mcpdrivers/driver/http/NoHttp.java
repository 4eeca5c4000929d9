package io.mcpdrivers.driver.http;

import java.io.IOException;

/** What a server has sent is no HTTP; the message says what is wrong with it. */
final class NoHttp extends IOException {

    private static final long serialVersionUID = 1L;

    NoHttp(String message) {
        super(message);
    }
}
