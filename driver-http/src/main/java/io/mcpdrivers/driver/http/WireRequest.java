package io.mcpdrivers.driver.http;

import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.jspecify.annotations.Nullable;

/** One attempt at a request, which can be cancelled while it waits, connects, writes or reads. */
final class WireRequest extends BasicClassicHttpRequest implements CancellableDependency {

    private static final long serialVersionUID = 1L;

    private static final Cancellable CANCELLED = () -> true;

    private final transient AtomicReference<@Nullable Cancellable> dependency = new AtomicReference<>();

    WireRequest(String method, Endpoint endpoint) {
        super(method, endpoint.host().getSchemeName(), endpoint.authority(), endpoint.path());
    }

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
