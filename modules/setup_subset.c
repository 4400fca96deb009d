/*
 * setup_subset.c - gather_subset as Ansible reads it: "all", "min", the name of a group, or the
 * name of some fact of a group; with "!" it is taken away. What counts is a set of names: it begins
 * with "min", names are added, then those with "!" are taken away, but not what was named without
 * it. A group is gathered if a name of it is left: "!devices" alone does not take "hardware" away.
 */
#include "setup_subset.h"

/* The first name of a group is its own; `min` belongs to it alone. */
static const struct {
    const char *name;
    enum subset subset;
    bool own, min;
} names[] = {
    { "apparmor", SUBSET_APPARMOR, true, true },
    { "caps", SUBSET_CAPS, true, true },
    { "system_capabilities", SUBSET_CAPS },
    { "system_capabilities_enforced", SUBSET_CAPS },
    { "chroot", SUBSET_CHROOT, true },
    { "is_chroot", SUBSET_CHROOT },
    { "cmdline", SUBSET_CMDLINE, true, true },
    { "date_time", SUBSET_DATE_TIME, true, true },
    { "distribution", SUBSET_DISTRIBUTION, true, true },
    { "distribution_major_version", SUBSET_DISTRIBUTION },
    { "distribution_release", SUBSET_DISTRIBUTION },
    { "distribution_version", SUBSET_DISTRIBUTION },
    { "os_family", SUBSET_DISTRIBUTION },
    { "dns", SUBSET_DNS, true, true },
    { "env", SUBSET_ENV, true, true },
    { "facter", SUBSET_FACTER, true },
    { "fibre_channel_wwn", SUBSET_FIBRE_CHANNEL, true },
    { "fips", SUBSET_FIPS, true, true },
    { "hardware", SUBSET_HARDWARE, true },
    { "devices", SUBSET_HARDWARE },
    { "mounts", SUBSET_HARDWARE },
    { "processor", SUBSET_HARDWARE },
    { "processor_cores", SUBSET_HARDWARE },
    { "processor_count", SUBSET_HARDWARE },
    { "iscsi", SUBSET_ISCSI, true },
    { "loadavg", SUBSET_LOADAVG, true },
    { "local", SUBSET_LOCAL, true, true },
    { "lsb", SUBSET_LSB, true, true },
    { "network", SUBSET_NETWORK, true },
    { "all_ipv4_addresses", SUBSET_NETWORK },
    { "all_ipv6_addresses", SUBSET_NETWORK },
    { "default_ipv4", SUBSET_NETWORK },
    { "default_ipv6", SUBSET_NETWORK },
    { "interfaces", SUBSET_NETWORK },
    { "nvme", SUBSET_NVME, true },
    { "ohai", SUBSET_OHAI, true },
    { "pkg_mgr", SUBSET_PKG_MGR, true, true },
    { "platform", SUBSET_PLATFORM, true, true },
    { "architecture", SUBSET_PLATFORM },
    { "kernel", SUBSET_PLATFORM },
    { "kernel_version", SUBSET_PLATFORM },
    { "machine", SUBSET_PLATFORM },
    { "machine_id", SUBSET_PLATFORM },
    { "python_version", SUBSET_PLATFORM },
    { "system", SUBSET_PLATFORM },
    { "python", SUBSET_PYTHON, true, true },
    { "selinux", SUBSET_SELINUX, true, true },
    { "service_mgr", SUBSET_SERVICE_MGR, true, true },
    { "ssh_pub_keys", SUBSET_SSH_PUB_KEYS, true, true },
    { "ssh_host_key_dsa_public", SUBSET_SSH_PUB_KEYS },
    { "ssh_host_key_ecdsa_public", SUBSET_SSH_PUB_KEYS },
    { "ssh_host_key_ed25519_public", SUBSET_SSH_PUB_KEYS },
    { "ssh_host_key_rsa_public", SUBSET_SSH_PUB_KEYS },
    { "ssh_host_pub_keys", SUBSET_SSH_PUB_KEYS },
    { "user", SUBSET_USER, true, true },
    { "effective_group_ids", SUBSET_USER },
    { "effective_user_id", SUBSET_USER },
    { "real_user_id", SUBSET_USER },
    { "user_dir", SUBSET_USER },
    { "user_gecos", SUBSET_USER },
    { "user_gid", SUBSET_USER },
    { "user_id", SUBSET_USER },
    { "user_shell", SUBSET_USER },
    { "user_uid", SUBSET_USER },
    { "virtual", SUBSET_VIRTUAL, true },
    { "virtualization_role", SUBSET_VIRTUAL },
    { "virtualization_tech_guest", SUBSET_VIRTUAL },
    { "virtualization_tech_host", SUBSET_VIRTUAL },
    { "virtualization_type", SUBSET_VIRTUAL },
};

