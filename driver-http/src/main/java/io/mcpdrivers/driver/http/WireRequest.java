package io.mcpdrivers.driver.http;

import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;

/** A request as the library sends it, which can be cancelled while it waits, connects, writes or reads. */
final class WireRequest extends BasicClassicHttpRequest implements CancellableDependency {

    private static final long serialVersionUID = 1L;

    private final transient CancellableRequest cancellable;

    WireRequest(String method, Endpoint endpoint, CancellableRequest cancellable) {
        super(method, endpoint.host().getSchemeName(), endpoint.authority(), endpoint.path());
        this.cancellable = cancellable;
    }

    @Override
    public void setDependency(Cancellable dependency) {
        cancellable.setDependency(dependency);
    }

    @Override
    public boolean isCancelled() {
        return cancellable.isCancelled();
    }

    @Override
    public boolean cancel() {
        return cancellable.cancel();
    }
}
