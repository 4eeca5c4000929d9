package io.mcpdrivers.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class McpUriSecretsTest {

    private static final String SECRET = "hunter2";

    /** Ways in which a secret stands in a URI. */
    static List<String> spellings() {
        List<String> spellings = new ArrayList<>();
        for (String name : List.of(
                "env.ANY",
                "header.Any",
                "header.Authorization",
                "token",
                "accessToken",
                "api-key",
                "apiKey",
                "secret",
                "client_secret",
                "password",
                "passwd",
                "passphrase",
                "db.pwd",
                "credentials",
                "auth",
                "x-auth",
                "pat",
                "cookie",
                "jwt",
                "sig",
                "X-Amz-Signature",
                "APIKEY",
                "env%2EANY",
                "to%6Ben")) {
            spellings.add("mcp:stdio:npx?" + name + "=hunter2");
            spellings.add("mcp:stdio:npx?" + name + "=a%26hunter2");
            spellings.add("mcp:stdio:npx?" + name + "=hunter2%0Ahunter2");
            spellings.add("mcp:stdio:npx?" + name + "=%68unter2");
            spellings.add("mcp:stdio:npx?" + name + "=hunter2&" + name + "=hunter2");
            spellings.add("mcp:https://h/p#" + name + "=Bearer hunter2");
            spellings.add("mcp:stdio:npx?" + name + "=${UNSET:-hunter2}");
            spellings.add("mcp:stdio:npx?" + name + "=hunter2${SET}hunter2");
            spellings.add("mcp:stdio:npx?" + name + "=hunter2$${SET}");
            spellings.add("mcp:stdio:npx?" + name + "=hunter2${SET");
            String parameter = name.replace("env", "token").replace("header", "key");
            spellings.add("mcp:https://h/p?x=1&" + parameter + "=hunter2&y=1");
        }
        for (String arguments : List.of(
                "arg=--token=hunter2",
                "arg=--token&arg=hunter2",
                "arg=--token&arg=-hunter2",
                "arg=--api-key&arg=hunter2",
                "arg=--api-key hunter2",
                "arg=API_KEY=hunter2",
                "arg=-e&arg=API_KEY=hunter2",
                "arg=--env=API_KEY=hunter2",
                "arg=Authorization: Bearer hunter2",
                "arg=--header&arg=Authorization: Bearer hunter2",
                "arg=--header=Authorization:hunter2",
                "arg=-H&arg=X-Api-Key:hunter2",
                "arg=Bearer hunter2",
                "arg={%22apiKey%22:%22hunter2%22}",
                "arg=--config={ 'x': 1, 'secretKey' : 'hunter2' }",
                "arg=https://me:hunter2@host/",
                "arg=--url=https://hunter2@host/x",
                "arg=postgres://me:hun/hunter2@db/x",
                "arg=https://h/?a=1%26token=hunter2",
                "arg=https://h/%23access_token=hunter2",
                "arg=Server=db;User=me;Password=hunter2",
                "arg=--token&arg=${UNSET:-hunter2}",
                "arg=--token=hunter2${SET}",
                "arg=${API_TOKEN:-hunter2}",
                "arg=${UNSET:-${API_TOKEN:-hunter2}}",
                "arg=${UNSET:-x${UNSET:-${API_TOKEN:-hunter2}}}",
                "arg=${API_TOKEN:-${UNSET:-hunter2}}",
                "arg=${UNSET:-https://me:hunter2@host/}",
                "arg=${UNSET:-https://me:${PW:-hunter2}@host/}",
                "arg=--token=${UNSET:-x${UNSET:-hunter2}}",
                "arg=https://me:${PW:-hunter2}@host/",
                "arg=https://me:${PW:-a/hunter2}@host/",
                "arg=--password&arg=hunter2&arg=--password&arg=hunter2",
                "arg=pass%77ord=hunter2",
                "registry=https://me:hunter2@host/",
                "other=--token=hunter2")) {
            spellings.add("mcp:stdio:npx?" + arguments);
        }
        for (String target : List.of(
                "https://me:hunter2@host/p",
                "https://hunter2@host/p",
                "https://me:x@hunter2@host/p",
                "https://me:hunter2 x@host/p",
                "https://me:x/hunter2@host/p",
                "https://host/p?token=hunter2",
                "https://host/p?a=1&api%2Dkey=hunter2",
                "https://host/p?a=1;token=hunter2",
                "https://host/p?token=x hunter2",
                "https://host/p?sig=hunter2&a=1",
                "https://me:${UNSET:-a/hunter2}@host/",
                "https://h/p?key=${UNSET:-hunter2}",
                "https://h/${API_KEY:-hunter2}/p",
                "sse:https://me:hunter2@host/p",
                "stdio:server TOKEN=hunter2")) {
            spellings.add("mcp:" + target);
        }
        return spellings;
    }

    @ParameterizedTest
    @MethodSource("spellings")
    void no_text_about_a_uri_holds_its_secret(String text) {
        McpUri uri = McpUri.parse(text);
        assertHidden(uri);
        Throwable unset = catchThrowable(() -> uri.resolve(name -> null));
        if (unset != null) {
            assertHidden(unset);
        }
        assertHidden(catchThrowable(() -> uri.resolve(name -> {
            throw new McpUriException("fails for " + name, -1);
        })));
        try {
            McpUri resolved = uri.resolve(name -> name.equals("env:SET") ? "value" : null);
            assertHidden(resolved);
            assertHidden(resolved.toBuilder().add("more", "1").build());
        } catch (McpUriException e) {
            assertThat(text).as("does not resolve").endsWith("${SET");
        }
        assertHidden(uri.toBuilder().add("more", "1").build());
    }

    @ParameterizedTest
    @MethodSource("spellings")
    void no_error_about_a_text_that_cannot_be_parsed_holds_its_secret(String text) {
        for (String broken : List.of(
                text + "&x",
                text + "&%",
                text + "&\n",
                text + "#",
                text.substring(4),
                text.replace("://", ":/"),
                text.replace("mcp:", "mpc:"),
                text.replace("mcp:", "mcp::"),
                text.replace("hunter2", "a&hunter2"),
                text.replace("hunter2", "a#hunter2"),
                text.replace("hunter2", "%hunter2"))) {
            Throwable e = catchThrowable(() -> McpUri.parse(broken));
            if (e != null) {
                assertHidden(e);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("spellings")
    void a_secret_that_a_server_prints_is_redacted(String text) {
        McpUri uri;
        try {
            uri = McpUri.parse(text).resolve(name -> name.equals("env:SET") ? "value" : null);
        } catch (McpUriException e) {
            return;
        }
        String value = uri.target() + " "
                + uri.parameterNames().stream().map(uri::parameters).toList();
        assertThat(uri.redact(value)).doesNotContain(SECRET);
    }

    private static void assertHidden(McpUri uri) {
        assertThat(uri.toString()).doesNotContain(SECRET).contains("***");
        assertThat(uri.display()).doesNotContain(SECRET);
        for (String name : uri.parameterNames()) {
            assertThat(uri.display(name)).allSatisfy(shown -> assertThat(shown).doesNotContain(SECRET));
            for (Throwable e : List.of(
                    orNone(catchThrowable(() -> uri.parameter(name))),
                    orNone(catchThrowable(() -> uri.duration(name, Duration.ZERO))),
                    orNone(catchThrowable(() -> uri.size(name, 0))),
                    orNone(catchThrowable(() -> uri.bool(name, false))))) {
                assertHidden(e);
            }
        }
    }

    private static Throwable orNone(Throwable e) {
        return e == null ? new McpUriException("none", -1) : e;
    }

    private static void assertHidden(Throwable e) {
        if (e == null) {
            return;
        }
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain(SECRET);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "mcp:stdio:npx?arg=-y&arg=@scope/pkg@1.2&cwd=/x | mcp:stdio:npx?arg=-y&arg=@scope/pkg@1.2&cwd=/x",
                "mcp:stdio:npx?env.TOKEN=${env:T}               | mcp:stdio:npx?env.TOKEN=${env:T}",
                "mcp:stdio:npx?env.TOKEN=${env:T:-}             | mcp:stdio:npx?env.TOKEN=${env:T:-}",
                "mcp:stdio:npx?env.TOKEN=abc                    | mcp:stdio:npx?env.TOKEN=***",
                "mcp:http://h/p#header.Authorization=Bearer ${T} | mcp:http://h/p#header.Authorization=***${T}",
                "mcp:stdio:npx?arg=--token=abc&arg=--verbose    | mcp:stdio:npx?arg=--token=***&arg=--verbose",
                "mcp:stdio:npx?arg=--token&arg=--verbose        | mcp:stdio:npx?arg=--token&arg=--verbose",
                "mcp:stdio:npx?arg=--token&arg=-v               | mcp:stdio:npx?arg=--token&arg=-v",
                "mcp:stdio:npx?arg=--root=${HOME:-/root}        | mcp:stdio:npx?arg=--root=${HOME:-/root}",
                "mcp:https://me:pw@host:80/@a/b?x=1&key=2#pool=false | mcp:https://***@host:80/@a/b?x=1&key=***#pool=false",
                "mcp:https://host:8080/@scope/pkg               | mcp:https://host:8080/@scope/pkg",
                "mcp:https://token.example.com:8443/mcp         | mcp:https://token.example.com:8443/mcp",
                "mcp:stdio:npx?arg=https://keys.example:8443/   | mcp:stdio:npx?arg=https://keys.example:8443/",
                "mcp:unix:/run/a.sock                           | mcp:unix:/run/a.sock",
            })
    void the_rest_is_shown(String text, String shown) {
        assertThat(McpUri.parse(text)).hasToString(shown);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "npx?arg=-y&env.T=abc           | npx?arg=***&env.T=***",
                "mcp:http:/me:abc@host/p?a=b    | mcp:http:/***@host/p?a=***",
                "mcp:stdio:npx @scope/pkg#x     | mcp:stdio:npx @scope/pkg#***",
                "mcp:stdio:npx?env.T=abc#def    | mcp:stdio:npx?env.T=***#***",
                "mcp:stdio:npx?env.T=abc&def    | mcp:stdio:npx?env.T=***&***",
            })
    void of_what_cannot_be_parsed_only_the_names_are_shown(String text, String shown) {
        assertThat(catchThrowable(() -> McpUri.parse(text))).hasMessageEndingWith("(in '" + shown + "')");
    }

    @Test
    void values_of_placeholders_are_shown_as_they_were_written_and_redacted() {
        Map<String, String> values = Map.of("env:DIR", "/data/private", "env:T", "hunter2", "env:H", "host.example");
        McpUri uri = McpUri.parse(
                        "mcp:https://${H}/p#root=${DIR}/x&header.Authorization=Bearer ${T}&requestTimeout=${DIR}")
                .resolve(values::get);
        assertThat(uri)
                .hasToString("mcp:https://${H}/p#header.Authorization=***${T}&requestTimeout=${DIR}&root=${DIR}/x");
        assertThat(uri.redact("at /data/private/x with hunter2 (Bearer hunter2)"))
                .isEqualTo("at *** with *** (***)");
        assertThat(catchThrowable(() -> uri.duration("requestTimeout", Duration.ZERO)))
                .hasMessageNotContaining("/data/private")
                .hasMessageContaining("'***' is no duration");
    }

    @ParameterizedTest
    @CsvSource({
        "mcp:https://user:pass@host/mcp, dXNlcjpwYXNz",
        "mcp:https://TOKEN@host/mcp, VE9LRU46",
        "mcp:https://us%20er:p%40ss@host/mcp, dXMgZXI6cEBzcw==",
        "mcp:https://us%20er:p%40ss@host/mcp, dXMgZXI6cEBzcw",
        "mcp:https://us er:p@ss@host/mcp, dXMgZXI6cEBzcw==",
        "mcp:https://${U}:${P}@host/mcp, dXNlcjpwYXNz",
        "mcp:https://host/mcp#proxy=http://user:pass@proxy:80, dXNlcjpwYXNz",
        "mcp:stdio:npx?arg=--registry=https://user:pass@host/, dXNlcjpwYXNz",
    })
    void user_and_password_are_redacted_as_http_sends_them_too(String text, String sent) {
        Map<String, String> values = Map.of("env:U", "user", "env:P", "pass");
        McpUri uri = McpUri.parse(text).resolve(values::get);
        assertThat(uri.redact("Authorization: Basic " + sent + ", what is that?"))
                .isEqualTo("Authorization: Basic ***, what is that?");
    }

    @Test
    void further_secrets_are_redacted_in_the_same_forms_and_long_ones_of_either_first() {
        McpUri uri = McpUri.parse("mcp:https://h/p#header.X-Key=hunter2");
        List<String> others = List.of("Bearer hunter2-supplied", "abc", "user:pass-word");
        assertThat(uri.redact("hunter2-supplied, Bearer hunter2-supplied, hunter2, abc, pass-word", others))
                .isEqualTo("***, ***, ***, abc, ***");
        assertThat(uri.redact("hunter2-supplied")).isEqualTo("***-supplied");
    }

    @Test
    void short_values_are_not_redacted_and_long_ones_before_their_parts() {
        McpUri uri = McpUri.parse("mcp:stdio:x?env.A=1&env.B=longer-secret&env.C=secret");
        assertThat(uri.redact("1 secret of longer-secret")).isEqualTo("1 *** of ***");
    }
}
