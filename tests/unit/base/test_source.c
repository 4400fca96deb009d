#include "base/source.h"

#include <stdio.h>

#include "check.h"

static void release_map(struct source_map **map)
{
    source_map_free(*map);
}
#define SOURCES(name) CLEANUP(release_map) struct source_map *name = source_map_new()

Test(source, places)
{
    SOURCES(map);
    source_add(map, S("first"), S("x\n"));
    const struct source *source =
        source_add(map, S("second.yml"), S("one\r\n\xC3\xA4\xFFz: two\n\nlast"));
    static const struct {
        size_t offset;
        uint32_t line, column, line_byte;
        str text;
    } rows[] = {
        { 0, 1, 1, 0, S_INIT("one") },
        { 3, 1, 4, 3, S_INIT("one") }, /* the line end belongs to its line */
        { 4, 1, 4, 3, S_INIT("one") },
        { 5, 2, 1, 0, S_INIT("\xC3\xA4\xFFz: two") },
        { 7, 2, 2, 2, S_INIT("\xC3\xA4\xFFz: two") }, /* columns count characters */
        { 8, 2, 3, 3, S_INIT("\xC3\xA4\xFFz: two") },
        { 15, 3, 1, 0, S_INIT("") },
        { 16, 4, 1, 0, S_INIT("last") },
        { 20, 4, 5, 4, S_INIT("last") }, /* behind the last byte */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct place place;
        cr_assert(source_place(map, source_span(source, rows[i].offset, rows[i].offset), &place));
        cr_assert_eq(place.source, source);
        cr_assert_eq(place.offset, rows[i].offset, "row %zu", i);
        cr_assert_eq(place.line, rows[i].line, "row %zu: line %u", i, place.line);
        cr_assert_eq(place.column, rows[i].column, "row %zu: column %u", i, place.column);
        cr_assert_eq(place.line_byte, rows[i].line_byte, "row %zu", i);
        EQ_STR(place.line_text, rows[i].text);
    }
}

Test(source, nowhere_and_beyond)
{
    SOURCES(map);
    struct place place = { .line = 77 };
    cr_assert_not(source_place(map, SPAN_NONE, &place));
    cr_assert_not(source_place(map, (span){ 1, 0 }, &place), "no source yet");
    const struct source *source = source_add(map, S("a"), S("abc"));
    cr_assert_not(source_place(map, (span){ source->start + 4, 0 }, &place));
    cr_assert_eq(place.line, 77, "untouched");
}

Test(source, keeps_copies_and_finds_each_of_many)
{
    SOURCES(map);
    const struct source *all[300];
    for (int i = 0; i < 300; i++) {
        char name[16], text[16];
        snprintf(name, sizeof name, "f%d", i);
        snprintf(text, sizeof text, "\n%d", i);
        all[i] = i % 2 ? source_add(map, str_of(name), str_of(text))
                       : source_add_secret(map, str_of(name), str_of(text));
    }
    for (int i = 0; i < 300; i++) {
        struct place place;
        cr_assert(source_place(map, source_span(all[i], 1, 2), &place));
        cr_assert_eq(place.source, all[i]);
        cr_assert_eq(place.line, 2);
        cr_assert_eq(place.source->secret, i % 2 == 0);
        int64_t number = -1;
        cr_assert(str_to_int64(place.line_text, &number));
        cr_assert_eq(number, i);
    }
}

Test(source, empty_text_has_a_place)
{
    SOURCES(map);
    const struct source *empty = source_add(map, S("empty"), S(""));
    const struct source *next = source_add(map, S("next"), S("x"));
    struct place place;
    cr_assert(source_place(map, source_span(empty, 0, 0), &place));
    cr_assert_eq(place.source, empty);
    cr_assert_eq(place.line, 1);
    cr_assert(source_place(map, source_span(next, 0, 1), &place));
    cr_assert_eq(place.source, next);
}

Test(source, fails_when_all_positions_are_used_up)
{
    SOURCES(map);
    const struct source *first = source_add(map, S("a"), S("x"));
    cr_assert_not_null(first);
    /* never read: refused by its length alone */
    cr_assert_null(source_add(map, S("huge"), (str){ "", UINT32_MAX - 2 }));
    cr_assert_not_null(source_add(map, S("b"), S("y")));
    source_map_free(NULL);
}
