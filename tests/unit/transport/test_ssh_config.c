/* What arguments and configuration files of ssh(1) come to. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "transport/ssh_config_reader.h"

static void show(struct strbuf *out, const char *name, str text)
{
    if (!str_is_none(text)) {
        strbuf_addf(out, "%s=%.*s ", name, SARG(text));
    }
}

static void show_number(struct strbuf *out, const char *name, long number, long usual)
{
    if (number != usual) {
        strbuf_addf(out, "%s=%ld ", name, number);
    }
}

static void show_list(struct strbuf *out, const char *name, const struct ssh_list *list)
{
    if (list->count > 0) {
        strbuf_addf(out, "%s=", name);
        for (unsigned i = 0; i < list->count; i++) {
            strbuf_addf(out, "%s%.*s", i > 0 ? "," : "", SARG(list->items[i]));
        }
        strbuf_add_char(out, ' ');
    }
}

/* All that is not as usual, in one line. */
static str describe(struct arena *arena, const struct ssh_settings *settings)
{
    struct strbuf out = strbuf_in(arena);
    static const char *const strict[] = { "", "yes", "no", "new", "ask" };
    show(&out, "host", settings->host);
    show(&out, "alias", settings->host_alias);
    show_number(&out, "port", settings->port, 22);
    show(&out, "user", settings->user);
    show(&out, "proxy", settings->proxy_command);
    show(&out, "jump", settings->proxy_jump);
    show(&out, "bind", settings->bind_address);
    show_number(&out, "family", settings->family, 0);
    show_number(&out, "attempts", settings->attempts, 1);
    show_number(&out, "timeout", (long)settings->connect_timeout, 0);
    show_number(&out, "timeout_by_args", settings->timeout_by_args, 0);
    show_number(&out, "alive", settings->alive_interval, 15);
    show_number(&out, "count", settings->alive_count, 3);
    if (settings->strict != SSH_STRICT_UNSET) {
        strbuf_addf(&out, "strict=%s%s ", strict[settings->strict],
                    settings->strict_by_args ? "!" : "");
    }
    if (!str_ends(settings->user_known_hosts.items[0], S("/.ssh/known_hosts"))) {
        show_list(&out, "known", &settings->user_known_hosts);
    }
    if (!str_eq(settings->global_known_hosts.items[0], S("/etc/ssh/ssh_known_hosts"))) {
        show_list(&out, "global", &settings->global_known_hosts);
    }
    show_number(&out, "hash", settings->hash_known_hosts, 0);
    show_list(&out, "ids", &settings->identities);
    show_list(&out, "certs", &settings->certificates);
    show(&out, "agent", settings->identity_agent);
    show_number(&out, "only", settings->identities_only, 0);
    show_number(&out, "pubkey", settings->pubkey, 0);
    show_number(&out, "password", settings->password, 0);
    show_number(&out, "kbd", settings->interactive, 0);
    show(&out, "preferred", settings->preferred);
    show_number(&out, "compress", settings->compression, 0);
    show(&out, "ciphers", settings->ciphers);
    show(&out, "macs", settings->macs);
    show(&out, "kex", settings->kex);
    show_number(&out, "batch", settings->batch, 0);
    show_number(&out, "prompts", settings->prompts, 3);
    show_number(&out, "rekey", (long)settings->rekey_bytes, 0);
    show_number(&out, "rekey_s", settings->rekey_seconds, 0);
    show_number(&out, "rsa", settings->rsa_min, 0);
    show(&out, "revoked", settings->revoked);
    show_number(&out, "no_usual", settings->no_usual_identities, 0);
    if (!str_eq(settings->forward_agent, S("none"))) {
        strbuf_addf(&out, "forward=%.*s ",
                    SARG(str_is_none(settings->forward_agent) ? S("SSH_AUTH_SOCK")
                                                              : settings->forward_agent));
    }
    show_list(&out, "env", &settings->environment);
    show_number(&out, "gssapi", 10 * settings->gssapi + settings->gssapi_delegate, 0);
    return str_trim(strbuf_str(&out));
}

/* What is told beside the result. */
struct told {
    struct strbuf text;
};

static void keep_told(void *data, str message, str hint)
{
    struct told *told = data;
    strbuf_addf(&told->text, " | %.*s [%.*s]", SARG(message), SARG(hint));
}

/* Load for host "web1", user "me", from one file; `files` may be NULL. */
static str load_from(struct bench *bench, struct ssh_files *files, str file, const char *args)
{
    str all[] = { str_format(bench->arena, "-F %.*s", SARG(file)), str_of(args) };
    struct told told = { strbuf_in(bench->arena) };
    struct connection_options options = { .name = S("web1"),
                                          .host = S("web1"),
                                          .user = S("me"),
                                          .host_keys = HOST_KEYS_ASK,
                                          .wake = -1,
                                          .ssh_args = all,
                                          .ssh_args_count = 2,
                                          .tell = keep_told,
                                          .ask_data = &told,
                                          .ssh_files = files };
    struct ssh_settings settings;
    struct wire_error error;
    str text;
    if (ssh_settings_load(bench->arena, bench->arena, &options, deadline_in(5), &settings,
                          &error)) {
        text = describe(bench->arena, &settings);
    } else if (str_is_none(error.hint)) {
        text = error.message;
    } else {
        text = str_format(bench->arena, "%.*s [%.*s]", SARG(error.message), SARG(error.hint));
    }
    strbuf_add(&told.text, STR_EMPTY);
    text = str_concat(bench->arena, text, strbuf_str(&told.text));
    text = str_replace(bench->arena, text, file, S("FILE"));
    return str_replace(bench->arena, text, str_format(bench->arena, "ssh arguments '%s'", args),
                       S("ARGS"));
}

/* Files only as `config` says. */
static str load(struct bench *bench, const char *config, const char *args)
{
    return load_from(bench, NULL, bench_file(bench, "config", config), args);
}

