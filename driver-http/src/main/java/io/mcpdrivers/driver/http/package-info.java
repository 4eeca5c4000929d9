/**
 * The driver of {@code mcp:http:}, {@code mcp:https:} and {@code mcp:sse:} URIs. An application does not use it directly:
 * that the module is there is enough.
 */
@NullMarked
package io.mcpdrivers.driver.http;

import org.jspecify.annotations.NullMarked;
