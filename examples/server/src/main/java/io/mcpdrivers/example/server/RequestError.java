package io.mcpdrivers.example.server;

import java.util.Map;

/** Why a request gets an error instead of a result. */
final class RequestError extends Exception {

    private static final long serialVersionUID = 1L;

    static final int PARSE_ERROR = -32700;
    static final int INVALID_REQUEST = -32600;
    static final int METHOD_NOT_FOUND = -32601;
    static final int INVALID_PARAMS = -32602;
    static final int UNSUPPORTED_PROTOCOL_VERSION = -32022;

    private final int code;
    private final transient Map<String, Object> data;

    RequestError(int code, String message) {
        this(code, message, Map.of());
    }

    RequestError(int code, String message, Map<String, Object> data) {
        super(message, null, false, false);
        this.code = code;
        this.data = data;
    }

    /** The error as the protocol writes it. */
    Map<String, Object> toJson() {
        Map<String, Object> error = Json.object("code", code, "message", String.valueOf(getMessage()));
        if (!data.isEmpty()) {
            error.put("data", data);
        }
        return error;
    }
}
