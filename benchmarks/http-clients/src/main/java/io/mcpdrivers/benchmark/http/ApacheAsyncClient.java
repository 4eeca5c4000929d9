package io.mcpdrivers.benchmark.http;

import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;

final class ApacheAsyncClient implements Client {

    private final CloseableHttpAsyncClient client = HttpAsyncClients.custom()
            .setConnectionManager(PoolingAsyncClientConnectionManagerBuilder.create()
                    .setMaxConnPerRoute(64)
                    .setMaxConnTotal(64)
                    .build())
            .disableCookieManagement()
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableAuthCaching()
            .build();
    private final HttpHost host;

    ApacheAsyncClient(int port) {
        host = new HttpHost("http", "127.0.0.1", port);
        client.start();
    }

    @Override
    public int post(String path, byte[] body) throws Exception {
        SimpleRequestBuilder request =
                SimpleRequestBuilder.post().setHttpHost(host).setPath(path);
        for (String[] header : HEADERS) {
            request.setHeader(header[0], header[1]);
        }
        SimpleHttpRequest built =
                request.setBody(body, ContentType.APPLICATION_JSON).build();
        return client.execute(built, null).get().getBodyBytes().length;
    }

    @Override
    public void close() throws Exception {
        client.close();
    }
}
