/* hostcert.c - see hostcert.h. */
#include "transport/hostcert.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/strbuf.h"
#include "transport/ssh_bytes.h"

enum { PACKET_MAX = 256 * 1024, GREETING_MAX = 8192, LINES_MAX = 64, PACKETS_MAX = 32 };
enum { DISCONNECT = 1, KEXINIT = 20, ECDH_INIT = 30, ECDH_REPLY = 31 };

struct talk {
    struct ssh_step *step;
    struct ssh_connection *to; /* of its own */
};

/* ---- bytes ---- */

static bool wait_for(struct talk *talk, short events)
{
    struct pollfd ready = { .fd = talk->to->socket, .events = events };
    return transport_wait(&ready, 1, talk->step->ssh->base.options.wake, talk->step->until) ==
           WIRE_OK;
}

static bool read_bytes(struct talk *talk, char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t got = recv(talk->to->socket, bytes, count, MSG_DONTWAIT);
        if (got > 0) {
            bytes += got;
            count -= (size_t)got;
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR) || !wait_for(talk, POLLIN)) {
            return false;
        }
    }
    return true;
}

static bool write_bytes(struct talk *talk, str bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(talk->to->socket, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            bytes = str_part(bytes, (size_t)sent, bytes.len);
        } else if ((errno != EAGAIN && errno != EINTR) || !wait_for(talk, POLLOUT)) {
            return false;
        }
    }
    return true;
}

/* Up to the line that begins with "SSH-"; others may come before it. */
static bool read_greeting(struct talk *talk)
{
    for (unsigned lines = 0; lines < LINES_MAX; lines++) {
        char line[GREETING_MAX];
        size_t len = 0;
        do {
            if (len == sizeof line || !read_bytes(talk, &line[len], 1)) {
                return false;
            }
        } while (line[len++] != '\n');
        if (len > 4 && memcmp(line, "SSH-", 4) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- packets, as they are before keys were exchanged ---- */

static bool write_packet(struct talk *talk, str payload)
{
    struct strbuf packet = strbuf_in(talk->step->arena);
    size_t padding = 8 - (5 + payload.len) % 8;
    padding += padding < 4 ? 8 : 0;
    put_u32(&packet, (uint32_t)(1 + payload.len + padding));
    strbuf_add_char(&packet, (char)padding);
    strbuf_add(&packet, payload);
    strbuf_add_repeat(&packet, '\0', padding);
    return write_bytes(talk, strbuf_str(&packet));
}

static bool read_packet(struct talk *talk, str *ret_payload)
{
    char head[5];
    str rest = { head, sizeof head };
    uint32_t len = 0;
    unsigned padding = 0;
    if (!read_bytes(talk, head, sizeof head) || !take_u32(&rest, &len) ||
        !take_u8(&rest, &padding) || len > PACKET_MAX || len < padding + 2) {
        return false;
    }
    struct strbuf bytes = strbuf_in(talk->step->arena);
    if (!read_bytes(talk, strbuf_room(&bytes, len - 1), len - 1)) {
        return false;
    }
    strbuf_grew(&bytes, len - 1);
    *ret_payload = str_part(strbuf_str(&bytes), 0, len - 1 - padding);
    return true;
}

/* The next packet of that type; what a server may say in between is passed over. */
static bool await_packet(struct talk *talk, unsigned wanted, str *ret_rest)
{
    for (unsigned i = 0; i < PACKETS_MAX; i++) {
        str payload;
        unsigned type;
        if (!read_packet(talk, &payload) || !take_u8(&payload, &type) || type == DISCONNECT) {
            return false;
        }
        if (type == wanted) {
            *ret_rest = payload;
            return true;
        }
    }
    return false;
}

/* ---- what is agreed on ---- */

static const char certificates[] =
    "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"
    "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"
    "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com";

static bool has_name(str list, str name)
{
    str one;
    while (!str_is_none(one = str_cut(&list, ','))) {
        if (str_eq(one, name)) {
            return true;
        }
    }
    return false;
}

static bool share_name(str list, str others)
{
    str one;
    while (!str_is_none(one = str_cut(&list, ','))) {
        if (has_name(others, one)) {
            return true;
        }
    }
    return false;
}

/* Ciphers and the like are never used, but have to be agreed on. */
static bool propose(struct talk *talk)
{
    static const char ciphers[] = "aes128-ctr,aes256-ctr,aes128-gcm@openssh.com,"
                                  "aes256-gcm@openssh.com,chacha20-poly1305@openssh.com";
    static const char macs[] = "hmac-sha2-256,hmac-sha2-512,hmac-sha2-256-etm@openssh.com,"
                               "hmac-sha2-512-etm@openssh.com,hmac-sha1";
    const char *const lists[] = { "curve25519-sha256,curve25519-sha256@libssh.org",
                                  certificates,
                                  ciphers,
                                  ciphers,
                                  macs,
                                  macs,
                                  "none",
                                  "none",
                                  "",
                                  "" };
    char cookie[16];
    struct strbuf packet = strbuf_in(talk->step->arena);
    BUG_ON(getrandom(cookie, sizeof cookie, 0) != (ssize_t)sizeof cookie);
    strbuf_add_char(&packet, KEXINIT);
    strbuf_add(&packet, (str){ cookie, sizeof cookie });
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        put_string(&packet, str_of(lists[i]));
    }
    strbuf_add_char(&packet, 0); /* no guess follows */
    put_u32(&packet, 0);
    return write_packet(talk, strbuf_str(&packet));
}

/* Any 32 bytes are a public key of ours: what would be agreed on by it is not wanted. */
static bool send_public_key(struct talk *talk)
{
    char key[32];
    struct strbuf packet = strbuf_in(talk->step->arena);
    BUG_ON(getrandom(key, sizeof key, 0) != (ssize_t)sizeof key);
    strbuf_add_char(&packet, ECDH_INIT);
    put_string(&packet, (str){ key, sizeof key });
    return write_packet(talk, strbuf_str(&packet));
}

static bool ask(struct talk *talk, str *ret_blob, str *ret_problem)
{
    str rest, kex, keys;
    *ret_problem = S("the connection was lost when the host was asked for its certificate");
    if (!write_bytes(talk, S("SSH-2.0-hostler\r\n")) || !read_greeting(talk) || !propose(talk) ||
        !await_packet(talk, KEXINIT, &rest) || rest.len < 16) {
        return false;
    }
    rest = str_part(rest, 16, rest.len);
    if (!take_string(&rest, &kex) || !take_string(&rest, &keys)) {
        return false;
    }
    if (!share_name(keys, str_of(certificates))) {
        *ret_problem = S("the host has no certificate");
        return false;
    }
    if (!share_name(kex, S("curve25519-sha256,curve25519-sha256@libssh.org"))) {
        *ret_problem = S("the host gives its certificate only by another key exchange than "
                         "curve25519-sha256");
        return false;
    }
    return send_public_key(talk) && await_packet(talk, ECDH_REPLY, &rest) &&
           take_string(&rest, ret_blob);
}

bool host_certificate_fetch(struct ssh_step *step, str *ret_blob, str *ret_problem)
{
    struct ssh_connection to = {
        .base = step->ssh->base, .settings = step->ssh->settings, .as = step->ssh->as, .socket = -1
    };
    struct ssh_step dial = *step;
    struct talk talk = { .step = step, .to = &to };
    dial.ssh = &to;
    bool fetched = ssh_dial(&dial);
    if (fetched) {
        fetched = ask(&talk, ret_blob, ret_problem);
    } else {
        *ret_problem = step->error->message;
    }
    ssh_hang_up(&to);
    return fetched;
}
