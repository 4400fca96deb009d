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
#include "base/diag.h"
#include "transport/ssh_config_reader.h"

bool ssh_match_pattern(str pattern, str subject)
{
    size_t p = 0, s = 0, star = STR_NPOS, from = 0;
    while (s < subject.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            from = s;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == subject.ptr[s])) {
            p++;
            s++;
        } else if (star != STR_NPOS) { /* the last star takes one byte more */
            p = star + 1;
            s = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*') {
        p++;
    }
    return p == pattern.len;
}

bool ssh_match_patterns(struct arena *arena, str subject, str patterns, bool any_case)
{
    bool matched = false;
    str one;
    subject = any_case ? str_lower(arena, subject) : subject;
    while (!str_is_none(one = str_cut(&patterns, ','))) {
        bool excluded = str_starts(one, S("!"));
        one = str_part(one, excluded, one.len);
        if (ssh_match_pattern(any_case ? str_lower(arena, one) : one, subject)) {
            if (excluded) {
                return false;
            }
            matched = true;
        }
    }
    return matched;
}

/* `Host` looks at the name that was asked for, in the second pass at what that came to; its
 * patterns stand in words, not behind commas. */
bool ssh_match_host(struct ssh_reader *reader, const struct words *patterns, bool *ret_holds)
{
    str subject = reader->final ? reader->settings->host : reader->asked.host;
    *ret_holds = false;
    if (patterns->count == 0) {
        return ssh_reader_refuse(reader, STR_NONE, "Host names no pattern");
    }
    for (size_t i = 0; i < patterns->count; i++) {
        if (patterns->items[i].len == 0) {
            return ssh_reader_refuse(reader, STR_NONE, "Host has an empty pattern");
        }
    }
    for (size_t i = 0; i < patterns->count; i++) {
        str pattern = patterns->items[i];
        bool excluded = str_starts(pattern, S("!"));
        if (ssh_match_pattern(str_part(pattern, excluded, pattern.len), subject)) {
            *ret_holds = !excluded;
            if (excluded) {
                break;
            }
        }
    }
    return true;
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

static str user_so_far(struct ssh_reader *reader)
{
    str home, user = reader->settings->user;
    return str_is_none(user) ? ssh_local_user(reader->arena, &home) : user;
}

/* A list of patterns, against one of the texts that a criterion looks at. */
static bool match_criterion(struct ssh_reader *reader, str name, str argument, bool *ret_holds)
{
    static const str names[] = { S_INIT("host"),         S_INIT("originalhost"),
                                 S_INIT("user"),         S_INIT("localuser"),
                                 S_INIT("tagged"),       S_INIT("exec"),
                                 S_INIT("localnetwork"), S_INIT("all"),
                                 S_INIT("canonical"),    S_INIT("final") };
    str home, subject = STR_NONE;
    bool is_host = false;
    if (str_eq_nocase(name, names[0])) {
        is_host = true;
        subject = reader->settings->host;
    } else if (str_eq_nocase(name, names[1])) {
        is_host = true;
        subject = reader->asked.host;
    } else if (str_eq_nocase(name, names[2])) {
        subject = user_so_far(reader);
    } else if (str_eq_nocase(name, names[3])) {
        subject = ssh_local_user(reader->arena, &home);
    } else if (str_eq_nocase(name, names[4])) {
        subject = str_is_none(reader->settings->tag) ? STR_EMPTY : reader->settings->tag;
    } else if (!str_eq_nocase(name, names[5]) && !str_eq_nocase(name, names[6])) {
        str near = suggest(name, names, ARRAY_LEN(names));
        str hint = str_is_none(near)
                       ? STR_NONE
                       : str_format(reader->arena, "did you mean '%.*s'?", SARG(near));
        return ssh_reader_refuse(reader, hint, "'Match %.*s' is not supported", SARG(name));
    }
    if (str_is_none(argument)) {
        return ssh_reader_refuse(reader, STR_NONE, "'Match %.*s' has no value", SARG(name));
    }
    if (str_eq_nocase(name, names[6])) {
        return ssh_match_networks(reader, argument, ret_holds);
    }
    if (str_is_none(subject)) {
        if (!ssh_tokens_check(reader, argument, SSH_TOKENS_ALL)) {
            return false;
        }
        reader->matching = true;
        *ret_holds = run_succeeds(reader, ssh_tokens_expand(reader, argument));
        reader->matching = false;
        return true;
    }
    *ret_holds = ssh_match_patterns(reader->arena, subject, argument, is_host);
    return true;
}

/* The criteria without a value. Names are not made canonical here; in ssh(1), too, both hold in the
 * second pass, which only `final` asks for. False: `name` is another one. */
static bool match_bare(struct ssh_reader *reader, str name, bool *ret_holds)
{
    bool final = str_eq_nocase(name, S("final"));
    if (str_eq_nocase(name, S("all"))) {
        *ret_holds = true;
    } else if (final || str_eq_nocase(name, S("canonical"))) {
        reader->final_seen |= final;
        *ret_holds = reader->final;
    } else {
        return false;
    }
    return true;
}

/* "Match name value name=value !name value": all have to hold. Behind one that does not, commands
 * are not run. */
bool ssh_match_all(struct ssh_reader *reader, const struct words *words, bool *ret_holds)
{
    bool matched = !reader->never;
    size_t before = 0; /* conditions */
    if (words->count == 0) {
        return ssh_reader_refuse(reader, STR_NONE, "Match names no condition");
    }
    for (size_t i = 0; i < words->count; i++) {
        str name = words->items[i];
        bool negated = str_starts(name, S("!"));
        bool holds = false;
        name = str_part(name, negated, name.len);
        if (str_eq_nocase(name, S("all")) && (before > 1 || i + 1 < words->count)) {
            return ssh_reader_refuse(reader, S("'canonical' or 'final' can stand before it"),
                                     "'Match all' takes no other condition");
        }
        if (!match_bare(reader, name, &holds)) {
            str argument = name;
            name = str_cut(&argument, '=');
            if (str_is_none(argument) && i + 1 < words->count) {
                argument = words->items[++i];
            }
            bool needless = !matched && str_eq_nocase(name, S("exec"));
            if (!needless && !match_criterion(reader, name, argument, &holds)) {
                return false;
            }
        }
        matched = matched && holds != negated;
        before++;
    }
    *ret_holds = matched;
    return true;
}
