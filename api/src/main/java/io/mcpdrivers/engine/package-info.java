/**
 * The protocol engine: JSON-RPC correlation, the two eras, typed results. Not for applications: only the pool sees it,
 * and it may change with any release.
 */
@NullMarked
package io.mcpdrivers.engine;

import org.jspecify.annotations.NullMarked;
