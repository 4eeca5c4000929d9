package io.mcpdrivers.benchmark;

/**
 * Measures one case of one peer, in a JVM of its own; prints a line {@code result name=value ..}:
 * {@code Fork <factory> <variant> <case> <transport> <endpoint> <seconds to warm up> <seconds to measure>}.
 */
final class Fork {

    /** 32 bytes. */
    static final String MESSAGE = "The quick brown fox jumps over 1";

    private Fork() {}

    public static void main(String[] arguments) throws Exception {
        Peer.Factory factory = (Peer.Factory)
                Class.forName(arguments[0]).getDeclaredConstructor().newInstance();
        Target target = new Target(arguments[3], arguments[4]);
        long warm = (long) (Double.parseDouble(arguments[5]) * 1e9);
        long nanos = (long) (Double.parseDouble(arguments[6]) * 1e9);
        Measures measures = new Measures();
        new Cases(factory, arguments[1], target, warm, nanos, measures).run(arguments[2]);
        System.out.println("result " + measures.toLine());
        System.out.flush();
        // Whatever the library keeps running must not keep the JVM.
        Runtime.getRuntime().halt(0);
    }
}
