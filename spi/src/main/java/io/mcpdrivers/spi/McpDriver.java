package io.mcpdrivers.spi;

import java.util.List;
import java.util.Set;

/**
 * Opens transports for one or more URI schemes: the counterpart of {@code java.sql.Driver}.
 *
 * <p>Drivers are found by {@link java.util.ServiceLoader}. A driver on the class path names itself in
 * {@code META-INF/services/io.mcpdrivers.spi.McpDriver}; a driver module {@code provides} this interface. It needs a
 * public no-argument constructor, which must do no I/O.
 *
 * <p>Implementations are thread-safe and hold no state per connection.
 */
public interface McpDriver {

    /**
     * The schemes this driver serves, such as {@code stdio}, in lower case. Used to choose the driver and to tell a
     * user what is available when none fits.
     *
     * @return at least one scheme; never null
     */
    Set<String> schemes();

    /**
     * Tells whether this driver opens the given URI. Does no I/O.
     *
     * @param uri the parsed URI, its placeholders not necessarily resolved
     * @return by default, whether {@link #schemes()} contains the URI's scheme
     */
    default boolean accepts(McpUri uri) {
        return schemes().contains(uri.scheme());
    }

    /**
     * Every parameter that this driver takes beside the ones all drivers have. A URI with a parameter that is not in
     * the list is refused before {@link #open} is called.
     *
     * @return the parameters, in the order in which documentation shows them; never null
     */
    List<DriverProperty> properties();

    /**
     * Opens a transport: starts the process, connects the socket. The protocol handshake is not the driver's
     * concern. The transport delivers nothing before {@link Transport#start}.
     *
     * @param uri the URI, its placeholders resolved and its parameters checked against {@link #properties()}
     * @param options what the caller decided for every driver: name, limits and time
     * @return an open transport, which the caller closes
     * @throws TransportException if it cannot be opened within {@link OpenOptions#connectTimeout()}; the message names
     *     the target, secrets masked, and the reason
     */
    Transport open(McpUri uri, OpenOptions options) throws TransportException;
}
