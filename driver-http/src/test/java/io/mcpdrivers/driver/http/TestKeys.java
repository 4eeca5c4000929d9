package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;

/** A key and a certificate for {@code localhost}. */
final class TestKeys {

    static final String PASSWORD = "changeit-1";

    private static Path keys;
    private static Path pem;

    private TestKeys() {}

    /** The key store. */
    static Path keys() {
        return keys.toAbsolutePath();
    }

    /** The certificate alone. */
    static Path pem() {
        return pem.toAbsolutePath();
    }

    /** Makes them once. */
    static synchronized void make() throws Exception {
        if (keys != null) {
            return;
        }
        Path folder = Files.createTempDirectory(Path.of("target"), "keys");
        keys = folder.resolve("keys.p12");
        pem = folder.resolve("certificate.pem");
        keytool(
                "-genkeypair",
                "-alias",
                "k",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost,dns:nowhere.invalid,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD);
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "k",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD,
                "-file",
                pem.toString());
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
    }

    static SSLContext context() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(keys.toFile())) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory key = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        key.init(store, PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray());
        trusted.setCertificateEntry("t", trusted.getCertificate("k"));
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(key.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    static ServerSocket secureSocket(boolean wantsCertificate) throws Exception {
        SSLServerSocket socket = (SSLServerSocket)
                context().getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket.setNeedClientAuth(wantsCertificate);
        return socket;
    }
}
