/*
 * setup_subset.h - gather_subset: which groups of facts are wanted.
 */
#pragma once
#include "base/diag.h"
#include "module/param.h"

/* A group of facts that is gathered as one, Ansible's "collector". */
enum subset {
    SUBSET_APPARMOR,
    SUBSET_CAPS,
    SUBSET_CHROOT,
    SUBSET_CMDLINE,
    SUBSET_DATE_TIME,
    SUBSET_DISTRIBUTION,
    SUBSET_DNS,
    SUBSET_ENV,
    SUBSET_FACTER,
    SUBSET_FIBRE_CHANNEL,
    SUBSET_FIPS,
    SUBSET_HARDWARE,
    SUBSET_ISCSI,
    SUBSET_LOADAVG,
    SUBSET_LOCAL,
    SUBSET_LSB,
    SUBSET_NETWORK,
    SUBSET_NVME,
    SUBSET_OHAI,
    SUBSET_PKG_MGR,
    SUBSET_PLATFORM,
    SUBSET_PYTHON,
    SUBSET_SELINUX,
    SUBSET_SERVICE_MGR,
    SUBSET_SSH_PUB_KEYS,
    SUBSET_USER,
    SUBSET_VIRTUAL,
    SUBSET_COUNT,
};
#define IN_SUBSET(subset) (1u << (subset))

/* False after a diagnostic: a name that is not known, or a group that needs a program of its own
 * (facter, ohai) and was asked for by name. */
bool subset_check(struct diags *diags, span at, const struct str_list *names);
/* The groups wanted, a bit for each; subset_check() has accepted the names. */
unsigned subset_select(const struct str_list *names);
