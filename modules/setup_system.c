/*
 * setup_system.c - the machine as a whole: its kernel and names, who is logged in, what protects
 * it.
 */
#include "base/strbuf.h"
#include "setup_facts.h"

/* ---- kernel and names ---- */

struct kernel kernel_of(const struct host *host)
{
    str rest = host->run.kernel.status == 0 ? host->run.kernel.out : STR_EMPTY;
    struct kernel kernel;
    kernel.system = next_word(&rest);
    kernel.node = next_word(&rest);
    kernel.release = next_word(&rest);
    kernel.machine = next_word(&rest);
    return kernel;
}

/* The line of /etc/hosts that has a name, or that begins with an address. */
static str hosts_line(str hosts, str word, bool is_address)
{
    while (hosts.len > 0) {
        str line = str_cut_line(&hosts);
        size_t comment = str_find_char(line, '#', 0);
        line = str_part(line, 0, comment == STR_NPOS ? line.len : comment);
        str rest = line, found = next_word(&rest);
        while (!is_address && !str_is_none(found = next_word(&rest)) && !str_eq(found, word)) {
        }
        if (str_eq(found, word)) {
            return line;
        }
    }
    return STR_NONE;
}

/* As Python's socket.getfqdn(): of all names of the address that the host's name has, the first
 * with a dot, else the first. What /etc/hosts does not tell, the host's resolver did. */
static str fqdn_of(const struct host *host, str node)
{
    str hosts = host_text(host, S("/etc/hosts"));
    str line = str_is_none(hosts) ? STR_NONE : hosts_line(hosts, node, false);
    if (str_is_none(line)) {
        str resolved = host->run.fqdn.status == 0 ? str_trim(host->run.fqdn.out) : STR_EMPTY;
        return resolved.len > 0 ? resolved : node;
    }
    str rest = hosts_line(hosts, next_word(&line), true);
    next_word(&rest);
    str first = next_word(&rest), name = first;
    while (!str_is_none(name) && str_find_char(name, '.', 0) == STR_NPOS) {
        name = next_word(&rest);
    }
    return str_is_none(name) ? first : name;
}

static bool is_64_bit(str machine)
{
    return str_find(machine, S("64"), 0) != STR_NPOS || str_starts(machine, S("s390x"));
}

/* A kernel of 64 bits may run programs of 32: then the only dynamic loaders are theirs. */
static bool userspace_is_64_bit(const struct host *host, str machine)
{
    bool other = false;
    for (size_t i = 0; i < host->paths.len; i++) {
        str path = host->paths.items[i].path;
        size_t slash = str_rfind(path, S("/ld"));
        if (slash == STR_NPOS || !str_starts(path, S("/lib"))) {
            continue;
        }
        if (is_64_bit(str_part(path, slash, path.len)) ||
            str_find(path, S("s390x"), slash) != STR_NPOS) {
            return is_64_bit(machine);
        }
        other = true;
    }
    return is_64_bit(machine) && !other;
}

static void add_architecture(const struct host *host, str machine, struct map_builder *facts)
{
    bool wide = userspace_is_64_bit(host, machine);
    bool i386 = machine.len == 4 && machine.ptr[0] == 'i' && str_ends(machine, S("86"));
    bool x86 = i386 || str_eq(machine, S("x86_64"));
    fact_str(facts, S("machine"), machine);
    fact_str(facts, S("architecture"), i386 ? S("i386") : machine);
    fact_str(facts, S("userspace_bits"), wide ? S("64") : S("32"));
    if (x86) {
        fact_str(facts, S("userspace_architecture"), wide ? S("x86_64") : S("i386"));
    }
}

static str machine_id(const struct host *host)
{
    str id = host_text(host, S("/var/lib/dbus/machine-id"));
    id = str_is_none(id) ? host_text(host, S("/etc/machine-id")) : id;
    return str_is_none(id) ? id : str_cut_line(&id);
}

void facts_platform(const struct host *host, struct map_builder *facts)
{
    struct kernel kernel = kernel_of(host);
    fact_str(facts, S("system"), kernel.system);
    fact_str(facts, S("kernel"), kernel.release);
    fact_str(facts, S("kernel_version"), host_text(host, S("/proc/sys/kernel/version")));
    fact_str(facts, S("machine_id"), machine_id(host));
    if (!str_is_none(kernel.machine)) {
        add_architecture(host, kernel.machine, facts);
    }
    if (!str_is_none(kernel.node)) {
        str fqdn = fqdn_of(host, kernel.node), rest = fqdn, node = kernel.node;
        fact_str(facts, S("nodename"), kernel.node);
        fact_str(facts, S("hostname"), str_cut(&node, '.'));
        fact_str(facts, S("fqdn"), fqdn);
        str_cut(&rest, '.');
        fact_str(facts, S("domain"), str_is_none(rest) ? STR_EMPTY : rest);
    }
}

