/*
 * git_source.c - see git_source.h.
 */
#include "inventory/git_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/tree.h"

#define PREFIX "git:"

/* ---- the text ---- */

bool git_source_is(str text)
{
    return str_starts(text, S(PREFIX)) && text.len > sizeof PREFIX - 1;
}

static bool is_directory(str path)
{
    struct stat status;
    return tree_stat(path, &status) && S_ISDIR(status.st_mode);
}

static str expand_home(struct arena *arena, str path)
{
    const char *home = getenv("HOME");
    bool own = str_eq(path, S("~")) || str_starts(path, S("~/"));
    return own && home != NULL ? str_concat(arena, str_of(home), str_part(path, 1, path.len))
                               : path;
}

/* The last "@" that begins no "@{...}"; the end of the text without one. */
static size_t find_rev(str text)
{
    for (size_t at = text.len; at-- > 0;) {
        if (text.ptr[at] == '@' && (at + 1 == text.len || text.ptr[at + 1] != '{')) {
            return at;
        }
    }
    return text.len;
}

/* Where the host of a URL ends: user and port are no revision and no path. */
static size_t after_host(str text)
{
    size_t scheme = str_find(text, S("://"), 0);
    if (scheme == STR_NPOS) {
        return 0;
    }
    size_t slash = str_find_char(text, '/', scheme + 3);
    return slash == STR_NPOS ? text.len : slash;
}

struct git_source git_source_parse(struct arena *arena, str text)
{
    text = str_part(text, sizeof PREFIX - 1, text.len);
    size_t host = after_host(text);
    struct git_source source = { .is_url = host > 0, .rev = S("HEAD"), .inside = STR_EMPTY };
    size_t colon = str_find_char(text, ':', host);
    str whole = str_part(text, 0, colon);
    if (colon != STR_NPOS) {
        source.inside = str_part(text, colon + 1, text.len);
        while (str_starts(source.inside, S("/"))) {
            source.inside = str_part(source.inside, 1, source.inside.len);
        }
    }
    size_t rev = host + find_rev(str_part(whole, host, whole.len));
    bool as_whole = !source.is_url && is_directory(expand_home(arena, whole));
    if (rev < whole.len && !as_whole) {
        source.rev = str_part(whole, rev + 1, whole.len);
        whole = str_part(whole, 0, rev);
    }
    source.repository = source.is_url ? whole : expand_home(arena, whole);
    return source;
}

/* ---- repositories ---- */

static const char *last_words(void)
{
    const git_error *error = git_error_last();
    return error != NULL && error->message != NULL ? error->message : "it is damaged";
}

/* A hint for what is no repository: it may be in one, or be meant for another machine. */
static void hint_repository(struct diag *diag, const struct git_source *source, const char *path)
{
    git_buf found = GIT_BUF_INIT;
    git_repository *above = NULL;
    if (git_repository_discover(&found, path, 0, NULL) == 0 &&
        git_repository_open(&above, found.ptr) == 0 && git_repository_workdir(above) != NULL) {
        const char *top = git_repository_workdir(above);
        diag_hint(diag, "it is in the repository '%.*s': write the way from there behind a colon",
                  (int)strlen(top) - 1, top);
    } else if (str_find_char(source->repository, '@', 0) != STR_NPOS || access(path, F_OK) != 0) {
        diag_hint(diag, "git:DIRECTORY@REVISION:PATH, or git:URL@REVISION:PATH with ssh://, "
                        "https:// or file:// before the host");
    }
    git_repository_free(above);
    git_buf_dispose(&found);
}

static git_repository *open_repository(struct arena *arena, struct diags *diags,
                                       const struct git_source *source)
{
    git_repository *repo = NULL;
    const char *path = str_c(arena, source->repository.len > 0 ? source->repository : S("."));
    int error = git_open(&repo, path, GIT_REPOSITORY_OPEN_NO_SEARCH);
    if (error == GIT_EOWNER) {
        diag_hint(diag_error(diags, SPAN_NONE, "repository '%s' belongs to another user", path),
                  "if you trust it: git config --global --add safe.directory '%.*s'",
                  SARG(tree_real(arena, str_of(path))));
    } else if (error == GIT_ENOTFOUND) {
        struct diag *diag = diag_error(diags, SPAN_NONE, "'%s' is not a git repository", path);
        hint_repository(diag, source, path);
    } else if (error != 0) {
        diag_error(diags, SPAN_NONE, "cannot open repository '%s': %s", path, last_words());
    }
    return repo;
}

