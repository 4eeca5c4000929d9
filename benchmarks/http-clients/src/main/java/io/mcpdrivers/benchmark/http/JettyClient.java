package io.mcpdrivers.benchmark.http;

import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.InputStreamResponseListener;
import org.eclipse.jetty.client.Request;

final class JettyClient implements Client {

    private final HttpClient client = new HttpClient();
    private final String origin;

    JettyClient(int port) throws Exception {
        origin = "http://127.0.0.1:" + port;
        client.setFollowRedirects(false);
        client.start();
    }

    @Override
    public int post(String path, byte[] body) throws Exception {
        Request request = client.POST(origin + path)
                .body(new BytesRequestContent("application/json", body))
                .headers(headers -> {
                    for (String[] header : HEADERS) {
                        headers.put(header[0], header[1]);
                    }
                });
        if (!path.equals("/sse")) {
            return request.send().getContent().length;
        }
        InputStreamResponseListener answer = new InputStreamResponseListener();
        request.send(answer);
        answer.get(30, TimeUnit.SECONDS);
        try (InputStream in = answer.getInputStream()) {
            return Client.drain(in);
        }
    }

    @Override
    public void close() throws Exception {
        client.stop();
    }
}
