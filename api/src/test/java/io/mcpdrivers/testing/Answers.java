package io.mcpdrivers.testing;

import tools.jackson.databind.JsonNode;

/** What scripts answer again and again. */
public final class Answers {

    public static final String DISCOVERED = "{\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"],"
            + "\"capabilities\":{\"tools\":{}},\"instructions\":\"be kind\",\"_meta\":{"
            + "\"io.modelcontextprotocol/serverInfo\":{\"name\":\"scripted\",\"version\":\"1.2\"}}}";

    private Answers() {}

    public static String method(JsonNode message) {
        return message.path("method").asString("");
    }

    public static String initialized(String revision) {
        return "{\"protocolVersion\":\"" + revision + "\",\"capabilities\":{\"tools\":{}},"
                + "\"serverInfo\":{\"name\":\"scripted\",\"version\":\"1.2\"}}";
    }

    /** Answers {@code server/discover}; false if the message is another. */
    public static boolean modernHandshake(JsonNode message, ScriptedServer.Session client) {
        switch (method(message)) {
            case "server/discover" -> client.result(message, DISCOVERED);
            case "initialize" -> client.error(message, -32601, "Method not found");
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Answers {@code initialize}, {@code ping}, and an unknown {@code server/discover}; false for the rest. */
    public static boolean legacyHandshake(JsonNode message, ScriptedServer.Session client) {
        switch (method(message)) {
            case "server/discover" -> client.error(message, -32601, "Method not found");
            case "initialize" -> client.result(message, initialized("2025-11-25"));
            case "ping" -> client.result(message, "{}");
            case "notifications/initialized" -> {}
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Answers a tool call with its argument {@code message}. */
    public static void echo(JsonNode message, ScriptedServer.Session client) {
        if (method(message).equals("tools/call")) {
            client.text(
                    message,
                    message.path("params").path("arguments").path("message").asString(""));
        }
    }
}