/* ---- revisions ---- */

static void suggest_rev(struct arena *arena, struct diag *diag, git_repository *repo, str rev)
{
    static const str places[] = { S_INIT("refs/heads/"), S_INIT("refs/tags/"),
                                  S_INIT("refs/remotes/") };
    git_strarray all = { 0 };
    VEC(str) names = { 0 };
    if (git_reference_list(&all, repo) != 0) {
        return;
    }
    for (size_t i = 0; i < all.count; i++) {
        for (size_t k = 0; k < ARRAY_LEN(places); k++) {
            str name = str_of(all.strings[i]);
            if (str_starts(name, places[k])) {
                *VEC_PUSH(arena, &names) = str_copy(arena, str_part(name, places[k].len, name.len));
            }
        }
    }
    git_strarray_dispose(&all);
    diag_suggest(diag, rev, names.items, names.len);
    if (git_repository_is_shallow(repo) == 1) {
        diag_hint(diag,
                  "it is a shallow clone, without older commits: git fetch --unshallow --tags");
    } else {
        diag_hint(diag, "what git rev-parse takes: a branch, a tag, a commit, HEAD~1");
    }
}

static bool has_reference(struct arena *arena, git_repository *repo, const char *kind, str name)
{
    git_oid id;
    return git_reference_name_to_id(&id, repo,
                                    str_format(arena, "refs/%s/%.*s", kind, SARG(name)).ptr) == 0;
}

/* Git's rule is that tags come first; who wrote the name may have meant the other. */
static void warn_of_two(struct arena *arena, struct diags *diags, git_repository *repo, str rev)
{
    if (has_reference(arena, repo, "tags", rev) && has_reference(arena, repo, "heads", rev)) {
        diag_hint(diag_warning(diags, SPAN_NONE,
                               "revision '%.*s' is a tag and a branch: the tag is taken",
                               SARG(rev)),
                  "refs/heads/%.*s is the branch", SARG(rev));
    }
}

static bool find_commit(struct arena *arena, struct diags *diags, git_repository *repo,
                        str repository, str rev, git_oid *ret)
{
    git_object *object = NULL, *commit = NULL;
    bool found = rev.len > 0 && git_revparse_single(&object, repo, str_c(arena, rev)) == 0 &&
                 git_object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0;
    if (found) {
        *ret = *git_object_id(commit);
        warn_of_two(arena, diags, repo, rev);
    } else if (object == NULL && git_repository_is_empty(repo) == 1) {
        diag_error(diags, SPAN_NONE, "repository '%.*s' has no commits", SARG(repository));
    } else {
        struct diag *diag =
            diag_error(diags, SPAN_NONE, "%s '%.*s' in repository '%.*s'",
                       object == NULL ? "no revision" : "no commit is meant by revision", SARG(rev),
                       SARG(repository));
        suggest_rev(arena, diag, repo, rev);
    }
    git_object_free(commit);
    git_object_free(object);
    return found;
}

/* As a component of paths: nothing that ends a root, or means something in a pattern. */
static str plain_name(struct arena *arena, str name)
{
    static const str special[] = { S_INIT(":"), S_INIT("*"), S_INIT("?"), S_INIT("["),
                                   S_INIT("\\") };
    for (size_t i = 0; i < ARRAY_LEN(special); i++) {
        name = str_replace(arena, name, special[i], S("_"));
    }
    return name;
}

/* "infra", for /srv/infra, /srv/infra.git, /srv/infra/.git and https://host/infra.git/. */
static str short_name(struct arena *arena, git_repository *repo, const struct git_source *source)
{
    const char *top = git_repository_workdir(repo);
    str path =
        source->is_url ? source->repository : str_of(top != NULL ? top : git_repository_path(repo));
    while (str_ends(path, S("/"))) {
        path = str_part(path, 0, path.len - 1);
    }
    str name = path_basename(path);
    name = str_ends(name, S(".git")) ? str_part(name, 0, name.len - 4) : name;
    return name.len > 0 ? plain_name(arena, name) : S("repository");
}

