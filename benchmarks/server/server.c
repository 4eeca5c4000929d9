/*
 * The server of all benchmarks: as little work per request as can be, so that the clients show.
 *
 *   server          speaks over stdin and stdout
 *   server --http   listens on a free port of 127.0.0.1, prints it, and ends with its input;
 *                   paths that begin with /sse are answered by an event stream, others by JSON
 *
 * It answers initialize, server/discover, ping, tools/list and tools/call of "echo" (argument "message") and "blob"
 * (argument "size", in bytes), in whichever era the request is written. It takes requests for well-formed, and looks
 * for what it needs by name; so the names "id" and "method" must not occur in arguments.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGEST_BLOB (64 * 1024 * 1024)
#define LARGEST_REQUEST (1024 * 1024)
#define WORKERS 2

typedef struct {
    char *bytes;
    size_t length;
    size_t room;
} Buffer;

__attribute__((noreturn)) static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void reserve(Buffer *buffer, size_t more) {
    if (buffer->length + more > buffer->room) {
        buffer->room = (buffer->length + more) * 2;
        buffer->bytes = realloc(buffer->bytes, buffer->room);
        if (buffer->bytes == NULL) {
            fail("realloc");
        }
    }
}

static void append(Buffer *buffer, const char *bytes, size_t length) {
    reserve(buffer, length);
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

static void text(Buffer *buffer, const char *string) {
    append(buffer, string, strlen(string));
}

/* What follows a name, given with its quotes and colon, in a message; NULL if the message has no such name. */
static const char *after(const char *message, size_t length, const char *key, size_t size, size_t *left) {
    const char *found = memmem(message, length, key, size);
    if (found == NULL) {
        return NULL;
    }
    found += size;
    while (found < message + length && *found == ' ') {
        found++;
    }
    *left = (size_t) (message + length - found);
    return found;
}

#define value(message, length, name, left) after(message, length, "\"" name "\":", sizeof("\"" name "\":") - 1, left)

/* The length of the string or number that begins here, quotes included. */
static size_t token(const char *begin, size_t left) {
    size_t end = 0;
    if (left > 0 && begin[0] == '"') {
        for (end = 1; end < left && begin[end] != '"'; end++) {
            if (begin[end] == '\\') {
                end++;
            }
        }
        return end < left ? end + 1 : left;
    }
    while (end < left && begin[end] != ',' && begin[end] != '}' && begin[end] != ' ' && begin[end] != ']') {
        end++;
    }
    return end;
}

static int is(const char *begin, size_t length, const char *quoted) {
    return length == strlen(quoted) && memcmp(begin, quoted, length) == 0;
}

/* Lines of 79 letters, as a file or a log would have them; the escaped form. */
static void blob(Buffer *out, size_t size) {
    static const char line[] = "The quick brown fox jumps over the lazy dog; the five boxing wizards do likewise.";
    reserve(out, size + size / 40 + 2);
    char *to = out->bytes + out->length;
    for (size_t left = size; left > 0;) {
        size_t letters = left < 79 ? left : 79;
        memcpy(to, line, letters);
        to += letters;
        left -= letters;
        if (left > 0) {
            *to++ = '\\';
            *to++ = 'n';
            left--;
        }
    }
    out->length = (size_t) (to - out->bytes);
}

static const char TOOLS[] =
    "{\"tools\":[{\"name\":\"echo\",\"description\":\"Returns the message.\",\"inputSchema\":{\"type\":\"object\","
    "\"properties\":{\"message\":{\"type\":\"string\"}},\"required\":[\"message\"]}},{\"name\":\"blob\",\"description\":"
    "\"Returns a text of a size in bytes.\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"size\":{\"type\":"
    "\"integer\"}},\"required\":[\"size\"]}}]";
static const char SERVER[] = "\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"benchmark\",\"version\":\"1\"}";

/* One blob is kept, since the same one is asked for again and again; each worker has its own. */
static __thread Buffer kept;
static __thread size_t kept_size = (size_t) -1;

