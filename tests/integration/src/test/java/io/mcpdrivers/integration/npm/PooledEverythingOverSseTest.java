package io.mcpdrivers.integration.npm;

class PooledEverythingOverSseTest extends EverythingOverSseTest {

    @Override
    boolean pooled() {
        return true;
    }
}
