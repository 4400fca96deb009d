/*
 * project.c - see project.h.
 */
#include "cli/project.h"

#include "base/path.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "inventory/git_source.h"
#include "inventory/git_state.h"

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
    return str_is_none(dir) || config_load(setup->arena, setup->diags, dir, &setup->config);
}

/* ---- repositories ---- */

struct states {
    struct git_state *items;
    size_t len, cap;
};

static bool is_known(const struct states *states, str top)
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

/* What is in no repository, or in one that cannot be read, only matters where one is needed. */
static bool add_state(struct setup *setup, const char *what, str path, struct states *states)
{
    struct git_state state;
    const struct project_rules *rules = &setup->project;
    if (!git_state_of(setup->arena, path, &state)) {
        if (is_asked(rules)) {
            diag_hint(diag_error(setup->diags, SPAN_NONE, "%s '%.*s' is in no git repository", what,
                                 SARG(path)),
                      "%s asks for one",
                      rules->require_clean ? "--require-clean" : "--require-signed");
        }
        return !is_asked(rules);
    }
    if (is_known(states, state.top)) {
        return true;
    }
    *VEC_PUSH(setup->arena, states) = state;
    if (str_is_none(state.problem)) {
        return true;
    }
    static const char words[] = "cannot read repository '%.*s': %.*s";
    struct diag *diag =
        is_asked(rules)
            ? diag_error(setup->diags, SPAN_NONE, words, SARG(state.top), SARG(state.problem))
            : diag_warning(setup->diags, SPAN_NONE, words, SARG(state.top), SARG(state.problem));
    diag_note(diag, SPAN_NONE, "so it is not known whether all that is played is committed");
    return !is_asked(rules);
}

static bool find_states(struct setup *setup, struct states *states)
{
    const struct run_options *run = &setup->run;
    for (size_t i = 0; i < run->playbook_count; i++) {
        if (!add_state(setup, "playbook", run->playbooks[i], states)) {
            return false;
        }
    }
    for (size_t i = 0; i < run->inventory_count; i++) {
        str source = run->inventories[i];
        bool list = str_find_char(source, ',', 0) != STR_NPOS && !tree_exists(source);
        if (!list && !add_state(setup, "inventory", source, states)) {
            return false;
        }
    }
    return true;
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

bool project_check(struct setup *setup)
{
    struct project_rules *rules = &setup->project;
    bool sign = !str_is_none(rules->signers);
    struct states states = { 0 };
    struct strbuf text = strbuf_in(setup->arena);
    if (!rules->wanted) {
        return true;
    }
    if (!find_states(setup, &states)) {
        return false;
    }
    for (size_t i = 0; i < states.len; i++) {
        const struct git_state *state = &states.items[i];
        if (((rules->require_clean || sign) && !check_clean(setup, state)) ||
            (sign && !git_state_is_signed(setup->arena, setup->diags, state, rules->signers))) {
            return false;
        }
        describe(&text, state);
        if (setup->run.verbosity > 0) {
            tell(state);
        }
    }
    setup->output.project = strbuf_str(&text);
    return true;
}
