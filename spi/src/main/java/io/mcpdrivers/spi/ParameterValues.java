package io.mcpdrivers.spi;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the values of parameters and settings, one form for URIs, properties files and system properties alike. */
public final class ParameterValues {

    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,18})\\s*([a-zA-Z]*)");

    private ParameterValues() {}

    /**
     * Reads a duration: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h}, {@code 2d}, a bare {@code 0}, or ISO-8601
     * such as {@code PT1M}.
     *
     * @param text the value
     * @return a duration, not negative, of at most 292 years
     * @throws IllegalArgumentException if the text is no duration; the message names the accepted forms
     */
    public static Duration duration(String text) {
        Duration duration;
        try {
            duration = read(text.trim());
            if (duration != null && !duration.isNegative()) {
                // Whoever waits for so long counts in nanoseconds.
                long unused = duration.toNanos();
                return duration;
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is too long a duration; at most 292 years can be told", e);
        }
        throw new IllegalArgumentException(
                "'" + text + "' is no duration; write for example 500ms, 30s, 5m, 1h or PT30S");
    }

    private static @Nullable Duration read(String value) {
        Matcher amount = AMOUNT.matcher(value);
        if (amount.matches()) {
            long number = Long.parseLong(amount.group(1));
            return switch (amount.group(2).toLowerCase(Locale.ROOT)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                case "d" -> Duration.ofDays(number);
                case "" -> number == 0 ? Duration.ZERO : null;
                default -> null;
            };
        }
        try {
            return value.startsWith("P") || value.startsWith("p") ? Duration.parse(value) : null;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /**
     * Reads a number of bytes: {@code 65536}, {@code 64k}, {@code 16m} or {@code 1g}; the units are powers of 1024 and
     * may be followed by {@code b} or {@code ib}.
     *
     * @param text the value
     * @return the number of bytes, not negative
     * @throws IllegalArgumentException if the text is no size; the message names the accepted forms
     */
    public static long size(String text) {
        Matcher amount = AMOUNT.matcher(text.trim());
        if (amount.matches()) {
            long number = Long.parseLong(amount.group(1));
            String unit = amount.group(2).toLowerCase(Locale.ROOT);
            int shift = switch (unit) {
                case "", "b" -> 0;
                case "k", "kb", "kib" -> 10;
                case "m", "mb", "mib" -> 20;
                case "g", "gb", "gib" -> 30;
                default -> -1;
            };
            if (shift >= 0 && number <= Long.MAX_VALUE >> shift) {
                return number << shift;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is no size; write for example 65536, 64k or 16m");
    }

    /**
     * Reads {@code true} or {@code false}, in any case.
     *
     * @param text the value
     * @return the value
     * @throws IllegalArgumentException if the text is neither
     */
    public static boolean bool(String text) {
        return switch (text.trim().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        };
    }

    /**
     * Reads a whole number.
     *
     * @param text the value
     * @return the value
     * @throws IllegalArgumentException if the text is no whole number or does not fit into 32 bits
     */
    public static int integer(String text) {
        try {
            return Integer.parseInt(text.trim());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no whole number from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE, e);
        }
    }

    /**
     * Checks that a value has the form its type asks for.
     *
     * @param type the form
     * @param text the value
     * @throws IllegalArgumentException if it has not
     */
    public static void check(DriverProperty.Type type, String text) {
        switch (type) {
            case STRING -> {}
            case BOOLEAN -> bool(text);
            case INTEGER -> integer(text);
            case SIZE -> size(text);
            case DURATION -> duration(text);
        }
    }
}
