/**
 * The pool: {@link io.mcpdrivers.pool.McpPool} keeps connections to MCP servers warm and lends them.
 *
 * <p>It is a lease layer over one {@code GenericKeyedObjectPool} of Commons Pool. That stores the idle connections,
 * expires and destroys them; the lease layer decides who gets one, waits, and starts new ones.
 */
@NullMarked
package io.mcpdrivers.pool;

import org.jspecify.annotations.NullMarked;
