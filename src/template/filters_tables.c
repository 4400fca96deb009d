/* filters_tables.c - community.general's from_csv, from_ini, to_ini. */
#include "base/utf8.h"
#include "formats/csv.h"
#include "formats/pyini.h"
#include "template/core.h"

/* ---- from_csv ---- */

static bool csv_dialect(struct call *call, struct csv_dialect *ret)
{
    str name = call_str(call, 0);
    bool tab = str_eq(name, S("excel-tab"));
    *ret = (struct csv_dialect){ .delimiter = tab ? S("\t") : S(",") };
    if (!tab && !str_eq(name, S("excel")) && !str_eq(name, S("unix"))) {
        return call_fail(call, "'%.*s' is no dialect: use excel, excel-tab or unix", SARG(name));
    }
    if (!call_none(call, 2)) {
        if (!call_need_str(call, call->args[2], &ret->delimiter)) {
            return false;
        }
        if (utf8_length(ret->delimiter) != 1) {
            return call_fail(call, "'delimiter' is one character");
        }
    }
    return (call_none(call, 3) || call_truth(call, call->args[3], &ret->skip_space)) &&
           (call_none(call, 4) || call_truth(call, call->args[4], &ret->strict));
}

static bool next_row(struct call *call, const struct csv_dialect *dialect, str *rest, value *ret)
{
    const char *mistake;
    return csv_row(call->arena, dialect, rest, ret, &mistake) || call_fail(call, "%s", mistake);
}

/* Fields that are missing are null; those that have no name are together under a null key. */
static value csv_map(struct arena *arena, const value *names, size_t count, value row)
{
    struct map_builder map = map_in(arena);
    size_t fields = value_count(row);
    for (size_t i = 0; i < count; i++) {
        map_set(&map, names[i], i < fields ? value_item(row, i) : value_null());
    }
    if (fields > count) {
        map_set(&map, value_null(),
                value_list(arena, value_items(row, &fields) + count, fields - count));
    }
    return map_seal(&map);
}

static bool filter_from_csv(struct call *call, value *ret)
{
    struct csv_dialect dialect;
    value text, first;
    const value *names = NULL;
    size_t count = 0;
    if (!csv_dialect(call, &dialect) || !call_text(call, call->input, &text)) {
        return false;
    }
    str rest = value_as_str(text);
    rest = str_starts(rest, S("\xef\xbb\xbf")) ? str_part(rest, 3, rest.len) : rest;
    if (!call_none(call, 1)) {
        if (!call_items(call, call->args[1], &names, &count)) {
            return false;
        }
    } else if (rest.len > 0) {
        if (!next_row(call, &dialect, &rest, &first)) {
            return false;
        }
        names = value_items(first, &count);
    }
    struct list_builder rows = list_in(call->arena);
    while (rest.len > 0) {
        value row;
        if (!next_row(call, &dialect, &rest, &row)) {
            return false;
        }
        if (value_count(row) > 0) {
            list_add(&rows, csv_map(call->arena, names, count, row));
        }
    }
    return call_give(ret, list_seal(&rows));
}

/* ---- INI ---- */

static bool filter_from_ini(struct call *call, value *ret)
{
    struct pyini ini;
    str text;
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->input);
    }
    if (!call_need_str(call, call->input, &text)) {
        return false;
    }
    if (!pyini_read(call->arena, call->eval->diags, call_place(call), text,
                    (struct pyini_options){ .keep_case = true }, &ini)) {
        return call_reported(call);
    }
    struct map_builder all = map_in(call->arena);
    for (size_t i = 0; i < value_count(ini.sections); i++) {
        value name = value_map_key(ini.sections, i), section;
        if (pyini_section(&ini, call->arena, value_as_str(name), &section)) {
            map_set(&all, name, section);
        }
    }
    if (value_count(ini.defaults) > 0) {
        map_set_str(&all, S("DEFAULT"), ini.defaults);
    }
    return call_give(ret, map_seal(&all));
}

static bool write_section(struct call *call, value name, value section, struct textbuf *out)
{
    textbuf_add_char(out, '[');
    textbuf_add_value(out, value_print(call->arena, name));
    textbuf_add(out, S("]\n"));
    for (size_t i = 0; i < value_count(section); i++) {
        value v;
        if (!call_text(call, value_map_value(section, i), &v)) {
            return false;
        }
        v = value_is(value_map_value(section, i), VALUE_NULL) ? value_str(call->arena, S("None"))
                                                              : v;
        textbuf_add_value(out, value_print(call->arena, value_map_key(section, i)));
        textbuf_add(out, S(" = "));
        struct call_args args = { (value[]){ value_str(call->arena, S("\n")),
                                             value_str(call->arena, S("\n\t")) },
                                  2,
                                  { .kind = VALUE_UNDEFINED },
                                  call->at };
        if (!call_filter(call, S("replace"), v, &args, &v)) {
            return false;
        }
        textbuf_add_value(out, v);
        textbuf_add_char(out, '\n');
    }
    return true;
}

/* DEFAULT comes first, wherever it is in the map. */
static bool filter_to_ini(struct call *call, value *ret)
{
    value map, defaults;
    if (!plain_value(call->render, call->input, &map) || !call_need_map(call, map)) {
        return false;
    }
    size_t count = value_count(map);
    if (count == 0) {
        return call_fail(call, "an empty map cannot be written");
    }
    struct textbuf out = textbuf_in(call->arena);
    bool has_defaults = value_map_get(map, S("DEFAULT"), &defaults);
    for (size_t i = 0; i < count + 1; i++) {
        value name = i == 0 ? value_str(call->arena, S("DEFAULT")) : value_map_key(map, i - 1);
        bool is_defaults = value_is(name, VALUE_STR) && str_eq(value_as_str(name), S("DEFAULT"));
        if (is_defaults != (i == 0) || (i == 0 && !has_defaults)) {
            continue;
        }
        value section = i == 0 ? defaults : value_map_value(map, i - 1);
        if (!value_is(section, VALUE_MAP)) {
            return call_fail(call, "a section is a map, not %s %s", A_TYPE(section));
        }
        if (out.bytes.len > 0) {
            textbuf_add_char(&out, '\n');
        }
        if (!write_section(call, name, section, &out)) {
            return false;
        }
    }
    return call_give(ret, textbuf_value(&out));
}

const struct builtin filters_tables[] = {
    { "community.general.from_csv", NULL,
      "dialect:str='excel', fieldnames=none, delimiter=none, skipinitialspace=none, strict=none", 0,
      filter_from_csv, "Rows of comma-separated values, as maps.",
      "{{ lookup('file', 'ports.csv') | community.general.from_csv }} -> [{'name': 'web', 'port': "
      "'80'}]" },
    { "community.general.from_ini", NULL, "", 0, filter_from_ini, "An INI text, as a map of maps.",
      "{{ lookup('file', 'app.ini') | community.general.from_ini }} -> {'web': {'port': '8080'}}" },
    { "community.general.to_ini", NULL, "", CALL_DEEP, filter_to_ini, "A map of maps, as INI.",
      "{{ {'web': {'port': 80}} | community.general.to_ini }} -> [web]\\nport = 80\\n" },
    { 0 },
};
