/*
 * answer.c - what a host's reply says to the questions that ask.c put. A reply is hostile: what is
 * not in the form that was asked for ends the shell, and sizes are bounded.
 */
#include "base/bug.h"
#include "remote/ask.h"
#include "remote/digest.h"

#define TREE_BYTES_MAX 67108864 /* of what stat prints for one tree */

struct path_answers {
    const struct path_wants *wants;
    str flags;
    struct file_stat *target, *itself; /* zero: absent */
    str problem;                       /* why stat told nothing of what is there, or STR_NONE */
    str *files;                        /* sections "t" */
    str *digests[DIGESTS];             /* of files whose section says "c" */
    bool no_program[DIGESTS];
};

/* What stat was asked in one go: paths, and which wants they belong to. */
struct stat_call {
    str *paths;
    size_t *wants;
    size_t count;
};

static struct stat_call stat_call(struct arena *arena, const struct path_answers *answers,
                                  bool follow)
{
    size_t most = answers->wants->items.len;
    struct stat_call call = { NEW_ARRAY(arena, str, most), NEW_ARRAY(arena, size_t, most), 0 };
    for (size_t i = 0; i < most; i++) {
        const struct path_want *want = &answers->wants->items.items[i];
        char flag = answers->flags.ptr[i];
        bool asked = follow ? flag == 'e' || (flag == 'l' && want->target)
                            : (flag == 'l' || flag == 'd') && want->itself;
        if (asked) {
            call.paths[call.count] = want->path;
            call.wants[call.count++] = i;
        }
    }
    return call;
}

/* A path that went away between the test and stat is absent; without a word about it, or with
 * another one, stat failed. */
static str complaint(struct arena *arena, str printed, str token)
{
    if (str_find(printed, S("No such file or directory"), 0) != STR_NPOS) {
        return STR_NONE;
    }
    size_t first = str_find(printed, token, 0);
    str line = str_trim(first == STR_NPOS ? printed : str_part(printed, 0, first));
    return line.len > 0 ? str_copy(arena, str_cut(&line, '\n')) : S("stat did not tell its status");
}

static bool read_stats(struct arena *arena, const struct reply *reply, str section, bool follow,
                       struct path_answers *answers)
{
    struct stat_call call = stat_call(arena, answers, follow);
    struct file_stat *stats = NEW_ARRAY(arena, struct file_stat, call.count);
    bool *found = NEW_ARRAY(arena, bool, call.count);
    str printed = reply_get(reply, section);
    if (!reply_stats(arena, printed, reply->token, call.paths, call.count, stats, found)) {
        return false;
    }
    for (size_t i = 0; i < call.count; i++) {
        size_t want = call.wants[i];
        if (!found[i] && str_is_none(answers->problem)) {
            answers->problem = complaint(arena, printed, reply->token);
        }
        if (follow) {
            answers->target[want] = stats[i];
        }
        if (!follow || answers->flags.ptr[want] == 'e') {
            answers->itself[want] = stats[i];
        }
    }
    return true;
}

/* The bytes of a file as section "t" has them. False: the reply is not what was asked for. */
static bool read_file(struct arena *arena, str section, struct question *q, str *ret_bytes)
{
    *ret_bytes = STR_NONE;
    if (q->ahead && str_eq(section, S("b"))) {
        q->withheld = true;
        return true;
    }
    if (str_starts(section, S("!"))) {
        q->problem = str_copy(arena, str_part(section, 1, section.len));
        return true;
    }
    return str_eq(section, S("n")) || str_eq(section, S("o")) ||
           reply_bytes(arena, section, ret_bytes);
}

static bool answer_text(struct arena *arena, str section, struct question *q)
{
    str bytes;
    q->answer.content = (value){ .kind = VALUE_UNDEFINED };
    if (!read_file(arena, section, q, &bytes)) {
        return false;
    }
    if (str_eq(section, S("o"))) {
        q->problem = S("not a regular file");
    } else if (!str_is_none(bytes) && bytes.len > OBSERVE_TEXT_MAX) {
        q->problem = S("larger than 16 MiB");
    } else if (!str_is_none(bytes)) {
        q->answer.content = value_str(arena, bytes);
    }
    return true;
}

/* "c" in the sections of files for which a program was asked. */
static bool has_checksum(str section)
{
    return str_eq(section, S("c"));
}

