/*
 * connect_names.h - the names that `connection:`, ansible_connection and -c take, and those of the
 * variables that connections are made of.
 */
#pragma once
#include "transport/transport.h"

/*
 * The kind of a connection by its name, short or with a collection ("docker",
 * "community.docker.docker"). Sets ret->kind, and ret->exec.kind where a program makes the
 * connection. False, with a diagnostic at `at`: not supported, or unknown.
 */
bool connection_kind_of(struct diags *diags, span at, str name, struct connection_options *ret);

/*
 * Whether a variable tells how hosts are reached, and as whom: ansible_port, ansible_docker_user,
 * ansible_become_exe. Those of connections that are not supported count, and names that are not
 * used yet. Facts such as ansible_ssh_host_key_rsa_public and ansible_docker_gwbridge do not.
 */
bool connection_uses(str variable);

/* The variable of connections that one was probably meant to be: "ansible_port" for "ansible_prot".
 * STR_NONE: it is one, or none is near. */
str connection_variable_meant(struct arena *arena, str variable);
