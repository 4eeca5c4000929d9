package io.mcpdrivers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ServerKeyTest {

    @Test
    void its_text_gives_no_means_to_try_out_guesses_of_a_secret() throws Exception {
        String identity = "mcp:stdio:server?env.TOKEN=swordfish";
        String plain = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8)));
        assertThat(ServerKey.of(identity, "files").toString())
                .startsWith("files#")
                .doesNotContain(plain.substring(0, 8));
        assertThat(ServerKey.of(identity, "files")).isEqualTo(ServerKey.of(identity, "other"));
    }
}
