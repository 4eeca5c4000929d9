package io.mcpdrivers.integration.http;

import java.nio.file.Files;
import java.nio.file.Path;

/** A certificate that nobody has signed. */
final class Certificates {

    private Certificates() {}

    /** A PKCS12 file with a key and its certificate; its password is {@code changeit}. Made when it is first asked for. */
    static Path keyStore(Path folder) throws Exception {
        Path store = folder.resolve("keys.p12");
        if (!Files.exists(store)) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "server",
                            "-keyalg",
                            "EC",
                            "-dname",
                            "CN=localhost",
                            "-ext",
                            "SAN=dns:localhost,ip:127.0.0.1",
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            "changeit",
                            "-keystore",
                            store.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException("keytool has ended with " + process.exitValue());
            }
        }
        return store;
    }
}
