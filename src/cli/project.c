/*
 * project.c - see project.h.
 */
#include "cli/project.h"

#include "base/path.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/files.h"
#include "inventory/git_source.h"
#include "inventory/git_state.h"

/* ---- repositories ---- */

static bool is_known(const struct git_states *states, str top)
{
    for (size_t i = 0; i < states->len; i++) {
        if (str_eq(states->items[i].top, top)) {
            return true;
        }
    }
    return false;
}

static bool is_asked(const struct project_rules *rules)
{
    return rules->require_clean || !str_is_none(rules->signers);
}

static bool add_state(struct setup *setup, struct git_state *state)
{
    struct git_states *states = &setup->project.states;
    static const char words[] = "cannot read repository '%.*s': %.*s";
    bool asked = is_asked(&setup->project);
    if (is_known(states, state->top)) {
        return true;
    }
    git_state_read(setup->arena, state);
    *VEC_PUSH(setup->arena, states) = *state;
    if (str_is_none(state->problem)) {
        return true;
    }
    struct diag *diag =
        asked
            ? diag_error(setup->diags, SPAN_NONE, words, SARG(state->top), SARG(state->problem))
            : diag_warning(setup->diags, SPAN_NONE, words, SARG(state->top), SARG(state->problem));
    diag_note(diag, SPAN_NONE, "so it is not known whether all that is played is committed");
    if (state->foreign) {
        diag_hint(diag, "if you trust it: git config --global --add safe.directory '%.*s'",
                  SARG(state->top));
    }
    return !asked;
}

/* What is in no repository, or in one that cannot be read, only matters where one is needed. */
static bool add_source(struct setup *setup, const char *what, str path)
{
    struct git_state state;
    const struct project_rules *rules = &setup->project;
    if (git_state_of(setup->arena, path, &state) && !state.ignored) {
        return add_state(setup, &state);
    }
    if (is_asked(rules)) {
        diag_hint(diag_error(setup->diags, SPAN_NONE, "%s '%.*s' is in no git repository", what,
                             SARG(path)),
                  "%s asks for one", rules->require_clean ? "--require-clean" : "--require-signed");
    }
    return !is_asked(rules);
}

/* What may be the user's own, in no repository; if it is in one, that one counts. */
static bool add_beside(struct setup *setup, str path)
{
    struct git_state state;
    if (!git_state_of(setup->arena, path, &state)) {
        return true;
    }
    if (!state.ignored) {
        return add_state(setup, &state);
    }
    bool known = is_known(&setup->project.states, state.top); /* then nobody gets to read it */
    if (!known) {
        diag_error(setup->diags, SPAN_NONE, "'%.*s' is ignored by its repository", SARG(path));
    }
    return known;
}

/* ---- what is asked of them ---- */

#define NAMED 10 /* files that are not committed, by name in a diagnostic */

static bool check_clean(struct setup *setup, const struct git_state *state)
{
    if (str_is_none(state->commit)) {
        diag_error(setup->diags, SPAN_NONE, "repository '%.*s' has no commits", SARG(state->top));
        return false;
    }
    if (state->dirty_count == 0) {
        return true;
    }
    struct diag *diag = diag_error(setup->diags, SPAN_NONE, "%zu file%s of '%.*s' %s not committed",
                                   state->dirty_count, state->dirty_count == 1 ? "" : "s",
                                   SARG(state->top), state->dirty_count == 1 ? "is" : "are");
    for (size_t i = 0; i < state->dirty_count && i < NAMED; i++) {
        diag_note(diag, SPAN_NONE, "%.*s", SARG(state->dirty[i]));
    }
    if (state->dirty_count > NAMED) {
        diag_note(diag, SPAN_NONE, "and %zu more", state->dirty_count - NAMED);
    }
    diag_hint(diag, "commit them, or play the commit itself: git:%.*s:PLAYBOOK", SARG(state->top));
    return false;
}

/* ---- what is told of them ---- */

/* "infra@1a2b3c4d5e (main, 2 files not committed)" */
static void describe(struct strbuf *out, const struct git_state *state)
{
    if (!str_is_none(state->problem)) {
        return; /* which was told */
    }
    str commit = str_is_none(state->commit) ? S("no commit") : str_part(state->commit, 0, 10);
    strbuf_addf(out, "%s%.*s@%.*s", out->len > 0 ? ", " : "", SARG(state->name), SARG(commit));
    if (state->dirty_count > 0) {
        strbuf_addf(out, " (%.*s%s%zu file%s not committed)", SARG(state->branch),
                    str_is_none(state->branch) ? "" : ", ", state->dirty_count,
                    state->dirty_count == 1 ? "" : "s");
    } else if (!str_is_none(state->branch)) {
        strbuf_addf(out, " (%.*s)", SARG(state->branch));
    }
}

