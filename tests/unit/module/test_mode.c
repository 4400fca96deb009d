#include "check.h"
#include "module/internal.h"

/* Expected values are what ansible-core 2.14 makes of them. */
Test(mode, symbolic)
{
    static const struct {
        unsigned current;
        str spec;
        bool is_directory;
        unsigned umask, expected;
    } rows[] = {
        { 0644, S_INIT("u+x"), false, 022, 0744 },
        { 0644, S_INIT("+x"), false, 022, 0755 },
        { 0644, S_INIT("+w"), false, 022, 0644 },
        { 0644, S_INIT("a+w"), false, 022, 0666 },
        { 0600, S_INIT("u=rwX,g=rX,o="), false, 022, 0640 },
        { 0700, S_INIT("u=rwX,go=rX"), false, 022, 0755 },
        { 0600, S_INIT("u=rwX,go=rX"), true, 022, 0755 },
        { 0755, S_INIT("g=u"), false, 022, 0775 },
        { 0750, S_INIT("o=g"), false, 022, 0755 },
        { 0755, S_INIT("u+s"), false, 022, 04755 },
        { 0755, S_INIT("g+s"), false, 022, 02755 },
        { 0755, S_INIT("+t"), true, 022, 01755 },
        { 0755, S_INIT("o+t"), true, 022, 01755 },
        { 04755, S_INIT("u-s"), false, 022, 0755 },
        { 0644, S_INIT("u+rwx,g-r,o=rx"), false, 022, 0705 },
        { 0777, S_INIT("-w"), false, 022, 0577 },
        { 0644, S_INIT("=r"), false, 022, 0444 },
        { 06755, S_INIT("u=rwx"), false, 0, 02755 },
        { 0644, S_INIT("u+x,g+X"), false, 022, 0744 },
        { 0644, S_INIT("u-x+w"), false, 022, 0644 },
        { 0640, S_INIT("g+u"), false, 022, 0660 },
        { 0644, S_INIT("a="), false, 022, 0 },
        { 02755, S_INIT("=rx"), true, 027, 0550 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct mode_spec spec = { 0 };
        cr_assert(mode_parse(b.diags, value_str(b.arena, rows[i].spec), &spec), "row %zu", i);
        unsigned got = mode_apply(&spec, rows[i].current, rows[i].is_directory, rows[i].umask);
        cr_assert_eq(got, rows[i].expected, "row %zu: %o", i, got);
    }
}

Test(mode, forms)
{
    static const struct {
        str yaml;
        int form;
        unsigned octal;
    } rows[] = {
        { S_INIT("'0644'"), MODE_OCTAL, 0644 },   { S_INIT("0644"), MODE_OCTAL, 0644 },
        { S_INIT("'644'"), MODE_OCTAL, 0644 },    { S_INIT("644"), MODE_OCTAL, 01204 },
        { S_INIT("'0o755'"), MODE_OCTAL, 0755 },  { S_INIT("02755"), MODE_OCTAL, 02755 },
        { S_INIT("preserve"), MODE_PRESERVE, 0 }, { S_INIT("u=rw,g=r"), MODE_SYMBOLIC, 0 },
        { S_INIT("420"), MODE_OCTAL, 0644 },      { S_INIT("'7777'"), MODE_OCTAL, 07777 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct mode_spec spec = { 0 };
        cr_assert(mode_parse(b.diags, from_yaml(&b, rows[i].yaml), &spec), "row %zu", i);
        cr_assert_eq((int)spec.form, rows[i].form, "row %zu", i);
        cr_assert_eq(spec.octal, rows[i].octal, "row %zu: %o", i, spec.octal);
    }
}

/* A decimal number is said to be one, unless somebody may have meant it. */
Test(mode, decimal)
{
    static const struct {
        str yaml, message;
    } rows[] = {
        { S_INIT("644"), S_INIT("file mode 644 is a decimal number and means octal 1204") },
        { S_INIT("755"), S_INIT("file mode 755 is a decimal number and means octal 1363") },
        { S_INIT("600"), S_INIT("file mode 600 is a decimal number and means octal 1130") },
        { S_INIT("400"), S_INIT("file mode 400 is a decimal number and means octal 0620") },
        { S_INIT("420"), S_INIT("") }, /* 0644 */
        { S_INIT("493"), S_INIT("") }, /* 0755, and no octal digits */
        { S_INIT("511"), S_INIT("") }, /* 0777 */
        { S_INIT("0600"), S_INIT("") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct mode_spec spec;
        cr_assert(mode_parse(b.diags, from_yaml(&b, rows[i].yaml), &spec));
        EQ_STR(last_message(&b), rows[i].message);
    }
}

Test(mode, refused)
{
    static const struct {
        str yaml, message;
    } rows[] = {
        { S_INIT("'0999'"), S_INIT("file mode '0999' is not octal") },
        { S_INIT("'77777'"), S_INIT("file mode '77777' is not octal") },
        { S_INIT("''"), S_INIT("file mode '' is neither octal nor symbolic") },
        { S_INIT("rw-r--r--"), S_INIT("file mode 'rw-r--r--' is neither octal nor symbolic") },
        { S_INIT("u=q"), S_INIT("file mode 'u=q' is neither octal nor symbolic") },
        { S_INIT("u=rw,"), S_INIT("file mode 'u=rw,' is neither octal nor symbolic") },
        { S_INIT("99999"), S_INIT("file mode is out of range") },
        { S_INIT("-1"), S_INIT("file mode is out of range") },
        { S_INIT("[a]"), S_INIT("file mode cannot be a list") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct mode_spec spec;
        cr_assert_not(mode_parse(b.diags, from_yaml(&b, rows[i].yaml), &spec), "row %zu", i);
        EQ_STR(last_message(&b), rows[i].message);
    }
}
