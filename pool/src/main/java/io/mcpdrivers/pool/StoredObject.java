package io.mcpdrivers.pool;

import java.io.PrintWriter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Deque;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.PooledObjectState;

/**
 * What Commons Pool notes of an object that it stores: whether that is idle, out, or being looked at. The same transitions
 * as those of {@code DefaultPooledObject}, by compare-and-set and with two looks at the clock where that has five, since
 * this is on the way of every borrower.
 *
 * @param <T> the kind of object, which is this itself
 */
@SuppressWarnings("deprecation") // Commons Pool asks for these methods still.
abstract class StoredObject<T> implements PooledObject<T> {

    private static final VarHandle STORAGE;

    static {
        try {
            STORAGE = MethodHandles.lookup().findVarHandle(StoredObject.class, "storage", PooledObjectState.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long createdMillis = System.currentTimeMillis();
    private volatile PooledObjectState storage = PooledObjectState.IDLE;
    private volatile long borrowedMillis = createdMillis;
    private volatile long returnedMillis = createdMillis;

    private boolean move(PooledObjectState from, PooledObjectState to) {
        return STORAGE.compareAndSet(this, from, to);
    }

    @Override
    public final boolean allocate() {
        while (true) {
            PooledObjectState seen = storage;
            if (seen == PooledObjectState.IDLE) {
                if (move(seen, PooledObjectState.ALLOCATED)) {
                    borrowedMillis = System.currentTimeMillis();
                    return true;
                }
            } else if (seen == PooledObjectState.EVICTION) {
                // The borrower goes without; this is put back to where it was taken from when the test has ended.
                if (move(seen, PooledObjectState.EVICTION_RETURN_TO_HEAD)) {
                    return false;
                }
            } else {
                return false;
            }
        }
    }

    @Override
    public final void markReturning() {
        returnedMillis = System.currentTimeMillis();
        boolean unused = move(PooledObjectState.ALLOCATED, PooledObjectState.RETURNING);
    }

    @Override
    public final boolean deallocate() {
        return move(PooledObjectState.RETURNING, PooledObjectState.IDLE)
                || move(PooledObjectState.ALLOCATED, PooledObjectState.IDLE);
    }

    @Override
    public final boolean startEvictionTest() {
        return move(PooledObjectState.IDLE, PooledObjectState.EVICTION);
    }

    @Override
    public final boolean endEvictionTest(Deque<PooledObject<T>> idleObjects) {
        if (move(PooledObjectState.EVICTION, PooledObjectState.IDLE)) {
            return true;
        }
        // Under the lock that Commons Pool holds while it takes an object out.
        synchronized (this) {
            if (move(PooledObjectState.EVICTION_RETURN_TO_HEAD, PooledObjectState.IDLE)) {
                boolean unused = idleObjects.offerFirst(this);
            }
        }
        return false;
    }

    @Override
    public final void invalidate() {
        storage = PooledObjectState.INVALID;
    }

    @Override
    public final void markAbandoned() {
        storage = PooledObjectState.ABANDONED;
    }

    @Override
    public final PooledObjectState getState() {
        return storage;
    }

    @Override
    public final long getCreateTime() {
        return createdMillis;
    }

    @Override
    public final long getLastBorrowTime() {
        return borrowedMillis;
    }

    @Override
    public final long getLastReturnTime() {
        return returnedMillis;
    }

    @Override
    public final long getLastUsedTime() {
        return borrowedMillis;
    }

    @Override
    public final long getIdleTimeMillis() {
        return Math.max(0, System.currentTimeMillis() - returnedMillis);
    }

    @Override
    public final long getActiveTimeMillis() {
        long until = storage == PooledObjectState.ALLOCATED ? System.currentTimeMillis() : returnedMillis;
        return Math.max(0, until - borrowedMillis);
    }

    @Override
    public final Duration getActiveDuration() {
        return Duration.ofMillis(getActiveTimeMillis());
    }

    @Override
    public final int compareTo(PooledObject<T> other) {
        return Long.compare(returnedMillis, other.getLastReturnTime());
    }

    @Override
    public abstract String toString();

    /** Not used here: how long leases are out is no affair of Commons Pool. */
    @Override
    public final void use() {}

    @Override
    public final void setLogAbandoned(boolean logAbandoned) {}

    @Override
    public final void printStackTrace(PrintWriter writer) {}
}
