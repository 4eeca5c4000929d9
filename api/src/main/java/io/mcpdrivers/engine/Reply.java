package io.mcpdrivers.engine;

/**
 * A response as it came, not yet parsed: the caller that waits for it does that.
 *
 * @param buffer holds it
 * @param offset where it begins
 * @param length its length in bytes
 */
record Reply(byte[] buffer, int offset, int length) {}
