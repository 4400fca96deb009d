/* stat - what is known about a path. */
#include "module/module.h"
#include "module/resolve.h"

enum checksum_choice { SUM_MD5, SUM_SHA1, SUM_SHA224, SUM_SHA256, SUM_SHA384, SUM_SHA512 };

struct stat_params {
    str path;
    bool follow, get_checksum, get_mime, get_attributes;
    int checksum_algorithm;
};

static const struct param params[] = {
    PARAM(struct stat_params, path, .type = PARAM_PATH, .required = true, .maybe = true,
          .aliases = ALIASES("dest", "name"),
          .doc = "What to look at; where it is empty there is nothing."),
    PARAM(struct stat_params, follow, .type = PARAM_BOOL,
          .doc = "Tell of what a link points to, not of the link."),
    PARAM(struct stat_params, get_checksum, .type = PARAM_BOOL, .fallback = "yes",
          .doc = "Tell the checksum of a regular file."),
    PARAM(struct stat_params, checksum_algorithm, .type = PARAM_CHOICE, .fallback = "sha1",
          .choices = CHOICES("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
          .aliases = ALIASES("checksum", "checksum_algo"), .doc = "How the checksum is made."),
    PARAM(struct stat_params, get_mime, .type = PARAM_BOOL, .fallback = "yes",
          .aliases = ALIASES("mime", "mime_type", "mime-type"),
          .doc = "Name the kind of content; always 'unknown', as where file(1) is missing."),
    PARAM(struct stat_params, get_attributes, .type = PARAM_BOOL, .fallback = "yes",
          .aliases = ALIASES("attr", "attributes"),
          .doc = "List attributes as of lsattr(1); always none, as where it is missing."),
    PARAM_IGNORED("get_md5", "Without effect: use checksum_algorithm."),
    PARAM_END,
};

struct stat_state {
    struct file_stat stat;
    struct resolved real; /* with every link followed: who may read and write it, lnk_source */
    str checksum;
    struct file_access access;
    /* where the access is predicted: */
    struct user_entry login;
    struct run_answer groups; /* numbers of all groups of the task's user */
};

static enum digest digest_of(int choice)
{
    static const enum digest digests[] = {
        [SUM_MD5] = DIGEST_MD5,       [SUM_SHA1] = DIGEST_SHA1,     [SUM_SHA224] = DIGEST_SHA224,
        [SUM_SHA256] = DIGEST_SHA256, [SUM_SHA384] = DIGEST_SHA384, [SUM_SHA512] = DIGEST_SHA512,
    };
    return digests[choice];
}

static void stat_observe(struct observer *obs, const void *params_, void *ret_state)
{
    const struct stat_params *want = params_;
    struct stat_state *have = ret_state;
    if (str_is_none(want->path)) {
        return;
    }
    if (want->follow) {
        observe_stat_follow(obs, want->path, &have->stat);
    } else {
        observe_stat(obs, want->path, &have->stat);
    }
    if (want->get_checksum) {
        observe_digest(obs, want->path, digest_of(want->checksum_algorithm), &have->checksum);
    }
    observe_access(obs, want->path, &have->access);
    if (!observe_ready(obs)) {
        return;
    }
    have->real = (struct resolved){ want->path, have->stat };
    if (have->stat.type == FILE_LINK) {
        resolve_observe(obs, want->path, true, &have->real);
    }
    if (have->access.predicted) {
        observe_login(obs, &have->login);
        observe_run(obs, ARGV(S("id"), S("-G")), &have->groups);
    }
}

/* ---- what the task's user may do ---- */

static bool in_group(const struct stat_state *have, unsigned gid)
{
    uint64_t number;
    for (str rest = str_trim(have->groups.out); !str_is_none(rest);) {
        if (str_to_base(str_cut(&rest, ' '), 10, &number) && number == gid) {
            return true;
        }
    }
    return false;
}

/* Of what is not there yet: by the permission bits alone. */
static bool would_may(const struct stat_state *have, unsigned right)
{
    const struct file_stat *stat = &have->real.stat;
    if (have->login.uid == 0) {
        return right != 1 || stat->type == FILE_DIRECTORY || (stat->mode & 0111) != 0;
    }
    unsigned shift = have->login.uid == stat->uid ? 6 : in_group(have, stat->gid) ? 3 : 0;
    return (stat->mode >> shift & right) != 0;
}

static void add_access(struct map_builder *map, const struct stat_state *have)
{
    const struct file_access *access = &have->access;
    bool guess = access->predicted;
    map_set_str(map, S("readable"), value_bool(guess ? would_may(have, 4) : access->read));
    map_set_str(map, S("writeable"), value_bool(guess ? would_may(have, 2) : access->write));
    map_set_str(map, S("executable"), value_bool(guess ? would_may(have, 1) : access->execute));
}

/* ---- the result ---- */

static void add_types(struct map_builder *map, enum file_type type)
{
    static const struct {
        const char *key;
        enum file_type type;
    } types[] = {
        { "isreg", FILE_REGULAR },     { "isdir", FILE_DIRECTORY },    { "islnk", FILE_LINK },
        { "ischr", FILE_CHAR_DEVICE }, { "isblk", FILE_BLOCK_DEVICE }, { "isfifo", FILE_FIFO },
        { "issock", FILE_SOCKET },
    };
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        map_set_str(map, str_of(types[i].key), value_bool(types[i].type == type));
    }
}

