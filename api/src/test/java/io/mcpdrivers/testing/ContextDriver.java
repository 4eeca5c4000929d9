package io.mcpdrivers.testing;

import java.util.Set;

/** A driver that only the context class loader of some thread sees. */
public final class ContextDriver extends FoundDriver {

    @Override
    public Set<String> schemes() {
        return Set.of("context");
    }
}
