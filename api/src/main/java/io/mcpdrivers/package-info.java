/**
 * What an application calls. {@link io.mcpdrivers.McpDrivers} gives an {@link io.mcpdrivers.McpConnection} for a URI;
 * everything that can go wrong is an {@link io.mcpdrivers.McpException}.
 */
@NullMarked
package io.mcpdrivers;

import org.jspecify.annotations.NullMarked;
