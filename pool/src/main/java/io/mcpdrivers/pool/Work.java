package io.mcpdrivers.pool;

import java.util.ArrayList;
import java.util.List;

/** What was decided under a server's lock and is done once that is released. */
final class Work {

    private final List<Waiter> woken = new ArrayList<>(2);
    private final List<ConnectionStart> starts = new ArrayList<>(2);
    private boolean roomWanted;

    void wake(Waiter waiter) {
        woken.add(waiter);
    }

    void start(ConnectionStart start) {
        starts.add(start);
    }

    void wantRoom() {
        roomWanted = true;
    }

    void add(Work more) {
        woken.addAll(more.woken);
        starts.addAll(more.starts);
        roomWanted |= more.roomWanted;
    }

    void run(PoolServices services) {
        woken.forEach(Waiter::wake);
        starts.forEach(ConnectionStart::launch);
        if (roomWanted) {
            services.makeRoom();
        }
    }
}
