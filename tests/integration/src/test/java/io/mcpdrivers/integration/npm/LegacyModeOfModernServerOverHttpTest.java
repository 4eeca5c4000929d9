package io.mcpdrivers.integration.npm;

/** In the older era, this server has no sessions. */
class LegacyModeOfModernServerOverHttpTest extends ModernServerOverHttpTest {

    @Override
    String uri() {
        return super.uri() + "#protocol=2025-11-25";
    }

    @Override
    String revision() {
        return "2025-11-25";
    }
}