static const struct {
    const char *config, *args;
    str expected;
} rows[] = {
    { "", "", S_INIT("host=web1 user=me") },
    /* arguments */
    { "", "-C -o ControlMaster=auto -o ControlPersist=60s -o ControlPath=/x/%C",
      S_INIT("host=web1 user=me compress=2") },
    { "", "-p 2222 -i /etc/passwd -i /etc/group -4",
      S_INIT("host=web1 port=2222 user=me family=2 ids=/etc/passwd,/etc/group") },
    { "", "-i /no/such",
      S_INIT("host=web1 user=me | ARGS: there is no identity file '/no/such': No such file or "
             "directory []") },
    { "",
      "-o AddressFamily=inet6 -4 -c aes256-ctr -o Ciphers=aes192-ctr -c aes128-ctr -b ::1 -b ::",
      S_INIT("host=web1 user=me bind=:: family=2 ciphers=aes128-ctr") },
    { "", "-a -A -K -k", S_INIT("host=web1 user=me forward=SSH_AUTH_SOCK gssapi=21") },
    { "", "-p2222 -vvv -qC", S_INIT("host=web1 port=2222 user=me compress=2") },
    { "", "-o Port=2222 -oPort=2223", S_INIT("host=web1 port=2222 user=me") },
    { "", "-o 'Port 2222'", S_INIT("host=web1 port=2222 user=me") },
    { "", "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
      S_INIT("host=web1 user=me strict=no! known=/dev/null") },
    { "", "-o \"UserKnownHostsFile='/a b' /c\"", S_INIT("host=web1 user=me known=/a b,/c") },
    { "", "-o StrictHostKeyChecking=accept-new", S_INIT("host=web1 user=me strict=new!") },
    { "", "-o ConnectTimeout=1m30s -o ConnectionAttempts=3",
      S_INIT("host=web1 user=me attempts=3 timeout=90") },
    { "", "-o ServerAliveInterval=1m -o ServerAliveCountMax=4",
      S_INIT("host=web1 user=me alive=60 count=4") },
    { "", "-o ServerAliveInterval=0 -o ServerAliveCountMax=0 -o ServerAliveInterval=9",
      S_INIT("host=web1 user=me alive=0 count=0") },
    { "", "-o ServerAliveInterval=4w -o ServerAliveCountMax=1000",
      S_INIT("host=web1 user=me alive=2419200 count=1000") },
    { "", "-o ServerAliveInterval=soon", S_INIT("ARGS: bad value 'soon' for ServerAliveInterval") },
    { "", "-o ServerAliveCountMax=-1", S_INIT("ARGS: bad value '-1' for ServerAliveCountMax") },
    { "", "-o ProxyCommand='nc -X 5 %h %p # %%'",
      S_INIT("host=web1 user=me proxy=nc -X 5 web1 22 # %") },
    { "ProxyCommand sh -c 'nc ${VIA:-%h} \"$1\"'\n", "",
      S_INIT("host=web1 user=me proxy=sh -c 'nc ${VIA:-web1} \"$1\"'") },
    { "", "-J jump", S_INIT("host=web1 user=me jump=jump") },
    { "", "-J a,b@c:5", S_INIT("host=web1 user=me jump=a,b@c:5") },
    { "", "-J ssh://me@[::1]:5/", S_INIT("host=web1 user=me jump=ssh://me@[::1]:5/") },
    { "", "-J jump -J other",
      S_INIT("ARGS: -J stands beside another -J [write the jump hosts into one -J, with commas "
             "between]") },
    { "", "-o ProxyCommand=nc -J other",
      S_INIT("ARGS: -J stands beside another ProxyCommand [write the jump hosts into one -J, with "
             "commas between]") },
    { "ProxyJump a, b ,c@d:5\n", "", S_INIT("host=web1 user=me jump=a,b,c@d:5") },
    { "ProxyJump a b\n", "",
      S_INIT("FILE:1: bad value 'b' for ProxyJump [a jump host is written as user@host:port]") },
    { "", "-J a,b:x",
      S_INIT("ARGS: bad value 'b:x' for ProxyJump [a jump host is written as "
             "user@host:port]") },
    { "", "-J a, -J b",
      S_INIT("ARGS: bad value '' for ProxyJump [a jump host is written as "
             "user@host:port]") },
    { "Host web*\nProxyJump gate-%r\nProxyCommand nc\n", "",
      S_INIT("host=web1 user=me jump=gate-me") },
    { "ProxyJump jump\n", "-o ProxyJump=none", S_INIT("host=web1 user=me") },
    { "ProxyCommand nc\n", "-J none", S_INIT("host=web1 user=me proxy=nc") },
    { "ProxyJump none\nProxyJump jump\nProxyCommand = = nc %k\n", "",
      S_INIT("host=web1 user=me proxy=nc web1") },
    { "ProxyCommand nc %u\n", "",
      S_INIT("FILE:1: unknown token '%u' in 'nc %u' [a percent sign is written '%%']") },
    { "ProxyCommand nc\nProxyCommand nc %u\n", "", S_INIT("host=web1 user=me proxy=nc") },
    { "", "-o IdentitiesOnly=yes -o PubkeyAuthentication=no -o IdentityAgent=none",
      S_INIT("host=web1 user=me agent=none only=2 pubkey=1") },
    { "", "-o ForwardAgent=no -o Tunnel=no", S_INIT("host=web1 user=me") },
    { "", "-o ForwardAgent=yes", S_INIT("host=web1 user=me forward=SSH_AUTH_SOCK") },
    { "", "-A -o ForwardAgent=no", S_INIT("host=web1 user=me forward=SSH_AUTH_SOCK") },
    { "", "-a -o ForwardAgent=/x/%h", S_INIT("host=web1 user=me") },
    { "", "-o ForwardAgent=yes -o ForwardAgent=/x -o ForwardAgent=/y",
      S_INIT("host=web1 user=me forward=/x") },
    { "", "-o ForwardAgent='$A-B'", S_INIT("ARGS: '$A-B' names no variable") },
    { "", "-o ForwardAgent=/x/%h", S_INIT("host=web1 user=me forward=/x/web1") },
    { "", "-ttqXYMnTx -e none -S /x/%C", S_INIT("host=web1 user=me") },
    { "", "-L 80:x:80",
      S_INIT("ARGS: LocalForward '80:x:80' is not supported [a forwarding needs an ssh of its own: "
             "ssh -N -L]") },
    { "", "-W a:b",
      S_INIT("ARGS: SessionType 'a:b' is not supported [tasks need a shell: with -F name a file "
             "without it]") },
    { "", "-K -o PreferredAuthentications=gssapi-with-mic",
      S_INIT("host=web1 user=me preferred=gssapi-with-mic gssapi=22") },
    { "", "-N",
      S_INIT("ARGS: SessionType 'none' is not supported [tasks need a shell: with -F name a file "
             "without it]") },
    { "", "-w 0",
      S_INIT("ARGS: Tunnel 'yes' is not supported [a tunnel needs an ssh of its own: ssh -N -w]") },
    { "", "-z", S_INIT("ARGS: the option '-z' is not supported") },
    { "", "-o", S_INIT("ARGS: the option '-o' has no value") },
    { "", "-o Prot=22", S_INIT("ARGS: unknown option 'Prot' [did you mean 'Port'?]") },
    { "", "-o Port=none",
      S_INIT("ARGS: bad value 'none' for Port [a port is a number from 1 to 65535]") },
    { "", "-o Port=70000",
      S_INIT("ARGS: bad value '70000' for Port [a port is a number from 1 to 65535]") },
    { "", "-o 'Port 22 23'", S_INIT("ARGS: Port takes one value; '23' is too much") },
    { "", "-o 'Compression=yes no'",
      S_INIT("ARGS: Compression takes one value; 'no' is too much") },
    { "", "-o Compression=maybe",
      S_INIT("ARGS: bad value 'maybe' for Compression [it takes yes or no]") },
    { "", "-o StrictHostKeyChecking=maybe",
      S_INIT("ARGS: bad value 'maybe' for StrictHostKeyChecking [it takes yes, no, ask or "
             "accept-new]") },
    { "", "-o 'Port", S_INIT("ARGS: a quote is not closed") },
    { "", "web2", S_INIT("ARGS: 'web2' is not an option") },
    { "", "-o RemoteCommand=x",
      S_INIT("ARGS: RemoteCommand 'x' is not supported [tasks need a shell: with -F name a file "
             "without it]") },
    { "", "-o NumberOfPasswordPrompts=1 -o BatchMode=yes",
      S_INIT("host=web1 user=me batch=2 prompts=1") },
    { "", "-o 'RekeyLimit=1G 1h'", S_INIT("host=web1 user=me rekey=1073741824 rekey_s=3600") },
    { "", "-o 'RekeyLimit=default none' -o RekeyLimit=1K -o RequiredRSASize=3072",
      S_INIT("host=web1 user=me rsa=3072") },
    { "", "-o RekeyLimit=0 -o 'RekeyLimit=2G 1m' -o NumberOfPasswordPrompts=0",
      S_INIT("host=web1 user=me prompts=0 rekey_s=60") },
    { "", "-o RekeyLimit=15", S_INIT("ARGS: bad value '15' for RekeyLimit") },
    { "", "-o PubkeyAuthentication=host-bound -o PubkeyAuthentication=no",
      S_INIT("host=web1 user=me pubkey=2") },
    { "", "-o ConnectTimeout=0 -o ConnectTimeout=5", S_INIT("host=web1 user=me") },
    { "", "-o 'UserKnownHostsFile=/a none'",
      S_INIT("ARGS: 'none' has to stand alone behind UserKnownHostsFile") },
    { "", "-o IdentityFile='~nobodyhere/x'",
      S_INIT("ARGS: there is no such user: '~nobodyhere/x'") },
    { "", "-o SendEnv=A=B", S_INIT("ARGS: bad value 'A=B' for SendEnv") },
    { "SetEnv A=1 A=2\n", "", S_INIT("host=web1 user=me env=A=1") },
    { "HostKeyAlias Alias\nGlobalKnownHostsFile ~/%k\n", "",
      S_INIT("host=web1 alias=alias user=me global=~/%k") },
    { "", "-o IdentityFile=none -o RevokedHostKeys=~root/r",
      S_INIT("host=web1 user=me revoked=/root/r no_usual=1") },
    { "", "-o IdentityFile=%x",
      S_INIT("ARGS: unknown token '%x' in '%x' [a percent sign is written '%%']") },
    { "", "-o IdentityFile='${NO_SUCH_THING}/x'",
      S_INIT("ARGS: the environment variable 'NO_SUCH_THING' is not set") },
    { "", "-o IdentityFile=/a -o IdentityFile=/b -o IdentityFile=/a",
      S_INIT("host=web1 user=me ids=/a,/b") },
    /* files; the first value wins, arguments before files */
    { "Port 2222\nPort 2223\n", "", S_INIT("host=web1 port=2222 user=me") },
    { "Port 2222\n", "-p 1", S_INIT("host=web1 port=1 user=me") },
    { "hOST=web1\nPORT=5\n", "", S_INIT("host=web1 port=5 user=me") },
    { "  port = 2222  # comment\n\n# Port 1\n", "", S_INIT("host=web1 port=2222 user=me") },
    { "User other\n", "", S_INIT("host=web1 user=me") },
    /* words */
    { "HostKeyAlias A\\b\nTag x\n", "", S_INIT("host=web1 alias=a\\b user=me") },
    { "SetEnv 'A=it''s' \"B=\\\"x\\\" \\y\" C=\\ \\'\\\\ D=#e #f\n", "",
      S_INIT("host=web1 user=me env=A=its,B=\"x\" \\y,C= '\\,D=#e") },
    { "IdentityFile \"/a b\"'c d' # e\n", "", S_INIT("host=web1 user=me ids=/a bc d") },
    { "HostName \"\"\n", "", S_INIT("FILE:1: Hostname has no value") },
    { "", "-o HostKeyAlias=A\\\\b", S_INIT("host=web1 alias=a\\b user=me") },
    { "Host web1\n Port 1\nHost *\n Port 2\n", "", S_INIT("host=web1 port=1 user=me") },
    /* a mistake in a part that does not hold may be what keeps another from holding */
    { "Host other\n Port 1\nHots web1\n Port 2\n", "",
      S_INIT("FILE:3: unknown option 'Hots' [did you mean 'Host'?]") },
    { "IgnoreUnknown UseKey*\nHost other\n UseKeychain yes\nHost web1\n Port 2\n", "",
      S_INIT("host=web1 port=2 user=me") },
    { "Host other\n Inclde more\n", "",
      S_INIT("FILE:2: unknown option 'Inclde' [did you mean 'Include'?]") },
    { "Host other\n # no keyword\n Port x\n\n", "", S_INIT("host=web1 user=me") },
    { "Host web2\n Port 1\nHost *\n Port 2\n", "", S_INIT("host=web1 port=2 user=me") },
    { "Host db? web[12]\n Port 1\nHost !web1 *\n Port 2\nHost WEB*\n Port 3\nHost w?b*1\n Port 4\n",
      "", S_INIT("host=web1 port=4 user=me") },
    { "Match host WEB*,db !user you\n Port 3\n", "", S_INIT("host=web1 port=3 user=me") },
    { "Match host=web1\n Port 3\n", "", S_INIT("host=web1 port=3 user=me") },
    { "Match !all\n Port 3\nMatch !host web2\n Port 4\n", "", S_INIT("host=web1 port=4 user=me") },
    { "Match tagged a\n Port 3\n", "-P a", S_INIT("host=web1 port=3 user=me") },
    { "Match all host web1\n", "",
      S_INIT(
          "FILE:1: 'Match all' takes no other condition ['canonical' or 'final' can stand before "
          "it]") },
    { "Match host web* all\n Port 3\nMatch exec \"test %k = real\"\nHostName x\n", "",
      S_INIT("host=web1 port=3 user=me") },
    { "HostName real\nMatch exec \"test %k = real\"\n Port 3\nInclude\n", "",
      S_INIT("FILE:4: Include names no file") },
    { "HostName 127.1\nMatch host 127.1\n Port 3\n", "", S_INIT("host=127.0.0.1 port=3 user=me") },
    { "HostName REAL\nMatch final host REAL*\n Port 3\n", "", S_INIT("host=real port=3 user=me") },
    { "HostName %n\n", "",
      S_INIT("FILE:1: unknown token '%n' in '%n' [a percent sign is written '%%']") },
    { "Host \"\"\n", "", S_INIT("FILE:1: Host has an empty pattern") },
    { "Match hots web1\n Port 3\n", "",
      S_INIT("FILE:1: 'Match hots' is not supported [did you mean 'host'?]") },
    { "Match localnetwork 255.255.255.255,127.0.0.0/8\n Port 3\n", "",
      S_INIT("host=web1 port=3 user=me") },
    { "Match localnetwork 255.255.255.255,2001:db8::/32\n Port 3\n", "",
      S_INIT("host=web1 user=me") },
    { "Match !localnetwork=255.255.255.255 localnetwork 127.0.0.1\n Port 3\n", "",
      S_INIT("host=web1 port=3 user=me") },
    { "Match localnetwork 127.0.0.0/8,!10.0.0.0/8\n Port 3\n", "",
      S_INIT("FILE:1: 'Match localnetwork': '!10.0.0.0/8' is not a network "
             "[as in 10.0.0.0/8,fd00::/8; no bits behind the mask]") },
    { "Match localnetwork 127.0.0.1/8\n Port 3\n", "",
      S_INIT("FILE:1: 'Match localnetwork': '127.0.0.1/8' is not a network "
             "[as in 10.0.0.0/8,fd00::/8; no bits behind the mask]") },
    { "Match localnetwork 127.0.0.0/33\n Port 3\n", "",
      S_INIT("FILE:1: 'Match localnetwork': '127.0.0.0/33' is not a network "
             "[as in 10.0.0.0/8,fd00::/8; no bits behind the mask]") },
    { "Match localnetwork\n Port 3\n", "", S_INIT("FILE:1: 'Match localnetwork' has no value") },
    { "Match version 9\n Port 3\n", "", S_INIT("FILE:1: 'Match version' is not supported") },
    { "Match\n Port 3\n", "", S_INIT("FILE:1: Match names no condition") },
    { "Match user\n Port 3\n", "", S_INIT("FILE:1: 'Match user' has no value") },
    { "Host\n Port 3\n", "", S_INIT("FILE:1: Host names no pattern") },
    { "Match canonical\n Port 3\nMatch final\n Port 4\n", "", S_INIT("host=web1 port=3 user=me") },
    { "Host web1\n HostName %h.example.org\nHost *.example.org\n Port 1\n", "",
      S_INIT("host=web1.example.org user=me") },
    { "HostName 10.0.0.1\nMatch host 10.*\n Port 1\nMatch originalhost web1\n Port 2\n", "",
      S_INIT("host=10.0.0.1 port=1 user=me") },
    { "HostName 10.0.0.1\nMatch originalhost web1\n Port 2\n", "",
      S_INIT("host=10.0.0.1 port=2 user=me") },
    { "Match user you\n Port 1\nMatch user me,you !host web2\n Port 2\n", "",
      S_INIT("host=web1 port=2 user=me") },
    { "Match exec \"test %h = web2\"\n Port 1\nMatch exec \"test %n = web1\"\n Port 2\n", "",
      S_INIT("host=web1 port=2 user=me") },
    { "Match final host web1\n Port 1\nMatch canonical\n Port 3\nMatch all\n Port 2\n", "",
      S_INIT("host=web1 port=2 user=me") },
    { "Match final\n Port 1\n", "", S_INIT("host=web1 port=1 user=me") },
    { "Host real.*\n Port 1\nHost web1\n HostName real.example.org\nMatch final\n", "",
      S_INIT("host=real.example.org port=1 user=me") },
    { "Match final\n HostName other\n", "", S_INIT("host=web1 user=me") },
    { "CanonicalizeHostname no\nCanonicalDomains a b\nMatch canonical\n Port 1\n", "",
      S_INIT("host=web1 user=me") },
    { "CanonicalizeHostname yes\nCanonicalDomains none\nMatch canonical\n Port 1\n", "",
      S_INIT("host=web1 port=1 user=me") },
    { "CanonicalizeHostname yes\nCanonicalizeFallbackLocal no\n", "",
      S_INIT("FILE:1: there is no host 'web1' [it has to be in one of CanonicalDomains]") },
    { "CanonicalizeHostname yes\nCanonicalizeFallbackLocal no\nProxyJump x\n", "",
      S_INIT("host=web1 user=me jump=x") },
    { "CanonicalizeHostname yes\nCanonicalizeFallbackLocal no\nHostName 127.0.0.1\n", "",
      S_INIT("host=127.0.0.1 user=me") },
    { "CanonicalizeHostname yes\nCanonicalizeFallbackLocal no\nCanonicalizeMaxDots 0\n"
      "HostName a.b\n",
      "", S_INIT("host=a.b user=me") },
    { "CanonicalizeHostname maybe\n", "",
      S_INIT("FILE:1: bad value 'maybe' for CanonicalizeHostname [it takes yes, no or always]") },
    { "CanonicalizePermittedCNAMEs a:b c\n", "",
      S_INIT("FILE:1: bad value 'c' for CanonicalizePermittedCNAMEs [write it as names:aliases]") },
    { "Match exec \"test -z ${NO_SUCH_THING-}\"\n Port 3\n", "",
      S_INIT("host=web1 port=3 user=me") },
    { "IdentityFile /a/%r\nIdentityFile /b\nCertificateFile /c\n", "",
      S_INIT("host=web1 user=me ids=/a/me,/b certs=/c") },
    { "HostKeyAlias cluster\nUserKnownHostsFile /a/%k /b\nGlobalKnownHostsFile none\n", "",
      S_INIT("host=web1 alias=cluster user=me known=/a/cluster,/b") },
    { "ForwardX11 yes\nLocalForward 1 x:1\nTunnel no\nVisualHostKey yes\n", "",
      S_INIT(
          "host=web1 user=me | FILE:2: LocalForward is not supported, and left out [a forwarding "
          "needs an ssh of its own: ssh -N -L]") },
    { "SomethingNew 5\n", "",
      S_INIT("FILE:1: unknown option 'SomethingNew' [ssh(1) would stop here, too, unless "
             "'IgnoreUnknown SomethingNew' stands before it]") },
    { "IgnoreUnknown other,some*\nSomethingNew 5\nPort 3\n", "",
      S_INIT("host=web1 port=3 user=me") },
    { "ProxyUseFdpass yes\n", "",
      S_INIT("FILE:1: ProxyUseFdpass 'yes' is not supported [let the ProxyCommand pass the bytes "
             "on]") },
    { "SetEnv A=1 'B=2 3' GIVEN=no\nSetEnv C=4\nSendEnv X* GIV*\nSendEnv -X*\n", "",
      S_INIT("host=web1 user=me env=A=1,B=2 3,GIVEN=no") },
    { "SendEnv GIV* XX\n", "", S_INIT("host=web1 user=me env=GIVEN=yes") },
    { "SetEnv A\n", "", S_INIT("FILE:1: bad value 'A' for SetEnv [write it as NAME=value]") },
    { "LocalCommand echo \"\nPort 3\n", "", S_INIT("host=web1 port=3 user=me") },
    { "StrictHostKeyChecking accept-new\nConnectTimeout 5\n", "",
      S_INIT("host=web1 user=me timeout=5 strict=new") },
    { "ProxyCommand none\nProxyJump jump\n", "", S_INIT("host=web1 user=me") },
    { "Host a\nPort \"22\nHost *\n", "", S_INIT("FILE:2: a quote is not closed in 'Port \"22'") },
    { "\nPort x\n", "",
      S_INIT("FILE:2: bad value 'x' for Port [a port is a number from 1 to 65535]") },
    { "Port\n", "", S_INIT("FILE:1: Port has no value") },
    { "Ciphers aes128-ctr\nMACs +hmac-sha1\nKexAlgorithms ^curve25519-sha256\nBindAddress ::1\n"
      "AddressFamily inet6\n",
      "",
      S_INIT("host=web1 user=me bind=::1 family=10 ciphers=aes128-ctr macs=+hmac-sha1 "
             "kex=^curve25519-sha256") },
};

