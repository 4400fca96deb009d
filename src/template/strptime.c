/*
 * strptime.c - a text as a date and time by a format, as Python's datetime.strptime reads it in the
 * C locale. The C library's strptime is laxer: it skips white space, takes years of two digits for
 * %Y and any word for %Z, and knows directives that Python refuses.
 */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "template/dates.h"

struct reading {
    const char *at; /* in a text that ends with a zero */
    struct datetime dt;
    int hour12;                            /* of %I, or -1 */
    int year_day;                          /* of %j, from 1; 0: none */
    int weekday;                           /* from Monday, 0; -1: none */
    int week;                              /* of %U or %W; -1: none */
    bool weeks_from_monday, afternoon, ok; /* ok: everything was found so far */
};

static const char *const weekdays[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday" };
static const char *const months[] = { "January",   "February", "March",    "April",
                                      "May",       "June",     "July",     "August",
                                      "September", "October",  "November", "December" };

/* The longest number of at most so many digits that is in bounds. */
static int read_number(struct reading *r, int least_digits, int digits, int low, int high)
{
    for (int width = digits; width >= least_digits; width--) {
        int number = 0, i = 0;
        for (; i < width && isdigit((unsigned char)r->at[i]); i++) {
            number = number * 10 + r->at[i] - '0';
        }
        if (i == width && number >= low && number <= high) {
            r->at += width;
            return number;
        }
    }
    r->ok = false;
    return low;
}

/* The place of the name that the text goes on with, or of its first three letters. */
static int read_name(struct reading *r, const char *const *names, int count, bool whole)
{
    for (int i = 0; i < count; i++) {
        size_t length = whole ? strlen(names[i]) : 3;
        if (strncasecmp(r->at, names[i], length) == 0) {
            r->at += length;
            return i;
        }
    }
    r->ok = false;
    return 0;
}

static int read_fraction(struct reading *r)
{
    int number = 0, digits = 0;
    for (; digits < 6 && isdigit((unsigned char)*r->at); digits++) {
        number = number * 10 + *r->at++ - '0';
    }
    r->ok = r->ok && digits > 0;
    for (; digits < 6; digits++) {
        number *= 10;
    }
    return number;
}

/* %z: Z, +hh:mm or +hhmm. */
static void read_offset(struct reading *r)
{
    r->dt.has_zone = true;
    if (*r->at == 'Z') {
        r->at++;
        return;
    }
    int sign = *r->at == '-' ? -1 : 1;
    r->ok = r->ok && (*r->at == '-' || *r->at == '+');
    if (r->ok) {
        r->at++;
        int hours = read_number(r, 2, 2, 0, 99);
        r->at += *r->at == ':';
        r->dt.zone = sign * (hours * 60 + read_number(r, 2, 2, 0, 59));
    }
}

/* %Z: a name is read, and says nothing. */
static void read_zone_name(struct reading *r)
{
    tzset();
    const char *const names[] = { "UTC", "GMT", tzname[0], tzname[1] };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if (length > 0 && strncasecmp(r->at, names[i], length) == 0) {
            r->at += length;
            return;
        }
    }
    r->ok = false;
}

static void read_format(struct reading *r, str format);

