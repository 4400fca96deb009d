/* suggest.c - "did you mean": the known name nearest to one that is not known. */
#include <string.h>

#include "base/diag.h"
#include "base/path.h"
#include "base/tree.h"

#define NAME_MAX_LEN 63 /* longer names get no suggestion */

/* What typing alone may change counts as equal. */
static char fold(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c + ('a' - 'A'));
    }
    return c == '-' ? '_' : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Damerau-Levenshtein distance in which a pair is swapped at most once ("optimal alignment"). */
static unsigned distance(str a, str b)
{
    unsigned rows[3][NAME_MAX_LEN + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (unsigned j = 0; j <= b.len; j++) {
        above[j] = j;
    }
    for (unsigned i = 1; i <= a.len; i++) {
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            bool same = fold(a.ptr[i - 1]) == fold(b.ptr[j - 1]);
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (same ? 0 : 1));
            bool swapped = i > 1 && j > 1 && fold(a.ptr[i - 1]) == fold(b.ptr[j - 2]) &&
                           fold(a.ptr[i - 2]) == fold(b.ptr[j - 1]);
            if (swapped) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        unsigned *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b.len];
}

str suggest(str given, const str *candidates, size_t count)
{
    str best = STR_NONE;
    unsigned best_distance = NAME_MAX_LEN;
    for (size_t i = 0; i < count && given.len <= NAME_MAX_LEN; i++) {
        str candidate = candidates[i];
        if (candidate.len > NAME_MAX_LEN) {
            continue;
        }
        size_t longer = candidate.len > given.len ? candidate.len : given.len;
        unsigned found = distance(given, candidate);
        if (found <= longer / 3 && found < best_distance) {
            best = candidate;
            best_distance = found;
        }
    }
    return best;
}

str suggest_file(struct arena *arena, str missing)
{
    str directory = str_copy(arena, path_dirname(missing));
    struct name_list names = { 0 };
    size_t kept = 0;
    tree_list(arena, directory, &names);
    for (size_t i = 0; i < names.len; i++) {
        if (names.items[i].ptr[0] != '.' && !str_ends(names.items[i], S("~"))) {
            names.items[kept++] = names.items[i];
        }
    }
    str near = suggest(path_basename(missing), names.items, kept);
    return str_is_none(near) ? near : path_join(arena, directory, near);
}

void diag_suggest(struct diag *diag, str given, const str *candidates, size_t count)
{
    str nearest = suggest(given, candidates, count);
    if (!str_is_none(nearest)) {
        diag_hint(diag, "did you mean '%.*s'?", SARG(nearest));
    }
}
