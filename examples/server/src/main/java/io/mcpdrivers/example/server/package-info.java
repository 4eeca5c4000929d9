/**
 * An MCP server over stdio, small enough to read in one go: {@link io.mcpdrivers.example.server.ExampleServer} reads
 * lines, {@code Protocol} knows what is answered to which request, {@code Tools} does the work.
 */
@NullMarked
package io.mcpdrivers.example.server;

import org.jspecify.annotations.NullMarked;
