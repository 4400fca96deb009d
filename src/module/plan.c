/*
 * plan.c - building a plan, for modules: one function for each kind of change.
 */
#include "module/plan_internal.h"

#include <stdarg.h>

#include "base/strbuf.h"
#include "remote/digest.h"

struct diags *plan_diags(struct plan *plan)
{
    return plan->setup.diags;
}

struct arena *plan_arena(struct plan *plan)
{
    return plan->setup.arena;
}

bool plan_wants_diff(const struct plan *plan)
{
    return plan->setup.diff;
}

void plan_use_umask(struct plan *plan, unsigned umask)
{
    plan->umask = umask;
}

/* ---- contents ---- */

struct content content_of(struct arena *arena, value text)
{
    struct content content = { .kind = CONTENT_BYTES, .bytes = text, .digest = STR_NONE };
    if (value_is(text, VALUE_STR)) {
        str bytes = value_as_str(text);
        content.size = bytes.len;
        content.digest = digest_of_bytes(arena, DIGEST_SHA1, bytes);
    }
    return content;
}

/* ---- attributes ---- */

/* A dry run does not know the owner of what an earlier task would have made: its name is empty. */
static bool owner_unknown(str wanted, str name)
{
    return !str_is_none(wanted) && name.len == 0;
}

static bool owner_differs(str wanted, str name, unsigned id)
{
    uint64_t number;
    return !str_is_none(wanted) && name.len > 0 && !str_eq(wanted, name) &&
           !(str_to_base(wanted, 10, &number) && number == id);
}

bool attrs_differ(const struct file_stat *before, const struct file_attrs *attrs)
{
    return (attrs->has_mode && attrs->mode != before->mode) ||
           owner_differs(attrs->owner, before->owner, before->uid) ||
           owner_differs(attrs->group, before->group, before->gid);
}

static bool attrs_unknown(const struct file_stat *before, const struct file_attrs *attrs)
{
    return before->type == FILE_UNKNOWN || owner_unknown(attrs->owner, before->owner) ||
           owner_unknown(attrs->group, before->group);
}

struct file_attrs plan_file_attrs(struct plan *plan, const struct file_params *params,
                                  const struct file_stat *before, bool is_directory)
{
    struct file_attrs attrs = { .owner = params->owner, .group = params->group };
    bool fresh = before->type == FILE_ABSENT || before->type == FILE_UNKNOWN;
    unsigned current = fresh ? (is_directory ? 0777u : 0666u) & ~plan->umask : before->mode;
    if (params->mode.form == MODE_OCTAL || params->mode.form == MODE_SYMBOLIC) {
        attrs.has_mode = true;
        attrs.mode = mode_apply(&params->mode, current, is_directory, plan->umask);
    }
    return attrs;
}

/* ---- changes ---- */

/* Whether a change is needed in any case; a dry run may not know. */
static void weigh(struct plan *plan, bool certain)
{
    plan->certain |= certain;
    plan->uncertain |= !certain;
}

static struct change *add(struct plan *plan, enum change_kind kind, str path,
                          const struct file_stat *before)
{
    struct change *change = VEC_PUSH(plan->setup.arena, &plan->changes);
    *change =
        (struct change){ .kind = kind, .path = path, .atime = CHANGE_KEEP, .mtime = CHANGE_KEEP };
    change->before = before == NULL ? (struct file_stat){ 0 } : *before;
    if (kind != CHANGE_ATTRS) {
        weigh(plan, change->before.type != FILE_UNKNOWN);
    }
    return change;
}

void plan_write(struct plan *plan, str path, str before, str after)
{
    if (str_eq(before, after)) {
        return;
    }
    struct file_stat stat = { .type = str_is_none(before) ? FILE_ABSENT : FILE_REGULAR };
    struct change *change = add(plan, CHANGE_WRITE, path, &stat);
    change->content = content_of(plan->setup.arena, value_str(plan->setup.arena, after));
    if (!str_is_none(before)) {
        change->before.size = before.len;
        change->before_content = value_str(plan->setup.arena, before);
    }
}

struct change *plan_write_content(struct plan *plan, str path, const struct file_stat *before,
                                  struct content content, struct file_attrs attrs)
{
    struct change *change = add(plan, CHANGE_WRITE, path, before);
    change->content = content;
    change->attrs = attrs;
    return change;
}

void plan_directory(struct plan *plan, str path, struct file_attrs attrs)
{
    add(plan, CHANGE_DIRECTORY, path, NULL)->attrs = attrs;
}

void plan_symlink(struct plan *plan, str path, const struct file_stat *before, str target)
{
    if (before->type == FILE_LINK && str_eq(before->target, target)) {
        return;
    }
    add(plan, CHANGE_SYMLINK, path, before)->target = target;
}

