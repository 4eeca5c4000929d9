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
        measure(arguments[2], factory, arguments[1], target, warm, nanos, measures);
        System.out.println("result " + measures.toLine());
        System.out.flush();
        // Whatever the library keeps running must not keep the JVM.
        Runtime.getRuntime().halt(0);
    }

    private static void measure(
            String name, Peer.Factory factory, String variant, Target target, long warm, long nanos, Measures measures)
            throws Exception {
        try (Peer peer = factory.connect(target, variant)) {
            int threads = switch (name) {
                case "one-thread", "one-thread-pinned" -> 1;
                case "shared-16" -> 16;
                default -> throw new IllegalArgumentException("No case '" + name + "'");
            };
            new Load(() -> peer.echo(MESSAGE).equals(MESSAGE)).run(threads, false, warm, nanos, measures);
        }
    }
}
