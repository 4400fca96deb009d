/* pyini.c - see pyini.h. */
#include "formats/pyini.h"

#include "base/strbuf.h"
#include "base/utf8.h"

#define MAX_LEVELS 10 /* of interpolation, as configparser */

/* An option being read; further lines may belong to it. */
struct option {
    str name;
    struct strbuf text;
    bool has_value;
};

struct reader {
    struct arena *arena;
    struct diags *diags;
    span at;
    struct pyini_options options;
    struct map_builder sections, defaults;
    struct map_builder section; /* the one being read */
    str section_name;           /* STR_NONE before the first */
    bool in_defaults;
    struct option option; /* name STR_NONE: none */
    size_t line, indent;
};

static bool mistake(struct reader *r, const char *what, str subject)
{
    diag_error(r->diags, r->at, "line %zu of the INI text: %s '%.*s'", r->line, what,
               SARG(subject));
    return false;
}

static void end_option(struct reader *r)
{
    if (str_is_none(r->option.name)) {
        return;
    }
    value v = value_null();
    if (r->option.has_value) {
        v = value_str(r->arena, str_trim_right(strbuf_str(&r->option.text)));
    }
    map_set_str(&r->section, r->option.name, v);
    r->option.name = STR_NONE;
}

static void end_section(struct reader *r)
{
    end_option(r);
    if (str_is_none(r->section_name)) {
        return;
    }
    if (r->in_defaults) {
        r->defaults = r->section;
    } else {
        map_set_str(&r->sections, r->section_name, map_seal(&r->section));
    }
}

static bool begin_section(struct reader *r, str name)
{
    end_section(r);
    r->in_defaults = str_eq(name, S("DEFAULT"));
    if (!r->in_defaults && map_has(&r->sections, value_str(r->arena, name), NULL)) {
        return mistake(r, "there is a second section", name);
    }
    r->section = r->in_defaults ? r->defaults : map_in(r->arena);
    r->section_name = name;
    return true;
}

static bool begin_option(struct reader *r, str line)
{
    size_t cut = 0;
    end_option(r);
    while (cut < line.len && line.ptr[cut] != '=' && line.ptr[cut] != ':') {
        cut++;
    }
    str name = str_trim(str_part(line, 0, cut));
    bool has_value = cut < line.len;
    if (name.len == 0 || (!has_value && !r->options.allow_no_value)) {
        return mistake(r, "neither a section nor an option:", line);
    }
    name = r->options.keep_case ? name : utf8_lower(r->arena, name);
    if (map_has(&r->section, value_str(r->arena, name), NULL)) {
        return mistake(r, "there is a second option", name);
    }
    r->option = (struct option){ name, strbuf_in(r->arena), has_value };
    map_set_str(&r->section, name, value_null()); /* its place */
    if (has_value) {
        strbuf_add(&r->option.text, str_trim(str_part(line, cut + 1, line.len)));
    }
    return true;
}

static void continue_option(struct reader *r, str line)
{
    if (r->option.has_value) {
        strbuf_add_char(&r->option.text, '\n');
        strbuf_add(&r->option.text, line);
    }
}

static bool read_line(struct reader *r, str line)
{
    str bare = str_trim(line);
    bool comment = bare.len > 0 && (bare.ptr[0] == '#' || bare.ptr[0] == ';');
    bool within = !str_is_none(r->option.name);
    if (bare.len == 0 || comment) {
        if (within && !comment) {
            continue_option(r, STR_EMPTY);
        }
        return true;
    }
    size_t indent = (size_t)(bare.ptr - line.ptr);
    if (within && indent > r->indent) {
        continue_option(r, bare);
        return true;
    }
    r->indent = indent;
    size_t close = str_rfind(bare, S("]"));
    if (bare.ptr[0] == '[' && close != STR_NPOS && close > 1) {
        return begin_section(r, str_part(bare, 1, close));
    }
    if (str_is_none(r->section_name)) {
        return mistake(r, "there is no section before", bare);
    }
    return begin_option(r, bare);
}

