package io.mcpdrivers.driver.http;

import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.jspecify.annotations.Nullable;

/** What the library waits for on behalf of a request, so that this can be cancelled at any time. */
final class CancellableRequest implements CancellableDependency {

    private static final Cancellable CANCELLED = () -> true;

    private final AtomicReference<@Nullable Cancellable> dependency = new AtomicReference<>();

    @Override
    public void setDependency(Cancellable newDependency) {
        Cancellable before = dependency.get();
        if (before == CANCELLED || !dependency.compareAndSet(before, newDependency)) {
            newDependency.cancel();
        }
    }

    @Override
    public boolean isCancelled() {
        return dependency.get() == CANCELLED;
    }

    @Override
    public boolean cancel() {
        Cancellable before = dependency.getAndSet(CANCELLED);
        return before != null && before != CANCELLED && before.cancel();
    }
}
