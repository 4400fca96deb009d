/*
 * secrets.c - finding known secrets in any text. A table of one bit for each pair of bytes that
 * begins a secret (8 KiB, it stays in the cache) sorts out nearly every place of a text; what is
 * left is compared with the secrets that share the first byte.
 */
#include "base/secrets.h"

#include <pthread.h>
#include <string.h>

#include "base/bug.h"
#include "base/strbuf.h"

/* Lines of a secret of several lines are secrets of their own from this length on: a host may print
 * a key line by line. Shorter ones ("}", "---") would redact innocent text. */
#define LINE_MIN 16

struct secret {
    str bytes;
    struct secret *next; /* the next one of the same first byte */
};

struct secrets {
    pthread_rwlock_t lock;
    struct arena *arena;
    size_t count;
    uint64_t pairs[65536 / 64];
    struct secret *by_byte[256];
};

struct secrets *secrets_new(void)
{
    struct arena *arena = arena_new("secrets");
    struct secrets *secrets = NEW(arena, struct secrets);
    BUG_ON(pthread_rwlock_init(&secrets->lock, NULL) != 0);
    secrets->arena = arena;
    return secrets;
}

static void wipe(void *secret_)
{
    const struct secret *secret = secret_;
    union {
        const char *read;
        char *write;
    } bytes = { .read = secret->bytes.ptr };
    explicit_bzero(bytes.write, secret->bytes.len);
}

void secrets_free(struct secrets *secrets)
{
    if (secrets != NULL) {
        pthread_rwlock_destroy(&secrets->lock);
        arena_free(
            secrets->arena); /* calls wipe() for each, and frees `secrets`, which lives in it */
    }
}

static unsigned pair_at(const char *bytes)
{
    return (unsigned)(unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
}

static void add_one(struct secrets *secrets, str s)
{
    struct secret **bucket = &secrets->by_byte[(unsigned char)s.ptr[0]];
    for (const struct secret *known = *bucket; known != NULL; known = known->next) {
        if (str_eq(known->bytes, s)) {
            return;
        }
    }
    struct secret *secret = NEW(secrets->arena, struct secret);
    secret->bytes = str_copy(secrets->arena, s);
    arena_on_reset(secrets->arena, wipe, secret);
    secret->next = *bucket;
    *bucket = secret;
    secrets->pairs[pair_at(s.ptr) / 64] |= UINT64_C(1) << pair_at(s.ptr) % 64;
    __atomic_store_n(&secrets->count, secrets->count + 1, __ATOMIC_RELEASE);
}

void secrets_add(struct secrets *secrets, str s)
{
    while (str_ends(s, S("\n")) || str_ends(s, S("\r"))) {
        s.len--; /* a file's last line end is seldom printed with it */
    }
    if (s.len < SECRET_MIN) {
        return;
    }
    pthread_rwlock_wrlock(&secrets->lock);
    add_one(secrets, s);
    if (str_find_char(s, '\n', 0) != STR_NPOS) {
        for (str rest = s; !str_is_none(rest);) {
            str line = str_trim(str_cut_line(&rest));
            if (line.len >= LINE_MIN) {
                add_one(secrets, line);
            }
        }
    }
    pthread_rwlock_unlock(&secrets->lock);
}

static void add_text(struct secrets *secrets, value v, str bytes)
{
    size_t count = 0;
    const struct mark *marks = value_marks(v, &count);
    for (size_t i = 0; i < count; i++) {
        if (marks[i].kind == MARK_SECRET) {
            secrets_add(secrets, str_part(bytes, marks[i].from, marks[i].to));
        }
    }
}

void secrets_add_value(struct secrets *secrets, value v)
{
    value text = v;
    if (!value_has_secret(v)) {
        return;
    }
    if (value_is(v, VALUE_STR) || value_unknown_text(v, &text)) {
        add_text(secrets, text, value_as_str(text));
    } else if (value_is(v, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(v); i++) {
            secrets_add_value(secrets, value_item(v, i));
        }
    } else if (value_is(v, VALUE_MAP)) {
        for (size_t i = 0; i < value_count(v); i++) {
            secrets_add_value(secrets, value_map_key(v, i));
            secrets_add_value(secrets, value_map_value(v, i));
        }
    }
}

/* Length of the longest secret that begins at a place; 0: none. */
static size_t longest_at(const struct secrets *secrets, str text, size_t at)
{
    unsigned pair = pair_at(text.ptr + at);
    if ((secrets->pairs[pair / 64] >> pair % 64 & 1) == 0) {
        return 0;
    }
    size_t longest = 0;
    const struct secret *secret = secrets->by_byte[(unsigned char)text.ptr[at]];
    for (; secret != NULL; secret = secret->next) {
        if (secret->bytes.len > longest &&
            str_starts(str_part(text, at, text.len), secret->bytes)) {
            longest = secret->bytes.len;
        }
    }
    return longest;
}

/* Secrets may overlap in a text: what belongs to any of them is taken out, as one piece. */
static bool redact(const struct secrets *secrets, str text, struct strbuf *out)
{
    size_t done = 0;   /* copied or taken out */
    size_t secret = 0; /* bytes before it belong to a secret that was found */
    for (size_t at = 0; at + SECRET_MIN <= text.len; at++) {
        size_t len = longest_at(secrets, text, at);
        if (len == 0 || at + len <= secret) {
            continue;
        }
        if (at >= secret) { /* a new piece */
            strbuf_add(out, str_part(text, done, at));
            strbuf_add(out, S(SECRET_MASK));
        }
        secret = done = at + len;
    }
    if (secret == 0) {
        return false;
    }
    strbuf_add(out, str_part(text, done, text.len));
    return true;
}

str secrets_redact(struct secrets *secrets, struct arena *arena, str text)
{
    if (__atomic_load_n(&secrets->count, __ATOMIC_ACQUIRE) == 0 || text.len < SECRET_MIN) {
        return text;
    }
    struct strbuf out = strbuf_in(arena);
    pthread_rwlock_rdlock(&secrets->lock);
    bool found = redact(secrets, text, &out);
    pthread_rwlock_unlock(&secrets->lock);
    return found ? strbuf_str(&out) : text;
}
