package io.mcpdrivers.engine;

import io.mcpdrivers.spi.DriverProperty;
import io.mcpdrivers.spi.McpUri;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of parameters that stand in the query of a URL, which is the server's, and so have no effect. */
final class MisplacedParameters {

    private static final Logger log = LoggerFactory.getLogger(MisplacedParameters.class);

    /** The URIs, masked, that were warned of; of more than this many, nothing is said. */
    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

    private static final int MOST_WARNED = 1_000;

    private MisplacedParameters() {}

    /**
     * Warns once of each URI. The values, which may be secrets, are not shown.
     *
     * @param uri the URI, its placeholders unresolved
     * @param known the parameters that its fragment may hold
     */
    static void warn(McpUri uri, List<DriverProperty> known) {
        List<String> names = find(uri.target(), known);
        if (names.isEmpty() || WARNED.size() >= MOST_WARNED) {
            return;
        }
        String shown = uri.toString();
        if (WARNED.add(shown)) {
            int query = shown.indexOf('?');
            log.warn(
                    "The query of '{}' is sent to the server as it is, {} in it too; what is meant as a parameter has to"
                            + " stand behind '#'",
                    query < 0 ? shown : shown.substring(0, query),
                    String.join(", ", names));
        }
    }

    /** The names of parameters in the query of a target, if that is a URL. */
    static List<String> find(String target, List<DriverProperty> known) {
        int query = target.indexOf('?');
        if (query < 0 || !target.substring(0, query).contains("://")) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (String each : target.substring(query + 1).split("&", -1)) {
            int equals = each.indexOf('=');
            String name = equals < 0 ? "" : each.substring(0, equals);
            if (!names.contains(name) && known.stream().anyMatch(property -> property.matches(name))) {
                names.add(name);
            }
        }
        return names;
    }
}
