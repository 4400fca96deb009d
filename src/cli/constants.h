/*
 * constants.h - the settings by the names that lookup('config') knows them by, DEFAULT_FORKS and
 * the like, as values.
 */
#pragma once
#include "cli/config.h"

/* A map of all that Ansible has a name for. A word of the wrong type is reported; the row's own
 * then stands. */
value config_constants(struct arena *arena, struct diags *diags, const struct config *config);
