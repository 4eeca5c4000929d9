package io.mcpdrivers.spi;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Decides which values must not be shown, and hides them. */
final class Secrets {

    static final String MASK = "***";

    private static final Pattern SECRET_NAME = Pattern.compile(
            "token|key|secret|passw(or)?d|passphrase|pwd|credential|authori[sz]ation|cookie|bearer|(^|[-_.])(auth|pat|pass)($|[-_.])",
            Pattern.CASE_INSENSITIVE);

    /** {@code --name=value}, {@code NAME=value} and {@code Name: value}, as they stand in arguments. */
    private static final Pattern ASSIGNMENT = Pattern.compile("(?s)(-{0,2}[A-Za-z][\\w.-]*)(=|:\\s*)(.+)");

    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/?#@\\s]+(?=@)");

    private static final Pattern QUERY_PARAMETER = Pattern.compile("(?<=[?&])([^=&#\\s]+)=([^&#\\s]*)");

    private static final Pattern VALUE = Pattern.compile("(?<=[?&#])([^=&#]*)=([^&#]*)");

    private Secrets() {}

    static boolean isSecretName(String parameter) {
        return parameter.startsWith("env.")
                || parameter.startsWith("header.")
                || SECRET_NAME.matcher(parameter).find();
    }

    /** Hides the user info and the secret query parameters of the URLs in a text. */
    static String maskUrl(String text) {
        Matcher query = QUERY_PARAMETER.matcher(USER_INFO.matcher(text).replaceAll(MASK));
        return query.replaceAll(match -> Matcher.quoteReplacement(
                SECRET_NAME.matcher(match.group(1)).find() ? match.group(1) + "=" + MASK : match.group()));
    }

    /** What {@link #maskUrl} hides of a text, and the password of a user info by itself. */
    static List<String> inUrls(String text) {
        List<String> secrets = new ArrayList<>();
        USER_INFO.matcher(text).results().forEach(match -> {
            String userInfo = match.group();
            secrets.add(userInfo);
            secrets.add(userInfo.substring(userInfo.indexOf(':') + 1));
        });
        QUERY_PARAMETER
                .matcher(text)
                .results()
                .filter(match -> SECRET_NAME.matcher(match.group(1)).find())
                .forEach(match -> secrets.add(match.group(2)));
        return secrets;
    }

    /**
     * The part of each argument that must not be shown, or an empty string: the value of {@code --token=value}, of
     * {@code Authorization: value}, and a whole argument that follows one named like a secret.
     */
    static List<String> inArguments(List<String> arguments) {
        List<String> secrets = new ArrayList<>(arguments.size());
        boolean previousNamesSecret = false;
        for (String argument : arguments) {
            Matcher assignment = ASSIGNMENT.matcher(argument);
            boolean option = argument.startsWith("-");
            if (previousNamesSecret && !option) {
                secrets.add(argument);
            } else if (assignment.matches()
                    && SECRET_NAME.matcher(assignment.group(1)).find()) {
                secrets.add(assignment.group(3));
            } else {
                secrets.add("");
            }
            previousNamesSecret = option
                    && argument.indexOf('=') < 0
                    && SECRET_NAME.matcher(argument).find();
        }
        return secrets;
    }

    /** Hides every value of a text that could not be parsed, since it cannot be told which of them are secrets. */
    static String maskUnparsed(String text) {
        return maskUrl(VALUE.matcher(text).replaceAll("$1=" + MASK));
    }
}
