/* test_connect_names.c - which variables connections are made of. */
#include <criterion/criterion.h>

#include "engine/connect_names.h"

Test(connect_names, variables)
{
    static const struct {
        str name;
        bool used;
    } rows[] = {
        { S_INIT("ansible_connection"), true },
        { S_INIT("ansible_host"), true },
        { S_INIT("ansible_hostname"), false },
        { S_INIT("ansible_port"), true },
        { S_INIT("ansible_user"), true },
        { S_INIT("ansible_user_id"), false },
        { S_INIT("ansible_userspace_bits"), false },
        { S_INIT("ansible_private_key_file"), true },
        { S_INIT("ansible_private_key_passphrase"), true },
        { S_INIT("ansible_ssh_common_args"), true },
        { S_INIT("ansible_ssh_host_key_checking"), true },
        { S_INIT("ansible_host_key_checking"), true },
        { S_INIT("ansible_ssh_host_key_rsa_public"), false },
        { S_INIT("ansible_ssh_host_key_ed25519_public_keytype"), false },
        { S_INIT("ansible_paramiko_host_key_checking"), true },
        { S_INIT("ansible_paramiko_user"), true },
        { S_INIT("ansible_become"), true },
        { S_INIT("ansible_become_method"), true },
        { S_INIT("ansible_sudo_exe"), true },
        { S_INIT("ansible_doas_exe"), true },
        { S_INIT("ansible_dzdo_flags"), true },
        { S_INIT("ansible_su"), true },
        { S_INIT("ansible_su_pass"), true },
        { S_INIT("ansible_suse"), false },
        { S_INIT("ansible_docker_host"), true },
        { S_INIT("ansible_docker0"), false },
        { S_INIT("ansible_docker_gwbridge"), false },
        { S_INIT("ansible_kubectl_kubeconfig"), true },
        { S_INIT("ansible_incus_remote"), true },
        { S_INIT("ansible_shell_executable"), true },
        { S_INIT("ansible_python_interpreter"), true },
        { S_INIT("ansible_python_version"), false },
        { S_INIT("ansible_local"), false },
        { S_INIT("ansible_facts"), false },
        { S_INIT("port"), false },
        { S_INIT("ansible_"), false },
        { S_INIT(""), false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_expect(connection_uses(rows[i].name) == rows[i].used, "%.*s", SARG(rows[i].name));
    }
}