static void add_bits(struct map_builder *map, unsigned mode)
{
    static const struct {
        const char *key;
        unsigned bit;
    } bits[] = {
        { "rusr", 0400 }, { "wusr", 0200 },   { "xusr", 0100 },   { "rgrp", 040 },
        { "wgrp", 020 },  { "xgrp", 010 },    { "roth", 04 },     { "woth", 02 },
        { "xoth", 01 },   { "isuid", 04000 }, { "isgid", 02000 },
    };
    for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
        map_set_str(map, str_of(bits[i].key), value_bool((mode & bits[i].bit) != 0));
    }
}

/* Ids, times and counts; in a dry run those of what an earlier task would have made are unknown. */
static void add_numbers(struct map_builder *map, const struct file_stat *stat)
{
    const struct {
        const char *key;
        value v;
    } numbers[] = {
        { "uid", value_int(stat->uid) },
        { "gid", value_int(stat->gid) },
        { "inode", value_int((int64_t)stat->inode) },
        { "dev", value_int((int64_t)stat->device) },
        { "nlink", value_int((int64_t)stat->links) },
        { "atime", value_float((double)stat->atime) },
        { "mtime", value_float((double)stat->mtime) },
        { "ctime", value_float((double)stat->ctime) },
    };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        map_set_str(map, str_of(numbers[i].key), stat->predicted ? value_unknown() : numbers[i].v);
    }
    map_set_str(map, S("size"), value_int((int64_t)stat->size));
    map_set_str(map, S("device_type"), value_int(0));
}

static void add_texts(struct arena *arena, struct map_builder *map, const struct stat_params *want,
                      const struct stat_state *have)
{
    const struct file_stat *stat = &have->stat;
    map_set_str(map, S("path"), value_str(arena, want->path));
    map_set_str(map, S("mode"), value_str(arena, str_format(arena, "%04o", stat->mode)));
    map_set_str(map, S("pw_name"), value_str(arena, stat->owner));
    map_set_str(map, S("gr_name"), value_str(arena, stat->group));
    if (stat->type == FILE_LINK) {
        map_set_str(map, S("lnk_target"), value_str(arena, stat->target));
        map_set_str(map, S("lnk_source"), value_str(arena, have->real.path));
    }
    if (want->get_checksum && stat->type == FILE_REGULAR) {
        map_set_str(map, S("checksum"),
                    str_is_none(have->checksum) ? value_unknown()
                                                : value_str(arena, have->checksum));
    }
}

static void add_untold(struct arena *arena, struct map_builder *map, const struct stat_params *want)
{
    if (want->get_mime) {
        map_set_str(map, S("mimetype"), value_str(arena, S("unknown")));
        map_set_str(map, S("charset"), value_str(arena, S("unknown")));
    }
    if (want->get_attributes) {
        map_set_str(map, S("attributes"), value_list(arena, NULL, 0));
        map_set_str(map, S("attr_flags"), value_str(arena, STR_EMPTY));
        map_set_str(map, S("version"), value_null());
    }
}

static value stat_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct stat_params *want = params_;
    const struct stat_state *have = state_;
    struct arena *arena = outcome_arena(out);
    struct map_builder map = map_in(arena);
    if (have->stat.type == FILE_UNKNOWN) {
        return map_of(out, "stat", value_unknown(), NULL);
    }
    map_set_str(&map, S("exists"), value_bool(have->stat.type != FILE_ABSENT));
    if (have->stat.type != FILE_ABSENT) {
        add_texts(arena, &map, want, have);
        add_types(&map, have->stat.type);
        add_bits(&map, have->stat.mode);
        add_numbers(&map, &have->stat);
        add_access(&map, have);
        add_untold(arena, &map, want);
    }
    return map_of(out, "stat", map_seal(&map), NULL);
}

const struct module module_stat = {
    .name = "stat",
    .summary = "Tell what is known about a path",
    .example = "- stat: { path: /etc/hostname }\n  register: name\n",
    .params = params,
    .params_size = sizeof(struct stat_params),
    .state_size = sizeof(struct stat_state),
    .observe = stat_observe,
    .result = stat_result,
};