Test(ssh_config, rows)
{
    setenv("GIVEN", "yes", true);
    unsetenv("XX");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        str what = str_format(bench.arena, "%s | %s", rows[i].config, rows[i].args);
        EQ_STR(load(&bench, rows[i].config, rows[i].args), rows[i].expected, what);
    }
}

/* A line of `ssh -G`, which prints what it would do: "port 22". */
static str value_of(str answer, str name)
{
    str line;
    while (!str_is_none(line = str_cut_line(&answer))) {
        str key = str_cut(&line, ' ');
        if (str_eq(key, name)) {
            return line;
        }
    }
    return STR_EMPTY;
}

/* Every row that ssh(1) reads as well comes to the same with it. */
Test(ssh_config, as_ssh)
{
    setenv("GIVEN", "yes", true);
    if (system("ssh -V 2>/dev/null") != 0) {
        cr_skip_test("there is no ssh");
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        str file = bench_file(&bench, "config", rows[i].config);
        str command = str_format(bench.arena, "ssh -G -F %.*s -l me %s web1 2>/dev/null </dev/null",
                                 SARG(file), rows[i].args);
        bench_connect(&bench, 10, -1);
        struct end end = bench_finish(&bench, bench_start(&bench, command.ptr, false));
        str ours = load(&bench, rows[i].config, rows[i].args);
        if (end.status != 0 || !str_starts(ours, S("host="))) {
            continue;
        }
        str told = str_format(bench.arena, "host=%.*s ", SARG(value_of(end.out, S("hostname"))));
        str port = value_of(end.out, S("port"));
        if (!str_eq(port, S("22"))) {
            told = str_format(bench.arena, "%.*sport=%.*s ", SARG(told), SARG(port));
        }
        told = str_format(bench.arena, "%.*suser=%.*s", SARG(told),
                          SARG(value_of(end.out, S("user"))));
        for (size_t from; (from = str_find(ours, S(" alias="), 0)) != STR_NPOS;) {
            str behind = str_part(ours, from + 1, ours.len);
            str_cut(&behind, ' ');
            ours =
                str_format(bench.arena, "%.*s %.*s", SARG(str_part(ours, 0, from)), SARG(behind));
        }
        cr_assert(str_starts(ours, told), "%s | %s\nssh: %.*s\nwe:  %.*s", rows[i].config,
                  rows[i].args, SARG(told), SARG(ours));
    }
}

