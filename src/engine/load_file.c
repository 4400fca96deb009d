/* load_file.c - the loader's files and reports. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "engine/load.h"
#include "formats/yaml.h"

#define FILE_MAX (64 << 20) /* bytes of one YAML file; larger ones are no playbooks */

static void release_scratch(void *scratch)
{
    arena_free(scratch);
}

struct loader_state *load_state(struct loader *loader)
{
    if (!loader->state) {
        loader->state = NEW(loader->arena, struct loader_state);
        loader->state->scratch = arena_new("load");
        arena_on_reset(loader->arena, release_scratch, loader->state->scratch);
        char *cwd = getcwd(NULL, 0);
        loader->state->cwd = str_copy(loader->arena, cwd ? str_of(cwd) : S("/"));
        free(cwd);
    }
    return loader->state;
}

str load_path(struct loader *loader, str path)
{
    const char *home = getenv("HOME");
    if (str_starts(path, S("~/")) && home) {
        path = path_join(loader->arena, str_of(home), str_part(path, 2, path.len));
    }
    return path_normal(loader->arena, path_join(loader->arena, load_state(loader)->cwd, path));
}

str load_shown(struct loader *loader, str path)
{
    str cwd = load_state(loader)->cwd;
    if (path.len > cwd.len + 1 && str_starts(path, cwd) && path.ptr[cwd.len] == '/') {
        return str_part(path, cwd.len + 1, path.len);
    }
    return tree_shown(loader->arena, path);
}

bool load_is_file(str path)
{
    struct stat st;
    return tree_stat(path, &st) && !S_ISDIR(st.st_mode);
}

bool load_is_dir(str path)
{
    struct stat st;
    return tree_stat(path, &st) && S_ISDIR(st.st_mode);
}

const str *load_directory(struct loader *loader, str path, size_t *ret_count)
{
    struct name_list names;
    size_t kept = 0;
    tree_list(loader->arena, path, &names);
    for (size_t i = 0; i < names.len; i++) {
        if (names.items[i].ptr[0] != '.' && !str_ends(names.items[i], S("~"))) {
            names.items[kept++] = names.items[i];
        }
    }
    *ret_count = kept;
    return names.items;
}

/* ---- reports ---- */

const char *load_kind(value v)
{
    switch (value_kind(v)) {
    case VALUE_NULL:
    case VALUE_UNDEFINED:
        return "empty";
    case VALUE_BOOL:
        return "a boolean";
    case VALUE_INT:
        return "an integer";
    case VALUE_FLOAT:
        return "a number";
    case VALUE_STR:
        return "a text";
    case VALUE_LIST:
        return "a list";
    case VALUE_MAP:
        return "a map";
    case VALUE_UNKNOWN:
    case VALUE_OBJECT:
        break;
    }
    return "of another kind";
}

/* The list to report to: the real one, or one that nobody reads when this was said before. */
static struct diags *list_for(struct loader *loader, enum severity severity, span at, str message)
{
    for (size_t i = 0; i < loader->diags->all.len; i++) {
        const struct diag *diag = loader->diags->all.items[i];
        if (diag->severity == severity && diag->at.pos == at.pos && at.pos != 0 &&
            str_eq(diag->message, message)) {
            return diags_new(loader->arena, loader->diags->sources);
        }
    }
    return loader->diags;
}

