/*
 * hints.c - what there is to do where a host's system said no. The words are those of glibc, musl
 * and the BSDs in English: our tools on a host run with LC_ALL=C.
 */
#include <unistd.h>

#include "remote/shell.h"

struct row {
    const char *words; /* how a message ends */
    str hint;
};

static const struct row rows[] = {
    { "Read-only file system",
      S_INIT("it is mounted read-only, or the kernel made it so after an error of the disk: "
             "findmnt and dmesg on the host tell") },
    { "No space left on device",
      S_INIT("the file system is out of blocks or of inodes: df and df -i on the host tell") },
    { "uota exceeded", /* Disk, Disc, or a Quota */
      S_INIT("it is the quota of the file's owner, group or project: quota -v, as that user, or "
             "repquota on the host tell") },
    { "Device or resource busy",
      S_INIT("where something is mounted on it, as in containers, it cannot be replaced: "
             "'unsafe_writes: true', if the module has that, writes into it") },
    { "Input/output error", S_INIT("its disk may be failing: dmesg on the host tells") },
    { "Stale file handle", S_INIT("its NFS server has forgotten it: mount it anew") },
};

static const struct row as_login[] = {
    { "Permission denied", S_INIT("the task runs as the user of the login; 'become: true', or -b, "
                                  "makes it run as root") },
    { "Operation not permitted",
      S_INIT("that takes the owner or root, and the task runs as the user of the login; "
             "'become: true', or -b, makes it run as root") },
};

static const struct row as_root[] = {
    { "Permission denied",
      S_INIT("root is denied that by a network file system (root_squash) or by SELinux or "
             "AppArmor: dmesg and mount on the host tell") },
    { "Operation not permitted",
      S_INIT("root is denied that where a file is immutable (lsattr on the host tells), by a "
             "network file system, or in a container") },
};

static str find(const struct row *table, size_t count, str message)
{
    for (size_t i = 0; i < count; i++) {
        if (str_ends(message, str_of(table[i].words))) {
            return table[i].hint;
        }
    }
    return STR_NONE;
}

/* Whom the task runs as; STR_NONE: nobody knows yet. */
static str user_of(const struct remote *remote, const struct become *become)
{
    if (become->method != BECOME_NONE) {
        return str_is_none(become->user) ? S("root") : become->user;
    }
    if (remote == NULL) {
        return STR_NONE;
    }
    if (remote->connection != NULL) {
        return connection_user(remote->connection);
    }
    return geteuid() == 0 ? S("root") : STR_NONE; /* system calls, on this machine */
}

/* What is wrong here says nothing of the host. */
static bool is_of_controller(const struct remote_error *error)
{
    return str_find(error->message, S(" on the controller"), 0) != STR_NPOS;
}

str remote_hint(const struct remote *remote, const struct become *become,
                const struct remote_error *error)
{
    if (!str_is_none(error->hint) || error->status != REMOTE_FAILED || error->status_code != 0 ||
        is_of_controller(error)) {
        return error->hint;
    }
    str user = user_of(remote, become), hint = STR_NONE;
    if (!str_is_none(user) && str_eq(user, S("root"))) {
        hint = find(as_root, ARRAY_LEN(as_root), error->message);
    } else if (become->method == BECOME_NONE) {
        hint = find(as_login, ARRAY_LEN(as_login), error->message);
    }
    return str_is_none(hint) ? find(rows, ARRAY_LEN(rows), error->message) : hint;
}
