package io.mcpdrivers.spi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds what must not be shown of a value, and hides it. Rather hides too much than too little. */
final class Secrets {

    static final String MASK = "***";

    private static final Pattern SECRET_NAME = Pattern.compile(
            "token|(?<!per)key|secret|passw(or)?d|passphrase|pwd|credential|authori[sz]ation|cookie|bearer|signature|jwt"
                    + "|(^|[-_.])(auth|pat|pass|sig)($|[-_.])",
            Pattern.CASE_INSENSITIVE);

    /** The user info of a URL. In the second form the password holds a slash, and is told from a port by not being one. */
    private static final Pattern USER_INFO =
            Pattern.compile("(?<=://)(?:[^/?#]*|[^/?#@:\\s]*:(?!\\d+(?:[/?#\\s]|$))\\S*)(?=@)");

    private static final Pattern QUERY_NAME = Pattern.compile("[?&;#]([^=&;#?]{1,200})=");

    /** {@code name=value}, {@code Name: value} or {@code "name":"value"}, anywhere in an argument. */
    private static final Pattern ASSIGNMENT = Pattern.compile("([\\w.%-]+)[\"']?\\s*(?:=|:(?!//))\\s*");

    /** {@code --name value} in one argument. */
    private static final Pattern OPTION_VALUE = Pattern.compile("(?<!\\S)(--?[A-Za-z][\\w.-]*)\\s+(?=[^\\s-])");

    private static final Pattern CREDENTIALS = Pattern.compile("(?i)\\b(?:bearer|basic)\\s+(?=\\S)");

    private static final Pattern OPTION = Pattern.compile("-\\w|--[A-Za-z][\\w.-]*(=.*)?");

    private static final Pattern PLAIN_NAME = Pattern.compile("[\\w.-]{1,60}");

    /** A part of a text that is secret. */
    private record Span(int start, int end) {}

    private Secrets() {}

    static boolean isSecretName(String parameter) {
        return parameter.startsWith("env.") || parameter.startsWith("header.") || soundsSecret(parameter);
    }

    private static boolean soundsSecret(String name) {
        return SECRET_NAME.matcher(name).find();
    }

    /** Which of the arguments follow one that is named like a secret and has no value of its own. */
    static List<Boolean> followSecretNames(List<String> arguments) {
        List<Boolean> follow = new ArrayList<>(arguments.size());
        String previous = "";
        for (String argument : arguments) {
            follow.add(previous.startsWith("-")
                    && previous.indexOf('=') < 0
                    && soundsSecret(previous)
                    && !OPTION.matcher(argument).matches());
            previous = argument;
        }
        return follow;
    }

    /** Hides the secrets of a URL: user info and parameters. */
    static String maskUrl(String url) {
        return mask(url, inUrls(Placeholders.blanked(url)));
    }

    /** Hides the secrets of any other text; all of it, if it is known to be one. */
    static String mask(String text, boolean secret) {
        return mask(text, find(text, secret));
    }

    private static String mask(String text, List<Span> spans) {
        StringBuilder out = new StringBuilder(text.length());
        int shown = 0;
        for (Span span : spans) {
            if (span.end > shown) {
                int start = Math.max(span.start, shown);
                out.append(withoutSecretDefaults(text.substring(shown, start)));
                out.append(Placeholders.mask(text.substring(start, span.end)));
                shown = span.end;
            }
        }
        return out.append(withoutSecretDefaults(text.substring(shown))).toString();
    }

    /** What stands in a default is as secret as its variable; or as it would be without one. */
    private static String withoutSecretDefaults(String text) {
        return Placeholders.maskDefaults(text, Secrets::soundsSecret, other -> mask(other, false));
    }

    /** Gives the secrets in a URL, as they stand there and decoded. */
    static void inUrl(String url, Consumer<String> secrets) {
        inUrls(Placeholders.blanked(url)).forEach(span -> forms(url.substring(span.start, span.end), secrets));
        basicForms(url, secrets);
    }

    /** Gives the secrets in any other text. */
    static void in(String text, boolean secret, Consumer<String> secrets) {
        find(text, secret).forEach(span -> forms(text.substring(span.start, span.end), secrets));
        basicForms(text, secrets);
    }

    /** Gives the values of placeholders that stand where a secret does, or whose names sound like one. */
    static void inPlaceholders(McpUri.@Nullable Source source, boolean secret, Consumer<String> secrets) {
        if (source == null) {
            return;
        }
        List<String> names = new ArrayList<>();
        find(source.text(), secret)
                .forEach(span -> names.addAll(Placeholders.names(source.text().substring(span.start, span.end))));
        source.values().forEach((name, value) -> {
            if (names.contains(name) || soundsSecret(name)) {
                forms(value, secrets);
            }
        });
    }