bool pyini_read(struct arena *arena, struct diags *diags, span at, str text,
                struct pyini_options options, struct pyini *ret)
{
    struct reader r = { .arena = arena,
                        .diags = diags,
                        .at = at,
                        .options = options,
                        .sections = map_in(arena),
                        .defaults = map_in(arena) };
    while (text.len > 0) {
        r.line++;
        if (!read_line(&r, str_cut_line(&text))) {
            return false;
        }
    }
    end_section(&r);
    *ret = (struct pyini){ map_seal(&r.sections), map_seal(&r.defaults) };
    return true;
}

bool pyini_section(const struct pyini *ini, struct arena *arena, str name, value *ret)
{
    value own;
    if (str_eq(name, S("DEFAULT"))) {
        *ret = ini->defaults;
        return true;
    }
    if (!value_map_get(ini->sections, name, &own)) {
        return false;
    }
    struct map_builder all = map_from(arena, ini->defaults);
    for (size_t i = 0; i < value_count(own); i++) {
        map_set(&all, value_map_key(own, i), value_map_value(own, i));
    }
    *ret = map_seal(&all);
    return true;
}

/* ---- interpolation ---- */

struct interpolation {
    struct arena *arena;
    struct diags *diags;
    span at;
    value section;
    struct pyini_options options;
    struct strbuf out;
};

static bool add_text(struct interpolation *in, str text, unsigned level);

/* "%(name)s" at the beginning of *rest. */
static bool add_reference(struct interpolation *in, str *rest, unsigned level)
{
    size_t close = str_find(*rest, S(")s"), 2);
    size_t paren = str_find_char(*rest, ')', 2);
    if (close == STR_NPOS || paren != close || close == 2) {
        diag_error(in->diags, in->at, "bad reference in the INI value '%.*s'", SARG(*rest));
        return false;
    }
    str name = str_part(*rest, 2, close);
    name = in->options.keep_case ? name : utf8_lower(in->arena, name);
    value v;
    if (!value_map_get(in->section, name, &v)) {
        diag_error(in->diags, in->at, "an INI value refers to '%.*s', which does not exist",
                   SARG(name));
        return false;
    }
    *rest = str_part(*rest, close + 2, rest->len);
    return !value_is(v, VALUE_STR) || add_text(in, value_as_str(v), level + 1);
}

static bool add_text(struct interpolation *in, str text, unsigned level)
{
    if (level > MAX_LEVELS) {
        diag_error(in->diags, in->at, "INI values refer to each other more than %d times",
                   MAX_LEVELS);
        return false;
    }
    while (text.len > 0) {
        size_t percent = str_find_char(text, '%', 0);
        strbuf_add(&in->out, str_part(text, 0, percent == STR_NPOS ? text.len : percent));
        text = str_part(text, percent == STR_NPOS ? text.len : percent, text.len);
        if (str_starts(text, S("%%"))) {
            strbuf_add_char(&in->out, '%');
            text = str_part(text, 2, text.len);
        } else if (str_starts(text, S("%("))) {
            if (!add_reference(in, &text, level)) {
                return false;
            }
        } else if (text.len > 0) {
            diag_error(in->diags, in->at, "'%%' must be followed by '%%' or '(' in '%.*s'",
                       SARG(text));
            return false;
        }
    }
    return true;
}

bool pyini_interpolate(struct arena *arena, struct diags *diags, span at, value section,
                       struct pyini_options options, value text, value *ret)
{
    *ret = text;
    if (!value_is(text, VALUE_STR)) {
        return true;
    }
    struct interpolation in = { arena, diags, at, section, options, strbuf_in(arena) };
    if (!add_text(&in, value_as_str(text), 1)) {
        return false;
    }
    *ret = value_str(arena, strbuf_str(&in.out));
    return true;
}