/* Whether a checksum program was asked for this digest of the i-th file. */
static bool was_asked(const struct path_answers *answers, size_t i, size_t digest)
{
    return want_has_digest(&answers->wants->items.items[i], digest) &&
           has_checksum(answers->files[i]);
}

/* What a checksum program printed, for each file that it was asked about. */
static void read_digest(struct arena *arena, const struct reply *reply, size_t digest,
                        struct path_answers *ret)
{
    str *paths = NEW_ARRAY(arena, str, ret->wants->files);
    size_t count = 0;
    for (size_t i = 0; i < ret->wants->files; i++) {
        if (was_asked(ret, i, digest)) {
            paths[count++] = ret->wants->items.items[i].path;
        }
    }
    if (count == 0) {
        return;
    }
    str *hex = NEW_ARRAY(arena, str, count);
    str printed = reply_get(reply, str_format(arena, "g%zu", digest));
    ret->no_program[digest] = str_is_none(printed);
    reply_digests(arena, printed, paths, count, hex);
    ret->digests[digest] = NEW_ARRAY(arena, str, ret->wants->files);
    for (size_t i = 0, at = 0; i < ret->wants->files; i++) {
        if (was_asked(ret, i, digest)) {
            ret->digests[digest][i] = hex[at++];
        }
    }
}

static bool read_paths(struct arena *arena, const struct reply *reply,
                       const struct path_wants *wants, struct path_answers *ret)
{
    *ret = (struct path_answers){ .wants = wants, .problem = STR_NONE };
    size_t count = ret->wants->items.len;
    ret->flags = reply_get(reply, S("f"));
    if (count == 0) {
        return true;
    }
    ret->target = NEW_ARRAY(arena, struct file_stat, count);
    ret->itself = NEW_ARRAY(arena, struct file_stat, count);
    ret->files = NEW_ARRAY(arena, str, ret->wants->files);
    for (size_t i = 0; i < ret->wants->files; i++) {
        ret->files[i] = reply_get(reply, str_format(arena, "t%zu", i));
    }
    for (size_t d = 0; d < DIGESTS; d++) {
        read_digest(arena, reply, d, ret);
    }
    return ret->flags.len == count && read_stats(arena, reply, S("a"), true, ret) &&
           read_stats(arena, reply, S("b"), false, ret);
}

static bool answer_digest(struct arena *arena, const struct path_answers *paths, size_t index,
                          struct question *q)
{
    str bytes;
    q->answer.text = STR_NONE;
    if (has_checksum(paths->files[index])) {
        q->answer.text = paths->digests[q->digest][index];
        if (paths->no_program[q->digest]) {
            q->problem = S("the host has no sha1sum (md5sum ...), shasum or openssl");
        } else if (str_is_none(q->answer.text)) {
            q->problem = S("its checksum was not told");
        }
        return true;
    }
    if (!read_file(arena, paths->files[index], q, &bytes)) {
        return false;
    }
    if (!str_is_none(bytes)) {
        q->answer.text = digest_of_bytes(arena, q->digest, bytes);
    }
    return true;
}

static bool answer_path(struct arena *arena, const struct path_answers *paths, struct question *q)
{
    size_t index = q->want;
    if (q->kind == ASK_TEXT) {
        return answer_text(arena, paths->files[index], q);
    }
    if (q->kind == ASK_DIGEST) {
        return answer_digest(arena, paths, index, q);
    }
    q->answer.stat = q->kind == ASK_STAT ? paths->itself[index] : paths->target[index];
    char flag = paths->flags.ptr[index];
    bool there = flag == 'e' || flag == 'l' || (flag == 'd' && q->kind == ASK_STAT);
    if (flag == '!') {
        q->problem = S("Permission denied");
    } else if (there && q->answer.stat.type == FILE_ABSENT) {
        q->problem = paths->problem;
    }
    return true;
}

