/*
 * setup_lvm.c - groups and volumes of the logical volume manager, as vgs, lvs and pvs list them
 * for root. They are asked with --readonly: without it they take locks.
 */
#include "setup_facts.h"

#define FIELDS 12 /* that are looked at, at most */

/* A line "name,field,field": false unless it has `count` fields. */
static bool read_line(str line, size_t count, str *ret_fields)
{
    line = str_trim(line);
    for (size_t i = 0; i < count; i++) {
        if (str_is_none(line)) {
            return false;
        }
        ret_fields[i] = str_cut(&line, ',');
    }
    return ret_fields[0].len > 0;
}

/* The name by which the device mapper's users know a device: /dev/dm-0 is /dev/mapper/vg-data. */
static str mapped_name(const struct host *host, str device)
{
    if (!str_starts(device, S("/dev/dm-"))) {
        return device;
    }
    str block = str_part(device, 5, device.len);
    str name = host_textf(host, "/sys/block/%.*s/dm/name", SARG(block));
    return str_is_none(name) ? device : str_concat(host->arena, S("/dev/mapper/"), name);
}

/* What each program lists: how many columns, and which are which facts. */
static const struct listing {
    const char *key;
    size_t columns;
    struct {
        const char *fact;
        size_t column;
    } facts[4];
} lists[] = {
    { "vgs", 7, { { "size_g", 5 }, { "free_g", 6 }, { "num_lvs", 2 }, { "num_pvs", 1 } } },
    { "lvs", 4, { { "size_g", 3 }, { "vg", 1 } } },
    { "pvs", 6, { { "size_g", 4 }, { "free_g", 5 }, { "vg", 1 } } },
};

static value list_value(const struct host *host, const struct listing *list, str out)
{
    struct map_builder all = map_in(host->arena);
    while (out.len > 0) {
        str fields[FIELDS];
        if (!read_line(str_cut_line(&out), list->columns, fields)) {
            continue;
        }
        struct map_builder one = map_in(host->arena);
        for (size_t i = 0; i < ARRAY_LEN(list->facts) && list->facts[i].fact != NULL; i++) {
            fact_str(&one, str_of(list->facts[i].fact), fields[list->facts[i].column]);
        }
        map_set_str(&all, mapped_name(host, fields[0]), map_seal(&one));
    }
    return map_seal(&all);
}

void facts_lvm(const struct host *host, struct map_builder *facts)
{
    const struct run_answer *answers[] = { &host->run.vgs, &host->run.lvs, &host->run.pvs };
    struct map_builder lvm = map_in(facts->arena);
    if (!lvm_is_told(host)) {
        fact_str(facts, S("lvm"), S("N/A"));
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        map_set_str(&lvm, str_of(lists[i].key), list_value(host, &lists[i], answers[i]->out));
    }
    map_set_str(facts, S("lvm"), map_seal(&lvm));
}

bool lvm_is_told(const struct host *host)
{
    return !str_is_none(host->vgs) && host->login.uid == 0;
}
