/*
 * render.c - a template or variables for one host, without a task: `hostler template`,
 * `hostler inventory --explain`.
 */
#include "engine/state.h"

#include "engine/template_file.h"
#include "template/object.h"
#include "template/scope.h"

/* The play that the host is in; its names are known as those of a running one are. */
static struct play_run *open_play(struct run *run)
{
    struct play_run *play = NEW(run->arena, struct play_run);
    const struct play *written = run->playbooks[0]->plays[0];
    if (play_prepare(run, written, run->arena, play) == NULL) {
        return NULL;
    }
    if (play->all_count != 1) {
        diag_error(run->diags, SPAN_NONE, "'%.*s' is %s", SARG(play->pattern),
                   play->all_count == 0 ? "no host of the inventory" : "more than one host");
        return NULL;
    }
    play->batch = play->all;
    play->batch_count = play->all_count;
    vars_play_changed(run, play);
    host_magic_changed(run, play->all[0]);
    return play;
}

/* What a play would know by now may be all that is missing. */
static void hint_at_facts(struct diags *diags)
{
    for (size_t i = 0; i < diags->all.len; i++) {
        struct diag *diag = diags->all.items[i];
        if (diag->severity == DIAG_ERROR && str_starts(diag->message, S("'ansible_")) &&
            str_ends(diag->message, S("is undefined"))) {
            diag_hint(diag, "facts are not gathered here: give those that are needed by -e");
        }
    }
}

enum run_status run_render(struct run *run, str file, value *ret)
{
    struct play_run *play = open_play(run);
    struct template_text text;
    bool ok = play != NULL;
    if (ok) {
        struct eval *eval = eval_for(run, play, play->all[0], &play->play->node, (value){ 0 },
                                     run->arena, run->diags);
        value name = value_str(run->arena, file);
        ok = template_file_render(run, eval, name, file, (value){ 0 }, &text);
    }
    if (ok) {
        *ret = text.text;
    } else {
        hint_at_facts(run->diags);
    }
    run_tell_diagnostics(run);
    return ok ? RUN_OK : RUN_ERROR;
}

enum run_status run_variables(struct run *run, value names, value *ret_map)
{
    struct play_run *play = open_play(run);
    struct map_builder map = map_in(run->arena);
    bool ok = play != NULL;
    if (ok) {
        struct eval *eval = eval_for(run, play, play->all[0], &play->play->node, (value){ 0 },
                                     run->arena, run->diags);
        value vars = scope_object(run->arena, eval->scope);
        for (size_t i = 0; ok && i < value_count(names); i++) {
            value v;
            ok = value_object_type(vars)->ops->get(eval, value_object_data(vars),
                                                   value_item(names, i), &v);
            map_set(&map, value_item(names, i), v);
        }
    }
    *ret_map = map_seal(&map);
    run_tell_diagnostics(run);
    return ok ? RUN_OK : RUN_ERROR;
}
