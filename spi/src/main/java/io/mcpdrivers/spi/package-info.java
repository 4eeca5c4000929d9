/**
 * What a transport driver implements, and nothing an application needs to call: {@link io.mcpdrivers.spi.McpDriver}
 * opens a {@link io.mcpdrivers.spi.Transport} for a {@link io.mcpdrivers.spi.McpUri}. A driver over any pair of byte
 * streams is a {@link io.mcpdrivers.spi.StreamTransport} and a dozen lines.
 */
@NullMarked
package io.mcpdrivers.spi;

import org.jspecify.annotations.NullMarked;
