/**
 * The driver of {@code mcp:stdio:} URIs: {@link io.mcpdrivers.driver.stdio.StdioDriver} starts the server as a child
 * process, talks to it over its standard streams, and sees to it that nothing of it is left at the end.
 */
@NullMarked
package io.mcpdrivers.driver.stdio;

import org.jspecify.annotations.NullMarked;
