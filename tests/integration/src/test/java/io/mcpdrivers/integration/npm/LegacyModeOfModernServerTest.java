package io.mcpdrivers.integration.npm;

/** A server of both eras can be spoken to in the older one. */
class LegacyModeOfModernServerTest extends ModernServerTest {

    @Override
    String uri() {
        return NpmServers.modern() + "&protocol=2025-11-25";
    }

    @Override
    String revision() {
        return "2025-11-25";
    }
}
