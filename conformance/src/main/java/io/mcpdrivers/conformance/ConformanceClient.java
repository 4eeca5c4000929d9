package io.mcpdrivers.conformance;

import io.mcpdrivers.McpException;
import org.jspecify.annotations.Nullable;

/**
 * Does with the server at a URL what a scenario of the suite wants, through the public API alone.
 *
 * <p>The suite starts one process per scenario, with the URL as the last argument and the environment variables
 * {@code MCP_CONFORMANCE_SCENARIO} and, for some scenarios, {@code MCP_CONFORMANCE_CONTEXT}, a JSON object. The last
 * line of the output says that all was done: the suite itself takes a client that never ran for one that passed, where
 * no check of a scenario is due unless a request comes.
 */
public final class ConformanceClient {

    private ConformanceClient() {}

    /**
     * Runs one scenario. Exits with 0 if the client came to its end, with 1 if a call failed, with 64 if it was not
     * told what to do.
     *
     * @param arguments the server's URL last
     */
    public static void main(String[] arguments) {
        String scenario = System.getenv("MCP_CONFORMANCE_SCENARIO");
        if (arguments.length == 0 || scenario == null) {
            System.err.println("Expected: MCP_CONFORMANCE_SCENARIO=<scenario> conformance/client <server-url>");
            System.exit(64);
        }
        System.exit(run(String.valueOf(scenario), arguments[arguments.length - 1], context()));
    }

    private static @Nullable String context() {
        return System.getenv("MCP_CONFORMANCE_CONTEXT");
    }

    private static int run(String scenario, String url, @Nullable String context) {
        try {
            Scenarios.named(scenario).run(new Server(url, context));
        } catch (McpException e) {
            System.out.flush();
            e.printStackTrace();
            System.err.println("failed " + scenario);
            return 1;
        }
        System.out.println("completed " + scenario);
        return 0;
    }
}
