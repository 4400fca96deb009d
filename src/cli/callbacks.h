/*
 * callbacks.h - Ansible's settings about output, by the names of its callback plugins, as options
 * of ours. Plugins that there are not here are named once, in a warning.
 */
#pragma once
#include "cli/config.h"
#include "cli/output.h"

/* stdout_callback, callbacks_enabled and their options. check: it is a dry run. */
void callbacks_apply(const struct config *config, struct diags *diags, bool check,
                     struct output_options *output);
