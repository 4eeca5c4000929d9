package io.mcpdrivers.benchmark;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** One caller that writes prepared bytes and reads up to the next line break. */
final class BarePipe implements Peer {

    private final Process process;
    private final OutputStream out;
    private final InputStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private byte[] request = new byte[0];
    private String asked = "";
    private int size = -1;

    BarePipe(Target target) throws IOException {
        process = new ProcessBuilder(target.command()).start();
        out = process.getOutputStream();
        in = process.getInputStream();
    }

    @Override
    public String echo(String message) throws IOException {
        if (!asked.equals(message)) {
            asked = message;
            request = (Limits.echo(1234, message) + "\n").getBytes(StandardCharsets.UTF_8);
        }
        exchange();
        return message;
    }

    @Override
    public int blob(int wanted) throws IOException {
        if (size != wanted) {
            size = wanted;
            request = (Limits.blob(1234, wanted) + "\n").getBytes(StandardCharsets.UTF_8);
        }
        exchange();
        return wanted;
    }

    /** All requests in one write, all answers however they come. */
    @Override
    public int batch(String message, int calls) throws IOException {
        byte[] all = (Limits.echo(1234, message) + "\n").repeat(calls).getBytes(StandardCharsets.UTF_8);
        out.write(all);
        out.flush();
        int answered = 0;
        while (answered < calls) {
            int read = in.read(buffer);
            if (read < 0) {
                throw new EOFException();
            }
            for (int i = 0; i < read; i++) {
                answered += buffer[i] == '\n' ? 1 : 0;
            }
        }
        return answered;
    }

    private void exchange() throws IOException {
        out.write(request);
        out.flush();
        int read;
        do {
            read = in.read(buffer);
            if (read < 0) {
                throw new EOFException();
            }
        } while (buffer[read - 1] != '\n');
    }

    @Override
    public void close() throws Exception {
        out.close();
        process.waitFor();
    }
}
