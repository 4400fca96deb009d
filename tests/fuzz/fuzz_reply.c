/*
 * fuzz_reply.c - whatever a host answers is read or refused: frames, sections, and each kind of
 * answer; and all of a reply, to a question of each kind and to some that are asked ahead. The
 * first byte chooses which. What is read from a frame lies inside it.
 */
#include "base/bug.h"
#include "fuzz.h"
#include "remote/ask.h"
#include "remote/reply.h"

#define TOKEN S("0123456789abcdef01234567")

static const str paths[] = { S_INIT("/a"), S_INIT("/b\nc"), S_INIT("/l"), S_INIT("/end\n") };
enum { PATHS = ARRAY_LEN(paths) };

static void read_frame(struct arena *arena, str bytes)
{
    str payload = STR_EMPTY;
    size_t used = 0;
    struct reply reply;
    enum frame frame = frame_read(bytes, TOKEN, &payload, &used);
    BUG_ON(used > bytes.len || payload.len > bytes.len);
    BUG_ON(frame == FRAME_REPLY && payload.ptr + payload.len >= bytes.ptr + used);
    if (frame == FRAME_REPLY && reply_parse(arena, TOKEN, payload, &reply)) {
        for (size_t i = 0; i < reply.sections.len; i++) {
            BUG_ON(reply.sections.items[i].bytes.len > payload.len);
        }
    }
}

static void read_tree(struct arena *arena, str bytes)
{
    struct file_tree tree;
    str stats = str_cut(&bytes, '\0');
    if (!reply_tree(arena, stats, bytes, TOKEN, &tree)) {
        return;
    }
    for (size_t i = 1; i < tree.count; i++) {
        BUG_ON(str_cmp(tree.entries[i - 1].path, tree.entries[i].path) > 0);
    }
}

/* One of each kind, then of files that were asked ahead. */
static struct observer *all_questions(struct arena *arena)
{
    struct observer *obs = observer_new(arena, NULL);
    struct file_stat stat;
    struct file_access access;
    struct file_tree tree;
    struct path_list list;
    struct user_entry user;
    struct run_answer run;
    unsigned mask;
    value map;
    str text;
    observe_stat(obs, paths[0], &stat);
    observe_text(obs, paths[1], &text);
    observe_digest(obs, paths[0], DIGEST_SHA1, &text);
    observe_stat_follow(obs, paths[2], &stat);
    observe_tree(obs, S("/t"), true, &tree);
    observe_glob(obs, S("/g/*"), &list);
    observe_run(obs, ARGV(S("id"), S("-G")), &run);
    observe_user(obs, S("root"), &user);
    observe_group(obs, S("0"), &user);
    observe_login(obs, &user);
    observe_environment(obs, &map);
    observe_program(obs, S("sh"), &text);
    observe_umask(obs, &mask);
    observe_access(obs, paths[0], &access);
    size_t urgent = obs->questions.len;
    observe_text(obs, paths[3], &text);
    observe_digest(obs, S("/d"), DIGEST_SHA256, &text);
    for (size_t i = urgent; i < obs->questions.len; i++) {
        obs->questions.items[i]->ahead = true;
    }
    return obs;
}

static void read_answers(struct arena *arena, str bytes)
{
    struct reply reply;
    struct observer *obs = all_questions(arena);
    struct path_wants wants = path_wants(arena, obs);
    if (!reply_parse(arena, TOKEN, bytes, &reply) || !ask_answers(arena, &reply, &wants, obs)) {
        return;
    }
    for (size_t i = 0; i < obs->questions.len; i++) {
        const struct question *q = obs->questions.items[i];
        BUG_ON(q->withheld && !q->ahead);
        BUG_ON(q->kind == ASK_TEXT && value_is(q->answer.content, VALUE_STR) &&
               value_as_str(q->answer.content).len > bytes.len);
    }
}

static void read_kind(struct arena *arena, unsigned kind, str bytes)
{
    str text, hex[PATHS] = { { 0 } };
    bool found[PATHS] = { 0 };
    struct file_stat stats[PATHS];
    struct user_entry user;
    struct path_list list;
    struct run_answer run;
    if (kind == '8') {
        read_answers(arena, bytes);
        return;
    }
    switch (kind % 8) {
    case 0:
        read_frame(arena, bytes);
        return;
    case 1:
        reply_bytes(arena, bytes, &text);
        return;
    case 2:
        reply_stats(arena, bytes, TOKEN, paths, PATHS, stats, found);
        return;
    case 3:
        reply_digests(arena, bytes, paths, PATHS, hex);
        return;
    case 4:
        reply_user(arena, bytes, S("root"), &user);
        reply_group(arena, bytes, S("0"), &user);
        return;
    case 5:
        read_tree(arena, bytes);
        return;
    case 6:
        reply_paths(arena, bytes, &list);
        return;
    case 7:
        while (reply_run(arena, &bytes, TOKEN, &run)) {
        }
        return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fuzz");
    if (size > 0) {
        /* a copy of its own length, so that reading beyond the end is seen */
        str bytes = str_copy(arena, (str){ (const char *)data + 1, size - 1 });
        read_kind(arena, data[0], bytes);
    }
    return 0;
}