/* Appends the answer; nothing for a notification. */
static void answer(const char *message, size_t length, Buffer *out) {
    size_t left, method_length, id_length;
    const char *id = value(message, length, "id", &left);
    if (id == NULL) {
        return;
    }
    id_length = token(id, left);
    const char *method = value(message, length, "method", &left);
    if (method == NULL) {
        return;
    }
    method_length = token(method, left);
    int modern = memmem(message, length, "io.modelcontextprotocol/protocolVersion", 39) != NULL;
    const char *end = modern ? ",\"resultType\":\"complete\"}}" : "}}";

    text(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    append(out, id, id_length);
    if (is(method, method_length, "\"tools/call\"")) {
        const char *argument = value(message, length, "message", &left);
        text(out, ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":");
        if (argument != NULL) {
            append(out, argument, token(argument, left));
        } else {
            argument = value(message, length, "size", &left);
            size_t size = argument == NULL ? 0 : strtoul(argument, NULL, 10);
            if (size > LARGEST_BLOB) {
                size = LARGEST_BLOB;
            }
            if (size != kept_size) {
                kept.length = 0;
                blob(&kept, size);
                kept_size = size;
            }
            text(out, "\"");
            append(out, kept.bytes, kept.length);
            text(out, "\"");
        }
        text(out, "}],\"isError\":false");
        text(out, end);
    } else if (is(method, method_length, "\"initialize\"")) {
        const char *version = value(message, length, "protocolVersion", &left);
        text(out, ",\"result\":{\"protocolVersion\":");
        if (version == NULL) {
            text(out, "\"2025-11-25\"");
        } else {
            append(out, version, token(version, left));
        }
        text(out, ",");
        text(out, SERVER);
        text(out, "}}");
    } else if (is(method, method_length, "\"tools/list\"")) {
        text(out, ",\"result\":");
        text(out, TOOLS);
        if (modern) {
            text(out, ",\"ttlMs\":300000,\"cacheScope\":\"public\"");
        }
        text(out, end);
    } else if (is(method, method_length, "\"server/discover\"")) {
        text(out, ",\"result\":{\"supportedVersions\":[\"2026-07-28\"],");
        text(out, SERVER);
        text(out, ",\"resultType\":\"complete\"}}");
    } else if (is(method, method_length, "\"ping\"")) {
        text(out, ",\"result\":{");
        text(out, modern ? "\"resultType\":\"complete\"}}" : "}}");
    } else {
        text(out, ",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}");
    }
}

/* Into a pipe or socket whose writes block; 0 if the other side has gone. */
static int write_all(int to, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = write(to, bytes, length);
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return 0;
        }
        bytes += written;
        length -= (size_t) written;
    }
    return 1;
}

static int serve_stdio(void) {
    Buffer in = {0}, out = {0};
    for (;;) {
        reserve(&in, 64 * 1024);
        ssize_t got = read(0, in.bytes + in.length, in.room - in.length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return 0;
        }
        size_t begin = 0, from = in.length;
        in.length += (size_t) got;
        for (;;) {
            char *end = memchr(in.bytes + from, '\n', in.length - from);
            if (end == NULL) {
                break;
            }
            size_t before = out.length;
            answer(in.bytes + begin, (size_t) (end - in.bytes) - begin, &out);
            if (out.length > before) {
                text(&out, "\n");
            }
            begin = from = (size_t) (end - in.bytes) + 1;
        }
        memmove(in.bytes, in.bytes + begin, in.length - begin);
        in.length -= begin;
        if (!write_all(1, out.bytes, out.length)) {
            return 0;
        }
        out.length = 0;
    }
}

typedef struct {
    int socket;
    Buffer in;
} Connection;

/* The value of a header, given with its line break and colon; NULL if it is missing. */
static const char *header(const char *head, const char *end, const char *name) {
    size_t length = strlen(name);
    const char *line = head;
    while (line != NULL && line + length < end) {
        if (strncasecmp(line, name, length) == 0) {
            return line + length;
        }
        line = memmem(line + 1, (size_t) (end - line - 1), "\r\n", 2);
    }
    return NULL;
}

