/*
 * datetime.h - dates and times, as YAML's timestamps give them: Python's datetime.date and
 * datetime.datetime. They print as Python prints them.
 */
#pragma once
#include <time.h>

#include "base/value.h"

extern const struct object_type date_type;     /* "date": data is struct datetime */
extern const struct object_type datetime_type; /* "datetime": data is struct datetime */

struct datetime {
    int year;                 /* 1 to 9999 */
    int month, day;           /* from 1 */
    int hour, minute, second; /* second: 0 to 59 */
    int microsecond;
    bool has_zone;
    int zone; /* minutes east of Greenwich, -1439 to 1439 */
};

/* A value of date_type or datetime_type; *dt is copied. */
value value_date(struct arena *arena, const struct datetime *dt);
value value_datetime(struct arena *arena, const struct datetime *dt);
bool value_as_datetime(value v, struct datetime *ret); /* of either type; false for anything else */

struct datetime datetime_local(struct timespec when); /* on this machine's clock, without a zone */
bool datetime_valid(const struct datetime *dt);       /* whether there is such a day and time */
int64_t datetime_days(int year, int month, int day);  /* since 1970-01-01 */

/* Python's isoformat(): 2001-12-14, 2001-12-14T21:59:43.100000+01:00; `separator` instead of the T.
 */
str datetime_iso(struct arena *arena, value v, char separator);
