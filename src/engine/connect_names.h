/*
 * connect_names.h - the names that `connection:`, ansible_connection and -c take.
 */
#pragma once
#include "transport/transport.h"

/*
 * The kind of a connection by its name, short or with a collection ("docker",
 * "community.docker.docker"). Sets ret->kind, and ret->exec.kind where a program makes the
 * connection. False, with a diagnostic at `at`: not supported, or unknown.
 */
bool connection_kind_of(struct diags *diags, span at, str name, struct connection_options *ret);
