#include "base/path.h"

#include "check.h"

/* Expected values are what Python's posixpath and fnmatch answer. */
Test(path, parts)
{
    static const struct {
        str path, dir, base, extension;
    } rows[] = {
        { S_INIT("/a/b.yml"), S_INIT("/a"), S_INIT("b.yml"), S_INIT(".yml") },
        { S_INIT("b"), S_INIT(""), S_INIT("b"), S_INIT("") },
        { S_INIT("/"), S_INIT("/"), S_INIT(""), S_INIT("") },
        { S_INIT("//a"), S_INIT("//"), S_INIT("a"), S_INIT("") },
        { S_INIT("/a"), S_INIT("/"), S_INIT("a"), S_INIT("") },
        { S_INIT("a/"), S_INIT("a"), S_INIT(""), S_INIT("") },
        { S_INIT("a//b"), S_INIT("a"), S_INIT("b"), S_INIT("") },
        { S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT(".bashrc"), S_INIT(""), S_INIT(".bashrc"), S_INIT("") },
        { S_INIT("a/..x.y"), S_INIT("a"), S_INIT("..x.y"), S_INIT(".y") },
        { S_INIT("a/..."), S_INIT("a"), S_INIT("..."), S_INIT("") },
        { S_INIT("a.b/c"), S_INIT("a.b"), S_INIT("c"), S_INIT("") },
        { S_INIT("a.tar.gz"), S_INIT(""), S_INIT("a.tar.gz"), S_INIT(".gz") },
        { S_INIT("a."), S_INIT(""), S_INIT("a."), S_INIT(".") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(path_dirname(rows[i].path), rows[i].dir);
        EQ_STR(path_basename(rows[i].path), rows[i].base);
        EQ_STR(path_extension(rows[i].path), rows[i].extension);
    }
    cr_assert(path_is_absolute(S("/a")));
    cr_assert_not(path_is_absolute(S("a")));
    cr_assert_not(path_is_absolute(S("")));
}

Test(path, join)
{
    ARENA(arena);
    EQ_STR(path_join(arena, S("a"), S("b")), S("a/b"));
    EQ_STR(path_join(arena, S("a/"), S("b")), S("a/b"));
    EQ_STR(path_join(arena, S("a"), S("/b")), S("/b"));
    EQ_STR(path_join(arena, S(""), S("b")), S("b"));
    EQ_STR(path_join(arena, S("a"), S("")), S("a/"));
}

Test(path, normal)
{
    ARENA(arena);
    static const struct {
        str path, expected;
    } rows[] = {
        { S_INIT(""), S_INIT(".") },
        { S_INIT("."), S_INIT(".") },
        { S_INIT("/"), S_INIT("/") },
        { S_INIT("//"), S_INIT("//") },
        { S_INIT("///a"), S_INIT("/a") },
        { S_INIT("//a"), S_INIT("//a") },
        { S_INIT("a/./b//c/"), S_INIT("a/b/c") },
        { S_INIT("a/.."), S_INIT(".") },
        { S_INIT("a/../.."), S_INIT("..") },
        { S_INIT("/git:a@1:/b/./../c/"), S_INIT("/git:a@1:/c") }, /* a tree's root is not left */
        { S_INIT("/git:a@1:/b/../.."), S_INIT("/git:a@1:/..") },
        { S_INIT("/git:a@1:/"), S_INIT("/git:a@1:") },
        { S_INIT("/git:a/../b"), S_INIT("/b") },
        { S_INIT("../../a"), S_INIT("../../a") },
        { S_INIT("/../a"), S_INIT("/a") },
        { S_INIT("/a/../../b"), S_INIT("/b") },
        { S_INIT("a/b/../../../c"), S_INIT("../c") },
        { S_INIT("..a/.."), S_INIT(".") },
        { S_INIT("a/..b"), S_INIT("a/..b") },
        { S_INIT("//.."), S_INIT("//") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(path_normal(arena, rows[i].path), rows[i].expected);
    }
}

Test(path, is_inside)
{
    ARENA(arena);
    static const struct {
        str dir, path;
        bool inside;
    } rows[] = {
        { S_INIT("/a"), S_INIT("/a"), true },       { S_INIT("/a"), S_INIT("/a/b"), true },
        { S_INIT("/a"), S_INIT("/ab"), false },     { S_INIT("/a"), S_INIT("/a/../b"), false },
        { S_INIT("/a/"), S_INIT("//a/b"), true },   { S_INIT("/"), S_INIT("/x"), true },
        { S_INIT("/"), S_INIT("x"), false },        { S_INIT("a"), S_INIT("/a/b"), false },
        { S_INIT("a"), S_INIT("a/b/.."), true },    { S_INIT("a"), S_INIT("a/../b"), false },
        { S_INIT("."), S_INIT("a"), true },         { S_INIT("."), S_INIT("../a"), false },
        { S_INIT("."), S_INIT(".."), false },       { S_INIT("."), S_INIT("..a"), true },
        { S_INIT(""), S_INIT("a"), true },          { S_INIT(".."), S_INIT("../a"), true },
        { S_INIT(".."), S_INIT("../../a"), false }, { S_INIT("../b"), S_INIT("../b/c"), true },
        { S_INIT("."), S_INIT("."), true },         { S_INIT(".."), S_INIT("../.."), false },
        { S_INIT(".."), S_INIT("a"), true },        { S_INIT("../.."), S_INIT("../a"), true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(path_is_inside(arena, rows[i].dir, rows[i].path), rows[i].inside,
                     "'%.*s' in '%.*s'", SARG(rows[i].path), SARG(rows[i].dir));
    }
}

Test(path, match)
{
    static const struct {
        const char *pattern, *path;
        bool matches;
    } rows[] = {
        { "*", "", true },
        { "*", "a/b", true },
        { "", "", true },
        { "", "a", false },
        { "a*c", "abc/c", true },
        { "a*c", "abd", false },
        { "*.yml", "site.yml", true },
        { "*.yml", "site.ymlx", false },
        { "*a*b*", "xxaxxbxx", true },
        { "?", "\xC3\xA4", true },
        { "??", "\xC3\xA4", false },
        { "?", "\xFF", true },
        { "?", "", false },
        { "[abc]x", "bx", true },
        { "[a-c]x", "cx", true },
        { "[!a-c]x", "cx", false },
        { "[!a-c]x", "dx", true },
        { "[^a]", "^", true },
        { "[^a]", "b", false },
        { "[]]", "]", true },
        { "[!]]", "]", false },
        { "[]-a]", "^", true },
        { "[a-]", "-", true },
        { "[-a]", "-", true },
        { "[c-a]", "b", false },
        { "[a", "[a", true },
        { "[!", "[!", true },
        { "[]", "[]", true },
        { "web[0-9]*", "web12.example", true },
        { "[\xC3\xA4-\xC3\xBC]", "\xC3\xB6", true },
        { "a\\*", "a\\b", true },
        { "*********************b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(path_match(str_of(rows[i].pattern), str_of(rows[i].path)), rows[i].matches,
                     "'%s' against '%s'", rows[i].pattern, rows[i].path);
    }
}
