package io.mcpdrivers.engine;

import java.math.BigInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Builds trees as Jackson's mapper does, without the mapper, which is slow to come into being. */
final class JsonTrees {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    /** Of these digits each number fits an int, or a long. */
    private static final int INT_DIGITS = 9;

    private static final int LONG_DIGITS = 18;

    private JsonTrees() {}

    static JsonNode read(byte[] buffer, int offset, int length) {
        return read(new JsonReader(buffer, offset, length));
    }

    static JsonNode read(JsonReader in) {
        switch (in.kind()) {
            case '{' -> {
                ObjectNode object = NODES.objectNode();
                in.enterObject();
                for (String name = in.nextName(); name != null; name = in.nextName()) {
                    object.set(name, read(in));
                }
                return object;
            }
            case '[' -> {
                ArrayNode array = NODES.arrayNode();
                in.enterArray();
                while (in.nextElement()) {
                    array.add(read(in));
                }
                return array;
            }
            case '"' -> {
                return NODES.stringNode(in.string());
            }
            case 't' -> {
                in.skip();
                return NODES.booleanNode(true);
            }
            case 'f' -> {
                in.skip();
                return NODES.booleanNode(false);
            }
            case 'n' -> {
                in.skip();
                return NODES.nullNode();
            }
            default -> {
                return number(in.numberValue());
            }
        }
    }

    private static JsonNode number(Number value) {
        if (value instanceof Integer small) {
            return NODES.numberNode(small.intValue());
        }
        if (value instanceof Long large) {
            return NODES.numberNode(large.longValue());
        }
        return value instanceof BigInteger huge ? NODES.numberNode(huge) : NODES.numberNode(value.doubleValue());
    }

    /** A whole number in the smallest type that it fits. */
    static Number whole(String text) {
        if (text.length() <= INT_DIGITS) {
            return Integer.valueOf(text);
        }
        if (text.length() <= LONG_DIGITS) {
            return smallest(Long.parseLong(text));
        }
        BigInteger value = new BigInteger(text);
        return value.bitLength() < Long.SIZE ? smallest(value.longValue()) : value;
    }

    private static Number smallest(long value) {
        if ((int) value == value) {
            return (int) value;
        }
        return value;
    }
}
