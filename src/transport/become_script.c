/*
 * become_script.c - what is said to a host so that a shell proves itself.
 */
#include "transport/become_script.h"

#include <string.h>

#include "base/bug.h"
#include "base/strbuf.h"
#include "transport/become_methods.h"
#include "transport/wire.h"

/* A token such that the text that makes the shell print it does not contain it. */
static str in_pieces(struct arena *arena, str token)
{
    return str_format(arena, "%.*s\"\"%.*s", SARG(str_part(token, 0, TOKEN_LEN / 2)),
                      SARG(str_part(token, TOKEN_LEN / 2, TOKEN_LEN)));
}

/* The login shell may be anything (csh, fish): give it one command that all of them read alike,
 * with a script for sh in single quotes that holds no character special to any. */
str login_command(struct arena *arena, str script)
{
    struct strbuf out = strbuf_in(arena);
    strbuf_add(&out, S("exec /bin/sh -c 'eval \"$(printf %b \""));
    for (size_t i = 0; i < script.len; i++) {
        char c = script.ptr[i];
        if (c != '\0' && strchr("'\"\\!`$\n", c) != NULL) {
            strbuf_addf(&out, "\\0%03o", (unsigned char)c);
        } else {
            strbuf_add_char(&out, c);
        }
    }
    strbuf_add(&out, S("\")\"'"));
    return strbuf_str(&out);
}

/* How the shell is left that will read our commands. On a terminal it would take itself for an
 * interactive one, with prompts and line editing, unless it reads a script: its own stdin by name,
 * or (when the terminal belongs to another user) a pipe, whose cat ends with it. */
static const char *reading_shell(const struct become_words *words)
{
    return words->pty ? "if true 2>/dev/null </dev/stdin; then exec /bin/sh /dev/stdin; fi; "
                        "exec 4>&2 2>/dev/null; /bin/sh -c 'echo $$; exec cat' 4>&- | "
                        "{ read -r c; /bin/sh 2>&4 4>&-; e=$?; kill $c; exit $e; }"
                      : "exec /bin/sh";
}

str login_script(struct become_words *words)
{
    str marker = in_pieces(words->arena, words->marker);
    return str_format(words->arena, "echo %.*s; echo %.*s >&2; %s", SARG(marker), SARG(marker),
                      reading_shell(words));
}

/* The uid of whom to become, in a script. A name that begins with '#' is a uid to sudo. */
static str wanted_uid(struct become_words *words)
{
    struct strbuf wanted = strbuf_in(words->arena);
    if (str_starts(words->user, S("#"))) {
        shell_quote_to(&wanted, str_part(words->user, 1, words->user.len));
    } else {
        strbuf_add(&wanted, S("$(id -u -- "));
        shell_quote_to(&wanted, words->user);
        strbuf_add_char(&wanted, ')');
    }
    return strbuf_str(&wanted);
}

/* What the other user's shell runs first: the marker, its uid, and the uid it should have. */
static str proving_script(struct become_words *words)
{
    str marker = in_pieces(words->arena, words->marker);
    return str_format(words->arena, "echo %.*s $(id -u) %.*s; echo %.*s >&2; %s", SARG(marker),
                      SARG(wanted_uid(words)), SARG(marker), reading_shell(words));
}

/* What stands before the script where the way there leads into a root of its own. Without devices,
 * as in a bare chroot, "2>/dev/null" would make a file of that name. And it is not told whom the
 * way leads to: whoever is there already goes on without sudo, which few containers have. */
str own_root_script(struct become_words *words, str script)
{
    struct strbuf all = strbuf_in(words->arena);
    strbuf_add(&all, S("[ -c /dev/null ] || { echo there is no device /dev/null >&2; exit 1; }; "));
    if (!str_is_none(words->user)) {
        strbuf_addf(&all, "if [ \"$(id -u)\" = \"%.*s\" ]; then %.*s; fi; ",
                    SARG(wanted_uid(words)), SARG(proving_script(words)));
    }
    strbuf_add(&all, script);
    return strbuf_str(&all);
}

/* The program, its flags and its form, see become_methods.h. */
bool become_script(struct become_words *words, str *ret)
{
    struct strbuf command = strbuf_in(words->arena);
    str start = in_pieces(words->arena, words->start), script = proving_script(words);
    strbuf_addf(&command, "echo %.*s; echo %.*s >&2; exec ", SARG(start), SARG(start));
    if (!become_call(words->arena, words->become, &command)) {
        return false;
    }
    strbuf_add_char(&command, ' ');
    for (const char *c = become_program(words->become->method)->form; *c != '\0'; c++) {
        if (*c != '%') {
            strbuf_add_char(&command, *c);
            continue;
        }
        switch (*++c) {
        case 'P':
            strbuf_add(&command, in_pieces(words->arena, words->prompt));
            break;
        case 'U':
            shell_quote_to(&command, words->user);
            break;
        case 'S':
            shell_quote_to(&command, script);
            break;
        case 'L':
            shell_quote_to(&command, login_command(words->arena, script));
            break;
        default:
            BUG("form of become method %d", (int)words->become->method);
        }
    }
    *ret = strbuf_str(&command);
    return true;
}
