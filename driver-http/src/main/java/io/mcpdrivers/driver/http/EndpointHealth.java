package io.mcpdrivers.driver.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Which endpoints have failed, for all connections of this JVM: those rest for a while, longer each time. */
final class EndpointHealth {

    private static final long FIRST_REST_NANOS = 1_000_000_000L;
    private static final int MOST_DOUBLINGS = 5;
    /** What is remembered at most; it only steers. */
    private static final int MOST_REMEMBERED = 10_000;

    private record Rest(int failures, long until) {}

    private static final Map<Host, Rest> RESTING = new ConcurrentHashMap<>();
    private static final Map<List<Endpoint>, AtomicInteger> TURNS = new ConcurrentHashMap<>();

    private EndpointHealth() {}

    static void failed(Endpoint endpoint) {
        failed(endpoint, System.nanoTime());
    }

    /** The same at a given time. What fails while the endpoint rests anyway was under way, and is no further failure. */
    static void failed(Endpoint endpoint, long now) {
        if (RESTING.size() > MOST_REMEMBERED) {
            RESTING.clear();
        }
        RESTING.compute(endpoint.host(), (host, before) -> {
            if (before != null && before.until - now > 0) {
                return before;
            }
            int failures = before == null ? 0 : before.failures + 1;
            return new Rest(failures, now + (FIRST_REST_NANOS << Math.min(failures, MOST_DOUBLINGS)));
        });
    }

    static void succeeded(Endpoint endpoint) {
        if (!RESTING.isEmpty()) {
            RESTING.remove(endpoint.host());
        }
    }

    /** How long an endpoint still rests; 0 or less if it does not. */
    static long restNanos(Endpoint endpoint, long now) {
        Rest rest = RESTING.get(endpoint.host());
        return rest == null ? 0 : rest.until - now;
    }

    /** The endpoints in the order in which to try them: those that rest come last. */
    static List<Endpoint> order(List<Endpoint> endpoints, HttpSettings.Balance balance) {
        if (endpoints.size() == 1) {
            return endpoints;
        }
        List<Endpoint> ordered = new ArrayList<>(endpoints);
        switch (balance) {
            case RANDOM -> Collections.shuffle(ordered);
            case ROUND_ROBIN -> {
                if (TURNS.size() > MOST_REMEMBERED) {
                    TURNS.clear();
                }
                int turn = TURNS.computeIfAbsent(endpoints, any -> new AtomicInteger())
                        .getAndIncrement();
                Collections.rotate(ordered, -Math.floorMod(turn, ordered.size()));
            }
            case FIRST -> {}
        }
        List<Endpoint> healthy = new ArrayList<>();
        List<Endpoint> resting = new ArrayList<>();
        long now = System.nanoTime();
        for (Endpoint endpoint : ordered) {
            (restNanos(endpoint, now) > 0 ? resting : healthy).add(endpoint);
        }
        healthy.addAll(resting);
        return healthy;
    }
}
