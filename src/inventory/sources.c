/*
 * sources.c - which reader reads a source: lists, scripts, YAML, INI, directories of all these.
 *
 * A source is offered to each reader that may know its form, in Ansible's order: list, script,
 * YAML, INI. What the one that did not succeed reported is shown only when no other does.
 */
#include "inventory/plugins.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/tree.h"
#include "formats/pyregex.h"

/* ---- for all readers ---- */

bool parse_hosts(struct parse *parse, str pattern, span at, struct str_list *ret, int64_t *ret_port)
{
    str name = pattern;
    int64_t port = PORT_NONE;
    if (!address_split(pattern, true, &name, &port)) {
        name = pattern;
    }
    if (name.len == 0) {
        diag_error(parse->diags, at, "host name is empty");
        return false;
    }
    *ret_port = port;
    return address_expand(parse->inventory->arena, parse->diags, name, at, ret);
}

bool parse_add_hosts(struct parse *parse, const struct str_list *names, span at, int64_t port,
                     struct group *group, value vars)
{
    for (size_t i = 0; i < names->len; i++) {
        struct host_entry *host =
            data_add_host(parse->inventory, names->items[i], at, parse->file, port);
        data_join(parse->inventory, group, host);
        if (value_count(vars) > 0 &&
            !data_set_vars(parse->inventory, parse->diags, host->host.name, vars)) {
            return false;
        }
    }
    return true;
}

bool list_parse(struct parse *parse, str list, span at)
{
    for (str rest = list; !str_is_none(rest);) {
        str item = str_trim(str_cut(&rest, ',')), name = item;
        int64_t port = PORT_NONE;
        if (item.len > 0) {
            address_split(item, false, &name, &port);
            struct host_entry *host = data_host(parse->inventory, name);
            if (host == NULL) {
                host = data_add_host(parse->inventory, name, at, parse->file, port);
                data_join(parse->inventory, parse->inventory->ungrouped, host);
            }
        }
    }
    return true;
}

/* ---- one file ---- */

static bool has_extension(str path, const str *extensions, size_t count)
{
    str extension = path_extension(path);
    for (size_t i = 0; i < count; i++) {
        if (str_eq(extension, extensions[i])) {
            return true;
        }
    }
    return false;
}

static bool is_yaml_name(str path)
{
    static const str extensions[] = { S_INIT(".yml"), S_INIT(".yaml"), S_INIT(".json") };
    return has_extension(path, extensions, ARRAY_LEN(extensions));
}

/* The first line that says something begins like a section of INI: no YAML map does. */
static bool begins_with_section(str text)
{
    for (str rest = text; !str_is_none(rest);) {
        str line = str_trim(str_cut_line(&rest));
        if (line.len > 0 && line.ptr[0] != '#' && line.ptr[0] != ';') {
            return line.ptr[0] == '[';
        }
    }
    return false;
}

static bool is_script(struct arena *scratch, str path)
{
    char begin[2] = { 0 };
    CLEANUP(close_fd) int fd = tree_open(path);
    struct stat status;
    bool covered = tree_is_covered(path); /* what it is there counts */
    return (covered ? tree_stat(path, &status) && (status.st_mode & S_IXUSR) != 0
                    : access(str_c(scratch, path), X_OK) == 0) ||
           (fd >= 0 && read(fd, begin, 2) == 2 && begin[0] == '#' && begin[1] == '!');
}

/* ---- which readers are enabled ---- */

/* The plugins of Ansible that do what readers here do. */
static const struct reader_name {
    str name;
    enum reader reader;
} reader_names[] = {
    { S_INIT("host_list"), READ_LIST },   { S_INIT("script"), READ_SCRIPT },
    { S_INIT("auto"), READ_PLUGIN },      { S_INIT("yaml"), READ_YAML },
    { S_INIT("ini"), READ_INI },          { S_INIT("constructed"), READ_PLUGIN },
    { S_INIT("generator"), READ_PLUGIN },
};

/* Settings name plugins that we have not: those are said, and not missed before a source needs
 * them. */
static void find_readers(struct inventory *inventory, struct diags *diags)
{
    str rest = inventory->options.settings.enabled_plugins;
    inventory->readers = str_is_none(rest) ? ~0U : 0;
    while (!str_is_none(rest)) {
        str name = plugin_bare_name(str_trim(str_cut(&rest, ',')));
        bool known = name.len == 0 || str_eq(name, S("toml"));
        for (size_t i = 0; i < ARRAY_LEN(reader_names); i++) {
            if (str_eq(name, reader_names[i].name)) {
                inventory->readers |= reader_names[i].reader;
                known = true;
            }
        }
        if (!known) {
            diag_warning(diags, SPAN_NONE,
                         "inventory plugin '%.*s' of enable_plugins is not supported", SARG(name));
        }
    }
}

