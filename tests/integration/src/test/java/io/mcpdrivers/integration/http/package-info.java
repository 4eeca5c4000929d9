/** Servers over HTTP, well-behaved and not, with a connection of one's own and through the pool. */
@NullMarked
package io.mcpdrivers.integration.http;

import org.jspecify.annotations.NullMarked;
