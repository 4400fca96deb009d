/*
 * constants.h - the settings by the names that lookup('config') knows them by, DEFAULT_FORKS and
 * the like, as values.
 */
#pragma once
#include "cli/config.h"

/* A map of all that Ansible has a name for. Where a word is of the wrong type the row's own stands;
 * that is told by those who use the setting. */
value config_constants(struct arena *arena, const struct config *config);
