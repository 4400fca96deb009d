/*
 * edit.c - changing a text file in place.
 */
#include "module/edit.h"

#include "base/path.h"
#include "base/strbuf.h"

void edit_observe(struct observer *obs, const struct edit *edit, struct edit_state *ret)
{
    observe_stat_follow(obs, path_dirname(edit->path), &ret->parent);
    observe_content(obs, edit->path, &ret->text);
    file_context_observe(obs, edit->file, &ret->context);
    resolve_observe(obs, edit->path, true, &ret->real);
    if (edit->backup) {
        ret->backup = backup_path(obs, ret->real.path);
    }
    if (observe_ready(obs) && edit->create && ret->parent.type == FILE_ABSENT) {
        directory_chain_observe(obs, path_dirname(edit->path), &ret->above);
    }
}

bool edit_missing(const struct edit_state *state)
{
    return state->real.stat.type == FILE_ABSENT;
}

bool edit_unknown(const struct edit_state *state)
{
    return state->real.stat.type == FILE_UNKNOWN || value_is(state->text, VALUE_UNKNOWN);
}

str edit_text(const struct edit_state *state)
{
    return value_is(state->text, VALUE_STR) ? value_as_str(state->text) : STR_EMPTY;
}

bool edit_possible(struct plan *plan, const struct edit *edit, const struct edit_state *state)
{
    if (!file_context_plan(plan, edit->file, &state->context)) {
        return false;
    }
    if (edit_missing(state) && !edit->create) {
        plan_fail(plan, "path", "there is no file '%.*s'", SARG(edit->path));
        plan_hint(plan, "create=yes makes it");
        return false;
    }
    if (state->real.stat.type == FILE_DIRECTORY) {
        plan_fail(plan, "path", "'%.*s' is a directory", SARG(edit->path));
        return false;
    }
    if (edit->file->mode.form == MODE_PRESERVE) {
        plan_fail(plan, "mode", "mode 'preserve' means nothing here: there is no source");
        return false;
    }
    return true;
}

void edit_plan(struct plan *plan, const struct edit *edit, const struct edit_state *state,
               str after)
{
    struct file_stat before = state->real.stat;
    struct file_params plain = { 0 };
    struct file_attrs attrs = plan_file_attrs(plan, edit->file, &before, false);
    struct content content = content_of(plan_arena(plan), value_str(plan_arena(plan), after));
    if (edit_unknown(state)) {
        before = (struct file_stat){ .type = FILE_UNKNOWN };
        content = content_of(plan_arena(plan), value_unknown());
    } else if (!edit_missing(state) && str_eq(edit_text(state), after)) {
        plan_attrs(plan, state->real.path, &before, attrs, false);
        return;
    }
    if (!directory_chain_plan(plan, &state->above, &plain)) {
        return;
    }
    if (edit->backup && before.type == FILE_REGULAR) {
        plan_copy(plan, state->real.path, state->backup);
    }
    struct change *change = plan_write_content(plan, state->real.path, &before, content, attrs);
    change->before_content = state->text;
    change->show = edit->attributes_apart ? SHOW_CONTENT : SHOW_FILE;
    change->validate = edit->validate;
    change->unsafe_writes = edit->file->unsafe_writes;
}

/* Whether owner, group or mode are to be others than the file has, or would have when it is made.
 */
static bool wants_attrs(const struct edit *edit, const struct edit_state *state)
{
    const struct file_stat *stat = &state->real.stat;
    unsigned current = edit_missing(state) ? 0666 & ~state->context.umask : stat->mode;
    struct file_attrs attrs = {
        .owner = edit->file->owner,
        .group = edit->file->group,
        .has_mode = edit->file->mode.form != MODE_NONE,
        .mode = mode_apply(&edit->file->mode, current, false, state->context.umask),
    };
    return (attrs.has_mode && attrs.mode != current) ||
           (!edit_missing(state) && attrs_differ(stat, &attrs));
}

void edit_result(struct outcome *out, const struct edit *edit, const struct edit_state *state,
                 bool text_changed, str message, struct map_builder *map)
{
    struct arena *arena = outcome_arena(out);
    if (outcome_changed(out) && (!text_changed || wants_attrs(edit, state))) {
        message = str_format(arena, "%.*s%sownership, perms or SE linux context changed",
                             SARG(message), message.len > 0 ? " and " : "");
    }
    map_set_str(map, S("msg"), value_str(arena, message));
    if (text_changed && edit->backup && state->real.stat.type == FILE_REGULAR &&
        !outcome_dry_run(out)) {
        map_set_str(map, S("backup_file"), value_str(arena, state->backup));
    }
}

/* ---- lines ---- */

struct line_list lines_of(struct arena *arena, str text)
{
    struct line_list list = { 0 };
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find_char(text, '\n', at);
        end = end == STR_NPOS ? text.len : end + 1;
        *VEC_PUSH(arena, &list.lines) = str_part(text, at, end);
        at = end;
    }
    return list;
}

void lines_insert(struct arena *arena, struct line_list *list, size_t at, str line)
{
    (void)VEC_PUSH(arena, &list->lines);
    for (size_t i = list->lines.len - 1; i > at; i--) {
        list->lines.items[i] = list->lines.items[i - 1];
    }
    list->lines.items[at] = line;
}

str lines_join(struct arena *arena, const struct line_list *list)
{
    struct strbuf text = strbuf_in(arena);
    for (size_t i = 0; i < list->lines.len; i++) {
        strbuf_add(&text, list->lines.items[i]);
    }
    return strbuf_str(&text);
}

str line_body(str line)
{
    while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r')) {
        line.len--;
    }
    return line;
}
