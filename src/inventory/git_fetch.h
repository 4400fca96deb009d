/*
 * git_fetch.h - repositories elsewhere: fetched whole into a bare one in the user's cache.
 *
 * https and file are libgit2's; a login stands in the URL, or is found as git finds it. ssh is a
 * connection as to any host: ~/.ssh/config, agent, keys, known hosts and jump hosts count as they
 * do there.
 */
#pragma once
#include <git2.h>

#include "base/diag.h"
#include "transport/transport.h"

/* How to log in to a server of repositories; its kind, host, port and user come from the URL. */
struct git_access {
    struct connection_options ssh;
};

/*
 * The cached repository of a URL, with the branches and tags that are there now; HEAD is its
 * default branch. One process at a time writes to it. Where `rev` is a whole id of a commit that is
 * there already, nobody is asked. NULL after a diagnostic. The result is the caller's.
 */
git_repository *git_fetch(struct arena *arena, struct diags *diags, const struct git_access *access,
                          str url, str rev);

/* A URL as to be shown: a password in it is masked. */
str git_url_shown(struct arena *arena, str url);

/* ---- between git_fetch.c and git_ssh.c ---- */

/* A fetch by ssh; what went wrong there, in more words than libgit2 keeps. */
struct git_ssh {
    struct arena *arena;
    const struct git_access *access;
    struct wire_error error; /* WIRE_OK: none */
    str said;                /* by the program over there, on standard error */
};

bool git_ssh_is(str url); /* begins with ssh:// or git+ssh:// */
/* The transport for callbacks of a remote, with a struct git_ssh as their payload. */
int git_ssh_transport(git_transport **out, git_remote *owner, void *payload);

/* ---- between git_fetch.c and git_login.c ---- */

/* A login at a server of repositories by https. */
struct git_login {
    struct arena *arena; /* holds a password: of its own */
    const struct git_access *access;
    str url, cache; /* of the repository, and its directory */
    str host, path, user, password;
    bool in_url;         /* user and password are those of the URL */
    bool found;          /* user and password were given to libgit2 */
    const char *problem; /* why there is none; NULL: none was asked for, or it was given */
};

/* The callback for credentials of a remote, with a struct git_login as its payload. */
int git_login_find(git_credential **out, const char *url, const char *user, unsigned allowed,
                   void *payload);
/* After the fetch: helpers keep a login that was good, and forget one that was refused. */
void git_login_end(struct git_login *login, bool good);
