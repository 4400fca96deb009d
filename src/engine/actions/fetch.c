/*
 * fetch - bring a file of the host here, into a tree with a directory for each host, or (flat) to a
 * path.
 *
 * What is here already is not brought again. The new file comes in a stream beside the old one and
 * takes its place when it is whole and what the host said it was. In the tree no name can lead out
 * of the host's directory, whatever the host has put into it: the path is normal before it is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "engine/actions/actions.h"
#include "engine/actions/reach.h"
#include "engine/diff.h"
#include "remote/digest.h"

struct fetch_params {
    str src, dest;
    bool flat, fail_on_missing, validate_checksum;
};

static const struct param params[] = {
    PARAM(struct fetch_params, src, .type = PARAM_PATH, .required = true,
          .doc = "The file of the host; links are followed."),
    PARAM(struct fetch_params, dest, .type = PARAM_STR, .required = true,
          .doc = "The directory here; the file goes to HOST/PATH in it."),
    PARAM(struct fetch_params, flat, .type = PARAM_BOOL,
          .doc = "'dest' is the file itself, or when it ends in '/' the directory of the file."),
    PARAM(struct fetch_params, fail_on_missing, .type = PARAM_BOOL, .fallback = "yes",
          .doc = "Fail when the file is not there or cannot be read."),
    PARAM(struct fetch_params, validate_checksum, .type = PARAM_BOOL, .fallback = "yes",
          .doc = "Fail when what came is not what the host said it has."),
    PARAM_IGNORED("validate_md5", "Without effect: 'validate_checksum' is the name of today."),
    PARAM_IGNORED("mode", "Without effect, as in Ansible."),
    PARAM_IGNORED("owner", "Without effect, as in Ansible."),
    PARAM_IGNORED("group", "Without effect, as in Ansible."),
    PARAM_END,
};

struct fetch {
    struct action_call *call;
    struct reach *reach;
    const struct fetch_params *want;
    struct file_stat there; /* on the host, links followed */
    str there_sha1;         /* empty: known in a real run only */
    str dest;               /* the file here, absolute */
    str real_dest;          /* what a link at `dest` leads to, or the same */
    struct here {
        bool exists;
        unsigned mode;
        str sha1, md5; /* STR_NONE: there is no such file, or libcrypto does not do it (FIPS) */
    } here;
};

static struct arena *arena_of(const struct fetch *fetch)
{
    return fetch->call->eval->arena;
}

static bool fail(const struct fetch *fetch, const char *format, ...) PRINTF(2, 3);
static bool fail(const struct fetch *fetch, const char *format, ...)
{
    struct strbuf text = strbuf_in(arena_of(fetch));
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    diag_error(fetch->call->eval->diags, fetch->call->task->action_at, "%.*s",
               SARG(strbuf_str(&text)));
    return false;
}

/* ---- where to ---- */

/* "~" and "~user" of this machine; others as they are. */
static str expand_user(struct arena *arena, str path)
{
    if (!str_starts(path, S("~"))) {
        return path;
    }
    struct passwd entry, *found = NULL;
    char buffer[4096];
    size_t slash = str_find_char(path, '/', 0);
    slash = slash == STR_NPOS ? path.len : slash;
    str home = str_of(getenv("HOME"));
    if (slash > 1 || str_is_none(home)) {
        const char *user = str_c(arena, str_part(path, 1, slash));
        bool known = slash > 1 ? getpwnam_r(user, &entry, buffer, sizeof buffer, &found) == 0
                               : getpwuid_r(geteuid(), &entry, buffer, sizeof buffer, &found) == 0;
        home = known && found != NULL ? str_of(found->pw_dir) : STR_NONE;
    }
    return str_is_none(home) ? path : str_concat(arena, home, str_part(path, slash, path.len));
}

static bool is_directory(struct arena *arena, str path)
{
    struct stat status;
    return stat(str_c(arena, path), &status) == 0 && S_ISDIR(status.st_mode);
}

