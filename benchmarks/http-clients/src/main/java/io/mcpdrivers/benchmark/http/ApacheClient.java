package io.mcpdrivers.benchmark.http;

import java.io.InputStream;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

final class ApacheClient implements Client {

    private final CloseableHttpClient client = HttpClients.custom()
            .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                    .setMaxConnPerRoute(64)
                    .setMaxConnTotal(64)
                    .build())
            .disableCookieManagement()
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableAuthCaching()
            .build();
    private final HttpHost host;

    ApacheClient(int port) {
        host = new HttpHost("http", "127.0.0.1", port);
    }

    @Override
    public int post(String path, byte[] body) throws Exception {
        HttpPost request = new HttpPost(path);
        for (String[] header : HEADERS) {
            request.setHeader(header[0], header[1]);
        }
        request.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
        return client.execute(host, request, response -> {
            try (InputStream in = response.getEntity().getContent()) {
                return Client.drain(in);
            }
        });
    }

    @Override
    public void close() throws Exception {
        client.close();
    }
}
