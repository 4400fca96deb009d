/*
 * params.h - what some types of parameters need from the engine: files searched on the controller,
 * templates rendered, paths expanded on the host.
 */
#pragma once
#include "base/strbuf.h"
#include "engine/item.h"

struct params_source {
    struct item *item;
    struct remote *remote;
    const struct remote_context *context;
    struct overlay *overlay;
    str relative_to; /* as in struct param_hooks */
};

struct param_hooks params_hooks(struct params_source *source); /* `source` must live as long */

/* Before it is the task's turn: files and templates are named and not read, and `~` leads to where
 * it led last. False for a path that nobody has expanded yet. */
struct params_guess {
    const struct run_host *host;
    str user;               /* as whom the task runs; STR_NONE: who logs in */
    struct observer *paths; /* what the paths need to be asked */
};
struct param_hooks params_hooks_tentative(struct params_guess *guess); /* must live as long */

/* The first of PATH/SUBDIR/NAME and PATH/NAME that exists, over the evaluation's search paths; a
 * hidden list of where was looked goes into the report otherwise. */
bool search_file(struct eval *eval, value name, str subdir, const char *what, str *ret_path);
