/* replace - put another text where a regular expression matches, all over a file. */
#include "base/strbuf.h"
#include "formats/pyregex.h"
#include "module/edit.h"
#include "module/module.h"

struct replace_params {
    str path, regexp, replace, after, before, validate, encoding;
    bool backup;
    struct file_params file;
};

static const struct param params[] = {
    PARAM(struct replace_params, path, .type = PARAM_PATH, .required = true,
          .aliases = ALIASES("dest", "destfile", "name"), .doc = "The file; a link is followed."),
    PARAM(struct replace_params, regexp, .type = PARAM_STR, .required = true,
          .doc = "What to replace; ^ and $ match at every line."),
    PARAM(struct replace_params, replace, .type = PARAM_STR, .fallback = "",
          .doc = "What to put there, with \\1 for groups; nothing when not given."),
    PARAM(struct replace_params, after, .type = PARAM_STR,
          .doc = "Only behind the first match of this expression."),
    PARAM(struct replace_params, before, .type = PARAM_STR,
          .doc = "Only before the first match of this expression."),
    PARAM(struct replace_params, backup, .type = PARAM_BOOL,
          .doc = "Keep a copy of what was there, with the time in its name."),
    PARAM(struct replace_params, validate, .type = PARAM_STR,
          .doc = "A command that checks the new file, given as %s, before it takes its place."),
    PARAM(struct replace_params, encoding, .type = PARAM_STR, .fallback = "utf-8",
          .doc = "Only utf-8; bytes that are none stay as they are."),
    FILE_PARAMS(struct replace_params, file),
    PARAM_END,
};

/* The part of the text between `after` and `before`; STR_NONE: it is the whole text. */
static str section_pattern(struct arena *arena, const struct replace_params *want)
{
    bool after = !str_is_none(want->after), before = !str_is_none(want->before);
    if (!after && !before) {
        return STR_NONE;
    }
    return str_format(arena, "%.*s(?P<subsection>.*%s)%.*s", SARG(want->after),
                      after && before ? "?" : "", SARG(want->before));
}

static bool replace_check(struct diags *diags, span at, const void *params_)
{
    const struct replace_params *want = params_;
    str section = section_pattern(diags->arena, want);
    if (!str_eq_nocase(want->encoding, S("utf-8")) && !str_eq_nocase(want->encoding, S("utf8"))) {
        diag_error(diags, at, "encoding '%.*s' is not supported, only utf-8", SARG(want->encoding));
        return false;
    }
    return pyregex_compile(diags->arena, diags, at, want->regexp, PYREGEX_MULTILINE) != NULL &&
           (str_is_none(section) ||
            pyregex_compile(diags->arena, diags, at, section, PYREGEX_DOTALL) != NULL);
}

static struct edit edit_of(const struct replace_params *want)
{
    return (struct edit){
        .path = want->path, .backup = want->backup, .validate = want->validate, .file = &want->file
    };
}

static void replace_observe(struct observer *obs, const void *params_, void *ret_state)
{
    struct edit edit = edit_of(params_);
    edit_observe(obs, &edit, ret_state);
}

/* ---- the edit ---- */

struct work {
    const struct replace_params *want;
    struct arena *arena;
    struct diags *diags;
    span at;  /* of the replacement, for a bad group in it */
    str text; /* before, then after the edit */
    size_t count;
    bool no_section; /* `after` and `before` do not match */
};

static bool find_section(struct work *work, size_t *ret_from, size_t *ret_to)
{
    str pattern = section_pattern(work->arena, work->want);
    struct pyregex_match match;
    bool found;
    *ret_from = 0;
    *ret_to = work->text.len;
    if (str_is_none(pattern)) {
        return true;
    }
    struct pyregex *regex =
        pyregex_compile(work->arena, work->diags, work->at, pattern, PYREGEX_DOTALL);
    if (!pyregex_exec(regex, work->arena, work->diags, work->text, 0, PYREGEX_SEARCH, &found,
                      &match)) {
        return false;
    }
    work->no_section = !found;
    if (found) {
        const struct pyregex_group *group =
            &match.groups[pyregex_group_index(regex, S("subsection"))];
        *ret_from = group->from;
        *ret_to = group->to;
    }
    return true;
}

/* False after a diagnostic. */
static bool replace_all(struct work *work)
{
    size_t from, to;
    str after;
    if (!find_section(work, &from, &to)) {
        return false;
    }
    if (work->no_section) {
        return true;
    }
    struct pyregex *regex =
        pyregex_compile(work->arena, work->diags, work->at, work->want->regexp, PYREGEX_MULTILINE);
    if (!pyregex_sub(regex, work->arena, work->diags, work->at, work->want->replace,
                     str_part(work->text, from, to), 0, &after, &work->count)) {
        return false;
    }
    work->text = str_format(work->arena, "%.*s%.*s%.*s", SARG(str_part(work->text, 0, from)),
                            SARG(after), SARG(str_part(work->text, to, work->text.len)));
    return true;
}

/* ---- plan and result ---- */

static void replace_plan(struct plan *plan, const void *params_, const void *state_)
{
    const struct replace_params *want = params_;
    const struct edit_state *have = state_;
    struct edit edit = edit_of(want);
    struct work work = { .want = want,
                         .arena = plan_arena(plan),
                         .diags = plan_diags(plan),
                         .at = plan_place(plan, "replace"),
                         .text = edit_text(have) };
    if (!edit_possible(plan, &edit, have)) {
        return;
    }
    if (!replace_all(&work)) {
        plan_reject(plan);
    } else if (!work.no_section) {
        edit_plan(plan, &edit, have, work.text);
    }
}

static value replace_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct replace_params *want = params_;
    const struct edit_state *have = state_;
    struct edit edit = edit_of(want);
    struct arena *arena = outcome_arena(out);
    struct map_builder map = map_in(arena);
    struct work work = {
        .want = want, .arena = arena, .diags = outcome_diags(out), .text = edit_text(have)
    };
    bool changed = replace_all(&work) && !str_eq(work.text, edit_text(have));
    str message = !work.no_section && !changed ? STR_EMPTY
                  : work.no_section
                      ? str_format(arena,
                                   "Pattern for before/after params did not match the given file: "
                                   "%.*s",
                                   SARG(section_pattern(arena, want)))
                      : str_format(arena, "%zu replacements made", work.count);
    edit_result(out, &edit, have, changed, message, &map);
    map_set_str(&map, S("rc"), value_int(0));
    return map_seal(&map);
}

const struct module module_replace = {
    .name = "replace",
    .summary = "Put another text where a regular expression matches",
    .example = "- replace: { path: /etc/hosts, regexp: '\\bold\\b', replace: new }\n",
    .params = params,
    .params_size = sizeof(struct replace_params),
    .state_size = sizeof(struct edit_state),
    .check = replace_check,
    .observe = replace_observe,
    .plan = replace_plan,
    .result = replace_result,
};