static void respond(Buffer *out, Buffer *body, int event_stream) {
    char line[160];
    if (body->length == 0) {
        text(out, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    } else if (event_stream) {
        /* The chunk holds "event: message\ndata: " and "\n\n" beside the answer. */
        append(out, line, (size_t) snprintf(line, sizeof line,
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
                "Transfer-Encoding: chunked\r\n\r\n%zx\r\nevent: message\ndata: ", body->length + 23));
        append(out, body->bytes, body->length);
        text(out, "\n\n\r\n0\r\n\r\n");
    } else {
        append(out, line, (size_t) snprintf(line, sizeof line,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", body->length));
        append(out, body->bytes, body->length);
    }
}

/* Answers every request that is there in full; 0 if the connection is to be closed. */
static int serve_requests(Connection *connection, Buffer *out, Buffer *body) {
    Buffer *in = &connection->in;
    size_t begin = 0;
    out->length = 0;
    while (begin < in->length) {
        char *head = in->bytes + begin;
        char *end = memmem(head, in->length - begin, "\r\n\r\n", 4);
        if (end == NULL) {
            break;
        }
        end += 4;
        const char *given = header(head, end, "\r\nContent-Length:");
        size_t length = given == NULL ? 0 : strtoul(given, NULL, 10);
        if (length > LARGEST_REQUEST) {
            return 0;
        }
        if ((size_t) (end - in->bytes) + length > in->length) {
            break;
        }
        if (head[0] == 'P') {
            body->length = 0;
            answer(end, length, body);
            respond(out, body, memcmp(head, "POST /sse", 9) == 0);
        } else if (head[0] == 'D') {
            text(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        } else {
            text(out, "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n");
        }
        begin = (size_t) (end - in->bytes) + length;
    }
    memmove(in->bytes, in->bytes + begin, in->length - begin);
    in->length -= begin;
    return write_all(connection->socket, out->bytes, out->length);
}

static void *work(void *poll) {
    struct epoll_event events[64];
    Buffer out = {0}, body = {0};
    int queue = *(int *) poll;
    for (;;) {
        int count = epoll_wait(queue, events, 64, -1);
        for (int i = 0; i < count; i++) {
            Connection *connection = events[i].data.ptr;
            reserve(&connection->in, 16 * 1024);
            ssize_t got = recv(connection->socket, connection->in.bytes + connection->in.length,
                    connection->in.room - connection->in.length, MSG_DONTWAIT);
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
                continue;
            }
            connection->in.length += got > 0 ? (size_t) got : 0;
            if (got <= 0 || connection->in.length > 2 * LARGEST_REQUEST || !serve_requests(connection, &out, &body)) {
                close(connection->socket);
                free(connection->in.bytes);
                free(connection);
            }
        }
    }
    return NULL;
}

static void *wait_for_end_of_input(void *unused) {
    char byte;
    (void) unused;
    while (read(0, &byte, 1) > 0) {
    }
    exit(0);
}

static int serve_http(void) {
    int queues[WORKERS];
    pthread_t thread;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    if (listening < 0 || bind(listening, (struct sockaddr *) &address, size) < 0 || listen(listening, 4096) < 0
            || getsockname(listening, (struct sockaddr *) &address, &size) < 0) {
        fail("listen");
    }
    for (int i = 0; i < WORKERS; i++) {
        queues[i] = epoll_create1(0);
        if (queues[i] < 0 || pthread_create(&thread, NULL, work, &queues[i]) != 0) {
            fail("epoll");
        }
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    pthread_create(&thread, NULL, wait_for_end_of_input, NULL);
    for (unsigned next = 0;; next++) {
        int one = 1;
        int accepted = accept(listening, NULL, NULL);
        if (accepted < 0) {
            fail("accept");
        }
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        Connection *connection = calloc(1, sizeof *connection);
        connection->socket = accepted;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(queues[next % WORKERS], EPOLL_CTL_ADD, accepted, &event);
    }
    return 0;
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    return count > 1 && strcmp(arguments[1], "--http") == 0 ? serve_http() : serve_stdio();
}
