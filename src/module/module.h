/*
 * module.h - what a module is: a few small functions over its typed parameters. It observes and
 * plans; the engine applies. style: one file per module in modules/, ending with its table entry.
 *
 *   observe  asks read-only questions (remote/observe.h); called again until it asks nothing new
 *   plan     pure: parameters and answers -> typed changes (plan.h); NULL for a query
 *   next     optional: after the changes were applied, true to observe and plan once more (install,
 * then configure); `round` counts from 1 result   pure: -> the map that `register` gets; unknown
 * where only a real run can tell
 */
#pragma once
#include "module/param.h"
#include "module/plan.h"
#include "remote/observe.h"

struct module {
    const char *name; /* short: "copy" */
    const char *const
        *aliases;        /* further full names, NULL-terminated: "ansible.posix.synchronize" */
    const char *summary; /* one line */
    const char *example; /* YAML of a task; run as a test */
    const struct param *params;
    size_t params_size, state_size;
    bool free_form; /* "command: uptime": the text is given as parameter `_raw_params` */
    bool runner;    /* its plan is a command of the user */
    /* Checks that hold between parameters ("path is required for state=link"); NULL: none. Reports.
     */
    bool (*check)(struct diags *diags, span at, const void *params);
    void (*observe)(struct observer *obs, const void *params, void *ret_state);
    void (*plan)(struct plan *plan, const void *params, const void *state);
    bool (*next)(const void *params, const void *state, unsigned round);
    value (*result)(struct outcome *out, const void *params, const void *state);
};

/* By short name, "ansible.builtin.NAME", "ansible.legacy.NAME" or an alias; NULL: not known. */
const struct module *module_find(str name);
/* All, sorted by name. */
const struct module *const *module_all(size_t *ret_count);
