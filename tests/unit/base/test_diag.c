#include "base/diag.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "check.h"

static void release_map(struct source_map **map)
{
    source_map_free(*map);
}
#define SOURCES(name) CLEANUP(release_map) struct source_map *name = source_map_new()

/* One error about the first occurrence of `marked` in a text. */
static str drawn_as(struct arena *arena, str text, str marked, unsigned columns, bool narrow)
{
    SOURCES(map);
    const struct source *source = source_add(map, S("a.yml"), text);
    size_t from = str_find(text, marked, 0);
    struct diags *diags = diags_new(arena, map);
    struct diag *diag = diag_error(diags, source_span(source, from, from + marked.len), "bad");
    diag->narrow = narrow;
    return diag_render(arena, map, diag, (struct diag_style){ .columns = columns });
}

static str drawn(struct arena *arena, str text, str marked, unsigned columns)
{
    return drawn_as(arena, text, marked, columns, false);
}

Test(diag, carets)
{
    ARENA(arena);
    static const struct {
        str text, marked;
        const char *expected;
        unsigned columns;
    } rows[] = {
        { S_INIT("mode: 0999\n"), S_INIT("0999"),
          " --> a.yml:1:7\n"
          "1 | mode: 0999\n"
          "  |       ^^^^\n" },
        { S_INIT("a: b"), S_INIT(""), /* a point */
          " --> a.yml:1:1\n"
          "1 | a: b\n"
          "  | ^\n" },
        { S_INIT("a: b\n"), S_INIT("\n"), /* the line end */
          " --> a.yml:1:5\n"
          "1 | a: b\n"
          "  |     ^\n" },
        { S_INIT("a\n\nb"), S_INIT("\nb"), /* an empty line */
          " --> a.yml:2:1\n"
          "2 |\n"
          "  | ^\n" },
        { S_INIT("x: [a,\n  b]\n"), S_INIT("[a,\n  b]"), /* several lines: the first */
          " --> a.yml:1:4\n"
          "1 | x: [a,\n"
          "  |    ^^^\n" },
        { S_INIT("n\xC3\xA4me: gr\xC3\xBC\xC3\x9F"
                 "e !"),
          S_INIT("gr\xC3\xBC\xC3\x9F"
                 "e"),
          " --> a.yml:1:7\n"
          "1 | n\xC3\xA4me: gr\xC3\xBC\xC3\x9F"
          "e !\n"
          "  |       ^^^^^\n" },
        { S_INIT("\xE4\xB8\xAD\xE6\x96\x87: \xF0\x9F\x98\x80 x"), S_INIT("\xF0\x9F\x98\x80"),
          " --> a.yml:1:5\n"
          "1 | \xE4\xB8\xAD\xE6\x96\x87: \xF0\x9F\x98\x80 x\n"
          "  |       ^^\n" },
        { S_INIT("e\xCC\x81t\xC3\xA9: x"), S_INIT("x"), /* a combining accent takes no column */
          " --> a.yml:1:7\n"
          "1 | e\xCC\x81t\xC3\xA9: x\n"
          "  |      ^\n" },
        { S_INIT("\ta:\tb"), S_INIT("b"),
          " --> a.yml:1:5\n"
          "1 |         a:      b\n"
          "  |                 ^\n" },
        { S_INIT("a:\tb"), S_INIT("\t"), /* the tab itself, as wide as it is */
          " --> a.yml:1:3\n"
          "1 | a:      b\n"
          "  |   ^^^^^^\n" },
        { S_INIT("a\x1b[31m\xFF\xE2\x80\xAE: b\r\n"), S_INIT("b"),
          " --> a.yml:1:11\n"
          "1 | a?[31m??: b\n"
          "  |           ^\n" },
        { S_INIT("1\n2\n3\n4\n5\n6\n7\n8\n9\nten"), S_INIT("ten"),
          "  --> a.yml:10:1\n"
          "10 | ten\n"
          "   | ^^^\n" },
        { S_INIT("short: line"), S_INIT("line"),
          " --> a.yml:1:8\n"
          "1 | short: line\n"
          "  |        ^^^^\n",
          40 },
        { S_INIT("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"), S_INIT("def"),
          " --> a.yml:1:4\n" /* the caret stands early: only the end is cut */
          "1 | abcdefghijklmnopqrstuvwxy...\n"
          "  |    ^^^\n",
          32 },
        { S_INIT("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"), S_INIT("XYZ"),
          " --> a.yml:1:50\n"
          "1 | ...BCDEFGHIJKLMNOPQRSTUVWXYZ\n"
          "  |                          ^^^\n",
          32 },
        { S_INIT("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"), S_INIT("zA"),
          " --> a.yml:1:26\n"
          "1 | ...pqrstuvwxyzABCDEFGHIJK...\n"
          "  |              ^^\n",
          32 },
        { S_INIT("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
          S_INIT("klmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"), /* more carets than room */
          " --> a.yml:1:11\n"
          "1 | ...fghijklmnopqrstuvwxyzA...\n"
          "  |         ^^^^^^^^^^^^^^^^^\n",
          32 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str expected = str_format(arena, "error: bad\n%s", rows[i].expected);
        EQ_STR(drawn(arena, rows[i].text, rows[i].marked, rows[i].columns), expected);
    }
}

Test(diag, passwords_on_a_line_are_not_shown)
{
    ARENA(arena);
    static const struct {
        str text, marked;
        const char *shown;
    } rows[] = {
        { S_INIT("h ansible_password=s3cretpw foo=\"{{ nosuch }}\""), S_INIT("{{ nosuch }}"),
          "1 | h ansible_password=******** foo=\"{{ nosuch }}\"\n"
          "  |                                  ^^^^^^^^^^^^\n" },
        { S_INIT("h ansible_become_pass='a b' ansible_ssh_pass=\"c'd\" x=1"), S_INIT("x=1"),
          "1 | h ansible_become_pass='********' ansible_ssh_pass=\"********\" x=1\n"
          "  |                                                              ^^^\n" },
        { S_INIT("h: { ansible_sudo_password: abc, foo: x }"), S_INIT("foo"),
          "1 | h: { ansible_sudo_password: ********, foo: x }\n"
          "  |                                       ^^^\n" },
        { S_INIT("{ \"ansible_password\": \"abc\", \"port\": \"x\" }"), S_INIT("\"x\""),
          "1 | { \"ansible_password\": \"********\", \"port\": \"x\" }\n"
          "  |                                           ^^^\n" },
        { S_INIT("ansible_ssh_private_key_passphrase: of many words"), S_INIT("of many words"),
          "1 | ansible_ssh_private_key_passphrase: ********\n"
          "  |                                     ^^^^^^^^\n" },
        { S_INIT("x ansible_password='not closed"), S_INIT("x"),
          "1 | x ansible_password='********\n"
          "  | ^\n" },
        { S_INIT("ansible_password = two, words"), S_INIT("ansible"),
          "1 | ansible_password = ********\n"
          "  | ^^^^^^^\n" },
        { S_INIT("h db_password=abc API_TOKEN='d e' x=1"), S_INIT("x=1"),
          "1 | h db_password=******** API_TOKEN='********' x=1\n"
          "  |                                             ^^^\n" },
        { S_INIT("- user: { update_password: sometimes, login_password: abc }"),
          S_INIT("sometimes"),
          "1 | - user: { update_password: sometimes, login_password: ********}\n"
          "  |                            ^^^^^^^^^\n" },
        { S_INIT("when: db_password == 'abc' and foo"), S_INIT("foo"),
          "1 | when: db_password == 'abc' and foo\n"
          "  |                                ^^^\n" },
        { S_INIT("msg: \"{{ lookup('x', token=abc) }} {{ foo }}\""), S_INIT("foo"),
          "1 | msg: \"{{ lookup('x', token=abc) }} {{ foo }}\"\n"
          "  |                                       ^^^\n" },
        /* what tells nothing stays, and so does what is no password */
        { S_INIT("h ansible_password=\"{{ nosuch }}\""), S_INIT("nosuch"),
          "1 | h ansible_password=\"{{ nosuch }}\"\n"
          "  |                        ^^^^^^\n" },
        { S_INIT("ansible_password: !vault |"), S_INIT("!vault"),
          "1 | ansible_password: !vault |\n"
          "  |                   ^^^^^^\n" },
        { S_INIT("when: ansible_password is defined and foo"), S_INIT("foo"),
          "1 | when: ansible_password is defined and foo\n"
          "  |                                       ^^^\n" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str text = drawn(arena, rows[i].text, rows[i].marked, 0);
        size_t line = str_find(text, S("1 |"), 0);
        EQ_STR(str_part(text, line, text.len), str_of(rows[i].shown));
    }
}

/* Nothing of the line but what is pointed at, and its name: no secret of whatever name gets out. */
Test(diag, a_narrow_one_shows_its_own_part_of_a_line)
{
    ARENA(arena);
    static const struct {
        str text, marked;
        const char *shown;
    } rows[] = {
        { S_INIT("h api_key=abc ansible_port=1 x=2"), S_INIT("1"),
          "1 | ...ansible_port=1...\n"
          "  |                 ^\n" },
        { S_INIT("h ansible_args='-o a' x=2"), S_INIT("'-o a'"),
          "1 | ...ansible_args='-o a'...\n"
          "  |                 ^^^^^^\n" },
        { S_INIT("w: { 'ansible_port' : \"1\", key: abc }"), S_INIT("1"),
          "1 | ...ansible_port' : \"1...\n"
          "  |                     ^\n" },
        { S_INIT("  ansible_user: joe"), S_INIT("joe"),
          "1 |   ansible_user: joe\n"
          "  |                 ^^^\n" },
        { S_INIT("web1 key=abc"), S_INIT("web1"),
          "1 | web1...\n"
          "  | ^^^^\n" },
        { S_INIT("h ansible_password=abc x=1"), S_INIT("abc"),
          "1 | ...ansible_password=********...\n"
          "  |                     ^^^^^^^^\n" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str text = drawn_as(arena, rows[i].text, rows[i].marked, 0, true);
        size_t line = str_find(text, S("1 |"), 0);
        EQ_STR(str_part(text, line, text.len), str_of(rows[i].shown));
    }
}

/* However a long line is cut: it fits, and the first caret stands below the right character. */
Test(diag, a_cut_line_fits_and_shows_the_caret)
{
    ARENA(arena);
    str line = S("0\t\xE4\xB8\xAD"
                 "a\xE4\xB8\xAD"
                 "bcdefghijkl\tmnopq\xE4\xB8\xAD"
                 "rstuvwxyz"
                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for (unsigned columns = 24; columns < 90; columns++) {
        for (const char *c = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"; *c; c++) {
            str rest = drawn(arena, line, str_part(str_of(c), 0, 1), columns);
            str_cut_line(&rest);
            str_cut_line(&rest);
            str shown = str_cut_line(&rest), carets = str_cut_line(&rest);
            size_t caret = str_find_char(carets, '^', 0), column = 0, at = 0;
            uint32_t above = 0;
            while (at < shown.len) {
                uint32_t character = utf8_next(shown, &at);
                above = column == caret ? character : above;
                column += utf8_columns(character);
            }
            cr_assert_leq(column, columns, "%u columns, '%c'", columns, *c);
            cr_assert_eq(above, (uint32_t)*c, "%u columns, '%c':\n%.*s\n%.*s", columns, *c,
                         SARG(shown), SARG(carets));
        }
        arena_reset(arena);
    }
}

static struct diag *example(struct diags *diags, struct source_map *map)
{
    str text = S("---\n- copy:\n    mode: 0999\n    mode: 0644\n");
    const struct source *vars = source_add(map, S("group_vars/web.yml"), text);
    const struct source *tasks = source_add(map, S("roles/nginx/tasks/main.yml"), S("- x: 1\n"));
    size_t first = str_find(text, S("mode"), 0), second = str_rfind(text, S("mode"));
    struct diag *diag =
        diag_error(diags, source_span(vars, second, second + 4), "key '%s' is given twice", "mode");
    diag_note(diag, source_span(vars, first, first + 4), "first given");
    diag_note(diag, source_span(tasks, 2, 3), "used by task '%s'", "install");
    diag_note(diag, SPAN_NONE, "a plain line");
    diag_hint(diag, "remove one of them");
    diag_hint(diag, "a second hint is not taken");
    return diag;
}

Test(diag, notes_and_hint)
{
    ARENA(arena);
    SOURCES(map);
    struct diag *diag = example(diags_new(arena, map), map);
    EQ_STR(diag_render(arena, map, diag, (struct diag_style){ 0 }),
           S("error: key 'mode' is given twice\n"
             " --> group_vars/web.yml:4:5\n"
             "4 |     mode: 0644\n"
             "  |     ^^^^\n"
             "note: first given at group_vars/web.yml:3:5\n"
             "3 |     mode: 0999\n"
             "  |     ----\n"
             "note: used by task 'install' at roles/nginx/tasks/main.yml:1:3\n"
             "note: a plain line\n"
             "hint: remove one of them\n"));
}

Test(diag, color)
{
    ARENA(arena);
    SOURCES(map);
    const struct source *source = source_add(map, S("a.yml"), S("a: b\n"));
    struct diags *diags = diags_new(arena, map);
    struct diag *diag = diag_warning(diags, source_span(source, 3, 4), "bad");
    diag_note(diag, source_span(source, 0, 1), "key");
    diag_hint(diag, "do better");
    EQ_STR(diag_render(arena, map, diag, (struct diag_style){ .color = true }),
           S("\033[1;33mwarning:\033[0m \033[1mbad\033[0m\n"
             " \033[1;34m-->\033[0m a.yml:1:4\n"
             "\033[1;34m1 |\033[0m a: b\n"
             "\033[1;34m  |\033[0m    \033[1;33m^\033[0m\n"
             "\033[1;36mnote:\033[0m key at a.yml:1:1\n"
             "\033[1;34m1 |\033[0m a: b\n"
             "\033[1;34m  |\033[0m \033[1;36m-\033[0m\n"
             "\033[1;32mhint:\033[0m do better\n"));
}

Test(diag, lines_of_a_secret_source_are_not_shown)
{
    ARENA(arena);
    SOURCES(map);
    const struct source *source = source_add_secret(map, S("vault.yml"), S("a: hunter2\n"));
    struct diags *diags = diags_new(arena, map);
    struct diag *diag = diag_error(diags, source_span(source, 3, 10), "bad");
    diag_note(diag, source_span(source, 0, 1), "key");
    EQ_STR(diag_render(arena, map, diag, (struct diag_style){ 0 }),
           S("error: bad\n"
             " --> vault.yml:1\n"
             "note: key at vault.yml:1\n"));
}

Test(diag, without_a_place)
{
    ARENA(arena);
    SOURCES(map);
    struct diags *diags = diags_new(arena, map);
    struct diag *diag = diag_error(diags, SPAN_NONE, "no\tsuch\nhost '%s'", "\033[2J\xFF");
    EQ_STR(diag_render(arena, map, diag, (struct diag_style){ .columns = 80 }),
           S("error: no such\nhost '?[2J?'\n"));
}

Test(diag, suggests)
{
    ARENA(arena);
    SOURCES(map);
    static const str names[] = { S_INIT("copy"), S_INIT("file") };
    struct diags *diags = diags_new(arena, map);
    struct diag *near = diag_error(diags, SPAN_NONE, "unknown module 'cpoy'");
    diag_suggest(near, S("cpoy"), names, 2);
    EQ_STR(near->hint, S("did you mean 'copy'?"));
    struct diag *far = diag_error(diags, SPAN_NONE, "unknown module 'zzz'");
    diag_suggest(far, S("zzz"), names, 2);
    EQ_STR(far->hint, STR_NONE);
}

Test(diags, count_errors)
{
    ARENA(arena);
    SOURCES(map);
    struct diags *lax = diags_new(arena, map), *strict = diags_new(arena, map);
    strict->strict = true;
    diag_error(lax, SPAN_NONE, "one");
    diag_warning(lax, SPAN_NONE, "two");
    diag_warning(strict, SPAN_NONE, "three");
    cr_assert_eq(lax->errors, 1);
    cr_assert_eq(strict->errors, 1);
    diags_append(strict, lax);
    cr_assert_eq(strict->errors, 3);
    cr_assert_eq(strict->all.len, 3);
    cr_assert_eq(strict->all.items[1]->severity, DIAG_ERROR);
    cr_assert_eq(strict->all.items[1]->list, strict);
}

Test(diags, append_copies)
{
    ARENA(arena);
    SOURCES(map);
    struct arena *gone = arena_new("gone");
    struct diags *from = diags_new(gone, map), *to = diags_new(arena, map);
    str expected = diag_render(arena, map, example(from, map), (struct diag_style){ 0 });
    diags_append(to, from);
    arena_free(gone);
    EQ_STR(diag_render(arena, map, to->all.items[0], (struct diag_style){ 0 }), expected);
}

Test(diags, print_one_behind_the_other)
{
    ARENA(arena);
    SOURCES(map);
    struct diags *diags = diags_new(arena, map);
    diag_error(diags, SPAN_NONE, "one");
    diag_hint(diag_warning(diags, SPAN_NONE, "two"), "three");
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    diags_print(out, diags, (struct diag_style){ 0 });
    fclose(out);
    cr_assert_str_eq(text, "error: one\nwarning: two\nhint: three\n");
    free(text);
}

Test(diags, text_of_others_is_made_harmless)
{
    static const struct {
        str text, expected;
    } rows[] = {
        { S_INIT("Password: "), S_INIT("Password: ") },
        { S_INIT("a\nb\tc"), S_INIT("a\nb c") },
        { S_INIT("\x1b[2Jgone\r\a\x7f"), S_INIT("?[2Jgone???") },
        { S_INIT("\x9b\xc2\x9b"), S_INIT("??") },
        { S_INIT("Grüße \xe2\x80\xae"), S_INIT("Grüße ?") },
    };
    ARENA(arena);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(harmless_text(arena, rows[i].text), rows[i].expected);
    }
}
