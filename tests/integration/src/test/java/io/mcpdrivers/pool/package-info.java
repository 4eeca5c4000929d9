/** What the integration tests need of the pool that applications have no business with. */
@NullMarked
package io.mcpdrivers.pool;

import org.jspecify.annotations.NullMarked;
