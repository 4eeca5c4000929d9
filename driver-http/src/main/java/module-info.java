/** Talks to MCP servers over HTTP. */
// The library for HTTP/2, which may be absent; it names its modules in its manifests alone.
@SuppressWarnings("requires-automatic")
module io.mcpdrivers.driver.http {
    requires transitive io.mcpdrivers.spi;
    requires static org.apache.httpcomponents.client5.httpclient5;
    requires static org.apache.httpcomponents.core5.httpcore5;
    requires static org.apache.httpcomponents.core5.httpcore5.h2;
    requires org.slf4j;

    exports io.mcpdrivers.driver.http;

    provides io.mcpdrivers.spi.McpDriver with
            io.mcpdrivers.driver.http.HttpDriver;
}
