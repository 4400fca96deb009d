/*
 * project.h - the project that a run is of: where its playbooks come from, and what is known of
 * their repositories.
 */
#pragma once
#include "cli/command.h"

/*
 * Playbooks at a revision (git:...) become paths of their mounted trees; the first of them brings
 * the ansible.cfg of its tree. What --require-clean and --require-signed ask is asked of the
 * repositories of playbooks and configuration here, before a setting of theirs can start a program.
 * To be called before setup_common(). False after a diagnostic.
 */
bool project_open(struct setup *setup, const struct common_args *args, struct texts *playbooks);

/*
 * The same of those of inventories, and what the run tells of all. To be called when inventories
 * are known, before anything of them is used. False after a diagnostic.
 */
bool project_check(struct setup *setup);
