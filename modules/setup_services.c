/*
 * setup_services.c - which service manager and which package manager rule a host.
 */
#include "base/path.h"
#include "setup_facts.h"

/* ---- packages ---- */

static const struct {
    const char *path, *name;
} managers[] = {
    { "/usr/bin/rpm-ostree", "atomic_container" },
    { "/usr/bin/yum", "yum" },
    { "/usr/bin/dnf", "dnf" },
    { "/usr/bin/dnf-3", "dnf" },
    { "/usr/bin/dnf5", "dnf5" },
    { "/usr/bin/apt-get", "apt" },
    { "/usr/bin/zypper", "zypper" },
    { "/usr/sbin/urpmi", "urpmi" },
    { "/usr/bin/pacman", "pacman" },
    { "/bin/opkg", "opkg" },
    { "/usr/pkg/bin/pkgin", "pkgin" },
    { "/opt/local/bin/pkgin", "pkgin" },
    { "/opt/tools/bin/pkgin", "pkgin" },
    { "/opt/local/bin/port", "macports" },
    { "/usr/local/bin/brew", "homebrew" },
    { "/opt/homebrew/bin/brew", "homebrew" },
    { "/sbin/apk", "apk" },
    { "/usr/sbin/pkg", "pkgng" },
    { "/usr/sbin/swlist", "swdepot" },
    { "/usr/bin/emerge", "portage" },
    { "/usr/sbin/pkgadd", "svr4pkg" },
    { "/usr/bin/pkg", "pkg5" },
    { "/usr/bin/xbps-install", "xbps" },
    { "/usr/local/sbin/pkg", "pkgng" },
    { "/usr/bin/swupd", "swupd" },
    { "/usr/sbin/sorcery", "sorcery" },
};

str packages_path(size_t n)
{
    return n < ARRAY_LEN(managers)    ? str_of(managers[n].path)
           : n == ARRAY_LEN(managers) ? S("/run/ostree-booted")
                                      : STR_NONE;
}

static bool has_manager(const struct host *host, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(managers); i++) {
        if (str_eq(str_of(managers[i].name), str_of(name)) &&
            host_has(host, str_of(managers[i].path))) {
            return true;
        }
    }
    return false;
}

/* The last of the table that is there; several may be installed. */
static str installed_manager(const struct host *host, bool altlinux)
{
    str name = S("unknown");
    for (size_t i = 0; i < ARRAY_LEN(managers); i++) {
        str path = str_of(managers[i].path);
        /* there, /usr/bin/pkg is a tool of Perl's */
        bool other = altlinux && str_eq(path, S("/usr/bin/pkg"));
        if (!other && host_has(host, path)) {
            name = str_of(managers[i].name);
        }
    }
    return name;
}

/* yum until RHEL 7, Fedora 22 and Amazon 2; then dnf, whose command /usr/bin/dnf may be that of
 * dnf 5. */
static str redhat_manager(const struct host *host, const struct distribution *dist, str installed)
{
    int64_t major = 0;
    bool fedora = str_eq(dist->name, S("Fedora")), amazon = str_eq(dist->name, S("Amazon"));
    if (host_has(host, S("/run/ostree-booted"))) {
        return S("atomic_container");
    }
    if (!str_to_int64(dist->major, &major)) {
        return S("dnf");
    }
    bool old = major < (fedora ? 23 : amazon ? 2022 : 8);
    if (old) {
        return has_manager(host, "yum") || !(fedora || amazon) ? S("yum") : installed;
    }
    const struct host_path *dnf = host_path(host, S("/usr/bin/dnf"));
    if (dnf != NULL && str_ends(dnf->target, S("dnf5"))) {
        return S("dnf5");
    }
    return has_manager(host, "dnf") || !(fedora || amazon) ? S("dnf") : installed;
}

void facts_packages(const struct host *host, struct map_builder *facts)
{
    struct distribution dist = distribution_of(host);
    bool altlinux = str_eq(dist.family, S("Altlinux"));
    str name = installed_manager(host, altlinux);
    if (str_eq(dist.family, S("RedHat"))) {
        name = redhat_manager(host, &dist, name);
    } else if (str_eq(dist.family, S("Debian"))) {
        name = S("apt");
    } else if (altlinux && str_eq(name, S("apt"))) {
        name = S("apt_rpm");
    } else if (str_ends(kernel_of(host).system, S("OpenBSD"))) {
        name = S("openbsd_pkg");
    }
    fact_str(facts, S("pkg_mgr"), name);
}

/* ---- services ---- */

/* What process 1 calls itself; STR_NONE when that tells nothing: "init" is anybody, and a shell is
 * that of a container. */
static str init_name(const struct host *host)
{
    static const struct {
        const char *name, *manager;
    } known[] = {
        { "procd", "openwrt_init" },
        { "runit-init", "runit" },
        { "svscan", "svc" },
        { "openrc-init", "openrc" },
    };
    const struct host_path *init = host_path(host, S("/sbin/init"));
    str name = host_text(host, S("/proc/1/comm"));
    if (str_is_none(name) && init != NULL && !str_is_none(init->target)) {
        name = init->target;
    }
    if (str_is_none(name)) {
        return name;
    }
    name = path_basename(name);
    if (str_eq(name, S("init")) || str_ends(name, S("sh"))) {
        return STR_NONE;
    }
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (str_eq(name, str_of(known[i].name))) {
            return str_of(known[i].manager);
        }
    }
    return name;
}

static str linux_manager(const struct host *host)
{
    const struct host_path *init = host_path(host, S("/sbin/init"));
    bool has_systemctl = !str_is_none(host->systemctl);
    bool booted = host_has(host, S("/run/systemd/system")) ||
                  host_has(host, S("/dev/.run/systemd")) || host_has(host, S("/dev/.systemd"));
    bool linked = init != NULL && !str_is_none(init->target) &&
                  str_eq(path_basename(init->target), S("systemd"));
    if (has_systemctl && booted) {
        return S("systemd");
    }
    if (!str_is_none(host->initctl) && host_has(host, S("/etc/init"))) {
        return S("upstart");
    }
    if (host_has(host, S("/sbin/openrc"))) {
        return S("openrc");
    }
    if (has_systemctl && linked) {
        return S("systemd");
    }
    return host_has(host, S("/etc/init.d")) ? S("sysvinit") : S("service");
}

void facts_services(const struct host *host, struct map_builder *facts)
{
    str system = kernel_of(host).system, name = init_name(host);
    if (str_is_none(name)) {
        bool openwrt = str_eq(distribution_of(host).name, S("OpenWrt"));
        bool bsd = !str_is_none(system) &&
                   (str_find(system, S("BSD"), 0) != STR_NPOS || str_eq(system, S("DragonFly")));
        name = bsd                          ? S("bsdinit")
               : openwrt                    ? S("openwrt_init")
               : str_eq(system, S("Linux")) ? linux_manager(host)
                                            : S("service");
    }
    fact_str(facts, S("service_mgr"), name);
}
