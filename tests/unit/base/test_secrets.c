#include "base/secrets.h"

#include "check.h"

static void release_secrets(struct secrets **secrets)
{
    secrets_free(*secrets);
}
#define SECRETS(name) CLEANUP(release_secrets) struct secrets *name = secrets_new()

Test(secrets, redact)
{
    ARENA(arena);
    SECRETS(secrets);
    static const str known[] = { S_INIT("hunter2"),     S_INIT("hunter2-longer"), S_INIT("abcdef"),
                                 S_INIT("defghi"),      S_INIT("short"),          S_INIT("aaaaaa"),
                                 S_INIT("in a file\n"), S_INIT("\0\1\2\3\4\5") };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        secrets_add(secrets, known[i]);
        secrets_add(secrets, known[i]);
    }
    static const struct {
        str text, expected;
    } rows[] = {
        { S_INIT("nothing here"), S_INIT("nothing here") },
        { S_INIT(""), S_INIT("") },
        { S_INIT("hunter2"), S_INIT("********") },
        { S_INIT("pw=hunter2!"), S_INIT("pw=********!") },
        { S_INIT("hunter2-longer"), S_INIT("********") }, /* the longest wins */
        { S_INIT("hunter2-longe"), S_INIT("********-longe") },
        { S_INIT("hunter2 hunter2"), S_INIT("******** ********") },
        { S_INIT("hunter2hunter2"), S_INIT("****************") },
        { S_INIT("hunter"), S_INIT("hunter") },
        { S_INIT("hhunter2"), S_INIT("h********") },
        { S_INIT("short"), S_INIT("short") },
        { S_INIT("abcdefghij"), S_INIT("********j") }, /* overlapping ones go as one piece */
        { S_INIT("aaaaaaaa"), S_INIT("********") },
        { S_INIT("in a file"), S_INIT("********") }, /* known without its line end */
        { S_INIT("x\0\1\2\3\4\5x"), S_INIT("x********x") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(secrets_redact(secrets, arena, rows[i].text), rows[i].expected);
    }
}

Test(secrets, no_copy_without_a_find)
{
    ARENA(arena);
    SECRETS(secrets);
    str text = S("a harmless text");
    cr_assert_eq(secrets_redact(secrets, arena, text).ptr, text.ptr);
    secrets_add(secrets, S("password"));
    cr_assert_eq(secrets_redact(secrets, arena, text).ptr, text.ptr);
    secrets_free(NULL);
}

Test(secrets, longer_lines_are_secrets_too)
{
    ARENA(arena);
    SECRETS(secrets);
    secrets_add(secrets, S("-----BEGIN KEY-----\n  MIIBVgIBADANBgkqhkiG9w0B\n}\nshort one\n"));
    EQ_STR(secrets_redact(secrets, arena, S("2: MIIBVgIBADANBgkqhkiG9w0B;")), S("2: ********;"));
    EQ_STR(secrets_redact(secrets, arena, S("} short one")), S("} short one"));
}

/* What slurp gives of a file that a secret is in, a program prints as JSON, a server logs. */
Test(secrets, other_forms)
{
    ARENA(arena);
    SECRETS(secrets);
    secrets_add(secrets, S("pa\"ss w\\ord"));
    static const struct {
        str text, expected;
    } rows[] = {
        { S_INIT("cGEic3Mgd1xvcmQ="), S_INIT("********Q=") }, /* alone: the last is partial */
        { S_INIT("eHBhInNzIHdcb3JkCg=="), S_INIT("eH********Cg==") }, /* behind one byte */
        { S_INIT("eHhwYSJzcyB3XG9yZAo="), S_INIT("eHh********Ao=") }, /* behind two */
        { S_INIT("{\"x\": \"pa\\\"ss w\\\\ord\"}"), S_INIT("{\"x\": \"********\"}") },
        { S_INIT("GET /?p=pa%22ss%20w%5Cord"), S_INIT("GET /?p=********") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(secrets_redact(secrets, arena, rows[i].text), rows[i].expected);
    }
}

Test(secrets, numbers)
{
    ARENA(arena);
    SECRETS(secrets);
    value numbers[] = { value_int(86753094), value_int(12), value_float(2718.28),
                        value_big(arena, S("123456789012345678901")) };
    secrets_add_value(secrets, value_secret_all(arena, value_list(arena, numbers, 4)));
    EQ_STR(secrets_redact(secrets, arena, S("86753094 12 2718.28 123456789012345678901")),
           S("******** 12 ******** ********"));
}

Test(secrets, of_a_value)
{
    ARENA(arena);
    SECRETS(secrets);
    static const struct mark part = { 5, 13, MARK_SECRET };
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("plain text"), value_str(arena, S("not secret")));
    map_set_str(&map, S("url"), value_marked(arena, S("http/password/x"), &part, 1));
    map_set(&map, value_secret(arena, S("secret key")), value_int(1));
    value inner = map_seal(&map);
    secrets_add_value(secrets, value_list(arena, &inner, 1));
    EQ_STR(secrets_redact(secrets, arena, S("password secret key")), S("******** ********"));
    EQ_STR(secrets_redact(secrets, arena, S("plain text not secret http/")),
           S("plain text not secret http/"));
}

Test(secrets, many_in_a_long_text)
{
    ARENA(arena);
    SECRETS(secrets);
    for (int i = 0; i < 500; i++) {
        secrets_add(secrets, str_format(arena, "secret-%03d", i));
    }
    size_t len = (size_t)1 << 20;
    char *text = arena_alloc_raw(arena, len);
    for (size_t i = 0; i < len; i++) {
        text[i] = (char)('a' + i % 23);
    }
    str all = str_concat(arena, (str){ text, len }, S("secret-499"));
    str redacted = secrets_redact(secrets, arena, all);
    EQ_STR(redacted, str_concat(arena, (str){ text, len }, S("********")));
}

/* What was marked before stays, and what is there is not copied for nothing. */
Test(secrets, marks_a_value)
{
    ARENA(arena);
    SECRETS(secrets);
    static const struct mark before = { 0, 3, MARK_SECRET };
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("stdout"),
                value_marked(arena, S("abc is password, passwordpass"), &before, 1));
    map_set_str(&map, S("rc"), value_int(0));
    value items[] = { value_str(arena, S("the password")), value_str(arena, S("nothing")) };
    map_set_str(&map, S("lines"), value_list(arena, items, 2));
    value v = map_seal(&map);
    cr_assert_eq(secrets_mark(secrets, arena, v).as.map, v.as.map, "there are none");
    secrets_add(secrets, S("password"));
    value marked = secrets_mark(secrets, arena, v);
    EQ_STR(value_masked(arena, marked),
           S("{'stdout': '******** is ********, ********pass', 'rc': 0, 'lines': ['the ********', "
             "'nothing']}"));
    EQ_STR(value_as_str(value_get(marked, S("stdout"))), S("abc is password, passwordpass"));
}