/* The path below HOST: that of the file, but for a relative one, which stays as it was given. */
static str below_host(const struct fetch *fetch, str src)
{
    str given = value_as_str(value_get(fetch->call->args, S("src")));
    bool expanded = str_starts(given, S("~")) || str_find_char(given, '$', 0) != STR_NPOS;
    return expanded || path_is_absolute(given) ? str_part(src, 1, src.len) : given;
}

static bool find_dest(struct fetch *fetch)
{
    const struct fetch_params *want = fetch->want;
    struct arena *arena = arena_of(fetch);
    str src = path_normal(arena, want->src); /* absolute, and so without ".." */
    str dir = path_join(arena, tree_workplace(arena, node_play(&fetch->call->task->node)->dir),
                        expand_user(arena, want->dest));
    if (want->dest.len == 0 || str_find_char(want->dest, '\0', 0) != STR_NPOS) {
        return fail(fetch, "'dest' is no path");
    }
    if (want->flat && !str_ends(dir, S("/"))) {
        fetch->dest = path_normal(arena, dir);
        return !is_directory(arena, dir) ||
               fail(fetch, "'%.*s' is a directory: end it with a slash to fetch the file into it",
                    SARG(want->dest));
    }
    if (want->flat) {
        fetch->dest = path_normal(arena, path_join(arena, dir, path_basename(src)));
        return true;
    }
    dir = path_normal(arena, dir);
    str own = path_join(arena, dir, fetch->call->host->name);
    fetch->dest = path_normal(arena, path_join(arena, own, below_host(fetch, src)));
    if (!path_is_inside(arena, dir, own) || str_eq(path_normal(arena, own), dir) ||
        !path_is_inside(arena, own, fetch->dest)) {
        return fail(fetch, "'%.*s' would be written outside of '%.*s'", SARG(fetch->dest),
                    SARG(want->dest));
    }
    return true;
}

/* ---- what is here ---- */

/* Both digests of what can be read from a descriptor. False: errno tells why not. */
static bool digest_both(struct arena *arena, int fd, struct here *ret)
{
    char buffer[65536];
    ssize_t got;
    bool has_md5 = digest_is_possible(DIGEST_MD5);
    struct evp_md_ctx_st *sha1 CLEANUP(digest_free) = digest_start(DIGEST_SHA1);
    struct evp_md_ctx_st *md5 CLEANUP(digest_free) = has_md5 ? digest_start(DIGEST_MD5) : NULL;
    while ((got = read(fd, buffer, sizeof buffer)) > 0) {
        str bytes = { buffer, (size_t)got };
        digest_add(sha1, bytes);
        if (has_md5) {
            digest_add(md5, bytes);
        }
    }
    ret->sha1 = digest_text(arena, sha1);
    ret->md5 = has_md5 ? digest_text(arena, md5) : STR_NONE;
    return got == 0;
}

