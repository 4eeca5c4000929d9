package io.mcpdrivers.driver.http;

/** Something under way that can be ended from any thread; without effect once it is over. */
interface Cancellable {

    void cancel();
}
