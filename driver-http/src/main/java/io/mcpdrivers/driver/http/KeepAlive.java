package io.mcpdrivers.driver.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How long a connection may be kept while it is idle. */
final class KeepAlive {

    private static final long LONGEST_NANOS = 30_000_000_000L;
    private static final Pattern TIMEOUT =
            Pattern.compile("(?:^|,)\\s*timeout\\s*=\\s*\"?([0-9]{1,6})\"?\\s*(?:,|$)", Pattern.CASE_INSENSITIVE);

    private KeepAlive() {}

    /** A second less than the server says in its header, so that no request meets a connection that is being closed. */
    static long nanos(@Nullable String header) {
        Matcher timeout = header == null ? null : TIMEOUT.matcher(header);
        if (timeout == null || !timeout.find()) {
            return LONGEST_NANOS;
        }
        long seconds = Long.parseLong(timeout.group(1));
        long millis = seconds <= 1 ? seconds * 500 + 1 : seconds * 1000 - 1000;
        return Math.min(LONGEST_NANOS, millis * 1_000_000);
    }
}