    /** A secret as a server might print it: also without its scheme, its quotes or its user name, and decoded. */
    static void forms(String secret, Consumer<String> secrets) {
        secrets.accept(secret);
        String bare = secret.replaceAll("^[\\s\"'\\[{]+|[\\s\"'\\]}]+$", "");
        secrets.accept(bare);
        Matcher credentials = CREDENTIALS.matcher(bare);
        if (credentials.find()) {
            secrets.accept(bare.substring(credentials.end()));
        }
        int colon = bare.indexOf(':');
        if (colon >= 0) {
            secrets.accept(bare.substring(colon + 1).strip());
        }
        try {
            secrets.accept(PercentCoding.decode(bare, 0, bare.length()));
        } catch (McpUriException e) {
            // Then it is not encoded.
        }
    }

    /** User and password of the URLs in a text as HTTP sends them (RFC 7617), with and without the filling at the end. */
    private static void basicForms(String text, Consumer<String> secrets) {
        Matcher userInfo = USER_INFO.matcher(Placeholders.blanked(text));
        while (userInfo.find()) {
            String written = text.substring(userInfo.start(), userInfo.end());
            if (!written.isEmpty()) {
                String joined = decoded(written);
                byte[] bytes = (joined.indexOf(':') < 0 ? joined + ":" : joined).getBytes(StandardCharsets.UTF_8);
                secrets.accept(Base64.getEncoder().encodeToString(bytes));
                secrets.accept(Base64.getEncoder().withoutPadding().encodeToString(bytes));
            }
        }
    }

    private static List<Span> find(String text, boolean secret) {
        if (secret) {
            return text.isEmpty() ? List.of() : List.of(new Span(0, text.length()));
        }
        String blanked = Placeholders.blanked(text);
        List<Span> spans = inUrls(blanked);
        Matcher assignment = ASSIGNMENT.matcher(blanked);
        while (assignment.find()) {
            boolean host = blanked.startsWith("//", assignment.start() - 2);
            if (!host && assignment.end() < text.length() && soundsSecret(decoded(assignment.group(1)))) {
                spans.add(new Span(assignment.end(), text.length()));
                break;
            }
        }
        OPTION_VALUE
                .matcher(blanked)
                .results()
                .filter(option -> soundsSecret(option.group(1)))
                .findFirst()
                .ifPresent(option -> spans.add(new Span(option.end(), text.length())));
        Matcher credentials = CREDENTIALS.matcher(blanked);
        if (credentials.find()) {
            spans.add(new Span(credentials.end(), text.length()));
        }
        spans.sort(Comparator.comparingInt(Span::start));
        return spans;
    }

    private static List<Span> inUrls(String text) {
        List<Span> spans = new ArrayList<>();
        USER_INFO
                .matcher(text)
                .results()
                .filter(match -> match.end() > match.start())
                .forEach(match -> spans.add(new Span(match.start(), match.end())));
        Matcher name = QUERY_NAME.matcher(text);
        for (int from = 0; name.find(from); from = name.end() - 1) {
            if (soundsSecret(decoded(name.group(1)))) {
                int end = name.end();
                while (end < text.length() && "&#".indexOf(text.charAt(end)) < 0) {
                    end++;
                }
                spans.add(new Span(name.end(), end));
            }
        }
        spans.sort(Comparator.comparingInt(Span::start));
        return spans;
    }

    /** The text itself if it is not encoded. */
    private static String decoded(String text) {
        try {
            return PercentCoding.decode(text, 0, text.length());
        } catch (McpUriException e) {
            return text;
        }
    }

    /** Hides every value of a text that could not be parsed, since it cannot be told which of them are secrets. */
    static String maskUnparsed(String text) {
        int parameters = text.length();
        for (int i = 0; i < parameters; i++) {
            if ("?#".indexOf(text.charAt(i)) >= 0) {
                parameters = i;
            }
        }
        StringBuilder out = new StringBuilder(maskUnparsedTarget(text.substring(0, parameters)));
        for (int i = parameters; i < text.length(); ) {
            out.append(text.charAt(i++));
            int end = i;
            while (end < text.length() && "?#&".indexOf(text.charAt(end)) < 0) {
                end++;
            }
            int equals = text.substring(i, end).indexOf('=');
            String name = equals < 0 ? "" : text.substring(i, i + equals);
            if (PLAIN_NAME.matcher(name).matches()) {
                out.append(name).append('=').append(MASK);
            } else if (end > i) {
                out.append(MASK);
            }
            i = end;
        }
        return out.toString();
    }

    /** Whatever stands before an at sign could be a user info, if it holds a colon. */
    private static String maskUnparsedTarget(String target) {
        int start = 0;
        Matcher prefix = Pattern.compile("(?i)(mcp:)?([a-z][a-z0-9+.-]*:)?/*").matcher(target);
        if (prefix.lookingAt()) {
            start = prefix.end();
        }
        int at = target.lastIndexOf('@');
        int colon = target.indexOf(':', start);
        boolean userInfo = at > start && (target.startsWith("/", start - 1) || (colon >= 0 && colon < at));
        return userInfo ? target.substring(0, start) + MASK + mask(target.substring(at), false) : mask(target, false);
    }
}
