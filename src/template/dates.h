/* dates.h - dates and times in templates: now(), to_datetime, strftime, differences. */
#pragma once
#include "formats/datetime.h"
#include "template/core.h"

extern const struct object_type timedelta_type; /* data: struct timedelta */

struct timedelta { /* Python's: 0 <= seconds < 86400, 0 <= microseconds < 1000000 */
    int64_t days, seconds, microseconds;
};

/* Attributes of dates and differences; undefined for anything else. */
value date_attribute(struct arena *arena, value v, str name);
/* The C library's strftime, with %f. */
str date_format(struct arena *arena, const struct datetime *when, str format);
/* Seconds since 1970, `utc` or in the zone of this machine. */
struct datetime date_from_epoch(double seconds, bool utc);
/* strptime.c: all of a text by Python's directives, in the C locale. False: it is not of that form,
 * or there is no such day. */
bool datetime_parse(struct arena *arena, str text, str format, struct datetime *ret);