static void tell(const struct git_state *state)
{
    if (!state->mounted && str_is_none(state->problem)) {
        fprintf(stderr, "project: %.*s at %.*s%s%.*s\n", SARG(state->top), SARG(state->commit),
                str_is_none(state->branch) ? "" : " on ", SARG(state->branch));
    }
    for (size_t i = 0; i < state->dirty_count; i++) {
        fprintf(stderr, "not committed: %.*s\n", SARG(state->dirty[i]));
    }
}

/* ---- from one to the other ---- */

/* Ask what is to be asked of the repositories from the given one on. */
static bool check_states(struct setup *setup, size_t from)
{
    const struct project_rules *rules = &setup->project;
    bool sign = !str_is_none(rules->signers);
    for (size_t i = from; i < rules->states.len && is_asked(rules); i++) {
        const struct git_state *state = &rules->states.items[i];
        if (!check_clean(setup, state) ||
            (sign && (!git_state_is_signed(setup->arena, setup->diags, state, rules->signers) ||
                      !git_state_cover(setup->arena, setup->diags, state)))) {
            return false;
        }
    }
    return true;
}

/* It was read before it was known what its repository is worth. */
static bool check_config(struct setup *setup)
{
    const struct config *config = &setup->config;
    str text;
    if (str_is_none(config->file) || !tree_is_covered(config->file)) {
        return true;
    }
    if (!file_bytes_at(setup->arena, setup->diags, config->file, SPAN_NONE, &text)) {
        return false;
    }
    if (!str_eq(text, config->text)) {
        diag_error(setup->diags, SPAN_NONE, "'%.*s' is not as it was committed",
                   SARG(config->file));
        return false;
    }
    return true;
}

/* The working directory's; others are the user's own. */
static bool add_config(struct setup *setup)
{
    const struct config *config = &setup->config;
    str here = tree_real(setup->arena, S("."));
    return str_is_none(setup->project.signers) || str_is_none(config->file) ||
           !str_eq(config->dir, here) || add_beside(setup, config->file);
}

static bool check_playbooks(struct setup *setup)
{
    const struct run_options *run = &setup->run;
    if (!setup->project.wanted) {
        return true;
    }
    for (size_t i = 0; i < run->playbook_count; i++) {
        if (!add_source(setup, "playbook", run->playbooks[i])) {
            return false;
        }
    }
    return add_config(setup) && check_states(setup, 0) && check_config(setup);
}

bool project_open(struct setup *setup, const struct common_args *args, struct texts *playbooks)
{
    str *paths = NEW_ARRAY(setup->arena, str, playbooks->count);
    str dir = STR_NONE;
    for (size_t i = 0; i < playbooks->count; i++) {
        paths[i] = playbooks->items[i];
        if (!git_source_is(paths[i])) {
            continue;
        }
        if (!setup_open_git(setup, args, &paths[i])) {
            return false;
        }
        dir = str_is_none(dir) ? path_dirname(paths[i]) : dir;
    }
    setup->run.playbooks = playbooks->items = paths;
    setup->run.playbook_count = playbooks->count;
    return (str_is_none(dir) || config_load(setup->arena, setup->diags, dir, &setup->config)) &&
           check_playbooks(setup);
}

static bool add_inventories(struct setup *setup)
{
    const struct run_options *run = &setup->run;
    for (size_t i = 0; i < run->inventory_count; i++) {
        str source = run->inventories[i];
        bool list = str_find_char(source, ',', 0) != STR_NPOS && !tree_exists(source);
        if (!list && !add_source(setup, "inventory", source)) {
            return false;
        }
    }
    return true;
}

/* Directories of roles, collections and modules that a setting names. */
static bool add_directories(struct setup *setup)
{
    static const enum setting settings[] = { SET_ROLES_PATH, SET_COLLECTIONS_PATH, SET_LIBRARY };
    for (size_t i = 0; i < ARRAY_LEN(settings) && !str_is_none(setup->project.signers); i++) {
        size_t count = 0;
        const str *paths = config_paths(&setup->config, setup->arena, settings[i], &count);
        bool set = !str_is_none(config_text(&setup->config, settings[i]));
        for (size_t k = 0; set && k < count; k++) {
            if (!add_beside(setup, paths[k])) {
                return false;
            }
        }
    }
    return true;
}

bool project_check(struct setup *setup)
{
    const struct git_states *states = &setup->project.states;
    struct strbuf text = strbuf_in(setup->arena);
    size_t known = states->len;
    if (!setup->project.wanted) {
        return true;
    }
    if (!add_inventories(setup) || !add_directories(setup) || !check_states(setup, known)) {
        return false;
    }
    for (size_t i = 0; i < states->len; i++) {
        describe(&text, &states->items[i]);
        if (setup->run.verbosity > 0) {
            tell(&states->items[i]);
        }
    }
    setup->output.project = strbuf_str(&text);
    return true;
}
