/*
 * git_fetch.c - see git_fetch.h.
 */
#include "inventory/git_fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

struct fetch {
    struct arena *arena;
    struct diags *diags;
    str url;
    git_repository *repo;
    struct git_ssh ssh;
    struct git_login login;
};

str git_url_shown(struct arena *arena, str url)
{
    size_t scheme = str_find(url, S("://"), 0);
    size_t from = scheme == STR_NPOS ? 0 : scheme + 3;
    str host = str_part(url, from, str_find_char(url, '/', from));
    size_t colon = str_find_char(host, ':', 0), at = str_rfind(host, S("@"));
    bool by_token = colon > at && str_starts(url, S("http")); /* a token, in place of a name */
    if (at == STR_NPOS || (colon > at && !by_token)) {
        return url;
    }
    if (by_token) {
        return str_format(arena, "%.*s********%.*s", SARG(str_part(url, 0, from)),
                          SARG(str_part(url, from + at, url.len)));
    }
    return str_format(arena, "%.*s:********%.*s", SARG(str_part(url, 0, from + colon)),
                      SARG(str_part(url, from + at, url.len)));
}

/* ---- the cache ---- */

static bool make_directory(struct diags *diags, const char *path)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST) {
        return true;
    }
    diag_error(diags, SPAN_NONE, "cannot make the cache '%s': %s", path, strerror(errno));
    return false;
}

/* $XDG_CACHE_HOME/hostler/git, made where it is missing. */
static bool find_cache(struct arena *arena, struct diags *diags, str *ret)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    str top = cache != NULL && *cache == '/' ? str_of(cache)
              : home != NULL                 ? path_join(arena, str_of(home), S(".cache"))
                                             : STR_NONE;
    if (str_is_none(top)) {
        diag_error(diags, SPAN_NONE, "there is no place for a cache: HOME is not set");
        return false;
    }
    static const str below[] = { S_INIT(""), S_INIT("/hostler"), S_INIT("/git") };
    for (size_t i = 0; i < ARRAY_LEN(below); i++) {
        top = str_concat(arena, top, below[i]);
        if (!make_directory(diags, str_c(arena, top))) {
            return false;
        }
    }
    *ret = top;
    return true;
}

/* The repository's directory: its last name for people, and a number that tells URLs apart. */
static str cached_path(struct arena *arena, str cache, str url)
{
    str name = git_url_shown(arena, url);
    while (str_ends(name, S("/"))) {
        name = str_part(name, 0, name.len - 1);
    }
    name = path_basename(name);
    name = str_ends(name, S(".git")) ? str_part(name, 0, name.len - 4) : name;
    return str_format(arena, "%.*s/%.*s-%016llx.git", SARG(cache), SARG(name),
                      (unsigned long long)str_hash(url));
}

/* ---- fetching ---- */

/* Not http and git: what they bring could be anybody's. */
static bool is_safe(struct fetch *fetch)
{
    if (git_ssh_is(fetch->url) || str_starts(fetch->url, S("https://")) ||
        str_starts(fetch->url, S("file://"))) {
        return true;
    }
    diag_hint(diag_error(fetch->diags, SPAN_NONE, "cannot fetch '%.*s': its scheme is not taken",
                         SARG(git_url_shown(fetch->arena, fetch->url))),
              "ssh://, https:// and file:// are");
    return false;
}

static bool report(struct fetch *fetch)
{
    const git_error *error = git_error_last();
    struct git_ssh *ssh = &fetch->ssh;
    bool wire = ssh->error.status != WIRE_OK;
    str why = wire                           ? ssh->error.message
              : fetch->login.problem != NULL ? str_of(fetch->login.problem)
              : error != NULL                ? str_of(error->message)
                                             : S("it is not known why");
    struct diag *diag = diag_error(fetch->diags, SPAN_NONE, "cannot fetch '%.*s': %.*s",
                                   SARG(git_url_shown(fetch->arena, fetch->url)), SARG(why));
    if (ssh->said.len > 0) {
        diag_note(diag, SPAN_NONE, "the server wrote: %.*s", SARG(ssh->said));
    }
    if (wire && !str_is_none(ssh->error.hint)) {
        diag_hint(diag, "%.*s", SARG(ssh->error.hint));
    } else if (fetch->login.problem != NULL) {
        diag_hint(diag,
                  "a login comes from git's credential helpers, GIT_ASKPASS, the terminal, or "
                  "the URL, https://USER:PASSWORD@HOST/PATH");
    }
    return false;
}

