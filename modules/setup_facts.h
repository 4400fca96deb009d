/*
 * setup_facts.h - the groups of facts of the module setup, one file for each subject. Each function
 * adds facts to a map under their names without "ansible_". Where Ansible's facts and better
 * knowledge differ, playbooks win: names, types and values are Ansible's (facts gathered on Linux
 * by ansible-core 2.14 to 2.18), and a fact that cannot be known is left out.
 */
#pragma once
#include "base/diag.h"
#include "setup_host.h"

struct distribution {
    str name, version, major, minor, release; /* minor and release may be STR_NONE */
    str family;
    str file, variety; /* which file told, and whose form it has; or STR_NONE */
    bool parsed;
};
struct distribution distribution_of(const struct host *host);

struct kernel {
    str system, node, release, machine; /* STR_NONE: not known */
};
struct kernel kernel_of(const struct host *host);

/* setup_distribution.c */
void facts_distribution(const struct host *host, struct map_builder *facts);
void facts_lsb(const struct host *host, struct map_builder *facts);
/* setup_system.c */
void facts_platform(const struct host *host, struct map_builder *facts);
void facts_user(const struct host *host, struct map_builder *facts);
void facts_environment(const struct host *host, struct map_builder *facts);
void facts_command_line(const struct host *host, struct map_builder *facts);
void facts_load(const struct host *host, struct map_builder *facts);
void facts_fips(const struct host *host, struct map_builder *facts);
void facts_chroot(const struct host *host, struct map_builder *facts);
void facts_apparmor(const struct host *host, struct map_builder *facts);
void facts_selinux(const struct host *host, struct map_builder *facts);
void facts_capabilities(const struct host *host, struct map_builder *facts);
void facts_host_keys(const struct host *host, struct map_builder *facts);
/* setup_time.c */
void facts_time(const struct host *host, struct map_builder *facts);
/* setup_services.c */
str packages_path(size_t n); /* the paths it looks at, from 0; STR_NONE behind the last */
void facts_packages(const struct host *host, struct map_builder *facts);
void facts_services(const struct host *host, struct map_builder *facts);
/* setup_virtual.c */
void facts_virtual(const struct host *host, struct map_builder *facts);
/* setup_hardware.c */
void facts_hardware(const struct host *host, struct map_builder *facts);
/* setup_devices.c */
void facts_devices(const struct host *host, struct map_builder *facts);
/* setup_lvm.c */
void facts_lvm(const struct host *host, struct map_builder *facts);
bool lvm_is_told(const struct host *host); /* to root alone, where its programs are */
/* setup_mounts.c */
void facts_mounts(const struct host *host, struct map_builder *facts);
/* Where the file systems are that facts_mounts() tells of: those on this machine and, apart, those
 * that come from another one, as it may not answer. Each once. */
struct mount_points {
    struct str_vec {
        str *items;
        size_t len, cap;
    } local, remote;
};
struct mount_points mount_points(const struct host *host);
/* setup_network.c */
void facts_dns(const struct host *host, struct map_builder *facts);
void facts_network(const struct host *host, struct map_builder *facts);
void facts_fibre_channel(const struct host *host, struct map_builder *facts);
void facts_iscsi(const struct host *host, struct map_builder *facts);
void facts_nvme(const struct host *host, struct map_builder *facts);
/* setup_local.c: what the host's administrator says, in files NAME.fact. A file that cannot be used
 * is left out, with a warning. */
void facts_local(const struct host *host, struct map_builder *facts, struct diags *diags);
