package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** No thread can be had. */
class ThreadFamineTest {

    /** Of those that it inherits to new threads, one cannot be: so it can make none. */
    private static final class Starved extends Thread {
        private final InheritableThreadLocal<Object> local = new InheritableThreadLocal<>() {
            @Override
            protected Object childValue(Object parent) {
                throw new OutOfMemoryError("unable to create native thread, as told");
            }
        };

        private final Runnable task;

        Starved(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            local.set("");
            task.run();
        }

        /** The same for threads that inherit no such values. */
        @Override
        public ClassLoader getContextClassLoader() {
            if (Thread.currentThread() == this) {
                throw new OutOfMemoryError("unable to create native thread, as told");
            }
            return super.getContextClassLoader();
        }
    }

    @Test
    void a_request_for_which_there_is_no_thread_is_forgotten() throws Exception {
        try (ScriptedServer server = new ScriptedServer(r -> r.clientCloses(120_000));
                Client client = Client.modern(server.uri())) {
            CompletableFuture<Integer> taken = new CompletableFuture<>();
            new Starved(() -> {
                        int requests = 0;
                        try {
                            // There may be idle threads left, each of which takes one.
                            for (; requests < 500; requests++) {
                                client.sendWithoutWaiting("tools/call");
                            }
                            taken.completeExceptionally(new AssertionError("there were threads"));
                        } catch (OutOfMemoryError e) {
                            taken.complete(requests);
                        } catch (Throwable e) {
                            taken.completeExceptionally(e);
                        }
                    })
                    .start();
            int requests = taken.get(90, TimeUnit.SECONDS);
            assertThat(((HttpTransport) client.transport).underWay()).isEqualTo(requests);
        }
    }
}
