package io.mcpdrivers.driver.http;

import io.mcpdrivers.spi.TransportException;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Makes the TLS context that the parameters ask for. */
final class Tls {

    private static final byte[] PEM = "-----BEGIN".getBytes(StandardCharsets.US_ASCII);

    private Tls() {}

    static SSLContext context(ClientKey key) throws TransportException {
        try {
            KeyManager[] keys = null;
            if (key.clientCertificate() != null) {
                char[] password = password(key.clientCertificatePassword());
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(keyStore("clientCertificate", key.clientCertificate(), password), password);
                keys = factory.getKeyManagers();
            }
            if (keys == null && key.trustStore() == null) {
                return SSLContext.getDefault();
            }
            TrustManager[] trust = null;
            if (key.trustStore() != null) {
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(trustStore(key.trustStore(), password(key.trustStorePassword())));
                trust = factory.getTrustManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new TransportException(
                    TransportException.Kind.CONFIGURATION,
                    "The parameters for TLS cannot be used: " + e.getMessage(),
                    false,
                    e);
        }
    }

    private static char @Nullable [] password(@Nullable String password) {
        return password == null ? null : password.toCharArray();
    }

    private static KeyStore keyStore(String parameter, String file, char @Nullable [] password)
            throws TransportException {
        try {
            return KeyStore.getInstance(new File(file), password);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw unreadable(parameter, file, e);
        }
    }

    /** A key store, or certificates in PEM. */
    private static KeyStore trustStore(String file, char @Nullable [] password) throws TransportException {
        try (InputStream in = new FileInputStream(file)) {
            if (!java.util.Arrays.equals(in.readNBytes(PEM.length), PEM)) {
                return keyStore("trustStore", file, password);
            }
        } catch (IOException e) {
            throw unreadable("trustStore", file, e);
        }
        try (InputStream in = new FileInputStream(file)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int count = 0;
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("certificate-" + count++, each);
            }
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable("trustStore", file, e);
        }
    }

    private static TransportException unreadable(String parameter, String file, Exception cause) {
        return new TransportException(
                TransportException.Kind.CONFIGURATION,
                "Parameter '" + parameter + "': '" + file + "' cannot be read as a key store: " + cause.getMessage(),
                false,
                cause);
    }
}
