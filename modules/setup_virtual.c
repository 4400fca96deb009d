/*
 * setup_virtual.c - on what a host runs and what runs on it. Signs are looked at from the most to
 * the least certain; the first decides type and role, and every sign adds to what is known of the
 * techniques, as guest and as host.
 */
#include "setup_facts.h"

struct virtual
{
    const struct host *host;
    str type, role;
    struct map_builder guest, hosting; /* keys: sets in the order of discovery */
};

static void found(struct virtual *v, str type, const char *role)
{
    if (str_is_none(v->type)) {
        v->type = type;
        v->role = str_of(role);
    }
}

static void as_guest(struct virtual *v, str technique)
{
    map_set_str(&v->guest, technique, value_null());
    found(v, technique, "guest");
}

static void as_host(struct virtual *v, str technique)
{
    map_set_str(&v->hosting, technique, value_null());
    found(v, technique, "host");
}

static bool contains(str text, const char *word)
{
    return !str_is_none(text) && str_find(text, str_of(word), 0) != STR_NPOS;
}

/* ---- containers ---- */

/* "/docker/..." or "/docker-0123abcd.scope" in a line. */
static bool is_docker(str text)
{
    for (size_t at = 0; (at = str_find(text, S("/docker"), at)) != STR_NPOS;) {
        at += 7;
        size_t end = at + 1;
        if (at < text.len && text.ptr[at] == '/') {
            return true;
        }
        while (end < text.len &&
               str_find_char(S("0123456789abcdef"), text.ptr[end], 0) != STR_NPOS) {
            end++;
        }
        if (at < text.len && text.ptr[at] == '-' && end > at + 1 &&
            str_starts(str_part(text, end, text.len), S(".scope"))) {
            return true;
        }
    }
    return false;
}

/* The environment of process 1; its entries arrive without anything between them. */
static bool says_container(str environment)
{
    size_t at =
        contains(environment, "container=") ? str_find(environment, S("container="), 0) : STR_NPOS;
    return at != STR_NPOS && (at == 0 || environment.ptr[at - 1] != '_') &&
           at + 10 < environment.len;
}

static void look_for_containers(struct virtual *v)
{
    const struct host *host = v->host;
    str groups = host_text(host, S("/proc/1/cgroup"));
    str environment = host_text(host, S("/proc/1/environ"));
    str systemd = host_text(host, S("/run/systemd/container"));
    if (!str_is_none(groups) && is_docker(groups)) {
        as_guest(v, S("docker"));
    }
    if (contains(groups, "/lxc/") || contains(groups, "/machine.slice/machine-lxc") ||
        contains(environment, "container=lxc")) {
        as_guest(v, S("lxc"));
    }
    if (contains(groups, "/system.slice/containerd.service")) {
        as_guest(v, S("containerd"));
    }
    if (contains(environment, "container=podman")) {
        as_guest(v, S("podman"));
    }
    if (says_container(environment)) {
        as_guest(v, S("container"));
    }
    if (host_has(host, S("/proc/vz")) && !host_has(host, S("/proc/lve"))) {
        (host_has(host, S("/proc/bc")) ? as_host : as_guest)(v, S("openvz"));
    }
    if (!str_is_none(systemd)) {
        as_guest(v, systemd);
    }
    if (host_has(host, S("/.dockerenv")) || host_has(host, S("/.dockerinit"))) {
        as_guest(v, S("docker"));
    }
    if (v->guest.entries.len > 0) {
        map_set_str(&v->guest, S("container"), value_null());
    }
}

/* ---- machines ---- */

static void look_at_xen(struct virtual *v)
{
    if (!host_has(v->host, S("/proc/xen"))) {
        return;
    }
    if (contains(host_text(v->host, S("/proc/xen/capabilities")), "control_d")) {
        as_host(v, S("xen"));
    } else {
        found(v, S("xen"), "guest");
    }
}

