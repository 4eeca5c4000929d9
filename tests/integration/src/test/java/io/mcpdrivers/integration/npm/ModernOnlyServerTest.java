package io.mcpdrivers.integration.npm;

class ModernOnlyServerTest extends ModernServerTest {

    @Override
    String uri() {
        return NpmServers.modernOnly();
    }
}
