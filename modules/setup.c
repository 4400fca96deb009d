/*
 * setup - what a host is: facts, under the names that playbooks know. What is asked depends on the
 * groups of facts that are wanted (setup_subset.c); all of it travels in one round trip, files
 * rather than programs, since a host tells nearly everything in /proc, /sys and /etc. A second one
 * is made only for the sizes of file systems, LVM and local facts, where there are any: which there
 * are is an answer itself.
 */
#include "base/path.h"
#include "base/strbuf.h"
#include "module/module.h"
#include "setup_facts.h"
#include "setup_subset.h"

struct setup_params {
    struct str_list gather_subset, filter;
    int64_t gather_timeout;
    str fact_path;
};

static const struct param params[] = {
    PARAM(struct setup_params, gather_subset, .type = PARAM_LIST, .fallback = "all",
          .doc = "Which facts: all, min, network, hardware, virtual, or the name of any group of "
                 "facts; \"!name\" takes one away. min is always there unless \"!min\" is."),
    PARAM(struct setup_params, filter, .type = PARAM_LIST,
          .doc = "Patterns (* ? [abc]) of names; only facts that fit one are told."),
    PARAM(struct setup_params, gather_timeout, .type = PARAM_INT, .fallback = "10",
          .doc = "Seconds to wait for the sizes of file systems of other machines."),
    PARAM(struct setup_params, fact_path, .type = PARAM_PATH, .fallback = "/etc/ansible/facts.d",
          .doc = "Where local facts are: NAME.fact, JSON or sections of settings. Programs are "
                 "not run."),
    PARAM_IGNORED("parallel", "Without effect: all facts are gathered at once."),
    PARAM_END,
};

/* ---- the groups ---- */

static const struct {
    enum subset subset;
    void (*add)(const struct host *host, struct map_builder *facts);
} groups[] = {
    { SUBSET_PLATFORM, facts_platform },
    { SUBSET_DISTRIBUTION, facts_distribution },
    { SUBSET_LSB, facts_lsb },
    { SUBSET_SELINUX, facts_selinux },
    { SUBSET_APPARMOR, facts_apparmor },
    { SUBSET_CHROOT, facts_chroot },
    { SUBSET_FIPS, facts_fips },
    { SUBSET_CAPS, facts_capabilities },
    { SUBSET_PKG_MGR, facts_packages },
    { SUBSET_SERVICE_MGR, facts_services },
    { SUBSET_CMDLINE, facts_command_line },
    { SUBSET_DATE_TIME, facts_time },
    { SUBSET_ENV, facts_environment },
    { SUBSET_LOADAVG, facts_load },
    { SUBSET_SSH_PUB_KEYS, facts_host_keys },
    { SUBSET_USER, facts_user },
    { SUBSET_VIRTUAL, facts_virtual },
    { SUBSET_HARDWARE, facts_hardware },
    { SUBSET_DNS, facts_dns },
    { SUBSET_FIBRE_CHANNEL, facts_fibre_channel },
    { SUBSET_NETWORK, facts_network },
    { SUBSET_ISCSI, facts_iscsi },
    { SUBSET_NVME, facts_nvme },
};

#define FOR_DISTRIBUTION (IN_SUBSET(SUBSET_DISTRIBUTION) | IN_SUBSET(SUBSET_LSB))
#define FOR_HARDWARE     IN_SUBSET(SUBSET_HARDWARE)
#define FOR_NETWORK      IN_SUBSET(SUBSET_NETWORK)
#define FOR_PACKAGES     IN_SUBSET(SUBSET_PKG_MGR)
#define FOR_SERVICES     IN_SUBSET(SUBSET_SERVICE_MGR)
#define FOR_VIRTUAL      IN_SUBSET(SUBSET_VIRTUAL)

