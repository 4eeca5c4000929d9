package io.mcpdrivers.benchmark;

/** One connection of a library, through the calls that its users would write. */
public interface Peer extends AutoCloseable {

    /** Calls the tool that gives back its message; gives the text of the result. */
    String echo(String message) throws Exception;

    /** Calls the tool that gives a text of a size in bytes; gives the length of the text. */
    int blob(int size) throws Exception;

    /** Makes as many echo calls as one does who has that many at hand; gives how many came back right. */
    default int batch(String message, int calls) throws Exception {
        int right = 0;
        for (int i = 0; i < calls; i++) {
            right += echo(message).equals(message) ? 1 : 0;
        }
        return right;
    }

    @Override
    void close() throws Exception;

    /** What the command line of a fork names. Has a constructor without arguments. */
    interface Factory {

        /** Opens a connection and shakes hands. */
        Peer connect(Target target, String variant) throws Exception;

        /** Opens a pool of this many exclusively leased connections; each call leases one. Null if there is no such thing. */
        default Peer pool(Target target, String variant, int connections) throws Exception {
            return null;
        }
    }
}
