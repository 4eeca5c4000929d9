package io.mcpdrivers.engine;

import io.mcpdrivers.ElicitationHandler;
import io.mcpdrivers.ElicitationRequest;
import io.mcpdrivers.ElicitationRequest.Mode;
import io.mcpdrivers.ElicitationResult;
import io.mcpdrivers.McpException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What servers ask the user.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation">Specification:
 *     Elicitation</a>
 */
final class Elicitation implements ClientFeature {

    private final String serverName;
    private final ElicitationHandler handler;
    private final Set<Mode> modes;

    Elicitation(String serverName, ElicitationHandler handler, Set<Mode> modes) {
        this.serverName = serverName;
        this.handler = handler;
        this.modes = modes;
    }

    @Override
    public String method() {
        return "elicitation/create";
    }

    /** Forms alone are declared as {@code {}}, which revision 2025-06-18 knows, too. */
    @Override
    public void writeCapability(JsonGenerator out) {
        out.writeName("elicitation");
        out.writeStartObject();
        if (!modes.equals(Set.of(Mode.FORM))) {
            for (Mode mode : Mode.values()) {
                if (modes.contains(mode)) {
                    out.writeName(mode.name().toLowerCase(Locale.ROOT));
                    out.writeStartObject();
                    out.writeEndObject();
                }
            }
        }
        out.writeEndObject();
    }

    @Override
    public Callable<JsonNode> question(JsonNode params) throws Refusal {
        JsonNode schema = params.path("requestedSchema");
        Mode mode = mode(params.path("mode"));
        JsonNode url = params.path("url");
        JsonNode id = params.path("elicitationId");
        if (mode == Mode.URL && !url.isString()) {
            throw new Refusal(Protocol.INVALID_PARAMS, "An elicitation of mode url must have a url");
        }
        ElicitationRequest request = new ElicitationRequest(
                serverName,
                mode,
                params.path("message").asString(""),
                mode == Mode.FORM && schema.isObject() ? schema : Json.MAPPER.createObjectNode(),
                mode == Mode.URL ? url.asString() : null,
                mode == Mode.URL && id.isString() ? id.asString() : null);
        return () -> ask(request);
    }

    private Mode mode(JsonNode given) throws Refusal {
        String name = given.isMissingNode() || given.isNull() ? "form" : given.asString("");
        for (Mode mode : modes) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(name)) {
                return mode;
            }
        }
        throw new Refusal(Protocol.INVALID_PARAMS, "The client does not support elicitation of this mode");
    }

    private JsonNode ask(ElicitationRequest request) throws Exception {
        @Nullable ElicitationResult result = handler.answer(request);
        if (result == null) {
            throw new McpException("The elicitation handler gave null instead of an answer", null);
        }
        ObjectNode answer = action(result.action());
        if (result.action() == ElicitationResult.Action.ACCEPT && request.mode() == Mode.FORM) {
            answer.set("content", content(result.content(), request.requestedSchema()));
        }
        return answer;
    }

    /** What was filled in, and the defaults of what was not. No field of a form can be null. */
    private static ObjectNode content(@Nullable Object given, JsonNode schema) {
        ObjectNode content = Json.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> field :
                Json.toObject("content of an elicitation", given).properties()) {
            if (!field.getValue().isNull()) {
                content.set(field.getKey(), field.getValue());
            }
        }
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            JsonNode value = property.getValue().path("default");
            if (!content.has(property.getKey()) && !value.isMissingNode() && !value.isNull()) {
                content.set(property.getKey(), value);
            }
        }
        return content;
    }

    @Override
    public JsonNode unanswered() {
        return action(ElicitationResult.Action.CANCEL);
    }

    private static ObjectNode action(ElicitationResult.Action action) {
        return Json.MAPPER.createObjectNode().put("action", action.name().toLowerCase(Locale.ROOT));
    }
}