/* ---- the user ---- */

void facts_user(const struct host *host, struct map_builder *facts)
{
    const struct user_entry *login = &host->login;
    fact_int(facts, S("real_user_id"), login->uid);
    fact_int(facts, S("effective_user_id"), login->uid);
    if (!login->exists) {
        return;
    }
    fact_str(facts, S("user_id"), login->name);
    fact_int(facts, S("user_uid"), login->uid);
    fact_int(facts, S("user_gid"), login->gid);
    fact_int(facts, S("real_group_id"), login->gid);
    fact_int(facts, S("effective_group_id"), login->gid);
    fact_str(facts, S("user_gecos"), login->gecos);
    fact_str(facts, S("user_dir"), login->home);
    fact_str(facts, S("user_shell"), login->shell);
}

void facts_environment(const struct host *host, struct map_builder *facts)
{
    bool known = value_is(host->environment, VALUE_MAP);
    struct map_builder none = map_in(facts->arena);
    map_set_str(facts, S("env"), known ? host->environment : map_seal(&none));
}

/* ---- the kernel's command line ---- */

/* A word of the line; white space within quotes belongs to it, and the quotes stay. */
static str quoted_word(str *rest)
{
    *rest = str_trim_left(*rest);
    char quote = '\0';
    size_t end = 0;
    for (; end < rest->len; end++) {
        char c = rest->ptr[end];
        if (quote == '\0' && str_trim(str_part(*rest, end, end + 1)).len == 0) {
            break;
        }
        if (quote == '\0' ? c == '"' || c == '\'' : c == quote) {
            quote = quote == '\0' ? c : '\0';
        }
    }
    str word = str_part(*rest, 0, end);
    *rest = str_part(*rest, end, rest->len);
    return end == 0 ? STR_NONE : word;
}

/* What was given more than once becomes a list. */
static void add_repeated(struct map_builder *map, value key, str text)
{
    value before = value_undefined(map->arena, STR_NONE);
    for (size_t i = 0; i < map->entries.len; i++) {
        if (value_equal(map->entries.items[i].key, key) == TRUTH_TRUE) {
            before = map->entries.items[i].val;
        }
    }
    struct list_builder list = list_in(map->arena);
    for (size_t i = 0; value_is(before, VALUE_LIST) && i < value_count(before); i++) {
        list_add(&list, value_item(before, i));
    }
    if (value_is_defined(before) && !value_is(before, VALUE_LIST)) {
        list_add(&list, before);
    }
    list_add(&list, value_str(map->arena, text));
    map_set(map, key, value_is_defined(before) ? list_seal(&list) : value_str(map->arena, text));
}

void facts_command_line(const struct host *host, struct map_builder *facts)
{
    str line = host_text(host, S("/proc/cmdline")), word;
    if (str_is_none(line)) {
        return;
    }
    struct map_builder last = map_in(facts->arena), all = map_in(facts->arena);
    while (!str_is_none(word = quoted_word(&line))) {
        size_t equals = str_find_char(word, '=', 0);
        value key =
            value_str(facts->arena, str_part(word, 0, equals == STR_NPOS ? word.len : equals));
        if (equals == STR_NPOS) {
            map_set(&last, key, value_bool(true));
            map_set(&all, key, value_bool(true));
        } else {
            str text = str_part(word, equals + 1, word.len);
            map_set(&last, key, value_str(facts->arena, text));
            add_repeated(&all, key, text);
        }
    }
    map_set_str(facts, S("cmdline"), map_seal(&last));
    map_set_str(facts, S("proc_cmdline"), map_seal(&all));
}

/* ---- load ---- */

/* Digits with a decimal point, as the kernel prints them. */
static bool to_number(str text, double *ret)
{
    int64_t whole, hundredths;
    str rest = text, before = str_cut(&rest, '.');
    if (!str_to_int64(before, &whole) || str_is_none(rest) || rest.len != 2 ||
        !str_to_int64(rest, &hundredths)) {
        return false;
    }
    *ret = (double)whole + (double)hundredths / 100;
    return true;
}

void facts_load(const struct host *host, struct map_builder *facts)
{
    static const char *const keys[] = { "1m", "5m", "15m" };
    str rest = host_text(host, S("/proc/loadavg"));
    struct map_builder load = map_in(facts->arena);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        double number;
        str word = str_is_none(rest) ? STR_NONE : next_word(&rest);
        if (str_is_none(word) || !to_number(word, &number)) {
            return;
        }
        map_set_str(&load, str_of(keys[i]), value_float(number));
    }
    map_set_str(facts, S("loadavg"), map_seal(&load));
}

/* ---- what protects it ---- */

