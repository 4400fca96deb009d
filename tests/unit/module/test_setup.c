/* What is asked of a host, and the facts that are one text each. */
#include "test_setup.h"
#include "../../../modules/setup_subset.h"

/* ---- gather_subset ---- */

#define ALL ((1u << SUBSET_COUNT) - 1)

static struct str_list names_of(struct bench *b, str words)
{
    struct {
        str *items;
        size_t len, cap;
    } names = { 0 };
    while (words.len > 0) {
        *VEC_PUSH(b->arena, &names) = str_cut(&words, ' ');
    }
    return (struct str_list){ names.items, names.len, true };
}

Test(setup, subsets)
{
    const unsigned hardware = IN_SUBSET(SUBSET_HARDWARE), network = IN_SUBSET(SUBSET_NETWORK);
    const unsigned platform = IN_SUBSET(SUBSET_PLATFORM);
    const unsigned distribution = IN_SUBSET(SUBSET_DISTRIBUTION);
    const unsigned min = IN_SUBSET(SUBSET_APPARMOR) | IN_SUBSET(SUBSET_CAPS) |
                         IN_SUBSET(SUBSET_CMDLINE) | IN_SUBSET(SUBSET_DATE_TIME) | distribution |
                         IN_SUBSET(SUBSET_DNS) | IN_SUBSET(SUBSET_ENV) | IN_SUBSET(SUBSET_FIPS) |
                         IN_SUBSET(SUBSET_LOCAL) | IN_SUBSET(SUBSET_LSB) |
                         IN_SUBSET(SUBSET_PKG_MGR) | platform | IN_SUBSET(SUBSET_PYTHON) |
                         IN_SUBSET(SUBSET_SELINUX) | IN_SUBSET(SUBSET_SERVICE_MGR) |
                         IN_SUBSET(SUBSET_SSH_PUB_KEYS) | IN_SUBSET(SUBSET_USER);
    const struct {
        str names;
        unsigned want;
    } rows[] = {
        { S("all"), ALL },
        { S("min"), min },
        { S("!all"), min },
        { S("!all !min"), 0 },
        { S("network"), min | network },
        { S("!all network"), min | network },
        { S("!all !min network"), network | platform | distribution },
        /* names of single facts are no names of min */
        { S("!min all"), (ALL & ~min) | platform | distribution | IN_SUBSET(SUBSET_CAPS) |
                             IN_SUBSET(SUBSET_SSH_PUB_KEYS) | IN_SUBSET(SUBSET_USER) },
        { S("all !hardware"), ALL & ~hardware },
        { S("all !devices"), ALL },
        { S("all !hardware mounts"), ALL },
        { S("!all !min mounts"), hardware | platform },
        { S("!all !min pkg_mgr"), IN_SUBSET(SUBSET_PKG_MGR) | distribution },
        { S("!all !min os_family"), distribution },
        { S("!all !nonsense"), min },
        { S("all !facter !ohai"), ALL & ~(IN_SUBSET(SUBSET_FACTER) | IN_SUBSET(SUBSET_OHAI)) },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct str_list names = names_of(&b, rows[i].names);
        cr_assert(subset_check(b.diags, SPAN_NONE, &names), "row %zu", i);
        cr_assert_eq(subset_select(&names), rows[i].want, "row %zu: %x, not %x", i,
                     subset_select(&names), rows[i].want);
    }
}

Test(setup, bad_subsets)
{
    static const struct {
        str name, message, hint;
    } rows[] = {
        { S_INIT("netwrok"), S_INIT("there is no subset of facts 'netwrok'"),
          S_INIT("did you mean 'network'?") },
        { S_INIT("facter"), S_INIT("facts of 'facter' are not supported"), { NULL, 0 } },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct str_list names = { &rows[i].name, 1, true };
        cr_assert(!subset_check(b.diags, SPAN_NONE, &names));
        EQ_STR(last_message(&b), rows[i].message);
        EQ_STR(b.diags->all.items[0]->hint, rows[i].hint);
    }
}

