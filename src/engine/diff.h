/*
 * diff.h - a change as a unified diff, in the form Ansible draws it. Secret bytes are masked;
 * content that is secret as a whole, binary or larger than 16 MiB is told by size and digest.
 */
#pragma once
#include "remote/change.h"

void diff_add(struct strbuf *out, const struct change *change);
