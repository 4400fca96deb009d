#include "check.h"
#include "module/param.h"

/* Expected values are what ansible-core 2.14 makes of them; free text is shown as `_`. */
Test(split, as_ansible)
{
    static const struct {
        str text;
        bool free_form;
        str expected;
    } rows[] = {
        { S_INIT("a=1 b=2"), false, S_INIT("{\"a\": \"1\", \"b\": \"2\"}") },
        { S_INIT("src=a dest='b c'"), false, S_INIT("{\"src\": \"a\", \"dest\": \"b c\"}") },
        { S_INIT("msg=\"say \\\"hi\\\"\" x=y"), false,
          S_INIT("{\"msg\": \"say \\\"hi\\\"\", \"x\": \"y\"}") },
        { S_INIT("a=b=c"), false, S_INIT("{\"a\": \"b=c\"}") },
        { S_INIT("name = x"), false, S_INIT("{\"_\": \"name = x\"}") },
        { S_INIT("a=1\nb=2"), false, S_INIT("{\"a\": \"1\", \"b\": \"2\"}") },
        { S_INIT("line='a\\tb'"), false, S_INIT("{\"line\": \"a\\tb\"}") },
        { S_INIT("x={{ foo bar }} y=2"), false,
          S_INIT("{\"x\": \"{{ foo bar }}\", \"y\": \"2\"}") },
        { S_INIT("x='{{ a }}' y=\"{{ b | c('d e') }}\""), false,
          S_INIT("{\"x\": \"{{ a }}\", \"y\": \"{{ b | c('d e') }}\"}") },
        { S_INIT("free a=1 text"), false, S_INIT("{\"a\": \"1\", \"_\": \"free text\"}") },
        { S_INIT("echo hi creates=/x  more"), true,
          S_INIT("{\"creates\": \"/x\", \"_\": \"echo hi more\"}") },
        { S_INIT("echo a=b creates=/x"), true,
          S_INIT("{\"creates\": \"/x\", \"_\": \"echo a=b\"}") },
        { S_INIT("creates=/x echo hi"), true, S_INIT("{\"creates\": \"/x\", \"_\": \"echo hi\"}") },
        { S_INIT("ls -l | grep 'a  b'   c"), true, S_INIT("{\"_\": \"ls -l | grep 'a  b'   c\"}") },
        { S_INIT("for i in 1 2; do\n  echo $i\ndone\n"), true,
          S_INIT("{\"_\": \"for i in 1 2; do\\n  echo $i\\ndone\\n\"}") },
        { S_INIT("echo {{ x }} {% if a %}b c{% endif %} d"), true,
          S_INIT("{\"_\": \"echo {{ x }} {% if a %}b c{% endif %} d\"}") },
        { S_INIT("echo \\=x"), true, S_INIT("{\"_\": \"echo =x\"}") },
        { S_INIT("echo a\\=b"), true, S_INIT("{\"_\": \"echo a=b\"}") },
        { S_INIT("chdir='/a b' ls"), true, S_INIT("{\"chdir\": \"/a b\", \"_\": \"ls\"}") },
        { S_INIT(""), true, S_INIT("{}") },
        { S_INIT("a  b\n\n c"), true, S_INIT("{\"_\": \"a  b\\n\\nc\"}") },
        { S_INIT("a\n b"), true, S_INIT("{\"_\": \"a\\nb\"}") },
        { S_INIT("stdin=x cat warn=no"), true,
          S_INIT("{\"stdin\": \"x\", \"warn\": \"no\", \"_\": \"cat\"}") },
        { S_INIT("k='a\\'b'"), false, S_INIT("{\"k\": \"a'b\"}") },
        { S_INIT("k=\"\""), false, S_INIT("{\"k\": \"\"}") },
        { S_INIT("k="), false, S_INIT("{\"k\": \"\"}") },
        { S_INIT("x=\\u00e9"), false, S_INIT("{\"x\": \"\u00e9\"}") },
        { S_INIT("x=\\x41b"), false, S_INIT("{\"x\": \"Ab\"}") },
        { S_INIT("x=C:\\dir"), false, S_INIT("{\"x\": \"C:\\\\dir\"}") },
        { S_INIT("executable=/bin/bash set -o pipefail && a | b"), true,
          S_INIT("{\"executable\": \"/bin/bash\", \"_\": \"set -o pipefail && a | b\"}") },
        { S_INIT("x=1 # c"), false, S_INIT("{\"x\": \"1\", \"_\": \"# c\"}") },
        { S_INIT("cmd='a b' c=\"d\"e"), false,
          S_INIT("{\"cmd\": \"a b\", \"c\": \"\\\"d\\\"e\"}") },
        { S_INIT("a \\\nb chdir=/tmp"), true, S_INIT("{\"chdir\": \"/tmp\", \"_\": \"a b\"}") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        value map, free = value_null();
        value text = value_trusted(value_str(b.arena, rows[i].text));
        cr_assert(params_split(b.arena, b.diags, text, rows[i].free_form, &map, &free), "row %zu",
                  i);
        struct map_builder all = map_from(b.arena, map);
        if (value_is(free, VALUE_STR)) {
            cr_assert(value_is_trusted(free));
            map_set_str(&all, S("_"), free);
        }
        EQ_STR(to_json(&b, map_seal(&all)), rows[i].expected);
    }
}

Test(split, not_closed)
{
    static const str rows[] = { S_INIT("a='b"), S_INIT("{{ a"), S_INIT("echo it's"),
                                S_INIT("x={% if a") };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        value map, free;
        cr_assert_not(
            params_split(b.arena, b.diags, value_str(b.arena, rows[i]), true, &map, &free));
        EQ_STR(last_message(&b), S("a quote or a {{ }} block is not closed"));
    }
}

/* A value says where it was written, so that a mistake in it gets a caret. */
Test(split, places)
{
    BENCH(b);
    size_t i = 0;
    value text = from_yaml(&b, S("path=/a  mode='u=q' state=x"));
    value map, free;
    struct place place;
    cr_assert(params_split(b.arena, b.diags, text, false, &map, &free));
    cr_assert(source_place(b.sources, value_get(map, S("mode")).at, &place));
    EQ_STR(str_part(place.line_text, place.line_byte, place.line_byte + 5), S("'u=q'"));
    cr_assert(source_place(b.sources, value_map_key(map, 2).at, &place));
    EQ_STR(str_part(place.line_text, place.line_byte, place.line_byte + 5), S("state"));
}
