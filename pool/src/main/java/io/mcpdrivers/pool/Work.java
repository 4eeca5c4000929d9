package io.mcpdrivers.pool;

import java.util.ArrayList;
import java.util.List;

/** What was decided under a server's lock and is done once that is released. */
final class Work {

    private final List<Waiter> woken = new ArrayList<>(2);
    private final List<ConnectionStart> starts = new ArrayList<>(2);
    private boolean roomWanted;

    /** Gives a caller what it waits for; it is woken later. */
    void give(Waiter waiter, Object what) {
        waiter.give(what);
        woken.add(waiter);
    }

    void start(ConnectionStart start) {
        starts.add(start);
    }

    void wantRoom() {
        roomWanted = true;
    }

    void run(PoolServices services) {
        woken.forEach(Waiter::wake);
        starts.forEach(ConnectionStart::launch);
        if (roomWanted) {
            services.wantRoom();
        }
    }
}
