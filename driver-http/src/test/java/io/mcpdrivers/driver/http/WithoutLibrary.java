package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.McpUriException;
import java.util.concurrent.TimeUnit;

/** Calls a server by each URI that it is given, in a JVM of its own, whose class path has no library for HTTP/2. */
final class WithoutLibrary {

    private WithoutLibrary() {}

    public static void main(String[] uris) throws Exception {
        for (String uri : uris) {
            try (Client client = Client.modern(uri)) {
                client.send("tools/call");
                String message = client.messages.poll(20, TimeUnit.SECONDS);
                System.out.println(message == null ? String.valueOf(client.failures) : "answered " + message);
            } catch (McpUriException e) {
                System.out.println("refused " + e.getMessage());
            }
        }
    }
}