/* Every keyword that ssh(1) has is one of the table. */
Test(ssh_config, knows_all_keywords)
{
    BENCH(bench);
    bench_connect(&bench, 10, -1);
    str command = S("ssh -G -F none web1 </dev/null");
    struct end end = bench_finish(&bench, bench_start(&bench, command.ptr, false));
    str rest = end.out, line;
    while (!str_is_none(line = str_cut_line(&rest))) {
        str key = str_cut(&line, ' ');
        str args = str_format(bench.arena, "-o %.*s=x", SARG(key));
        str ours = load(&bench, "", args.ptr);
        bool known = str_eq(key, S("host")) || str_find(ours, S("unknown option"), 0) == STR_NPOS;
        cr_assert(known, "%.*s", SARG(ours));
    }
}

/* The part of the manual under a heading. */
static str section_of(str page, str heading)
{
    size_t from = str_find(page, heading, 0);
    cr_assert(from != STR_NPOS, "no heading %.*s", SARG(heading));
    str rest = str_part(page, from + heading.len, page.len);
    size_t to = str_find(rest, S("\n.S"), 0);
    return str_part(rest, 0, to);
}

/* Each keyword stands in the manual where its kind belongs, with what its row says of it. */
Test(ssh_config, manual)
{
    static const char *const headings[] = {
        [SSH_MOOT] = ".Ss Keywords without meaning here",
        [SSH_LACKING] = ".Ss Keywords that are lacking",
        [SSH_NEEDED] = ".Ss Keywords that are refused",
    };
    BENCH(bench);
    bench_connect(&bench, 10, -1);
    str page = bench_finish(&bench, bench_start(&bench, "cat " MANUAL, false)).out;
    size_t count;
    const struct ssh_keyword *all = ssh_keywords(&count);
    for (size_t i = 0; i < count; i++) {
        bool works = all[i].why == NULL;
        str section =
            section_of(page, str_of(works ? ".Ss Keywords that work" : headings[all[i].kind]));
        str line =
            works ? str_format(bench.arena, "\n.Cm %.*s ", SARG(all[i].name))
                  : str_format(bench.arena, "\n.It Cm %.*s\n%s\n", SARG(all[i].name), all[i].why);
        cr_assert(str_find(section, line, 0) != STR_NPOS, "missing:%.*s", SARG(line));
    }
}

