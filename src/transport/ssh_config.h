/*
 * ssh_config.h - how one host is to be reached: what ssh(1)'s command line (Ansible's args strings)
 * and configuration files say. The first value found wins: arguments, then ~/.ssh/config, then
 * /etc/ssh/ssh_config; or only the file named by -F.
 *
 * We read the files ourselves since libssh keeps to itself what it read (several known_hosts files,
 * HostKeyAlias, IdentitiesOnly, the timeout) and knows neither `accept-new` nor `Match
 * originalhost`. Source: ssh_config(5), ssh(1) of OpenSSH 9.2.
 */
#pragma once
#include "transport/wire.h"

#define SSH_MANY 32 /* entries of a list: identity files, known_hosts files, variables */

struct ssh_list {
    str items[SSH_MANY];
    unsigned count;
};

enum ssh_flag { SSH_UNSET, SSH_NO, SSH_YES };
enum ssh_strict { SSH_STRICT_UNSET, SSH_STRICT_YES, SSH_STRICT_NO, SSH_STRICT_NEW, SSH_STRICT_ASK };

/* Texts are STR_NONE where nothing was said. Tokens (%h, ~) are expanded. */
struct ssh_settings {
    str host;          /* the name to resolve: HostName, else what was asked for */
    str host_alias;    /* HostKeyAlias: under which name its key is known */
    unsigned port;     /* never 0 */
    str user;          /* never STR_NONE */
    str home;          /* of ours, by the passwd file as in ssh(1), not by $HOME */
    str proxy_command; /* ProxyCommand */

    /* ProxyJump: a list of jump hosts, see ssh_hop_cut; never beside a ProxyCommand. And -F, the
     * file read instead of the usual ones, which holds for jump hosts, too. */
    str proxy_jump, config_file;

    str bind_address;
    int family;             /* AF_UNSPEC, AF_INET, AF_INET6 */
    unsigned attempts;      /* ConnectionAttempts; never 0 */
    double connect_timeout; /* seconds; 0: not said */
    bool timeout_by_args;   /* said in those arguments that beat Ansible's */
    /* After so many seconds of silence the server is asked whether it lives; after so many
     * intervals more without an answer it is lost. 15 and 3 if not said; interval 0: never asked.
     */
    int alive_interval, alive_count;

    enum ssh_flag keep_alive; /* TCPKeepAlive */
    uint64_t rekey_bytes;     /* RekeyLimit; 0: libssh's own */
    unsigned rekey_seconds;

    enum ssh_strict strict;
    bool strict_by_args; /* said in arguments that beat Ansible's host_key_checking */
    str strict_where;    /* "~/.ssh/config:12" */
    struct ssh_list user_known_hosts, global_known_hosts; /* the usual ones if not said */
    enum ssh_flag hash_known_hosts, trust_localhost;
    str revoked;       /* RevokedHostKeys: a file */
    str ca_algorithms; /* CASignatureAlgorithms */

    enum ssh_flag batch;                      /* BatchMode: nobody is asked anything */
    struct ssh_list identities, certificates; /* only those said */
    bool no_usual_identities;                 /* IdentityFile none */
    str named_identity; /* private_key_file of the options, one of `identities`; STR_NONE: not said
                         */
    str identity_agent; /* "none", a path; STR_NONE: $SSH_AUTH_SOCK */
    str forward_agent;  /* the same; "none" if not said */
    enum ssh_flag identities_only, pubkey, password, interactive, gssapi, gssapi_delegate;
    str gssapi_client, gssapi_server;
    str preferred;    /* PreferredAuthentications */
    int prompts;      /* NumberOfPasswordPrompts */
    unsigned rsa_min; /* RequiredRSASize, in bits; 0: libssh's own */

    enum ssh_flag compression;
    str ciphers, macs, kex, host_key_algorithms,
        pubkey_algorithms; /* as written: see ssh_algorithms.h */

    struct ssh_list
        environment;         /* "NAME=value", of SetEnv and SendEnv: asked for at each channel */
    str tag, ignore_unknown; /* while the files are read */
};

/* The texts of *ret live in `arena`; the files' do not stay. False: ret_error is filled
 * (WIRE_REFUSED, in `error_arena`); the message names the option, or the file and its line. */
bool ssh_settings_load(struct arena *arena, struct arena *error_arena,
                       const struct connection_options *options, deadline until,
                       struct ssh_settings *ret, struct wire_error *ret_error);

/* ---- ssh_config_jump.c ---- */

/* One jump host, as in ProxyJump. */
struct ssh_hop {
    str name; /* all of it, as written */
    str user; /* STR_NONE, port 0: as the configuration says */
    str host;
    unsigned port;
};

/* "user@host:port", "[v6]:port", "ssh://host". False: it is none. No copies. */
bool ssh_hop_parse(str text, struct ssh_hop *ret);

/* Cut the last one off a list "first,second", leaving those by which it is reached; STR_NONE: none.
 */
str ssh_hop_cut(str *list);