/* HEAD of the cache is the default branch there; where none is told, it stays. */
static void follow_head(git_repository *repo, git_remote *remote)
{
    git_buf branch = GIT_BUF_INIT;
    if (git_remote_default_branch(&branch, remote) == 0) {
        git_repository_set_head(repo, branch.ptr);
    }
    git_buf_dispose(&branch);
}

/* Whom to believe about servers, as curl, git and OpenSSL let one say it. */
static void set_authorities(void)
{
    static const char *const names[] = { "GIT_SSL_CAINFO", "SSL_CERT_FILE" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *file = getenv(names[i]);
        if (file != NULL && *file != '\0') {
            git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, NULL);
            return;
        }
    }
}

static bool fetch_all(struct fetch *fetch, git_remote *remote)
{
    char branches[] = "+refs/heads/*:refs/heads/*", tags[] = "+refs/tags/*:refs/tags/*";
    char *specs[] = { branches, tags };
    const git_strarray refspecs = { specs, ARRAY_LEN(specs) };
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE; /* the second refspec has them */
    options.update_fetchhead = 0;
    options.proxy_opts.type = GIT_PROXY_AUTO;
    options.follow_redirects =
        GIT_REMOTE_REDIRECT_NONE; /* to other hosts: they would get the login */
    set_authorities();
    if (git_ssh_is(fetch->url)) {
        options.callbacks.transport = git_ssh_transport;
        options.callbacks.payload = &fetch->ssh;
    } else {
        options.callbacks.credentials = git_login_find;
        options.callbacks.payload = &fetch->login;
    }
    git_remote_connect_options connect = GIT_REMOTE_CONNECT_OPTIONS_INIT;
    connect.callbacks = options.callbacks;
    connect.proxy_opts = options.proxy_opts;
    connect.follow_redirects = options.follow_redirects;
    bool ok = git_remote_connect_ext(remote, GIT_DIRECTION_FETCH, &connect) == 0 &&
              git_remote_download(remote, &refspecs, &options) == 0 &&
              git_remote_update_tips(remote, &options.callbacks, 0, GIT_REMOTE_DOWNLOAD_TAGS_NONE,
                                     "fetch") == 0 &&
              git_remote_prune(remote, &options.callbacks) == 0;
    if (ok) {
        follow_head(fetch->repo, remote);
    }
    git_login_end(&fetch->login, ok);
    return ok || report(fetch);
}

static bool has_commit(git_repository *repo, str rev)
{
    git_oid id;
    git_commit *commit = NULL;
    bool has = rev.len == GIT_OID_HEXSZ && git_oid_fromstrn(&id, rev.ptr, rev.len) == 0 &&
               git_commit_lookup(&commit, repo, &id) == 0;
    git_commit_free(commit);
    return has;
}

/* With the lock held. */
static bool update(struct fetch *fetch, const char *path, str rev)
{
    git_remote *remote = NULL;
    git_remote_create_options options = GIT_REMOTE_CREATE_OPTIONS_INIT;
    if (git_repository_open_bare(&fetch->repo, path) != 0 &&
        git_repository_init(&fetch->repo, path, true) != 0) {
        return report(fetch);
    }
    if (has_commit(fetch->repo, rev)) {
        return true;
    }
    options.repository = fetch->repo;
    options.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
    bool ok = git_remote_create_with_opts(&remote, str_c(fetch->arena, fetch->url), &options) == 0
                  ? fetch_all(fetch, remote)
                  : report(fetch);
    git_remote_free(remote);
    return ok;
}

git_repository *git_fetch(struct arena *arena, struct diags *diags, const struct git_access *access,
                          str url, str rev)
{
    struct fetch fetch = { .arena = arena,
                           .diags = diags,
                           .url = url,
                           .ssh = { .arena = arena, .access = access, .said = STR_EMPTY } };
    str cache;
    if (!is_safe(&fetch) || !find_cache(arena, diags, &cache)) {
        return NULL;
    }
    str path = cached_path(arena, cache, url);
    CLEANUP(release_arena) struct arena *login = arena_new("login");
    fetch.login = (struct git_login){ .arena = login, .access = access, .url = url, .cache = path };
    const char *lock = str_concat(arena, path, S(".lock")).ptr;
    CLEANUP(close_fd) int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        diag_error(diags, SPAN_NONE, "cannot lock '%s': %s", lock, strerror(errno));
        return NULL;
    }
    if (!update(&fetch, path.ptr, rev)) {
        git_repository_free(fetch.repo);
        return NULL;
    }
    return fetch.repo;
}
