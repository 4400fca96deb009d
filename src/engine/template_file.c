/*
 * template_file.c - a template of the project, read and rendered for a host.
 */
#include "engine/template_file.h"

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/path.h"
#include "base/tree.h"
#include "formats/datetime.h"
#include "formats/vault.h"

/* ---- reading ---- */

/* A template as it was read, for all hosts. */
struct file {
    str path;
    struct stat status;
    bool secret;
    value text;
    value owner; /* the name of its file's owner, or the number */
    struct file *next;
};

#define CHAINS 256

struct template_files {
    pthread_mutex_t lock;
    struct arena *arena;
    struct file *chains[CHAINS];
};

struct template_files *template_files_new(void)
{
    struct arena *arena = arena_new("template files");
    struct template_files *files = NEW(arena, struct template_files);
    files->arena = arena;
    pthread_mutex_init(&files->lock, NULL);
    return files;
}

void template_files_free(struct template_files *files)
{
    if (files != NULL) {
        pthread_mutex_destroy(&files->lock);
        arena_free(files->arena);
    }
}

static value owner_of(struct arena *arena, const struct stat *status)
{
    char buffer[4096];
    struct passwd entry, *found = NULL;
    getpwuid_r(status->st_uid, &entry, buffer, sizeof buffer, &found);
    return found == NULL ? value_int(status->st_uid) : value_str(arena, str_of(found->pw_name));
}

static bool read_file(struct run *run, struct eval *eval, value name, str path, struct file *ret)
{
    str text;
    CLEANUP(close_fd) int fd = tree_open(path);
    if (fd < 0 || !tree_fstat(path, fd, &ret->status) ||
        !fd_read(eval->arena, fd, OBSERVE_TEXT_MAX, &text)) {
        diag_error(eval->diags, name.at, "could not read template '%.*s': %s", SARG(path),
                   errno == EFBIG ? "larger than 16 MiB" : tree_why(errno));
        return false;
    }
    value plain = value_str(eval->arena, text);
    ret->secret = vault_is(text);
    if (ret->secret && !run_decrypt(run, eval->diags, name.at, path, text, &plain)) {
        return false;
    }
    const struct source *source = (ret->secret ? source_add_secret : source_add)(
        eval->diags->sources, path, value_as_str(plain));
    if (source == NULL) {
        diag_error(eval->diags, name.at, "too many bytes of templates in one run");
        return false;
    }
    ret->path = path;
    ret->text = value_trusted(value_at(value_str_shared(eval->arena, source->text),
                                       source_span(source, 0, source->text.len)));
    ret->owner = owner_of(eval->arena, &ret->status);
    return true;
}

/* Under the lock. */
static struct file *find_file(struct template_files *files, str path)
{
    struct file *file = files->chains[str_hash(path) % CHAINS];
    while (file != NULL && !str_eq(file->path, path)) {
        file = file->next;
    }
    return file;
}

/* A file that was fresh when it was read is read again by the next. */
static void keep_file(struct template_files *files, const struct file *file)
{
    if (tree_is_fresh(&file->status)) {
        return;
    }
    pthread_mutex_lock(&files->lock);
    struct file *kept = find_file(files, file->path);
    if (kept == NULL) {
        struct file **chain = &files->chains[str_hash(file->path) % CHAINS];
        kept = NEW(files->arena, struct file);
        *kept = (struct file){ .path = str_copy(files->arena, file->path), .next = *chain };
        *chain = kept;
    }
    if (!tree_unchanged(&kept->status, &file->status)) {
        kept->status = file->status;
        kept->secret = file->secret;
        kept->text = value_copy(files->arena, file->text);
        kept->owner = value_copy(files->arena, file->owner);
    }
    pthread_mutex_unlock(&files->lock);
}

static bool find_or_read(struct run *run, struct eval *eval, value name, str path, struct file *ret)
{
    struct stat now;
    struct template_files *files = run->template_files;
    pthread_mutex_lock(&files->lock);
    const struct file *kept = find_file(files, path);
    *ret = kept != NULL ? *kept : (struct file){ 0 };
    pthread_mutex_unlock(&files->lock);
    if (kept != NULL && tree_stat(path, &now) && tree_unchanged(&ret->status, &now)) {
        return true;
    }
    if (!read_file(run, eval, name, path, ret)) {
        return false;
    }
    keep_file(files, ret);
    return true;
}

/* ---- options ---- */

static void text_option(value args, str name, str *ret)
{
    value v = value_get(args, name);
    if (value_is(v, VALUE_STR)) {
        *ret = value_as_str(v);
    }
}