struct attempt {
    struct parse parse;
    struct diags *first; /* what the reader that knows the form best said */
};

/* Programs come from a disk: one that a commit holds may need others beside it. */
static bool refuse_script(struct attempt *attempt, struct diags *diags, str path)
{
    attempt->first = diags_new(diags->arena, diags->sources);
    diag_hint(diag_error(attempt->first, SPAN_NONE,
                         "inventory script '%.*s' is not run from a commit",
                         SARG(file_shown(diags->arena, path))),
              "use a check-out, or keep what it prints with --list as a file");
    return false;
}

/* Of a source that no enabled reader could be asked about. */
static void report_disabled(struct attempt *attempt, struct diags *diags, str path)
{
    if (attempt->first == NULL) {
        attempt->first = diags_new(diags->arena, diags->sources);
        diag_error(attempt->first, SPAN_NONE, "no plugin of enable_plugins reads '%.*s'",
                   SARG(file_shown(diags->arena, path)));
    }
}

/* Offer the source to a reader; warnings of one that succeeds are passed on. */
static bool try_reader(struct attempt *attempt, struct diags *diags, bool (*reader)(struct parse *),
                       bool knows_best)
{
    struct diags *said = diags_new(diags->arena, diags->sources);
    attempt->parse.diags = said;
    if (reader(&attempt->parse)) {
        diags_append(diags, said);
        return true;
    }
    if (knows_best || attempt->first == NULL) {
        attempt->first = said;
    }
    return false;
}

static bool read_script(struct parse *parse)
{
    return script_parse(parse, parse->file);
}

static bool read_file_as(struct attempt *attempt, struct diags *diags, str path)
{
    struct inventory *inventory = attempt->parse.inventory;
    CLEANUP(release_arena) struct arena *scratch = arena_new("source");
    unsigned readers = inventory->readers;
    if ((readers & READ_SCRIPT) != 0 && is_script(scratch, path) && tree_is_mounted(path)) {
        return refuse_script(attempt, diags, path);
    }
    if ((readers & READ_SCRIPT) != 0 && is_script(scratch, path) &&
        (try_reader(attempt, diags, read_script, true) || attempt->parse.ran)) {
        return attempt->first == NULL;
    }
    struct diags *said = diags_new(diags->arena, diags->sources);
    if (!file_read(inventory, said, path, &attempt->parse.source)) {
        attempt->first = said;
        return false;
    }
    bool yaml_name = is_yaml_name(path);
    bool maybe_yaml = yaml_name || (path_extension(path).len == 0 &&
                                    !begins_with_section(attempt->parse.source->text));
    bool ok = (maybe_yaml && (readers & (READ_YAML | READ_PLUGIN)) != 0 &&
               try_reader(attempt, diags, yaml_parse, yaml_name)) ||
              ((readers & READ_INI) != 0 && try_reader(attempt, diags, ini_parse, !yaml_name));
    if (!ok) {
        report_disabled(attempt, diags, path);
    }
    return ok;
}

/* Report that a source could not be read: an error if so set, else warnings. */
static void report_unread(struct inventory *inventory, struct diags *diags, str path,
                          const struct diags *why)
{
    bool fatal = inventory->options.unparsed_is_failed;
    for (size_t i = 0; why != NULL && i < why->all.len; i++) {
        why->all.items[i]->severity =
            fatal ? why->all.items[i]->severity : (enum severity)DIAG_WARNING;
    }
    if (why != NULL) {
        diags_append(diags, why);
    }
    if (why == NULL || why->errors == 0 || !fatal) {
        str name = file_shown(diags->arena, path);
        if (fatal) {
            diag_error(diags, SPAN_NONE, "cannot read inventory source '%.*s'", SARG(name));
        } else {
            diag_warning(diags, SPAN_NONE, "inventory source '%.*s' was not read as a whole",
                         SARG(name));
        }
    }
}

/* ---- directories ---- */

/* What a directory's files are left out by. */
struct ignored {
    struct str_list endings;
    VEC(const struct pyregex *) patterns;
};

static const str default_endings = S_INIT(".pyc,.pyo,.swp,.bak,~,.rpm,.md,.txt,.rst,.orig,.ini,"
                                          ".cfg,.retry");