#define NAME_NONE ARRAY_LEN(names)

static size_t name_find(str name)
{
    size_t i = 0;
    while (i < ARRAY_LEN(names) && !str_eq(name, str_of(names[i].name))) {
        i++;
    }
    return i;
}

static bool is_word(str name)
{
    return str_eq(name, S("all")) || str_eq(name, S("min"));
}

static void suggest_name(struct diag *diag, str name)
{
    str known[ARRAY_LEN(names) + 2];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        known[i] = str_of(names[i].name);
    }
    known[ARRAY_LEN(names)] = S("all");
    known[ARRAY_LEN(names) + 1] = S("min");
    diag_suggest(diag, name, known, ARRAY_LEN(known));
}

bool subset_check(struct diags *diags, span at, const struct str_list *wanted)
{
    for (size_t i = 0; i < wanted->count; i++) {
        str name = wanted->items[i];
        size_t known = name_find(name);
        if (str_starts(name, S("!")) || is_word(name)) {
            continue; /* taking away what does not exist is accepted, as Ansible does */
        }
        if (known == NAME_NONE) {
            suggest_name(diag_error(diags, at, "there is no subset of facts '%.*s'", SARG(name)),
                         name);
            return false;
        }
        if (names[known].subset == SUBSET_FACTER || names[known].subset == SUBSET_OHAI) {
            diag_error(diags, at, "facts of '%.*s' are not supported", SARG(name));
            return false;
        }
    }
    return true;
}

enum name_mark { MARK_ADDED = 1, MARK_EXPLICIT = 2, MARK_TAKEN = 4 };

/* `all` without "!" is every name; with it, all but the groups of `min`. */
static void mark_names(unsigned char *marks, str word, bool taken)
{
    bool min = str_eq(word, S("min"));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (min ? names[i].min : !taken || !names[i].min) {
            marks[i] |= taken ? MARK_TAKEN : MARK_ADDED;
        }
    }
}

/* Taking the own name of a group away takes all its names away. */
static void mark_name(unsigned char *marks, size_t name, bool taken)
{
    marks[name] |= taken ? MARK_TAKEN : MARK_ADDED | MARK_EXPLICIT;
    for (size_t i = 0; taken && names[name].own && i < ARRAY_LEN(names); i++) {
        if (names[i].subset == names[name].subset) {
            marks[i] |= MARK_TAKEN;
        }
    }
}

static unsigned with_needed(unsigned subsets)
{
    static const struct {
        enum subset subset;
        unsigned needs;
    } needed[] = {
        { SUBSET_PKG_MGR, IN_SUBSET(SUBSET_DISTRIBUTION) },
        { SUBSET_SERVICE_MGR, IN_SUBSET(SUBSET_DISTRIBUTION) | IN_SUBSET(SUBSET_PLATFORM) },
        { SUBSET_NETWORK, IN_SUBSET(SUBSET_DISTRIBUTION) | IN_SUBSET(SUBSET_PLATFORM) },
        { SUBSET_HARDWARE, IN_SUBSET(SUBSET_PLATFORM) },
    };
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        if (subsets & IN_SUBSET(needed[i].subset)) {
            subsets |= needed[i].needs;
        }
    }
    return subsets;
}

unsigned subset_select(const struct str_list *wanted)
{
    unsigned char marks[ARRAY_LEN(names)] = { 0 };
    mark_names(marks, S("min"), false);
    for (size_t i = 0; i < wanted->count; i++) {
        bool taken = str_starts(wanted->items[i], S("!"));
        str word = taken ? str_part(wanted->items[i], 1, wanted->items[i].len) : wanted->items[i];
        size_t known = name_find(word);
        if (is_word(word)) {
            mark_names(marks, word, taken);
        } else if (known != NAME_NONE) {
            mark_name(marks, known, taken);
        }
    }
    unsigned subsets = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        bool taken = (marks[i] & MARK_TAKEN) && !(marks[i] & MARK_EXPLICIT);
        subsets |= (marks[i] & MARK_ADDED) && !taken ? IN_SUBSET(names[i].subset) : 0;
    }
    return with_needed(subsets);
}
