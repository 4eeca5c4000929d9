/**
 * What every transport driver must show, as tests to extend: {@link io.mcpdrivers.spi.test.McpDriverTestKit}, and
 * {@link io.mcpdrivers.spi.test.EchoPeer} to talk to.
 */
@NullMarked
package io.mcpdrivers.spi.test;

import org.jspecify.annotations.NullMarked;
