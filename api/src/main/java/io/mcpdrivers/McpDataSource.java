package io.mcpdrivers;

/**
 * Gives connections to MCP servers: the counterpart of {@code DataSource}, with the server named at each call. A pool
 * implements it; so can a wrapper around one. Thread-safe.
 */
public interface McpDataSource {

    /**
     * Gives a connection to a server.
     *
     * @param uriOrServerName a URI that begins with {@code mcp:}, or the name of a server that is configured
     * @return a connection, which the caller closes
     * @throws McpConfigurationException if the URI cannot be used or no server has that name
     * @throws McpConnectionException if no connection can be had
     * @throws McpPoolException if the pool gives none
     */
    McpConnection getConnection(String uriOrServerName);
}
