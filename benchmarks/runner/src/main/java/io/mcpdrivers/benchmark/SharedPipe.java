package io.mcpdrivers.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** One pipe for all callers: each writes under a lock, a thread reads, finds the id and wakes its caller. */
final class SharedPipe implements Peer {

    private static final int ID_AT = "{\"jsonrpc\":\"2.0\",\"id\":".length();

    private final Process process;
    private final OutputStream out;
    private final Map<Integer, Call> calls = new ConcurrentHashMap<>();
    private final ThreadLocal<Call> own = ThreadLocal.withInitial(this::enter);

    private static final class Call {
        final Thread caller = Thread.currentThread();
        final byte[] request;
        volatile boolean answered;

        Call(int id) {
            request = (Limits.echo(id, Fork.MESSAGE) + "\n").getBytes(StandardCharsets.UTF_8);
        }
    }

    SharedPipe(Target target) throws IOException {
        process = new ProcessBuilder(target.command()).start();
        out = process.getOutputStream();
        Thread reader = new Thread(this::read, "read");
        reader.setDaemon(true);
        reader.start();
    }

    private Call enter() {
        synchronized (calls) {
            int id = 1000 + calls.size();
            Call call = new Call(id);
            calls.put(id, call);
            return call;
        }
    }

    @Override
    public String echo(String message) throws IOException {
        Call call = own.get();
        call.answered = false;
        synchronized (out) {
            out.write(call.request);
            out.flush();
        }
        while (!call.answered) {
            LockSupport.park(call);
        }
        return message;
    }

    private void read() {
        byte[] buffer = new byte[64 * 1024];
        int length = 0;
        try (InputStream in = process.getInputStream()) {
            while (true) {
                int read = in.read(buffer, length, buffer.length - length);
                if (read < 0) {
                    return;
                }
                int begin = 0;
                for (int i = length; i < length + read; i++) {
                    if (buffer[i] == '\n') {
                        Call call = calls.get(id(buffer, begin + ID_AT));
                        call.answered = true;
                        LockSupport.unpark(call.caller);
                        begin = i + 1;
                    }
                }
                length += read - begin;
                System.arraycopy(buffer, begin, buffer, 0, length);
            }
        } catch (IOException e) {
            // The server has ended.
        }
    }

    private static int id(byte[] line, int at) {
        int id = 0;
        for (int i = at; line[i] >= '0' && line[i] <= '9'; i++) {
            id = id * 10 + line[i] - '0';
        }
        return id;
    }

    @Override
    public int blob(int size) {
        throw new UnsupportedOperationException("for small calls alone");
    }

    @Override
    public void close() throws Exception {
        out.close();
        process.waitFor();
    }
}