Test(ssh_config, include)
{
    BENCH(bench);
    str one = bench_file(&bench, "one.conf", "Host web1\nPort 1\n");
    bench_file(&bench, "two.conf", "User you\nCompression yes\n");
    str config = str_format(bench.arena, "Include %s/*.conf /no/such\nHost *\nPort 2\n", bench.dir);
    EQ_STR(load(&bench, config.ptr, ""), S("host=web1 port=1 user=me compress=2"), config);

    config = str_format(bench.arena, "Host web2\nInclude %.*s\nHost *\nPort 2\n", SARG(one));
    EQ_STR(load(&bench, config.ptr, ""), S("host=web1 port=2 user=me"), config);

    /* a part that does not hold can ask for a second look all the same */
    str three = bench_file(&bench, "three.conf", "User you\nMatch final host web1\nPort 3\n");
    config = str_format(bench.arena, "Match canonical\nPort 4\nMatch host web2\nInclude %.*s\n",
                        SARG(three));
    EQ_STR(load(&bench, config.ptr, ""), S("host=web1 port=4 user=me"), config);

    chmod(three.ptr, 0666); /* whoever can write to it could have us run commands */
    cr_assert(str_find(load(&bench, config.ptr, ""), S("others can write to this file"), 0) !=
              STR_NPOS);

    config = str_format(bench.arena, "Include %s/config\n", bench.dir);
    EQ_STR(load(&bench, config.ptr, ""), S("FILE:1: Include goes deeper than 16 files"), config);
}