static bool look_here(struct fetch *fetch)
{
    struct arena *arena = arena_of(fetch);
    struct stat status;
    char *real = realpath(str_c(arena, fetch->dest), NULL);
    fetch->real_dest = real != NULL ? str_copy(arena, str_of(real)) : fetch->dest;
    free(real);
    fetch->here = (struct here){ .sha1 = STR_NONE, .md5 = STR_NONE };
    CLEANUP(close_fd)
    int fd = open(str_c(arena, fetch->real_dest), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return true;
    }
    if (fd < 0 || fstat(fd, &status) != 0) {
        return fail(fetch, "could not read '%.*s' here: %s", SARG(fetch->dest), strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(fetch, "'%.*s' is here, and no file", SARG(fetch->dest));
    }
    fetch->here.exists = true;
    fetch->here.mode = status.st_mode & 07777;
    return digest_both(arena, fd, &fetch->here) ||
           fail(fetch, "could not read '%.*s' here: %s", SARG(fetch->dest), strerror(errno));
}

/* ---- bringing it ---- */

static bool make_directories(const struct fetch *fetch, str path)
{
    struct arena *arena = arena_of(fetch);
    if (path.len <= 1 || is_directory(arena, path)) {
        return true;
    }
    if (!make_directories(fetch, path_dirname(path))) {
        return false;
    }
    /* another host's task may make it at the same time */
    return mkdir(str_c(arena, path), 0777) == 0 || errno == EEXIST ||
           fail(fetch, "could not create directory '%.*s' here: %s", SARG(path), strerror(errno));
}

/* A file of our own beside the one it will replace, as readable as that is. */
static int open_beside(const struct fetch *fetch, str path)
{
    const struct here *here = &fetch->here;
    int fd = open(str_c(arena_of(fetch), path), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
                  here->exists ? here->mode & 0700 : 0666);
    if (fd >= 0 && here->exists) {
        (void)!fchmod(fd, here->mode);
    }
    if (fd < 0) {
        fail(fetch, "could not create '%.*s' here: %s", SARG(path), strerror(errno));
    }
    return fd;
}

/* Into the open file. *ret_new: what came. */
static enum remote_status download(struct fetch *fetch, int fd, struct here *ret_new)
{
    struct reach *reach = fetch->reach;
    struct downloaded got;
    /* more than it said would not be what it said; files of /proc say nothing */
    bool limited = fetch->want->validate_checksum && fetch->there.size > 0;
    struct download download = {
        .path = fetch->want->src,
        .size_max = limited ? fetch->there.size : UINT64_MAX,
        .fd = fd,
        .digest = DIGEST_SHA1,
    };
    enum remote_status status =
        remote_download(reach->lease->remote, &reach->context, &download, &got, &reach->error);
    if (status == REMOTE_OK &&
        (lseek(fd, 0, SEEK_SET) != 0 || !digest_both(arena_of(fetch), fd, ret_new))) {
        reach->error.message = str_format(arena_of(fetch), "could not read '%.*s' here: %s",
                                          SARG(fetch->dest), strerror(errno));
        return REMOTE_FAILED;
    }
    return status;
}

static void add_diff(struct fetch *fetch, str new_path, struct action_outcome *ret);

static value text_or_null(struct arena *arena, str text)
{
    return str_is_none(text) ? value_null() : value_str(arena, text);
}

static value changed_result(struct fetch *fetch, const struct here *new)
{
    struct arena *arena = arena_of(fetch);
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(true));
    map_set_str(&map, S("checksum"), text_or_null(arena, new->sha1));
    map_set_str(&map, S("dest"), value_str(arena, fetch->dest));
    map_set_str(&map, S("md5sum"), text_or_null(arena, new->md5));
    map_set_str(&map, S("remote_checksum"), text_or_null(arena, fetch->there_sha1));
    map_set_str(&map, S("remote_md5sum"), value_null());
    return map_seal(&map);
}

static value mismatch_result(struct fetch *fetch, const struct here *new)
{
    struct map_builder map = map_from(arena_of(fetch), changed_result(fetch, new));
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("failed"), value_bool(true));
    map_set_str(&map, S("file"), value_str(arena_of(fetch), fetch->want->src));
    map_set_str(&map, S("msg"), value_str(arena_of(fetch), S("checksum mismatch")));
    return map_seal(&map);
}

/* Name the file that came as it shall be, if it is what was asked for. */
static bool take(struct fetch *fetch, str new_path, const struct here *new,
                 struct action_outcome *ret)
{
    struct arena *arena = arena_of(fetch);
    if (fetch->want->validate_checksum && !str_eq_nocase(new->sha1, fetch->there_sha1)) {
        ret->result = mismatch_result(fetch, new);
        return true;
    }
    if (fetch->call->want_diff) {
        add_diff(fetch, new_path, ret);
    }
    if (rename(str_c(arena, new_path), str_c(arena, fetch->real_dest)) != 0) {
        return fail(fetch, "could not replace '%.*s' here: %s", SARG(fetch->dest), strerror(errno));
    }
    ret->result = changed_result(fetch, new);
    return true;
}

