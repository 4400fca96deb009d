/*
 * datetime.c - Python's date and datetime.
 */
#include "formats/datetime.h"

#include "base/bug.h"
#include "base/strbuf.h"

int64_t datetime_days(int year, int month, int day)
{
    /* Years that begin in March: the leap day is the last of its year, and the days before a month
     * follow from a line through the lengths 31 30 31 30 31. */
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = (month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

struct datetime datetime_local(struct timespec when)
{
    struct tm parts;
    localtime_r(&when.tv_sec, &parts);
    return (struct datetime){
        .year = parts.tm_year + 1900,
        .month = parts.tm_mon + 1,
        .day = parts.tm_mday,
        .hour = parts.tm_hour,
        .minute = parts.tm_min,
        .second = parts.tm_sec,
        .microsecond = (int)(when.tv_nsec / 1000),
    };
}

bool datetime_valid(const struct datetime *dt)
{
    return dt->year >= 1 && dt->year <= 9999 && dt->month >= 1 && dt->month <= 12 && dt->day >= 1 &&
           dt->day <= days_in_month(dt->year, dt->month) && dt->hour >= 0 && dt->hour <= 23 &&
           dt->minute >= 0 && dt->minute <= 59 && dt->second >= 0 && dt->second <= 59 &&
           dt->zone > -1440 && dt->zone < 1440;
}

static void add_date(struct strbuf *out, const struct datetime *dt)
{
    strbuf_addf(out, "%04d-%02d-%02d", dt->year, dt->month, dt->day);
}

static void add_datetime(struct strbuf *out, const struct datetime *dt, char separator)
{
    add_date(out, dt);
    strbuf_addf(out, "%c%02d:%02d:%02d", separator, dt->hour, dt->minute, dt->second);
    if (dt->microsecond != 0) {
        strbuf_addf(out, ".%06d", dt->microsecond);
    }
    if (dt->has_zone) {
        int minutes = dt->zone < 0 ? -dt->zone : dt->zone;
        strbuf_addf(out, "%c%02d:%02d", dt->zone < 0 ? '-' : '+', minutes / 60, minutes % 60);
    }
}

static void print_date(struct strbuf *out, const void *data, bool repr)
{
    const struct datetime *dt = data;

    if (repr) {
        strbuf_addf(out, "datetime.date(%d, %d, %d)", dt->year, dt->month, dt->day);
    } else {
        add_date(out, dt);
    }
}

/* Python keeps a zone as a timedelta, whose days take the sign and whose seconds do not. */
static void add_zone_repr(struct strbuf *out, int zone)
{
    if (zone == 0) {
        strbuf_add(out, S(", tzinfo=datetime.timezone.utc"));
    } else if (zone < 0) {
        strbuf_addf(out, ", tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=%d))",
                    86400 + zone * 60);
    } else {
        strbuf_addf(out, ", tzinfo=datetime.timezone(datetime.timedelta(seconds=%d))", zone * 60);
    }
}

static void print_datetime(struct strbuf *out, const void *data, bool repr)
{
    const struct datetime *dt = data;

    if (!repr) {
        add_datetime(out, dt, ' ');
        return;
    }
    strbuf_addf(out, "datetime.datetime(%d, %d, %d, %d, %d", dt->year, dt->month, dt->day, dt->hour,
                dt->minute);
    if (dt->second != 0 || dt->microsecond != 0) {
        strbuf_addf(out, ", %d", dt->second);
    }
    if (dt->microsecond != 0) {
        strbuf_addf(out, ", %d", dt->microsecond);
    }
    if (dt->has_zone) {
        add_zone_repr(out, dt->zone);
    }
    strbuf_add_char(out, ')');
}

/* Microseconds since 1970, in UTC where there is a zone. */
static int64_t instant(const struct datetime *dt)
{
    int64_t minutes = datetime_days(dt->year, dt->month, dt->day) * 1440 + (int64_t)dt->hour * 60 +
                      dt->minute - dt->zone;

    return (minutes * 60 + dt->second) * 1000000 + dt->microsecond;
}

static enum truth equal_datetimes(const void *a, const void *b)
{
    const struct datetime *left = a, *right = b;
    bool equal = left->has_zone == right->has_zone && instant(left) == instant(right);

    return equal ? TRUTH_TRUE : TRUTH_FALSE;
}

static bool compare_datetimes(const void *a, const void *b, int *ret)
{
    const struct datetime *left = a, *right = b;

    if (left->has_zone != right->has_zone) {
        return false; /* Python has no order for naive and aware times */
    }
    *ret = (instant(left) > instant(right)) - (instant(left) < instant(right));
    return true;
}

static void *copy_datetime(struct arena *arena, const void *data)
{
    struct datetime *copy = NEW(arena, struct datetime);
    *copy = *(const struct datetime *)data;
    return copy;
}

const struct object_type date_type = {
    .name = "date",
    .print = print_date,
    .equal = equal_datetimes,
    .compare = compare_datetimes,
    .copy = copy_datetime,
};

const struct object_type datetime_type = {
    .name = "datetime",
    .print = print_datetime,
    .equal = equal_datetimes,
    .compare = compare_datetimes,
    .copy = copy_datetime,
};

value value_date(struct arena *arena, const struct datetime *dt)
{
    return value_object(arena, &date_type, copy_datetime(arena, dt));
}

value value_datetime(struct arena *arena, const struct datetime *dt)
{
    return value_object(arena, &datetime_type, copy_datetime(arena, dt));
}

bool value_as_datetime(value v, struct datetime *ret)
{
    if (!value_is(v, VALUE_OBJECT) ||
        (value_object_type(v) != &date_type && value_object_type(v) != &datetime_type)) {
        return false;
    }
    *ret = *(const struct datetime *)value_object_data(v);
    return true;
}

str datetime_iso(struct arena *arena, value v, char separator)
{
    struct strbuf out = strbuf_in(arena);
    struct datetime dt;

    BUG_ON(!value_as_datetime(v, &dt));
    if (value_object_type(v) == &date_type) {
        add_date(&out, &dt);
    } else {
        add_datetime(&out, &dt, separator);
    }
    return strbuf_str(&out);
}
