package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The list of processes where a command gives it, and a command that does not behave. */
@DisabledOnOs(OS.WINDOWS)
class ProcessTableTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    private static ProcessTable shell(String script, Duration limit) throws IOException {
        return ProcessTable.ofCommand(List.of("sh", "-c", script), limit);
    }

    @Test
    void processes_are_added_up_by_what_descends_from_one() throws Exception {
        ProcessTable table = shell("printf '  10 1 100\\n 11 10 50\\nnonsense\\n 12 11 7'", LONG);
        assertThat(table.residentOfTree(10)).isEqualTo(157 * 1024);
        assertThat(table.residentOfTree(11)).isEqualTo(57 * 1024);
        assertThat(table.residentOfTree(13)).isZero();
    }

    @Test
    void a_line_without_end_is_not_kept() throws Exception {
        ProcessTable table = shell("head -c 3000000 /dev/zero; printf '\\n10 1 100\\n'", LONG);
        assertThat(table.residentOfTree(10)).isEqualTo(100 * 1024);
    }

    @Test
    void more_than_there_can_be_is_not_read() {
        assertThatThrownBy(() -> shell("exec cat /dev/zero", LONG))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("longer than 64000000 characters");
    }

    @Test
    void a_command_that_hangs_is_ended() {
        assertThatThrownBy(() -> shell("echo 10 1 100; exec sleep 600", Duration.ofMillis(100)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("did not list the processes within 100 ms");
    }

    @Test
    void a_command_that_fails_lists_nothing() {
        assertThatThrownBy(() -> shell("echo 10 1 100; exit 3", LONG)).isInstanceOf(IOException.class);
    }
}
