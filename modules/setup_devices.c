/*
 * setup_devices.c - block devices and their partitions, by what /sys/block and /dev/disk tell.
 */
#include "base/path.h"
#include "setup_facts.h"

#define BLOCK S("/sys/block")

/* Names by which /dev/disk knows devices, and which devices are built on others. */
static const struct {
    const char *key, *directory;
} link_kinds[] = {
    { "ids", "/dev/disk/by-id" },
    { "uuids", "/dev/disk/by-uuid" },
    { "labels", "/dev/disk/by-label" },
};

static str link_name(const struct host *host, const char *directory, str entry)
{
    str path = str_format(host->arena, "%s/%.*s", directory, SARG(entry));
    const struct host_path *link = host_path(host, path);
    return link == NULL || str_is_none(link->target) ? STR_NONE : path_basename(link->target);
}

/* The names of a device in one directory of /dev/disk. */
static value names_in(const struct host *host, const char *directory, str device)
{
    struct list_builder names = list_in(host->arena);
    str entry;
    for (size_t i = 0; !str_is_none(entry = host_entry(host, str_of(directory), &i));) {
        if (str_eq(link_name(host, directory, entry), device)) {
            list_add(&names, value_str(host->arena, entry));
        }
    }
    return list_seal(&names);
}

/* "/sys/block/dm-0/slaves/sda2": dm-0 is a master of sda2. */
static bool slave_path(str path, str *ret_master, str *ret_slave)
{
    size_t at = str_find(path, S("/slaves/"), 0);
    if (!str_starts(path, S("/sys/block/")) || at == STR_NPOS || at <= BLOCK.len) {
        return false;
    }
    *ret_master = str_part(path, BLOCK.len + 1, at);
    *ret_slave = str_part(path, at + 8, path.len);
    return true;
}

static value masters_of(const struct host *host, str device)
{
    struct list_builder masters = list_in(host->arena);
    for (size_t i = 0; i < host->paths.len; i++) {
        str master, slave;
        if (slave_path(host->paths.items[i].path, &master, &slave) && str_eq(slave, device)) {
            list_add(&masters, value_str(host->arena, master));
        }
    }
    return list_seal(&masters);
}

static value links_of(const struct host *host, str device)
{
    struct map_builder links = map_in(host->arena);
    for (size_t i = 0; i < ARRAY_LEN(link_kinds); i++) {
        map_set_str(&links, str_of(link_kinds[i].key),
                    names_in(host, link_kinds[i].directory, device));
    }
    map_set_str(&links, S("masters"), masters_of(host, device));
    return map_seal(&links);
}

/* All of them: kind -> device -> names. */
static value all_links(const struct host *host)
{
    struct map_builder all = map_in(host->arena), masters = map_in(host->arena);
    for (size_t k = 0; k < ARRAY_LEN(link_kinds); k++) {
        struct map_builder devices = map_in(host->arena);
        str entry, directory = str_of(link_kinds[k].directory);
        for (size_t i = 0; !str_is_none(entry = host_entry(host, directory, &i));) {
            str device = link_name(host, link_kinds[k].directory, entry);
            if (!str_is_none(device) && !map_has(&devices, value_str(host->arena, device), NULL)) {
                map_set_str(&devices, device, names_in(host, link_kinds[k].directory, device));
            }
        }
        map_set_str(&all, str_of(link_kinds[k].key), map_seal(&devices));
    }
    for (size_t i = 0; i < host->paths.len; i++) {
        str master, slave;
        if (slave_path(host->paths.items[i].path, &master, &slave) &&
            !map_has(&masters, value_str(host->arena, slave), NULL)) {
            map_set_str(&masters, slave, masters_of(host, slave));
        }
    }
    map_set_str(&all, S("masters"), map_seal(&masters));
    return map_seal(&all);
}

/* Device-mapper devices that are built on this one, by the names their users gave them. */
static value holders_of(const struct host *host, str directory)
{
    struct list_builder holders = list_in(host->arena);
    str within = str_concat(host->arena, directory, S("/holders")), entry;
    for (size_t i = 0; !str_is_none(entry = host_entry(host, within, &i));) {
        if (str_starts(entry, S("dm-"))) {
            str name = host_textf(host, "/sys/block/%.*s/dm/name", SARG(entry));
            list_add(&holders, value_str(host->arena, str_is_none(name) ? entry : name));
        }
    }
    return list_seal(&holders);
}

static str size_text(struct arena *arena, str sectors)
{
    static const char *const units[] = { "Bytes", "KB", "MB", "GB", "TB", "PB", "EB" };
    int64_t count;
    double size = !str_is_none(sectors) && str_to_int64(sectors, &count) ? (double)count * 512 : 0;
    size_t unit = 0;
    while (size >= 1024 && unit + 1 < ARRAY_LEN(units)) {
        size /= 1024;
        unit++;
    }
    return str_format(arena, "%.2f %s", size, units[unit]);
}

