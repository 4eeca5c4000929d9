package io.mcpdrivers.integration.npm;

import java.util.Map;

/** Every answer is a stream. */
class ModernOnlyServerWithStreamsTest extends ModernServerOverHttpTest {

    @Override
    Map<String, String> environment() {
        return Map.of("MODERN_ONLY", "1", "RESPONSE_MODE", "sse");
    }
}
