/* Dates as Python has them. */
#include "check.h"

#include "formats/datetime.h"

Test(datetime, days)
{
    static const struct {
        int year, month, day;
        int64_t days;
    } rows[] = {
        { 1970, 1, 1, 0 },       { 1969, 12, 31, -1 },      { 2000, 2, 29, 11016 },
        { 2000, 3, 1, 11017 },   { 1900, 3, 1, -25508 },    { 1, 1, 1, -719162 },
        { 2026, 11, 21, 20778 }, { 9999, 12, 31, 2932896 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(datetime_days(rows[i].year, rows[i].month, rows[i].day), rows[i].days,
                     "row %zu: %lld", i,
                     (long long)datetime_days(rows[i].year, rows[i].month, rows[i].day));
    }
}

static const struct {
    str yaml, text, repr, iso;
} rows[] = {
    { S_INIT("2001-12-14"), S_INIT("2001-12-14"), S_INIT("datetime.date(2001, 12, 14)"),
      S_INIT("2001-12-14") },
    { S_INIT("2001-12-14 21:59:43.1"), S_INIT("2001-12-14 21:59:43.100000"),
      S_INIT("datetime.datetime(2001, 12, 14, 21, 59, 43, 100000)"),
      S_INIT("2001-12-14T21:59:43.100000") },
    { S_INIT("2001-12-14 21:59:43.123456 -05:30"), S_INIT("2001-12-14 21:59:43.123456-05:30"),
      S_INIT("datetime.datetime(2001, 12, 14, 21, 59, 43, 123456, "
             "tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=66600)))"),
      S_INIT("2001-12-14T21:59:43.123456-05:30") },
    { S_INIT("2001-12-14 21:59:43Z"), S_INIT("2001-12-14 21:59:43+00:00"),
      S_INIT("datetime.datetime(2001, 12, 14, 21, 59, 43, tzinfo=datetime.timezone.utc)"),
      S_INIT("2001-12-14T21:59:43+00:00") },
    { S_INIT("2001-12-14 01:02:00"), S_INIT("2001-12-14 01:02:00"),
      S_INIT("datetime.datetime(2001, 12, 14, 1, 2)"), S_INIT("2001-12-14T01:02:00") },
    { S_INIT("2001-12-14 01:02:03 +1"), S_INIT("2001-12-14 01:02:03+01:00"),
      S_INIT("datetime.datetime(2001, 12, 14, 1, 2, 3, "
             "tzinfo=datetime.timezone(datetime.timedelta(seconds=3600)))"),
      S_INIT("2001-12-14T01:02:03+01:00") },
    { S_INIT("2001-12-14 01:02:00.5"), S_INIT("2001-12-14 01:02:00.500000"),
      S_INIT("datetime.datetime(2001, 12, 14, 1, 2, 0, 500000)"),
      S_INIT("2001-12-14T01:02:00.500000") },
    { S_INIT("0001-01-01"), S_INIT("0001-01-01"), S_INIT("datetime.date(1, 1, 1)"),
      S_INIT("0001-01-01") },
};

Test(datetime, printed)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        value v = yaml_value(&bench, rows[i].yaml);
        EQ_STR(value_as_str(value_print(bench.arena, v)), rows[i].text, rows[i].yaml);
        EQ_STR(value_as_str(value_repr(bench.arena, v)), rows[i].repr, rows[i].yaml);
        EQ_STR(datetime_iso(bench.arena, v, 'T'), rows[i].iso, rows[i].yaml);
        value copy = value_copy(bench.arena, v);
        cr_assert_eq(value_equal(v, copy), TRUTH_TRUE);
    }
}

static const struct {
    str left, right;
    bool ordered;
    int order;
} pairs[] = {
    { S_INIT("2001-01-01"), S_INIT("2001-01-02"), true, -1 },
    { S_INIT("2001-01-01 00:00:00"), S_INIT("2000-12-31 23:59:59.9"), true, 1 },
    { S_INIT("2001-01-01 12:00:00+02:00"), S_INIT("2001-01-01 10:00:00Z"), true, 0 },
    { S_INIT("2001-01-01 12:00:00"), S_INIT("2001-01-01 12:00:00Z"), false, 0 },
};

Test(datetime, compared)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        value left = yaml_value(&bench, pairs[i].left), right = yaml_value(&bench, pairs[i].right);
        int order = 7;
        cr_assert_eq(value_compare(left, right, &order), pairs[i].ordered, "row %zu", i);
        if (pairs[i].ordered) {
            cr_assert_eq(order, pairs[i].order, "row %zu: %d", i, order);
        }
        bool equal = pairs[i].ordered && pairs[i].order == 0;
        cr_assert_eq(value_equal(left, right), equal ? TRUTH_TRUE : TRUTH_FALSE, "row %zu", i);
    }
}

Test(datetime, valid)
{
    cr_assert(datetime_valid(&(struct datetime){ .year = 2000, .month = 2, .day = 29 }));
    cr_assert_not(datetime_valid(&(struct datetime){ .year = 1900, .month = 2, .day = 29 }));
    cr_assert_not(datetime_valid(&(struct datetime){ .year = 0, .month = 1, .day = 1 }));
    cr_assert_not(datetime_valid(&(struct datetime){ .year = 1, .month = 13, .day = 1 }));
    cr_assert_not(
        datetime_valid(&(struct datetime){ .year = 1, .month = 1, .day = 1, .second = 60 }));
}