static void set_or(struct map_builder *map, const char *key, str text, value fallback)
{
    map_set_str(map, str_of(key), str_is_none(text) ? fallback : value_str(map->arena, text));
}

static str device_text(const struct host *host, str device, const char *attribute)
{
    return host_textf(host, "/sys/block/%.*s/%s", SARG(device), attribute);
}

static value partition_value(const struct host *host, str device, str name)
{
    struct map_builder map = map_in(host->arena);
    str directory = str_format(host->arena, "/sys/block/%.*s/%.*s", SARG(device), SARG(name));
    str sectors = host_textf(host, "%.*s/size", SARG(directory));
    value uuids = names_in(host, "/dev/disk/by-uuid", name);
    map_set_str(&map, S("links"), links_of(host, name));
    set_or(&map, "start", host_textf(host, "%.*s/start", SARG(directory)), value_int(0));
    set_or(&map, "sectors", sectors, value_int(0));
    map_set_str(&map, S("sectorsize"), value_int(512));
    fact_str(&map, S("size"), size_text(host->arena, sectors));
    map_set_str(&map, S("uuid"), value_count(uuids) > 0 ? value_item(uuids, 0) : value_null());
    map_set_str(&map, S("holders"), holders_of(host, directory));
    return map_seal(&map);
}

/* A partition is a directory in that of its device, and has a file `partition`. */
static value partitions_of(const struct host *host, str device)
{
    struct map_builder map = map_in(host->arena);
    str directory = path_join(host->arena, BLOCK, device);
    for (size_t i = 0; i < host->paths.len; i++) {
        str path = host->paths.items[i].path;
        if (path.len > directory.len + 11 && str_starts(path, directory) &&
            path.ptr[directory.len] == '/' && str_ends(path, S("/partition"))) {
            str name = str_part(path, directory.len + 1, path.len - 10);
            map_set_str(&map, name, partition_value(host, device, name));
        }
    }
    return map_seal(&map);
}

/* "none [mq-deadline] kyber": the one in use. */
static str scheduler(str text)
{
    size_t open = str_is_none(text) ? STR_NPOS : str_find_char(text, '[', 0);
    size_t close = open == STR_NPOS ? STR_NPOS : str_rfind(text, S("]"));
    return close == STR_NPOS || close < open ? STR_EMPTY : str_part(text, open + 1, close);
}

static str wwn_of(const struct host *host, str device)
{
    value ids = names_in(host, "/dev/disk/by-id", device);
    for (size_t i = 0; i < value_count(ids); i++) {
        str id = value_as_str(value_item(ids, i));
        if (str_starts(id, S("wwn-"))) {
            return str_part(id, 4, id.len);
        }
    }
    return STR_NONE;
}

static value device_value(const struct host *host, str device)
{
    static const struct {
        const char *key, *attribute;
    } rows[] = {
        { "vendor", "device/vendor" },
        { "model", "device/model" },
        { "sas_address", "device/sas_address" },
        { "sas_device_handle", "device/sas_device_handle" },
        { "removable", "removable" },
        { "support_discard", "queue/discard_granularity" },
        { "rotational", "queue/rotational" },
    };
    struct map_builder map = map_in(host->arena);
    str sectors = device_text(host, device, "size");
    map_set_str(&map, S("virtual"), value_int(1)); /* Ansible's, for all but very old kernels */
    map_set_str(&map, S("links"), links_of(host, device));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        set_or(&map, rows[i].key, device_text(host, device, rows[i].attribute), value_null());
    }
    fact_str(&map, S("serial"), device_text(host, device, "device/serial"));
    fact_str(&map, S("wwn"), wwn_of(host, device));
    map_set_str(&map, S("partitions"), partitions_of(host, device));
    fact_str(&map, S("scheduler_mode"), scheduler(device_text(host, device, "queue/scheduler")));
    set_or(&map, "sectors", sectors, value_int(0));
    set_or(&map, "sectorsize", device_text(host, device, "queue/logical_block_size"),
           value_int(512));
    fact_str(&map, S("size"), size_text(host->arena, sectors));
    fact_str(&map, S("host"), STR_EMPTY);
    map_set_str(&map, S("holders"), holders_of(host, path_join(host->arena, BLOCK, device)));
    return map_seal(&map);
}

void facts_devices(const struct host *host, struct map_builder *facts)
{
    struct map_builder devices = map_in(facts->arena);
    str device;
    for (size_t i = 0; !str_is_none(device = host_entry(host, BLOCK, &i));) {
        map_set_str(&devices, device, device_value(host, device));
    }
    map_set_str(facts, S("devices"), map_seal(&devices));
    map_set_str(facts, S("device_links"), all_links(host));
}
