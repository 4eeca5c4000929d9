package io.mcpdrivers.pool;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * What tells servers apart: a hash of the identity, which may hold secrets. Connections of one key are interchangeable.
 * Its text form is shown in JMX.
 */
final class ServerKey {

    /** Another one in each JVM, so that nobody can find out a secret by hashing guesses and comparing. */
    private static final byte[] SALT = salt();

    private final String hash;
    private final int hashCode;
    private final String display;

    private ServerKey(String hash, String display) {
        this.hash = hash;
        this.hashCode = hash.hashCode();
        this.display = display;
    }

    private static byte[] salt() {
        byte[] salt = new byte[32];
        new SecureRandom().nextBytes(salt);
        return salt;
    }

    /**
     * The key of a server.
     *
     * @param identity everything that makes two connections to it interchangeable
     * @param name its name, without secrets
     */
    static ServerKey of(String identity, String name) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(SALT);
            String hash = HexFormat.of().formatHex(digest.digest(identity.getBytes(StandardCharsets.UTF_8)));
            return new ServerKey(hash, name + "#" + hash.substring(0, 8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other == this || other instanceof ServerKey that && hash.equals(that.hash);
    }

    @Override
    public int hashCode() {
        return hashCode;
    }

    /** The name, with the first digits of the hash. */
    @Override
    public String toString() {
        return display;
    }
}
