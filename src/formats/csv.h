/*
 * csv.h - rows of comma-separated values, as Python's csv module reads them with the dialects that
 * it calls excel, excel-tab and unix, which differ for a reader in nothing but the delimiter.
 */
#pragma once
#include "base/value.h"

struct csv_dialect {
    str delimiter;   /* one character */
    bool skip_space; /* spaces behind a delimiter do not count */
    bool strict;     /* text behind a closing quote, and a quote never closed, are mistakes */
};

/* The fields of the next row, strings; an empty line has none. *rest is left behind the row. False
 * when the text is malformed: *ret_mistake says how. */
NODISCARD bool csv_row(struct arena *arena, const struct csv_dialect *dialect, str *rest,
                       value *ret, const char **ret_mistake);
