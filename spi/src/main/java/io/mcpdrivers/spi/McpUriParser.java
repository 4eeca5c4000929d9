package io.mcpdrivers.spi;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Takes the text of a URI apart; each error has its position. */
final class McpUriParser {

    private McpUriParser() {}

    static McpUri parse(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == 0x7F) {
                throw new McpUriException("control character " + (int) c + "; percent-encode it", i);
            }
            if (Character.isSurrogate(c) && !isPair(text, i)) {
                throw new McpUriException("half of a character (a surrogate without its other half)", i);
            }
        }
        if (!text.regionMatches(true, 0, McpUri.PREFIX, 0, McpUri.PREFIX.length())) {
            throw new McpUriException("it must begin with 'mcp:', " + expectedBeginning(text), 0);
        }
        int schemeStart = McpUri.PREFIX.length();
        int colon = text.indexOf(':', schemeStart);
        String scheme = colon < 0 ? "" : text.substring(schemeStart, colon);
        if (!scheme.matches("[A-Za-z][A-Za-z0-9+.-]*")) {
            throw new McpUriException(
                    "a scheme and a colon must follow 'mcp:', as in mcp:stdio:npx or mcp:https://host/mcp",
                    schemeStart);
        }
        scheme = scheme.toLowerCase(Locale.ROOT);
        int targetStart = colon + 1;
        int fragment = indexOf(text, '#', targetStart);
        int query = indexOf(text, '?', targetStart);
        int targetEnd =
                query >= 0 && (fragment < 0 || query < fragment) ? query : fragment < 0 ? text.length() : fragment;
        boolean url = isUrl(text.substring(targetStart, targetEnd));
        if (targetEnd == targetStart) {
            throw new McpUriException("nothing follows 'mcp:" + scheme + ":'; " + expectedTarget(scheme), targetStart);
        }
        if (!url && List.of("http", "https", "sse").contains(scheme) && text.indexOf("${", targetStart) < 0) {
            throw new McpUriException(expectedTarget(scheme), targetStart);
        }
        if (url) {
            int end = fragment < 0 ? text.length() : fragment;
            String address = text.substring(targetStart, end);
            checkUrl(address, targetStart);
            return new McpUri(
                    scheme,
                    address.startsWith("//") ? scheme + ":" + address : address,
                    null,
                    fragment < 0 ? List.of() : parseParameters(text, fragment + 1));
        }
        if (fragment >= 0) {
            throw new McpUriException("'#' has no meaning here; write %23 for itself", fragment);
        }
        return new McpUri(
                scheme,
                PercentCoding.decode(text, targetStart, targetEnd),
                null,
                query < 0 ? List.of() : parseParameters(text, query + 1));
    }

    /** What may have been meant by a text that does not begin as it must, without what could be secret in it. */
    private static String expectedBeginning(String text) {
        String shown = Secrets.maskUnparsed(text);
        if (text.matches("(?si)https?://.*")) {
            return "as in mcp:" + shown;
        }
        return text.matches("[A-Za-z0-9._-]{1,64}") && shown.equals(text)
                ? "as in mcp:stdio:npx?arg=-y, or mcp:server:" + text + " for a configured server of that name"
                : "as in mcp:stdio:npx?arg=-y";
    }

    private static String expectedTarget(String scheme) {
        return switch (scheme) {
            case "stdio" -> "a command is expected, as in mcp:stdio:npx?arg=-y";
            case "http", "https" -> "a URL is expected, as in mcp:" + scheme + "://host/mcp";
            case "sse" -> "a URL is expected, as in mcp:sse:http://host/sse";
            case "server" -> "the name of a configured server is expected, as in mcp:server:files";
            default -> "what to connect to is expected there";
        };
    }

    /** Whether all surrogates in a text are halves of pairs. */
    static boolean isUnicode(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i)) && !isPair(text, i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPair(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }

    /**
     * Checks what a URL as a target must not hold, since it is written as it stands.
     *
     * @throws McpUriException if it does
     */
    static void checkUrl(String url, int position) {
        int fragment = indexOf(url, '#', 0);
        if (fragment >= 0) {
            throw new McpUriException(
                    "a URL cannot hold '#', behind which the parameters stand; write %23 for itself",
                    position < 0 ? -1 : position + fragment);
        }
        for (int i = 0; i < url.length(); i++) {
            if (url.charAt(i) < ' ' || url.charAt(i) == 0x7F) {
                throw new McpUriException("a URL cannot hold control character " + (int) url.charAt(i), -1);
            }
            if (url.startsWith("${", i) && Placeholders.end(url, i) < 0) {
                throw new McpUriException(
                        "'${' is never closed, or too many stand within each other; write $${ for itself",
                        position < 0 ? -1 : position + i);
            }
        }
    }

    static boolean isUrl(String target) {
        return target.startsWith("//") || target.matches("(?s)[A-Za-z][A-Za-z0-9+.-]*://.*");
    }

    private static List<McpUri.Parameter> parseParameters(String text, int start) {
        List<McpUri.Parameter> parameters = new ArrayList<>();
        for (int i = start; i <= text.length(); ) {
            int end = indexOf(text, '&', i);
            if (end < 0) {
                end = text.length();
            }
            if (end > i) {
                int equals = indexOf(text, '=', i);
                if (equals < 0 || equals > end) {
                    throw new McpUriException("a parameter needs a value, as in name=value", i);
                }
                if (equals == i) {
                    throw new McpUriException("a parameter needs a name, as in name=value", i);
                }
                parameters.add(new McpUri.Parameter(
                        PercentCoding.decode(text, i, equals), PercentCoding.decode(text, equals + 1, end), null));
            }
            i = end + 1;
        }
        return parameters;
    }

    /** The first {@code wanted} outside of placeholders, from {@code start}. */
    private static int indexOf(String text, char wanted, int start) {
        for (int i = start; i < text.length(); i++) {
            if (Placeholders.isEscape(text, i)) {
                i += 2;
            } else if (text.startsWith("${", i)) {
                int end = Placeholders.end(text, i);
                if (end > 0) {
                    i = end - 1;
                    continue;
                }
            }
            if (text.charAt(i) == wanted) {
                return i;
            }
        }
        return -1;
    }
}
