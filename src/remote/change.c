/*
 * change.c - what both implementations say and need of changes and commands.
 */
#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "remote/shell.h"

static const char *verb_of(const struct change *change)
{
    switch (change->kind) {
    case CHANGE_WRITE:
        return "write";
    case CHANGE_DIRECTORY:
    case CHANGE_SYMLINK:
    case CHANGE_HARDLINK:
        return "create";
    case CHANGE_ATTRS:
        return "set the attributes of";
    case CHANGE_TIMES:
        return "set the times of";
    case CHANGE_REMOVE:
        return "remove";
    case CHANGE_COPY:
        return "copy";
    case CHANGE_RUN:
        return "run";
    }
    return "change";
}

str change_action(struct arena *arena, const struct change *change, str step)
{
    static const struct {
        const char *step, *verb;
    } verbs[] = {
        { "write", "write" },
        { "create", "create" },
        { "owner", "set the owner of" },
        { "mode", "set the mode of" },
        { "replace", "replace" },
        { "remove", "remove" },
        { "copy", "copy" },
        { "times", "set the times of" },
    };
    const char *verb = verb_of(change);
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (str_eq(step, str_of(verbs[i].step))) {
            verb = verbs[i].verb;
        }
    }
    str what = change->kind == CHANGE_RUN && change->argc > 0 ? change->argv[0] : change->path;
    return str_format(arena, "could not %s %.*s", verb, SARG(what));
}

/* "no such file or directory" of zsh, which begins it with a small letter and ends with the path.
 */
static str known_words(str words)
{
    for (int number = 1; number <= EHWPOISON; number++) {
        str known = str_of(strerrordesc_np(number)); /* some numbers mean nothing */
        if (known.len > 0 && str_eq_nocase(known, words)) {
            return known;
        }
    }
    return STR_NONE;
}

str system_words(str text)
{
    text = str_trim(text);
    size_t newline = str_find_char(text, '\n', 0);
    text = newline == STR_NPOS ? text : str_part(text, 0, newline);
    size_t colon = str_rfind(text, S(": "));
    str words = colon == STR_NPOS ? text : str_part(text, colon + 2, text.len);
    if (str_starts(words, S("'")) || str_starts(words, S("\xe2\x80\x98"))) { /* a quoted name */
        size_t first = str_find(text, S(": "), 0);
        words = str_part(text, first + 2, text.len);
    }
    size_t bracket = str_find_char(words, '[', 0);
    if (bracket != STR_NPOS && str_ends(words, S("]"))) { /* ksh93: "cannot create [No such ...]" */
        return str_part(words, bracket + 1, words.len - 1);
    }
    if (str_starts(words, S("/"))) {
        str before = str_part(text, 0, colon);
        size_t last = str_rfind(before, S(": "));
        str known =
            last == STR_NPOS ? STR_NONE : known_words(str_part(before, last + 2, before.len));
        return str_is_none(known) ? words : known;
    }
    if (str_eq(words, S("Directory nonexistent")) || str_eq(words, S("nonexistent directory"))) {
        return S("No such file or directory"); /* as dash and busybox say it */
    }
    return words.len > 0 ? words : S("no reason was told");
}

struct command change_command(const struct change *change)
{
    return (struct command){
        .argv = change->argv,
        .argc = change->argc,
        .script = STR_NONE,
        .chdir = S("/"),
        .stdin_text = change->stdin_text,
    };
}

/* ---- commands ---- */

str directory_problem(struct arena *arena, str dir, str words)
{
    return str_format(arena, "cannot change to %.*s: %.*s", SARG(dir), SARG(words));
}

static bool has_nul(str s)
{
    return s.len > 0 && str_find_char(s, '\0', 0) != STR_NPOS;
}

/* The name of the first entry that cannot be in an environment, or STR_NONE. */
static str impossible_name(value environment)
{
    for (size_t i = 0; value_is(environment, VALUE_MAP) && i < value_count(environment); i++) {
        value key = value_map_key(environment, i), v = value_map_value(environment, i);
        str name = value_is(key, VALUE_STR) ? value_as_str(key) : STR_EMPTY;
        bool fits = name.len > 0 && !has_nul(name) && str_find_char(name, '=', 0) == STR_NPOS;
        if (!fits || (value_is(v, VALUE_STR) && has_nul(value_as_str(v)))) {
            return name;
        }
    }
    return STR_NONE;
}

bool command_is_possible(const struct remote_context *context, const struct command *command,
                         struct remote_error *ret_error)
{
    bool nul = has_nul(command->script) || has_nul(command->executable) || has_nul(command->chdir);
    for (size_t i = 0; i < command->argc; i++) {
        nul |= has_nul(command->argv[i]);
    }
    if (nul) {
        remote_failed(context->arena, ret_error, REMOTE_FAILED, STR_NONE,
                      "the command holds a NUL byte");
        return false;
    }
    str name = impossible_name(context->environment);
    name = str_is_none(name) ? impossible_name(command->environment) : name;
    if (!str_is_none(name)) {
        remote_failed(context->arena, ret_error, REMOTE_FAILED, STR_NONE,
                      "the environment cannot hold the variable '%.*s'", SARG(name));
        return false;
    }
    return true;
}