/* Ansible writes what it knows between ssh_args and the others; what is said first wins. */
Test(ssh_config, order)
{
    static const struct {
        size_t first;
        str expected;
    } cases[] = {
        { 0, S_INIT("host=web1 port=3 user=me timeout=5 strict=no ids=/key/me,/1,/2") },
        { 1, S_INIT("host=web1 port=1 user=me timeout=5 timeout_by_args=1 strict=no "
                    "ids=/1,/key/me,/2") },
        { 2, S_INIT("host=web1 port=1 user=you timeout=5 timeout_by_args=1 strict=no! "
                    "ids=/1,/2,/key/you") },
    };
    const str args[] = { S("-F none -o Port=1 -o ConnectTimeout=5 -o IdentityFile=/1"),
                         S("-p 2 -l you -o ConnectTimeout=6 -o StrictHostKeyChecking=no "
                           "-o IdentityFile=/2") };
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct connection_options options = { .name = S("web1"),
                                              .host = S("web1"),
                                              .port = 3,
                                              .user = S("me"),
                                              .private_key_file = S("/key/%r"),
                                              .host_keys = HOST_KEYS_ACCEPT_NEW,
                                              .wake = -1,
                                              .ssh_args = args,
                                              .ssh_args_count = 2,
                                              .ssh_args_first = cases[i].first };
        struct ssh_settings settings;
        struct wire_error error;
        cr_assert(ssh_settings_load(bench.arena, bench.arena, &options, deadline_in(5), &settings,
                                    &error));
        EQ_STR(describe(bench.arena, &settings), cases[i].expected, S("arguments"));
        cr_assert(str_starts(settings.named_identity, S("/key/")));
    }
}

