package io.mcpdrivers.testing;

/** Named as a provider, but none. */
public final class NoDriver {}
