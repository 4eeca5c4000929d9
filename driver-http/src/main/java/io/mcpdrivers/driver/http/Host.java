package io.mcpdrivers.driver.http;

/**
 * Where connections go to: an origin, or a proxy.
 *
 * @param scheme in lower case
 * @param name in lower case, an IPv6 address without its brackets
 * @param port from 1 to 65535
 */
record Host(String scheme, String name, int port) {

    boolean isSecure() {
        return scheme.equals("https");
    }

    /** Name and port. */
    String address() {
        return bracketed() + ":" + port;
    }

    /** The same without the port if it is the scheme's own. */
    String authority() {
        return port == (isSecure() ? 443 : 80) ? bracketed() : address();
    }

    private String bracketed() {
        return name.indexOf(':') < 0 ? name : "[" + name + "]";
    }

    /** As a URL without a path. */
    @Override
    public String toString() {
        return scheme + "://" + address();
    }
}
