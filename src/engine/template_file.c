/*
 * template_file.c - a template of the project, read and rendered for a host.
 */
#include "engine/template_file.h"

#include <errno.h>
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

static bool read_text(struct run *run, struct eval *eval, value name, str path,
                      struct stat *ret_status, bool *ret_secret, value *ret)
{
    str text;
    CLEANUP(close_fd) int fd = tree_open(path);
    if (fd < 0 || !tree_fstat(path, fd, ret_status) ||
        !fd_read(eval->arena, fd, OBSERVE_TEXT_MAX, &text)) {
        diag_error(eval->diags, name.at, "could not read template '%.*s': %s", SARG(path),
                   errno == EFBIG ? "larger than 16 MiB" : tree_why(errno));
        return false;
    }
    value plain = value_str(eval->arena, text);
    *ret_secret = vault_is(text);
    if (*ret_secret && !run_decrypt(run, eval->diags, name.at, path, text, &plain)) {
        return false;
    }
    const struct source *source = source_add(eval->diags->sources, path, value_as_str(plain));
    if (source == NULL) {
        diag_error(eval->diags, name.at, "too many bytes of templates in one run");
        return false;
    }
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
                       const struct stat *status, str host)
{
    struct timespec now;
    struct passwd entry, *found = NULL;
    char buffer[4096];
    struct datetime written = datetime_local(status->st_mtim);
    getpwuid_r(status->st_uid, &entry, buffer, sizeof(buffer), &found);
    clock_gettime(CLOCK_REALTIME, &now);
    struct datetime run = datetime_local(now);
    value owner =
        found == NULL ? value_int(status->st_uid) : value_str(arena, str_of(found->pw_name));
    map_set_str(map, S("ansible_managed"),
                managed(arena, form, path, host, owner, status->st_mtim.tv_sec));
    map_set_str(map, S("template_uid"), owner);
    map_set_str(map, S("template_mtime"), value_datetime(arena, &written));
    map_set_str(map, S("template_run_date"), value_datetime(arena, &run));
}

/* template_path and its relatives, which a template may show in a header ("# made from ..."). */
static value template_names(struct arena *arena, str form, value name, str path,
                            const struct stat *status, value args)
{
    struct map_builder map = map_in(arena);
    char buffer[256] = "";
    gethostname(buffer, sizeof buffer - 1);
    str host = str_copy(arena, str_of(buffer));
    value dest = value_get(args, S("dest"));
    map_set_str(&map, S("template_host"), value_str(arena, host));
    map_set_str(&map, S("template_path"), value_str(arena, value_as_str(name)));
    map_set_str(&map, S("template_fullpath"), value_str(arena, path));
    add_origin(arena, &map, form, path, status, host);
    if (value_is(dest, VALUE_STR)) {
        map_set_str(&map, S("template_destpath"), dest);
    }
    return map_seal(&map);
}

bool template_file_render(struct run *run, struct eval *outer, value name, str path, value args,
                          struct template_text *ret)
{
    struct eval eval = *outer;
    struct arena *arena = eval.arena;
    value text;
    bool secret;
    struct stat status;
    *ret = (struct template_text){ .given = true, .name = value_as_str(name), .path = path };
    if (!read_text(run, &eval, name, path, &status, &secret, &text)) {
        return false;
    }
    ret->mode = status.st_mode & 07777;
    /* the template's own directory comes first for what it includes */
    str *paths = NEW_ARRAY(arena, str, eval.search_count + 1);
    paths[0] = path_dirname(path);
    memcpy(paths + 1, eval.search_paths, eval.search_count * sizeof *paths);
    value *layers = NEW_ARRAY(arena, value, eval.scope->count + 1);
    memcpy(layers, eval.scope->layers, eval.scope->count * sizeof *layers);
    layers[eval.scope->count] =
        template_names(arena, run->options.managed, name, path, &status, args);
    struct scope scope = *eval.scope;
    scope.layers = layers;
    scope.count++;
    scope.memo = NULL;
    eval.scope = &scope;
    eval.state = NULL;
    eval.search_paths = paths;
    eval.search_count++;
    size_t told = eval.diags->all.len;
    if (!template_file(&eval, text, file_options(args), &ret->text)) {
        for (size_t i = told; !value_is(args, VALUE_UNDEFINED) && i < eval.diags->all.len; i++) {
            diag_note(eval.diags->all.items[i], name.at, "the template is used here");
        }
        return false;
    }
    ret->text = secret ? value_secret_all(arena, ret->text) : ret->text;
    secrets_add_value(run->secrets, ret->text); /* a host may tell what is in its file */
    return true;
}
