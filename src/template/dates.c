/* dates.c - see dates.h; also the filters and methods of times. */
#define _XOPEN_SOURCE 700
#include "template/dates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY 86400

static int64_t seconds_of(const struct datetime *dt)
{
    return datetime_days(dt->year, dt->month, dt->day) * DAY + dt->hour * 3600 + dt->minute * 60 +
           dt->second - (dt->has_zone ? dt->zone * 60 : 0);
}

static struct tm tm_of(const struct datetime *dt)
{
    struct tm tm = { .tm_year = dt->year - 1900, .tm_mon = dt->month - 1, .tm_mday = dt->day };
    tm.tm_hour = dt->hour;
    tm.tm_min = dt->minute;
    tm.tm_sec = dt->second;
    int64_t days = datetime_days(dt->year, dt->month, dt->day);
    tm.tm_wday = (int)(((days + 4) % 7 + 7) % 7);
    tm.tm_yday = (int)(days - datetime_days(dt->year, 1, 1));
    return tm;
}

static struct datetime from_tm(const struct tm *tm, int microsecond)
{
    return (struct datetime){ .year = tm->tm_year + 1900,
                              .month = tm->tm_mon + 1,
                              .day = tm->tm_mday,
                              .hour = tm->tm_hour,
                              .minute = tm->tm_min,
                              .second = tm->tm_sec > 59 ? 59 : tm->tm_sec,
                              .microsecond = microsecond };
}

struct datetime date_from_epoch(double seconds, bool utc)
{
    time_t whole = (time_t)floor(seconds);
    struct tm tm;
    if (utc) {
        gmtime_r(&whole, &tm);
    } else {
        localtime_r(&whole, &tm);
    }
    return from_tm(&tm, (int)((seconds - floor(seconds)) * 1e6));
}

/* The pattern is the playbook's: that is what the filter is for. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static str tm_format(struct arena *arena, const struct tm *tm, str format)
{
    struct strbuf out = strbuf_in(arena);
    size_t room = format.len * 4 + 256;
    char *text = strbuf_room(&out, room);
    const char *pattern = str_c(arena, format);
    size_t len = format.len == 0 ? 0 : strftime(text, room, pattern, tm);
    strbuf_grew(&out, len);
    return strbuf_str(&out);
}

#pragma GCC diagnostic pop

str date_format(struct arena *arena, const struct datetime *when, str format)
{
    struct tm tm = tm_of(when);
    str micro = str_format(arena, "%06d", when->microsecond);
    tm.tm_isdst = -1;
    return tm_format(arena, &tm, str_replace(arena, format, S("%f"), micro));
}

/* ---- differences ---- */

static struct timedelta make_delta(int64_t seconds, int64_t microseconds)
{
    seconds += microseconds / 1000000;
    microseconds %= 1000000;
    if (microseconds < 0) {
        microseconds += 1000000;
        seconds--;
    }
    int64_t days = seconds / DAY, rest = seconds % DAY;
    if (rest < 0) {
        rest += DAY;
        days--;
    }
    return (struct timedelta){ days, rest, microseconds };
}

static double total_seconds(const struct timedelta *d)
{
    return (double)(d->days * DAY + d->seconds) + (double)d->microseconds / 1e6;
}

static void print_delta(struct strbuf *out, const void *data, bool repr)
{
    const struct timedelta *d = data;
    if (repr) {
        strbuf_addf(out, "datetime.timedelta(days=%lld, seconds=%lld)", (long long)d->days,
                    (long long)d->seconds);
        return;
    }
    if (d->days != 0) {
        bool one = d->days == 1 || d->days == -1;
        strbuf_addf(out, "%lld day%s, ", (long long)d->days, one ? "" : "s");
    }
    strbuf_addf(out, "%lld:%02lld:%02lld", (long long)d->seconds / 3600,
                (long long)d->seconds / 60 % 60, (long long)d->seconds % 60);
    if (d->microseconds != 0) {
        strbuf_addf(out, ".%06lld", (long long)d->microseconds);
    }
}

static bool compare_delta(const void *a, const void *b, int *ret)
{
    double x = total_seconds(a), y = total_seconds(b);
    *ret = x < y ? -1 : x > y;
    return true;
}

static enum truth equal_delta(const void *a, const void *b)
{
    int order;
    (void)compare_delta(a, b, &order);
    return order == 0 ? TRUTH_TRUE : TRUTH_FALSE;
}

