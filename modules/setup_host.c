/*
 * setup_host.c - the answers of a host as tables: texts by path, paths with their targets. One
 * program is asked for all files and another for all paths, since each program that is started on a
 * host costs as much as the answers of a hundred small files.
 */
#include "setup_host.h"

#include <stdarg.h>

#include "base/strbuf.h"

/* ---- texts of words and lines ---- */

str next_word(str *rest)
{
    *rest = str_trim_left(*rest);
    size_t end = 0;
    while (end < rest->len && str_trim(str_part(*rest, end, end + 1)).len > 0) {
        end++;
    }
    str word = str_part(*rest, 0, end);
    *rest = str_part(*rest, end, rest->len);
    return end == 0 ? STR_NONE : word;
}

bool cut_pair(str line, char separator, str *ret_key, str *ret_value)
{
    size_t at = str_find_char(line, separator, 0);
    if (at == STR_NPOS) {
        return false;
    }
    *ret_key = str_trim(str_part(line, 0, at));
    *ret_value = str_trim(str_part(line, at + 1, line.len));
    return true;
}

bool is_number(str s)
{
    uint64_t number;
    return str_to_base(s, 10, &number);
}

/* Without quotes and backslashes, as sh reads a single word. */
static str unquote(struct arena *arena, str text)
{
    struct strbuf out = strbuf_in(arena);
    char quote = '\0';
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (quote == '\0' ? c == '"' || c == '\'' : c == quote) {
            quote = quote == '\0' ? c : '\0';
        } else if (c == '\\' && quote != '\'' && i + 1 < text.len) {
            strbuf_add_char(&out, text.ptr[++i]);
        } else {
            strbuf_add_char(&out, c);
        }
    }
    return strbuf_str(&out);
}

str shell_setting(struct arena *arena, str text, str key)
{
    str found = STR_NONE;
    while (text.len > 0) {
        str name, setting;
        if (cut_pair(str_cut_line(&text), '=', &name, &setting) && str_eq(name, key)) {
            found = setting;
        }
    }
    return str_is_none(found) ? found : unquote(arena, found);
}

/* ---- the answers ---- */

/* Lines of one file follow each other; its name ends at the first colon. */
static void read_texts(struct host *host, str out)
{
    struct map_builder texts = map_in(host->arena);
    struct strbuf text = strbuf_in(host->arena);
    str path = STR_NONE;
    while (out.len > 0) {
        str line = str_cut_line(&out);
        size_t colon = str_find_char(line, ':', 0);
        if (colon == STR_NPOS || line.ptr[0] != '/') {
            continue;
        }
        str from = str_part(line, 0, colon);
        if (!str_eq(from, path)) {
            if (!str_is_none(path)) {
                map_set_str(&texts, path, value_str(host->arena, strbuf_str(&text)));
            }
            strbuf_truncate(&text, 0);
            path = from;
        }
        strbuf_add(&text, str_part(line, colon + 1, line.len));
        strbuf_add_char(&text, '\n');
    }
    if (!str_is_none(path)) {
        map_set_str(&texts, path, value_str(host->arena, strbuf_str(&text)));
    }
    host->texts = map_seal(&texts);
}

/* stat quotes names or not, depending on who made it. */
static str unquoted_name(str name)
{
    bool quoted = name.len >= 2 && name.ptr[0] == '\'' && name.ptr[name.len - 1] == '\'';
    return quoted ? str_part(name, 1, name.len - 1) : name;
}

static bool read_path(str line, struct host_path *ret)
{
    uint64_t mode;
    if (!str_to_base(next_word(&line), 16, &mode) ||
        !str_to_base(next_word(&line), 10, &ret->inode) ||
        !str_to_base(next_word(&line), 10, &ret->device)) {
        return false;
    }
    str name = str_trim_left(line);
    size_t arrow = str_find(name, S(" -> "), 0);
    ret->mode = (unsigned)(mode & 07777);
    ret->path = unquoted_name(str_part(name, 0, arrow == STR_NPOS ? name.len : arrow));
    ret->target = arrow == STR_NPOS ? STR_NONE : unquoted_name(str_part(name, arrow + 4, name.len));
    return ret->path.len > 0;
}

static void read_paths(struct host *host, str out)
{
    struct map_builder index = map_in(host->arena);
    host->paths.items = NULL;
    host->paths.len = host->paths.cap = 0;
    while (out.len > 0) {
        struct host_path path = { 0 };
        if (read_path(str_cut_line(&out), &path)) {
            map_set_str(&index, path.path, value_int((int64_t)host->paths.len));
            *VEC_PUSH(host->arena, &host->paths) = path;
        }
    }
    host->index = map_seal(&index);
}

void host_read(struct host *host)
{
    read_texts(host, host->run.texts.out);
    read_paths(host, host->run.paths.out);
}

/* ---- asking the tables ---- */

str host_text(const struct host *host, str path)
{
    value text = value_get(host->texts, path);
    str trimmed = value_is(text, VALUE_STR) ? str_trim(value_as_str(text)) : STR_NONE;
    return trimmed.len > 0 ? trimmed : STR_NONE;
}

str host_textf(const struct host *host, const char *format, ...)
{
    va_list args;
    struct strbuf path = strbuf_in(host->arena);
    va_start(args, format);
    strbuf_vaddf(&path, format, args);
    va_end(args);
    return host_text(host, strbuf_str(&path));
}

bool host_number(const struct host *host, str path, int64_t *ret)
{
    str text = host_text(host, path);
    return !str_is_none(text) && str_to_int64(text, ret);
}

const struct host_path *host_path(const struct host *host, str path)
{
    value at = value_get(host->index, path);
    return value_is(at, VALUE_INT) ? &host->paths.items[value_as_int(at)] : NULL;
}

bool host_has(const struct host *host, str path)
{
    return host_path(host, path) != NULL;
}

str host_entry(const struct host *host, str directory, size_t *position)
{
    while (*position < host->paths.len) {
        str path = host->paths.items[(*position)++].path;
        if (path.len > directory.len + 1 && str_starts(path, directory) &&
            path.ptr[directory.len] == '/' &&
            str_find_char(path, '/', directory.len + 1) == STR_NPOS) {
            return str_part(path, directory.len + 1, path.len);
        }
    }
    return STR_NONE;
}

/* ---- facts ---- */

void fact_str(struct map_builder *facts, str key, str text)
{
    if (!str_is_none(text)) {
        map_set_str(facts, key, value_str(facts->arena, text));
    }
}

void fact_int(struct map_builder *facts, str key, int64_t number)
{
    map_set_str(facts, key, value_int(number));
}

void fact_bool(struct map_builder *facts, str key, bool truth)
{
    map_set_str(facts, key, value_bool(truth));
}
