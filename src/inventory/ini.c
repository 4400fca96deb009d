/*
 * ini.c - inventories in the INI form: [group], [group:vars], [group:children].
 *
 * Source: Ansible's user guide, "Inventory basics"; values are Python literals, or else texts.
 */
#include <string.h>

#include "base/utf8.h"
#include "base/words.h"
#include "inventory/literal.h"
#include "inventory/sources.h"

enum section { SECTION_HOSTS, SECTION_VARS, SECTION_CHILDREN };

static const str section_names[] = { S_INIT("hosts"), S_INIT("vars"), S_INIT("children") };

/* A group that was used before any section declared it. */
struct pending {
    str name;
    bool child; /* named by [g:children]; else by [name:vars] */
    span at;
    VEC(struct group *) parents; /* of a child, to be made once it is declared */
    bool done;
};

struct ini {
    struct parse *parse;
    struct arena *arena;
    str rest; /* lines not read yet */
    enum section section;
    struct group *group;
    struct map_builder vars; /* of the [group:vars] at hand */
    VEC(struct pending *) pending;
    struct names pending_names;
};

static span span_of(const struct ini *ini, str part)
{
    const struct source *source = ini->parse->source;
    size_t from = (size_t)(part.ptr - source->text.ptr);
    return source_span(source, from, from + part.len);
}

/* ---- lines ---- */

