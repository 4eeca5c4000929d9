package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.DaemonThreads;
import io.mcpdrivers.spi.TransportException;
import java.net.URI;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.http2.config.H2Config;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.reactor.IOReactorStatus;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Apache HttpClient for HTTP/2, without redirects, retries, cookies and compression, which are left to this driver. It,
 * {@link Http2Exchange} and {@link Http2Response} alone know the library, which need not be there for anything else.
 */
final class Http2Client {

    private static final Timeout CONNECT_TIMEOUT = Timeout.ofSeconds(30);
    private static final TimeValue LONGEST_IDLE = TimeValue.ofSeconds(30);

    private static final TlsConfig NEGOTIATED =
            TlsConfig.custom().setVersionPolicy(HttpVersionPolicy.NEGOTIATE).build();
    private static final TlsConfig HTTP_2_ALONE =
            TlsConfig.custom().setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_2).build();

    /** By itself, the library reads heads of HTTP/1 without end. It counts no bytes, hence the fewer lines. */
    private static final Http1Config HEADS_OF_HTTP_1 = Http1Config.custom()
            .setMaxLineLength(ResponseHead.MOST_LINE)
            .setMaxHeaderCount(100)
            .build();

    /** It reads at most a hundred frames for one head, of whatever it then keeps this much. */
    private static final H2Config HEADS_OF_HTTP_2 = H2Config.custom()
            .setMaxHeaderListSize(ResponseHead.MOST_BYTES)
            .setMaxFrameSize(16 * 1024)
            .build();

    private static final Logger log = LoggerFactory.getLogger(Http2Client.class);

    /** Shared with tests. */
    final CloseableHttpAsyncClient http;

    /** Whether a thread of the library has ended, which it does not begin again. */
    private final AtomicBoolean over;

    private final PoolingAsyncClientConnectionManager connections;
    private final @Nullable Header proxyAuthorization;

    private Http2Client(
            CloseableHttpAsyncClient http,
            PoolingAsyncClientConnectionManager connections,
            @Nullable Header proxyAuthorization,
            AtomicBoolean over) {
        this.http = http;
        this.over = over;
        this.connections = connections;
        this.proxyAuthorization = proxyAuthorization;
    }

    /** A client to whose servers over TLS HTTP/2 is offered; others are expected to speak it. */
    static Http2Client of(ClientKey key) throws TransportException {
        // An exchange has a connection to itself: the library ends the whole of it with each exchange that is given up.
        PoolingAsyncClientConnectionManager connections = PoolingAsyncClientConnectionManagerBuilder.create()
                .setTlsStrategy(new DefaultClientTlsStrategy(Tls.context(key)))
                .setTlsConfigResolver(host -> host.getSchemeName().equals("https") ? NEGOTIATED : HTTP_2_ALONE)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(CONNECT_TIMEOUT)
                        .build())
                .setMaxConnPerRoute(ConnectionPool.MOST_PER_ORIGIN)
                .setMaxConnTotal(ConnectionPool.MOST)
                .build();
        AtomicBoolean over = new AtomicBoolean();
        HttpAsyncClientBuilder builder = HttpAsyncClients.custom()
                .setConnectionManager(connections)
                .setIOReactorConfig(IOReactorConfig.custom().setIoThreadCount(1).build())
                .setThreadFactory(telling(over))
                .setHttp1Config(HEADS_OF_HTTP_1)
                .setH2Config(HEADS_OF_HTTP_2)
                // It complains of its own selector when it is closed; what fails a request is told with that.
                .setIoReactorExceptionCallback(e -> log.debug("The reactor of an HTTP/2 client failed", e))
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.ofDays(1))
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .addExecInterceptorBefore(ChainElement.CONNECT.name(), "begin", Http2Exchange::begin)
                .addExecInterceptorAfter(ChainElement.CONNECT.name(), "established", Http2Exchange::established)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableContentCompression()
                .disableAuthCaching()
                .disableConnectionState();
        HttpProxy proxy = HttpProxy.of(key);
        if (proxy != null) {
            useProxy(builder, proxy, key.httpProxy());
        }
        CloseableHttpAsyncClient http = builder.build();
        http.start();
        return new Http2Client(http, connections, proxy == null ? null : proxy.authorization(), over);
    }

    private static ThreadFactory telling(AtomicBoolean over) {
        ThreadFactory threads = DaemonThreads.platform("mcp-http2");
        return task -> threads.newThread(() -> {
            try {
                task.run();
            } finally {
                over.set(true);
            }
        });
    }

    private static void useProxy(HttpAsyncClientBuilder builder, HttpProxy proxy, @Nullable URI url) {
        HttpHost host = host(proxy.host());
        BasicCredentialsProvider provider = new BasicCredentialsProvider();
        String userInfo = url == null ? null : url.getUserInfo();
        if (userInfo != null) {
            int colon = userInfo.indexOf(':');
            String user = colon < 0 ? userInfo : userInfo.substring(0, colon);
            String password = colon < 0 ? "" : userInfo.substring(colon + 1);
            provider.setCredentials(new AuthScope(host), new UsernamePasswordCredentials(user, password.toCharArray()));
        }
        builder.setProxy(host).setDefaultCredentialsProvider(provider);
    }

    static HttpHost host(Host host) {
        return new HttpHost(host.scheme(), host.name(), host.port());
    }

    /** Whether no request can be sent any more, be it closed or fallen victim to an error. */
    boolean isOver() {
        return over.get() || http.getStatus().compareTo(IOReactorStatus.ACTIVE) > 0;
    }

    Attempt attempt(Ticket ticket) {
        return new Http2Exchange(http, proxyAuthorization, ticket);
    }

    /** Closes connections that have been idle for too long. */
    void clean() {
        connections.closeExpired();
        connections.closeIdle(LONGEST_IDLE);
    }

    void close() {
        http.close(CloseMode.IMMEDIATE);
    }
}
