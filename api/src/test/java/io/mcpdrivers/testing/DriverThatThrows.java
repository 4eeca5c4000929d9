package io.mcpdrivers.testing;

/** A provider that cannot be made. */
public final class DriverThatThrows extends FoundDriver {

    public DriverThatThrows() {
        throw new IllegalStateException("no driver today");
    }
}