static bool is_break(uint32_t c)
{
    return (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 ||
           c == 0x2029;
}

/* Cut at the next line break, whichever Python's splitlines() knows. */
static str cut_line(str *rest)
{
    size_t at = 0;
    while (at < rest->len) {
        size_t start = at;
        unsigned char c = (unsigned char)rest->ptr[at];
        if (c >= 0x20 && c < 0x80) {
            at++;
            continue;
        }
        if (is_break(utf8_next(*rest, &at))) {
            str line = str_part(*rest, 0, start);
            if (c == '\r' && at < rest->len && rest->ptr[at] == '\n') {
                at++;
            }
            *rest = str_part(*rest, at, rest->len);
            return line;
        }
    }
    str line = *rest;
    *rest = STR_NONE;
    return line;
}

static size_t last_start(str s)
{
    size_t at = s.len - 1;
    while (at > 0 && ((unsigned char)s.ptr[at] & 0xC0) == 0x80) {
        at--;
    }
    return at;
}

/* Without the blanks that Python's strip() takes away. */
static str strip(str s)
{
    for (size_t at = 0; s.len > 0 && utf8_is_space(utf8_next(s, &at)); at = 0) {
        s = str_part(s, at, s.len);
    }
    while (s.len > 0) {
        size_t start = last_start(s), at = start;
        if (!utf8_is_space(utf8_next(s, &at)) || at != s.len) {
            break;
        }
        s = str_part(s, 0, start);
    }
    return s;
}

/* Behind blanks, nothing or a comment. */
static bool is_line_end(str s, size_t at)
{
    str rest = str_trim_left(str_part(s, at, s.len));
    return rest.len == 0 || rest.ptr[0] == '#';
}

/* ---- values ---- */

/* A value: a Python literal, or the text itself. */
static bool read_value(struct ini *ini, str text, span at, value *ret)
{
    switch (literal_read(ini->arena, text, at, ret)) {
    case LITERAL_READ:
        return true;
    case LITERAL_NONE:
        *ret = value_at(value_trusted(value_str(ini->arena, text)), at);
        return true;
    case LITERAL_UNHASHABLE:
        break;
    }
    struct diag *diag =
        diag_error(ini->parse->diags, at, "value is a set or map of things that cannot be in one");
    diag_hint(diag, "INI values are read as Python literals: quote a template twice: "
                    "name='\"{{ ... }}\"'");
    return false;
}

static bool flush_vars(struct ini *ini)
{
    value map = map_seal(&ini->vars);
    ini->vars = map_in(ini->arena);
    return value_count(map) == 0 ||
           data_set_vars(ini->parse->inventory, ini->parse->diags, ini->group->name, map);
}

static bool vars_line(struct ini *ini, str line)
{
    size_t equals = str_find_char(line, '=', 0);
    if (equals == STR_NPOS) {
        struct diag *diag =
            diag_error(ini->parse->diags, span_of(ini, line),
                       "expected 'name=value' in [%.*s:vars]", SARG(ini->group->name));
        size_t colon = str_find_char(line, ':', 0);
        if (colon != STR_NPOS) {
            diag_hint(diag, "in this form a variable is set with '=': %.*s=%.*s",
                      SARG(strip(str_part(line, 0, colon))),
                      SARG(strip(str_part(line, colon + 1, line.len))));
        }
        return false;
    }
    str name = strip(str_part(line, 0, equals));
    str text = strip(str_part(line, equals + 1, line.len));
    value v;
    if (!read_value(ini, text, span_of(ini, text), &v)) {
        return false;
    }
    map_set(&ini->vars, value_at(value_str(ini->arena, name), span_of(ini, name)), v);
    return true;
}

/* ---- hosts ---- */

static bool split_words(struct ini *ini, str line, struct word_list *ret)
{
    size_t bad;
    enum words_status status = words_read(ini->arena, line, WORDS_COMMENTS, ret, &bad);
    if (status == WORDS_READ) {
        return true;
    }
    span at = span_of(ini, str_part(line, bad, bad + 1));
    if (status == WORDS_OPEN_BACKSLASH) {
        diag_error(ini->parse->diags, at, "backslash at the end of the line");
        return false;
    }
    struct diag *diag = diag_error(ini->parse->diags, at, "quote is never closed");
    diag_hint(diag, "a value with a quote in it is written in the other kind of quotes, "
                    "such as note=\"it's\"");
    return false;
}

static bool host_vars(struct ini *ini, str line, const struct word_list *words, value *ret)
{
    struct map_builder vars = map_in(ini->arena);
    for (size_t i = 1; i < words->len; i++) {
        const struct word *word = &words->items[i];
        str raw = str_part(line, word->from, word->to);
        size_t equals = str_find_char(word->text, '=', 0);
        size_t raw_equals = str_find_char(raw, '=', 0);
        if (equals == STR_NPOS) {
            struct diag *diag =
                diag_error(ini->parse->diags, span_of(ini, raw),
                           "expected 'name=value' behind the host, not '%.*s'", SARG(word->text));
            diag_hint(diag, str_find(line, S("{{"), 0) != STR_NPOS
                                ? "a template needs quotes: name=\"{{ ... }}\""
                                : "a value with blanks in it needs quotes: name='a b'");
            return false;
        }
        value v;
        str text = str_part(word->text, equals + 1, word->text.len);
        if (!read_value(ini, text, span_of(ini, str_part(raw, raw_equals + 1, raw.len)), &v)) {
            return false;
        }
        map_set(&vars,
                value_at(value_str(ini->arena, str_part(word->text, 0, equals)),
                         span_of(ini, str_part(raw, 0, raw_equals))),
                v);
    }
    *ret = map_seal(&vars);
    return true;
}

static bool check_host(struct ini *ini, str pattern, span at, int64_t port)
{
    if (str_ends(str_trim(pattern), S(":")) && port == PORT_NONE) {
        struct diag *diag =
            diag_error(ini->parse->diags, at, "host '%.*s' ends in ':'", SARG(pattern));
        diag_hint(diag, "a port follows a colon (web1:2222); is this a YAML file? Then name it "
                        ".yml");
        return false;
    }
    if (str_eq(str_trim(pattern), S("---"))) {
        struct diag *diag =
            diag_error(ini->parse->diags, at, "'---' is no host: this looks like a YAML file");
        diag_hint(diag, "name it .yml to have it read as YAML only");
        return false;
    }
    return true;
}

static bool host_line(struct ini *ini, str line)
{
    struct word_list words = { 0 };
    if (!split_words(ini, line, &words)) {
        return false;
    }
    const struct word *first = &words.items[0];
    span at = span_of(ini, str_part(line, first->from, first->to));
    struct str_list names = { 0 };
    int64_t port;
    value vars;
    return parse_hosts(ini->parse, first->text, at, &names, &port) &&
           check_host(ini, first->text, at, port) && host_vars(ini, line, &words, &vars) &&
           parse_add_hosts(ini->parse, &names, at, port, ini->group, vars);
}

/* ---- sections ---- */

static struct pending *pend(struct ini *ini, str name, bool child, span at)
{
    struct pending *pending = names_find(&ini->pending_names, name);
    if (pending == NULL || pending->done) {
        pending = NEW(ini->arena, struct pending);
        *pending = (struct pending){ .name = str_copy(ini->arena, name), .child = child, .at = at };
        *VEC_PUSH(ini->arena, &ini->pending) = pending;
        names_set(&ini->pending_names, pending->name, pending);
    }
    return pending;
}

/* A section has declared the group: what waited for it is done. */
static bool resolve(struct ini *ini, struct pending *pending)
{
    bool is_new;
    pending->done = true;
    for (size_t i = 0; i < pending->parents.len; i++) {
        if (!data_add_child(ini->parse->inventory, ini->parse->diags, pending->parents.items[i],
                            data_group(ini->parse->inventory, pending->name), pending->at,
                            &is_new)) {
            return false;
        }
    }
    return true;
}

static bool begin_section(struct ini *ini, str name, enum section section, str line)
{
    struct inventory *inventory = ini->parse->inventory;
    struct pending *pending = names_find(&ini->pending_names, name);
    bool waits = pending != NULL && !pending->done;
    if (data_group(inventory, name) == NULL) {
        if (section == SECTION_VARS && !waits) {
            pend(ini, name, false, span_of(ini, line));
        }
        data_add_group(inventory, name, span_of(ini, line));
    }
    ini->group = data_group(inventory, name);
    ini->section = section;
    return !waits || section == SECTION_VARS || resolve(ini, pending);
}

static bool section_kind(struct ini *ini, str word, enum section *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(section_names); i++) {
        if (str_eq(word, section_names[i])) {
            *ret = (enum section)i;
            return true;
        }
    }
    struct diag *diag = diag_error(ini->parse->diags, span_of(ini, word),
                                   "section of unknown kind '%.*s'", SARG(word));
    diag_suggest(diag, word, section_names, ARRAY_LEN(section_names));
    diag_hint(diag, "a section is [group], [group:vars] or [group:children]");
    return false;
}