struct diag *load_error(struct loader *loader, enum load_failure failure, span at,
                        const char *format, ...)
{
    struct strbuf text = strbuf_in(loader->arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    if (loader->failure == LOAD_OK) {
        loader->failure = failure;
    }
    str message = strbuf_str(&text);
    return diag_error(list_for(loader, DIAG_ERROR, at, message), at, "%.*s", SARG(message));
}

struct diag *load_warning(struct loader *loader, span at, const char *format, ...)
{
    struct strbuf text = strbuf_in(loader->arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    str message = strbuf_str(&text);
    return diag_warning(list_for(loader, DIAG_WARNING, at, message), at, "%.*s", SARG(message));
}

void load_as_warnings(struct loader *loader, const struct diags *found)
{
    for (size_t i = 0; i < found->all.len; i++) {
        const struct diag *from = found->all.items[i];
        struct diag *diag = load_warning(loader, from->at, "%.*s", SARG(from->message));
        for (const struct diag_note *note = from->notes; note; note = note->next) {
            diag_note(diag, note->at, "%.*s", SARG(note->text));
        }
        if (!str_is_none(from->hint)) {
            diag_hint(diag, "%.*s", SARG(from->hint));
        }
    }
}

static void hint_file(struct loader *loader, struct diag *diag, str path)
{
    str near = suggest_file(loader->arena, path);
    if (!str_is_none(near)) {
        diag_hint(diag, "did you mean '%.*s'?", SARG(load_shown(loader, near)));
    }
}

void load_note_places(struct loader *loader, struct diag *diag, const str *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t before = 0;
        while (!str_eq(paths[before], paths[i])) {
            before++;
        }
        if (before == i) {
            diag_note(diag, SPAN_NONE, "not found: %.*s", SARG(load_shown(loader, paths[i])));
        }
    }
    for (size_t i = 0; i < count && str_is_none(diag->hint); i++) {
        hint_file(loader, diag, paths[i]);
    }
}

/* ---- reading ---- */

static bool read_all(struct loader *loader, str path, str *ret)
{
    CLEANUP(close_fd) int fd = tree_open(path);
    return fd >= 0 && fd_read(loader->arena, fd, FILE_MAX, ret);
}

static bool unlock(struct loader *loader, span at, str *text)
{
    value plain;
    if (!loader->vault) {
        load_error(loader, LOAD_FAILED, at, "the file is encrypted and there is no vault password");
        return false;
    }
    if (!loader->vault(loader->vault_data, loader->diags, *text, at, &plain)) {
        return false;
    }
    *text = value_as_str(plain);
    return true;
}

static bool parse(struct loader *loader, str path, span at, value *ret)
{
    str text;
    str shown = load_shown(loader, path);
    if (!read_all(loader, path, &text)) {
        if (errno == ENOENT) {
            hint_file(loader, load_error(loader, LOAD_FAILED, at, "no file '%.*s'", SARG(shown)),
                      path);
        } else {
            load_error(loader, LOAD_FAILED, at, "cannot read '%.*s': %s", SARG(shown),
                       tree_why(errno));
        }
        return false;
    }
    bool encrypted = str_starts(text, S("$ANSIBLE_VAULT;"));
    if (encrypted && !unlock(loader, at, &text)) {
        return false;
    }
    const struct source *source =
        (encrypted ? source_add_secret : source_add)(loader->diags->sources, shown, text);
    if (!source) {
        load_error(loader, LOAD_FAILED, at, "cannot read '%.*s': more than 4 GiB of sources",
                   SARG(shown));
        return false;
    }
    if (!yaml_read(loader->arena, loader->diags, source, (struct yaml_options){ .trusted = true },
                   ret)) {
        if (loader->failure == LOAD_OK) {
            loader->failure = LOAD_SYNTAX;
        }
        return false;
    }
    if (encrypted) {
        *ret = value_secret_all(loader->arena, *ret);
        secrets_add_value(loader->secrets, *ret);
    }
    return true;
}

static struct loaded_file *file_of(struct loader *loader, str path)
{
    struct loader_state *state = load_state(loader);
    struct loaded_file **bucket = &state->files[str_hash(path) % ARRAY_LEN(state->files)];
    for (struct loaded_file *file = *bucket; file; file = file->next) {
        if (str_eq(file->path, path)) {
            return file;
        }
    }
    struct loaded_file *file = NEW(loader->arena, struct loaded_file);
    *file = (struct loaded_file){ .path = str_copy(loader->arena, path), .next = *bucket };
    *bucket = file;
    return file;
}

bool load_yaml(struct loader *loader, str path, span at, value *ret)
{
    struct loaded_file *file = file_of(loader, path);
    struct stat now = { 0 };
    if (!tree_stat(path, &now) || !tree_unchanged(&file->status, &now)) {
        file->ok = false; /* tasks may write what a later task includes */
    }
    if (!file->ok) {
        file->status = tree_is_fresh(&now) ? (struct stat){ 0 } : now;
        file->ok = parse(loader, path, at, &file->content);
    }
    *ret = file->content;
    return file->ok;
}

str load_keep(struct loader *loader, str path)
{
    return file_of(loader, path)->path;
}

bool load_check_due(struct loader *loader, str path)
{
    struct loaded_file *file = file_of(loader, path);
    bool due = !file->checked;
    file->checked = true;
    return due;
}

bool vars_file_load(struct loader *loader, str path, value *ret)
{
    value content;
    path = load_path(loader, path);
    if (!load_yaml(loader, path, SPAN_NONE, &content)) {
        return false;
    }
    if (value_is(content, VALUE_NULL)) {
        struct map_builder empty = map_in(loader->arena);
        content = map_seal(&empty);
    }
    if (!value_is(content, VALUE_MAP)) {
        struct diag *diag =
            load_error(loader, LOAD_SYNTAX, content.at, "a file of variables must be a map, not %s",
                       load_kind(content));
        diag_hint(diag, "write 'name: value' lines, without '- ' before them");
        return false;
    }
    *ret = content;
    return true;
}
