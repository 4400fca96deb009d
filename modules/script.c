/*
 * script - run a script of the controller on the host.
 *
 * It goes to a directory of its own there, which nobody else can enter and which is removed
 * afterwards, whatever happens. A directory in which programs may be executed is preferred; where
 * there is none (noexec), the interpreter that the script names runs it, as the kernel would.
 */
#include "base/path.h"
#include "base/strbuf.h"
#include "module/module.h"
#include "module/runner.h"

struct script_params {
    struct source_line line;
    str chdir, creates, removes, executable;
};

static const struct param params[] = {
    PARAM_NAMED(struct script_params, line, "_raw_params", .type = PARAM_SOURCE_LINE,
                .decrypt_if = "decrypt", .required = true, .aliases = ALIASES("cmd"),
                .doc = "The script, looked for in files/ of the role and the playbook, and its "
                       "arguments, which a shell of the host reads."),
    PARAM(struct script_params, creates, .type = PARAM_PATH, .relative = true,
          .doc = "A path or pattern; the script is not run when it exists."),
    PARAM(struct script_params, removes, .type = PARAM_PATH, .relative = true,
          .doc = "A path or pattern; the script is run only when it exists."),
    PARAM(struct script_params, chdir, .type = PARAM_PATH, .relative = true,
          .doc = "The directory to run it in; an absolute path."),
    PARAM(struct script_params, executable, .type = PARAM_STR,
          .doc = "What to run the script with, instead of what its first line names."),
    PARAM_IGNORED("warn", "Without effect: there are no such warnings."),
    PARAM_IGNORED("decrypt", "Decrypt the source when it is a vault file; the default."),
    PARAM_END,
};

struct script_state {
    struct guard_state guard;
    struct user_entry login;
    str token; /* of the directory's name */
};

static bool script_check(struct diags *diags, span at, const void *params_)
{
    const struct script_params *want = params_;
    const struct source_file *file = &want->line.file;
    if (!file->given) {
        diag_error(diags, at, "'script' has no script to run");
        return false;
    }
    if (file->is_directory) {
        diag_error(diags, at, "'%.*s' is a directory, not a script", SARG(file->path));
        return false;
    }
    if (!str_is_none(want->chdir) && !path_is_absolute(want->chdir)) {
        diag_error(diags, at, "chdir '%.*s' must be an absolute path", SARG(want->chdir));
        return false;
    }
    return true;
}

static struct guard guard_of(const struct script_params *want)
{
    return (struct guard){ want->creates, want->removes, STR_NONE };
}

static void script_observe(struct observer *obs, const void *params_, void *ret_state)
{
    const struct script_params *want = params_;
    struct script_state *have = ret_state;
    struct guard guard = guard_of(want);
    guard_observe(obs, &guard, &have->guard);
    observe_login(obs, &have->login);
    have->token = observe_token(obs, 12);
}

/* ---- on the host ---- */

/*
 * The arguments: the script's name, the token, directories. Finds one for it, in h__t its path;
 * h__x tells that it can be executed there, which an empty program finds out (the shell runs such a
 * one itself). Then takes the script from standard input. Without h__x its first line tells what
 * runs it: h__i and, all in one, h__a. The names are such that the user's line will not mean them.
 */
static const char prepare[] =
    "h__n=$1 h__k=$2 h__t= h__x= h__l=\n"
    "shift 2\n"
    "for h__d do h__d=${h__d%/}/.hostler-$h__k h__f=$h__d/$h__n\n"
    "mkdir -m 700 \"$h__d\" 2>/dev/null || continue\n"
    "if { true >\"$h__f\"; } 2>/dev/null && chmod 700 \"$h__f\"; then\n"
    "if \"$h__f\" </dev/null 2>/dev/null; then\n"
    "[ -z \"$h__t\" ] || rm -rf \"${h__t%/*}\"; h__t=$h__f h__x=1; break; fi\n"
    "[ \"$h__t\" ] || { h__t=$h__f; continue; }; fi\n"
    "rm -rf \"$h__d\"; done\n"
    "set --\n"
    "if [ -z \"$h__t\" ]; then echo 'no directory for the script' >&2; exit 126; fi\n"
    "trap 'rm -rf \"${h__t%/*}\"; exit 143' HUP INT TERM\n"
    "cat >\"$h__t\" || { rm -rf \"${h__t%/*}\"; exit 126; }\n"
    "h__i= h__a=\n"
    "[ \"$h__x\" ] || { IFS= read -r h__l || :; } <\"$h__t\"\n"
    "case $h__l in '#!'*) h__l=${h__l#'#!'}; h__l=${h__l#\"${h__l%%[! \t]*}\"}\n"
    "h__i=${h__l%%[ \t]*} h__a=${h__l#\"$h__i\"}; h__a=${h__a#\"${h__a%%[! \t]*}\"};; esac\n"
    "h__run() { if [ \"$h__x\" ]; then \"$h__t\" \"$@\"\n"
    "elif [ \"$h__i\" ]; then \"$h__i\" ${h__a:+\"$h__a\"} \"$h__t\" \"$@\"\n"
    "else /bin/sh \"$h__t\" \"$@\"; fi; }\n";

