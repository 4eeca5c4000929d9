/** A custom driver: MCP over a Unix domain socket. */
@NullMarked
package io.mcpdrivers.example.unix;

import org.jspecify.annotations.NullMarked;
