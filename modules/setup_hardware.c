/*
 * setup_hardware.c - processors, memory, firmware and uptime.
 */
#include "setup_facts.h"

/* ---- processors ---- */

#define PROCESSORS_MAX 100000 /* a larger number is none */

struct processors {
    struct list_builder texts;
    int64_t listed;                      /* lines that name a processor in some way */
    int64_t vendors, models, processors; /* how often each key is there */
    int64_t sockets, cores, siblings;    /* sockets seen; of the first: cores and threads */
    str socket, seen[64];                /* the current one; those seen, as far as they fit */
    int64_t stated_cores;                /* "# processors" of s390x; 0: not told */
};

static bool names_processor(str key)
{
    static const char *const keys[] = { "model name", "Processor", "vendor_id",
                                        "cpu",        "Vendor",    "processor" };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (str_eq(key, str_of(keys[i]))) {
            return true;
        }
    }
    return false;
}

static void see_socket(struct processors *p, str id)
{
    p->socket = id;
    for (int64_t i = 0; i < p->sockets; i++) {
        if (str_eq(p->seen[i], id)) {
            return;
        }
    }
    if (p->sockets < (int64_t)ARRAY_LEN(p->seen)) {
        p->seen[p->sockets++] = id;
    }
}

static void read_processor_line(struct processors *p, str line)
{
    str key, setting;
    int64_t number;
    if (!cut_pair(line, ':', &key, &setting)) {
        return;
    }
    if (names_processor(key)) {
        list_add(&p->texts, value_str(p->texts.arena, setting));
        p->listed++;
        p->vendors += str_eq(key, S("vendor_id"));
        p->models += str_eq(key, S("model name"));
        p->processors += str_eq(key, S("processor"));
    } else if (str_eq(key, S("physical id"))) {
        see_socket(p, setting);
    } else if (str_to_int64(setting, &number) && number > 0 && number <= PROCESSORS_MAX) {
        p->cores = p->cores == 0 && str_eq(key, S("cpu cores")) ? number : p->cores;
        p->siblings = p->siblings == 0 && str_eq(key, S("siblings")) ? number : p->siblings;
        p->stated_cores = str_eq(key, S("# processors")) ? number : p->stated_cores;
        p->listed = str_eq(key, S("ncpus active")) ? number : p->listed;
    }
}

/* A list of the kernel: "0-3,8". */
static int64_t count_of_list(str list)
{
    int64_t count = 0;
    while (!str_is_none(list)) {
        str range = str_cut(&list, ',');
        int64_t first, last;
        str from = str_cut(&range, '-');
        if (str_to_int64(from, &first)) {
            bool single = str_is_none(range) || !str_to_int64(range, &last) || last < first;
            count += single || last - first > PROCESSORS_MAX ? 1 : last - first + 1;
        }
    }
    return count;
}

/* Processors this process may run on. */
static int64_t allowed_processors(const struct host *host, int64_t fallback)
{
    str text = host_text(host, S("/proc/self/status"));
    while (text.len > 0) {
        str key, setting;
        if (cut_pair(str_cut_line(&text), ':', &key, &setting) &&
            str_eq(key, S("Cpus_allowed_list"))) {
            int64_t count = count_of_list(setting);
            return count > 0 ? count : fallback;
        }
    }
    return fallback;
}

static int64_t processor_entries(const struct processors *p, str machine)
{
    if (str_starts(machine, S("armv")) || str_starts(machine, S("aarch")) ||
        str_starts(machine, S("ppc"))) {
        return p->processors; /* their other lines do not come once for each */
    }
    return p->vendors > 0 && p->vendors == p->models ? p->vendors : p->listed;
}

static void add_processors(const struct host *host, struct map_builder *facts)
{
    struct processors p = { .texts = list_in(facts->arena) };
    str text = host_text(host, S("/proc/cpuinfo")), machine = kernel_of(host).machine;
    if (str_is_none(text)) {
        return;
    }
    while (text.len > 0) {
        read_processor_line(&p, str_cut_line(&text));
    }
    if (p.cores > 0 && p.sockets == 0) {
        p.sockets = 1; /* cores without the number of their socket are in one */
    }
    int64_t entries = processor_entries(&p, machine);
    int64_t count = p.sockets > 0 ? p.sockets : entries, cores = p.cores > 0 ? p.cores : 1;
    int64_t threads = p.siblings > 0 ? p.siblings / cores : 1 / cores;
    map_set_str(facts, S("processor"), list_seal(&p.texts));
    if (str_eq(machine, S("s390x"))) {
        if (p.stated_cores > 0) {
            fact_int(facts, S("processor_cores"), p.stated_cores);
        }
        return;
    }
    fact_int(facts, S("processor_count"), count);
    fact_int(facts, S("processor_cores"), cores);
    fact_int(facts, S("processor_threads_per_core"), threads);
    fact_int(facts, S("processor_vcpus"), threads * count * cores);
    fact_int(facts, S("processor_nproc"), allowed_processors(host, p.processors));
}

/* ---- memory ---- */

/* "MemTotal:  24683584 kB" in MiB; -1 when it is not told. */
static int64_t memory(str text, const char *name)
{
    while (text.len > 0) {
        str key, setting;
        int64_t kib;
        if (cut_pair(str_cut_line(&text), ':', &key, &setting) && str_eq(key, str_of(name)) &&
            str_to_int64(next_word(&setting), &kib)) {
            return kib / 1024;
        }
    }
    return -1;
}

