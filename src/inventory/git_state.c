/*
 * git_state.c - see git_state.h.
 */
#include "inventory/git_state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/tree.h"

static str commit_text(struct arena *arena, const git_oid *id)
{
    char text[GIT_OID_HEXSZ + 1];
    return str_copy(arena, str_of(git_oid_tostr(text, sizeof text, id)));
}

static str name_of(struct arena *arena, str top)
{
    str name = path_basename(top);
    return str_copy(arena, str_ends(name, S(".git")) ? str_part(name, 0, name.len - 4) : name);
}

static bool mounted_state(struct arena *arena, str path, struct git_state *ret)
{
    git_repository *repo;
    git_oid commit;
    str root = path_tree_root(path);
    if (!git_tree_find(root, &repo, &commit)) {
        return false;
    }
    str label = str_part(root, sizeof PATH_TREE - 1, root.len);
    *ret = (struct git_state){ .top = str_copy(arena, root),
                               .name = str_copy(arena, str_cut(&label, '@')),
                               .commit = commit_text(arena, &commit),
                               .branch = STR_NONE,
                               .problem = STR_NONE,
                               .mounted = true };
    return true;
}

/* ---- work trees ---- */

static bool is_wanted(git_repository *repo, str top, const char *path)
{
    int ignored = 0;
    git_index *index = NULL;
    const char *inside = strlen(path) > top.len ? path + top.len + 1 : "";
    bool known = git_repository_index(&index, repo) == 0 && *inside != '\0' &&
                 git_index_get_bypath(index, inside, 0) != NULL;
    git_index_free(index);
    return known || *inside == '\0' || git_ignore_path_is_ignored(&ignored, repo, inside) != 0 ||
           !ignored;
}

/* The nearest directory that holds a ".git"; STR_NONE: to start the library, which reads the
 * machine's certificates (5 ms), is not worth it. */
static str find_top(struct arena *arena, str dir)
{
    for (str above = STR_NONE; !str_eq(dir, above); dir = path_dirname(above)) {
        if (access(str_c(arena, path_join(arena, dir, S(".git"))), F_OK) == 0) {
            return dir;
        }
        above = dir;
    }
    return STR_NONE;
}

static str last_words(struct arena *arena)
{
    const git_error *error = git_error_last();
    return error != NULL ? str_copy(arena, str_of(error->message)) : S("it is damaged");
}

/* The repository whose work tree holds the path. NULL: there is none, or it ignores the path, or it
 * cannot be opened; then ret->problem tells why. */
static git_repository *open_around(struct arena *arena, str path, struct git_state *ret)
{
    git_repository *repo = NULL;
    struct stat status;
    str real = tree_real(arena, path);
    if (str_is_none(real) || !tree_stat(real, &status)) {
        return NULL;
    }
    ret->top = find_top(arena, S_ISDIR(status.st_mode) ? real : path_dirname(real));
    if (str_is_none(ret->top)) {
        return NULL;
    }
    git_start();
    int error = git_open(&repo, str_c(arena, ret->top), 0);
    if (error != 0) {
        ret->foreign = error == GIT_EOWNER;
        ret->problem = error == GIT_ENOTFOUND ? STR_NONE
                       : error == GIT_EOWNER  ? S("it belongs to another user")
                                              : last_words(arena);
        return NULL;
    }
    const char *top = git_repository_workdir(repo);
    ret->top = top == NULL ? STR_EMPTY : path_normal(arena, str_of(top));
    bool inside = top != NULL && path_is_inside(arena, ret->top, real);
    ret->ignored = inside && !is_wanted(repo, ret->top, str_c(arena, real));
    if (!inside || ret->ignored) {
        git_repository_free(repo);
        return NULL;
    }
    return repo;
}

static void find_head(struct arena *arena, git_repository *repo, struct git_state *ret)
{
    git_reference *head = NULL;
    if (git_repository_head(&head, repo) != 0) {
        return;
    }
    ret->commit = commit_text(arena, git_reference_target(head));
    if (git_repository_head_detached(repo) == 0) {
        ret->branch = str_copy(arena, str_of(git_reference_shorthand(head)));
    }
    git_reference_free(head);
}

/* As the user has set it for `git status`. */
static bool shows_untracked(git_repository *repo)
{
    git_config *config = NULL;
    git_buf text = GIT_BUF_INIT;
    bool shows = git_repository_config_snapshot(&config, repo) != 0 ||
                 git_config_get_string_buf(&text, config, "status.showuntrackedfiles") != 0 ||
                 strcmp(text.ptr, "no") != 0;
    git_buf_dispose(&text);
    git_config_free(config);
    return shows;
}

static str entry_name(const git_status_entry *entry)
{
    const git_diff_delta *delta =
        entry->index_to_workdir != NULL ? entry->index_to_workdir : entry->head_to_index;
    return str_of(delta->new_file.path != NULL ? delta->new_file.path : delta->old_file.path);
}

static bool find_dirty(struct arena *arena, git_repository *repo, struct git_state *ret)
{
    git_status_options options = GIT_STATUS_OPTIONS_INIT;
    git_status_list *list = NULL;
    VEC(str) names = { 0 };
    options.flags = shows_untracked(repo) ? GIT_STATUS_OPT_INCLUDE_UNTRACKED : 0;
    if (git_status_list_new(&list, repo, &options) != 0) {
        return false;
    }
    for (size_t i = 0; i < git_status_list_entrycount(list); i++) {
        str name = entry_name(git_status_byindex(list, i));
        *VEC_PUSH(arena, &names) = str_copy(arena, name);
    }
    git_status_list_free(list);
    if (names.len > 1) {
        str_sort(names.items, names.len);
    }
    ret->dirty = names.items;
    ret->dirty_count = names.len;
    return true;
}

bool git_state_of(struct arena *arena, str path, struct git_state *ret)
{
    struct git_state state = { .commit = STR_NONE, .branch = STR_NONE, .problem = STR_NONE };
    if (tree_is_mounted(path)) {
        return mounted_state(arena, path, ret);
    }
    git_repository *repo = open_around(arena, path, &state);
    if (repo == NULL && str_is_none(state.problem) && !state.ignored) {
        return false;
    }
    git_repository_free(repo);
    state.name = name_of(arena, state.top);
    *ret = state;
    return true;
}

void git_state_read(struct arena *arena, struct git_state *state)
{
    git_repository *repo = NULL;
    if (state->mounted || !str_is_none(state->problem)) {
        return;
    }
    bool ok = git_open(&repo, str_c(arena, state->top), GIT_REPOSITORY_OPEN_NO_SEARCH) == 0;
    if (ok) {
        find_head(arena, repo, state);
        ok = find_dirty(arena, repo, state);
    }
    state->problem = ok ? STR_NONE : last_words(arena);
    git_repository_free(repo);
}

bool git_state_cover(struct arena *arena, struct diags *diags, const struct git_state *state)
{
    git_repository *repo = NULL;
    git_oid commit;
    if (state->mounted) {
        return true;
    }
    if (git_open(&repo, str_c(arena, state->top), GIT_REPOSITORY_OPEN_NO_SEARCH) != 0 ||
        git_oid_fromstrn(&commit, state->commit.ptr, state->commit.len) != 0 ||
        !git_tree_cover(repo, &commit, state->top)) {
        diag_error(diags, SPAN_NONE, "cannot read repository '%.*s': %.*s", SARG(state->top),
                   SARG(last_words(arena)));
        return false;
    }
    return true;
}
