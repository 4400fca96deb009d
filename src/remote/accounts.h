/*
 * accounts.h - which commands and changes concern the accounts of users: users, groups, and who may
 * become whom. Shells that idle as other users stand in their way (userdel fails while the user has
 * a process) and would not notice (the groups of a process are those of its start).
 */
#pragma once
#include "remote/change.h"

/* By the names in it: a word too many costs the shells of other users, which open again. */
bool command_concerns_accounts(const struct command *command);
bool changes_concern_accounts(const struct change *changes, size_t count);
