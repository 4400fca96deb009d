/* INI files; the expected values are those of Python's configparser. */
#include "check.h"

#include "formats/pyini.h"

static str complaint(struct bench *bench)
{
    cr_assert(bench->diags->all.len > 0, "failed without a diagnostic");
    return str_concat(bench->arena, S("!"), bench->diags->all.items[0]->message);
}

/* The section "s" of a text, and its option "x" with its references replaced. */
static str read_section(struct bench *bench, str text, struct pyini_options options)
{
    struct pyini ini;
    value section, x;
    if (!pyini_read(bench->arena, bench->diags, SPAN_NONE, text, options, &ini)) {
        return complaint(bench);
    }
    if (!pyini_section(&ini, bench->arena, S("s"), &section)) {
        return S("none");
    }
    if (value_map_get(section, S("x"), &x) &&
        !pyini_interpolate(bench->arena, bench->diags, SPAN_NONE, section, options, x, &x)) {
        return complaint(bench);
    }
    x = value_get(section, S("x")).kind == VALUE_UNDEFINED ? value_null() : x;
    return str_format(bench->arena, "%.*s %.*s",
                      SARG(value_as_str(value_print(bench->arena, section))),
                      SARG(value_as_str(value_print(bench->arena, x))));
}

Test(pyini, sections)
{
    const struct pyini_options usual = { 0 }, exact = { .keep_case = true },
                               bare = { .allow_no_value = true };
    const struct {
        struct pyini_options options;
        str text, expected;
    } rows[] = {
        { usual, S("[s]\nX = 1\ny: a=b\n"), S("{'x': '1', 'y': 'a=b'} 1") },
        { exact, S("[s]\nX = 1\n"), S("{'X': '1'} None") },
        { usual, S("[s]\nx = 1\n  two\n\n  # no\n  three\n\n"),
          S("{'x': '1\\ntwo\\n\\nthree'} "
            "1\ntwo\n\nthree") },
        { usual, S("[DEFAULT]\nd = 5\n[s]\nx = %(D)s%%\n"), S("{'d': '5', 'x': '%(D)s%%'} 5%") },
        { usual, S("[t]\nx = 1\n"), S("none") },
        { bare, S("[s]\nx\n"), S("{'x': None} None") },
        { usual, S("[s]\nx\n"),
          S("!line 2 of the INI text: neither a section nor an option: 'x'") },
        { usual, S("x = 1\n"), S("!line 1 of the INI text: there is no section before 'x = 1'") },
        { usual, S("[s]\nx = 1\nX = 2\n"),
          S("!line 3 of the INI text: there is a second option "
            "'x'") },
        { usual, S("[s]\n[s]\n"), S("!line 2 of the INI text: there is a second section 's'") },
        { usual, S("[s]\nx = %(y)s\n"), S("!an INI value refers to 'y', which does not exist") },
        { usual, S("[s]\nx = 5%\n"), S("!'%' must be followed by '%' or '(' in '%'") },
        { usual, S("[s]\nx = %(x)s\n"), S("!INI values refer to each other more than 10 times") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        EQ_STR(read_section(&bench, rows[i].text, rows[i].options), rows[i].expected, rows[i].text);
    }
}
