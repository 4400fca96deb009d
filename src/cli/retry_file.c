/* retry_file.c - see retry_file.h. */
#include "cli/retry_file.h"

#include <stdlib.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/files.h"

static str whole_path(struct arena *arena, str path)
{
    char *real = realpath(str_c(arena, path), NULL);
    str copy = real == NULL ? path : str_copy(arena, str_of(real));
    free(real);
    return copy;
}

static str directory(struct arena *arena, str dir, str playbook)
{
    if (!str_is_none(dir)) {
        directory_make(arena, dir);
        return whole_path(arena, dir);
    }
    str beside = tree_is_mounted(playbook) ? STR_EMPTY : path_dirname(playbook);
    return whole_path(arena, beside.len == 0 ? S(".") : beside);
}

bool retry_file_write(struct arena *arena, struct diags *diags, str dir,
                      const struct run_summary *summary, str *ret_path)
{
    struct strbuf names = strbuf_in(arena);
    str base = path_basename(summary->playbook);
    str name = str_part(base, 0, base.len - path_extension(base).len);
    for (size_t i = 0; i < summary->lost_count; i++) {
        strbuf_addf(&names, "%.*s\n", SARG(summary->lost[i]));
    }
    *ret_path = path_join(arena, directory(arena, dir, summary->playbook),
                          str_concat(arena, name, S(".retry")));
    if (!file_replace(arena, diags, *ret_path, strbuf_str(&names))) {
        diags->all.items[diags->all.len - 1]->severity = DIAG_WARNING;
        return false;
    }
    return true;
}