static bool is_word_text(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || (unsigned char)c >= 0x80)) {
            return false;
        }
    }
    return s.len > 0;
}

/* "[name]" or "[name:kind]", nothing behind but a comment. */
static bool find_section(str line, str *ret_name, str *ret_kind)
{
    if (line.ptr[0] != '[') {
        return false;
    }
    size_t end = 1;
    while (end < line.len && strchr(":] \t\v\f", line.ptr[end]) == NULL) {
        end++;
    }
    str name = str_part(line, 1, end), kind = STR_NONE;
    if (end < line.len && line.ptr[end] == ':') {
        size_t close = str_find_char(line, ']', end);
        kind = close == STR_NPOS ? STR_EMPTY : str_part(line, end + 1, close);
        end = close;
    }
    if (name.len == 0 || end >= line.len || line.ptr[end] != ']' ||
        (!str_is_none(kind) && !is_word_text(kind)) || !is_line_end(line, end + 1)) {
        return false;
    }
    *ret_name = name;
    *ret_kind = kind;
    return true;
}

static bool child_line(struct ini *ini, str line)
{
    size_t end = 0;
    while (end < line.len && strchr(":] \t\v\f", line.ptr[end]) == NULL) {
        end++;
    }
    str name = str_part(line, 0, end);
    if (name.len == 0 || !is_line_end(line, end)) {
        struct diag *diag =
            diag_error(ini->parse->diags, span_of(ini, line),
                       "expected the name of a group in [%.*s:children]", SARG(ini->group->name));
        diag_hint(diag, "write one group a line; variables belong into [%.*s:vars]",
                  SARG(ini->group->name));
        return false;
    }
    struct group *child = data_group(ini->parse->inventory, name);
    if (child == NULL) {
        struct pending *pending = pend(ini, name, true, span_of(ini, name));
        *VEC_PUSH(ini->arena, &pending->parents) = ini->group;
        return true;
    }
    bool is_new;
    return data_add_child(ini->parse->inventory, ini->parse->diags, ini->group, child,
                          span_of(ini, name), &is_new);
}