/* Files whose text is asked for: patterns as the shell expands them. */
static const struct question_row {
    unsigned subsets;
    const char *pattern;
} text_rows[] = {
    { FOR_DISTRIBUTION, "/usr/lib/os-release" },
    { FOR_DISTRIBUTION, "/etc/*-release" },
    { FOR_DISTRIBUTION, "/etc/openwrt_release" },
    { FOR_DISTRIBUTION, "/etc/slackware-version" },
    { FOR_DISTRIBUTION, "/etc/debian_version" },
    { IN_SUBSET(SUBSET_PLATFORM), "/proc/sys/kernel/version" },
    { IN_SUBSET(SUBSET_PLATFORM), "/etc/hosts" },
    { IN_SUBSET(SUBSET_PLATFORM), "/etc/machine-id" },
    { IN_SUBSET(SUBSET_PLATFORM), "/var/lib/dbus/machine-id" },
    { IN_SUBSET(SUBSET_SELINUX), "/sys/fs/selinux/enforce" },
    { IN_SUBSET(SUBSET_SELINUX), "/sys/fs/selinux/policyvers" },
    { IN_SUBSET(SUBSET_SELINUX), "/etc/selinux/config" },
    { IN_SUBSET(SUBSET_FIPS), "/proc/sys/crypto/fips_enabled" },
    { IN_SUBSET(SUBSET_CMDLINE), "/proc/cmdline" },
    { IN_SUBSET(SUBSET_LOADAVG), "/proc/loadavg" },
    { IN_SUBSET(SUBSET_DATE_TIME), "/etc/localtime" },
    { IN_SUBSET(SUBSET_SSH_PUB_KEYS), "/etc/ssh/ssh_host_*_key.pub" },
    { IN_SUBSET(SUBSET_SSH_PUB_KEYS), "/etc/openssh/ssh_host_*_key.pub" },
    { IN_SUBSET(SUBSET_SSH_PUB_KEYS), "/etc/ssh_host_*_key.pub" },
    { IN_SUBSET(SUBSET_DNS), "/etc/resolv.conf" },
    { IN_SUBSET(SUBSET_ISCSI), "/etc/iscsi/initiatorname.iscsi" },
    { IN_SUBSET(SUBSET_NVME), "/etc/nvme/hostnqn" },
    { IN_SUBSET(SUBSET_FIBRE_CHANNEL), "/sys/class/fc_host/*/port_name" },
    { FOR_SERVICES, "/proc/1/comm" },
    { FOR_VIRTUAL, "/proc/1/cgroup" },
    { FOR_VIRTUAL, "/proc/1/environ" },
    { FOR_VIRTUAL, "/run/systemd/container" },
    { FOR_VIRTUAL, "/proc/xen/capabilities" },
    { FOR_VIRTUAL, "/proc/modules" },
    { FOR_VIRTUAL | FOR_HARDWARE, "/proc/cpuinfo" },
    { FOR_VIRTUAL | FOR_HARDWARE, "/sys/devices/virtual/dmi/id/[bcps]*_*" },
    { FOR_HARDWARE, "/proc/self/status" },
    { FOR_HARDWARE, "/proc/meminfo" },
    { FOR_HARDWARE, "/proc/uptime" },
    { FOR_HARDWARE, "/proc/mounts" },
    { FOR_HARDWARE, "/proc/self/mountinfo" },
    { FOR_HARDWARE, "/sys/block/*/size" },
    { FOR_HARDWARE, "/sys/block/*/removable" },
    { FOR_HARDWARE, "/sys/block/*/dm/name" },
    { FOR_HARDWARE, "/sys/block/*/queue/discard_granularity" },
    { FOR_HARDWARE, "/sys/block/*/queue/logical_block_size" },
    { FOR_HARDWARE, "/sys/block/*/queue/rotational" },
    { FOR_HARDWARE, "/sys/block/*/queue/scheduler" },
    { FOR_HARDWARE, "/sys/block/*/device/vendor" },
    { FOR_HARDWARE, "/sys/block/*/device/model" },
    { FOR_HARDWARE, "/sys/block/*/device/serial" },
    { FOR_HARDWARE, "/sys/block/*/device/sas_address" },
    { FOR_HARDWARE, "/sys/block/*/device/sas_device_handle" },
    { FOR_HARDWARE, "/sys/block/*/*/start" },
    { FOR_HARDWARE, "/sys/block/*/*/size" },
    { FOR_NETWORK, "/sys/class/net/*/address" },
    { FOR_NETWORK, "/sys/class/net/*/flags" },
    { FOR_NETWORK, "/sys/class/net/*/mtu" },
    { FOR_NETWORK, "/sys/class/net/*/operstate" },
    { FOR_NETWORK, "/sys/class/net/*/speed" },
    { FOR_NETWORK, "/sys/class/net/*/type" },
    { FOR_NETWORK, "/sys/class/net/*/bridge/bridge_id" },
    { FOR_NETWORK, "/sys/class/net/*/bridge/stp_state" },
    { FOR_NETWORK, "/sys/class/net/*/bonding/*" },
    { FOR_NETWORK, "/sys/class/net/*/bonding_slave/perm_hwaddr" },
};

