/*
 * config_secrets.h - what of ansible.cfg may be shown. Passwords do not belong there, and are there
 * all the same: as settings of become, tokens of servers, in addresses.
 */
#pragma once
#include "base/arena.h"

/* The text of a file, with '*' for each byte of a secret: places in one are places in the other. A
 * secret is the value of a key that is called one, in a comment too, and what stands before the
 * '@' of an address but for the name of a user. */
str config_without_secrets(struct arena *arena, str text);

/* The value of a setting, with "********" for what of addresses is secret. */
str config_value_shown(struct arena *arena, str text);
