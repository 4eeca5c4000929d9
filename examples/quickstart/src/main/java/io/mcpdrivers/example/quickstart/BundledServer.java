package io.mcpdrivers.example.quickstart;

import io.mcpdrivers.example.server.ExampleServer;

/** The example server, as a process of its own. */
final class BundledServer {

    /**
     * Its URI. What stands in {@code ${..}} is filled in when connecting: the JVM is the one that runs this, and so is
     * the class path, wherever that is and whatever characters its folders have. The options make a JVM that lives
     * briefly and does little start sooner.
     */
    static final String URI = "mcp:stdio:${sys:java.home}/bin/java"
            + "?arg=-XX:+UseSerialGC&arg=-XX:TieredStopAtLevel=1&arg=-Xshare:auto"
            + "&arg=-cp&arg=${sys:java.class.path}"
            + "&arg=" + ExampleServer.class.getName();

    private BundledServer() {}
}
