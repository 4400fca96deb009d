/* What is told of the values behind a condition that does not hold. */
#include "kit.h"

static const char vars[] = "port: 80\n"
                           "name: web\n"
                           "users: [al, bo]\n"
                           "gone: null\n"
                           "ready: true\n"
                           "srv: {ports: [80, 443], deep: {er: x}}\n"
                           "computed: '{{ port }}0'\n"
                           "many: '{{ range(300) | list }}'\n"
                           "long: '{{ \"ab\" * 100 }}'\n";

static const struct {
    const char *condition, *notes; /* joined by "; " */
} rows[] = {
    { "port == 8080", "'port' is the integer 80" },
    { "8080 == port", "'port' is the integer 80" },
    { "1 == 2", "" },
    { "name == 'db'", "'name' is the string 'web'" },
    { "computed == 80", "'computed' is the string '800'" },
    { "not ready", "'ready' is true" },
    { "gone", "'gone' is null" },
    { "users | length > 2", "'users | length' is the integer 2; 'users' is the list ['al', 'bo']" },
    { "'cy' in users", "'users' is the list ['al', 'bo']" },
    { "srv.ports.0 > port", "'srv.ports.0' is the integer 80; 'port' is the integer 80" },
    { "srv['deep'].er == 'y'", "'srv['deep'].er' is the string 'x'" },
    { "name is match('db')", "'name' is the string 'web'" },
    { "port is defined and port == 1", "'port' is the integer 80" },
    { "port == 80 and name == 'db'", "'name' is the string 'web'" },
    { "port == 1 and name == 'db'", "'port' is the integer 80" },
    { "port == 1 or name == 'db'", "'port' is the integer 80; 'name' is the string 'web'" },
    { "not (port == 1 or name == 'web')", "'name' is the string 'web'" },
    { "nothing is defined", "" },
    { "nothing is defined and nothing > 1", "" },
    { "many | length == 1 or many == []",
      "'many | length' is the integer 300; 'many' is a list of 300 items" },
    { "long == ''", "'long' is the string "
                    "'abababababababababababababababababababababababababababababababababababababa"
                    "baba..." },
    /* a second call might do something else, or tell another value */
    { "lookup('pipe', 'echo x') == 'y'", "" },
    { "name.upper() == 'web'", "" },
    { "users | random == 'cy'", "" },
    { "users | map('upper') | list == []",
      "'users | map('upper') | list' is the list ['AL', 'BO']; 'users | map('upper')' is the list "
      "['AL', 'BO']; 'users' is the list ['al', 'bo']" },
    { "{{ port }} == 1", "" },
    { "(port + 1) * 2 == 1", "" },
    { "srv.ports[1] + port == 1", "'srv.ports[1] + port' is the integer 523" },
    { "srv.ports | map('string') | join('-') == ''",
      "'srv.ports | map('string') | join('-')' is the string '80-443'; 'srv.ports | map('string')' "
      "is the list ['80', '443']; 'srv.ports' is the list [80, 443]" },
};

Test(explain, conditions)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        kit_open(&kit, DIALECT_CLASSIC, vars);
        value condition = kit_text(&kit, rows[i].condition);
        enum truth truth;
        cr_assert(template_condition(&kit.eval, condition, &truth), "%s", rows[i].condition);
        cr_assert_eq(truth, TRUTH_FALSE, "%s", rows[i].condition);
        struct diag *diag = diag_error(kit.diags, SPAN_NONE, "does not hold");
        template_explain(&kit.eval, condition, diag);
        struct strbuf notes = strbuf_in(kit.arena);
        for (const struct diag_note *note = diag->notes; note != NULL; note = note->next) {
            strbuf_addf(&notes, "%s%.*s", notes.len > 0 ? "; " : "", SARG(note->text));
        }
        const char *told = str_c(kit.arena, strbuf_str(&notes));
        cr_expect_str_eq(told, rows[i].notes, "%s: %s", rows[i].condition, told);
        cr_expect_eq(kit.diags->errors, 1u);
        kit_close(&kit);
    }
}

/* Of a secret only that it is one. */
Test(explain, secrets)
{
    struct kit kit;
    kit_open(&kit, DIALECT_CLASSIC, "x: 1\n");
    struct map_builder map = map_in(kit.arena);
    map_set_str(&map, S("password"), value_secret(kit.arena, S("hunter2")));
    kit.layers[0] = map_seal(&map);
    value condition = kit_text(&kit, "password == 'x'");
    struct diag *diag = diag_error(kit.diags, SPAN_NONE, "does not hold");
    template_explain(&kit.eval, condition, diag);
    cr_assert_not_null(diag->notes);
    cr_expect_null(strstr(str_c(kit.arena, diag->notes->text), "hunter"));
    kit_close(&kit);
}