static const char finish[] = "\n) </dev/null\n"
                             "h__e=$?; rm -rf \"${h__t%/*}\"; exit $h__e\n";

/* Where the script may go, the best first. */
#define PLACES 4
static void places_of(const struct script_state *have, str ret[PLACES])
{
    ret[0] = S("/tmp");
    ret[1] = S("/var/tmp");
    ret[2] = user_home(&have->login);
    ret[3] = S("/dev/shm");
}

static str program_text(struct arena *arena, const struct script_params *want)
{
    struct strbuf text = strbuf_in(arena);
    strbuf_addf(&text, "%s(\n", prepare);
    if (want->executable.len > 0) {
        strbuf_addf(&text, "%.*s \"$h__t\"", SARG(want->executable));
    } else {
        strbuf_add(&text, S("h__run"));
    }
    strbuf_add(&text, want->line.rest);
    strbuf_add(&text, str_of(finish));
    return strbuf_str(&text);
}

#define WORDS (6 + PLACES)
static const str *program_of(struct arena *arena, const struct script_params *want,
                             const struct script_state *have)
{
    str *words = NEW_ARRAY(arena, str, WORDS);
    words[0] = words[3] = S("/bin/sh");
    words[1] = S("-c");
    words[2] = program_text(arena, want);
    words[4] = path_basename(want->line.file.path);
    words[5] = have->token;
    places_of(have, words + 6);
    return words;
}

/* What is there while it runs: in each place, the file and its directory. */
static struct path_list leftovers_of(struct arena *arena, const struct script_params *want,
                                     const struct script_state *have)
{
    str places[PLACES], *paths = NEW_ARRAY(arena, str, 2 * PLACES);
    str name = str_concat(arena, S(".hostler-"), have->token);
    places_of(have, places);
    for (size_t i = 0; i < PLACES; i++) {
        str dir = path_join(arena, places[i], name);
        paths[2 * i] = path_join(arena, dir, path_basename(want->line.file.path));
        paths[2 * i + 1] = dir;
    }
    return (struct path_list){ paths, 2 * PLACES };
}

/* ---- the module ---- */

static void script_plan(struct plan *plan, const void *params_, const void *state_)
{
    const struct script_params *want = params_;
    const struct script_state *have = state_;
    const struct content *content = &want->line.file.content;
    struct arena *arena = plan_arena(plan);
    struct guard guard = guard_of(want);
    if (!str_is_none(guard_reason(&guard, &have->guard).path)) {
        return;
    }
    bool here = content->kind == CONTENT_CONTROLLER;
    struct path_list left = leftovers_of(arena, want, have);
    struct command command = {
        .argv = program_of(arena, want, have),
        .argc = WORDS,
        .chdir = want->chdir,
        .stdin_text = here ? STR_NONE : value_as_str(content->bytes),
        .stdin_path = here ? content->path : STR_NONE,
        .stdin_size = content->size,
        .leftovers = left.paths,
        .leftover_count = left.count,
    };
    struct path_list paths = guard_paths(arena, &guard, &want->line.rest, 1);
    plan_command(plan, &command, paths.paths, paths.count);
}

/* Unlike a command, a script that its guard keeps from running counts as skipped. */
static value kept(struct outcome *out, struct guard_reason reason)
{
    outcome_skip(out, "%.*s %s, matching %s option", SARG(reason.path),
                 reason.exists ? "exists" : "does not exist",
                 reason.exists ? "creates" : "removes");
    return map_of(out, "changed", value_bool(false), NULL);
}

static value script_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct script_params *want = params_;
    const struct script_state *have = state_;
    struct guard guard = guard_of(want);
    struct guard_reason reason = guard_reason(&guard, &have->guard);
    if (!str_is_none(reason.path)) {
        return kept(out, reason);
    }
    return runner_result(
        out, &(struct runner_options){
                 .reason = reason,
                 .guarded = (!str_is_none(want->creates) || !str_is_none(want->removes)) &&
                            !guard_unknown(&have->guard),
                 .keep_empty = true,
                 .bare = true,
             });
}

const struct module module_script = {
    .name = "script",
    .summary = "Run a script of the controller on the host",
    .example = "- script: setup.sh --all\n  args: { creates: /etc/is-set-up }\n",
    .params = params,
    .params_size = sizeof(struct script_params),
    .state_size = sizeof(struct script_state),
    .free_form = true,
    .runner = true,
    .check = script_check,
    .observe = script_observe,
    .plan = script_plan,
    .result = script_result,
};
