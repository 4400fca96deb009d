/*
 * list.c - what a run would touch, in Ansible's form: --list-hosts, --list-tasks, --list-tags.
 */
#include "engine/state.h"

#include <stdlib.h>

#include "base/tree.h"
#include "engine/keywords.h"

/* Tags of a node and all it stands in, sorted, each once. */
static void add_tags(struct eval *eval, const struct node *node, struct map_builder *ret)
{
    struct list_builder raw = list_in(eval->arena);
    node_tags(node, eval->arena, &raw);
    value tags = list_seal(&raw);
    for (size_t i = 0; i < value_count(tags); i++) {
        value v;
        if (!template_value(eval, value_item(tags, i), &v)) {
            continue;
        }
        size_t count = value_is(v, VALUE_LIST) ? value_count(v) : 1;
        for (size_t k = 0; k < count; k++) {
            str rest = shown_text(eval->arena, value_is(v, VALUE_LIST) ? value_item(v, k) : v);
            while (!str_is_none(rest)) {
                str tag = str_trim(str_cut(&rest, ','));
                if (tag.len > 0) {
                    map_set_str(ret, tag, value_null());
                }
            }
        }
    }
}

/* Ansible writes the tags of a play without blanks. */
static void print_tags(FILE *out, struct arena *arena, struct map_builder *tags,
                       const char *between)
{
    value map = map_seal(tags);
    size_t count = value_count(map);
    str *sorted = NEW_ARRAY(arena, str, count + 1);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = value_as_str(value_map_key(map, i));
    }
    str_sort(sorted, count);
    fputs("TAGS: [", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%.*s", i == 0 ? "" : between, SARG(sorted[i]));
    }
    fputs("]\n", out);
}

struct listing {
    struct run *run;
    struct eval *eval;
    FILE *out;
    bool tasks;
    struct map_builder all_tags;
};

/* An unnamed task shows what it does and nothing else; a named one its role too, but for
 * include_role. */
static void print_task(struct listing *listing, const struct task *task)
{
    bool named = !str_is_none(task->name) && task->name.len > 0;
    bool includes_role = task->kind == ACTION_ENGINE && task->engine_action->includes &&
                         str_eq(task->engine_action->name, S("include_role"));
    if (named && !includes_role && task->node.role != NULL) {
        fprintf(listing->out, "%.*s : ", SARG(task->node.role->name));
    }
    fprintf(listing->out, "%.*s", SARG(named ? task->name : task->action));
}

static void list_task(struct listing *listing, const struct task *task)
{
    struct arena *arena = listing->eval->arena;
    if (!tags_select(listing->run, listing->eval, &task->node)) {
        return;
    }
    add_tags(listing->eval, &task->node, &listing->all_tags);
    if (!listing->tasks) {
        return;
    }
    struct map_builder tags = map_in(arena);
    add_tags(listing->eval, &task->node, &tags);
    fputs("      ", listing->out);
    print_task(listing, task);
    fputc('\t', listing->out);
    print_tags(listing->out, arena, &tags, ", ");
}

/* What a rescue or always would do is not listed, as in Ansible. */
static void list_nodes(struct listing *listing, struct node_list list)
{
    for (size_t i = 0; i < list.count; i++) {
        if (list.nodes[i]->kind == NODE_BLOCK) {
            list_nodes(listing, ((const struct block *)list.nodes[i])->body);
        } else {
            list_task(listing, (const struct task *)list.nodes[i]);
        }
    }
}

static void print_hosts(FILE *out, const struct play_run *play)
{
    fputs("    pattern: [", out);
    for (size_t i = 0; i < play->pattern_count; i++) {
        fprintf(out, "%s'%.*s'", i == 0 ? "" : ", ", SARG(play->patterns[i]));
    }
    fprintf(out, "]\n    hosts (%zu):\n", play->all_count);
    for (size_t i = 0; i < play->all_count; i++) {
        fprintf(out, "      %.*s\n", SARG(play->all[i]->name));
    }
}

struct wanted {
    bool hosts, tasks, tags;
};

static bool list_play(struct run *run, const struct play *play, size_t number, struct wanted wanted,
                      FILE *out)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("list");
    struct play_run state = { 0 };
    unsigned errors = run->diags->errors;
    struct eval *eval = play_prepare(run, play, arena, &state);
    if (eval == NULL) {
        return false;
    }
    struct map_builder tags = map_in(arena);
    add_tags(eval, &play->node, &tags);
    fprintf(out, "\n  play #%zu (%.*s): %.*s\t", number, SARG(state.pattern), SARG(state.name));
    print_tags(out, arena, &tags, ",");
    if (wanted.hosts) {
        print_hosts(out, &state);
    }
    if (!wanted.tasks && !wanted.tags) {
        return true;
    }
    struct listing listing = { run, eval, out, wanted.tasks, map_in(arena) };
    if (wanted.tasks) {
        fputs("    tasks:\n", out);
    }
    list_nodes(&listing, play->pre_tasks);
    for (size_t i = 0; i < play->role_count; i++) {
        list_nodes(&listing, play->roles[i]->tasks);
    }
    list_nodes(&listing, play->tasks);
    list_nodes(&listing, play->post_tasks);
    if (wanted.tags) {
        fputs("      TASK ", out);
        print_tags(out, arena, &listing.all_tags, ", ");
    }
    return run->diags->errors == errors;
}

enum run_status run_list(struct run *run, FILE *out, bool hosts, bool tasks, bool tags)
{
    bool ok = true;
    for (size_t i = 0; i < run->playbook_count; i++) {
        fprintf(out, "\nplaybook: %.*s\n", SARG(tree_shown(run->arena, run->options.playbooks[i])));
        for (size_t k = 0; k < run->playbooks[i]->count && ok; k++) {
            ok = list_play(run, run->playbooks[i]->plays[k], k + 1,
                           (struct wanted){ hosts, tasks, tags }, out);
        }
    }
    run_tell_diagnostics(run);
    return ok ? RUN_OK : RUN_ERROR;
}

enum run_status run_list_matched(struct run *run, FILE *out)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("list");
    struct play_run state = { 0 };
    if (play_prepare(run, run->playbooks[0]->plays[0], arena, &state) == NULL) {
        run_tell_diagnostics(run);
        return RUN_ERROR;
    }
    run_tell_diagnostics(run);
    /* localhost that no source names is there whatever --limit says */
    bool implicit = state.all_count == 0 && inventory_is_localhost(state.pattern);
    fprintf(out, "  hosts (%zu):\n", state.all_count + implicit);
    for (size_t i = 0; i < state.all_count; i++) {
        fprintf(out, "    %.*s\n", SARG(state.all[i]->name));
    }
    if (implicit) {
        fprintf(out, "    %.*s\n", SARG(state.pattern));
    }
    return RUN_OK;
}