static bool bring(struct fetch *fetch, struct action_outcome *ret)
{
    struct arena *arena = arena_of(fetch);
    struct here new = { .sha1 = STR_NONE, .md5 = STR_NONE };
    str dir = path_dirname(fetch->real_dest);
    str new_path = str_format(arena, "%.*s/.hostler-%.*s", SARG(dir),
                              SARG(observe_token(observer_new(arena, NULL), 12)));
    if (!make_directories(fetch, dir)) {
        return false;
    }
    CLEANUP(close_fd) int fd = open_beside(fetch, new_path);
    if (fd < 0) {
        return false;
    }
    enum remote_status status = download(fetch, fd, &new);
    bool ok = status == REMOTE_OK ? take(fetch, new_path, &new, ret)
                                  : reach_failed(fetch->reach, status, ret);
    unlink(str_c(arena, new_path)); /* unless it is the file by now */
    return ok;
}

/* ---- the diff ---- */

/* A text of at most 16 MiB; undefined: there is none, or it cannot be shown. */
static value text_here(struct arena *arena, str path)
{
    CLEANUP(close_fd) int fd = open(str_c(arena, path), O_RDONLY | O_CLOEXEC);
    str text;
    bool ok = fd >= 0 && fd_read(arena, fd, OBSERVE_TEXT_MAX, &text);
    return ok ? value_str(arena, text) : (value){ 0 };
}

static void draw(struct fetch *fetch, value after, uint64_t size, struct action_outcome *ret)
{
    struct arena *arena = arena_of(fetch);
    struct strbuf diff = strbuf_in(arena);
    bool text = value_is(after, VALUE_STR);
    struct change change = {
        .kind = CHANGE_WRITE,
        .path = fetch->dest,
        .before_content = fetch->here.exists ? text_here(arena, fetch->real_dest) : (value){ 0 },
        .content = { .kind = text ? CONTENT_BYTES : CONTENT_REMOTE,
                     .bytes = after,
                     .size = size,
                     .digest = fetch->there_sha1 },
    };
    diff_add(&diff, &change);
    ret->diff = strbuf_str(&diff);
}

static void add_diff(struct fetch *fetch, str new_path, struct action_outcome *ret)
{
    draw(fetch, text_here(arena_of(fetch), new_path), fetch->there.size, ret);
}

/* ---- dry run ---- */

/* Nothing is written here either. */
static bool foretell(struct fetch *fetch, struct action_outcome *ret)
{
    struct here new = { .sha1 = fetch->there_sha1, .md5 = STR_NONE };
    struct map_builder map = map_from(arena_of(fetch), changed_result(fetch, &new));
    map_set_str(&map, S("md5sum"), value_unknown());
    if (fetch->there_sha1.len == 0) {
        static const str names[] = { S_INIT("changed"), S_INIT("checksum"),
                                     S_INIT("remote_checksum") };
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            map_set_str(&map, names[i], value_unknown());
        }
    } else if (fetch->call->want_diff) {
        value after = { 0 };
        struct observer *obs = observer_new(arena_of(fetch), fetch->reach->overlay);
        if (fetch->there.size <= OBSERVE_TEXT_MAX) {
            observe_content(obs, fetch->want->src, &after);
            enum remote_status status = reach_ask(fetch->reach, obs);
            if (status != REMOTE_OK) {
                return reach_failed(fetch->reach, status, ret);
            }
            observe_content(obs, fetch->want->src, &after);
        }
        draw(fetch, after, fetch->there.size, ret);
    }
    ret->result = map_seal(&map);
    return true;
}

/* ---- the whole ---- */