/* What the firmware's tables say of who made the machine. */
static void look_at_firmware(struct virtual *v)
{
    static const struct {
        const char *attribute, *text, *technique;
    } rows[] = {
        { "product_name", "KVM", "kvm" },
        { "product_name", "KVM Server", "kvm" },
        { "product_name", "Bochs", "kvm" },
        { "product_name", "AHV", "kvm" },
        { "sys_vendor", "oVirt", "oVirt" },
        { "product_family", "RHV", "RHV" },
        { "product_name", "RHEV Hypervisor", "RHEV" },
        { "product_name", "VMware Virtual Platform", "VMware" },
        { "product_name", "VMware7,1", "VMware" },
        { "product_name", "VMware20,1", "VMware" },
        { "product_name", "OpenStack Compute", "openstack" },
        { "product_name", "OpenStack Nova", "openstack" },
        { "bios_vendor", "Xen", "xen" },
        { "bios_vendor", "innotek GmbH", "virtualbox" },
        { "bios_vendor", "Amazon EC2", "kvm" },
        { "bios_vendor", "DigitalOcean", "kvm" },
        { "bios_vendor", "Hetzner", "kvm" },
        { "sys_vendor", "QEMU", "kvm" },
        { "sys_vendor", "Amazon EC2", "kvm" },
        { "sys_vendor", "DigitalOcean", "kvm" },
        { "sys_vendor", "Google", "kvm" },
        { "sys_vendor", "Scaleway", "kvm" },
        { "sys_vendor", "Nutanix", "kvm" },
        { "sys_vendor", "KubeVirt", "KubeVirt" },
        { "sys_vendor", "Microsoft Corporation", "VirtualPC" },
        { "sys_vendor", "Parallels Software International Inc.", "parallels" },
        { "sys_vendor", "OpenStack Foundation", "openstack" },
    };
    bool red_hat =
        str_eq(host_textf(v->host, "/sys/devices/virtual/dmi/id/sys_vendor"), S("Red Hat"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str text = host_textf(v->host, "/sys/devices/virtual/dmi/id/%s", rows[i].attribute);
        bool of_red_hat = str_starts(str_of(rows[i].technique), S("RH"));
        if (str_eq(text, str_of(rows[i].text)) && (red_hat || !of_red_hat)) {
            as_guest(v, str_of(rows[i].technique));
        }
    }
}

static void look_at_processor(struct virtual *v)
{
    static const struct {
        const char *key, *word, *technique, *role;
    } rows[] = {
        { "model name", "QEMU Virtual CPU", "kvm", "guest" },
        { "vendor_id", "User Mode Linux", "uml", "guest" },
        { "model name", "UML", "uml", "guest" },
        { "machine", "CHRP IBM pSeries (emulated by qemu)", "kvm", "guest" },
        { "vendor_id", "PowerVM Lx86", "powervm_lx86", "guest" },
        { "vendor_id", "IBM/S390", "PR/SM", "LPAR" },
    };
    str text = host_text(v->host, S("/proc/cpuinfo"));
    while (text.len > 0) {
        str key, setting;
        if (!cut_pair(str_cut_line(&text), ':', &key, &setting)) {
            continue;
        }
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            if (str_eq(key, str_of(rows[i].key)) && contains(setting, rows[i].word)) {
                map_set_str(&v->guest, str_of(rows[i].technique), value_null());
                found(v, str_of(rows[i].technique), rows[i].role);
            }
        }
    }
}

/* A module that makes it a host; one that only guests load. */
static void look_at_modules(struct virtual *v)
{
    bool kvm = false, virtualbox = false, virtio = false;
    str text = host_text(v->host, S("/proc/modules"));
    while (text.len > 0) {
        str line = str_cut_line(&text), name = next_word(&line);
        kvm |= str_eq(name, S("kvm"));
        virtualbox |= str_eq(name, S("vboxdrv"));
        virtio |= str_eq(name, S("virtio"));
    }
    if (kvm) {
        as_host(v, S("kvm"));
    }
    if (virtualbox) {
        as_host(v, S("virtualbox"));
    }
    if (virtio) { /* named with the host's techniques, for compatibility */
        map_set_str(&v->hosting, S("kvm"), value_null());
        found(v, S("kvm"), "guest");
    }
    if (host_has(v->host, S("/dev/kvm"))) {
        as_host(v, S("kvm"));
    }
}

/* ---- the result ---- */

static value names_of(struct map_builder *set)
{
    struct list_builder list = list_in(set->arena);
    for (size_t i = 0; i < set->entries.len; i++) {
        list_add(&list, set->entries.items[i].key);
    }
    return list_seal(&list);
}

void facts_virtual(const struct host *host, struct map_builder *facts)
{
    struct virtual v = {
        .host = host,
        .guest = map_in(facts->arena),
        .hosting = map_in(facts->arena),
    };
    look_for_containers(&v);
    look_at_xen(&v);
    look_at_firmware(&v);
    look_at_processor(&v);
    look_at_modules(&v);
    found(&v, S("NA"), "NA");
    fact_str(facts, S("virtualization_type"), v.type);
    fact_str(facts, S("virtualization_role"), v.role);
    map_set_str(facts, S("virtualization_tech_guest"), names_of(&v.guest));
    map_set_str(facts, S("virtualization_tech_host"), names_of(&v.hosting));
}
