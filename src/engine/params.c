/*
 * params.c - parameters that need the controller's files, a template's rendering or the host.
 */
#include "engine/params.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/expandvars.h"
#include "base/file_in.h"
#include "base/path.h"
#include "base/tree.h"
#include "engine/template_file.h"
#include "formats/vault.h"
#include "remote/digest.h"

/* ---- searching ---- */

bool search_file(struct eval *eval, value name, str subdir, const char *what, str *ret_path)
{
    struct arena *arena = eval->arena;
    str wanted = value_as_str(name);
    VEC(str) tried = { 0 };
    if (path_is_absolute(wanted)) {
        *VEC_PUSH(arena, &tried) = wanted;
    }
    for (size_t i = 0; i < eval->search_count && !path_is_absolute(wanted); i++) {
        str dir = eval->search_paths[i];
        *VEC_PUSH(arena, &tried) = path_join(arena, path_join(arena, dir, subdir), wanted);
        *VEC_PUSH(arena, &tried) = path_join(arena, dir, wanted);
    }
    for (size_t i = 0; i < tried.len; i++) {
        if (tree_exists(tried.items[i])) {
            *ret_path = path_normal(arena, tried.items[i]);
            return true;
        }
    }
    struct diag *diag =
        diag_error(eval->diags, name.at, "%s '%.*s' was not found", what, SARG(wanted));
    for (size_t i = 0; i < tried.len; i++) {
        diag_note(diag, SPAN_NONE, "looked at %.*s", SARG(tried.items[i]));
    }
    for (size_t i = 0; i < tried.len && str_is_none(diag->hint); i++) {
        str near = suggest_file(arena, tried.items[i]);
        if (!str_is_none(near)) {
            diag_hint(diag, "did you mean '%.*s'?", SARG(near));
        }
    }
    return false;
}

/* ---- files ---- */

/* What is looked for, and for whom. */
struct search {
    struct item *item;
    bool as_is; /* encrypted files stay so */
};

/* The whole of a file that begins as an encrypted one does; STR_NONE: another one. False: errno
 * tells why it cannot be read. */
static bool read_encrypted(struct arena *arena, str path, str *ret)
{
    char head[64];
    CLEANUP(close_fd) int fd = tree_open(path);
    ssize_t got = fd < 0 ? -1 : read(fd, head, sizeof head);
    *ret = STR_NONE;
    if (got <= 0 || !vault_is((str){ head, (size_t)got })) {
        return got >= 0;
    }
    return lseek(fd, 0, SEEK_SET) == 0 && fd_read(arena, fd, OBSERVE_TEXT_MAX, ret);
}

static bool file_content(const struct search *search, span at, str path, struct content *ret)
{
    struct eval *eval = search->item->eval;
    str encrypted = STR_NONE;
    if (!digests_content(search->item->job->run->digests, path, ret) ||
        (!search->as_is && !read_encrypted(eval->arena, path, &encrypted))) {
        diag_error(eval->diags, at, "could not read '%.*s': %s", SARG(path), tree_why(errno));
        return false;
    }
    if (str_is_none(encrypted)) {
        return true;
    }
    value plain;
    if (!run_decrypt(search->item->job->run, eval->diags, at, path, encrypted, &plain)) {
        return false;
    }
    *ret = (struct content){
        .kind = CONTENT_BYTES,
        .bytes = plain,
        .size = value_as_str(plain).len,
        .digest = digest_of_bytes(eval->arena, DIGEST_SHA1, value_as_str(plain)),
        .secret = true,
    };
    return true;
}

typedef VEC(struct source_entry) entries;

/* A directory on the way down, so that a link back up to one is not followed. */
struct way {
    dev_t device;
    ino_t inode;
    const struct way *up;
    unsigned depth;
};

static bool is_on_way(const struct way *way, const struct stat *status)
{
    for (; way != NULL; way = way->up) {
        if (way->device == status->st_dev && way->inode == status->st_ino) {
            return true;
        }
    }
    return false;
}

static bool add_entries(const struct search *search, span at, str top, str below,
                        const struct way *up, entries *ret);

/* What a link leads to, unless it is nothing, or a directory that the link is in. */
static void follow_link(struct arena *arena, str path, const struct way *up,
                        struct source_entry *entry)
{
    struct stat status;
    entry->target = STR_EMPTY;
    tree_link(arena, path, &entry->target);
    if (!tree_stat(path, &status) || is_on_way(up, &status)) {
        return;
    }
    entry->mode = status.st_mode & 07777;
    entry->leads_to = S_ISREG(status.st_mode)   ? FILE_REGULAR
                      : S_ISDIR(status.st_mode) ? FILE_DIRECTORY
                                                : FILE_ABSENT;
}

