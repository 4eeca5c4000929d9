package io.mcpdrivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mcpdrivers.spi.McpDriver;
import io.mcpdrivers.spi.McpUri;
import io.mcpdrivers.spi.OpenOptions;
import io.mcpdrivers.spi.Transport;
import io.mcpdrivers.spi.TransportException;
import io.mcpdrivers.testing.ContextDriver;
import io.mcpdrivers.testing.FoundDriver;
import io.mcpdrivers.testing.NothingLeft;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Finding drivers; the test resources name three providers that cannot be loaded beside {@link FoundDriver}. */
@ExtendWith(NothingLeft.class)
class DriversTest {

    /** Registered by hand, for the same scheme. */
    private static class Registered extends FoundDriver {}

    private static final class Second extends Registered {}

    private static final class Careless extends FoundDriver {
        @Override
        public boolean accepts(McpUri uri) {
            throw new IllegalStateException("cannot look");
        }

        @Override
        public Set<String> schemes() {
            throw new NoClassDefFoundError("gone");
        }

        @Override
        public Transport open(McpUri uri, OpenOptions options) {
            throw new IllegalStateException("never asked");
        }
    }

    private static final class Failing extends FoundDriver {
        @Override
        public Transport open(McpUri uri, OpenOptions options) {
            throw new IllegalStateException("broken driver");
        }
    }

    private static final class Interrupted extends FoundDriver {
        @Override
        public Transport open(McpUri uri, OpenOptions options) throws TransportException {
            Thread.currentThread().interrupt();
            throw new TransportException(TransportException.Kind.CONNECTION, "its channel was closed");
        }
    }

    private static void assertOpenedBy(String name) {
        assertThatThrownBy(() -> McpDrivers.open("mcp:found:x"))
                .isInstanceOf(McpConnectionException.class)
                .hasMessage("opened by " + name);
    }

    @Test
    void providers_that_cannot_be_loaded_are_left_out() {
        assertThat(McpDrivers.drivers())
                .hasOnlyElementsOfType(FoundDriver.class)
                .hasSize(1);
        assertOpenedBy("FoundDriver");
    }

    @Test
    void the_driver_registered_last_is_asked_first() {
        McpDriver one = new Registered();
        McpDriver two = new Second();
        McpDrivers.register(one);
        McpDrivers.register(two);
        try {
            assertThat(McpDrivers.drivers()).startsWith(two, one).hasSize(3);
            assertOpenedBy("Second");
            assertThat(McpDrivers.deregister(two)).isTrue();
            assertThat(McpDrivers.deregister(two)).isFalse();
            assertOpenedBy("Registered");
        } finally {
            McpDrivers.deregister(two);
            McpDrivers.deregister(one);
        }
        assertOpenedBy("FoundDriver");
    }

    @Test
    void a_driver_that_was_found_can_be_removed() {
        McpDriver found = McpDrivers.drivers().get(0);
        assertThat(McpDrivers.deregister(found)).isTrue();
        try {
            assertThatThrownBy(() -> McpDrivers.open("mcp:found:x"))
                    .isInstanceOf(McpConfigurationException.class)
                    .hasMessageContaining("none was found");
        } finally {
            McpDrivers.register(found);
        }
    }

    @Test
    void a_driver_that_throws_when_asked_is_passed_over() {
        McpDriver careless = new Careless();
        McpDrivers.register(careless);
        try {
            assertOpenedBy("FoundDriver");
            assertThatThrownBy(() -> McpDrivers.open("mcp:other:x")).hasMessageContaining("Available: found");
        } finally {
            McpDrivers.deregister(careless);
        }
    }

    @Test
    void a_driver_that_fails_otherwise_than_it_may_is_a_failed_connection() {
        McpDriver failing = new Failing();
        McpDrivers.register(failing);
        try {
            assertThatThrownBy(() -> McpDrivers.open("mcp:found:x"))
                    .isInstanceOf(McpConnectionException.class)
                    .hasMessageContaining("broken driver");
        } finally {
            McpDrivers.deregister(failing);
        }
    }

    @Test
    void a_connection_that_fails_on_an_interrupted_thread_is_an_interrupt() {
        McpDriver interrupted = new Interrupted();
        McpDrivers.register(interrupted);
        try {
            assertThatThrownBy(() -> McpDrivers.open("mcp:found:x"))
                    .isInstanceOf(McpInterruptedException.class)
                    .hasMessageContaining("mcp:found:x")
                    .hasRootCauseMessage("its channel was closed");
            assertThat(Thread.interrupted()).as("the interrupt flag").isTrue();
        } finally {
            McpDrivers.deregister(interrupted);
            boolean unused = Thread.interrupted();
        }
    }

    @Test
    void the_context_class_loader_is_asked_when_no_other_driver_fits(@TempDir Path folder) throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(McpDriver.class.getName()), ContextDriver.class.getName());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader context =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, McpDrivers.class.getClassLoader())) {
            thread.setContextClassLoader(context);

            assertThatThrownBy(() -> McpDrivers.open("mcp:context:x")).hasMessage("opened by ContextDriver");
            assertThatThrownBy(() -> McpDrivers.open("mcp:nothing:x")).hasMessageContaining("context, found");
            assertThat(McpDrivers.drivers()).hasSize(1);
        } finally {
            thread.setContextClassLoader(before);
        }
        assertThatThrownBy(() -> McpDrivers.open("mcp:context:x"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("Available: found");
    }

    @Test
    void a_thread_without_a_context_class_loader_finds_what_there_is() {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try {
            thread.setContextClassLoader(null);
            assertOpenedBy("FoundDriver");
            assertThatThrownBy(() -> McpDrivers.getConnection("mcp:server:files"))
                    .isInstanceOf(McpConfigurationException.class);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void a_scheme_without_a_driver_names_those_there_are_and_the_nearest() {
        assertThatThrownBy(() -> McpDrivers.open("mcp:fuond:x"))
                .isInstanceOf(McpConfigurationException.class)
                .hasMessageContaining("No driver accepts 'mcp:fuond:x'")
                .hasMessageContaining("Available: found")
                .hasMessageContaining("did you mean 'found'?");
        assertThatThrownBy(() -> McpDrivers.open("mcp:wholly-different:x"))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("did you mean"));
    }

    @ParameterizedTest
    @CsvSource({
        "mcp:http://localhost:1/mcp, mcp-driver-http",
        "mcp:https://localhost:1/mcp, mcp-driver-http",
        "mcp:sse:http://localhost:1/sse, mcp-driver-http",
        "mcp:stdio:npx, mcp-driver-stdio"
    })
    void a_scheme_whose_driver_is_not_there_names_what_has_it(String uri, String artifact) {
        assertThatThrownBy(() -> McpDrivers.open(uri))
                .hasMessageContaining("Available: found")
                .hasMessageContaining("; put " + artifact + " on the class path or module path");
    }

    @Test
    @SuppressWarnings("NullAway") // What a caller without a null checker may do.
    void a_uri_must_be_given() {
        assertThatThrownBy(() -> McpDrivers.open((String) null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("uri");
        assertThatThrownBy(() -> McpDrivers.getConnection((String) null)).hasMessage("uri");
    }

    @Test
    void a_configured_server_needs_the_pool() {
        for (String uri : List.of("mcp:server:files", "mcp:server:files?pool=false")) {
            assertThatThrownBy(() -> McpDrivers.getConnection(uri))
                    .isInstanceOf(McpConfigurationException.class)
                    .hasMessageContaining("mcp-drivers-pool");
            assertThatThrownBy(() -> McpDrivers.open(uri)).hasMessageContaining("mcp-drivers-pool");
        }
    }
}
