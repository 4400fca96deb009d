/* file.c - files on the controller: inventory sources and vars files, encrypted ones too. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/path.h"
#include "base/tree.h"
#include "inventory/sources.h"

#define FILE_MAX ((size_t)1 << 30) /* bytes; nobody writes such an inventory */

static str shown_from(struct arena *arena, str here, str path)
{
    bool below = here.len > 0 && str_starts(path, here) && path.len > here.len + 1 &&
                 path.ptr[here.len] == '/';
    return below ? str_part(path, here.len + 1, path.len) : tree_shown(arena, path);
}

str file_shown(struct arena *arena, str path)
{
    char here[PATH_MAX];
    return shown_from(arena, getcwd(here, sizeof here) == NULL ? STR_EMPTY : str_of(here), path);
}

static const char is_directory[] = "it is a directory";

/* NULL, or why it could not be read. */
static const char *read_all(struct arena *arena, int fd, str *ret)
{
    bool ok = fd >= 0 && fd_read(arena, fd, FILE_MAX, ret);
    return ok                ? NULL
           : errno == EISDIR ? is_directory
           : errno == EFBIG  ? "it is larger than 1 GiB"
                             : tree_why(errno);
}

static bool too_much(struct diags *diags, str name)
{
    diag_error(diags, SPAN_NONE, "cannot read '%.*s': the files of this run exceed 4 GiB",
               SARG(name));
    return false;
}

/* The source that the ciphertext decrypts to; its lines are never shown. */
static bool decrypt(struct inventory *inventory, struct diags *diags, const struct source *sealed,
                    const struct source **ret)
{
    size_t line = str_find_char(sealed->text, '\n', 0);
    span at = source_span(sealed, 0, line < sealed->text.len ? line : sealed->text.len);
    value clear;
    if (inventory->options.vault == NULL) {
        diag_error(diags, at, "'%.*s' is encrypted, and no vault password was given",
                   SARG(sealed->name));
        return false;
    }
    if (!inventory->options.vault(inventory->options.vault_data, diags, sealed->text, at, &clear)) {
        return false;
    }
    *ret = source_add_secret(inventory->sources, sealed->name, value_as_str(clear));
    return *ret != NULL || too_much(diags, sealed->name);
}

bool file_read_unless_directory(struct inventory *inventory, struct diags *diags, str path,
                                const struct source **ret)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("file");
    str name = shown_from(scratch, inventory->here, path), text;
    CLEANUP(close_fd) int fd = tree_open(path);
    const char *why = read_all(scratch, fd, &text);
    if (why == is_directory) {
        *ret = NULL;
        return true;
    }
    if (why != NULL) {
        diag_error(diags, SPAN_NONE, "cannot read '%.*s': %s", SARG(name), why);
        return false;
    }
    const struct source *source = source_add(inventory->sources, name, text);
    if (source == NULL) {
        return too_much(diags, name);
    }
    if (str_starts(text, S("$ANSIBLE_VAULT;"))) {
        return decrypt(inventory, diags, source, ret);
    }
    *ret = source;
    return true;
}

bool file_read(struct inventory *inventory, struct diags *diags, str path,
               const struct source **ret)
{
    const struct source *source;
    if (!file_read_unless_directory(inventory, diags, path, &source)) {
        return false;
    }
    if (source == NULL) {
        diag_error(diags, SPAN_NONE, "cannot read '%.*s': %s", SARG(file_shown(diags->arena, path)),
                   is_directory);
        return false;
    }
    *ret = source;
    return true;
}