static void read_directive(struct reading *r, char kind)
{
    struct datetime *dt = &r->dt;
    switch (kind) {
    case 'Y':
        dt->year = read_number(r, 4, 4, 0, 9999);
        return;
    case 'y':
        dt->year = read_number(r, 2, 2, 0, 99);
        dt->year += dt->year < 69 ? 2000 : 1900;
        return;
    case 'm':
        dt->month = read_number(r, 1, 2, 1, 12);
        return;
    case 'd':
        r->at += r->at[0] == ' ' && r->at[1] >= '1' && r->at[1] <= '9';
        dt->day = read_number(r, 1, 2, 1, 31);
        return;
    case 'j':
        r->year_day = read_number(r, 1, 3, 1, 366);
        return;
    case 'H':
        dt->hour = read_number(r, 1, 2, 0, 23);
        return;
    case 'I':
        r->hour12 = read_number(r, 1, 2, 1, 12);
        return;
    case 'M':
        dt->minute = read_number(r, 1, 2, 0, 59);
        return;
    case 'S':
        dt->second = read_number(r, 1, 2, 0, 61);
        return;
    case 'f':
        dt->microsecond = read_fraction(r);
        return;
    case 'U':
    case 'W':
        r->week = read_number(r, 1, 2, 0, 53);
        r->weeks_from_monday = kind == 'W';
        return;
    case 'w':
        r->weekday = (read_number(r, 1, 1, 0, 6) + 6) % 7;
        return;
    case 'u':
        r->weekday = read_number(r, 1, 1, 1, 7) - 1;
        return;
    case 'A':
    case 'a':
        r->weekday = read_name(r, weekdays, 7, kind == 'A');
        return;
    case 'B':
    case 'b':
        dt->month = 1 + read_name(r, months, 12, kind == 'B');
        return;
    case 'p':
        r->afternoon = read_name(r, (const char *const[]){ "am", "pm" }, 2, true) == 1;
        return;
    case 'z':
        read_offset(r);
        return;
    case 'Z':
        read_zone_name(r);
        return;
    case 'c':
        read_format(r, S("%a %b %d %H:%M:%S %Y"));
        return;
    case 'x':
        read_format(r, S("%m/%d/%y"));
        return;
    case 'X':
        read_format(r, S("%H:%M:%S"));
        return;
    default: /* %G and %V, which go together only, too */
        r->ok = false;
    }
}

/* White space stands for any of it, letters for both cases. */
static void read_format(struct reading *r, str format)
{
    for (size_t i = 0; i < format.len && r->ok; i++) {
        char c = format.ptr[i];
        if (isspace((unsigned char)c)) {
            r->ok = isspace((unsigned char)*r->at);
            while (isspace((unsigned char)*r->at)) {
                r->at++;
            }
            while (i + 1 < format.len && isspace((unsigned char)format.ptr[i + 1])) {
                i++;
            }
        } else if (c == '%' && i + 1 < format.len && format.ptr[i + 1] != '%') {
            read_directive(r, format.ptr[++i]);
        } else {
            i += c == '%';
            r->ok = tolower((unsigned char)c) == tolower((unsigned char)*r->at) && *r->at != 0;
            r->at += r->ok;
        }
    }
}

/* The day of the year, from 1, of a weekday in a week; days before the first week are week 0. */
static int day_of_week(const struct reading *r)
{
    int first = (int)((datetime_days(r->dt.year, 1, 1) + 3) % 7 + 7) % 7; /* 1970: a Thursday */
    int day = r->weekday;
    if (!r->weeks_from_monday) {
        first = (first + 1) % 7;
        day = (day + 1) % 7;
    }
    return r->week == 0 ? 1 + day - first : 1 + (7 - first) % 7 + 7 * (r->week - 1) + day;
}

static struct datetime on_year_day(struct datetime dt, int day)
{
    int64_t days = datetime_days(dt.year, 1, 1) + day - 1;
    struct datetime date = date_from_epoch((double)days * 86400, true);
    dt.year = date.year;
    dt.month = date.month;
    dt.day = date.day;
    return dt;
}

bool datetime_parse(struct arena *arena, str text, str format, struct datetime *ret)
{
    struct reading r = { .at = str_c(arena, text),
                         .dt = { .year = 1900, .month = 1, .day = 1 },
                         .hour12 = -1,
                         .weekday = -1,
                         .week = -1,
                         .ok = true };
    read_format(&r, format);
    if (r.hour12 >= 0) {
        r.dt.hour = r.hour12 % 12 + (r.afternoon ? 12 : 0);
    }
    if (!r.ok || *r.at != 0 || !datetime_valid(&r.dt)) {
        return false;
    }
    if (r.week >= 0 && r.weekday >= 0 && r.year_day == 0) {
        r.year_day = day_of_week(&r);
    }
    *ret = r.year_day == 0 ? r.dt : on_year_day(r.dt, r.year_day);
    return datetime_valid(ret);
}
