/*
 * wants.c - the paths of a batch of questions, each once.
 */
#include "remote/wants.h"

#include "remote/name_table.h"

#define MANY_FILES 16 /* from here on one program is cheaper than the shell's reading them all */

static bool wants_bytes(const struct question *q)
{
    return q->kind == ASK_TEXT || q->kind == ASK_DIGEST;
}

static bool wants_path(const struct question *q)
{
    return q->kind == ASK_STAT || q->kind == ASK_STAT_FOLLOW || wants_bytes(q);
}

static size_t want_path(struct arena *arena, struct name_table *places, struct path_wants *wants,
                        str path)
{
    size_t at;
    if (!name_table_put(arena, places, path, wants->items.len, &at)) {
        *VEC_PUSH(arena, &wants->items) = (struct path_want){ .path = path };
    }
    return at;
}

static void want_questions(struct arena *arena, struct name_table *places, struct path_wants *wants,
                           struct observer *obs, bool bytes)
{
    for (size_t i = obs->answered; i < obs->questions.len; i++) {
        struct question *q = obs->questions.items[i];
        if (wants_path(q) && wants_bytes(q) == bytes) {
            q->want = want_path(arena, places, wants, q->arg);
            struct path_want *want = &wants->items.items[q->want];
            want->urgent |= bytes && !q->ahead;
            want->itself |= q->kind == ASK_STAT;
            want->target |= q->kind != ASK_STAT;
            want->text |= q->kind == ASK_TEXT;
            want->digests |= q->kind == ASK_DIGEST ? 1u << q->digest : 0;
        }
    }
}

/* Those whose bytes matter come first: t() takes their sizes one by one from what stat printed. */
struct path_wants path_wants(struct arena *arena, struct observer *obs)
{
    struct path_wants wants = { 0 };
    struct name_table places = { 0 };
    want_questions(arena, &places, &wants, obs, true);
    wants.files = wants.items.len;
    size_t urgent = 0;
    bool texts = false;
    for (size_t i = 0; i < wants.files; i++) {
        urgent += wants.items.items[i].urgent;
        texts |= wants.items.items[i].text;
    }
    wants.many = urgent >= MANY_FILES && !texts;
    want_questions(arena, &places, &wants, obs, false);
    return wants;
}

bool want_has_digest(const struct path_want *want, size_t digest)
{
    return !want->text && (want->digests >> digest & 1) != 0;
}
