/* Rows of comma-separated values; the expected ones are those of Python's csv module. */
#include "check.h"

#include "formats/csv.h"

static str rows_of(struct bench *bench, struct csv_dialect dialect, str rest)
{
    struct list_builder rows = list_in(bench->arena);
    while (rest.len > 0) {
        value row;
        const char *mistake;
        if (!csv_row(bench->arena, &dialect, &rest, &row, &mistake)) {
            return str_of(mistake);
        }
        list_add(&rows, row);
    }
    return value_as_str(value_print(bench->arena, list_seal(&rows)));
}

Test(csv, rows)
{
    const struct csv_dialect excel = { .delimiter = S(",") }, strict = { S(","), false, true },
                             loose = { S(";"), true, false };
    const struct {
        struct csv_dialect dialect;
        str text, expected;
    } rows[] = {
        { excel, S("a,b\n1,\n"), S("[['a', 'b'], ['1', '']]") },
        { excel, S("\"a,\"\"b\nc\",d\r\ne"), S("[['a,\"b\\nc', 'd'], ['e']]") },
        { excel, S("\n,\n"), S("[[], ['', '']]") },
        { excel, S("\"a\"b\"c\",d"), S("[['ab\"c\"', 'd']]") },
        { excel, S("\"a"), S("[['a']]") },
        { strict, S("\"a"), S("a quote is never closed") },
        { strict, S("\"a\"b"), S("there is text behind a closing quote") },
        { excel, S("a\rb"), S("a carriage return is within a line, outside of quotes") },
        { loose, S("a;  \"x;y\"; z"), S("[['a', 'x;y', 'z']]") },
        { excel, S("a; b"), S("[['a; b']]") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        EQ_STR(rows_of(&bench, rows[i].dialect, rows[i].text), rows[i].expected, rows[i].text);
    }
}