static void suggest_group(struct ini *ini, struct diag *diag, str given)
{
    const struct inventory *inventory = ini->parse->inventory;
    VEC(str) names = { 0 };
    for (size_t i = 0; i < inventory->groups.len; i++) {
        if (!str_eq(inventory->groups.items[i]->name, given)) {
            *VEC_PUSH(ini->arena, &names) = inventory->groups.items[i]->name;
        }
    }
    diag_suggest(diag, given, names.items, names.len);
}

static bool check_pending(struct ini *ini)
{
    for (size_t i = 0; i < ini->pending.len; i++) {
        const struct pending *pending = ini->pending.items[i];
        if (pending->done) {
            continue;
        }
        struct diag *diag =
            pending->child
                ? diag_error(ini->parse->diags, pending->at,
                             "group '%.*s' is a child of '%.*s', but no section declares it",
                             SARG(pending->name), SARG(pending->parents.items[0]->name))
                : diag_error(ini->parse->diags, pending->at,
                             "group '%.*s' has variables, but no section declares it",
                             SARG(pending->name));
        suggest_group(ini, diag, pending->name);
        diag_hint(diag, "add a section [%.*s]", SARG(pending->name));
        return false;
    }
    return true;
}

/* ---- the file ---- */

static bool bad_section(struct ini *ini, str line)
{
    struct diag *diag =
        diag_error(ini->parse->diags, span_of(ini, line), "'%.*s' is no section", SARG(line));
    diag_hint(diag, "a section is [group], [group:vars] or [group:children], without blanks; "
                    "behind it only a comment that begins with '#'");
    return false;
}

static bool read_line(struct ini *ini, str line)
{
    str name, kind;
    if (find_section(line, &name, &kind)) {
        enum section section = SECTION_HOSTS;
        return flush_vars(ini) && (str_is_none(kind) || section_kind(ini, kind, &section)) &&
               begin_section(ini, name, section, line);
    }
    if (line.ptr[0] == '[' && line.ptr[line.len - 1] == ']') {
        return bad_section(ini, line);
    }
    switch (ini->section) {
    case SECTION_HOSTS:
        return host_line(ini, line);
    case SECTION_VARS:
        return vars_line(ini, line);
    case SECTION_CHILDREN:
        return child_line(ini, line);
    }
    return false;
}

/* A comment may hold any byte; everything else is UTF-8. */
static bool check_line(const struct ini *ini, str line)
{
    size_t bad;
    if (utf8_valid(line, &bad)) {
        return true;
    }
    struct diag *diag = diag_error(ini->parse->diags, span_of(ini, str_part(line, bad, bad + 1)),
                                   "byte 0x%02x is no UTF-8", (unsigned char)line.ptr[bad]);
    diag_hint(diag, "save the file as UTF-8");
    return false;
}

static bool check_begin(const struct parse *parse)
{
    if (str_starts(parse->source->text, S("\xEF\xBB\xBF"))) {
        struct diag *diag = diag_error(parse->diags, source_span(parse->source, 0, 3),
                                       "file begins with a byte order mark");
        diag_hint(diag, "save the file as UTF-8 without it");
        return false;
    }
    return true;
}

bool ini_parse(struct parse *parse)
{
    struct arena *arena = parse->inventory->arena;
    struct ini ini = { .parse = parse,
                       .arena = arena,
                       .rest = parse->source->text,
                       .group = parse->inventory->ungrouped,
                       .vars = map_in(arena),
                       .pending_names = { .arena = arena } };
    bool ok = check_begin(parse);
    while (ok && !str_is_none(ini.rest)) {
        str line = strip(cut_line(&ini.rest));
        if (line.len > 0 && line.ptr[0] != ';' && line.ptr[0] != '#') {
            ok = check_line(&ini, line) && read_line(&ini, line);
        }
    }
    return flush_vars(&ini) && ok && check_pending(&ini);
}
