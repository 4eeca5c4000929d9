/** What callers see through the pool. */
@NullMarked
package io.mcpdrivers.integration.pool;

import org.jspecify.annotations.NullMarked;