void plan_hardlink(struct plan *plan, str path, const struct file_stat *before, str target)
{
    add(plan, CHANGE_HARDLINK, path, before)->target = target;
}

void plan_attrs(struct plan *plan, str path, const struct file_stat *before,
                struct file_attrs attrs, bool follow)
{
    bool differ = before->type != FILE_UNKNOWN && attrs_differ(before, &attrs);
    if (!differ && !attrs_unknown(before, &attrs)) {
        return;
    }
    struct change *change = add(plan, CHANGE_ATTRS, path, before);
    change->attrs = attrs;
    change->follow = follow;
    weigh(plan, differ);
}

void plan_times(struct plan *plan, str path, const struct file_stat *before, int64_t atime,
                int64_t mtime, bool create)
{
    bool missing = create && before->type == FILE_ABSENT;
    bool stays = (atime == CHANGE_KEEP || atime == before->atime) &&
                 (mtime == CHANGE_KEEP || mtime == before->mtime);
    if (stays && !missing) {
        return;
    }
    struct change *change = add(plan, CHANGE_TIMES, path, before);
    change->atime = atime;
    change->mtime = mtime;
    change->create = create;
}

void plan_remove(struct plan *plan, str path, const struct file_stat *before, bool recursive)
{
    if (before->type != FILE_ABSENT) {
        add(plan, CHANGE_REMOVE, path, before)->recursive = recursive;
    }
}

void plan_copy(struct plan *plan, str path, str to)
{
    add(plan, CHANGE_COPY, path, &(struct file_stat){ .type = FILE_REGULAR })->target = to;
}

void plan_run(struct plan *plan, const str *argv, size_t argc, str what, str before, str after)
{
    struct arena *arena = plan->setup.arena;
    str *words = NEW_ARRAY(arena, str, argc + 1);
    for (size_t i = 0; i < argc; i++) {
        words[i] = argv[i];
    }
    struct change *change = add(plan, CHANGE_RUN, STR_NONE, NULL);
    change->argv = words;
    change->argc = argc;
    change->what = what;
    change->old_state = before;
    change->new_state = after;
}

void plan_command(struct plan *plan, const struct command *command, const str *paths, size_t count)
{
    plan->has_command = true;
    plan->command = *command;
    plan->command_paths = paths;
    plan->command_path_count = count;
}

void plan_ask_after(struct plan *plan, str path)
{
    for (size_t i = 0; i < plan->ask_after.len; i++) {
        if (str_eq(plan->ask_after.items[i], path)) {
            return;
        }
    }
    *VEC_PUSH(plan->setup.arena, &plan->ask_after) = path;
}

/* ---- words to the user ---- */

str plan_format(struct plan *plan, const char *format, ...)
{
    struct strbuf buf = strbuf_in(plan->setup.arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&buf, format, args);
    va_end(args);
    return strbuf_str(&buf);
}

static const struct param *row_named(const struct param *params, str name)
{
    for (; params != NULL && params->type != PARAM_END_TYPE; params++) {
        if (str_eq(params->name, name)) {
            return params;
        }
    }
    return NULL;
}

/* Where a parameter was given, under its name or an alias. */
span plan_place(const struct plan *plan, const char *param)
{
    if (param == NULL) {
        return plan->setup.at;
    }
    value v = value_get(plan->setup.args, str_of(param));
    const struct param *row = row_named(plan->setup.params, str_of(param));
    for (size_t i = 0; value_is(v, VALUE_UNDEFINED) && row != NULL && row->aliases != NULL &&
                       row->aliases[i] != NULL;
         i++) {
        v = value_get(plan->setup.args, str_of(row->aliases[i]));
    }
    return v.at.pos != 0 ? v.at : plan->setup.at;
}

void plan_fail(struct plan *plan, const char *param, const char *format, ...)
{
    struct strbuf text = strbuf_in(plan->setup.arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    plan->failed = true;
    plan->failure =
        diag_error(plan->setup.diags, plan_place(plan, param), "%.*s", SARG(strbuf_str(&text)));
}

void plan_reject(struct plan *plan)
{
    plan->failed = true;
}

void plan_hint(struct plan *plan, const char *format, ...)
{
    struct strbuf text = strbuf_in(plan->setup.arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    if (plan->failure != NULL) {
        diag_hint(plan->failure, "%.*s", SARG(strbuf_str(&text)));
    }
}

void plan_warn(struct plan *plan, const char *format, ...)
{
    struct strbuf text = strbuf_in(plan->setup.arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    diag_warning(plan->setup.diags, plan->setup.at, "%.*s", SARG(strbuf_str(&text)));
}
