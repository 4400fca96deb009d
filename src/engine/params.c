/*
 * params.c - parameters that need the controller's files, a template's rendering or the host.
 */
#include "engine/params.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "base/tree.h"
#include "formats/datetime.h"
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
    struct strbuf text = strbuf_in(arena);
    CLEANUP(close_fd) int fd = tree_open(path);
    ssize_t got = fd < 0 ? -1 : read(fd, strbuf_room(&text, 64), 64);
    strbuf_grew(&text, got > 0 ? (size_t)got : 0);
    *ret = STR_NONE;
    if (got <= 0 || !vault_is(strbuf_str(&text))) {
        return got >= 0;
    }
    while (got > 0 && text.len <= OBSERVE_TEXT_MAX) {
        got = read(fd, strbuf_room(&text, 1 << 16), 1 << 16);
        strbuf_grew(&text, got > 0 ? (size_t)got : 0);
    }
    errno = text.len > OBSERVE_TEXT_MAX ? EFBIG : errno;
    *ret = strbuf_str(&text);
    return got == 0;
}

static bool decrypt(struct item *item, span at, str path, str text, value *ret)
{
    const struct run_options *options = &item->job->run->options;
    if (options->vault == NULL) {
        diag_error(item->eval->diags, at, "'%.*s' is encrypted, and there is no vault password",
                   SARG(path));
        return false;
    }
    return options->vault(options->vault_data, item->eval->diags, text, at, ret);
}