static bool answer_tree(struct arena *arena, const struct reply *reply, size_t i,
                        struct question *q)
{
    str stats = reply_get(reply, str_format(arena, "e%zu.", i));
    if (str_eq(stats, S("n"))) {
        q->answer.tree = (struct file_tree){ .exists = false };
        return true;
    }
    if (str_starts(stats, S("!"))) {
        q->problem = str_copy(arena, str_part(stats, 1, stats.len));
        return true;
    }
    str digests = reply_get(reply, str_format(arena, "h%zu", i));
    if (q->with_digest && str_is_none(digests)) {
        q->problem = S("the host has no sha1sum, shasum or openssl");
        return true;
    }
    if (stats.len > TREE_BYTES_MAX) {
        q->problem = str_format(arena, "more than %d entries", OBSERVE_TREE_MAX);
        return true;
    }
    return reply_tree(arena, str_part(stats, 1, stats.len), digests, reply->token, &q->answer.tree);
}

static bool answer_environment(struct arena *arena, const struct reply *reply, struct question *q)
{
    str bytes;
    if (!reply_bytes(arena, reply_get(reply, S("v")), &bytes)) {
        return false;
    }
    struct map_builder map = map_in(arena);
    while (bytes.len > 0) {
        str rest = str_cut(&bytes, '\0');
        str name = str_cut(&rest, '=');
        if (!str_is_none(rest)) {
            map_set_str(&map, name, value_str(arena, str_copy(arena, rest)));
        }
    }
    q->answer.map = map_seal(&map);
    return true;
}

static bool answer_single(struct arena *arena, const struct reply *reply,
                          const struct path_answers *paths, size_t i, struct question *q, str *runs)
{
    switch (q->kind) {
    case ASK_STAT:
    case ASK_STAT_FOLLOW:
    case ASK_TEXT:
    case ASK_DIGEST:
        return answer_path(arena, paths, q);
    case ASK_TREE:
        return answer_tree(arena, reply, i, q);
    case ASK_GLOB:
        return reply_paths(arena, reply_get(reply, str_format(arena, "c%zu", i)), &q->answer.paths);
    case ASK_RUN:
        return reply_run(arena, runs, reply->token, &q->answer.run);
    case ASK_USER:
        reply_user(arena, reply_get(reply, S("passwd")), q->arg, &q->answer.user);
        return true;
    case ASK_GROUP:
        reply_group(arena, reply_get(reply, S("group")), q->arg, &q->answer.user);
        return true;
    case ASK_LOGIN: {
        str uid = reply_get(reply, S("i"));
        reply_user(arena, reply_get(reply, S("j")), uid, &q->answer.user);
        uint64_t number;
        if (!q->answer.user.exists && uid.len <= 10 && str_to_base(uid, 10, &number)) {
            q->answer.user.uid = (unsigned)number;
        }
        return uid.len > 0;
    }
    case ASK_ENVIRONMENT:
        return answer_environment(arena, reply, q);
    case ASK_PROGRAM: {
        str path = reply_get(reply, str_format(arena, "w%zu", i));
        q->answer.text = path.len > 0 ? str_copy(arena, path) : STR_NONE;
        return true;
    }
    case ASK_ACCESS: {
        str rights = reply_get(reply, str_format(arena, "v%zu", i));
        q->answer.access = (struct file_access){
            .read = str_find_char(rights, 'r', 0) != STR_NPOS,
            .write = str_find_char(rights, 'w', 0) != STR_NPOS,
            .execute = str_find_char(rights, 'x', 0) != STR_NPOS,
        };
        return !str_is_none(rights);
    }
    case ASK_UMASK: {
        uint64_t mask;
        str octal = reply_get(reply, S("m"));
        if (octal.len == 0 || octal.len > 6 || !str_to_base(octal, 8, &mask)) {
            return false;
        }
        q->answer.umask = (unsigned)mask & 0777;
        return true;
    }
    }
    BUG("question of kind %d", q->kind);
}

bool ask_answers(struct arena *arena, const struct reply *reply, const struct path_wants *wants,
                 struct observer *obs)
{
    struct path_answers paths;
    if (!read_paths(arena, reply, wants, &paths)) {
        return false;
    }
    str runs = reply_get(reply, S("r"));
    for (size_t i = obs->answered; i < obs->questions.len; i++) {
        struct question *q = obs->questions.items[i];
        if (!answer_single(arena, reply, &paths, i, q, &runs)) {
            return false;
        }
    }
    return true;
}

bool ask_stats_answer(struct arena *arena, const struct reply *reply, const str *paths,
                      size_t count, struct file_stat *ret)
{
    bool *found = NEW_ARRAY(arena, bool, count);
    return reply_stats(arena, reply_get(reply, S("after")), reply->token, paths, count, ret, found);
}