/* Paths of which it matters that they are there, or where a link leads. */
static const struct question_row path_rows[] = {
    { FOR_DISTRIBUTION, "/etc/arch-release" },
    { FOR_DISTRIBUTION, "/etc/vmware-release" },
    { FOR_DISTRIBUTION, "/etc/products.d/baseproduct" },
    { IN_SUBSET(SUBSET_PLATFORM), "/lib*/ld*.so*" },
    { IN_SUBSET(SUBSET_APPARMOR), "/sys/kernel/security/apparmor" },
    { IN_SUBSET(SUBSET_CHROOT), "/" },
    { IN_SUBSET(SUBSET_CHROOT), "/proc/1/root/." },
    { IN_SUBSET(SUBSET_FIBRE_CHANNEL), "/sys/class/fc_host/*" },
    { FOR_SERVICES, "/sbin/init" },
    { FOR_SERVICES, "/sbin/openrc" },
    { FOR_SERVICES, "/etc/init" },
    { FOR_SERVICES, "/etc/init.d" },
    { FOR_SERVICES, "/run/systemd/system" },
    { FOR_SERVICES, "/dev/.run/systemd" },
    { FOR_SERVICES, "/dev/.systemd" },
    { FOR_VIRTUAL, "/proc/vz" },
    { FOR_VIRTUAL, "/proc/lve" },
    { FOR_VIRTUAL, "/proc/bc" },
    { FOR_VIRTUAL, "/proc/xen" },
    { FOR_VIRTUAL, "/.dockerenv" },
    { FOR_VIRTUAL, "/.dockerinit" },
    { FOR_VIRTUAL, "/dev/kvm" },
    { FOR_HARDWARE, "/sys/block/*" },
    { FOR_HARDWARE, "/sys/block/*/holders/*" },
    { FOR_HARDWARE, "/sys/block/*/slaves/*" },
    { FOR_HARDWARE, "/sys/block/*/*/holders/*" },
    { FOR_HARDWARE, "/sys/block/*/*/partition" },
    { FOR_HARDWARE, "/dev/disk/by-id/*" },
    { FOR_HARDWARE, "/dev/disk/by-uuid/*" },
    { FOR_HARDWARE, "/dev/disk/by-label/*" },
    { FOR_HARDWARE, "/dev/mapper/*" },
    { FOR_NETWORK, "/sys/class/net/*" },
    { FOR_NETWORK, "/sys/class/net/*/device" },
    { FOR_NETWORK, "/sys/class/net/*/device/driver/module" },
    { FOR_NETWORK, "/sys/class/net/*/brif/*" },
};

static bool setup_check(struct diags *diags, span at, const void *params_)
{
    const struct setup_params *want = params_;
    return subset_check(diags, at, &want->gather_subset);
}