static void add_amount(struct map_builder *map, const char *key, int64_t amount, bool known)
{
    map_set_str(map, str_of(key), known ? value_int(amount) : value_null());
}

static void add_memory(const struct host *host, struct map_builder *facts)
{
    str text = host_text(host, S("/proc/meminfo"));
    if (str_is_none(text)) {
        return;
    }
    int64_t total = memory(text, "MemTotal"), unused = memory(text, "MemFree");
    int64_t cached = memory(text, "Cached"), buffers = memory(text, "Buffers");
    int64_t swap = memory(text, "SwapTotal"), swap_unused = memory(text, "SwapFree");
    int64_t swap_cached = memory(text, "SwapCached"), nocache = cached + unused + buffers;
    bool has_nocache = cached >= 0 && unused >= 0 && buffers >= 0;
    const struct {
        const char *key;
        int64_t amount;
    } rows[] = {
        { "memtotal_mb", total },
        { "memfree_mb", unused },
        { "swaptotal_mb", swap },
        { "swapfree_mb", swap_unused },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].amount >= 0) {
            fact_int(facts, str_of(rows[i].key), rows[i].amount);
        }
    }
    struct map_builder all = map_in(facts->arena), real = map_in(facts->arena);
    struct map_builder rest = map_in(facts->arena), swaps = map_in(facts->arena);
    add_amount(&real, "total", total, total >= 0);
    add_amount(&real, "used", total - unused, total >= 0 && unused >= 0);
    add_amount(&real, "free", unused, unused >= 0);
    add_amount(&rest, "free", nocache, has_nocache);
    add_amount(&rest, "used", total - nocache, has_nocache && total >= 0);
    add_amount(&swaps, "total", swap, swap >= 0);
    add_amount(&swaps, "free", swap_unused, swap_unused >= 0);
    add_amount(&swaps, "used", swap - swap_unused, swap >= 0 && swap_unused >= 0);
    add_amount(&swaps, "cached", swap_cached, swap_cached >= 0);
    map_set_str(&all, S("real"), map_seal(&real));
    map_set_str(&all, S("nocache"), map_seal(&rest));
    map_set_str(&all, S("swap"), map_seal(&swaps));
    map_set_str(facts, S("memory_mb"), map_seal(&all));
}

/* ---- firmware ---- */

/* The kinds of chassis, by number: DMTF DSP0134, System Enclosure or Chassis Types. */
static str form_factor(struct arena *arena, str number)
{
    static const char *const kinds[] = {
        "Unknown",
        "Other",
        "Unknown",
        "Desktop",
        "Low Profile Desktop",
        "Pizza Box",
        "Mini Tower",
        "Tower",
        "Portable",
        "Laptop",
        "Notebook",
        "Hand Held",
        "Docking Station",
        "All In One",
        "Sub Notebook",
        "Space-saving",
        "Lunch Box",
        "Main Server Chassis",
        "Expansion Chassis",
        "Sub Chassis",
        "Bus Expansion Chassis",
        "Peripheral Chassis",
        "RAID Chassis",
        "Rack Mount Chassis",
        "Sealed-case PC",
        "Multi-system",
        "CompactPCI",
        "AdvancedTCA",
        "Blade",
        "Blade Enclosure",
        "Tablet",
        "Convertible",
        "Detachable",
        "IoT Gateway",
        "Embedded PC",
        "Mini PC",
        "Stick PC",
    };
    int64_t kind;
    if (str_to_int64(number, &kind) && kind >= 0 && (size_t)kind < ARRAY_LEN(kinds)) {
        return str_of(kinds[kind]);
    }
    return str_format(arena, "unknown (%.*s)", SARG(number));
}

/* "NA" is what playbooks compare with where the machine does not tell, or tells root alone. */
static void add_firmware(const struct host *host, struct map_builder *facts)
{
    static const struct {
        const char *fact, *file;
    } rows[] = {
        { "bios_date", "bios_date" },
        { "bios_vendor", "bios_vendor" },
        { "bios_version", "bios_version" },
        { "board_asset_tag", "board_asset_tag" },
        { "board_name", "board_name" },
        { "board_serial", "board_serial" },
        { "board_vendor", "board_vendor" },
        { "board_version", "board_version" },
        { "chassis_asset_tag", "chassis_asset_tag" },
        { "chassis_serial", "chassis_serial" },
        { "chassis_vendor", "chassis_vendor" },
        { "chassis_version", "chassis_version" },
        { "form_factor", "chassis_type" },
        { "product_name", "product_name" },
        { "product_serial", "product_serial" },
        { "product_uuid", "product_uuid" },
        { "product_version", "product_version" },
        { "system_vendor", "sys_vendor" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str text = host_textf(host, "/sys/devices/virtual/dmi/id/%s", rows[i].file);
        if (!str_is_none(text) && str_eq(str_of(rows[i].fact), S("form_factor"))) {
            text = form_factor(facts->arena, text);
        }
        fact_str(facts, str_of(rows[i].fact), str_is_none(text) ? S("NA") : text);
    }
}

void facts_hardware(const struct host *host, struct map_builder *facts)
{
    str uptime = host_text(host, S("/proc/uptime"));
    int64_t seconds;
    add_processors(host, facts);
    add_memory(host, facts);
    add_firmware(host, facts);
    if (!str_is_none(uptime) && str_to_int64(str_cut(&uptime, '.'), &seconds)) {
        fact_int(facts, S("uptime_seconds"), seconds);
    }
    facts_devices(host, facts);
    facts_lvm(host, facts);
    facts_mounts(host, facts);
}
