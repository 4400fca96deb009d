/*
 * change.c - what both implementations say and need of changes.
 */
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
