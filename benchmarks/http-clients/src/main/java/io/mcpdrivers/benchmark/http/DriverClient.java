package io.mcpdrivers.benchmark.http;

import io.mcpdrivers.driver.http.HttpDriver;
import io.mcpdrivers.spi.Envelope;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.spi.TransportListener;
import java.util.Map;

/** The driver that was built on the choice, as the engine calls it. */
final class DriverClient implements Client, TransportListener {

    private static final long ID = 1234;

    private final Transport json;
    private final Transport sse;
    private final ThreadLocal<int[]> received = ThreadLocal.withInitial(() -> new int[1]);

    DriverClient(int port) throws TransportException {
        json = open("mcp:http://127.0.0.1:" + port + "/json");
        sse = open("mcp:http://127.0.0.1:" + port + "/sse");
    }

    private Transport open(String uri) throws TransportException {
        Transport transport = new HttpDriver().open(McpUri.parse(uri), OpenOptions.of("benchmark"));
        transport.start(this);
        return transport;
    }

    @Override
    public int post(String path, byte[] body) throws Exception {
        int[] length = received.get();
        length[0] = 0;
        (path.equals("/sse") ? sse : json)
                .send(
                        new Envelope(
                                Envelope.Kind.REQUEST,
                                ID,
                                "tools/call",
                                "2026-07-28",
                                "get_weather",
                                Map.of(),
                                System.nanoTime() + 30_000_000_000L,
                                true),
                        body);
        return length[0];
    }

    @Override
    public void onMessage(byte[] buffer, int offset, int length) {
        received.get()[0] = length;
    }

    @Override
    public void onOversized(byte[] head, byte[] tail, long size) {}

    @Override
    public void onRequestFailed(long requestId, TransportException cause) {
        cause.printStackTrace();
    }

    @Override
    public void onClosed(TransportException cause) {}

    @Override
    public void close() {
        json.close();
        sse.close();
    }
}