static bool missing(struct fetch *fetch, str message, struct action_outcome *ret)
{
    struct arena *arena = arena_of(fetch);
    struct map_builder map = map_in(arena);
    if (fetch->want->fail_on_missing) {
        return fail(fetch, "%.*s", SARG(message));
    }
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("file"), value_str(arena, fetch->want->src));
    map_set_str(&map, S("msg"),
                value_str(arena, str_concat(arena, message, S(", not transferring, ignored"))));
    ret->result = map_seal(&map);
    return true;
}

static value same_result(struct fetch *fetch)
{
    struct arena *arena = arena_of(fetch);
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("checksum"), text_or_null(arena, fetch->here.sha1));
    map_set_str(&map, S("dest"), value_str(arena, fetch->dest));
    map_set_str(&map, S("file"), value_str(arena, fetch->want->src));
    map_set_str(&map, S("md5sum"), text_or_null(arena, fetch->here.md5));
    return map_seal(&map);
}

static void observe(struct fetch *fetch, struct observer *obs)
{
    observe_stat_follow(obs, fetch->want->src, &fetch->there);
    observe_digest(obs, fetch->want->src, DIGEST_SHA1, &fetch->there_sha1);
}

static bool fetch_open(struct fetch *fetch, struct action_outcome *ret)
{
    struct observer *obs = observer_new(arena_of(fetch), fetch->reach->overlay);
    observe(fetch, obs);
    enum remote_status status = reach_ask(fetch->reach, obs);
    if (status == REMOTE_FAILED) {
        return missing(fetch, fetch->reach->error.message, ret);
    }
    if (status != REMOTE_OK) {
        return reach_failed(fetch->reach, status, ret);
    }
    observe(fetch, obs);
    switch (fetch->there.type) {
    case FILE_ABSENT:
        return missing(fetch, S("the remote file does not exist"), ret);
    case FILE_DIRECTORY:
        return missing(fetch, S("remote file is a directory, fetch cannot work on directories"),
                       ret);
    case FILE_LINK:
    case FILE_CHAR_DEVICE:
    case FILE_BLOCK_DEVICE:
    case FILE_FIFO:
    case FILE_SOCKET:
        return missing(fetch, S("the remote file is no regular file"), ret);
    case FILE_UNKNOWN:
        fetch->there_sha1 = STR_EMPTY;
        break;
    case FILE_REGULAR:
        break;
    }
    if (!find_dest(fetch) || !look_here(fetch)) {
        return false;
    }
    if (fetch->there_sha1.len > 0 && str_eq_nocase(fetch->there_sha1, fetch->here.sha1)) {
        ret->result = same_result(fetch);
        return true;
    }
    return fetch->call->dry_run ? foretell(fetch, ret) : bring(fetch, ret);
}

static bool is_one_path(const struct action_call *call)
{
    value src = value_get(call->args, S("src"));
    if (!value_is(src, VALUE_LIST) && !value_is(src, VALUE_MAP)) {
        return true;
    }
    struct diag *diag = diag_error(call->eval->diags, src.at, "'src' must be one path, a text");
    diag_hint(diag, "fetch each by an item of a loop");
    return false;
}

static bool fetch_run(struct action_call *call, struct action_outcome *ret)
{
    struct fetch_params *want = arena_alloc(call->eval->arena, sizeof *want);
    struct reach reach;
    struct fetch fetch = { .call = call, .reach = &reach, .want = want };
    if (!is_one_path(call) || !reach_prepare(&reach, call)) {
        return false;
    }
    enum remote_status status = reach_open(&reach);
    if (status != REMOTE_OK) {
        return reach_failed(&reach, status, ret);
    }
    bool ok = reach_params(&reach, &action_fetch, want) && fetch_open(&fetch, ret);
    reach_close(&reach);
    return ok;
}

const struct engine_action action_fetch = {
    .name = S_INIT("fetch"),
    .summary = "Bring a file of the host here",
    .params = params,
    .params_size = sizeof(struct fetch_params),
    .run = fetch_run,
};
