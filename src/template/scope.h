/*
 * scope.h - the variables of a scope by name, for the rooms above: settings of a connection,
 * `vars`, `hostvars`.
 */
#pragma once
#include "template/template.h"

/* Whether a name is given at all; nothing is evaluated. */
bool scope_has(const struct scope *scope, str name);

/* A variable, evaluated; *ret undefined when there is none. False after a diagnostic. */
NODISCARD bool scope_get(struct eval *eval, str name, value *ret);

/* All variables of a scope as an object whose values are evaluated when they are used. The scope
 * must live as long as the arena. */
value scope_object(struct arena *arena, struct scope *scope);