/* ---- what is read ---- */

Test(setup, answers)
{
    BENCH(b);
    size_t i = 0;
    struct host host = { .arena = b.arena };
    host.run.texts.out = S("no path\n/a:1\n/a:2:3\n/b:  x \n/empty:\nalso none:1\n/c:");
    host.run.paths.out = S("81a4 12 34 /plain name\na1ff 1 2 '/link' -> '/to it'\n"
                           "zz 1 2 /bad\n81a4 1 /short\n\n41ed 5 6 /dir/x\n41ed 5 6 /dir/y\n"
                           "41ed 5 6 /dir/x/deeper\n");
    host_read(&host);
    EQ_STR(host_text(&host, S("/a")), S("1\n2:3"));
    EQ_STR(host_text(&host, S("/b")), S("x"));
    cr_assert(str_is_none(host_text(&host, S("/empty"))));
    cr_assert(str_is_none(host_text(&host, S("/none"))));
    cr_assert_eq(host_path(&host, S("/plain name"))->inode, 12);
    cr_assert_eq(host_path(&host, S("/plain name"))->mode, 0644);
    EQ_STR(host_path(&host, S("/link"))->target, S("/to it"));
    cr_assert(!host_has(&host, S("/bad")) && !host_has(&host, S("/short")));
    size_t at = 0;
    EQ_STR(host_entry(&host, S("/dir"), &at), S("x"));
    EQ_STR(host_entry(&host, S("/dir"), &at), S("y"));
    cr_assert(str_is_none(host_entry(&host, S("/dir"), &at)));
}

Test(setup, settings)
{
    static const struct {
        str text, want;
    } rows[] = {
        { S_INIT("A=1"), S_INIT("1") },
        { S_INIT("#A=0\nA='a b'\nB=2"), S_INIT("a b") },
        { S_INIT("A=\"a \\\"b\\\" $x\""), S_INIT("a \"b\" $x") },
        { S_INIT("A=1\nA=2"), S_INIT("2") },
        { S_INIT("A="), S_INIT("") },
        { S_INIT("AA=1\nnonsense"), { NULL, 0 } },
        { { NULL, 0 }, { NULL, 0 } },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        EQ_STR(shell_setting(b.arena, rows[i].text, S("A")), rows[i].want);
    }
}

/* ---- facts that are one text each ---- */

