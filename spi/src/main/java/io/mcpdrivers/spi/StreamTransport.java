package io.mcpdrivers.spi;

final class StreamTransport {}
