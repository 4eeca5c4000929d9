package io.mcpdrivers.engine;

import io.mcpdrivers.CallOptions;
import io.mcpdrivers.McpException;
import io.mcpdrivers.McpInterruptedException;
import io.mcpdrivers.McpRequestException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A tool call lacked arguments in its headers that the server wants there: reads the tool list, which says which, once
 * for all calls that wait for it.
 */
final class HeaderMismatchRemedy implements Remedy {

    private final RealConnection connection;
    private final ToolHeaders headers;
    /** Completed with whether the list was read; null while nobody reads it. */
    private final AtomicReference<@Nullable CompletableFuture<Boolean>> reading = new AtomicReference<>();

    HeaderMismatchRemedy(RealConnection connection) {
        this.connection = connection;
        this.headers = connection.target().toolHeaders();
    }

    @Override
    public boolean helps(PendingCall failed, McpException failure) {
        return failure instanceof McpRequestException refused
                && refused.code() == Protocol.HEADER_MISMATCH
                && failed.request.method().equals(Request.TOOL_CALL)
                && connection.mirrors();
    }

    @Override
    public Request apply(PendingCall failed, McpException failure) {
        boolean read = false;
        while (!read) {
            CompletableFuture<Boolean> own = new CompletableFuture<>();
            CompletableFuture<Boolean> running = reading.compareAndExchange(null, own);
            read = running == null ? read(own, failed) : await(running, failed);
        }
        return failed.request.mirroredAnew(Objects.requireNonNull(failed.message), headers);
    }

    private boolean read(CompletableFuture<Boolean> own, PendingCall failed) {
        Throwable failure = null;
        try {
            connection.readTools(() -> CallOptions.timeout(Duration.ofNanos(left(failed))));
            return true;
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            reading.set(null);
            if (failure == null) {
                own.complete(true);
            } else if (failure instanceof McpInterruptedException || left(failed.deadlineNanos) <= 0) {
                // This caller's own affair; another one may have more luck.
                own.complete(false);
            } else {
                own.completeExceptionally(failure);
            }
        }
    }

    private static boolean await(CompletableFuture<Boolean> running, PendingCall failed) {
        try {
            return running.get(left(failed), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new McpInterruptedException("Interrupted while the tool list was read", e);
        } catch (TimeoutException e) {
            throw new McpException("The tool list was not read in time", e);
        } catch (ExecutionException e) {
            throw new McpException("The tool list could not be read: " + e.getCause(), e);
        }
    }

    private static long left(long deadlineNanos) {
        return deadlineNanos - System.nanoTime();
    }

    private static long left(PendingCall failed) {
        long left = left(failed.deadlineNanos);
        if (left <= 0) {
            throw new McpException("No time is left to read the tool list", null);
        }
        return left;
    }
}
