/*
 * settings.c - print what hostler makes of ssh(1)'s arguments and files, as `ssh -G` prints it.
 *
 * stdin   a question a line: the host, then the arguments, an args string each, by tabs
 * stdout  "keyword value" lines of what was said, or "error: why"; an empty line ends each answer
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "transport/ssh_algorithms.h"
#include "transport/ssh_config.h"

static void show(const char *name, str text)
{
    if (!str_is_none(text)) {
        printf("%s %.*s\n", name, SARG(text));
    }
}

static void show_flag(const char *name, enum ssh_flag flag)
{
    if (flag != SSH_UNSET) {
        printf("%s %s\n", name, flag == SSH_YES ? "yes" : "no");
    }
}

static void show_list(const char *name, const struct ssh_list *list)
{
    for (unsigned i = 0; i < list->count; i++) {
        show(name, list->items[i]);
    }
}

static void show_place(const struct ssh_settings *settings)
{
    show("hostname", settings->host);
    show("user", settings->user);
    printf("port %u\n", settings->port);
    show("hostkeyalias", settings->host_alias);
    show("proxycommand", settings->proxy_command);
    show("proxyjump", settings->proxy_jump);
    show("bindaddress", settings->bind_address);
    printf("addressfamily %s\n", settings->family == AF_INET    ? "inet"
                                 : settings->family == AF_INET6 ? "inet6"
                                                                : "any");
    printf("connectionattempts %u\n", settings->attempts);
    if (settings->connect_timeout > 0) {
        printf("connecttimeout %.0f\n", settings->connect_timeout);
    }
    printf("serveraliveinterval %d\n", settings->alive_interval);
    printf("serveralivecountmax %d\n", settings->alive_count);
    show_flag("tcpkeepalive", settings->keep_alive);
    printf("rekeylimit %llu %u\n", (unsigned long long)settings->rekey_bytes,
           settings->rekey_seconds);
    show_flag("compression", settings->compression);
}

static void show_keys(const struct ssh_settings *settings)
{
    static const char *const strict[] = {
        [SSH_STRICT_UNSET] = "ask",      [SSH_STRICT_YES] = "true", [SSH_STRICT_NO] = "false",
        [SSH_STRICT_NEW] = "accept-new", [SSH_STRICT_ASK] = "ask",
    };
    printf("stricthostkeychecking %s\n", strict[settings->strict]);
    show_list("userknownhostsfile", &settings->user_known_hosts);
    show_list("globalknownhostsfile", &settings->global_known_hosts);
    show_flag("hashknownhosts", settings->hash_known_hosts);
    show_flag("nohostauthenticationforlocalhost", settings->trust_localhost);
    show("revokedhostkeys", settings->revoked);
    show("casignaturealgorithms", settings->ca_algorithms);
}

static void show_login(const struct ssh_settings *settings)
{
    show_flag("batchmode", settings->batch);
    show_list("identityfile", &settings->identities);
    if (settings->no_usual_identities) {
        printf("identityfile none\n");
    }
    show_list("certificatefile", &settings->certificates);
    show("identityagent",
         str_is_none(settings->identity_agent) ? S("SSH_AUTH_SOCK") : settings->identity_agent);
    show("forwardagent",
         str_is_none(settings->forward_agent) ? S("SSH_AUTH_SOCK") : settings->forward_agent);
    show_flag("identitiesonly", settings->identities_only);
    show_flag("pubkeyauthentication", settings->pubkey);
    show_flag("passwordauthentication", settings->password);
    show_flag("kbdinteractiveauthentication", settings->interactive);
    show_flag("gssapiauthentication", settings->gssapi);
    show_flag("gssapidelegatecredentials", settings->gssapi_delegate);
    show("preferredauthentications", settings->preferred);
    printf("numberofpasswordprompts %u\n", settings->prompts);
    if (settings->rsa_min > 0) {
        printf("requiredrsasize %u\n", settings->rsa_min);
    }
    show_list("setenv", &settings->environment);
}

static void show_algorithms(struct arena *arena, const struct ssh_settings *settings)
{
    show("ciphers", ssh_algorithms(arena, SSH_CIPHERS, settings->ciphers));
    show("macs", ssh_algorithms(arena, SSH_MACS, settings->macs));
    show("kexalgorithms", ssh_algorithms(arena, SSH_KEY_EXCHANGES, settings->kex));
    show("hostkeyalgorithms", ssh_algorithms(arena, SSH_HOST_KEYS, settings->host_key_algorithms));
    show("pubkeyacceptedalgorithms",
         ssh_algorithms(arena, SSH_USER_KEYS, settings->pubkey_algorithms));
}

static void tell(void *data, str message, str hint)
{
    show("told", message);
}

static void answer(struct arena *arena, str question)
{
    str args[16], host = str_cut(&question, '\t'), arg;
    size_t count = 0;
    while (count < ARRAY_LEN(args) && !str_is_none(arg = str_cut(&question, '\t'))) {
        args[count++] = arg;
    }
    struct connection_options options = { .name = host,
                                          .host = host,
                                          .wake = -1,
                                          .ssh_args = args,
                                          .ssh_args_count = count,
                                          .tell = tell };
    struct ssh_settings settings;
    struct wire_error error;
    if (ssh_settings_load(arena, arena, &options, deadline_in(5), &settings, &error)) {
        show_place(&settings);
        show_keys(&settings);
        show_login(&settings);
        show_algorithms(arena, &settings);
    } else {
        show("error:", error.message);
    }
    puts("");
}

int main(void)
{
    struct arena *arena = arena_new("questions");
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while ((length = getline(&line, &room, stdin)) > 0) {
        answer(arena, (str){ line, (size_t)length - 1 });
        arena_reset(arena);
        fflush(stdout);
    }
    free(line);
    arena_free(arena);
    return 0;
}
