/* The lookup url, against a server of our own on the loopback address. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit.h"

/* What a request for a path gets; /echo gets its own header X. */
static const struct {
    const char *path, *status, *headers, *body;
} pages[] = {
    { "/lines ", "200 OK", "", "one\r\ntwo\nthree" },
    { "/template ", "200 OK", "", "{{ 7 * 191 }}" },
    { "/moved ", "302 Found", "Location: /lines\r\n", "" },
    { "/secret ", "401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", "" },
};

static void answer(int fd)
{
    char request[4096], reply[4096];
    ssize_t got = recv(fd, request, sizeof request - 1, 0);
    request[got > 0 ? got : 0] = '\0';
    const char *status = "404 Not Found", *headers = "", *body = "";
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        if (strncmp(request + 4, pages[i].path, strlen(pages[i].path)) == 0) {
            status = pages[i].status, headers = pages[i].headers, body = pages[i].body;
        }
    }
    const char *own = strcasestr(request, "\nx: ");
    if (strncmp(request + 4, "/echo ", 6) == 0 && own != NULL) {
        status = "200 OK", body = strtok(strdupa(own + 4), "\r");
    }
    if (strcasestr(request, "Authorization: Basic Ym9iOnB3\r") != NULL) { /* bob:pw */
        status = "200 OK", body = "welcome";
    }
    int length = snprintf(reply, sizeof reply,
                          "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                          status, headers, strlen(body), body);
    (void)!write(fd, reply, (size_t)length);
    (void)close(fd);
}

static void *serve(void *data)
{
    int fd;
    while ((fd = accept(*(int *)data, NULL, NULL)) >= 0) {
        answer(fd);
    }
    return NULL;
}

Test(lookups_url, answers)
{
    static const struct kit_row rows[] = {
        { "{{ q('url', base ~ '/lines') }}", "['one', 'two', 'three']" },
        { "{{ lookup('url', base ~ '/lines') }}", "one,two,three" },
        { "{{ lookup('url', base ~ '/lines', split_lines=false) }}", "one\r\ntwo\nthree" },
        { "{{ lookup('url', base ~ '/moved', wantlist=true) }}", "['one', 'two', 'three']" },
        { "{{ lookup('url', base ~ '/template') }}", "{{ 7 * 191 }}" },
        { "{{ lookup('url', base ~ '/echo', headers={'x': 'own'}) }}", "own" },
        { "{{ lookup('url', base ~ '/secret', username='bob', password='pw') }}", "welcome" },
        { "{{ lookup('url', base ~ '/x', username='bob', password='pw', force_basic_auth=true) }}",
          "welcome" },
        { "{{ lookup('url', base ~ '/none', errors='ignore') }}", "" },
        { "{{ lookup('url', base ~ '/lines', splitlines=false) }}",
          "!lookup 'url': has no option 'splitlines'" },
        { "{{ lookup('url', base ~ '/lines', use_gssapi=true) }}",
          "!lookup 'url': 'use_gssapi' is not supported" },
        { "{{ lookup('url', base ~ '/moved', follow_redirects='none') }}",
          "!lookup 'url': 'BASE/moved' answers with the HTTP status 302" },
        { "{{ lookup('url', base ~ '/secret') }}",
          "!lookup 'url': 'BASE/secret' answers with the HTTP status 401" },
        { "{{ lookup('url', 'http://127.0.0.1:1/') }}",
          "!lookup 'url': 'http://127.0.0.1:1/': Couldn't connect to server" },
    };
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    pthread_t server;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 8) == 0 &&
              getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    cr_assert(pthread_create(&server, NULL, serve, &fd) == 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        char base[64], vars[80];
        (void)snprintf(base, sizeof base, "http://127.0.0.1:%d", ntohs(address.sin_port));
        (void)snprintf(vars, sizeof vars, "base: '%s'", base);
        kit_open(&kit, DIALECT_CLASSIC, vars);
        const char *got = kit_value(&kit, rows[i].text);
        str expected = str_replace(kit.arena, str_of(rows[i].expected), S("BASE"), str_of(base));
        cr_expect(str_eq(str_of(got), expected), "%s\n gave %s\n not  %.*s", rows[i].text, got,
                  SARG(expected));
        kit_close(&kit);
    }
    (void)shutdown(fd, SHUT_RDWR);
    (void)pthread_join(server, NULL);
    (void)close(fd);
}