/* The host as Ansible hands it to ssh(1): with a user and a port in it. */
Test(ssh_config, destination)
{
    static const struct {
        str host;
        const char *config, *args;
        str expected;
    } cases[] = {
        { S_INIT("root@web1"), "Host web1\nPort 7\nUser you\n", "", S_INIT("root@web1:7") },
        { S_INIT("a@b@web1"), "", "", S_INIT("a@b@web1:22") },
        { S_INIT("root@web1"), "", "-l you", S_INIT("you@web1:22") },
        { S_INIT("ssh://root@web1:5"), "Port 7\n", "", S_INIT("root@web1:5") },
        { S_INIT("ssh://[::1]:5/"), "User you\n", "-p 9", S_INIT("you@::1:9") },
        { S_INIT("fe80::1"), "User you\n", "", S_INIT("you@fe80::1:22") },
        { S_INIT("ssh://web1:x"), "", "",
          S_INIT("the host to connect to: bad value 'ssh://web1:x'") },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        BENCH(bench);
        str file = bench_file(&bench, "config", cases[i].config);
        str all[] = { str_format(bench.arena, "-F %.*s", SARG(file)), str_of(cases[i].args) };
        struct connection_options options = {
            .host = cases[i].host, .wake = -1, .ssh_args = all, .ssh_args_count = 2
        };
        struct ssh_settings settings;
        struct wire_error error;
        str got =
            ssh_settings_load(bench.arena, bench.arena, &options, deadline_in(5), &settings, &error)
                ? str_format(bench.arena, "%.*s@%.*s:%u", SARG(settings.user), SARG(settings.host),
                             settings.port)
                : error.message;
        EQ_STR(got, cases[i].expected, cases[i].host);
    }
}

/* Long files are read whole. */
Test(ssh_config, long_file)
{
    BENCH(bench);
    struct strbuf text = strbuf_in(bench.arena);
    for (unsigned i = 0; i < 40000; i++) {
        strbuf_addf(&text, "Host other%u\n    User u%u\n    Port 99\n", i, i);
    }
    strbuf_add(&text, S("Host web1\nPort 7\n"));
    EQ_STR(load(&bench, strbuf_str(&text).ptr, ""), S("host=web1 port=7 user=me"), S("long"));
}

/* Match exec is not waited for longer than there is time. */
Test(ssh_config, exec_is_bounded)
{
    BENCH(bench);
    str file = bench_file(&bench, "config", "Match exec \"sleep 60\"\n Port 1\n");
    str args = str_format(bench.arena, "-F %.*s", SARG(file));
    struct connection_options options = {
        .host = S("web1"), .wake = -1, .ssh_args = &args, .ssh_args_count = 1
    };
    struct ssh_settings settings;
    struct wire_error error;
    int64_t before = wire_now();
    cr_assert(
        ssh_settings_load(bench.arena, bench.arena, &options, before + 50, &settings, &error));
    cr_assert_eq(settings.port, 22);
    cr_assert(wire_now() - before < 2000);
}

Test(ssh_config, missing_file)
{
    BENCH(bench);
    str args = S("-F /no/such/file");
    struct connection_options options = {
        .host = S("web1"), .wake = -1, .ssh_args = &args, .ssh_args_count = 1
    };
    struct ssh_settings settings;
    struct wire_error error;
    cr_assert(
        !ssh_settings_load(bench.arena, bench.arena, &options, DEADLINE_NEVER, &settings, &error));
    EQ_STR(error.message,
           S("ssh arguments '-F /no/such/file': cannot read '/no/such/file': No such file or "
             "directory"),
           args);
}

static void release_files(struct ssh_files **files)
{
    ssh_files_free(*files);
}
#define FILES(name) __attribute__((cleanup(release_files))) struct ssh_files *name = ssh_files_new()

/* What is kept between connections tells nothing else than the files do. */
Test(ssh_config, files_that_change)
{
    static const struct row {
        const char *config, *part, *want;
    } changes[] = {
        { "Include PART\nUser a\n", "Port 1\n", "host=web1 port=1 user=me" },
        { "Include PART\nUser a\n", "Port 2222\n", "host=web1 port=2222 user=me" },
        { "Host other\nInclude PART\n", "Port 2222\n", "host=web1 user=me" },
        { "Include PART\n", "Host web1\nPort 3\nHost other\nPort 4\n", "host=web1 port=3 user=me" },
        { "Include PART\nPort 5\n", "Host web1\nUser \"a\nPort 3\n",
          "PART:2: a quote is not closed in 'User \"a'" },
        { "Include PART\nPort 5\n", "Host other\nUser \"a\nPort 3\n",
          "PART:2: a quote is not closed in 'User \"a'" },
        { "Include PART\nPort 5\n", "Host \"other\nPort 3\n",
          "PART:1: a quote is not closed in 'Host \"other'" },
        { "Include PART\nPort 5\n", "Host other\n# it's\nPort 3\n", "host=web1 port=5 user=me" },
        { "Include PART\nBogus 5\n", "Host other\n\n\nPort 3\n",
          "FILE:2: unknown option 'Bogus' [ssh(1) would stop here, too, unless 'IgnoreUnknown "
          "Bogus' stands before it]" },
        { "Include PART\n\n", "", "host=web1 user=me" },
    };
    BENCH(bench);
    FILES(files);
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        str part = bench_file(&bench, "part", changes[i].part);
        str text = str_replace(bench.arena, str_of(changes[i].config), S("PART"), part);
        str file = bench_file(&bench, "config", str_c(bench.arena, text));
        for (unsigned time = 0; time < 2; time++) {
            str got = str_replace(bench.arena, load_from(&bench, files, file, ""), part, S("PART"));
            EQ_STR(got, str_of(changes[i].want), str_of(changes[i].part));
        }
    }
}

