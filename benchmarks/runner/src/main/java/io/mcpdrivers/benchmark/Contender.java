package io.mcpdrivers.benchmark;

import java.util.List;

/**
 * Who is measured.
 *
 * @param module the folder in {@code benchmarks/peers} whose class path it runs on
 * @param factory the {@link Peer.Factory}
 * @param variant what the factory is told
 */
record Contender(String name, String title, String module, String factory, String variant) {

    static final String SELF = "mcp-drivers";

    private static final String PEERS = "io.mcpdrivers.benchmark.peer.";
    private static final String LIMITS = "io.mcpdrivers.benchmark.Limits";

    static final List<Contender> ALL = List.of(
            new Contender(SELF, "MCP Drivers", "mcp-drivers", PEERS + "McpDriversPeer", "auto"),
            new Contender(
                    "mcp-drivers-2025",
                    "MCP Drivers, 2025-11-25",
                    "mcp-drivers",
                    PEERS + "McpDriversPeer",
                    "2025-11-25"),
            new Contender("langchain4j", "LangChain4j", "langchain4j", PEERS + "LangChain4jPeer", "-"),
            new Contender("mcp-java-sdk", "MCP Java SDK", "mcp-java-sdk", PEERS + "McpJavaSdkPeer", "-"),
            new Contender("limit", "bare pipe or socket", "mcp-drivers", LIMITS, "alone"),
            new Contender("limit-ids", "bare pipe, with ids", "mcp-drivers", LIMITS, "ids"));

    static Contender named(String name) {
        return ALL.stream().filter(c -> c.name.equals(name)).findFirst().orElseThrow();
    }

    boolean takesPart(Scenario scenario, String transport) {
        boolean small =
                scenario.name().startsWith("one-thread") || scenario.name().startsWith("shared");
        return switch (name) {
            case "limit" -> !(scenario.name().equals("shared-16") && transport.equals("stdio"));
            case "limit-ids" -> small && transport.equals("stdio");
            case "mcp-drivers-2025" -> small;
            default -> true;
        };
    }
}