static bool add_entry(const struct search *search, span at, str top, str name, const struct way *up,
                      entries *ret)
{
    struct eval *eval = search->item->eval;
    struct arena *arena = eval->arena;
    str path = path_join(arena, top, name);
    struct stat status;
    if (!tree_lstat(path, &status)) {
        diag_error(eval->diags, at, "could not read '%.*s': %s", SARG(path), tree_why(errno));
        return false;
    }
    struct source_entry entry = { .path = name, .mode = status.st_mode & 07777 };
    entry.type = S_ISLNK(status.st_mode)   ? FILE_LINK
                 : S_ISDIR(status.st_mode) ? FILE_DIRECTORY
                                           : FILE_REGULAR;
    if (entry.type == FILE_LINK) {
        follow_link(arena, path, up, &entry);
    } else if (entry.type == FILE_REGULAR && !S_ISREG(status.st_mode)) {
        return true; /* sockets and devices are not copied */
    }
    enum file_type type = entry.type == FILE_LINK ? entry.leads_to : entry.type;
    if (type == FILE_REGULAR && !file_content(search, at, path, &entry.content)) {
        return false;
    }
    *VEC_PUSH(arena, ret) = entry;
    return type != FILE_DIRECTORY || add_entries(search, at, top, name, up, ret);
}

static bool add_entries(const struct search *search, span at, str top, str below,
                        const struct way *up, entries *ret)
{
    struct eval *eval = search->item->eval;
    struct arena *arena = eval->arena;
    str dir = below.len == 0 ? top : path_join(arena, top, below);
    struct name_list names;
    struct stat status;
    unsigned depth = up == NULL ? 0 : up->depth + 1;
    if (depth > VALUE_MAX_DEPTH || !tree_list(arena, dir, &names) || !tree_stat(dir, &status)) {
        diag_error(eval->diags, at, "could not read directory '%.*s': %s", SARG(dir),
                   depth > VALUE_MAX_DEPTH ? "nested too deep" : tree_why(errno));
        return false;
    }
    struct way way = { status.st_dev, status.st_ino, up, depth };
    for (size_t i = 0; i < names.len; i++) {
        str name = below.len == 0 ? names.items[i] : path_join(arena, below, names.items[i]);
        if (!add_entry(search, at, top, name, &way, ret)) {
            return false;
        }
    }
    return true;
}

static bool find_source(void *data, struct diags *diags, struct arena *arena, value name,
                        struct source_file *ret)
{
    struct item *item = ((struct params_source *)data)->item;
    struct search search = { item, ret->as_is };
    struct eval *eval = item->eval;
    struct stat status;
    *ret = (struct source_file){ .given = true, .as_is = search.as_is, .name = value_as_str(name) };
    if (!search_file(eval, name, S("files"), "file", &ret->path)) {
        return false;
    }
    if (!tree_stat(ret->path, &status)) {
        diag_error(diags, name.at, "could not read '%.*s': %s", SARG(ret->path), tree_why(errno));
        return false;
    }
    ret->mode = status.st_mode & 07777;
    ret->is_directory = S_ISDIR(status.st_mode);
    if (!ret->is_directory) {
        return file_content(&search, name.at, ret->path, &ret->content);
    }
    entries found = { 0 };
    if (!add_entries(&search, name.at, ret->path, STR_EMPTY, NULL, &found)) {
        return false;
    }
    ret->entries = found.items;
    ret->count = found.len;
    return true;
}

/* ---- templates ---- */

static bool render_template(void *data, struct diags *diags, struct arena *arena, value name,
                            value args, struct template_text *ret)
{
    struct item *item = ((struct params_source *)data)->item;
    str path;
    return search_file(item->eval, name, S("templates"), "template", &path) &&
           template_file_render(item->job->run, item->eval, name, path, args, ret);
}

/* ---- paths on the host ---- */

static bool ask(struct params_source *source, struct observer *obs, struct diags *diags, span at)
{
    struct remote_error error;
    if (observer_pending(obs) == 0) {
        return true;
    }
    if (remote_answer(source->remote, source->context, obs, &error) == REMOTE_OK &&
        !observer_problem(obs, &error)) {
        return true;
    }
    diag_error(diags, at, "could not expand the path: %.*s", SARG(error.message));
    return false;
}

struct expansion {
    str user; /* "" of "~", "joe" of "~joe"; STR_NONE: there is no tilde */
    str rest; /* of the path, behind that */
    bool variables;
    struct user_entry entry;
    value environment;
};

