package io.mcpdrivers.spi;

/** A URI, or a value in it, that cannot be used. The message names the position or parameter and the reason. */
public class McpUriException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final int position;

    /**
     * Creates an exception.
     *
     * @param message what is wrong, secrets masked
     * @param position where in the text that was parsed, from 0; -1 if the reason is not at one place
     */
    public McpUriException(String message, int position) {
        super(message);
        this.position = position;
    }

    /**
     * Where the text could not be read further.
     *
     * @return an index from 0, or -1 if the reason is not at one place
     */
    public int position() {
        return position;
    }
}