void facts_fips(const struct host *host, struct map_builder *facts)
{
    str enabled = host_text(host, S("/proc/sys/crypto/fips_enabled"));
    fact_bool(facts, S("fips"), str_eq(enabled, S("1")));
}

/* The root of process 1 is another one, or, where that may not be seen, "/" is not the first inode
 * of its file system. */
void facts_chroot(const struct host *host, struct map_builder *facts)
{
    const struct host_path *mine = host_path(host, S("/"));
    const struct host_path *init = host_path(host, S("/proc/1/root/."));
    value name = value_get(host->environment, S("debian_chroot"));
    if (value_is(name, VALUE_STR) && value_as_str(name).len > 0) {
        fact_bool(facts, S("is_chroot"), true);
    } else if (mine != NULL && init != NULL) {
        fact_bool(facts, S("is_chroot"),
                  mine->inode != init->inode || mine->device != init->device);
    } else if (mine != NULL) {
        /* ext and most others: 2; btrfs: 256; xfs: 128 */
        fact_bool(facts, S("is_chroot"),
                  mine->inode != 2 && mine->inode != 256 && mine->inode != 128);
    }
}

void facts_apparmor(const struct host *host, struct map_builder *facts)
{
    struct map_builder map = map_in(facts->arena);
    bool enabled = host_has(host, S("/sys/kernel/security/apparmor"));
    fact_str(&map, S("status"), enabled ? S("enabled") : S("disabled"));
    map_set_str(facts, S("apparmor"), map_seal(&map));
}

void facts_selinux(const struct host *host, struct map_builder *facts)
{
    struct map_builder map = map_in(facts->arena);
    str enforce = host_text(host, S("/sys/fs/selinux/enforce"));
    str config = host_text(host, S("/etc/selinux/config"));
    int64_t version;
    fact_str(&map, S("status"), str_is_none(enforce) ? S("disabled") : S("enabled"));
    if (!str_is_none(enforce)) {
        str mode = shell_setting(facts->arena, config, S("SELINUX"));
        str type = shell_setting(facts->arena, config, S("SELINUXTYPE"));
        if (host_number(host, S("/sys/fs/selinux/policyvers"), &version)) {
            fact_int(&map, S("policyvers"), version);
        }
        fact_str(&map, S("config_mode"), str_is_none(mode) ? S("unknown") : mode);
        fact_str(&map, S("mode"), str_eq(enforce, S("1")) ? S("enforcing") : S("permissive"));
        fact_str(&map, S("type"), str_is_none(type) ? S("unknown") : type);
    }
    map_set_str(facts, S("selinux"), map_seal(&map));
    /* Playbooks ask whether SELinux can be managed; Python is no condition for it here. */
    fact_bool(facts, S("selinux_python_present"), true);
}

/* "Current: =ep cap_sys_resource-ep", or "Current: = cap_chown,...+ep" of older ones. */
void facts_capabilities(const struct host *host, struct map_builder *facts)
{
    str out = host->run.capabilities.status == 0 ? host->run.capabilities.out : STR_EMPTY;
    str enforced = S("N/A");
    value held = value_str(facts->arena, S("N/A"));
    while (out.len > 0) {
        str line = str_cut_line(&out);
        if (!str_starts(line, S("Current:"))) {
            continue;
        }
        struct list_builder list = list_in(facts->arena);
        str rest = str_trim(str_part(line, 8, line.len));
        enforced = str_eq(rest, S("=ep")) ? S("False") : S("True");
        str_cut(&rest, '=');
        rest = str_eq(enforced, S("True")) ? str_cut(&rest, '=') : STR_NONE;
        while (!str_is_none(rest)) {
            list_add(&list, value_str(facts->arena, str_trim(str_cut(&rest, ','))));
        }
        held = list_seal(&list);
    }
    fact_str(facts, S("system_capabilities_enforced"), enforced);
    map_set_str(facts, S("system_capabilities"), held);
}

/* ---- host keys ---- */

void facts_host_keys(const struct host *host, struct map_builder *facts)
{
    static const char *const directories[] = { "/etc/ssh", "/etc/openssh", "/etc" };
    static const char *const kinds[] = { "dsa", "rsa", "ecdsa", "ed25519" };
    bool found = false;
    for (size_t d = 0; d < ARRAY_LEN(directories) && !found; d++) {
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            str rest = host_textf(host, "%s/ssh_host_%s_key.pub", directories[d], kinds[k]);
            str type = str_is_none(rest) ? STR_NONE : next_word(&rest);
            str key = str_is_none(type) ? STR_NONE : next_word(&rest);
            if (str_is_none(key)) {
                continue;
            }
            found = true;
            str name = str_format(facts->arena, "ssh_host_key_%s_public", kinds[k]);
            fact_str(facts, name, key);
            fact_str(facts, str_concat(facts->arena, name, S("_keytype")), type);
        }
    }
}
