package io.mcpdrivers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpUri;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MisplacedParametersTest {

    private static List<DriverProperty> known() {
        List<DriverProperty> known = new ArrayList<>(CommonParameters.PROPERTIES);
        known.add(DriverProperty.of("header.*", DriverProperty.Type.STRING, null, "A header.")
                .secret());
        return known;
    }

    @Test
    void parameters_in_the_query_of_a_url_are_found_by_name() {
        assertThat(MisplacedParameters.find("http://h/mcp?connectTimeout=5s&tenant=a&header.X=y&header.X=z", known()))
                .containsExactly("connectTimeout", "header.X");
        assertThat(MisplacedParameters.find("http://h/mcp?tenant=a&header=b&connectTimeout", known()))
                .isEmpty();
        assertThat(MisplacedParameters.find("http://h/mcp", known())).isEmpty();
        assertThat(MisplacedParameters.find("what?connectTimeout=5s", known())).isEmpty();
    }

    @Test
    void each_uri_is_warned_of_once_and_without_a_value() {
        McpUri uri = McpUri.parse("mcp:http://misplaced/mcp?connectTimeout=5s&header.Authorization=hush#pool=false");
        assertThat(uri.toString()).doesNotContain("hush");
        PrintStream before = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        try {
            System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
            MisplacedParameters.warn(uri, known());
            MisplacedParameters.warn(uri, known());
        } finally {
            System.setErr(before);
        }
        assertThat(written.toString(StandardCharsets.UTF_8))
                .containsOnlyOnce("'mcp:http://misplaced/mcp' is sent to the server as it is, connectTimeout,"
                        + " header.Authorization in it too")
                .doesNotContain("hush", "5s");
    }
}
