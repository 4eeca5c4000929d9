package io.mcpdrivers.example.server;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is answered to which message, in both eras of the protocol. A request that says by which revision it is made is
 * served by that alone, whatever came before; one that does not is served if {@code initialize} came before.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning">Specification: Versioning</a>
 */
final class Protocol {

    private static final String MODERN = "2026-07-28";
    /** Oldest first. */
    private static final List<String> LEGACY = List.of("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25");

    private static final String PREFIX = "io.modelcontextprotocol/";
    private static final Map<String, Object> SERVER_INFO = Json.object("name", "example-server", "version", "0.1.0");
    private static final Map<String, Object> CAPABILITIES = Json.object("tools", Json.object());
    private static final String INSTRUCTIONS = "Three tools to try a client with: echo, add and counter.";

    private final Tools tools;
    private boolean initialized;

    Protocol(Tools tools) {
        this.tools = tools;
    }

    /** The message to answer with, or null if none is due. */
    @Nullable
    Map<String, Object> answer(Map<String, Object> message) {
        Object id = message.get("id");
        if (!(message.get("method") instanceof String method)) {
            // The server asks for nothing, so a response can only be a mistake; it is not answered.
            boolean response = message.containsKey("result") || message.containsKey("error");
            return response
                    ? null
                    : error(id, new RequestError(RequestError.INVALID_REQUEST, "A request has a method"));
        }
        if (id == null) {
            // Of the notifications, notifications/cancelled alone asks for something, and by now that call is done.
            return null;
        }
        Map<String, Object> params = Json.child(message, "params");
        try {
            if (Json.child(params, "_meta").containsKey(PREFIX + "protocolVersion")
                    || method.equals("server/discover")) {
                return modern(id, method, params);
            }
            return result(id, legacy(method, params));
        } catch (RequestError e) {
            return error(id, e);
        }
    }

    private Map<String, Object> modern(Object id, String method, Map<String, Object> params) throws RequestError {
        checkMeta(Json.child(params, "_meta"));
        if (method.equals("subscriptions/listen")) {
            // Acknowledged with nothing to listen to: no tool ever changes. The request itself stays open.
            return Json.object(
                    "jsonrpc", "2.0",
                    "method", "notifications/subscriptions/acknowledged",
                    "params",
                            Json.object(
                                    "_meta", Json.object(PREFIX + "subscriptionId", id),
                                    "notifications", Json.object()));
        }
        Map<String, Object> result;
        switch (method) {
            case "server/discover":
                result = Json.object(
                        "supportedVersions", List.of(MODERN),
                        "capabilities", CAPABILITIES,
                        "instructions", INSTRUCTIONS);
                break;
            case "tools/list":
                result = tools.list();
                break;
            case "tools/call":
                result = tools.call(params);
                break;
            default:
                throw methodNotFound(method);
        }
        if (!method.equals("tools/call")) {
            // The same for everybody, for as long as this program is not changed.
            result.put("ttlMs", 3_600_000);
            result.put("cacheScope", "public");
        }
        result.put("resultType", "complete");
        result.put("_meta", Json.object(PREFIX + "serverInfo", SERVER_INFO));
        return result(id, result);
    }

    private static void checkMeta(Map<String, Object> meta) throws RequestError {
        Object revision = meta.get(PREFIX + "protocolVersion");
        if (!(revision instanceof String) || !(meta.get(PREFIX + "clientCapabilities") instanceof Map)) {
            throw new RequestError(
                    RequestError.INVALID_PARAMS,
                    "_meta must have " + PREFIX + "protocolVersion and " + PREFIX + "clientCapabilities");
        }
        if (!revision.equals(MODERN)) {
            throw new RequestError(
                    RequestError.UNSUPPORTED_PROTOCOL_VERSION,
                    "Unsupported protocol version " + revision,
                    Json.object("supported", List.of(MODERN), "requested", revision));
        }
    }

    private Map<String, Object> legacy(String method, Map<String, Object> params) throws RequestError {
        switch (method) {
            case "initialize":
                initialized = true;
                String asked = String.valueOf(params.get("protocolVersion"));
                return Json.object(
                        "protocolVersion", LEGACY.contains(asked) ? asked : LEGACY.get(LEGACY.size() - 1),
                        "capabilities", CAPABILITIES,
                        "serverInfo", SERVER_INFO,
                        "instructions", INSTRUCTIONS);
            case "ping":
                return Json.object();
            case "tools/list":
                checkInitialized();
                return tools.list();
            case "tools/call":
                checkInitialized();
                return tools.call(params);
            default:
                throw methodNotFound(method);
        }
    }

    private void checkInitialized() throws RequestError {
        if (!initialized) {
            throw new RequestError(
                    RequestError.INVALID_PARAMS,
                    "Send initialize first, or " + PREFIX + "protocolVersion in the _meta of each request");
        }
    }

    private static RequestError methodNotFound(String method) {
        return new RequestError(RequestError.METHOD_NOT_FOUND, "Method not found: " + method);
    }

    private static Map<String, Object> result(Object id, Map<String, Object> result) {
        return Json.object("jsonrpc", "2.0", "id", id, "result", result);
    }

    /** An error; without id if the request's could not be read. */
    static Map<String, Object> error(@Nullable Object id, RequestError error) {
        return id == null
                ? Json.object("jsonrpc", "2.0", "error", error.toJson())
                : Json.object("jsonrpc", "2.0", "id", id, "error", error.toJson());
    }
}
