/*
 * ssh_config_match.c - which parts of a configuration hold: the conditions behind Host and Match.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "transport/ssh_config_reader.h"

/* A comma-separated list of patterns; "!pattern" excludes. Source: ssh_config(5), PATTERNS. */
static bool match_patterns(struct ssh_reader *reader, str subject, str patterns)
{
    bool matched = false;
    str one;
    subject = str_lower(reader->arena, subject);
    while (!str_is_none(one = str_cut(&patterns, ','))) {
        bool excluded = str_starts(one, S("!"));
        one = str_lower(reader->arena, str_part(one, excluded, one.len));
        if (path_match(one, subject)) {
            if (excluded) {
                return false;
            }
            matched = true;
        }
    }
    return matched;
}

/* `Host` looks at the name that was asked for; its patterns stand in words, not behind commas. */
bool ssh_match_host(struct ssh_reader *reader, const struct words *patterns)
{
    struct strbuf all = strbuf_in(reader->arena);
    for (size_t i = 0; i < patterns->count; i++) {
        strbuf_addf(&all, "%s%.*s", i > 0 ? "," : "", SARG(patterns->items[i]));
    }
    return match_patterns(reader, reader->options->host, strbuf_str(&all));
}

/* `Match exec`: the command's exit status, within the time there is. */
static bool run_succeeds(struct ssh_reader *reader, str command)
{
    int streams[] = { SPAWN_NULL, SPAWN_NULL, SPAWN_OURS };
    pid_t pid;
    if (spawn_shell(str_c(reader->arena, command), streams, NULL, &pid) != 0) {
        return false;
    }
    CLEANUP(close_fd) int process = pidfd_open(pid, 0);
    struct pollfd ended = { .fd = process, .events = POLLIN };
    if (transport_wait(&ended, 1, reader->options->wake, reader->until) != WIRE_OK) {
        kill(-pid, SIGKILL);
    }
    int status = -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool match_criterion(struct ssh_reader *reader, str name, str argument)
{
    str home;
    if (str_eq_nocase(name, S("host"))) {
        return match_patterns(reader, reader->settings->host, argument);
    }
    if (str_eq_nocase(name, S("originalhost"))) {
        return match_patterns(reader, reader->options->host, argument);
    }
    if (str_eq_nocase(name, S("user"))) {
        return match_patterns(reader,
                              str_is_none(reader->settings->user)
                                  ? ssh_local_user(reader->arena, &home)
                                  : reader->settings->user,
                              argument);
    }
    if (str_eq_nocase(name, S("localuser"))) {
        return match_patterns(reader, ssh_local_user(reader->arena, &home), argument);
    }
    if (str_eq_nocase(name, S("exec"))) {
        return run_succeeds(reader, ssh_tokens_expand(reader, argument));
    }
    return false; /* of a later ssh(1), perhaps */
}

/* Names are not made canonical here, so `canonical` never holds; `final` holds in the second pass.
 */
bool ssh_match_all(struct ssh_reader *reader, const struct words *words)
{
    bool matched = words->count > 0;
    for (size_t i = 0; i < words->count && matched; i++) {
        str name = words->items[i];
        bool negated = str_starts(name, S("!"));
        name = str_part(name, negated, name.len);
        bool holds;
        if (str_eq_nocase(name, S("all"))) {
            holds = true;
        } else if (str_eq_nocase(name, S("canonical"))) {
            holds = false;
        } else if (str_eq_nocase(name, S("final"))) {
            reader->final_seen = true;
            holds = reader->final;
        } else {
            str argument = i + 1 < words->count ? words->items[++i] : STR_EMPTY;
            holds = match_criterion(reader, name, argument);
        }
        matched = holds != negated;
    }
    return matched;
}
