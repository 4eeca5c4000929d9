package io.mcpdrivers.integration.http;

import io.mcpdrivers.McpConnection;
import io.mcpdrivers.McpDrivers;
import io.mcpdrivers.McpException;
import io.mcpdrivers.pool.McpPool;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** An application that prints whatever it can get hold of: exceptions, the pool's status, JMX. */
final class TalkativeApplication {

    private TalkativeApplication() {}

    /**
     * Uses servers.
     *
     * @param uris of well-behaved ones and others
     */
    public static void main(String[] uris) throws Exception {
        try (McpPool pool = McpPool.builder().build()) {
            for (String uri : List.of(uris)) {
                attempt(() -> McpDrivers.open(uri));
                attempt(() -> pool.getConnection(uri));
            }
            System.out.println(pool.status());
            printBeans();
        }
        System.out.println("done");
    }

    /** Something that gives a connection. */
    private interface Opening {
        McpConnection open();
    }

    private static void attempt(Opening opening) {
        try (McpConnection connection = opening.open()) {
            System.out.println(connection + " " + connection.metadata());
            System.out.println(connection.callTool("echo", Map.of("message", "hello")));
        } catch (McpException e) {
            e.printStackTrace();
        }
    }

    private static void printBeans() throws Exception {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : beans.queryNames(new ObjectName("io.mcpdrivers:*"), null)) {
            System.out.println(name);
            for (MBeanAttributeInfo attribute : beans.getMBeanInfo(name).getAttributes()) {
                System.out.println(attribute.getName() + "=" + beans.getAttribute(name, attribute.getName()));
            }
        }
    }
}
