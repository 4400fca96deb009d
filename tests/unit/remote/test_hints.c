#include "check.h"
#include "remote/remote.h"

/* The part of a hint that tells one from the other; "": there is none. */
static const struct row {
    const char *message;
    enum become_method method;
    const char *user;
    const char *hint;
} rows[] = {
    { "could not write /srv/a: Read-only file system", BECOME_SUDO, "root", "mounted read-only" },
    { "could not create /srv/d: Read-only file system", BECOME_NONE, NULL, "mounted read-only" },
    { "could not write /srv/a: No space left on device", BECOME_NONE, NULL, "df -i" },
    { "could not write /srv/a: Disk quota exceeded", BECOME_SUDO, "ann", "quota -v" }, /* glibc */
    { "could not write /srv/a: Disc quota exceeded", BECOME_NONE, NULL, "quota -v" },  /* FreeBSD */
    { "could not write /srv/a: Quota exceeded", BECOME_SUDO, NULL, "quota -v" },       /* musl */
    { "could not replace /etc/hosts: Device or resource busy", BECOME_SU, NULL, "unsafe_writes" },
    { "could not read /srv/a: Input/output error", BECOME_NONE, NULL, "dmesg" },
    { "could not read /srv/a: Stale file handle", BECOME_NONE, NULL, "NFS" },
    { "could not write /etc/a: Permission denied", BECOME_NONE, NULL, "'become: true', or -b" },
    { "could not write /etc/a: Permission denied", BECOME_SUDO, NULL, "root_squash" },
    { "could not write /etc/a: Permission denied", BECOME_SUDO, "ann", "" },
    { "could not remove /etc/a: Operation not permitted", BECOME_NONE, NULL, "owner or root" },
    { "could not remove /etc/a: Operation not permitted", BECOME_DOAS, "root", "lsattr" },
    { "could not write /etc/a: Is a directory", BECOME_NONE, NULL, "" },
    { "Permission denied (publickey)", BECOME_NONE, NULL, "" },
};

Test(hints, of_the_words_of_the_system)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct become become = {
            .method = rows[i].method,
            .user = rows[i].user == NULL ? STR_NONE : str_of(rows[i].user),
        };
        struct remote_error error = {
            .status = REMOTE_FAILED,
            .message = str_of(rows[i].message),
            .hint = STR_NONE,
        };
        str hint = remote_hint(NULL, &become, &error), part = str_of(rows[i].hint);
        cr_expect(part.len == 0 ? str_is_none(hint) : str_find(hint, part, 0) != STR_NPOS,
                  "%s: '%.*s'", rows[i].message, SARG(hint));
    }
}

Test(hints, leave_alone_what_was_said)
{
    struct become become = { .method = BECOME_NONE };
    struct remote_error error = {
        .status = REMOTE_FAILED,
        .message = S("could not write /etc/a: Permission denied"),
        .hint = S("look there"),
    };
    cr_expect(str_eq(remote_hint(NULL, &become, &error), S("look there")));
    error.hint = STR_NONE;
    error.status_code = 1; /* of a program, which has its own words */
    cr_expect(str_is_none(remote_hint(NULL, &become, &error)));
    error.status_code = 0;
    error.status = REMOTE_UNREACHABLE;
    cr_expect(str_is_none(remote_hint(NULL, &become, &error)));
}
