package io.mcpdrivers.schema;

import org.jspecify.annotations.Nullable;

/**
 * How far a request has come.
 *
 * @param progress grows with each notification, in units of the server's own
 * @param total what {@code progress} will be at the end; null if the server does not know
 * @param message what is going on, for people; null if the server does not say
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/progress">Specification:
 *     Progress</a>
 */
public record Progress(
        double progress, @Nullable Double total, @Nullable String message) {}
