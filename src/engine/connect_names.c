/*
 * connect_names.c - the names of connections, those that are refused too: a user who meets one is
 * told why, not that it is unknown; and of the variables that they are made of.
 */
#include "engine/connect_names.h"

#include <string.h>

#define COLLECTIONS_MAX 3

static const char windows[] = "hosts with Windows are not managed";
static const char network[] = "network devices are not managed";
static const char as_docker[] = "use docker, which asks the same daemon";
static const char by_ssh[] = "use ssh, if a server runs there";

static const struct connection_name {
    str name;
    enum connection_kind kind;
    const char *collections[COLLECTIONS_MAX]; /* under which it is known, too */
    const char *refused;                      /* not supported; what to do, or why */
} names[] = {
    { S_INIT("ssh"), CONNECTION_SSH, { "ansible.builtin", "ansible.legacy" }, NULL },
    { S_INIT("smart"), CONNECTION_SSH, { NULL }, NULL },
    { S_INIT("paramiko"), CONNECTION_SSH, { NULL }, NULL },
    { S_INIT("paramiko_ssh"), CONNECTION_SSH, { "ansible.builtin", "ansible.legacy" }, NULL },
    { S_INIT("local"), CONNECTION_LOCAL, { "ansible.builtin", "ansible.legacy" }, NULL },
    { S_INIT("docker"), CONNECTION_EXEC, { "community.docker", "community.general" }, NULL },
    { S_INIT("podman"), CONNECTION_EXEC, { "containers.podman" }, NULL },
    { S_INIT("buildah"), CONNECTION_EXEC, { "containers.podman" }, NULL },
    { S_INIT("kubectl"),
      CONNECTION_EXEC,
      { "kubernetes.core", "community.kubernetes", "community.general" },
      NULL },
    { S_INIT("oc"), CONNECTION_EXEC, { "community.okd", "community.general" }, NULL },
    { S_INIT("chroot"), CONNECTION_EXEC, { "community.general" }, NULL },
    { S_INIT("nsenter"), CONNECTION_EXEC, { "community.docker" }, NULL },
    { S_INIT("lxc"), CONNECTION_EXEC, { "community.general" }, NULL },
    { S_INIT("lxd"), CONNECTION_EXEC, { "community.general" }, NULL },
    { S_INIT("incus"), CONNECTION_EXEC, { "community.general" }, NULL },
    { S_INIT("winrm"), CONNECTION_SSH, { "ansible.builtin", "ansible.legacy" }, windows },
    { S_INIT("psrp"), CONNECTION_SSH, { "ansible.builtin", "ansible.legacy" }, windows },
    { S_INIT("network_cli"), CONNECTION_SSH, { "ansible.netcommon" }, network },
    { S_INIT("netconf"), CONNECTION_SSH, { "ansible.netcommon" }, network },
    { S_INIT("httpapi"), CONNECTION_SSH, { "ansible.netcommon" }, network },
    { S_INIT("grpc"), CONNECTION_SSH, { "ansible.netcommon" }, network },
    { S_INIT("persistent"), CONNECTION_SSH, { "ansible.netcommon" }, network },
    { S_INIT("libssh"), CONNECTION_SSH, { "ansible.netcommon" }, "use ssh" },
    { S_INIT("docker_api"), CONNECTION_SSH, { "community.docker" }, as_docker },
    { S_INIT("jail"), CONNECTION_SSH, { "community.general" }, by_ssh },
    { S_INIT("iocage"), CONNECTION_SSH, { "community.general" }, by_ssh },
    { S_INIT("zone"), CONNECTION_SSH, { "community.general" }, by_ssh },
    { S_INIT("qubes"), CONNECTION_SSH, { "community.general" }, by_ssh },
    { S_INIT("saltstack"), CONNECTION_SSH, { "community.general" }, by_ssh },
    { S_INIT("funcd"), CONNECTION_SSH, { "community.general" }, by_ssh },
    { S_INIT("libvirt_lxc"), CONNECTION_SSH, { "community.libvirt" }, by_ssh },
    { S_INIT("libvirt_qemu"), CONNECTION_SSH, { "community.libvirt" }, by_ssh },
    { S_INIT("aws_ssm"), CONNECTION_SSH, { "community.aws", "amazon.aws" }, by_ssh },
    { S_INIT("vmware_tools"), CONNECTION_SSH, { "community.vmware" }, by_ssh },
};

static bool is_known_under(const struct connection_name *row, str collection)
{
    for (size_t i = 0; i < COLLECTIONS_MAX && row->collections[i] != NULL; i++) {
        if (str_eq(collection, str_of(row->collections[i]))) {
            return true;
        }
    }
    return false;
}

/* "community.docker.docker" in two; the collection is STR_NONE where there is none. */
static str last_part(str name, str *ret_collection)
{
    size_t dot = str_rfind(name, S("."));
    *ret_collection = dot == STR_NPOS ? STR_NONE : str_part(name, 0, dot);
    return dot == STR_NPOS ? name : str_part(name, dot + 1, name.len);
}

