/*
 * project.h - the project that a run is of: where its playbooks come from.
 */
#pragma once
#include "cli/command.h"

/* Playbooks at a revision (git:...) become paths of their mounted trees; the first of them brings
 * the ansible.cfg of its tree. To be called before setup_common(). False after a diagnostic. */
bool project_open(struct setup *setup, struct texts *playbooks);