const struct object_type timedelta_type = {
    .name = "timedelta", .print = print_delta, .equal = equal_delta, .compare = compare_delta
};

static value delta_value(struct arena *arena, struct timedelta d)
{
    struct timedelta *copy = NEW(arena, struct timedelta);
    *copy = d;
    return value_object(arena, &timedelta_type, copy);
}

static bool as_delta(value v, struct timedelta *ret)
{
    if (!value_is(v, VALUE_OBJECT) || value_object_type(v) != &timedelta_type) {
        return false;
    }
    *ret = *(const struct timedelta *)value_object_data(v);
    return true;
}

static value moved(struct arena *arena, struct datetime dt, int64_t seconds, int64_t microseconds)
{
    struct timedelta d = make_delta(seconds, microseconds);
    time_t at = (time_t)(d.days * DAY + d.seconds);
    struct tm tm;
    gmtime_r(&at, &tm);
    struct datetime result = from_tm(&tm, (int)d.microseconds);
    result.has_zone = dt.has_zone;
    result.zone = dt.zone;
    return value_datetime(arena, &result);
}

bool date_operation(struct render *r, enum operator op, value a, value b, value *ret)
{
    struct datetime x, y;
    struct timedelta d, e;
    if (op != OP_ADD && op != OP_SUB) {
        return false;
    }
    int64_t sign = op == OP_ADD ? 1 : -1;
    if (value_as_datetime(a, &x) && value_as_datetime(b, &y) && op == OP_SUB) {
        *ret = delta_value(
            r->arena, make_delta(seconds_of(&x) - seconds_of(&y), x.microsecond - y.microsecond));
        return true;
    }
    if (value_as_datetime(a, &x) && as_delta(b, &d)) {
        int64_t local = seconds_of(&x) + (x.has_zone ? x.zone * 60 : 0);
        *ret = moved(r->arena, x, local + sign * (d.days * DAY + d.seconds),
                     x.microsecond + sign * d.microseconds);
        return true;
    }
    if (as_delta(a, &d) && as_delta(b, &e)) {
        *ret = delta_value(r->arena,
                           make_delta((d.days + sign * e.days) * DAY + d.seconds + sign * e.seconds,
                                      d.microseconds + sign * e.microseconds));
        return true;
    }
    return false;
}

value date_attribute(struct arena *arena, value v, str name)
{
    struct datetime dt;
    struct timedelta d;
    if (value_as_datetime(v, &dt)) {
        const struct {
            const char *name;
            int number;
        } parts[] = { { "year", dt.year },
                      { "month", dt.month },
                      { "day", dt.day },
                      { "hour", dt.hour },
                      { "minute", dt.minute },
                      { "second", dt.second },
                      { "microsecond", dt.microsecond } };
        for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
            if (str_eq(name, str_of(parts[i].name))) {
                return value_int(parts[i].number);
            }
        }
    } else if (as_delta(v, &d)) {
        if (str_eq(name, S("days"))) {
            return value_int(d.days);
        }
        if (str_eq(name, S("seconds"))) {
            return value_int(d.seconds);
        }
        if (str_eq(name, S("microseconds"))) {
            return value_int(d.microseconds);
        }
    }
    return (value){ .kind = VALUE_UNDEFINED };
}

/* ---- methods ---- */

static struct datetime input_date(const struct call *call)
{
    struct datetime dt = { 0 };
    (void)value_as_datetime(call->input, &dt);
    return dt;
}

static bool method_strftime(struct call *call, value *ret)
{
    struct datetime dt = input_date(call);
    return call_give(ret, value_str(call->arena, date_format(call->arena, &dt, call_str(call, 0))));
}

static bool method_isoformat(struct call *call, value *ret)
{
    str sep = call_str(call, 0);
    return call_give(ret, value_str(call->arena, datetime_iso(call->arena, call->input,
                                                              sep.len > 0 ? sep.ptr[0] : 'T')));
}

static bool method_timestamp(struct call *call, value *ret)
{
    struct datetime dt = input_date(call);
    struct tm tm = tm_of(&dt);
    tm.tm_isdst = -1;
    int64_t seconds = dt.has_zone ? seconds_of(&dt) : (int64_t)mktime(&tm);
    return call_give(ret, value_float((double)seconds + dt.microsecond / 1e6));
}

