/*
 * actions.h - the entries of the table of actions (table.c), one a file, and what their files
 * share.
 */
#pragma once
#include "engine/action.h"

extern const struct engine_action action_add_host;
extern const struct engine_action action_assert;
extern const struct engine_action action_debug;
extern const struct engine_action action_fail;
extern const struct engine_action action_fetch;
extern const struct engine_action action_group_by;
extern const struct engine_action action_include_role;
extern const struct engine_action action_include_tasks;
extern const struct engine_action action_include_vars;
extern const struct engine_action action_meta;
extern const struct engine_action action_pause;
extern const struct engine_action action_reboot;
extern const struct engine_action action_set_fact;
extern const struct engine_action action_set_stats;
extern const struct engine_action action_validate_argument_spec;
extern const struct engine_action action_wait_for;
extern const struct engine_action action_wait_for_connection;

/* A result with `changed` and one text. */
value action_result(struct arena *arena, bool changed, str key, value v);
