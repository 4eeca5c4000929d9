package io.mcpdrivers.driver.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A raw HTTP server whose every byte the test decides. A thread per connection. */
final class ScriptedServer implements Closeable {

    /** Answers a request; the connection ends if it throws. */
    interface Script {
        void answer(Seen request) throws Exception;
    }

    final class Seen {
        final String method;
        final String path;
        final Map<String, String> headers;
        final String body;
        /** The request line and the headers as they came. */
        final List<String> head;

        final Socket socket;
        final OutputStream out;
        /** How many requests had come on this connection before. */
        final int before;

        Seen(List<String> head, Map<String, String> headers, String body, Socket socket, int before)
                throws IOException {
            String[] parts = head.get(0).split(" ");
            this.method = parts[0];
            this.path = parts[1];
            this.head = head;
            this.headers = headers;
            this.body = body;
            this.socket = socket;
            this.out = socket.getOutputStream();
            this.before = before;
        }

        String header(String name) {
            return headers.get(name.toLowerCase(Locale.ROOT));
        }

        String id() {
            int begin = body.indexOf("\"id\":") + 5;
            int end = begin;
            while (end < body.length() && Character.isDigit(body.charAt(end))) {
                end++;
            }
            return body.substring(begin, end);
        }

        void raw(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        /** @param headers lines without their ends */
        void respond(int status, String body, String... headers) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
            out.write((head + body).getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        void json(String body, String... headers) throws IOException {
            String[] all = java.util.Arrays.copyOf(headers, headers.length + 1);
            all[headers.length] = "Content-Type: application/json";
            respond(200, body, all);
        }

        /** A response to this request. */
        String result(String result) {
            return "{\"jsonrpc\":\"2.0\",\"id\":" + id() + ",\"result\":" + result + "}";
        }

        void beginEvents(String... headers) throws IOException {
            StringBuilder head = new StringBuilder(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            raw(head + "\r\n");
        }

        void chunk(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ByteArrayOutputStream chunk = new ByteArrayOutputStream();
            chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            chunk.writeBytes(bytes);
            chunk.writeBytes(new byte[] {'\r', '\n'});
            out.write(chunk.toByteArray());
            out.flush();
        }

        void endChunks() throws IOException {
            raw("0\r\n\r\n");
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Waits until the client closes the connection; false if it does not in time. */
        boolean clientCloses(int millis) throws IOException {
            socket.setSoTimeout(millis);
            try {
                return socket.getInputStream().read() < 0;
            } catch (java.net.SocketTimeoutException e) {
                return false;
            } catch (IOException e) {
                return true;
            }
        }
    }

    private static final Set<Integer> PORTS = ConcurrentHashMap.newKeySet();

    private final ServerSocket listening;
    private final Script script;
    private final Thread acceptor;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    final List<Seen> seen = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();

    ScriptedServer(Script script) throws IOException {
        this(fresh(), script);
    }

    /** On a port that no other has had, since the driver remembers how it has fared at each. */
    private static ServerSocket fresh() throws IOException {
        List<ServerSocket> refused = new ArrayList<>();
        try {
            while (true) {
                ServerSocket socket = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
                if (PORTS.add(socket.getLocalPort())) {
                    return socket;
                }
                refused.add(socket);
            }
        } finally {
            for (ServerSocket socket : refused) {
                socket.close();
            }
        }
    }

    ScriptedServer(ServerSocket listening, Script script) {
        this.listening = listening;
        this.script = script;
        acceptor = thread("scripted-accept", this::accept);
    }

    private static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    int port() {
        return listening.getLocalPort();
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/mcp";
    }

    String uri() {
        return "mcp:" + url();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                connections.incrementAndGet();
                sockets.add(socket);
                thread("scripted-serve", () -> serve(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
            for (int count = 0; ; count++) {
                Seen request = read(in, socket, count);
                if (request == null) {
                    return;
                }
                seen.add(request);
                script.answer(request);
                if (socket.isClosed()) {
                    return;
                }
            }
        } catch (Exception e) {
            // The script or the client ended it.
        } finally {
            sockets.remove(socket);
        }
    }

    private Seen read(InputStream in, Socket socket, int before) throws IOException {
        String start = line(in);
        if (start == null) {
            return null;
        }
        List<String> head = new ArrayList<>(List.of(start));
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            head.add(line);
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).trim());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        return new Seen(head, headers, new String(body, StandardCharsets.UTF_8), socket, before);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(b);
        }
        return null;
    }

    /** The requests of a method that have come. */
    List<Seen> seen(String method) {
        return seen.stream().filter(each -> each.method.equals(method)).toList();
    }

    int openConnections() {
        return sockets.size();
    }

    void dropConnections() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        try {
            // One more connection may be accepted while it is being closed.
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        dropConnections();
    }
}
