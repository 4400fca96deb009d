/*
 * secrets.c - finding known secrets in any text. A table of one bit for each pair of bytes that
 * begins a secret (8 KiB, it stays in the cache) sorts out nearly every place of a text; what is
 * left is compared with the secrets that share the first byte.
 */
#include "base/secrets.h"

#include <pthread.h>
#include <string.h>

#include "base/bug.h"
#include "base/textbuf.h"

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

/* ---- other forms of a secret ---- */

/* As base64 has it within a longer text, with `before` bytes before it in its group of three: the
 * characters that depend on nothing else. */
static str base64_within(struct arena *arena, str s, size_t before)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t first = (8 * before + 5) / 6, end = 8 * (before + s.len) / 6;
    struct strbuf out = strbuf_in(arena);
    for (size_t i = first; i < end; i++) {
        size_t bit = 6 * i - 8 * before, byte = bit / 8;
        unsigned pair = (unsigned)(unsigned char)s.ptr[byte] << 8 |
                        (byte + 1 < s.len ? (unsigned char)s.ptr[byte + 1] : 0);
        strbuf_add_char(&out, digits[pair >> (10 - bit % 8) & 63]);
    }
    return strbuf_str(&out);
}

/* With quotes, backslashes and line ends escaped, as in JSON. */
static str in_json(struct arena *arena, str s)
{
    static const char from[] = "\"\\\n\r\t", to[] = "\"\\nrt";
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < s.len; i++) {
        const char *found = s.ptr[i] != '\0' ? strchr(from, s.ptr[i]) : NULL;
        if (found != NULL) {
            strbuf_add_char(&out, '\\');
        }
        strbuf_add_char(&out, found != NULL ? to[found - from] : s.ptr[i]);
    }
    return strbuf_str(&out);
}

static str in_url(struct arena *arena, str s)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
            (c != '\0' && strchr("-._~/", c) != NULL)) {
            strbuf_add_char(&out, (char)c);
        } else {
            strbuf_addf(&out, "%%%02X", c);
        }
    }
    return strbuf_str(&out);
}

/* A host gives back a file that a secret was written to in base64 (slurp), a program prints it in
 * JSON, a service tells the URL it was asked for. */
static void add_forms(struct secrets *secrets, str s)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("forms of a secret");
    for (size_t before = 0; before < 3; before++) {
        add_one(secrets, base64_within(scratch, s, before));
    }
    add_one(secrets, in_json(scratch, s));
    add_one(secrets, in_url(scratch, s));
}

void secrets_add(struct secrets *secrets, str s)
{
    while (str_ends(s, S("\n")) || str_ends(s, S("\r"))) {
        s.len--; /* a file's last line end is seldom printed with it */
    }
    if (s.len < SECRET_MIN) {
        return;
    }
    arena_wipe_all();
    pthread_rwlock_wrlock(&secrets->lock);
    add_one(secrets, s);
    add_forms(secrets, s);
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
    if (value_is_secret_number(v)) {
        CLEANUP(release_arena) struct arena *scratch = arena_new("number");
        secrets_add(secrets, value_as_str(value_print(scratch, v)));
    } else if (value_is(v, VALUE_STR) || value_unknown_text(v, &text)) {
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

/* The next piece of a text that is taken out, from a place on: secrets may overlap, what belongs to
 * any of them is one piece. */
static bool next_piece(const struct secrets *secrets, str text, size_t at, struct mark *ret)
{
    size_t len = 0, end;
    while (at + SECRET_MIN <= text.len && (len = longest_at(secrets, text, at)) == 0) {
        at++;
    }
    if (len == 0) {
        return false;
    }
    end = at + len;
    for (size_t next = at + 1; next < end && next + SECRET_MIN <= text.len; next++) {
        len = longest_at(secrets, text, next);
        end = next + len > end ? next + len : end;
    }
    *ret = (struct mark){ (uint32_t)at, (uint32_t)end, MARK_SECRET };
    return true;
}

static bool worth_a_look(const struct secrets *secrets, str text)
{
    return __atomic_load_n(&secrets->count, __ATOMIC_ACQUIRE) > 0 && text.len >= SECRET_MIN &&
           text.len <= UINT32_MAX;
}

str secrets_redact(struct secrets *secrets, struct arena *arena, str text)
{
    struct strbuf out = strbuf_in(arena);
    struct mark piece = { 0 };
    size_t done = 0;
    if (!worth_a_look(secrets, text)) {
        return text;
    }
    pthread_rwlock_rdlock(&secrets->lock);
    for (; next_piece(secrets, text, done, &piece); done = piece.to) {
        strbuf_add(&out, str_part(text, done, piece.from));
        strbuf_add(&out, S(SECRET_MASK));
    }
    pthread_rwlock_unlock(&secrets->lock);
    if (done == 0) {
        return text;
    }
    strbuf_add(&out, str_part(text, done, text.len));
    return strbuf_str(&out);
}

static value mark_text(const struct secrets *secrets, struct arena *arena, value v)
{
    str text = value_as_str(v);
    struct textbuf out = textbuf_in(arena);
    struct mark piece = { 0 };
    size_t done = 0;
    for (; next_piece(secrets, text, done, &piece); done = piece.to) {
        textbuf_add_part(&out, v, done, piece.from);
        textbuf_add_marked(&out, str_part(text, piece.from, piece.to), MARK_SECRET);
    }
    if (done == 0) {
        return v;
    }
    textbuf_add_part(&out, v, done, text.len);
    value marked = textbuf_value(&out);
    marked.flags = v.flags;
    return value_at(marked, v.at);
}

static value mark(const struct secrets *secrets, struct arena *arena, value v)
{
    if (value_is(v, VALUE_STR)) {
        return worth_a_look(secrets, value_as_str(v)) ? mark_text(secrets, arena, v) : v;
    }
    if (value_is(v, VALUE_LIST) && !value_is_tuple(v)) {
        struct list_builder list = list_in(arena);
        for (size_t i = 0; i < value_count(v); i++) {
            list_add(&list, mark(secrets, arena, value_item(v, i)));
        }
        return value_at(list_seal(&list), v.at);
    }
    if (value_is(v, VALUE_MAP)) {
        struct map_builder map = map_with_room(arena, value_count(v));
        for (size_t i = 0; i < value_count(v); i++) {
            map_set(&map, value_map_key(v, i), mark(secrets, arena, value_map_value(v, i)));
        }
        return value_at(map_seal(&map), v.at);
    }
    return v;
}

value secrets_mark(struct secrets *secrets, struct arena *arena, value v)
{
    if (__atomic_load_n(&secrets->count, __ATOMIC_ACQUIRE) == 0) {
        return v;
    }
    pthread_rwlock_rdlock(&secrets->lock);
    value marked = mark(secrets, arena, v);
    pthread_rwlock_unlock(&secrets->lock);
    return marked;
}