/* ---- observing ---- */

struct patterns {
    struct arena *arena;
    str *items;
    size_t len, cap;
};

static void add_rows(struct patterns *patterns, const struct question_row *rows, size_t count,
                     unsigned subsets)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].subsets & subsets) {
            *VEC_PUSH(patterns->arena, patterns) = str_of(rows[i].pattern);
        }
    }
}

/* DIRECTORY/NAME.fact, where the directory means just itself. */
static str local_pattern(struct arena *arena, str directory)
{
    struct strbuf pattern = strbuf_in(arena);
    directory = path_normal(arena, directory);
    for (size_t i = 0; i < directory.len; i++) {
        if (str_find_char(S("*?[]!^-\\"), directory.ptr[i], 0) != STR_NPOS) {
            strbuf_add_char(&pattern, '\\');
        }
        strbuf_add_char(&pattern, directory.ptr[i]);
    }
    strbuf_add(&pattern, S("/*.fact"));
    return strbuf_str(&pattern);
}

static void observe_tables(struct observer *obs, const struct setup_params *want, unsigned subsets,
                           struct host *host)
{
    struct patterns texts = { .arena = host->arena }, paths = { .arena = host->arena };
    add_rows(&texts, text_rows, ARRAY_LEN(text_rows), subsets);
    add_rows(&paths, path_rows, ARRAY_LEN(path_rows), subsets);
    for (size_t i = 0; (subsets & FOR_PACKAGES) && !str_is_none(packages_path(i)); i++) {
        *VEC_PUSH(host->arena, &paths) = packages_path(i);
    }
    if ((subsets & IN_SUBSET(SUBSET_LOCAL)) && !str_is_none(want->fact_path)) {
        str pattern = local_pattern(host->arena, want->fact_path);
        *VEC_PUSH(host->arena, &texts) = pattern;
        observe_glob(obs, pattern, &host->local_paths);
    }
    if (texts.len > 0) {
        observe_run_paths(obs, TEXTS_ARGV, texts.items, texts.len, &host->run.texts);
    }
    if (paths.len > 0) {
        observe_run_paths(obs, PATHS_ARGV, paths.items, paths.len, &host->run.paths);
    }
}

static void observe_programs(struct observer *obs, unsigned subsets, struct host *host)
{
    if (subsets & IN_SUBSET(SUBSET_PLATFORM)) {
        observe_run(obs, ARGV(S("hostname"), S("-f")), &host->run.fqdn);
    }
    if (subsets & IN_SUBSET(SUBSET_DATE_TIME)) {
        observe_run(obs, ARGV(S("date"), S(TIME_FORMAT)), &host->run.date);
    }
    if (subsets & IN_SUBSET(SUBSET_CAPS)) {
        observe_run(obs, ARGV(S("capsh"), S("--print")), &host->run.capabilities);
    }
    if (subsets & IN_SUBSET(SUBSET_LSB)) {
        observe_program(obs, S("lsb_release"), &host->lsb_release);
    }
    if (subsets & FOR_SERVICES) {
        observe_program(obs, S("systemctl"), &host->systemctl);
        observe_program(obs, S("initctl"), &host->initctl);
    }
    if (subsets & FOR_HARDWARE) {
        observe_program(obs, S("vgs"), &host->vgs);
    }
    if (subsets & FOR_NETWORK) {
        observe_run(obs, ARGV(S("ip"), S("-o"), S("addr"), S("show")), &host->run.addresses);
        observe_run(obs, ARGV(S("ip"), S("-o"), S("-4"), S("route"), S("get"), ROUTE4),
                    &host->run.route4);
        observe_run(obs, ARGV(S("ip"), S("-o"), S("-6"), S("route"), S("get"), ROUTE6),
                    &host->run.route6);
    }
}

