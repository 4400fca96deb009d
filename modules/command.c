/* command - run a program, without a shell. */
#include "base/expandvars.h"
#include "base/words.h"
#include "module/module.h"
#include "module/runner.h"

struct command_params {
    str free, cmd;
    struct str_list argv;
    str chdir, creates, removes;
    value input;
    bool stdin_add_newline, strip_empty_ends, expand;
};

static const struct param params[] = {
    PARAM_NAMED(struct command_params, free, "_raw_params", .type = PARAM_STR,
                .doc = "The command line as free text."),
    PARAM(struct command_params, cmd, .type = PARAM_STR, .doc = "The command line."),
    PARAM(struct command_params, argv, .type = PARAM_LIST,
          .doc = "The command as a list: the program, then its arguments, as they are."),
    PARAM(struct command_params, chdir, .type = PARAM_PATH, .doc = "The directory to run it in."),
    PARAM(struct command_params, creates, .type = PARAM_PATH, .relative = true,
          .doc = "A path or pattern; the command is not run when it exists."),
    PARAM(struct command_params, removes, .type = PARAM_PATH, .relative = true,
          .doc = "A path or pattern; the command is run only when it exists."),
    PARAM_NAMED(struct command_params, input, "stdin", .type = PARAM_TEXT,
                .doc = "Text for the command's standard input; it is empty otherwise."),
    PARAM(struct command_params, stdin_add_newline, .type = PARAM_BOOL, .fallback = "yes",
          .doc = "End the standard input with a line end."),
    PARAM(struct command_params, strip_empty_ends, .type = PARAM_BOOL, .fallback = "yes",
          .doc = "Take line ends at the end of the output away."),
    PARAM_NAMED(struct command_params, expand, "expand_argument_vars", .type = PARAM_BOOL,
                .fallback = "yes", .doc = "Put variables of the environment ($HOME) and ~ in."),
    PARAM_IGNORED("executable", "Without effect: no shell is used."),
    PARAM_IGNORED("warn", "Without effect: there are no such warnings."),
    PARAM_END,
};

struct command_state {
    struct words words;    /* as written */
    struct words expanded; /* with variables and ~ put in */
    value environment;
    struct user_entry login;
    struct guard_state guard;
};

static bool command_check(struct diags *diags, span at, const void *params_)
{
    const struct command_params *want = params_;
    unsigned given = !str_is_none(want->free) + !str_is_none(want->cmd) + want->argv.given;
    if (given == 0 || (want->argv.given && want->argv.count == 0)) {
        diag_error(diags, at, "'command' has no command to run");
        return false;
    }
    if (given > 1) {
        diag_error(diags, at, "give the command once: as free text, as 'cmd' or as 'argv'");
        return false;
    }
    struct words words;
    str text = str_is_none(want->free) ? want->cmd : want->free;
    if (!want->argv.given && !words_split(diags->arena, text, &words)) {
        struct diag *diag = diag_error(diags, at,
                                       "the command cannot be split into words: a quote "
                                       "is not closed, or it ends in a backslash");
        diag_hint(diag, "give a list as 'argv'");
        return false;
    }
    if (!want->argv.given && words.count == 0) {
        diag_error(diags, at, "'command' has no command to run");
        return false;
    }
    return true;
}

static struct guard guard_of(const struct command_params *want)
{
    return (struct guard){ want->creates, want->removes, want->chdir };
}

static struct words words_of(struct arena *arena, const struct command_params *want)
{
    struct words words = { want->argv.items, want->argv.count };
    if (!want->argv.given) {
        /* what cannot be split was refused by command_check() */
        (void)words_split(arena, str_is_none(want->free) ? want->cmd : want->free, &words);
    }
    return words;
}

static bool needs_environment(const struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        if (str_find_char(words->items[i], '$', 0) != STR_NPOS) {
            return true;
        }
    }
    return false;
}

static bool needs_home(const struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        str word = words->items[i];
        if (str_eq(word, S("~")) || str_starts(word, S("~/"))) {
            return true;
        }
    }
    return false;
}

static void expand_words(struct arena *arena, struct command_state *have)
{
    str *words = NEW_ARRAY(arena, str, have->words.count + 1);
    for (size_t i = 0; i < have->words.count; i++) {
        words[i] = expandvars(arena, have->words.items[i], &have->environment);
        if (str_eq(words[i], S("~")) || str_starts(words[i], S("~/"))) {
            words[i] = str_concat(arena, have->login.home, str_part(words[i], 1, words[i].len));
        }
    }
    have->expanded.items = words;
}

static void command_observe(struct observer *obs, const void *params_, void *ret_state)
{
    const struct command_params *want = params_;
    struct command_state *have = ret_state;
    struct guard guard = guard_of(want);
    have->words = words_of(observe_arena(obs), want);
    have->expanded = have->words;
    bool environment = want->expand && needs_environment(&have->words);
    bool home = want->expand && needs_home(&have->words);
    guard_observe(obs, &guard, &have->guard);
    if (environment) {
        observe_environment(obs, &have->environment);
    }
    if (home) {
        observe_login(obs, &have->login);
    }
    if (observe_ready(obs) && (environment || home)) {
        expand_words(observe_arena(obs), have);
    }
}

static void command_plan(struct plan *plan, const void *params_, const void *state_)
{
    const struct command_params *want = params_;
    const struct command_state *have = state_;
    struct guard guard = guard_of(want);
    if (!str_is_none(guard_reason(&guard, &have->guard).path)) {
        return;
    }
    struct command command = {
        .argv = have->expanded.items,
        .argc = have->expanded.count,
        .chdir = want->chdir,
        .stdin_text = runner_input(plan_arena(plan), want->input, want->stdin_add_newline),
    };
    struct path_list paths =
        guard_paths(plan_arena(plan), &guard, have->expanded.items + 1, have->expanded.count - 1);
    plan_command(plan, &command, paths.paths, paths.count);
}

static value words_value(struct arena *arena, const struct words *words)
{
    struct list_builder list = list_in(arena);
    for (size_t i = 0; i < words->count; i++) {
        list_add(&list, value_str(arena, words->items[i]));
    }
    return list_seal(&list);
}

static value command_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct command_params *want = params_;
    const struct command_state *have = state_;
    struct guard guard = guard_of(want);
    return runner_result(
        out, &(struct runner_options){
                 .cmd = words_value(outcome_arena(out), &have->words),
                 .reason = guard_reason(&guard, &have->guard),
                 .guarded = (!str_is_none(want->creates) || !str_is_none(want->removes)) &&
                            !guard_unknown(&have->guard),
                 .keep_empty = !want->strip_empty_ends,
             });
}

const struct module module_command = {
    .name = "command",
    .summary = "Run a program, without a shell",
    .example = "- command: tar xf /srv/site.tar -C /srv\n  args: { creates: /srv/site }\n",
    .params = params,
    .params_size = sizeof(struct command_params),
    .state_size = sizeof(struct command_state),
    .free_form = true,
    .runner = true,
    .check = command_check,
    .observe = command_observe,
    .plan = command_plan,
    .result = command_result,
};
