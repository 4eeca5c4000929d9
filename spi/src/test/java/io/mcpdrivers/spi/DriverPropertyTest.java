package io.mcpdrivers.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DriverPropertyTest {

    @ParameterizedTest
    @CsvSource({
        "cwd, cwd, true",
        "cwd, CWD, false",
        "cwd, cwdx, false",
        "cwd, '', false",
        "env.*, env.A, true",
        "env.*, env.A.B, true",
        "env.*, env., false",
        "env.*, env, false",
        "env.*, environment, false",
        "env.*, xenv.A, false",
        "*, anything, false",
        "a.b, axb, false"
    })
    void a_parameter_matches_by_name_or_by_prefix(String name, String parameter, boolean matches) {
        assertThat(DriverProperty.of(name, DriverProperty.Type.STRING, null, "any")
                        .matches(parameter))
                .isEqualTo(matches);
    }

    @Test
    void traits_are_added_one_by_one() {
        DriverProperty plain = DriverProperty.of("name", DriverProperty.Type.SIZE, "1k", "any");
        assertThat(plain.traits()).isEqualTo(new DriverProperty.Traits(false, false, true));
        assertThat(plain.repeated().secret().clientSide().traits())
                .isEqualTo(new DriverProperty.Traits(true, true, false));
        assertThat(plain.repeated().defaultValue()).isEqualTo("1k");
        assertThatNullPointerException().isThrownBy(() -> DriverProperty.of("n", DriverProperty.Type.SIZE, "1", null));
    }

    @Test
    void options_are_checked() {
        assertThat(OpenOptions.of("files").maxMessageSize()).isEqualTo(16 * 1024 * 1024);
        assertThat(OpenOptions.of("files").connectTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThatIllegalArgumentException().isThrownBy(() -> OpenOptions.of(""));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OpenOptions("a", Duration.ZERO, 1))
                .withMessageContaining("PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OpenOptions("a", Duration.ofSeconds(1), 0))
                .withMessageContaining("0");
    }
}
