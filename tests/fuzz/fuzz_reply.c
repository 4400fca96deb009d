/*
 * fuzz_reply.c - whatever a host answers is read or refused: frames, sections, and each kind of
 * answer. The first byte chooses which. What is read from a frame lies inside it.
 */
#include "base/bug.h"
#include "fuzz.h"
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

static void read_kind(struct arena *arena, unsigned kind, str bytes)
{
    str text, hex[PATHS] = { { 0 } };
    bool found[PATHS] = { 0 };
    struct file_stat stats[PATHS];
    struct user_entry user;
    struct path_list list;
    struct run_answer run;
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
