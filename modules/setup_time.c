/*
 * setup_time.c - date and time of a host, in its own time zone. The host's date(1) told the fields;
 * what is in UTC is counted from its seconds since the epoch.
 */
#include <time.h>

#include "setup_facts.h"

/* The fields of TIME_FORMAT, in order. */
enum field {
    YEAR,
    MONTH,
    WEEKDAY,
    WEEKDAY_NUMBER,
    WEEK,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    EPOCH,
    NANOSECOND,
    OFFSET,
    ZONE,
    FIELDS,
};

/* The name of a zone in a rule: letters, or anything between < and >. */
static str rule_name(str rule)
{
    size_t end = 0;
    if (str_starts(rule, S("<"))) {
        size_t close = str_find_char(rule, '>', 0);
        return close == STR_NPOS ? STR_EMPTY : str_part(rule, 1, close);
    }
    while (end < rule.len && ((rule.ptr[end] >= 'A' && rule.ptr[end] <= 'Z') ||
                              (rule.ptr[end] >= 'a' && rule.ptr[end] <= 'z'))) {
        end++;
    }
    return str_part(rule, 0, end);
}

/* The name the zone has in summer. It is in the last line of the zone's file, in the form of
 * POSIX's TZ: "CET-1CEST,M3.5.0,M10.5.0/3"; see tzfile(5). Without one, the zone's own name. */
static str summer_name(const struct host *host, str zone)
{
    str text = host_text(host, S("/etc/localtime")), rule = STR_EMPTY;
    while (!str_is_none(text)) {
        rule = str_cut(&text, '\n');
    }
    str standard = rule_name(rule);
    if (standard.len == 0) {
        return zone;
    }
    size_t at = standard.len + (rule.ptr[0] == '<' ? 2 : 0);
    while (at < rule.len && str_find_char(S("+-:0123456789"), rule.ptr[at], 0) != STR_NPOS) {
        at++;
    }
    str summer = rule_name(str_part(rule, at, rule.len));
    return summer.len > 0 ? summer : standard;
}

static void add_utc(struct arena *arena, struct map_builder *map, int64_t epoch, str micro)
{
    time_t seconds = (time_t)epoch;
    struct tm tm;
    char text[64];
    if (gmtime_r(&seconds, &tm) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
        return;
    }
    fact_str(map, S("iso8601"), str_format(arena, "%sZ", text));
    fact_str(map, S("iso8601_micro"), str_format(arena, "%s.%.*sZ", text, SARG(micro)));
}

static void add_local(struct arena *arena, struct map_builder *map, const str *f, str micro)
{
    str basic = str_format(arena, "%.*s%.*s%.*sT%.*s%.*s%.*s", SARG(f[YEAR]), SARG(f[MONTH]),
                           SARG(f[DAY]), SARG(f[HOUR]), SARG(f[MINUTE]), SARG(f[SECOND]));
    fact_str(map, S("date"),
             str_format(arena, "%.*s-%.*s-%.*s", SARG(f[YEAR]), SARG(f[MONTH]), SARG(f[DAY])));
    fact_str(map, S("time"),
             str_format(arena, "%.*s:%.*s:%.*s", SARG(f[HOUR]), SARG(f[MINUTE]), SARG(f[SECOND])));
    fact_str(map, S("iso8601_basic_short"), basic);
    fact_str(map, S("iso8601_basic"), str_concat(arena, basic, micro));
}

void facts_time(const struct host *host, struct map_builder *facts)
{
    static const struct {
        const char *key;
        enum field field;
    } rows[] = {
        { "year", YEAR },        { "month", MONTH },
        { "weekday", WEEKDAY },  { "weekday_number", WEEKDAY_NUMBER },
        { "weeknumber", WEEK },  { "day", DAY },
        { "hour", HOUR },        { "minute", MINUTE },
        { "second", SECOND },    { "epoch", EPOCH },
        { "epoch_int", EPOCH },  { "tz", ZONE },
        { "tz_offset", OFFSET },
    };
    struct arena *arena = facts->arena;
    struct map_builder map = map_in(arena);
    str rest = host->run.date.status == 0 ? host->run.date.out : STR_EMPTY;
    str f[FIELDS];
    int64_t epoch;
    for (size_t i = 0; i < FIELDS; i++) {
        f[i] = next_word(&rest);
    }
    if (str_is_none(f[ZONE]) || !str_to_int64(f[EPOCH], &epoch)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        fact_str(&map, str_of(rows[i].key), f[rows[i].field]);
    }
    /* some dates know no nanoseconds and print the letter */
    bool fine = f[NANOSECOND].len == 9 && is_number(f[NANOSECOND]);
    str micro = fine ? str_part(f[NANOSECOND], 0, 6) : S("000000");
    add_local(arena, &map, f, micro);
    add_utc(arena, &map, epoch, micro);
    fact_str(&map, S("tz_dst"), summer_name(host, f[ZONE]));
    map_set_str(facts, S("date_time"), map_seal(&map));
}
