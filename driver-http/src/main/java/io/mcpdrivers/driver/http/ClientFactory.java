package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.DaemonThreads;
import io.mcpdrivers.spi.TransportException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.CredentialsProvider;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.message.BasicHeaderElementIterator;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes HTTP clients that leave redirects, retries, cookies and compression to this driver. */
final class ClientFactory {

    private static final Timeout CONNECT_TIMEOUT = Timeout.ofSeconds(30);
    private static final TimeValue KEEP_ALIVE = TimeValue.ofSeconds(30);

    private static final TlsConfig NEGOTIATED =
            TlsConfig.custom().setVersionPolicy(HttpVersionPolicy.NEGOTIATE).build();
    private static final TlsConfig HTTP_2_ALONE =
            TlsConfig.custom().setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_2).build();

    /** The head of an answer ends somewhere, or is none. */
    private static final Http1Config BOUNDED_HEADS = Http1Config.custom()
            .setMaxHeaderCount(ResponseHead.MOST_LINES)
            .setMaxLineLength(ResponseHead.MOST_LINE)
            .build();

    private static final Logger log = LoggerFactory.getLogger(ClientFactory.class);

    private ClientFactory() {}

    /** The connections to an HTTP proxy. */
    static PoolingHttpClientConnectionManager connections(ClientKey key) throws TransportException {
        return new Builder()
                .setTlsSocketStrategy(new DefaultClientTlsStrategy(Tls.context(key)))
                .setConnectionFactory(socket -> {
                    SilentConnection connection = new SilentConnection(BOUNDED_HEADS);
                    if (socket != null) {
                        connection.bind(socket);
                    }
                    return connection;
                })
                .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.STRICT)
                .setConnPoolPolicy(PoolReusePolicy.LIFO)
                .setMaxConnPerRoute(ConnectionPool.MOST_PER_ORIGIN)
                .setMaxConnTotal(ConnectionPool.MOST)
                .setDefaultSocketConfig(SocketConfig.custom()
                        .setTcpNoDelay(true)
                        .setSoKeepAlive(true)
                        .build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(CONNECT_TIMEOUT)
                        .setValidateAfterInactivity(TimeValue.NEG_ONE_MILLISECOND)
                        .build())
                .build();
    }

    private static final class Builder extends PoolingHttpClientConnectionManagerBuilder {
        @Override
        protected HttpClientConnectionOperator createConnectionOperator(
                SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
            return new DefaultHttpClientConnectionOperator(
                    new ChannelSockets(),
                    ports,
                    names,
                    RegistryBuilder.<TlsSocketStrategy>create()
                            .register("https", tls)
                            .build());
        }
    }

    static CloseableHttpClient http1(ClientKey key, PoolingHttpClientConnectionManager connections)
            throws TransportException {
        HttpClientBuilder builder = HttpClients.custom()
                .setConnectionManager(connections)
                .setRequestExecutor(new WireExecutor())
                .setKeepAliveStrategy((response, context) -> keepAlive(response))
                .setDefaultRequestConfig(requestConfig())
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableContentCompression()
                .disableAuthCaching()
                .disableConnectionState()
                .disableDefaultUserAgent();
        HttpHost proxy = proxy(key);
        if (proxy != null) {
            builder.setProxy(proxy).setDefaultCredentialsProvider(credentials(key, proxy));
        }
        return builder.build();
    }

    /** The same over HTTP/2: TLS servers are asked for it, others are expected to speak it. */
    static CloseableHttpClient http2(ClientKey key) throws TransportException {
        HttpAsyncClientBuilder builder = HttpAsyncClients.custom()
                .setConnectionManager(PoolingAsyncClientConnectionManagerBuilder.create()
                        .setTlsStrategy(new DefaultClientTlsStrategy(Tls.context(key)))
                        .setTlsConfigResolver(host -> host.getSchemeName().equals("https") ? NEGOTIATED : HTTP_2_ALONE)
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(CONNECT_TIMEOUT)
                                .build())
                        .setMessageMultiplexing(true)
                        .build())
                .setIOReactorConfig(IOReactorConfig.custom().setIoThreadCount(1).build())
                .setThreadFactory(DaemonThreads.platform("mcp-http2"))
                // It complains of its own selector when it is closed; what fails a request is told with that.
                .setIoReactorExceptionCallback(e -> log.debug("The reactor of an HTTP/2 client failed", e))
                .setDefaultRequestConfig(requestConfig())
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableContentCompression()
                .disableAuthCaching()
                .disableConnectionState();
        HttpHost proxy = proxy(key);
        if (proxy != null) {
            builder.setProxy(proxy).setDefaultCredentialsProvider(credentials(key, proxy));
        }
        return HttpAsyncClients.classic(builder.build(), Timeout.ofDays(1));
    }

    private static RequestConfig requestConfig() {
        return RequestConfig.custom()
                .setConnectionRequestTimeout(Timeout.ofDays(1))
                .setProtocolUpgradeEnabled(false)
                .build();
    }

    /** A second less than the server says, so that no request meets a connection that is being closed. */
    static TimeValue keepAlive(HttpResponse response) {
        if (!response.containsHeader("Keep-Alive")) {
            return KEEP_ALIVE;
        }
        BasicHeaderElementIterator elements = new BasicHeaderElementIterator(response.headerIterator("Keep-Alive"));
        while (elements.hasNext()) {
            var element = elements.next();
            String value = element.getValue();
            if (element.getName().equalsIgnoreCase("timeout") && value != null && value.matches("[0-9]{1,6}")) {
                long seconds = Long.parseLong(value);
                return TimeValue.ofMilliseconds(seconds <= 1 ? seconds * 500 + 1 : seconds * 1000 - 1000);
            }
        }
        return KEEP_ALIVE;
    }

    private static @Nullable HttpHost proxy(ClientKey key) {
        URI proxy = key.httpProxy();
        return proxy == null ? null : new HttpHost("http", ClientKey.host(proxy), proxy.getPort());
    }

    private static CredentialsProvider credentials(ClientKey key, HttpHost proxy) {
        BasicCredentialsProvider provider = new BasicCredentialsProvider();
        URI url = key.httpProxy();
        String userInfo = url == null ? null : url.getUserInfo();
        if (userInfo != null) {
            int colon = userInfo.indexOf(':');
            String user = colon < 0 ? userInfo : userInfo.substring(0, colon);
            String password = colon < 0 ? "" : userInfo.substring(colon + 1);
            provider.setCredentials(
                    new AuthScope(proxy), new UsernamePasswordCredentials(user, password.toCharArray()));
        }
        return provider;
    }

    /** What a proxy that requests pass through is told with each of them; a tunnel is opened by the client. */
    static @Nullable Header proxyAuthorization(ClientKey key) {
        URI proxy = key.httpProxy();
        String userInfo = proxy == null ? null : proxy.getUserInfo();
        if (userInfo == null) {
            return null;
        }
        String credentials = Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
        return new BasicHeader("Proxy-Authorization", "Basic " + credentials, true);
    }
}
