package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;

/** One place that configuration comes from, read anew with each reload. */
interface ConfigurationSource {

    /**
     * Adds what stands there now.
     *
     * @throws McpConfigurationException if it cannot be read
     */
    void addTo(RawConfiguration configuration);
}
