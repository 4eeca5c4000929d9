package io.mcpdrivers.driver.http;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A proxy that opens tunnels, by CONNECT or by SOCKS 5. Whatever name it is asked for, it connects to this machine. */
final class TestProxy implements Closeable {

    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final boolean socks;
    /** Wanted from the client, as {@code user:password}; null for nothing. */
    private final String credentials;

    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    /** What was asked for, as {@code host:port}. */
    final List<String> tunnels = new CopyOnWriteArrayList<>();
    /** How often credentials were missing or wrong. */
    final List<String> refused = new CopyOnWriteArrayList<>();

    private TestProxy(boolean socks, String credentials) throws IOException {
        this.socks = socks;
        this.credentials = credentials;
        start(this::accept);
    }

    static TestProxy socks() throws IOException {
        return new TestProxy(true, null);
    }

    static TestProxy connect(String credentials) throws IOException {
        return new TestProxy(false, credentials);
    }

    int port() {
        return listening.getLocalPort();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "test-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                sockets.add(socket);
                start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket client) {
        try (client) {
            String target = socks ? socksTarget(client) : connectTarget(client);
            if (target == null) {
                return;
            }
            tunnels.add(target);
            int port = Integer.parseInt(target.substring(target.lastIndexOf(':') + 1));
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
                sockets.add(server);
                client.getOutputStream()
                        .write(
                                socks
                                        ? new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0}
                                        : "HTTP/1.1 200 Tunnel\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                start(() -> pump(client, server));
                pump(server, client);
            } catch (IOException e) {
                client.getOutputStream()
                        .write(
                                socks
                                        ? new byte[] {5, 5, 0, 1, 0, 0, 0, 0, 0, 0}
                                        : "HTTP/1.1 502 No\r\nContent-Length: 11\r\n\r\nno way here"
                                                .getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One of them has gone.
        }
    }

    private String connectTarget(Socket client) throws IOException {
        while (true) {
            String head = head(client.getInputStream());
            if (head == null) {
                return null;
            }
            String wanted = credentials == null
                    ? ""
                    : "Proxy-Authorization: Basic "
                            + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
            if (head.startsWith("CONNECT ") && head.contains(wanted)) {
                return head.split(" ")[1];
            }
            refused.add(head);
            client.getOutputStream()
                    .write(
                            ("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 3\r\n\r\nwho")
                                    .getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        String text = "";
        while (!text.endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return null;
            }
            head.write(b);
            text = head.toString(StandardCharsets.US_ASCII);
        }
        return text;
    }

    private static String socksTarget(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        in.readByte();
        in.readNBytes(in.readUnsignedByte());
        client.getOutputStream().write(new byte[] {5, 0});
        in.readNBytes(3);
        String host = switch (in.readByte()) {
            case 1 -> InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
            case 3 -> new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.US_ASCII);
            default -> InetAddress.getByAddress(in.readNBytes(16)).getHostAddress();
        };
        return host + ":" + in.readUnsignedShort();
    }

    /** Ends all tunnels. */
    void dropConnections() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        dropConnections();
    }
}