static bool method_weekday(struct call *call, value *ret)
{
    struct datetime dt = input_date(call);
    return call_give(ret, value_int((tm_of(&dt).tm_wday + 6) % 7));
}

static bool method_isoweekday(struct call *call, value *ret)
{
    struct datetime dt = input_date(call);
    return call_give(ret, value_int((tm_of(&dt).tm_wday + 6) % 7 + 1));
}

static bool method_date(struct call *call, value *ret)
{
    struct datetime dt = input_date(call);
    return call_give(ret, value_date(call->arena, &dt));
}

static bool method_total_seconds(struct call *call, value *ret)
{
    return call_give(ret, value_float(total_seconds(value_object_data(call->input))));
}

const struct builtin methods_datetime[] = {
    { "strftime", NULL, "format:str", 0, method_strftime, "The time as text." },
    { "isoformat", NULL, "sep:str='T'", 0, method_isoformat, "The time in ISO 8601." },
    { "timestamp", NULL, "", 0, method_timestamp, "Seconds since 1970." },
    { "weekday", NULL, "", 0, method_weekday, "Day of the week, Monday is 0." },
    { "isoweekday", NULL, "", 0, method_isoweekday, "Day of the week, Monday is 1." },
    { "date", NULL, "", 0, method_date, "The day without the time." },
    { 0 },
};

const struct builtin methods_timedelta[] = {
    { "total_seconds", NULL, "", 0, method_total_seconds, "The difference in seconds." },
    { 0 },
};

/* ---- filters and functions ---- */

bool function_now(struct call *call, value *ret)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct datetime dt = date_from_epoch((double)now.tv_sec, call_bool(call, 0));
    dt.microsecond = (int)(now.tv_nsec / 1000);
    bool text = !call_none(call, 1) && call_str(call, 1).len > 0;
    *ret = text ? value_str(call->arena, date_format(call->arena, &dt, call_str(call, 1)))
                : value_datetime(call->arena, &dt);
    return true;
}

static bool epoch_seconds(struct call *call, value v, double *ret)
{
    if (is_number(v)) {
        *ret = value_as_float(v);
        return true;
    }
    if (value_is(v, VALUE_STR)) {
        char *end;
        const char *text = str_c(call->arena, value_as_str(v));
        *ret = strtod(text, &end);
        if (end != text && *end == 0) {
            return true;
        }
    }
    return call_fail(call, "a number of seconds since 1970 is needed, not %s %s", A_TYPE(v));
}

static bool filter_strftime(struct call *call, value *ret)
{
    double seconds;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    seconds = (double)now.tv_sec;
    if (!call_none(call, 0) && !epoch_seconds(call, call->args[0], &seconds)) {
        return false;
    }
    if (!value_is(call->input, VALUE_STR)) {
        return call_fail(call, "the format must be a string, not %s %s", A_TYPE(call->input));
    }
    if (fabs(seconds) > 2e11) {
        return call_fail(call, "the time is out of range");
    }
    time_t whole = (time_t)seconds;
    struct tm tm;
    if (call_bool(call, 1)) {
        gmtime_r(&whole, &tm);
    } else {
        localtime_r(&whole, &tm);
    }
    return call_give(
        ret, value_str(call->arena, tm_format(call->arena, &tm, value_as_str(call->input))));
}

static bool filter_to_datetime(struct call *call, value *ret)
{
    struct datetime dt;
    str text;
    if (!call_need_str(call, call->input, &text)) {
        return false;
    }
    if (!datetime_parse(call->arena, text, call_str(call, 0), &dt)) {
        return call_fail(call, "'%.*s' is not of the form '%.*s'", SARG(text),
                         SARG(call_str(call, 0)));
    }
    return call_give(ret, value_datetime(call->arena, &dt));
}

const struct builtin filters_time[] = {
    { "strftime", NULL, "second=none, utc:bool=false", 0, filter_strftime,
      "A time (seconds since 1970; now by default) in the form given.",
      "{{ '%Y-%m-%d' | strftime(86400, utc=true) }} -> 1970-01-02" },
    { "to_datetime", NULL, "format:str='%Y-%m-%d %H:%M:%S'", 0, filter_to_datetime,
      "A date and time, read from text.",
      "{{ ('2024-03-01' | to_datetime('%Y-%m-%d') - '2024-02-01' | to_datetime('%Y-%m-%d')).days "
      "}} -> 29" },
    { 0 },
};
