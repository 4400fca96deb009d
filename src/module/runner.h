/*
 * runner.h - what modules that run a user's command share: guards (creates, removes), the paths
 * that become unknown when a dry run leaves the command out, and the result.
 */
#pragma once
#include "module/plan.h"

/* creates= and removes=: patterns of the shell; relative ones start at `chdir`. */
struct guard {
    str creates, removes, chdir; /* STR_NONE: not given */
};
struct guard_state {
    struct guard_answer {
        bool exists;
        bool unknown; /* a dry run: a command that was not run may have made or removed it */
    } created, removed;
    struct user_entry login; /* for relative patterns without a chdir */
};
void guard_observe(struct observer *obs, const struct guard *guard, struct guard_state *ret);
/* Why the command is not run: what is there, or is not. Path STR_NONE: it is run. */
struct guard_reason {
    str path; /* as written */
    bool exists;
};
struct guard_reason guard_reason(const struct guard *guard, const struct guard_state *state);
/* A dry run cannot tell whether the command would be run. */
bool guard_unknown(const struct guard_state *state);

/* What a command that is not run may have made or removed: absolute paths named in its words, but
 * for those below /dev, and those of its guard. */
struct path_list guard_paths(struct arena *arena, const struct guard *guard, const str *words,
                             size_t count);

/* Text for standard input; STR_NONE when `input` is not given. */
str runner_input(struct arena *arena, value input, bool add_newline);

/*
 * The result that `register` gets: cmd, rc, stdout, stderr, their lines, start, end, delta, msg.
 * Fails the outcome when rc is not 0 or nothing could be started; in a dry run without a guard it
 * is skipped. cmd: a list of words or a text.
 */
struct runner_options {
    value cmd;
    struct guard_reason reason;
    bool guarded;    /* creates or removes was given, and is known: a dry run tells "changed" */
    bool keep_empty; /* line ends at the end of the output are kept */
    bool bare;       /* raw, script: no cmd, start, end, delta and msg, as in Ansible */
};
value runner_result(struct outcome *out, const struct runner_options *options);
