package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.engine.CommonParameters;
import io.mcpdrivers.spi.DriverProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Writes {@code docs/settings.md} from the list of settings, and checks that the one that is committed is the same. */
class SettingsPageTest {

    private static final Path PAGE = Path.of("..", "docs", "settings.md");

    @Test
    void the_page_of_settings_is_up_to_date() throws IOException {
        String page = page();
        if (Boolean.getBoolean("settings.update")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE).replace("\r\n", "\n"))
                .as("docs/settings.md; renew it by: mvn test -pl pool -am -Dtest=SettingsPageTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsettings.update=true")
                .isEqualTo(page);
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Settings

                <!-- Written by SettingsPageTest from PoolSetting and CommonParameters. Do not edit. -->

                Where to write them is told in [configuration.md](configuration.md). In short, from what counts least:

                1. the defaults on this page,
                2. files: `mcp.pool.<setting>=value` for the whole pool, `mcp.server.<name>.<setting>=value` for one server; in
                   `mcp.json`, `"pool": {"<setting>": value}` at the top or in a server's entry,
                3. system properties: `-Dmcp.pool.<setting>=value`, `-Dmcp.server.<name>.<setting>=value`,
                4. code: `PoolBuilder.set("<setting>", "value")`, or what it has a method for.

                What is said of one server counts more than what is said of the whole pool, wherever each is said. A URI may carry
                the settings of one server, too: as parameters.

                Durations read `500ms`, `30s`, `5m`, `1h`, `2d` or `PT30S`; sizes `65536`, `64k`, `16m`. An unknown name is an error
                that names the nearest known one.

                """);
        page.append("## Of one server\n\n");
        page.append("May be set for the whole pool as the default of all servers, and for each server.\n\n");
        table(page, PoolSetting.Scope.SERVER);
        page.append("\n## Of the whole pool\n\n");
        table(page, PoolSetting.Scope.POOL);
        page.append(
                "\n*Changes while running*: whether `McpPool.reload()` changes it; the others count from when the pool is"
                        + " made.\n");
        page.append("\n## Parameters of every URI\n\n");
        page.append("They stand in the URI, or among the settings of one server. Each driver has more of its own.\n\n");
        page.append("| name | form | default | meaning |\n| --- | --- | --- | --- |\n");
        for (DriverProperty property : CommonParameters.PROPERTIES) {
            page.append("| `")
                    .append(property.name())
                    .append("` | ")
                    .append(unit(property.type()))
                    .append(" | ")
                    .append(property.defaultValue() == null ? "" : code(property.defaultValue()))
                    .append(" | ")
                    .append(property.description())
                    .append(" |\n");
        }
        page.append("\n## Settings of Commons Pool that have no meaning here\n\n");
        page.append("| name | why |\n| --- | --- |\n");
        RefusedSettings.reasons()
                .forEach((name, reason) -> page.append("| `")
                        .append(name)
                        .append("` | ")
                        .append(reason)
                        .append(" |\n"));
        return page.toString();
    }

    private static void table(StringBuilder page, PoolSetting.Scope scope) {
        page.append("| name | meaning | form | default | range | changes while running |\n");
        page.append("| --- | --- | --- | --- | --- | --- |\n");
        for (PoolSetting setting : PoolSetting.values()) {
            if (setting.scope() != scope) {
                continue;
            }
            page.append("| ").append(code(setting.settingName()));
            List<String> aliases = setting.aliases();
            if (!aliases.isEmpty()) {
                page.append("; in Commons Pool ")
                        .append(aliases.stream().map(SettingsPageTest::code).collect(Collectors.joining(", ")));
            }
            page.append(" | ")
                    .append(setting.description())
                    .append(" | ")
                    .append(setting == PoolSetting.STREAMS ? "number" : unit(setting.type()))
                    .append(" | ")
                    .append(code(setting.defaultValue()))
                    .append(" | ")
                    .append(setting.range())
                    .append(" | ")
                    .append(setting.isChangeable() ? "yes" : "no")
                    .append(" |\n");
        }
    }

    private static String code(String text) {
        return "`" + text + "`";
    }

    private static String unit(DriverProperty.Type type) {
        return switch (type) {
            case BOOLEAN -> "truth value";
            case DURATION -> "duration";
            case INTEGER -> "number";
            case SIZE -> "size in bytes";
            case STRING -> "text";
        };
    }
}
