package io.mcpdrivers.integration.npm;

class PooledEverythingOverHttpTest extends EverythingOverHttpTest {

    @Override
    boolean pooled() {
        return true;
    }
}
