/*
 * project.h - the project that a run is of: where its playbooks come from, and what is known of
 * their repositories.
 */
#pragma once
#include "cli/command.h"

/* Playbooks at a revision (git:...) become paths of their mounted trees; the first of them brings
 * the ansible.cfg of its tree. To be called before setup_common(). False after a diagnostic. */
bool project_open(struct setup *setup, const struct common_args *args, struct texts *playbooks);

/*
 * What --require-clean and --require-signed ask of the repositories that playbooks and inventories
 * are read from, and what the run tells of them. To be called when inventories are known, before
 * anything of the project is used. False after a diagnostic.
 */
bool project_check(struct setup *setup);
