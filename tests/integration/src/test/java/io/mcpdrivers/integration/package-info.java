/** What callers see of real servers, through the driver, the engine and the pool. */
@NullMarked
package io.mcpdrivers.integration;

import org.jspecify.annotations.NullMarked;
