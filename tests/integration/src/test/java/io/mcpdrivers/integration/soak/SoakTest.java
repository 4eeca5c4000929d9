package io.mcpdrivers.integration.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** 60 s of everything at once; {@code tests/soak/run} has it last longer and writes {@code docs/soak.md}. */
class SoakTest {

    @TempDir
    Path folder;

    @Test
    @Timeout(value = 18, unit = TimeUnit.MINUTES)
    void every_call_gets_its_own_answer_or_a_documented_exception_and_nothing_is_left() throws Exception {
        SoakPlan plan = SoakPlan.fromSystemProperties();
        System.out.println("Soak with seed " + plan.seed() + " for " + plan.duration());
        SoakResult result = new Soak(plan, folder).run();
        String page = SoakPage.of(result);
        if (plan.page() != null) {
            Files.writeString(plan.page(), page);
        }
        assertThat(result.outcomes().findings())
                .as("what must not be, with seed " + plan.seed() + ":\n" + page)
                .isEmpty();
        // Otherwise it has shown nothing.
        assertThat(result.outcomes().answeredByServer()).as("answers by server").hasSizeGreaterThan(14);
        assertThat(result.outcomes().count(Outcomes.ANSWERED)).as(page).isGreaterThan(1_000);
    }
}
