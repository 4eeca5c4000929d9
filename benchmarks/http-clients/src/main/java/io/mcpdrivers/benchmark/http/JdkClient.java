package io.mcpdrivers.benchmark.http;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

final class JdkClient implements Client {

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String origin;

    JdkClient(int port) {
        origin = "http://127.0.0.1:" + port;
    }

    @Override
    public int post(String path, byte[] body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(origin + path))
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        for (String[] header : HEADERS) {
            request.header(header[0], header[1]);
        }
        if (path.equals("/sse")) {
            try (InputStream in = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream())
                    .body()) {
                return Client.drain(in);
            }
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray())
                .body()
                .length;
    }

    @Override
    public void close() {}
}
