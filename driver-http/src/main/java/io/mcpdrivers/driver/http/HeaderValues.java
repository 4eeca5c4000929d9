package io.mcpdrivers.driver.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Writes values into headers: those that a header cannot hold as they are go in Base64.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http">Specification:
 *     Value Encoding</a>
 */
final class HeaderValues {

    private static final String PREFIX = "=?base64?";
    private static final String SUFFIX = "?=";

    private HeaderValues() {}

    static String encode(String value) {
        return isSafe(value)
                ? value
                : PREFIX + Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)) + SUFFIX;
    }

    private static boolean isSafe(String value) {
        int length = value.length();
        if (length == 0) {
            return true;
        }
        if (isBlank(value.charAt(0)) || isBlank(value.charAt(length - 1))) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c > '~') {
                return false;
            }
        }
        return !(value.startsWith(PREFIX) && value.endsWith(SUFFIX));
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /** Whether a text may be the name of a header (RFC 9110, token). */
    static boolean isToken(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /** Whether a text may be the value of a header as it is: Latin-1 without control characters. */
    static boolean isValue(String value) {
        return value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c <= '~') || (c >= 0xA0 && c <= 0xFF));
    }

    /** Whether a text may be a session id: visible ASCII. */
    static boolean isSessionId(String value) {
        return !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c <= '~');
    }
}
