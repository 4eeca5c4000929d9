package io.mcpdrivers.benchmark.http;

import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

final class OkHttp implements Client {

    private static final MediaType JSON = MediaType.get("application/json");

    private final OkHttpClient client = new OkHttpClient.Builder()
            .protocols(List.of(Protocol.HTTP_1_1))
            .connectionPool(new ConnectionPool(64, 5, TimeUnit.MINUTES))
            .retryOnConnectionFailure(false)
            .followRedirects(false)
            .build();
    private final HttpUrl json;
    private final HttpUrl sse;

    OkHttp(int port) {
        json = HttpUrl.get("http://127.0.0.1:" + port + "/json");
        sse = HttpUrl.get("http://127.0.0.1:" + port + "/sse");
    }

    @Override
    public int post(String path, byte[] body) throws Exception {
        Request.Builder request = new Request.Builder().url(path.equals("/sse") ? sse : json);
        for (String[] header : HEADERS) {
            request.header(header[0], header[1]);
        }
        try (Response response = client.newCall(
                        request.post(RequestBody.create(body, JSON)).build())
                .execute()) {
            return Client.drain(response.body().byteStream());
        }
    }

    @Override
    public void close() {
        client.connectionPool().evictAll();
    }
}