/* False: the path is as it is to be. */
static bool expansion_of(str path, struct expansion *ret)
{
    size_t slash = str_find_char(path, '/', 0);
    bool tilde = str_starts(path, S("~"));
    size_t end = !tilde ? 0 : slash == STR_NPOS ? path.len : slash;
    *ret = (struct expansion){
        .user = tilde ? str_part(path, 1, end) : STR_NONE,
        .rest = str_part(path, end, path.len),
        .variables = str_find_char(path, '$', 0) != STR_NPOS,
    };
    return tilde || ret->variables;
}

static void observe_expansion(struct observer *obs, struct expansion *expansion)
{
    if (!str_is_none(expansion->user) && expansion->user.len == 0) {
        observe_login(obs, &expansion->entry);
    } else if (!str_is_none(expansion->user)) {
        observe_user(obs, expansion->user, &expansion->entry);
    }
    if (expansion->variables) {
        observe_environment(obs, &expansion->environment);
    }
}

/* The name of a home among those that a host was seen to have. */
static str home_name(struct arena *arena, str task_user, const struct expansion *expansion)
{
    return str_format(arena, "%.*s~%.*s", SARG(task_user), SARG(expansion->user));
}

/* As Python has it: an account without a home has the root. */
static str below_home(struct arena *arena, str home, str rest)
{
    return home.len + rest.len > 0 ? str_concat(arena, home, rest) : S("/");
}

/* For guesses: ahead.c works with the host of the task, where its thread is alone. */
static void remember_home(const struct params_source *source, struct arena *arena,
                          const struct expansion *expansion)
{
    const struct item *item = source->item;
    bool own = item != NULL && item->target == item->job->host;
    if (own && !str_is_none(expansion->entry.home)) {
        str name = home_name(arena, source->context->become.user, expansion);
        host_set_home(item->target, name, expansion->entry.home);
    }
}

static bool expand_path(void *data, struct diags *diags, struct arena *arena, value path, str *ret)
{
    struct params_source *source = data;
    struct expansion expansion;
    *ret = value_as_str(path);
    if (!expansion_of(*ret, &expansion)) {
        return true;
    }
    struct observer *obs = observer_new(arena, source->overlay);
    observe_expansion(obs, &expansion);
    if (!ask(source, obs, diags, path.at)) {
        return false;
    }
    observe_expansion(obs, &expansion); /* now with answers */
    if (!str_is_none(expansion.user) && !expansion.entry.exists) {
        diag_error(diags, path.at, "could not expand the path '%.*s': no such user on the host",
                   SARG(*ret));
        return false;
    }
    str home = expansion.entry.home;
    if (!str_is_none(expansion.user) && home.len > 0 && !path_is_absolute(home)) {
        diag_error(diags, path.at,
                   "could not expand the path '%.*s': the home '%.*s' is no absolute path",
                   SARG(*ret), SARG(home));
        return false;
    }
    if (!str_is_none(expansion.user)) {
        remember_home(source, arena, &expansion);
        *ret = below_home(arena, home, expansion.rest);
    }
    if (expansion.variables) {
        *ret = expandvars(arena, *ret, &expansion.environment);
    }
    return true;
}

struct param_hooks params_hooks(struct params_source *source)
{
    return (struct param_hooks){
        .data = source,
        .find_source = find_source,
        .render_template = render_template,
        .expand_path = expand_path,
        .relative_to = source->relative_to,
    };
}

/* ---- before it is the task's turn ---- */

/* What is copied decides nothing of what a module asks first, but for a directory. */
static bool name_source(void *data, struct diags *diags, struct arena *arena, value name,
                        struct source_file *ret)
{
    str text = value_as_str(name);
    *ret = (struct source_file){ .given = true, .as_is = ret->as_is, .name = text, .path = text };
    return !str_ends(text, S("/"));
}

static bool name_template(void *data, struct diags *diags, struct arena *arena, value name,
                          value args, struct template_text *ret)
{
    *ret = (struct template_text){ .given = true,
                                   .name = value_as_str(name),
                                   .path = value_as_str(name) };
    return true;
}

static bool guess_path(void *data, struct diags *diags, struct arena *arena, value path, str *ret)
{
    const struct params_guess *guess = data;
    struct expansion expansion;
    *ret = value_as_str(path);
    if (!expansion_of(*ret, &expansion)) {
        return true;
    }
    if (expansion.variables) {
        return false;
    }
    observe_expansion(guess->paths, &expansion);
    str home = host_home(guess->host, home_name(arena, guess->user, &expansion));
    *ret = below_home(arena, home, expansion.rest);
    return !str_is_none(home);
}

struct param_hooks params_hooks_tentative(struct params_guess *guess)
{
    return (struct param_hooks){
        .data = guess,
        .find_source = name_source,
        .render_template = name_template,
        .expand_path = guess_path,
    };
}
