package io.mcpdrivers.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterValuesTest {

    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "30s, PT30S",
        "5m, PT5M",
        "1h, PT1H",
        "2d, PT48H",
        "0, PT0S",
        "0s, PT0S",
        "PT1M, PT1M",
        "pt1.5s, PT1.5S",
        "P1D, PT24H",
        "' 30 s ', PT30S",
        "30S, PT30S",
        "5M, PT5M"
    })
    void durations(String text, Duration expected) {
        assertThat(ParameterValues.duration(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "30",
                "-1s",
                "PT-1S",
                "1.5s",
                "s",
                "1 minute",
                "1m30s",
                "P",
                "PT",
                "1x",
                "abc",
                "99999999999999999999s",
                "\u0663s"
            })
    void what_is_no_duration_is_refused_with_the_forms(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParameterValues.duration(text))
                .withMessageContaining("'" + text + "'")
                .withMessageContaining("30s");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"999999999999999999d", "999999999999999999h", "999999d", "PT9999999999H", "999999999999999999s"})
    void what_cannot_be_counted_in_nanoseconds_is_refused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParameterValues.duration(text))
                .withMessageContaining("'" + text + "' is too long")
                .withMessageContaining("292 years");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "65536, 65536",
        "64k, 65536",
        "64K, 65536",
        "64kb, 65536",
        "64KiB, 65536",
        "16m, 16777216",
        "16 MB, 16777216",
        "1g, 1073741824",
        "2GiB, 2147483648",
        "5b, 5",
        "8g, 8589934592"
    })
    void sizes(String text, long expected) {
        assertThat(ParameterValues.size(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5m", "k", "1t", "9223372036854775808", "99999999999g", "1 2", "0x10"})
    void what_is_no_size_is_refused_with_the_forms(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParameterValues.size(text))
                .withMessageContaining("'" + text + "' is no size")
                .withMessageContaining("64k");
    }

    @Test
    void truth_values_and_whole_numbers() {
        assertThat(ParameterValues.bool(" True ")).isTrue();
        assertThat(ParameterValues.bool("FALSE")).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParameterValues.bool("1"))
                .withMessageContaining("'1'");
        assertThat(ParameterValues.integer(" -12 ")).isEqualTo(-12);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParameterValues.integer("2147483648"))
                .withMessageContaining("2147483647");
    }

    @ParameterizedTest
    @CsvSource({
        "STRING, anything, true",
        "BOOLEAN, true, true",
        "BOOLEAN, yes, false",
        "INTEGER, 5, true",
        "INTEGER, 5s, false",
        "SIZE, 5m, true",
        "SIZE, 5s, false",
        "DURATION, 5s, true",
        "DURATION, 5k, false"
    })
    void a_value_is_checked_by_its_type(DriverProperty.Type type, String text, boolean good) {
        if (good) {
            ParameterValues.check(type, text);
        } else {
            assertThatIllegalArgumentException().isThrownBy(() -> ParameterValues.check(type, text));
        }
    }
}