/* A file that was taken away is missed. */
Test(ssh_config, file_that_goes)
{
    BENCH(bench);
    FILES(files);
    str file = bench_file(&bench, "config", "Port 7\n");
    EQ_STR(load_from(&bench, files, file, ""), S("host=web1 port=7 user=me"), file);
    cr_assert_eq(unlink(str_c(bench.arena, file)), 0);
    EQ_STR(load_from(&bench, files, file, ""),
           S("ARGS: cannot read 'FILE': No such file or directory"), file);
}

/* `-F <(command)` can be read only once, and holds for all hosts. */
Test(ssh_config, pipe)
{
    BENCH(bench);
    FILES(files);
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "Port 7\n", 7), 7);
    close(ends[1]);
    str file = str_format(bench.arena, "/dev/fd/%d", ends[0]);
    EQ_STR(load_from(&bench, files, file, ""), S("host=web1 port=7 user=me"), file);
    EQ_STR(load_from(&bench, files, file, ""), S("host=web1 port=7 user=me"), file);
    close(ends[0]);
}

static const char *make_fifo(struct bench *bench)
{
    bench_file(bench, "config", ""); /* makes the directory */
    const char *path = str_format(bench->arena, "%s/fifo", bench->dir).ptr;
    unlink(path);
    cr_assert_eq(mkfifo(path, 0600), 0);
    return path;
}

static void *write_slowly(void *path)
{
    int fd = open(path, O_WRONLY);
    bool written =
        write(fd, "Host *\nPo", 9) == 9 && usleep(50000) == 0 && write(fd, "rt 7\n", 5) == 5;
    close(fd);
    return written ? path : NULL;
}

/* What writes to it may come later than we, and take its time. */
Test(ssh_config, slow_pipe)
{
    BENCH(bench);
    FILES(files);
    const char *path = make_fifo(&bench);
    pthread_t writer;
    void *written;
    cr_assert_eq(pthread_create(&writer, NULL, write_slowly, (void *)(uintptr_t)path), 0);
    for (unsigned time = 0; time < 2; time++) {
        EQ_STR(load_from(&bench, files, str_of(path), ""), S("host=web1 port=7 user=me"),
               str_of(path));
    }
    pthread_join(writer, &written);
    cr_assert_not_null(written);
}

/* If nobody ever does, that is told in time, and to the next host at once. */
Test(ssh_config, silent_pipe)
{
    static const struct {
        bool woken;
        double seconds;
        enum wire_status status;
        const char *want;
    } pipes[] = {
        { true, 30, WIRE_INTERRUPTED, "interrupted reading 'FILE'" },
        { false, 0.05, WIRE_REFUSED, "ARGS: 'FILE' has not come to its end in time" },
    };
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(pipes); i++) {
        FILES(files);
        int wake = eventfd(pipes[i].woken, EFD_CLOEXEC);
        str file = str_of(make_fifo(&bench));
        str args = str_format(bench.arena, "-F %.*s", SARG(file));
        struct connection_options options = { .host = S("web1"),
                                              .wake = wake,
                                              .ssh_args = &args,
                                              .ssh_args_count = 1,
                                              .ssh_files = files };
        struct ssh_settings settings;
        struct wire_error error;
        int64_t before = wire_now();
        deadline ends[] = { deadline_in(pipes[i].seconds), deadline_in(30) };
        for (size_t k = 0; k < ARRAY_LEN(ends); k++) {
            cr_assert(
                !ssh_settings_load(bench.arena, bench.arena, &options, ends[k], &settings, &error));
            str told =
                str_replace(bench.arena, error.message,
                            str_format(bench.arena, "ssh arguments '%.*s'", SARG(args)), S("ARGS"));
            EQ_STR(str_replace(bench.arena, told, file, S("FILE")), str_of(pipes[i].want), file);
            cr_assert_eq(error.status, pipes[i].status);
        }
        cr_assert(wire_now() - before < 5000);
        close(wake);
    }
}

struct many_loads {
    struct bench *bench;
    struct ssh_files *files;
    str file;
    unsigned wrong;
};

static void *load_often(void *loads_)
{
    struct many_loads *loads = loads_;
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    struct bench own = *loads->bench;
    own.arena = arena;
    for (unsigned i = 0; i < 200; i++) {
        str got = load_from(&own, loads->files, loads->file, "");
        loads->wrong += !str_eq(got, S("host=web1 port=1 user=me")) &&
                        !str_eq(got, S("host=web1 port=2 user=me"));
    }
    return NULL;
}

/* Threads read while the file is replaced. */
Test(ssh_config, threads)
{
    BENCH(bench);
    FILES(files);
    str file = bench_file(&bench, "config", "Port 1\n");
    struct many_loads loads[3];
    pthread_t threads[ARRAY_LEN(loads)];
    for (size_t i = 0; i < ARRAY_LEN(loads); i++) {
        loads[i] = (struct many_loads){ &bench, files, file, 0 };
        pthread_create(&threads[i], NULL, load_often, &loads[i]);
    }
    for (unsigned i = 0; i < 100; i++) {
        str next = bench_file(&bench, "next", i % 2 == 0 ? "Host web1\nPort 2\n" : "Port 1\n");
        cr_assert_eq(rename(str_c(bench.arena, next), str_c(bench.arena, file)), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(loads); i++) {
        pthread_join(threads[i], NULL);
        cr_expect_eq(loads[i].wrong, 0);
    }
}
