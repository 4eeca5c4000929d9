package io.mcpdrivers.integration.npm;

class PooledModernServerOverHttpTest extends ModernServerOverHttpTest {

    @Override
    boolean pooled() {
        return true;
    }
}
