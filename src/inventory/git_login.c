/*
 * git_login.c - names and passwords for servers of repositories by https, asked for as git does.
 *
 * The programs that know them are git's: `git credential` asks the helpers that its configuration
 * names, and GIT_ASKPASS. A password travels through files in memory and pipes, and through no
 * argument and no variable of the environment.
 *
 * Source: git-credential(1), gitcredentials(7) for the order and the words of questions.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "inventory/git_fetch.h"
#include "inventory/git_program.h"

#define NO_PROGRAM 127 /* how env(1) ends then */

/* ---- the URL ---- */

/* "%40" and the like as the byte. False: an escape is broken, or means a control character, which
 * could pose as a line of its own to a helper. */
static bool decode(struct arena *arena, str text, str *ret)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t at = 0; at < text.len; at++) {
        uint64_t byte = (unsigned char)text.ptr[at];
        if (byte == '%') {
            if (at + 2 >= text.len || !str_to_base(str_part(text, at + 1, at + 3), 16, &byte)) {
                return false;
            }
            at += 2;
        }
        if (byte < ' ' || byte == 127) {
            return false;
        }
        strbuf_add_char(&out, (char)byte);
    }
    *ret = strbuf_str(&out);
    return true;
}

/* From https://[user[:password]@]host[:port][/path]. */
static bool take_url(struct git_login *login)
{
    str rest = str_part(login->url, str_find(login->url, S("://"), 0) + 3, login->url.len);
    str path = rest, place = str_cut(&path, '/'), name = STR_EMPTY, password = STR_EMPTY;
    size_t at = str_rfind(place, S("@"));
    if (at != STR_NPOS) {
        password = str_part(place, 0, at);
        name = str_cut(&password, ':');
        place = str_part(place, at + 1, place.len);
    }
    login->in_url = !str_is_none(password) && password.len > 0;
    return decode(login->arena, place, &login->host) &&
           decode(login->arena, str_is_none(path) ? STR_EMPTY : path, &login->path) &&
           decode(login->arena, name, &login->user) &&
           decode(login->arena, login->in_url ? password : STR_EMPTY, &login->password);
}

/* ---- git's helpers ---- */

static bool is_line(str text)
{
    return str_find_char(text, '\n', 0) == STR_NPOS && memchr(text.ptr, '\0', text.len) == NULL;
}

/* `git credential ACTION`, with the configuration of the cached repository, not of one that we
 * happen to stand in. */
static bool run_git(struct git_login *login, const char *action, struct program_answer *ret)
{
    struct strbuf input = strbuf_in(login->arena);
    strbuf_addf(&input, "protocol=https\nhost=%.*s\npath=%.*s\n", SARG(login->host),
                SARG(login->path));
    if (login->user.len > 0) {
        strbuf_addf(&input, "username=%.*s\n", SARG(login->user));
    }
    if (login->password.len > 0) {
        strbuf_addf(&input, "password=%.*s\n", SARG(login->password));
    }
    strbuf_add(&input, S("\n"));
    const char *dir = str_concat(login->arena, S("--git-dir="), login->cache).ptr;
    const char *const args[] = { "env", "GIT_TERMINAL_PROMPT=0", "git", dir, "credential", action,
                                 NULL };
    return program_run(login->arena, args, strbuf_str(&input), ret) == 0;
}

static bool take_answer(struct git_login *login, str answer)
{
    str user = STR_NONE, password = STR_NONE;
    while (!str_is_none(answer)) {
        str line = str_cut_line(&answer), key = str_cut(&line, '=');
        if (str_eq(key, S("username"))) {
            user = line;
        } else if (str_eq(key, S("password"))) {
            password = line;
        }
    }
    if (str_is_none(user) || str_is_none(password)) {
        return false;
    }
    login->user = user;
    login->password = password;
    return true;
}

/* ---- questions ---- */

/* GIT_ASKPASS, where there is no git that would start it. */
static bool ask_program(struct git_login *login, str question, str *ret)
{
    const char *program = getenv("GIT_ASKPASS");
    struct program_answer answer;
    if (program == NULL || *program == '\0') {
        return false;
    }
    const char *const args[] = { program, str_c(login->arena, question), NULL };
    if (program_run(login->arena, args, STR_EMPTY, &answer) != 0 || answer.status != 0) {
        return false;
    }
    *ret = str_cut_line(&answer.out);
    return true;
}

static bool ask_terminal(struct git_login *login, str question, bool echo, str *ret)
{
    const struct connection_options *access = &login->access->ssh;
    const char *wanted = getenv("GIT_TERMINAL_PROMPT");
    bool may = wanted == NULL || strcmp(wanted, "0") != 0;
    return may && access->ask != NULL &&
           access->ask(access->ask_data, login->arena, question, echo, ret);
}

static bool ask(struct git_login *login, bool by_program, bool echo, str question, str *ret)
{
    return (by_program && ask_program(login, question, ret)) ||
           ask_terminal(login, question, echo, ret);
}

static bool ask_both(struct git_login *login, bool by_program)
{
    struct arena *arena = login->arena;
    str host = login->host;
    if (login->user.len == 0 &&
        !ask(login, by_program, true,
             str_format(arena, "Username for 'https://%.*s': ", SARG(host)), &login->user)) {
        return false;
    }
    str question =
        str_format(arena, "Password for 'https://%.*s@%.*s': ", SARG(login->user), SARG(host));
    return ask(login, by_program, false, question, &login->password);
}

/* ---- what libgit2 asks ---- */

static int fail(struct git_login *login, const char *problem)
{
    login->problem = problem;
    git_error_set_str(GIT_ERROR_HTTP, problem);
    return GIT_EAUTH;
}

/* Name and password, from whoever knows them first. */
static bool find(struct git_login *login)
{
    struct program_answer answer = { .status = NO_PROGRAM };
    bool ran = run_git(login, "fill", &answer);
    return (ran && answer.status == 0 && take_answer(login, answer.out)) ||
           ask_both(login, !ran || answer.status == NO_PROGRAM);
}

/* libgit2 presents what the URL says by itself, and forgets it where a server sends it on. */
static bool is_presented(str url)
{
    str place = str_part(url, str_find(url, S("://"), 0) + 3, url.len);
    return str_find_char(str_cut(&place, '/'), '@', 0) != STR_NPOS;
}

int git_login_find(git_credential **out, const char *url, const char *user, unsigned allowed,
                   void *payload)
{
    struct git_login *login = payload;
    if ((allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) == 0) {
        return fail(login, "the server takes no password, and other logins are not supported");
    }
    if (login->found) {
        return fail(login, "the server refuses this user or password");
    }
    if (!take_url(login)) {
        return fail(login, "the URL has broken escapes, or control characters");
    }
    if (login->in_url && is_presented(str_of(url))) {
        return fail(login, "the server refuses the user or password of the URL");
    }
    arena_wipe_all(); /* what is found passes through memory of several */
    if ((!login->in_url && !find(login)) || !is_line(login->user) || !is_line(login->password)) {
        return fail(login, "the server asks for a login, and none is known");
    }
    if (login->access->ssh.secrets != NULL) {
        secrets_add(login->access->ssh.secrets, login->password);
    }
    login->found = true;
    return git_credential_userpass_plaintext_new(out, str_c(login->arena, login->user),
                                                 str_c(login->arena, login->password));
}

void git_login_end(struct git_login *login, bool good)
{
    struct program_answer answer;
    bool refused = login->problem != NULL; /* else it is not known what it is worth */
    if (login->found && !login->in_url && (good || refused)) {
        run_git(login, good ? "approve" : "reject", &answer);
    }
}