/* A line end may be written as its escape, as YAML leaves it in single quotes. */
static str line_end(str given)
{
    static const str escapes[] = { S_INIT("\\n"), S_INIT("\\r"), S_INIT("\\r\\n") };
    static const str ends[] = { S_INIT("\n"), S_INIT("\r"), S_INIT("\r\n") };
    for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
        if (str_eq(given, escapes[i])) {
            return ends[i];
        }
    }
    return given;
}

static struct template_file_options file_options(value args)
{
    struct template_file_options options = TEMPLATE_FILE_DEFAULTS;
    value_to_bool(value_get(args, S("trim_blocks")), &options.trim_blocks);
    value_to_bool(value_get(args, S("lstrip_blocks")), &options.lstrip_blocks);
    text_option(args, S("newline_sequence"), &options.newline_sequence);
    options.newline_sequence = line_end(options.newline_sequence);
    text_option(args, S("block_start_string"), &options.block_start);
    text_option(args, S("block_end_string"), &options.block_end);
    text_option(args, S("variable_start_string"), &options.variable_start);
    text_option(args, S("variable_end_string"), &options.variable_end);
    text_option(args, S("comment_start_string"), &options.comment_start);
    text_option(args, S("comment_end_string"), &options.comment_end);
    return options;
}

/* ---- names ---- */

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
static void add_origin(struct arena *arena, struct map_builder *map, str form, str path,
                       const struct file *file, str host)
{
    struct timespec now;
    struct datetime written = datetime_local(file->status.st_mtim);
    clock_gettime(CLOCK_REALTIME, &now);
    struct datetime run = datetime_local(now);
    map_set_str(map, S("ansible_managed"),
                managed(arena, form, path, host, file->owner, file->status.st_mtim.tv_sec));
    map_set_str(map, S("template_uid"), file->owner);
    map_set_str(map, S("template_mtime"), value_datetime(arena, &written));
    map_set_str(map, S("template_run_date"), value_datetime(arena, &run));
}

/* template_path and its relatives, which a template may show in a header ("# made from ..."). */
static value template_names(struct arena *arena, str form, value name, str path,
                            const struct file *file, value args)
{
    struct map_builder map = map_in(arena);
    char buffer[256] = "";
    gethostname(buffer, sizeof buffer - 1);
    str host = str_copy(arena, str_of(buffer));
    value dest = value_get(args, S("dest"));
    map_set_str(&map, S("template_host"), value_str(arena, host));
    map_set_str(&map, S("template_path"), value_str(arena, value_as_str(name)));
    map_set_str(&map, S("template_fullpath"), value_str(arena, path));
    add_origin(arena, &map, form, path, file, host);
    if (value_is(dest, VALUE_STR)) {
        map_set_str(&map, S("template_destpath"), dest);
    }
    return map_seal(&map);
}

/* ---- rendering ---- */

bool template_file_render(struct run *run, struct eval *outer, value name, str path, value args,
                          struct template_text *ret)
{
    struct eval eval = *outer;
    struct arena *arena = eval.arena;
    struct file file;
    *ret = (struct template_text){ .given = true, .name = value_as_str(name), .path = path };
    if (!find_or_read(run, &eval, name, path, &file)) {
        return false;
    }
    ret->mode = file.status.st_mode & 07777;
    /* the template's own directory comes first for what it includes */
    str *paths = NEW_ARRAY(arena, str, eval.search_count + 1);
    paths[0] = path_dirname(path);
    memcpy(paths + 1, eval.search_paths, eval.search_count * sizeof *paths);
    value *layers = NEW_ARRAY(arena, value, eval.scope->count + 1);
    memcpy(layers, eval.scope->layers, eval.scope->count * sizeof *layers);
    layers[eval.scope->count] =
        template_names(arena, run->options.managed, name, path, &file, args);
    struct scope scope = *eval.scope;
    scope.layers = layers;
    scope.count++;
    scope.memo = NULL;
    eval.scope = &scope;
    eval.state = NULL;
    eval.search_paths = paths;
    eval.search_count++;
    size_t told = eval.diags->all.len;
    if (!template_file(&eval, file.text, file_options(args), &ret->text)) {
        for (size_t i = told; !value_is(args, VALUE_UNDEFINED) && i < eval.diags->all.len; i++) {
            diag_note(eval.diags->all.items[i], name.at, "the template is used here");
        }
        return false;
    }
    ret->text = file.secret ? value_secret_all(arena, ret->text) : ret->text;
    secrets_add_value(run->secrets, ret->text); /* a host may tell what is in its file */
    return true;
}
