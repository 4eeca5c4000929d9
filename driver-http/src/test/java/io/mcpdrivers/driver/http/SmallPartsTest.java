package io.mcpdrivers.driver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mcpdrivers.spi.TransportException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmallPartsTest {

    @Test
    void values_that_a_header_cannot_hold_are_encoded_as_the_specification_shows() {
        assertThat(HeaderValues.encode("us-west1")).isEqualTo("us-west1");
        assertThat(HeaderValues.encode("Hello, 世界")).isEqualTo("=?base64?SGVsbG8sIOS4lueVjA==?=");
        assertThat(HeaderValues.encode(" padded ")).isEqualTo("=?base64?IHBhZGRlZCA=?=");
        assertThat(HeaderValues.encode("line1\nline2")).isEqualTo("=?base64?bGluZTEKbGluZTI=?=");
        assertThat(HeaderValues.encode("=?base64?literal?=")).isEqualTo("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=");
        assertThat(HeaderValues.encode("a b\tc")).isEqualTo("a b\tc");
        assertThat(HeaderValues.encode("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"jsonrpc\":\"2.0\",\"id\":12,\"result\":{}}; RESPONSE; 12",
                "{ \"result\" : { \"id\" : 5, \"method\" : \"x\", \"s\":\"}\\\"{\" } , \"id\" : 12 }; RESPONSE; 12",
                "{\"error\":{\"code\":1},\"id\":null}; RESPONSE; -1",
                "{\"id\":\"12\",\"result\":1}; RESPONSE; -1",
                "{\"id\":1.5,\"result\":1}; RESPONSE; -1",
                "{\"id\":3,\"method\":\"ping\"}; REQUEST_OR_NOTIFICATION; 3",
                "{\"method\":\"n\",\"params\":{\"result\":1}}; REQUEST_OR_NOTIFICATION; -1",
                "[{\"id\":1,\"result\":1}]; OTHER; -1",
                "<html>; OTHER; -1",
                "{\"id\":; OTHER; -1",
                "{\"a\\; OTHER; -1",
            })
    void a_glance_tells_a_response_and_its_id(String message, MessageGlance.Kind kind, long id) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        MessageGlance glance = MessageGlance.at(bytes, 0, bytes.length);
        assertThat(glance.kind()).isEqualTo(kind);
        assertThat(glance.id()).isEqualTo(id);
    }

    @Test
    void connecting_may_take_as_long_as_it_is_given() {
        assertThat(Connector.millis(30_000_000_000L)).isEqualTo(30_000);
        assertThat(Connector.millis(Long.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(Connector.millis(1)).isEqualTo(1);
        assertThat(Connector.millis(-5_000_000)).isEqualTo(1);
    }

    @Test
    void retry_after_is_read_as_seconds_or_as_a_date() {
        assertThat(Wire.retryAfterNanos("2")).isEqualTo(2_000_000_000L);
        assertThat(Wire.retryAfterNanos(null)).isEqualTo(-1);
        assertThat(Wire.retryAfterNanos("soon")).isEqualTo(-1);
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(3600));
        assertThat(Wire.retryAfterNanos(date)).isBetween(3_500_000_000_000L, 3_601_000_000_000L);
    }

    @Test
    void a_server_that_holds_all_its_threads_holds_up_no_other() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch ran = new CountDownLatch(2);
        Semaphore one = new Semaphore(1);
        Semaphore other = new Semaphore(1);
        try {
            assertThat(RequestThreads.execute(one, () -> await(hangs), 10_000_000_000L))
                    .isTrue();
            assertThat(RequestThreads.execute(one, () -> await(hangs), 20_000_000L))
                    .isFalse();
            assertThat(RequestThreads.execute(other, ran::countDown, 10_000_000_000L))
                    .isTrue();
            assertThat(RequestThreads.tryFinish(ran::countDown)).isTrue();
            assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            hangs.countDown();
        }
        assertThat(one.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        assertThat(other.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            boolean unused = latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void the_time_that_a_server_keeps_a_connection_is_shortened_by_a_second() {
        assertThat(KeepAlive.nanos(null)).isEqualTo(30_000_000_000L);
        assertThat(KeepAlive.nanos("timeout=5, max=100")).isEqualTo(4_000_000_000L);
        assertThat(KeepAlive.nanos("max=100,Timeout = \"2\"")).isEqualTo(1_000_000_000L);
        assertThat(KeepAlive.nanos("timeout=1")).isEqualTo(501_000_000L);
        assertThat(KeepAlive.nanos("timeout=0")).isEqualTo(1_000_000L);
        assertThat(KeepAlive.nanos("timeout=999999")).isEqualTo(30_000_000_000L);
        assertThat(KeepAlive.nanos("timeout=soon")).isEqualTo(30_000_000_000L);
    }

    @ParameterizedTest
    @CsvSource({
        "?sessionId=1, /mcp/sse?sessionId=1",
        "' ?sessionId=1 ', /mcp/sse?sessionId=1",
        "?, /mcp/sse?",
        "messages?sessionId=1, /mcp/messages?sessionId=1",
        "/messages?sessionId=1, /messages?sessionId=1",
        "../messages, /messages",
        "#top, /mcp/sse?key=1",
    })
    void a_reference_leads_to_where_rfc_3986_says(String reference, String path) throws Exception {
        Endpoint at = Endpoint.of("http://h:1/mcp/sse?key=1");
        Endpoint to = at.resolve(reference);
        assertThat(to.path()).isEqualTo(path);
        assertThat(to.isSameOrigin(at)).isTrue();
    }

    @Test
    void a_reference_that_is_none_leads_nowhere() throws Exception {
        Endpoint at = Endpoint.of("http://h:1/mcp/sse?key=1");
        for (String reference : new String[] {"? a b", "%", "? "}) {
            TransportException failure =
                    catchThrowableOfType(TransportException.class, () -> at.resolve(reference + "%"));
            assertThat(failure.kind()).isEqualTo(TransportException.Kind.PROTOCOL);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://my_server:3000/mcp, http://my_server:3000, /mcp",
        "http://my_server/mcp, http://my_server:80, /mcp",
        "HTTP://My_Server:?a=b, http://my_server:80, /?a=b",
        "http://user:p@ss@my_server:3000/mcp, http://my_server:3000, /mcp",
        "http://a.b_c.example:3000/mcp, http://a.b_c.example:3000, /mcp",
        "http://example.com:3000/mcp, http://example.com:3000, /mcp",
        "http://example.com:/mcp, http://example.com:80, /mcp",
        "http://user:pass@example.com/mcp, http://example.com:80, /mcp",
        "http://[::1]:3000/mcp, http://[::1]:3000, /mcp",
        "https://[2001:DB8::1], https://[2001:db8::1]:443, /",
    })
    void a_url_names_a_host(String url, String origin, String path) throws Exception {
        Endpoint endpoint = Endpoint.of(url);
        assertThat(endpoint.host()).hasToString(origin);
        assertThat(endpoint.path()).isEqualTo(path);
        assertThat(endpoint.resolve("next").host()).isEqualTo(endpoint.host());
    }

    @ParameterizedTest
    @CsvSource({
        "http:///mcp, it names no host",
        "http://?a, it names no host",
        "http://user@/mcp, its host must be",
        "http://:3000/mcp, its host must be",
        "http://my server/mcp, is no URL",
        "http://b\u00fccher_x/mcp, its host must be",
        "http://my_server:x/mcp, a number",
        "http://my_server:30:00/mcp, its host must be",
        "http://my_server:0/mcp, from 1 to 65535",
        "http://my_server:65536/mcp, from 1 to 65535",
        "http://my_server:99999999999/mcp, from 1 to 65535",
        "http://my_server_[::1]/mcp, is no URL",
        "https://my_server/mcp, has an underscore",
        "http://[::1/mcp, is no URL",
    })
    void a_url_without_a_host_that_can_be_connected_to_is_refused_with_the_reason(String url, String reason) {
        TransportException failure = catchThrowableOfType(TransportException.class, () -> Endpoint.of(url));
        assertThat(failure).hasMessageContaining(reason);
        assertThat(failure.kind()).isEqualTo(TransportException.Kind.CONFIGURATION);
    }
}