static void observe_user_facts(struct observer *obs, unsigned subsets, struct host *host)
{
    if (subsets & (IN_SUBSET(SUBSET_USER) | FOR_HARDWARE)) {
        observe_login(obs, &host->login);
    }
    if (subsets & (IN_SUBSET(SUBSET_ENV) | IN_SUBSET(SUBSET_CHROOT))) {
        observe_environment(obs, &host->environment);
    }
}

/* A server that is gone makes stat wait for ever: those of other machines are asked apart. */
static void observe_sizes(struct observer *obs, const struct setup_params *want, struct host *host)
{
    struct mount_points points = mount_points(host);
    str limit = str_format(host->arena, "%lld", (long long)want->gather_timeout);
    str local[] = { S("stat"), S("-f"), S("-c"), SIZES_FORMAT };
    str remote[] = { S("timeout"), S("-s"), S("KILL"), limit,
                     S("stat"),    S("-f"), S("-c"),   SIZES_FORMAT };
    const struct {
        const str *words;
        size_t count;
        const struct str_vec *paths;
        struct run_answer *ret;
    } runs[] = {
        { local, ARRAY_LEN(local), &points.local, &host->run.sizes },
        { remote, ARRAY_LEN(remote), &points.remote, &host->run.remote_sizes },
    };
    for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
        struct patterns argv = { .arena = host->arena };
        for (size_t w = 0; w < runs[i].count; w++) {
            *VEC_PUSH(host->arena, &argv) = runs[i].words[w];
        }
        for (size_t p = 0; p < runs[i].paths->len; p++) {
            *VEC_PUSH(host->arena, &argv) = runs[i].paths->items[p];
        }
        if (argv.len > runs[i].count) {
            observe_run(obs, argv.items, argv.len, runs[i].ret);
        }
    }
}

static void observe_lvm(struct observer *obs, struct host *host)
{
    if (lvm_is_told(host)) {
        observe_run(obs, ARGV(S("vgs"), LVM_WORDS), &host->run.vgs);
        observe_run(obs, ARGV(S("lvs"), LVM_WORDS), &host->run.lvs);
        observe_run(obs, ARGV(S("pvs"), LVM_WORDS), &host->run.pvs);
    }
}

/* What a host says that a pattern finds need not be what was asked for. */
static struct path_list fact_files(struct arena *arena, const struct path_list *found)
{
    struct patterns files = { .arena = arena };
    for (size_t i = 0; i < found->count; i++) {
        str path = found->paths[i];
        if (path_is_absolute(path) && str_ends(path, S(".fact")) &&
            str_find_char(path, '\0', 0) == STR_NPOS) {
            *VEC_PUSH(arena, &files) = path;
        }
    }
    return (struct path_list){ files.items, files.len };
}

/* Files of local facts are few, and often written just before: what a dry run predicts of them
 * counts. */
static void observe_local(struct observer *obs, struct host *host)
{
    host->local_paths = fact_files(host->arena, &host->local_paths);
    host->local = NEW_ARRAY(host->arena, struct local_fact, host->local_paths.count);
    for (size_t i = 0; i < host->local_paths.count; i++) {
        host->local[i].planned = value_undefined(host->arena, STR_NONE);
        observe_stat_follow(obs, host->local_paths.paths[i], &host->local[i].stat);
    }
    for (size_t i = 0; observe_ready(obs) && i < host->local_paths.count; i++) {
        if (host->local[i].stat.predicted) {
            observe_content(obs, host->local_paths.paths[i], &host->local[i].planned);
        }
    }
}

static unsigned wanted_subsets(const struct setup_params *want)
{
    const struct str_list all = { (const str[]){ S_INIT("all") }, 1, true };
    return subset_select(want->gather_subset.count > 0 ? &want->gather_subset : &all);
}