static bool mount_at(struct arena *arena, struct diags *diags, git_repository *repo,
                     const struct git_source *source, str *ret)
{
    git_oid commit;
    str root, name = short_name(arena, repo, source);
    str shown = git_url_shown(arena, source->repository);
    if (!find_commit(arena, diags, repo, shown, source->rev, &commit)) {
        git_repository_free(repo);
        return false;
    }
    if (!git_tree_mount(repo, &commit, name, &root)) {
        diag_error(diags, SPAN_NONE, "cannot read commit '%.*s' of '%.*s': %s", SARG(source->rev),
                   SARG(shown), last_words());
        return false;
    }
    *ret = source->inside.len > 0 ? path_normal(arena, path_join(arena, root, source->inside))
                                  : str_copy(arena, root);
    return true;
}

/* ---- what is asked for ---- */

bool git_source_mount(struct arena *arena, struct diags *diags, const struct git_access *access,
                      str text, str *ret)
{
    git_start();
    struct git_source source = git_source_parse(arena, text);
    git_repository *repo = source.is_url
                               ? git_fetch(arena, diags, access, source.repository, source.rev)
                               : open_repository(arena, diags, &source);
    return repo != NULL && mount_at(arena, diags, repo, &source, ret);
}

bool git_source_open(struct arena *arena, struct diags *diags, const struct git_access *access,
                     str text, str *ret)
{
    struct stat status;
    if (!git_source_mount(arena, diags, access, text, ret)) {
        return false;
    }
    if (tree_stat(*ret, &status)) {
        return true;
    }
    int error = errno;
    struct diag *diag =
        error == ENOENT || error == ENOTDIR
            ? diag_error(diags, SPAN_NONE, "there is no '%.*s'", SARG(tree_shown(arena, *ret)))
            : diag_error(diags, SPAN_NONE, "cannot read '%.*s': %s", SARG(tree_shown(arena, *ret)),
                         tree_why(error));
    struct name_list names;
    if (tree_list(arena, path_dirname(*ret), &names)) {
        diag_suggest(diag, path_basename(*ret), names.items, names.len);
    }
    git_tree_tell(diags);
    return false;
}

/* ---- other revisions ---- */

/* The repository that holds a path, and the way to it from the top; NULL: there is none. */
static git_repository *open_around(struct arena *arena, str path, struct git_source *ret)
{
    git_repository *repo = NULL, *mounted;
    git_oid commit;
    str root = path_tree_root(path);
    git_start();
    if (git_tree_find(root, &mounted, &commit)) {
        if (git_repository_open(&repo, git_repository_path(mounted)) != 0) {
            return NULL;
        }
        str label = str_part(root, sizeof PATH_TREE - 1, root.len);
        ret->repository = str_copy(arena, str_cut(&label, '@'));
        ret->inside = str_part(path, root.len < path.len ? root.len + 1 : root.len, path.len);
        return repo;
    }
    /* a file that is no more may well have been there: its directory tells the repository */
    str real = tree_real(arena, path);
    str dir = is_directory(path) ? real : tree_real(arena, path_dirname(path));
    if (str_is_none(dir) || git_repository_open_ext(&repo, str_c(arena, dir), 0, NULL) != 0) {
        return NULL;
    }
    const char *top = git_repository_workdir(repo);
    real = str_is_none(real) ? path_join(arena, dir, path_basename(path)) : real;
    ret->repository = top == NULL ? STR_EMPTY : path_normal(arena, str_of(top));
    if (top == NULL || !path_is_inside(arena, ret->repository, real)) {
        git_repository_free(repo);
        return NULL;
    }
    bool whole = real.len <= ret->repository.len;
    ret->inside = whole ? STR_EMPTY : str_part(real, ret->repository.len + 1, real.len);
    return repo;
}

bool git_source_is_in_one(struct arena *arena, str path)
{
    struct git_source source;
    git_repository *repo = open_around(arena, path, &source);
    git_repository_free(repo);
    return repo != NULL;
}

bool git_source_at(struct arena *arena, struct diags *diags, str path, str rev, str *ret)
{
    struct git_source source = { .rev = rev };
    git_repository *repo = open_around(arena, path, &source);
    if (repo == NULL) {
        diag_hint(diag_error(diags, SPAN_NONE, "'%.*s' is in no git repository", SARG(path)),
                  "a revision of it, such as '%.*s', can only be there", SARG(rev));
        return false;
    }
    return mount_at(arena, diags, repo, &source, ret);
}