static const struct connection_name *find(str name)
{
    str collection, last = last_part(name, &collection);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(last, names[i].name) &&
            (str_is_none(collection) || is_known_under(&names[i], collection))) {
            return &names[i];
        }
    }
    return NULL;
}

static void unknown(struct diags *diags, span at, str name)
{
    str candidates[ARRAY_LEN(names)], collection;
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (names[i].refused == NULL) {
            candidates[count++] = names[i].name;
        }
    }
    struct diag *diag = diag_error(diags, at, "connection '%.*s' is not supported", SARG(name));
    diag_suggest(diag, last_part(name, &collection), candidates, count);
    diag_hint(diag, "there are: ssh, local, docker, podman, buildah, kubectl, oc, chroot, nsenter, "
                    "lxc, lxd, incus");
}

bool connection_kind_of(struct diags *diags, span at, str name, struct connection_options *ret)
{
    const struct connection_name *row = find(name);
    if (row == NULL) {
        unknown(diags, at, name);
        return false;
    }
    if (row->refused != NULL) {
        struct diag *diag = diag_error(diags, at, "connection '%.*s' is not supported", SARG(name));
        diag_hint(diag, "%s", row->refused);
        return false;
    }
    ret->kind = row->kind;
    ret->exec.kind = row->kind == CONNECTION_EXEC ? exec_kind_find(row->name) : NULL;
    return true;
}

/* ---- variables ---- */

/* "docker_user" is one of docker's. */
static bool is_of(str variable, str owner)
{
    return str_starts(variable, owner) && str_find_char(variable, '_', owner.len) == owner.len;
}

static bool is_of_connection(str variable)
{
    bool bridge =
        str_ends(variable, S("bridge")); /* a device of the network, as of a host of docker */
    bool host_key =
        str_starts(variable, S("ssh_host_key_")) && !str_eq(variable, S("ssh_host_key_checking"));
    for (size_t i = 0; i < ARRAY_LEN(names) && !bridge && !host_key; i++) {
        if (is_of(variable, names[i].name)) {
            return true;
        }
    }
    return false;
}

static const str become_programs[] = { S_INIT("sudo"), S_INIT("su"), S_INIT("doas"), S_INIT("dzdo"),
                                       S_INIT("sudosu") };

static bool is_of_become(str variable)
{
    bool is = false;
    for (size_t i = 0; i < ARRAY_LEN(become_programs); i++) {
        is |= str_eq(variable, become_programs[i]) || is_of(variable, become_programs[i]);
    }
    return is;
}

bool connection_uses(str variable)
{
    static const str all[] = { S_INIT("connection"),
                               S_INIT("host"),
                               S_INIT("port"),
                               S_INIT("user"),
                               S_INIT("password"),
                               S_INIT("timeout"),
                               S_INIT("executable"),
                               S_INIT("remote_tmp"),
                               S_INIT("pipelining"),
                               S_INIT("become"),
                               S_INIT("host_key_checking") };
    static const str owners[] = { S_INIT("become"), S_INIT("shell"), S_INIT("private_key") };
    if (!str_starts(variable, S("ansible_"))) {
        return false;
    }
    str name = str_part(variable, strlen("ansible_"), variable.len);
    bool uses = is_of_connection(name) || is_of_become(name) || str_ends(name, S("_interpreter"));
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        uses |= str_eq(name, all[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(owners); i++) {
        uses |= is_of(name, owners[i]);
    }
    return uses;
}

str connection_variable_meant(struct arena *arena, str variable)
{
    static const str common[] = {
        S_INIT("connection"),
        S_INIT("host"),
        S_INIT("ssh_host"),
        S_INIT("port"),
        S_INIT("ssh_port"),
        S_INIT("user"),
        S_INIT("ssh_user"),
        S_INIT("password"),
        S_INIT("ssh_pass"),
        S_INIT("ssh_password"),
        S_INIT("private_key_file"),
        S_INIT("ssh_private_key_file"),
        S_INIT("private_key_passphrase"),
        S_INIT("ssh_args"),
        S_INIT("ssh_common_args"),
        S_INIT("ssh_extra_args"),
        S_INIT("ssh_retries"),
        S_INIT("ssh_timeout"),
        S_INIT("timeout"),
        S_INIT("host_key_checking"),
        S_INIT("ssh_host_key_checking"),
        S_INIT("become"),
        S_INIT("become_user"),
        S_INIT("become_pass"),
        S_INIT("become_password"),
        S_INIT("become_method"),
        S_INIT("become_flags"),
        S_INIT("become_exe"),
    };
    if (!str_starts(variable, S("ansible_"))) {
        return STR_NONE;
    }
    str name = str_part(variable, strlen("ansible_"), variable.len);
    str meant = is_of_become(name) ? STR_NONE : suggest(name, common, ARRAY_LEN(common));
    bool same = str_is_none(meant) || str_eq(meant, name);
    return same ? STR_NONE : str_format(arena, "ansible_%.*s", SARG(meant));
}
