/* version.h - the test `version`: loose, strict, semantic and PEP 440 versions. */
#pragma once
#include "template/core.h"

/* The body of the test: compares call->input with args[0] by args[1]. */
bool version_test(struct call *call, value *ret);
/* Loose versions: <0, 0, >0; false after a diagnostic when a number meets a word. */
NODISCARD bool compare_loose(struct call *call, str a, str b, int *ret);
