/* file.c - files on the controller: inventory sources and vars files, encrypted ones too. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "inventory/sources.h"

#define FILE_MAX ((size_t)1 << 30) /* bytes; nobody writes such an inventory */

str file_shown(struct arena *arena, str path)
{
    char here[4096];
    if (getcwd(here, sizeof here) != NULL) {
        str dir = str_of(here);
        if (str_starts(path, dir) && path.len > dir.len + 1 && path.ptr[dir.len] == '/') {
            return str_part(path, dir.len + 1, path.len);
        }
    }
    return path;
}

static bool read_all(struct arena *arena, int fd, str *ret, const char **ret_error)
{
    struct stat st;
    struct strbuf out = strbuf_in(arena);
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        *ret_error = "it is a directory";
        return false;
    }
    for (;;) {
        ssize_t got = read(fd, strbuf_room(&out, 65536), 65536);
        if (got == 0) {
            *ret = strbuf_str(&out);
            return true;
        }
        if (got < 0 && errno != EINTR) {
            *ret_error = strerror(errno);
            return false;
        }
        strbuf_grew(&out, got > 0 ? (size_t)got : 0);
        if (out.len > FILE_MAX) {
            *ret_error = "it is larger than 1 GiB";
            return false;
        }
    }
}

/* The source that the ciphertext decrypts to; its lines are never shown. */
static bool decrypt(struct inventory *inventory, struct diags *diags, str name, str text,
                    const struct source **ret)
{
    const struct source *outer = source_add(inventory->sources, name, text);
    span at = outer != NULL ? source_span(outer, 0,
                                          str_find_char(text, '\n', 0) < text.len
                                              ? str_find_char(text, '\n', 0)
                                              : text.len)
                            : SPAN_NONE;
    if (inventory->options.vault == NULL) {
        struct diag *diag = diag_error(
            diags, at, "'%.*s' is encrypted, and no vault password was given", SARG(name));
        diag_hint(diag, "give one with --ask-vault-pass or --vault-password-file");
        return false;
    }
    value clear;
    if (!inventory->options.vault(inventory->options.vault_data, diags, text, at, &clear)) {
        return false;
    }
    *ret = source_add_secret(inventory->sources, name, value_as_str(clear));
    return *ret != NULL;
}

bool file_read(struct inventory *inventory, struct diags *diags, str path,
               const struct source **ret)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("file");
    str name = file_shown(scratch, path), text;
    const char *why = NULL;
    CLEANUP(close_fd) int fd = open(str_c(scratch, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        why = strerror(errno);
    }
    if (why != NULL || !read_all(scratch, fd, &text, &why)) {
        diag_error(diags, SPAN_NONE, "cannot read '%.*s': %s", SARG(name), why);
        return false;
    }
    if (str_starts(text, S("$ANSIBLE_VAULT;"))) {
        return decrypt(inventory, diags, name, text, ret);
    }
    *ret = source_add(inventory->sources, name, text);
    if (*ret == NULL) {
        diag_error(diags, SPAN_NONE, "cannot read '%.*s': the files of this run exceed 4 GiB",
                   SARG(name));
    }
    return *ret != NULL;
}
