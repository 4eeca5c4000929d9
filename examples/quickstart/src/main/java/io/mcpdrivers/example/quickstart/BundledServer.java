package io.mcpdrivers.example.quickstart;

import io.mcpdrivers.example.server.ExampleServer;
import java.io.File;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.core.json.JsonFactory;

/** The example server, as a process of its own. */
final class BundledServer {

    /**
     * Its URI: the JVM that runs this, and of its class path what the server needs. The options make a JVM that lives
     * briefly and does little start sooner.
     */
    static final String URI = "mcp:stdio:" + encoded(System.getProperty("java.home") + "/bin/java")
            + "?arg=-XX:+UseSerialGC&arg=-XX:TieredStopAtLevel=1&arg=-Xshare:auto"
            + "&arg=-cp&arg=" + encoded(placeOf(ExampleServer.class) + File.pathSeparator + placeOf(JsonFactory.class))
            + "&arg=" + ExampleServer.class.getName();

    private BundledServer() {}

    /** The jar or folder that a class was loaded from. */
    private static Path placeOf(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What stands in a URI is percent-encoded: a folder may have an ampersand or a space in its name. */
    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }
}
