package io.mcpdrivers.pool;

import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.ParameterValues;
import java.time.Duration;

/**
 * The form of a setting's value, its default and its range.
 *
 * @param type the type
 * @param defaultValue the default, as it would be written
 * @param minimum the least number; for durations, 1 if they must be longer than 0
 * @param unlimited whether -1 stands for no limit
 * @param auto whether {@code auto} stands for {@link PoolSetting#AUTO_STREAMS}
 */
record Form(DriverProperty.Type type, String defaultValue, long minimum, boolean unlimited, boolean auto) {

    private static final int MOST_STREAMS = 1_000_000;

    static Form limit(String defaultValue) {
        return new Form(DriverProperty.Type.INTEGER, defaultValue, 1, true, false);
    }

    static Form orUnlimited(String defaultValue) {
        return new Form(DriverProperty.Type.INTEGER, defaultValue, 0, true, false);
    }

    static Form count(String defaultValue) {
        return new Form(DriverProperty.Type.INTEGER, defaultValue, 0, false, false);
    }

    static Form positive(String defaultValue) {
        return new Form(DriverProperty.Type.INTEGER, defaultValue, 1, false, false);
    }

    static Form size(String defaultValue) {
        return new Form(DriverProperty.Type.SIZE, defaultValue, 0, false, false);
    }

    static Form streams() {
        return new Form(DriverProperty.Type.STRING, "auto", 1, false, true);
    }

    static Form duration(String defaultValue) {
        return new Form(DriverProperty.Type.DURATION, defaultValue, 0, false, false);
    }

    static Form positiveDuration(String defaultValue) {
        return new Form(DriverProperty.Type.DURATION, defaultValue, 1, false, false);
    }

    static Form bool(String defaultValue) {
        return new Form(DriverProperty.Type.BOOLEAN, defaultValue, 0, false, false);
    }

    /** A part of a name of JMX, which is checked as a whole. */
    static Form jmxName(String defaultValue) {
        return new Form(DriverProperty.Type.STRING, defaultValue, 0, false, false);
    }

    /** Which values it takes, in words. */
    String range() {
        if (auto) {
            return minimum + " to " + MOST_STREAMS + ", or auto";
        }
        return switch (type) {
            case BOOLEAN -> "true or false";
            case DURATION -> minimum > 0 ? "longer than 0" : "0 or longer";
            case STRING ->
                "jmxNameBase and jmxNamePrefix together are an ObjectName and no pattern, also with a number behind it,"
                        + " unless jmxEnabled is false";
            default -> minimum + " or more" + (unlimited ? ", or -1" : "");
        };
    }

    Object read(String name, String value) {
        if (auto && value.equals("auto")) {
            return PoolSetting.AUTO_STREAMS;
        }
        return switch (type) {
            case BOOLEAN -> ParameterValues.bool(value);
            case DURATION -> duration(name, value);
            case SIZE -> ParameterValues.size(value);
            case STRING -> auto ? integer(name, value) : value;
            default -> integer(name, value);
        };
    }

    private Duration duration(String name, String value) {
        Duration duration = ParameterValues.duration(value);
        if (minimum > 0 && duration.isZero()) {
            throw new IllegalArgumentException(name + " must be longer than 0");
        }
        return duration;
    }

    private int integer(String name, String value) {
        int number;
        try {
            number = ParameterValues.integer(value);
        } catch (IllegalArgumentException e) {
            throw auto ? new IllegalArgumentException("'" + value + "' is neither a whole number nor auto", e) : e;
        }
        if (number < minimum && !(unlimited && number == -1)) {
            throw new IllegalArgumentException(name + " must be at least " + minimum
                    + (unlimited ? ", or -1 for no limit" : auto ? ", or auto" : "") + ", but is " + number);
        }
        if (auto && number > MOST_STREAMS) {
            throw new IllegalArgumentException(name + " must be at most " + MOST_STREAMS + ", but is " + number);
        }
        return number;
    }
}