static bool read_ignored(struct inventory *inventory, struct diags *diags, struct ignored *ret)
{
    const struct inventory_settings *settings = &inventory->options.settings;
    str endings = settings->ignored_extensions, patterns = settings->ignored_patterns;
    for (str rest = str_is_none(endings) ? default_endings : endings; !str_is_none(rest);) {
        str ending = str_trim(str_cut(&rest, ','));
        if (ending.len > 0) {
            *VEC_PUSH(inventory->arena, &ret->endings) = ending;
        }
    }
    for (str rest = patterns; !str_is_none(rest);) {
        str pattern = str_trim(str_cut(&rest, ','));
        if (pattern.len > 0) {
            const struct pyregex *regex =
                pyregex_compile(inventory->arena, diags, SPAN_NONE, pattern, 0);
            if (regex == NULL) {
                return false;
            }
            *VEC_PUSH(inventory->arena, &ret->patterns) = regex;
        }
    }
    return true;
}

/* False after a diagnostic. */
static bool is_ignored(const struct ignored *ignored, struct diags *diags, str name, bool *ret)
{
    *ret = name.ptr[0] == '.' || str_eq(name, S("host_vars")) || str_eq(name, S("group_vars")) ||
           str_eq(name, S("vars_plugins"));
    for (size_t i = 0; i < ignored->endings.len; i++) {
        *ret = *ret || str_ends(name, ignored->endings.items[i]);
    }
    for (size_t i = 0; i < ignored->patterns.len && !*ret; i++) {
        if (!pyregex_exec(ignored->patterns.items[i], NULL, diags, name, 0, PYREGEX_SEARCH, ret,
                          NULL)) {
            return false;
        }
    }
    return true;
}

/* ---- all sources ---- */

enum found { FOUND_NOTHING, FOUND_SOURCE, FOUND_MISTAKE };

static enum found read_source(struct inventory *inventory, struct diags *diags, str path,
                              unsigned depth);

static enum found read_directory(struct inventory *inventory, struct diags *diags, str path,
                                 unsigned depth)
{
    struct arena *arena = inventory->arena;
    struct ignored ignored = { 0 };
    if (!read_ignored(inventory, diags, &ignored)) {
        return FOUND_MISTAKE;
    }
    struct name_list names;
    tree_list(arena, path, &names);
    enum found found = FOUND_NOTHING;
    for (size_t i = 0; i < names.len; i++) {
        bool skip;
        if (!is_ignored(&ignored, diags, names.items[i], &skip)) {
            return FOUND_MISTAKE;
        }
        str inner = path_join(arena, path, names.items[i]);
        enum found one = skip ? FOUND_NOTHING : read_source(inventory, diags, inner, depth + 1);
        if (one == FOUND_MISTAKE) {
            return FOUND_MISTAKE;
        }
        found = one == FOUND_SOURCE ? FOUND_SOURCE : found;
    }
    return found;
}

#define DIRECTORY_DEPTH_MAX 40 /* links may lead in circles */

static enum found read_source(struct inventory *inventory, struct diags *diags, str path,
                              unsigned depth)
{
    struct stat st;
    bool exists = tree_stat(path, &st);
    struct attempt attempt = { .parse = { .inventory = inventory, .file = path } };
    bool ok;
    if (exists && S_ISDIR(st.st_mode) && depth < DIRECTORY_DEPTH_MAX) {
        enum found found = read_directory(inventory, diags, path, depth);
        if (found != FOUND_NOTHING) {
            return found;
        }
        ok = false;
    } else if (!exists && str_find_char(path, ',', 0) != STR_NPOS &&
               (inventory->readers & READ_LIST) != 0) {
        attempt.parse.diags = diags;
        ok = list_parse(&attempt.parse, path, SPAN_NONE);
    } else if (!exists) {
        attempt.first = diags_new(diags->arena, diags->sources);
        diag_error(attempt.first, SPAN_NONE, "there is no inventory '%.*s'",
                   SARG(file_shown(diags->arena, path)));
        ok = false;
    } else {
        ok = read_file_as(&attempt, diags, path);
    }
    if (!ok) {
        report_unread(inventory, diags, path, attempt.first);
    }
    return ok ? FOUND_SOURCE
              : (inventory->options.unparsed_is_failed ? FOUND_MISTAKE : FOUND_NOTHING);
}

bool sources_read(struct inventory *inventory, struct diags *diags)
{
    bool any = false;
    find_readers(inventory, diags);
    for (size_t i = 0; i < inventory->options.count; i++) {
        enum found found = read_source(inventory, diags, inventory->options.sources[i], 0);
        if (found == FOUND_MISTAKE) {
            return false;
        }
        any |= found == FOUND_SOURCE;
    }
    if (!any && inventory->options.count > 0) {
        if (inventory->options.settings.none_read_is_failed) {
            diag_error(diags, SPAN_NONE, "no inventory source could be read");
            return false;
        }
        /* what came before a mistake counts only beside a source that was read: not in `all` */
        diag_warning(diags, SPAN_NONE, "no inventory was read: there is only localhost");
        data_find_depths(inventory);
        return true;
    }
    return data_settle(inventory, diags);
}
