/* format.h - Python's ways to format: '%s' % x, '{}'.format(x), format specifications. */
#pragma once
#include "template/core.h"

NODISCARD bool format_percent(struct render *r, value format, value args, span at, value *ret);
NODISCARD bool format_braces(struct render *r, value format, const struct call_args *args,
                             value *ret);
/* format(v, spec): fill, alignment, sign, width, grouping, precision, type. */
NODISCARD bool format_value(struct render *r, value v, str spec, span at, struct textbuf *out);
/* A float in the style of C's %e, %f, %g (upper case too), with Python's names for inf and nan. */
str format_float(struct arena *arena, double d, char type, int precision, bool alternate);