Test(setup, single)
{
    static const struct {
        void (*add)(const struct host *, struct map_builder *);
        struct file files[FILES_MAX];
        const char *paths, *kernel, *key, *want;
    } rows[] = {
        { facts_platform,
          { { NULL, NULL } },
          NULL,
          KERNEL,
          NULL,
          "{\"system\": \"Linux\", \"kernel\": \"6.1.0-18-amd64\", \"machine\": \"x86_64\", "
          "\"architecture\": \"x86_64\", \"userspace_bits\": \"64\", "
          "\"userspace_architecture\": \"x86_64\", \"nodename\": \"web1\", "
          "\"hostname\": \"web1\", \"fqdn\": \"web1\", \"domain\": \"\"}" },
        { facts_platform, { { NULL, NULL } }, NULL, "", NULL, "{}" },
        { facts_platform,
          { { "/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 web1.a.org web1\n" } },
          NULL,
          KERNEL,
          "fqdn",
          "\"web1.a.org\"" },
        { facts_platform,
          { { "/etc/hosts", "10.0.0.1 web1 web1.b.org # x\n" } },
          NULL,
          KERNEL,
          "domain",
          "\"b.org\"" },
        { facts_platform,
          { { "/etc/hosts", "127.0.0.1 localhost\n127.0.0.1 web1\n" } },
          NULL,
          KERNEL,
          "fqdn",
          "\"localhost\"" },
        { facts_platform,
          { { "/etc/machine-id", "abc\n" } },
          NULL,
          KERNEL,
          "machine_id",
          "\"abc\"" },
        { facts_platform,
          { { NULL, NULL } },
          "81a4 1 2 /lib/ld-linux.so.2\n",
          KERNEL,
          "userspace_architecture",
          "\"i386\"" },
        { facts_platform,
          { { NULL, NULL } },
          "81a4 1 2 /lib/ld-linux.so.2\n81a4 1 2 /lib64/ld-linux-x86-64.so.2\n",
          KERNEL,
          "userspace_bits",
          "\"64\"" },
        { facts_platform,
          { { NULL, NULL } },
          "81a4 1 2 /lib/ld-linux-armhf.so.3\n",
          "Linux pi 6.1 aarch64",
          "userspace_bits",
          "\"32\"" },
        { facts_platform,
          { { NULL, NULL } },
          NULL,
          "Linux o 4.1 i686",
          "architecture",
          "\"i386\"" },
        { facts_fips,
          { { "/proc/sys/crypto/fips_enabled", "1\n" } },
          NULL,
          KERNEL,
          "fips",
          "true" },
        { facts_fips, { { NULL, NULL } }, NULL, KERNEL, "fips", "false" },
        { facts_load,
          { { "/proc/loadavg", "0.25 1.50 10.00 1/2 3\n" } },
          NULL,
          KERNEL,
          "loadavg",
          "{\"1m\": 0.25, \"5m\": 1.5, \"15m\": 10.0}" },
        { facts_load, { { "/proc/loadavg", "0.2 x\n" } }, NULL, KERNEL, NULL, "{}" },
        { facts_apparmor,
          { { NULL, NULL } },
          "41ed 1 2 /sys/kernel/security/apparmor\n",
          KERNEL,
          "apparmor",
          "{\"status\": \"enabled\"}" },
        { facts_chroot,
          { { NULL, NULL } },
          "41ed 2 7 /\n41ed 2 7 /proc/1/root/.\n",
          KERNEL,
          "is_chroot",
          "false" },
        { facts_chroot,
          { { NULL, NULL } },
          "41ed 9 7 /\n41ed 2 7 /proc/1/root/.\n",
          KERNEL,
          "is_chroot",
          "true" },
        { facts_chroot, { { NULL, NULL } }, "41ed 9 7 /\n", KERNEL, "is_chroot", "true" },
        { facts_selinux,
          { { NULL, NULL } },
          NULL,
          KERNEL,
          "selinux",
          "{\"status\": \"disabled\"}" },
        { facts_selinux,
          { { "/sys/fs/selinux/enforce", "1" },
            { "/sys/fs/selinux/policyvers", "33" },
            { "/etc/selinux/config", "# SELINUX=\nSELINUX=enforcing\nSELINUXTYPE=targeted\n" } },
          NULL,
          KERNEL,
          "selinux",
          "{\"status\": \"enabled\", \"policyvers\": 33, \"config_mode\": \"enforcing\", "
          "\"mode\": \"enforcing\", \"type\": \"targeted\"}" },
        { facts_command_line,
          { { "/proc/cmdline", "quiet a=1 a=2 b=\"x y\" c=d=e\n" } },
          NULL,
          KERNEL,
          NULL,
          "{\"cmdline\": {\"quiet\": true, \"a\": \"2\", \"b\": \"\\\"x y\\\"\", \"c\": \"d=e\"}, "
          "\"proc_cmdline\": {\"quiet\": true, \"a\": [\"1\", \"2\"], \"b\": \"\\\"x y\\\"\", "
          "\"c\": \"d=e\"}}" },
        { facts_host_keys,
          { { "/etc/ssh/ssh_host_rsa_key.pub", "ssh-rsa AAAA root@web1\n" },
            { "/etc/ssh_host_rsa_key.pub", "ssh-rsa BBBB\n" } },
          NULL,
          KERNEL,
          NULL,
          "{\"ssh_host_key_rsa_public\": \"AAAA\", "
          "\"ssh_host_key_rsa_public_keytype\": \"ssh-rsa\"}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct host host = host_of(&b, rows[i].files, rows[i].paths, rows[i].kernel);
        EQ_STR(fact_of(&b, &host, rows[i].add, rows[i].key), str_of(rows[i].want));
    }
}

Test(setup, capabilities)
{
    static const struct {
        int status;
        const char *out, *want;
    } rows[] = {
        { 127, "",
          "{\"system_capabilities_enforced\": \"N/A\", \"system_capabilities\": \"N/A\"}" },
        { 0, "Current: =ep\nBounding set =\n",
          "{\"system_capabilities_enforced\": \"False\", \"system_capabilities\": []}" },
        { 0, "Current: =ep cap_sys_resource-ep\n",
          "{\"system_capabilities_enforced\": \"True\", "
          "\"system_capabilities\": [\"ep cap_sys_resource-ep\"]}" },
        { 0, "Current: = cap_chown,cap_kill+ep\n",
          "{\"system_capabilities_enforced\": \"True\", "
          "\"system_capabilities\": [\"cap_chown\", \"cap_kill+ep\"]}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct host host = { .arena = b.arena };
        host.run.capabilities =
            (struct run_answer){ .status = rows[i].status, .out = str_of(rows[i].out) };
        EQ_STR(fact_of(&b, &host, facts_capabilities, NULL), str_of(rows[i].want));
    }
}

/* ---- time ---- */

Test(setup, time)
{
    static const struct {
        const char *date, *zone, *key, *want;
    } rows[] = {
        { "2024 06 Sunday 0 26 30 14 05 09 1719749109 123456789 +0200 CEST",
          "TZif2\nCET-1CEST,M3.5.0,M10.5.0/3\n", NULL,
          "{\"date_time\": {\"year\": \"2024\", \"month\": \"06\", \"weekday\": \"Sunday\", "
          "\"weekday_number\": \"0\", \"weeknumber\": \"26\", \"day\": \"30\", "
          "\"hour\": \"14\", \"minute\": \"05\", \"second\": \"09\", "
          "\"epoch\": \"1719749109\", \"epoch_int\": \"1719749109\", \"tz\": \"CEST\", "
          "\"tz_offset\": \"+0200\", \"date\": \"2024-06-30\", \"time\": \"14:05:09\", "
          "\"iso8601_basic_short\": \"20240630T140509\", "
          "\"iso8601_basic\": \"20240630T140509123456\", "
          "\"iso8601\": \"2024-06-30T12:05:09Z\", "
          "\"iso8601_micro\": \"2024-06-30T12:05:09.123456Z\", \"tz_dst\": \"CEST\"}}" },
        { "", "", NULL, "{}" },
        { "2024 06 x", "", NULL, "{}" },
        { "a b c d e f g h i j k l m", "", NULL, "{}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        const struct file files[FILES_MAX] = { { "/etc/localtime", rows[i].zone } };
        struct host host = host_of(&b, files, NULL, KERNEL);
        host.run.date.out = str_of(rows[i].date);
        EQ_STR(fact_of(&b, &host, facts_time, rows[i].key), str_of(rows[i].want));
    }
}

Test(setup, summer_time)
{
    static const struct {
        const char *rule, *want;
    } rows[] = {
        { "", "UTC" },
        { "EST5EDT,M3.2.0,M11.1.0\n", "EDT" },
        { "JST-9\n", "JST" },
        { "<-03>3\n", "-03" },
        { "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0\n", "+11" },
        { "<broken\n", "UTC" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        const struct file files[FILES_MAX] = { { "/etc/localtime", rows[i].rule } };
        struct host host = host_of(&b, files, NULL, KERNEL);
        host.run.date.out = S("2024 06 Sunday 0 26 30 14 05 09 1719749109 %N +0000 UTC");
        value time = value_get(from_yaml(&b, fact_of(&b, &host, facts_time, NULL)), S("date_time"));
        EQ_STR(value_as_str(value_get(time, S("tz_dst"))), str_of(rows[i].want));
        EQ_STR(value_as_str(value_get(time, S("iso8601_micro"))), S("2024-06-30T12:05:09.000000Z"));
    }
}

/* ---- managers ---- */

#define OS(id, version) "ID=" id "\nNAME=" id "\nVERSION_ID=" version "\n"

Test(setup, package_manager)
{
    static const struct {
        struct file files[FILES_MAX];
        const char *paths, *want;
    } rows[] = {
        { { { "/etc/os-release", OS("Debian", "12") } }, NULL, "\"apt\"" },
        { { { "/etc/os-release", OS("Debian", "12") } }, "81ed 1 2 /usr/bin/dnf\n", "\"apt\"" },
        { { { "/etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)" } },
          "81ed 1 2 /usr/bin/yum\n",
          "\"yum\"" },
        { { { "/etc/redhat-release", "Rocky Linux release 9.3 (Blue Onyx)" },
            { "/etc/os-release", OS("rocky", "9.3") } },
          "81ed 1 2 /usr/bin/yum\n81ed 1 2 /usr/bin/dnf\n",
          "\"dnf\"" },
        { { { "/etc/redhat-release", "Fedora release 41 (Forty One)" },
            { "/etc/os-release", OS("fedora", "41") } },
          "a1ff 1 2 /usr/bin/dnf -> dnf5\n",
          "\"dnf5\"" },
        { { { "/etc/redhat-release", "Fedora release 41 (Forty One)" } },
          "81ed 1 2 /run/ostree-booted\n",
          "\"atomic_container\"" },
        { { { "/etc/alpine-release", "3.18.4" } }, "81ed 1 2 /sbin/apk\n", "\"apk\"" },
        { { { NULL, NULL } }, NULL, "\"unknown\"" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct host host = host_of(&b, rows[i].files, rows[i].paths, KERNEL);
        EQ_STR(fact_of(&b, &host, facts_packages, "pkg_mgr"), str_of(rows[i].want));
    }
}

Test(setup, service_manager)
{
    static const struct {
        const char *comm, *paths, *systemctl, *want;
    } rows[] = {
        { "systemd", NULL, NULL, "\"systemd\"" },
        { "runit-init", NULL, NULL, "\"runit\"" },
        { "procd", NULL, NULL, "\"openwrt_init\"" },
        { "tini", NULL, NULL, "\"tini\"" },
        { "init", NULL, NULL, "\"service\"" },
        { "bash", "41ed 1 2 /etc/init.d\n", NULL, "\"sysvinit\"" },
        { "init", "41ed 1 2 /run/systemd/system\n", "/bin/systemctl", "\"systemd\"" },
        { "sh", "a1ff 1 2 /sbin/init -> /lib/systemd/systemd\n41ed 1 2 /etc/init.d\n",
          "/bin/systemctl", "\"systemd\"" },
        { "init", "81ed 1 2 /sbin/openrc\n", NULL, "\"openrc\"" },
        { "", "a1ff 1 2 /sbin/init -> /lib/systemd/systemd\n", NULL, "\"systemd\"" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        const struct file files[FILES_MAX] = { { "/proc/1/comm", rows[i].comm } };
        struct host host = host_of(&b, files, rows[i].paths, KERNEL);
        host.systemctl = str_of(rows[i].systemctl);
        EQ_STR(fact_of(&b, &host, facts_services, "service_mgr"), str_of(rows[i].want));
    }
}

/* ---- virtualization ---- */

#define DMI "/sys/devices/virtual/dmi/id/"

Test(setup, virtualization)
{
    static const struct {
        struct file files[FILES_MAX];
        const char *paths, *type, *role, *guest, *host;
    } rows[] = {
        { { { NULL, NULL } }, NULL, "\"NA\"", "\"NA\"", "[]", "[]" },
        { { { DMI "sys_vendor", "QEMU" } }, NULL, "\"kvm\"", "\"guest\"", "[\"kvm\"]", "[]" },
        { { { DMI "product_name", "VMware Virtual Platform" } },
          NULL,
          "\"VMware\"",
          "\"guest\"",
          "[\"VMware\"]",
          "[]" },
        { { { DMI "sys_vendor", "Red Hat" }, { DMI "product_family", "RHV" } },
          NULL,
          "\"RHV\"",
          "\"guest\"",
          "[\"RHV\"]",
          "[]" },
        { { { DMI "product_family", "RHV" } }, NULL, "\"NA\"", "\"NA\"", "[]", "[]" },
        { { { "/proc/1/cgroup", "0::/docker/abc" } },
          NULL,
          "\"docker\"",
          "\"guest\"",
          "[\"docker\", \"container\"]",
          "[]" },
        { { { "/proc/1/cgroup", "1:name=systemd:/system.slice/docker-0af.scope" } },
          NULL,
          "\"docker\"",
          "\"guest\"",
          "[\"docker\", \"container\"]",
          "[]" },
        { { { "/proc/1/cgroup", "0::/docker-registry.scope" } },
          NULL,
          "\"NA\"",
          "\"NA\"",
          "[]",
          "[]" },
        { { { "/proc/1/environ", "container=lxc" } },
          NULL,
          "\"lxc\"",
          "\"guest\"",
          "[\"lxc\", \"container\"]",
          "[]" },
        { { { "/run/systemd/container", "systemd-nspawn" } },
          NULL,
          "\"systemd-nspawn\"",
          "\"guest\"",
          "[\"systemd-nspawn\", \"container\"]",
          "[]" },
        { { { "/proc/modules", "kvm_intel 1 0\nkvm 2 1 kvm_intel,\n" } },
          "2190 1 2 /dev/kvm\n",
          "\"kvm\"",
          "\"host\"",
          "[]",
          "[\"kvm\"]" },
        { { { "/proc/modules", "virtio 1 0\n" } },
          NULL,
          "\"kvm\"",
          "\"guest\"",
          "[]",
          "[\"kvm\"]" },
        { { { DMI "sys_vendor", "QEMU" } },
          "41ed 1 2 /.dockerenv\n2190 1 2 /dev/kvm\n",
          "\"docker\"",
          "\"guest\"",
          "[\"docker\", \"container\", \"kvm\"]",
          "[\"kvm\"]" },
        { { { "/proc/cpuinfo", "vendor_id : IBM/S390\n" } },
          NULL,
          "\"PR/SM\"",
          "\"LPAR\"",
          "[\"PR/SM\"]",
          "[]" },
        { { { "/proc/xen/capabilities", "control_d\n" } },
          "41ed 1 2 /proc/xen\n",
          "\"xen\"",
          "\"host\"",
          "[]",
          "[\"xen\"]" },
        { { { NULL, NULL } },
          "41ed 1 2 /proc/vz\n",
          "\"openvz\"",
          "\"guest\"",
          "[\"openvz\", \"container\"]",
          "[]" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct host host = host_of(&b, rows[i].files, rows[i].paths, KERNEL);
        EQ_STR(fact_of(&b, &host, facts_virtual, "virtualization_type"), str_of(rows[i].type));
        EQ_STR(fact_of(&b, &host, facts_virtual, "virtualization_role"), str_of(rows[i].role));
        EQ_STR(fact_of(&b, &host, facts_virtual, "virtualization_tech_guest"),
               str_of(rows[i].guest));
        EQ_STR(fact_of(&b, &host, facts_virtual, "virtualization_tech_host"), str_of(rows[i].host));
    }
}

/* ---- local facts ---- */

Test(setup, local)
{
    static const struct {
        const char *text;
        unsigned mode;
        const char *want, *message;
    } rows[] = {
        { "{\"a\": [1, 2]}", 0644, "{\"local\": {\"x\": {\"a\": [1, 2]}}}", "" },
        { "[one]\nKey = v # w\nlong: a\n  b\n# c\n\n[two]\n", 0644,
          "{\"local\": {\"x\": {\"one\": {\"key\": \"v # w\", \"long\": \"a\\nb\"}, \"two\": {}}}}",
          "" },
        { "[DEFAULT]\na=1\n[s]\nb=2\n", 0644,
          "{\"local\": {\"x\": {\"s\": {\"b\": \"2\", \"a\": \"1\"}}}}", "" },
        { "#!/bin/sh\n", 0755, "{\"local\": {}}",
          "local facts of '/f/x.fact' are left out: it is a program, and gathering facts runs "
          "none" },
        { "{ broken", 0644, "{\"local\": {}}",
          "local facts of '/f/x.fact' are left out: it is neither JSON nor sections of settings" },
        { "a=1\n", 0644, "{\"local\": {}}",
          "local facts of '/f/x.fact' are left out: it is neither JSON nor sections of settings" },
        { "[s]\na=1\na=2\n", 0644, "{\"local\": {}}",
          "local facts of '/f/x.fact' are left out: it is neither JSON nor sections of settings" },
        { "[s]\n[s]\n", 0644, "{\"local\": {}}",
          "local facts of '/f/x.fact' are left out: it is neither JSON nor sections of settings" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        const struct file files[FILES_MAX] = { { "/f/x.fact", rows[i].text } };
        const str path = S("/f/x.fact");
        struct host host = host_of(&b, files, NULL, KERNEL);
        struct local_fact fact = { .stat = { .type = FILE_REGULAR, .mode = rows[i].mode } };
        struct map_builder facts = map_in(b.arena);
        host.local_paths = (struct path_list){ &path, 1 };
        host.local = &fact;
        fact.planned = value_undefined(b.arena, STR_NONE);
        facts_local(&host, &facts, b.diags);
        EQ_STR(to_json(&b, map_seal(&facts)), str_of(rows[i].want));
        EQ_STR(last_message(&b), str_of(rows[i].message));
    }
}

/* In a dry run: what an earlier task would have written, or may have. */
Test(setup, local_planned)
{
    BENCH(b);
    size_t i = 0;
    const struct file files[FILES_MAX] = { { "/f/x.fact", "{\"old\": 1}" } };
    const str paths[] = { S("/f/x.fact"), S("/f/y.fact"), S("/f/z.fact") };
    struct host host = host_of(&b, files, NULL, KERNEL);
    struct local_fact local[] = {
        { { .type = FILE_REGULAR, .mode = 0644 }, value_str(b.arena, S("{\"new\": 2}")) },
        { { .type = FILE_UNKNOWN }, value_undefined(b.arena, STR_NONE) },
        { { .type = FILE_ABSENT }, value_undefined(b.arena, STR_NONE) },
    };
    struct map_builder facts = map_in(b.arena);
    host.local_paths = (struct path_list){ paths, ARRAY_LEN(paths) };
    host.local = local;
    facts_local(&host, &facts, b.diags);
    value told = value_get(map_seal(&facts), S("local"));
    cr_assert_eq(value_count(told), 2);
    EQ_STR(to_json(&b, value_get(told, S("x"))), S("{\"new\": 2}"));
    cr_assert(value_is(value_get(told, S("y")), VALUE_UNKNOWN));
}

/* ---- what a host may not do ---- */

static void spoil(struct bench *b, uint32_t *seed, str *text)
{
    char *bytes = arena_alloc_raw(b->arena, text->len + 1);
    for (size_t i = 0; i < text->len; i++) {
        *seed = *seed * 1664525u + 1013904223u;
        unsigned dice = *seed >> 16;
        bytes[i] = dice % 9 == 0 ? (char)(*seed >> 8) : dice % 17 == 0 ? '\n' : text->ptr[i];
    }
    *text = (str){ bytes, *seed % 5 == 0 ? text->len / 2 : text->len };
}

/* Whatever it says, facts come to an end: nothing is read beyond the texts (the sanitizers watch),
 * and nothing that was said is a bug of ours. */
Test(setup, nonsense)
{
    static void (*const adds[])(const struct host *, struct map_builder *) = {
        facts_platform, facts_distribution,  facts_lsb,     facts_selinux,
        facts_chroot,   facts_capabilities,  facts_time,    facts_packages,
        facts_services, facts_command_line,  facts_load,    facts_host_keys,
        facts_user,     facts_virtual,       facts_network, facts_hardware,
        facts_dns,      facts_fibre_channel, facts_iscsi,   facts_nvme,
    };
    static const struct file files[FILES_MAX] = {
        { "/etc/os-release", "NAME=\"openSUSE Leap\"\nVERSION_ID=\"15.5\"\nVERSION='15 (x)'\n" },
        { "/etc/localtime", "TZif2\n<+1030>-10:30<+11>-11,M10.1.0,M4.1.0\n" },
        { "/proc/cpuinfo", "processor: 0\nphysical id: 0\ncpu cores: 2\nsiblings: 4\n" },
        { "/proc/mounts", "/dev/sda1 /a\\040b ext4 rw 0 0\nnas:/x /nas nfs rw 0 0\n" },
        { "/proc/cmdline", "a=1 a=2 b='x y' quiet\n" },
        { "/proc/meminfo", "MemTotal: 2048 kB\nCached: 5 kB\n" },
        { "/sys/block/sda/size", "99\n" },
        { "/etc/resolv.conf", "nameserver 1.2.3.4\noptions a:b c\n" },
    };
    uint32_t seed = 1;
    for (int round = 0; round < 200; round++) {
        BENCH(b);
        struct host host = { .arena = b.arena };
        str *texts[] = { &host.run.texts.out,        &host.run.paths.out,     &host.run.kernel.out,
                         &host.run.date.out,         &host.run.addresses.out, &host.run.sizes.out,
                         &host.run.capabilities.out, &host.run.route4.out };
        host.run.texts.out = grep_of(&b, files);
        host.run.paths.out = S("a1ff 1 2 /sys/block/sda -> ../x\n41ed 1 2 /sys/block/sda/sda1/part"
                               "ition\na1ff 1 2 /sys/class/net/eth0 -> ../x\n");
        host.run.kernel.out = S(KERNEL);
        host.run.date.out = S("2024 06 Sunday 0 26 30 14 05 09 1719749109 123456789 +0200 CEST");
        host.run.addresses.out =
            S("2: eth0    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0\n"
              "2: eth0    inet6 fd00::99/64 scope global temporary\n");
        host.run.sizes.out = S("4096 4096 1000 400 100 90 /a b\n");
        host.run.capabilities.out = S("Current: = cap_chown,cap_kill+ep\n");
        host.run.route4.out = S("8.8.8.8 via 192.0.2.1 dev eth0 src 192.0.2.2\n");
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
            spoil(&b, &seed, texts[i]);
        }
        host_read(&host);
        for (size_t i = 0; i < ARRAY_LEN(adds); i++) {
            struct map_builder facts = map_in(b.arena);
            adds[i](&host, &facts);
            cr_assert(value_is(map_seal(&facts), VALUE_MAP));
        }
        struct mount_points points = mount_points(&host);
        for (size_t i = 0; i < points.local.len; i++) {
            cr_assert(str_starts(points.local.items[i], S("/")));
        }
    }
}