static bool file_content(const struct search *search, span at, str path, struct content *ret)
{
    struct eval *eval = search->item->eval;
    str encrypted = STR_NONE;
    if (!digests_content(search->item->job->run->digests, eval->arena, path, ret) ||
        (!search->as_is && !read_encrypted(eval->arena, path, &encrypted))) {
        diag_error(eval->diags, at, "could not read '%.*s': %s", SARG(path), tree_why(errno));
        return false;
    }
    if (str_is_none(encrypted)) {
        return true;
    }
    value plain;
    if (!decrypt(search->item, at, path, encrypted, &plain)) {
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

static bool read_text(struct item *item, value name, str path, unsigned *ret_mode, bool *ret_secret,
                      value *ret)
{
    struct eval *eval = item->eval;
    struct strbuf text = strbuf_in(eval->arena);
    CLEANUP(close_fd) int fd = tree_open(path);
    struct stat status;
    ssize_t got = fd < 0 || !tree_fstat(path, fd, &status) ? -1 : 1;
    while (fd >= 0 && got > 0 && text.len <= OBSERVE_TEXT_MAX) {
        got = read(fd, strbuf_room(&text, 1 << 16), 1 << 16);
        strbuf_grew(&text, got > 0 ? (size_t)got : 0);
    }
    if (got < 0 || text.len > OBSERVE_TEXT_MAX) {
        diag_error(eval->diags, name.at, "could not read template '%.*s': %s", SARG(path),
                   got < 0 ? tree_why(errno) : "larger than 16 MiB");
        return false;
    }
    value plain = value_str(eval->arena, strbuf_str(&text));
    *ret_secret = vault_is(strbuf_str(&text));
    if (*ret_secret && !decrypt(item, name.at, path, strbuf_str(&text), &plain)) {
        return false;
    }
    const struct source *source = source_add(eval->diags->sources, path, value_as_str(plain));
    if (source == NULL) {
        diag_error(eval->diags, name.at, "too many bytes of templates in one run");
        return false;
    }
    *ret_mode = status.st_mode & 07777;
    *ret = value_trusted(
        value_at(value_str(eval->arena, source->text), source_span(source, 0, source->text.len)));
    return true;
}

static void text_option(value args, str name, str *ret)
{
    value v = value_get(args, name);
    if (value_is(v, VALUE_STR)) {
        *ret = value_as_str(v);
    }
}

static struct template_file_options file_options(value args)
{
    struct template_file_options options = TEMPLATE_FILE_DEFAULTS;
    value_to_bool(value_get(args, S("trim_blocks")), &options.trim_blocks);
    value_to_bool(value_get(args, S("lstrip_blocks")), &options.lstrip_blocks);
    text_option(args, S("newline_sequence"), &options.newline_sequence);
    text_option(args, S("block_start_string"), &options.block_start);
    text_option(args, S("block_end_string"), &options.block_end);
    text_option(args, S("variable_start_string"), &options.variable_start);
    text_option(args, S("variable_end_string"), &options.variable_end);
    text_option(args, S("comment_start_string"), &options.comment_start);
    text_option(args, S("comment_end_string"), &options.comment_end);
    return options;
}

static struct datetime local_time(struct timespec when)
{
    struct tm parts;
    localtime_r(&when.tv_sec, &parts);
    return (struct datetime){
        .year = parts.tm_year + 1900,
        .month = parts.tm_mon + 1,
        .day = parts.tm_mday,
        .hour = parts.tm_hour,
        .minute = parts.tm_min,
        .second = parts.tm_sec,
        .microsecond = (int)(when.tv_nsec / 1000),
    };
}

/* ansible_managed: {file}, {host} and {uid} are replaced, then what strftime() knows. The pattern
 * is the user's: that is what the setting is for. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static value managed(struct arena *arena, str form, str path, str host, value owner, time_t written)
{
    form = str_replace(arena, form, S("{file}"), path);
    form = str_replace(arena, form, S("{host}"), host);
    form = str_replace(arena, form, S("{uid}"), value_as_str(value_print(arena, owner)));
    struct tm parts;
    struct strbuf out = strbuf_in(arena);
    size_t room = form.len * 4 + 256;
    localtime_r(&written, &parts);
    strbuf_grew(&out, strftime(strbuf_room(&out, room), room, str_c(arena, form), &parts));
    return value_str(arena, strbuf_str(&out));
}

#pragma GCC diagnostic pop

/* When, and by whom, a template was written. */
static void add_origin(struct arena *arena, struct map_builder *map, str form, str path, str host)
{
    struct stat status;
    struct timespec now;
    if (!tree_stat(path, &status)) {
        return;
    }
    struct passwd entry, *found = NULL;
    char buffer[4096];
    struct datetime written = local_time(status.st_mtim);
    getpwuid_r(status.st_uid, &entry, buffer, sizeof(buffer), &found);
    clock_gettime(CLOCK_REALTIME, &now);
    struct datetime run = local_time(now);
    value owner =
        found == NULL ? value_int(status.st_uid) : value_str(arena, str_of(found->pw_name));
    map_set_str(map, S("ansible_managed"),
                managed(arena, form, path, host, owner, status.st_mtim.tv_sec));
    map_set_str(map, S("template_uid"), owner);
    map_set_str(map, S("template_mtime"), value_datetime(arena, &written));
    map_set_str(map, S("template_run_date"), value_datetime(arena, &run));
}

/* template_path and its relatives, which a template may show in a header ("# made from ..."). */
static value template_names(struct arena *arena, str form, value name, str path, value args)
{
    struct map_builder map = map_in(arena);
    char buffer[256] = "";
    gethostname(buffer, sizeof buffer - 1);
    str host = str_copy(arena, str_of(buffer));
    value dest = value_get(args, S("dest"));
    map_set_str(&map, S("template_host"), value_str(arena, host));
    map_set_str(&map, S("template_path"), value_str(arena, value_as_str(name)));
    map_set_str(&map, S("template_fullpath"), value_str(arena, path));
    add_origin(arena, &map, form, path, host);
    if (value_is(dest, VALUE_STR)) {
        map_set_str(&map, S("template_destpath"), dest);
    }
    return map_seal(&map);
}

static bool render_template(void *data, struct diags *diags, struct arena *arena, value name,
                            value args, struct template_text *ret)
{
    struct item *item = ((struct params_source *)data)->item;
    struct eval eval = *item->eval;
    value text;
    bool secret;
    *ret = (struct template_text){ .given = true, .name = value_as_str(name) };
    if (!search_file(&eval, name, S("templates"), "template", &ret->path) ||
        !read_text(item, name, ret->path, &ret->mode, &secret, &text)) {
        return false;
    }
    /* the template's own directory comes first for what it includes */
    str *paths = NEW_ARRAY(arena, str, eval.search_count + 1);
    paths[0] = path_dirname(ret->path);
    memcpy(paths + 1, eval.search_paths, eval.search_count * sizeof *paths);
    value *layers = NEW_ARRAY(arena, value, eval.scope->count + 1);
    memcpy(layers, eval.scope->layers, eval.scope->count * sizeof *layers);
    layers[eval.scope->count] =
        template_names(arena, item->job->run->options.managed, name, ret->path, args);
    struct scope scope = { .layers = layers, .count = eval.scope->count + 1 };
    eval.scope = &scope;
    eval.state = NULL;
    eval.search_paths = paths;
    eval.search_count++;
    size_t told = diags->all.len;
    if (!template_file(&eval, text, file_options(args), &ret->text)) {
        for (size_t i = told; i < diags->all.len; i++) {
            diag_note(diags->all.items[i], name.at, "the template is used here");
        }
        return false;
    }
    ret->text = secret ? value_secret_all(arena, ret->text) : ret->text;
    return true;
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

static bool is_name_char(char c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* $NAME and ${NAME}, from the environment of the task's user; unknown names stay as they are. */
static str expand_variables(struct arena *arena, str path, value environment)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < path.len;) {
        size_t from = i + 1, to;
        if (path.ptr[i] != '$' || from >= path.len) {
            strbuf_add_char(&out, path.ptr[i++]);
            continue;
        }
        bool braced = path.ptr[from] == '{';
        to = from += braced;
        while (to < path.len && is_name_char(path.ptr[to])) {
            to++;
        }
        value v = value_get(environment, str_part(path, from, to));
        bool closed = !braced || (to < path.len && path.ptr[to] == '}');
        if (to == from || !closed || !value_is(v, VALUE_STR)) {
            strbuf_add_char(&out, path.ptr[i++]);
            continue;
        }
        strbuf_add(&out, value_as_str(v));
        i = to + braced;
    }
    return strbuf_str(&out);
}

struct expansion {
    str user; /* "" of "~", "joe" of "~joe"; STR_NONE: there is no tilde */
    bool variables;
    struct user_entry entry;
    value environment;
};

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

static bool expand_path(void *data, struct diags *diags, struct arena *arena, value path, str *ret)
{
    struct params_source *source = data;
    str text = value_as_str(path);
    size_t slash = str_find_char(text, '/', 0);
    bool tilde = str_starts(text, S("~"));
    struct expansion expansion = {
        .user = tilde ? str_part(text, 1, slash == STR_NPOS ? text.len : slash) : STR_NONE,
        .variables = str_find_char(text, '$', 0) != STR_NPOS,
    };
    *ret = text;
    if (!tilde && !expansion.variables) {
        return true;
    }
    struct observer *obs = observer_new(arena, source->overlay);
    observe_expansion(obs, &expansion);
    if (!ask(source, obs, diags, path.at)) {
        return false;
    }
    observe_expansion(obs, &expansion); /* now with answers */
    if (tilde && !expansion.entry.exists) {
        diag_error(diags, path.at, "could not expand the path '%.*s': no such user on the host",
                   SARG(text));
        return false;
    }
    if (tilde) {
        text = str_concat(arena, expansion.entry.home,
                          slash == STR_NPOS ? STR_EMPTY : str_part(text, slash, text.len));
    }
    *ret = expansion.variables ? expand_variables(arena, text, expansion.environment) : text;
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
