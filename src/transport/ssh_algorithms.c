/*
 * ssh_algorithms.c - see ssh_algorithms.h.
 *
 * libssh 0.10 knows "+", "-" and "^" in its own configuration files only: given "+a,b" as an option
 * it takes "+a" for a name that it does not have, and leaves b alone.
 */
#include "transport/ssh_algorithms.h"

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

#include "base/arena.h"
#include "base/strbuf.h"
#include "transport/ssh_config_reader.h"

#define ELLIPTIC "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"

/* Of libssh 0.10: the usual ones in its order, then, behind a NULL, those that have to be named.
 * Which are usual is as in OpenSSH: to libssh hmac-sha1 is not, but there are devices that have no
 * other. */
static const char *const names[][24] = {
    [SSH_KEY_EXCHANGES] = { "curve25519-sha256", "curve25519-sha256@libssh.org",
                            "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521",
                            "diffie-hellman-group18-sha512", "diffie-hellman-group16-sha512",
                            "diffie-hellman-group-exchange-sha256", "diffie-hellman-group14-sha256",
                            NULL, "diffie-hellman-group14-sha1",
                            "diffie-hellman-group-exchange-sha1", "diffie-hellman-group1-sha1" },
    [SSH_HOST_KEYS] = { "ssh-ed25519", ELLIPTIC, "rsa-sha2-512", "rsa-sha2-256", NULL, "ssh-rsa" },
    [SSH_CIPHERS] = { "chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com",
                      "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr", NULL,
                      "aes256-cbc", "aes192-cbc", "aes128-cbc", "3des-cbc" },
    [SSH_MACS] = { "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com",
                   "hmac-sha2-256", "hmac-sha2-512", "hmac-sha1-etm@openssh.com", "hmac-sha1",
                   NULL },
    [SSH_USER_KEYS] = { "ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com",
                        "ecdsa-sha2-nistp521-cert-v01@openssh.com",
                        "ecdsa-sha2-nistp384-cert-v01@openssh.com",
                        "ecdsa-sha2-nistp256-cert-v01@openssh.com",
                        "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
                        "rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com",
                        "ssh-ed25519", ELLIPTIC, "sk-ssh-ed25519@openssh.com",
                        "sk-ecdsa-sha2-nistp256@openssh.com", "rsa-sha2-512", "rsa-sha2-256", NULL,
                        "ssh-rsa-cert-v01@openssh.com", "ssh-rsa" },
};

struct choice {
    const char *const *names;
    struct strbuf list;
};

static size_t usual_count(const char *const *of)
{
    size_t count = 0;
    while (of[count] != NULL) {
        count++;
    }
    return count;
}

/* Which there are, the NULL in between left out; STR_NONE behind the last one. */
static str name_at(const char *const *of, size_t index)
{
    const char *name = of[index + (index >= usual_count(of))];
    return name == NULL ? STR_NONE : str_of(name);
}

static bool is_chosen(const struct choice *choice, str name)
{
    str rest = { choice->list.ptr, choice->list.len }, one;
    while (choice->list.len > 0 && !str_is_none(one = str_cut(&rest, ','))) {
        if (str_eq(one, name)) {
            return true;
        }
    }
    return false;
}

static void choose(struct choice *choice, str name)
{
    if (!is_chosen(choice, name)) {
        strbuf_addf(&choice->list, "%s%.*s", choice->list.len > 0 ? "," : "", SARG(name));
    }
}

/* Those that a list names, in its order. */
static void choose_named(struct choice *choice, str list, str without)
{
    str pattern, name;
    while (!str_is_none(pattern = str_cut(&list, ','))) {
        for (size_t i = 0; !str_is_none(name = name_at(choice->names, i)); i++) {
            if (ssh_match_pattern(pattern, name) &&
                !ssh_match_patterns(choice->list.arena, name, without, false)) {
                choose(choice, name);
            }
        }
    }
}

/* Whether the processor has instructions for AES: its GCM then takes half the time of ChaCha20. */
static bool has_aes(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
#elif defined(__aarch64__)
    return (getauxval(AT_HWCAP) & HWCAP_AES) != 0 && (getauxval(AT_HWCAP) & HWCAP_PMULL) != 0;
#else
    return false;
#endif
}

static void choose_usual(struct choice *choice, str without)
{
    if (choice->names == names[SSH_CIPHERS] && has_aes()) {
        choose_named(choice, S("aes128-gcm@openssh.com,aes256-gcm@openssh.com"), without);
    }
    for (size_t i = 0; i < usual_count(choice->names); i++) {
        str name = str_of(choice->names[i]);
        if (!ssh_match_patterns(choice->list.arena, name, without, false)) {
            choose(choice, name);
        }
    }
}

str ssh_algorithms(struct arena *arena, enum ssh_algorithms_kind kind, str said)
{
    struct choice choice = { names[kind], strbuf_in(arena) };
    char sign = said.len > 0 ? said.ptr[0] : '+';
    str list = str_is_none(said) ? STR_EMPTY : str_part(said, 1, said.len);
    switch (sign) {
    case '+':
        choose_usual(&choice, STR_EMPTY);
        choose_named(&choice, list, STR_EMPTY);
        break;
    case '-':
        choose_usual(&choice, list);
        break;
    case '^':
        choose_named(&choice, list, STR_EMPTY);
        choose_usual(&choice, STR_EMPTY);
        break;
    default:
        choose_named(&choice, said, STR_EMPTY);
        break;
    }
    return choice.list.len > 0 ? strbuf_str(&choice.list) : STR_NONE;
}

str ssh_algorithms_hint(struct arena *arena, enum ssh_algorithms_kind kind)
{
    return str_format(arena, "it has %.*s", SARG(ssh_algorithms(arena, kind, S("+*"))));
}