static void setup_observe(struct observer *obs, const void *params_, void *ret_state)
{
    const struct setup_params *want = params_;
    struct host *host = ret_state;
    unsigned subsets = wanted_subsets(want);
    host->arena = observe_arena(obs);
    if (subsets != 0) {
        observe_run(obs, ARGV(S("uname"), S("-snrm")), &host->run.kernel);
    }
    observe_tables(obs, want, subsets, host);
    observe_programs(obs, subsets, host);
    observe_user_facts(obs, subsets, host);
    if (!observe_ready(obs)) {
        return;
    }
    host_read(host);
    if (subsets & FOR_HARDWARE) {
        observe_sizes(obs, want, host);
        observe_lvm(obs, host);
    }
    observe_local(obs, host);
}

/* ---- the result ---- */

/* A pattern fits a name with or without its prefix. */
static bool is_told(struct arena *arena, const struct str_list *filter, str name)
{
    for (size_t i = 0; i < filter->count; i++) {
        str pattern = filter->items[i];
        bool prefixed = str_starts(pattern, S("ansible_")) || str_starts(pattern, S("facter")) ||
                        str_starts(pattern, S("ohai"));
        if (pattern.len == 0 || path_match(pattern, name) ||
            (!prefixed && path_match(str_concat(arena, S("ansible_"), pattern), name))) {
            return true;
        }
    }
    return filter->count == 0;
}

static value told_facts(struct arena *arena, const struct setup_params *want,
                        const struct map_builder *facts)
{
    struct map_builder told = map_in(arena);
    struct list_builder subsets = list_in(arena);
    for (size_t i = 0; i < facts->entries.len; i++) {
        str name = value_as_str(facts->entries.items[i].key);
        name = str_concat(arena, S("ansible_"), str_replace(arena, name, S("-"), S("_")));
        if (is_told(arena, &want->filter, name)) {
            map_set_str(&told, name, facts->entries.items[i].val);
        }
    }
    for (size_t i = 0; i < want->gather_subset.count; i++) {
        list_add(&subsets, value_str(arena, want->gather_subset.items[i]));
    }
    if (is_told(arena, &want->filter, S("gather_subset"))) {
        map_set_str(&told, S("gather_subset"), list_seal(&subsets));
    }
    if (is_told(arena, &want->filter, S("module_setup"))) {
        map_set_str(&told, S("module_setup"), value_bool(true));
    }
    return map_seal(&told);
}

/* Facts that are missing because a program is must not look like those of an odd host. */
static void warn_missing(const struct host *host, struct diags *diags)
{
    const struct {
        const char *program;
        const struct run_answer *answer;
    } needed[] = {
        { "grep", &host->run.texts },
        { "stat", &host->run.paths },
        { "uname", &host->run.kernel },
    };
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        if (needed[i].answer->status >= 126) { /* sh: it could not be started */
            diag_warning(diags, SPAN_NONE, "facts are missing, as %s could not be run: %.*s",
                         needed[i].program, SARG(needed[i].answer->err));
        }
    }
}

static value setup_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct setup_params *want = params_;
    const struct host *host = state_;
    unsigned subsets = wanted_subsets(want);
    struct map_builder facts = map_in(outcome_arena(out));
    warn_missing(host, outcome_diags(out));
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        if (subsets & IN_SUBSET(groups[i].subset)) {
            groups[i].add(host, &facts);
        }
    }
    if (subsets & IN_SUBSET(SUBSET_LOCAL)) {
        facts_local(host, &facts, outcome_diags(out));
    }
    return map_of(out, "ansible_facts", told_facts(outcome_arena(out), want, &facts), NULL);
}

const struct module module_setup = {
    .name = "setup",
    .aliases = ALIASES("gather_facts", "ansible.builtin.gather_facts"),
    .summary = "Gather facts about a host",
    .example = "- setup: { gather_subset: [network, \"!hardware\"], filter: \"ansible_eth*\" }\n",
    .params = params,
    .params_size = sizeof(struct setup_params),
    .state_size = sizeof(struct host),
    .check = setup_check,
    .observe = setup_observe,
    .result = setup_result,
};
