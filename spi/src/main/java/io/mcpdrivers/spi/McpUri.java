package io.mcpdrivers.spi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Names an MCP server and how to reach it:
 *
 * <pre>
 * mcp:stdio:npx?arg=-y&amp;arg=@modelcontextprotocol/server-everything&amp;env.DEBUG=1&amp;requestTimeout=1m
 * mcp:https://host/mcp?query-of-the-server#header.Authorization=Bearer%20${env:TOKEN}
 * mcp:unix:/run/server.sock
 * </pre>
 *
 * <p>The scheme follows {@code mcp:}; the driver of that scheme reads the rest, the target. Where the target is a URL,
 * its query belongs to the server and the parameters stand in the fragment, which is never sent; elsewhere the
 * parameters follow a question mark. Names and values are percent-encoded UTF-8 (RFC 3986; a plus sign is itself).
 * <code>${env:NAME}</code>, <code>${sys:name}</code> and <code>${NAME:-default}</code> stand for values that
 * {@link #resolve()} fills in; a default may hold further ones, up to 10 within each other.
 *
 * <p>{@link #toString()} never shows a secret. Two URIs are equal if their {@linkplain #canonical() canonical forms}
 * are. Immutable.
 */
public final class McpUri {

    static final String PREFIX = "mcp:";

    /** What a text was before its placeholders were filled in, and what they stand for. */
    record Source(String text, Map<String, String> values) {}

    /** One parameter; {@code source} is there if the value came out of a placeholder. */
    record Parameter(String name, String value, @Nullable Source source) {
        /** The value as it was written. */
        String written() {
            return source == null ? value : source.text;
        }
    }

    private final String scheme;
    private final String target;
    private final @Nullable Source targetSource;
    private final List<Parameter> parameters;
    /** Made when first asked for; two threads that do so make the same. */
    private volatile @Nullable String canonical;
    /** What {@link #redact} hides, the longest first; found when first needed. */
    private volatile @Nullable List<String> secrets;

    /**
     * Makes a URI of parts that are not encoded.
     *
     * @throws McpUriException if they cannot be written as a URI
     */
    McpUri(String scheme, String target, @Nullable Source targetSource, List<Parameter> parameters) {
        if (target.isEmpty()) {
            throw new McpUriException("the target of '" + PREFIX + scheme + ":' is empty", -1);
        }
        if (McpUriParser.isUrl(target)) {
            McpUriParser.checkUrl(target, -1);
        }
        checkUnicode("the target", target);
        for (Parameter parameter : parameters) {
            checkUnicode("a parameter's name", parameter.name);
            checkUnicode("parameter '" + parameter.name + "'", parameter.value);
        }
        this.scheme = scheme;
        this.target = target;
        this.targetSource = targetSource;
        this.parameters = List.copyOf(parameters);
    }

    private static void checkUnicode(String what, String text) {
        if (!McpUriParser.isUnicode(text)) {
            throw new McpUriException(what + " holds half of a character (a surrogate without its other half)", -1);
        }
    }

    /**
     * Reads a URI.
     *
     * @param text the URI
     * @return the parsed URI, its placeholders unresolved
     * @throws McpUriException if it is not of the form above; the message gives the position and the reason
     */
    public static McpUri parse(String text) {
        Objects.requireNonNull(text, "text");
        try {
            return McpUriParser.parse(text);
        } catch (McpUriException e) {
            throw new McpUriException(
                    "Invalid MCP URI" + (e.position() < 0 ? "" : " at position " + e.position()) + ": " + e.getMessage()
                            + " (in '" + Secrets.maskUnparsed(text) + "')",
                    e.position());
        }
    }

    /**
     * Builds a URI from its parts.
     *
     * @param scheme the scheme, for example {@code stdio}
     * @param target what the driver connects to, not encoded: a command, a URL, a path
     * @return a builder without parameters
     */
    public static Builder builder(String scheme, String target) {
        return new Builder(scheme, target, null, List.of());
    }

    /**
     * Which driver reads this URI.
     *
     * @return the scheme in lower case, for example {@code stdio}
     */
    public String scheme() {
        return scheme;
    }

    /**
     * What the driver connects to: for {@code mcp:stdio:npx?arg=-y} the decoded {@code npx}, for
     * {@code mcp:https://host/mcp?a=b#requestTimeout=1m} the URL {@code https://host/mcp?a=b} as it stands. May hold
     * secrets; {@link #display()} does not.
     *
     * @return the target; not empty
     */
    public String target() {
        return target;
    }

    /**
     * The value of a parameter that stands at most once.
     *
     * @param name the parameter's name
     * @return its decoded value, or null if it is absent
     * @throws McpUriException if it stands there more than once
     */
    public @Nullable String parameter(String name) {
        List<String> values = parameters(name);
        if (values.size() > 1) {
            throw new McpUriException(
                    "Parameter '" + name + "' stands " + values.size() + " times, but takes one value (in '" + this
                            + "')",
                    -1);
        }
        return values.isEmpty() ? null : values.get(0);
    }

    /**
     * All values of a parameter.
     *
     * @param name the parameter's name
     * @return the decoded values in their order; empty if it is absent
     */
    public List<String> parameters(String name) {
        List<String> values = new ArrayList<>();
        for (Parameter parameter : parameters) {
            if (parameter.name.equals(name)) {
                values.add(parameter.value);
            }
        }
        return Collections.unmodifiableList(values);
    }

    /**
     * The parameters whose names begin with a prefix, such as {@code env.}.
     *
     * @param prefix the prefix with its dot
     * @return name behind the prefix to value, sorted by name
     * @throws McpUriException if one stands there more than once
     */
    public Map<String, String> parametersWithPrefix(String prefix) {
        Map<String, String> found = new TreeMap<>();
        for (String name : parameterNames()) {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), Objects.requireNonNull(parameter(name)));
            }
        }
        return Collections.unmodifiableMap(found);
    }

    /**
     * The names of the parameters that are there.
     *
     * @return each name once, in order of first appearance
     */
    public List<String> parameterNames() {
        return parameters.stream().map(Parameter::name).distinct().toList();
    }

    /**
     * The value of a parameter as a duration, see {@link ParameterValues#duration}.
     *
     * @param name the parameter's name
     * @param absent what to give if it is absent
     * @return the duration
     * @throws McpUriException if its value is no duration
     */
    public Duration duration(String name, Duration absent) {
        return value(name, absent, ParameterValues::duration);
    }

    /**
     * The value of a parameter as a number of bytes, see {@link ParameterValues#size}.
     *
     * @param name the parameter's name
     * @param absent what to give if it is absent
     * @return the number of bytes
     * @throws McpUriException if its value is no size
     */
    public long size(String name, long absent) {
        return value(name, absent, ParameterValues::size);
    }

    /**
     * The value of a parameter as a truth value.
     *
     * @param name the parameter's name
     * @param absent what to give if it is absent
     * @return the value
     * @throws McpUriException if its value is neither {@code true} nor {@code false}
     */
    public boolean bool(String name, boolean absent) {
        return value(name, absent, ParameterValues::bool);
    }

    private <T> T value(String name, T absent, Function<String, T> reader) {
        String value = parameter(name);
        if (value == null) {
            return absent;
        }
        try {
            return reader.apply(value);
        } catch (IllegalArgumentException e) {
            String reason = String.valueOf(e.getMessage());
            if (!display(name).contains(value)) {
                reason = reason.replace("'" + value + "'", "'" + Secrets.MASK + "'");
            }
            throw new McpUriException("Parameter '" + name + "': " + reason + " (in '" + this + "')", -1);
        }
    }

    /**
     * Fills in the placeholders from the environment and the system properties of this process.
     *
     * @return this URI without placeholders
     * @throws McpUriException if one names something that is not set and has no default
     */
    public McpUri resolve() {
        return resolve(Placeholders::lookUp);
    }

    /**
     * Fills in the placeholders.
     *
     * @param lookup takes {@code env:NAME} or {@code sys:name} and gives the value, or null if it is not set
     * @return this URI without placeholders
     * @throws McpUriException if one names something that is not set and has no default
     */
    public McpUri resolve(Function<String, @Nullable String> lookup) {
        if (!isOpen(target, targetSource) && parameters.stream().noneMatch(p -> isOpen(p.value, p.source))) {
            return this;
        }
        List<Parameter> resolved = new ArrayList<>(parameters.size());
        for (Parameter p : parameters) {
            if (isOpen(p.value, p.source)) {
                Map<String, String> values = new HashMap<>();
                String value = Placeholders.resolve(p.value, "parameter '" + p.name + "'", lookup, values);
                resolved.add(new Parameter(p.name, value, new Source(p.value, values)));
            } else {
                resolved.add(p);
            }
        }
        if (!isOpen(target, targetSource)) {
            return new McpUri(scheme, target, targetSource, resolved);
        }
        Map<String, String> values = new HashMap<>();
        String value = Placeholders.resolve(target, "'" + PREFIX + scheme + ":...'", lookup, values);
        return new McpUri(scheme, value, new Source(target, values), resolved);
    }

    /** What came out of a placeholder is never searched for more of them. */
    private static boolean isOpen(String text, @Nullable Source source) {
        return source == null && Placeholders.in(text);
    }

    /**
     * A builder that starts from this URI.
     *
     * @return the builder
     */
    public Builder toBuilder() {
        return new Builder(scheme, target, targetSource, parameters);
    }

    /**
     * One way to write this URI: escapes where needed and nowhere else, parameters sorted by name, the values of one
     * name in their order. Holds the secrets in clear.
     *
     * @return the canonical form, which {@link #parse} reads back to an equal URI
     */
    public String canonical() {
        String known = canonical;
        if (known == null) {
            known = canonical(name -> true);
            canonical = known;
        }
        return known;
    }

    /**
     * The canonical form with some of the parameters left out, for comparing what remains. Holds secrets in clear.
     *
     * @param included which parameters to keep, by name
     * @return the form
     */
    public String canonical(Predicate<String> included) {
        return write(canonicalTarget(), included, (parameter, i) -> parameter.value);
    }

    private String canonicalTarget() {
        if (!McpUriParser.isUrl(target) || Placeholders.in(target)) {
            return target;
        }
        int authority = target.indexOf("://") + 3;
        int path = authority;
        while (path < target.length() && "/?".indexOf(target.charAt(path)) < 0) {
            path++;
        }
        int host = target.lastIndexOf('@', path - 1) + 1;
        host = Math.max(host, authority);
        return target.substring(0, authority).toLowerCase(Locale.ROOT)
                + target.substring(authority, host)
                + target.substring(host, path).toLowerCase(Locale.ROOT)
                + target.substring(path);
    }

    /** Gives the text to show or compare for the parameter at an index. */
    private interface ValueOf {
        String of(Parameter parameter, int index);
    }

    private String write(String writtenTarget, Predicate<String> included, ValueOf values) {
        boolean url = McpUriParser.isUrl(writtenTarget);
        StringBuilder out = new StringBuilder(PREFIX);
        if (!url) {
            out.append(scheme).append(':').append(PercentCoding.encode(writtenTarget));
        } else if (writtenTarget.regionMatches(true, 0, scheme + "://", 0, scheme.length() + 3)) {
            out.append(writtenTarget);
        } else {
            out.append(scheme).append(':').append(writtenTarget);
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            if (included.test(parameters.get(i).name)) {
                order.add(i);
            }
        }
        order.sort(Comparator.comparing(i -> parameters.get(i).name));
        char separator = url ? '#' : '?';
        for (int i : order) {
            Parameter parameter = parameters.get(i);
            out.append(separator)
                    .append(PercentCoding.encodeName(parameter.name))
                    .append('=')
                    .append(PercentCoding.encode(values.of(parameter, i)));
            separator = '&';
        }
        return out.toString();
    }

    /**
     * The target as it may be shown: user info and secret query parameters of a URL are hidden.
     *
     * @return the masked target
     */
    public String display() {
        String written = targetSource == null ? target : targetSource.text;
        return McpUriParser.isUrl(written) ? Secrets.maskUrl(written) : Secrets.mask(written, false);
    }

    /**
     * All values of a parameter as they may be shown to anybody, as {@link #toString()} shows them.
     *
     * @param name the parameter's name
     * @return the decoded values in their order, secrets masked; empty if it is absent
     */
    public List<String> display(String name) {
        List<Boolean> secret = secretParameters();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            if (parameters.get(i).name.equals(name)) {
                values.add(Secrets.mask(parameters.get(i).written(), secret.get(i)));
            }
        }
        return Collections.unmodifiableList(values);
    }

    /**
     * Hides the secrets of this URI in a text, such as what a server has printed: each occurrence of a secret value of
     * at least four characters becomes {@code ***}, user and password of a URL also in the form that HTTP's {@code Basic}
     * sends.
     *
     * @param text any text
     * @return the text without them
     */
    public String redact(String text) {
        return redact(text, List.of());
    }

    /**
     * Hides the secrets of this URI in a text, and others that do not stand in it, such as the values of headers that
     * are asked for before each request. They are hidden as those of the URI are: also without the scheme or the user
     * name before them.
     *
     * @param text any text
     * @param others further secret values
     * @return the text without them
     */
    public String redact(String text, Collection<String> others) {
        List<String> hidden = secrets;
        if (hidden == null) {
            hidden = longestFirst(secretValues());
            secrets = hidden;
        }
        if (!others.isEmpty()) {
            List<String> all = new ArrayList<>(hidden);
            others.forEach(secret -> Secrets.forms(secret, all::add));
            hidden = longestFirst(all);
        }
        String redacted = text;
        for (String secret : hidden) {
            redacted = redacted.replace(secret, Secrets.MASK);
        }
        return redacted;
    }

    private static List<String> longestFirst(List<String> secrets) {
        return secrets.stream()
                .filter(secret -> secret.length() >= 4)
                .distinct()
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
    }

    private List<String> secretValues() {
        List<String> found = new ArrayList<>();
        if (McpUriParser.isUrl(target)) {
            Secrets.inUrl(target, found::add);
        } else {
            Secrets.in(target, false, found::add);
        }
        Secrets.inPlaceholders(targetSource, false, found::add);
        List<Boolean> secret = secretParameters();
        for (int i = 0; i < parameters.size(); i++) {
            Parameter p = parameters.get(i);
            Secrets.in(p.value, secret.get(i), found::add);
            Secrets.inPlaceholders(p.source, secret.get(i), found::add);
            if (p.source != null) {
                found.add(p.value);
            }
        }
        return found;
    }

    /** For each parameter, whether its whole value is secret, for its name or for the argument before it. */
    private List<Boolean> secretParameters() {
        List<String> arguments = parameters.stream()
                .filter(p -> p.name.equals("arg"))
                .map(Parameter::written)
                .toList();
        Iterator<Boolean> follow = Secrets.followSecretNames(arguments).iterator();
        return parameters.stream()
                .map(p -> p.name.equals("arg") ? follow.next() : Secrets.isSecretName(p.name))
                .toList();
    }

    /**
     * The URI as it may be shown to anybody: the values of {@code env.*}, {@code header.*} and of everything named like
     * a token, key, secret or password are hidden, and placeholders stay as they were written.
     *
     * @return the masked URI
     */
    @Override
    public String toString() {
        List<Boolean> secret = secretParameters();
        return write(display(), name -> true, (p, i) -> Secrets.mask(p.written(), secret.get(i)));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof McpUri that && canonical().equals(that.canonical());
    }

    @Override
    public int hashCode() {
        return canonical().hashCode();
    }

    /** Builds a URI. Not thread-safe. */
    public static final class Builder {
        private final String scheme;
        private final String target;
        private final @Nullable Source targetSource;
        private final List<Parameter> parameters;

        private Builder(String scheme, String target, @Nullable Source targetSource, List<Parameter> parameters) {
            this.scheme = Objects.requireNonNull(scheme, "scheme");
            this.target = Objects.requireNonNull(target, "target");
            this.targetSource = targetSource;
            this.parameters = new ArrayList<>(parameters);
        }

        /**
         * Adds a parameter behind those that are there.
         *
         * @param name its name; not empty
         * @param value its value, not encoded; may hold placeholders
         * @return this builder
         */
        public Builder add(String name, String value) {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("name is empty");
            }
            parameters.add(new Parameter(name, Objects.requireNonNull(value, "value"), null));
            return this;
        }

        /**
         * Replaces all values of a parameter by one.
         *
         * @param name its name; not empty
         * @param value its value, not encoded; may hold placeholders
         * @return this builder
         */
        public Builder set(String name, String value) {
            parameters.removeIf(p -> p.name.equals(name));
            return add(name, value);
        }

        /**
         * Gives the URI.
         *
         * @return the URI
         * @throws McpUriException if the scheme or the target is not one
         */
        public McpUri build() {
            McpUri built = new McpUri(scheme, target, targetSource, parameters);
            McpUri parsed = parse(built.canonical());
            if (!parsed.scheme.equals(scheme.toLowerCase(Locale.ROOT))) {
                throw new McpUriException(
                        "'" + scheme + "' is not a scheme that '" + built.display() + "' can have", -1);
            }
            return new McpUri(parsed.scheme, targetSource == null ? parsed.target : target, targetSource, parameters);
        }
    }
}
