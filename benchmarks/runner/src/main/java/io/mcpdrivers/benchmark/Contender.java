package io.mcpdrivers.benchmark;

import java.util.List;

/**
 * Who is measured.
 *
 * @param module the folder in {@code benchmarks/peers} whose class path it runs on
 * @param factory the {@link Peer.Factory}; {@code node} if it is the program {@code peer.mjs} of that folder
 * @param variant what the factory is told
 */
record Contender(String name, String title, String module, String factory, String variant) {

    static final String SELF = "mcp-drivers";

    private static final String PEERS = "io.mcpdrivers.benchmark.peer.";
    private static final String LIMITS = "io.mcpdrivers.benchmark.Limits";

    static final List<Contender> ALL = List.of(
            new Contender(SELF, "**MCP Drivers**", SELF, PEERS + "McpDriversPeer", "auto"),
            new Contender(
                    "mcp-drivers-2025", "**MCP Drivers**, 2025-11-25", SELF, PEERS + "McpDriversPeer", "2025-11-25"),
            new Contender("langchain4j", "LangChain4j", "langchain4j", PEERS + "LangChain4jPeer", "-"),
            new Contender("mcp-java-sdk", "MCP Java SDK", "mcp-java-sdk", PEERS + "McpJavaSdkPeer", "-"),
            new Contender("typescript-sdk", "TypeScript SDK", "typescript", "node", "-"),
            new Contender("process-per-call", "a process per call", SELF, PEERS + "ProcessPerCallPeer", "auto"),
            new Contender("limit", "bare pipe or socket", SELF, LIMITS, "alone"),
            new Contender("limit-ids", "bare pipe, with ids", SELF, LIMITS, "ids"));

    static Contender named(String name) {
        return ALL.stream().filter(c -> c.name.equals(name)).findFirst().orElseThrow();
    }

    boolean isNode() {
        return factory.equals("node");
    }

    boolean takesPart(Scenario scenario, String transport) {
        String what = scenario.name();
        boolean stdio = transport.equals("stdio");
        boolean echoes = List.of("one-thread", "one-thread-pinned", "shared-16").contains(what);
        return switch (name) {
            case SELF -> true;
            case "mcp-drivers-2025" -> echoes || List.of("connect", "idle").contains(what);
            case "typescript-sdk" ->
                !List.of("pool-16x4", "virtual-1000", "idle", "real-server").contains(what);
            case "process-per-call" -> stdio && what.equals("one-thread");
            case "limit" ->
                !List.of("real-server", "connect", "idle", "first-call").contains(what)
                        && !(what.equals("batch-100") && !stdio)
                        && !(stdio && List.of("shared-16", "virtual-1000").contains(what));
            case "limit-ids" -> stdio && (echoes || what.equals("virtual-1000"));
            default -> !what.equals("real-server");
        };
    }
}
