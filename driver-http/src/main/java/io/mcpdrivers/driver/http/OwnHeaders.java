package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The headers of the user's own: those of the URI, which are always the same, and those of a supplier, which is asked
 * before each request. They are for the server's own origin alone.
 */
final class OwnHeaders {

    /** What would break the framing of requests, or say something else than the body does. */
    private static final Set<String> RESERVED = Set.of(
            "accept-encoding",
            "connection",
            "content-encoding",
            "content-length",
            "expect",
            "host",
            "keep-alive",
            "last-event-id",
            "mcp-method",
            "mcp-name",
            "mcp-protocol-version",
            "mcp-session-id",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private static final String RESERVED_PREFIX = "mcp-param-";
    /** Often written into configurations, to no effect: the driver says the same. */
    private static final Set<String> SUPERFLUOUS = Set.of("accept", "content-type");

    /** A header that cannot be sent; the message names it, without its value. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private final Header[] fixed;
    private final Supplier<Map<String, String>> supplier;
    /** What goes with each request if there is no supplier. */
    private final Sent always;

    private final SuppliedValues lately = new SuppliedValues();

    private OwnHeaders(Header[] fixed, Supplier<Map<String, String>> supplier) {
        this.fixed = fixed;
        this.supplier = supplier;
        this.always = new Sent(fixed);
    }

    static OwnHeaders of(McpUri uri, Supplier<Map<String, String>> supplier) throws Unusable {
        Map<String, Header> found = new LinkedHashMap<>();
        String userInfo = userInfo(uri.target());
        if (userInfo != null) {
            found.put("authorization", Header.sensitive("Authorization", "Basic " + credentials(userInfo)));
        }
        for (Map.Entry<String, String> each :
                uri.parametersWithPrefix("header.").entrySet()) {
            Header header = header("Parameter 'header." + each.getKey() + "'", each.getKey(), each.getValue());
            if (header != null) {
                found.put(each.getKey().toLowerCase(Locale.ROOT), header);
            }
        }
        return new OwnHeaders(found.values().toArray(new Header[0]), supplier);
    }

    /** User and password as {@code Basic} wants them: joined by a colon, also if there is no password, and encoded. */
    static String credentials(String userInfo) {
        String joined = userInfo.indexOf(':') < 0 ? userInfo + ":" : userInfo;
        return Base64.getEncoder().encodeToString(joined.getBytes(StandardCharsets.UTF_8));
    }

    /** What stands before the last at sign of the authority, as before the hosts; null if nothing does. */
    private static @Nullable String userInfo(String target) throws Unusable {
        int authority = target.indexOf("://") + 3;
        int end = authority;
        while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        int at = target.lastIndexOf('@', end - 1);
        if (at <= authority) {
            return null;
        }
        try {
            // A plus sign is itself.
            return URLDecoder.decode(target.substring(authority, at).replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // Which would quote it.
            throw new Unusable(
                    "The user info of the URL holds a '%' that begins no escape; write %25 for itself", null);
        }
    }

    /** What goes with one request. */
    static final class Sent {
        static final Sent NONE = new Sent(new Header[0]);

        private final Header[] headers;
        /** The same as they are sent. */
        private final byte[] lines;

        private Sent(Header[] own) {
            boolean named = false;
            for (Header header : own) {
                named |= header.name.equalsIgnoreCase("User-Agent");
            }
            headers = named ? own : Arrays.copyOf(own, own.length + 1);
            if (!named) {
                headers[own.length] = RequestHeaders.USER_AGENT;
            }
            RequestHead all = new RequestHead(new byte[256]);
            for (Header header : headers) {
                all.header(header);
            }
            lines = Arrays.copyOf(all.bytes(), all.length());
        }

        Header[] headers() {
            return headers;
        }

        void writeTo(RequestHead lines) {
            lines.add(this.lines);
        }
    }

    /** The headers of the next request; asks the supplier for its own. */
    Sent next() throws Unusable {
        if (supplier == OpenOptions.NO_HEADERS) {
            return always;
        }
        Map<String, Header> all = new LinkedHashMap<>();
        for (Header header : fixed) {
            all.put(header.name.toLowerCase(Locale.ROOT), header);
        }
        for (Header header : supplied()) {
            String name = header.name.toLowerCase(Locale.ROOT);
            lately.add(name, header.value);
            all.put(name, header);
        }
        return new Sent(all.values().toArray(new Header[0]));
    }

    /** What the supplier has given lately, which servers may repeat and nobody else may see. */
    List<String> lately() {
        return lately.all();
    }

    private List<Header> supplied() throws Unusable {
        try {
            return usable(supplier.get());
        } catch (RuntimeException | Error e) {
            throw new Unusable(
                    "the supplier of headers failed with " + e.getClass().getName(), e);
        }
    }

    /** The map is the supplier's own: it may throw whatever it wants, or hold what it must not. */
    private static List<Header> usable(@Nullable Map<String, String> supplied) throws Unusable {
        if (supplied == null) {
            throw new Unusable("the supplier of headers gave null; it must give a map, which may be empty", null);
        }
        List<Header> headers = new ArrayList<>(supplied.size());
        for (Map.Entry<String, String> each : supplied.entrySet()) {
            String name = each.getKey();
            Header header = header("the supplied header '" + HttpFailures.line("" + name) + "'", name, each.getValue());
            if (header != null) {
                headers.add(header);
            }
        }
        return headers;
    }

    /** Null if it need not be sent. */
    private static @Nullable Header header(String what, @Nullable String name, @Nullable String value) throws Unusable {
        if (name == null || !HeaderValues.isToken(name)) {
            throw new Unusable(what + " has a name that no header can have", null);
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (RESERVED.contains(lower) || lower.startsWith(RESERVED_PREFIX)) {
            throw new Unusable(what + " is one that the driver itself sets; leave it out", null);
        }
        if (value == null || !HeaderValues.isValue(value)) {
            throw new Unusable(
                    what + " has a value that no header can have: it "
                            + (value == null ? "is null" : "holds a control character or one beyond Latin-1"),
                    null);
        }
        return SUPERFLUOUS.contains(lower) ? null : Header.sensitive(name, value);
    }
}
