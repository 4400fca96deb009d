/*
 * connect_vars.c - variables that tell how a task reaches its host, for templates, where nobody has
 * set them: a name that stands for the same as one that was set has its value, and others tell
 * what keywords and options say. A connection itself is made of what was set: connect.c.
 *
 * Names and values are those of ansible-core's play context.
 */
#include "engine/keywords.h"
#include "engine/state.h"

static value given(str text, struct arena *arena)
{
    return str_is_none(text) ? (value){ 0 } : value_str(arena, text);
}

static value tell_address(const struct task_scope *task, struct arena *arena)
{
    static const str names[] = { S_INIT("ansible_ssh_host"), S_INIT("ansible_host") };
    size_t count;
    value found;
    const value *layers = inventory_layers(task->run->inventory, task->reached->host, &count);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (value_maps_get(layers, count, names[i], &found)) {
            return found;
        }
    }
    return value_str(arena, task->reached->name);
}

/* What a keyword says, or else an option. A template tells nothing: it may well ask for the
 * variable, as in `remote_user: "{{ ansible_user | default('root') }}"`. */
static value said(const struct task_scope *task, enum keyword keyword, str option,
                  struct arena *arena)
{
    value v = node_keyword(task->node, keyword);
    return !value_is_defined(v) ? given(option, arena) : template_is_template(v) ? (value){ 0 } : v;
}

static value tell_connection(const struct task_scope *task, struct arena *arena)
{
    str option = task->run->options.connection;
    return said(task, KW_CONNECTION, str_is_none(option) ? S("ssh") : option, arena);
}

static value tell_user(const struct task_scope *task, struct arena *arena)
{
    return said(task, KW_REMOTE_USER, task->run->options.remote_user, arena);
}

static value tell_key(const struct task_scope *task, struct arena *arena)
{
    return given(task->run->options.private_key_file, arena);
}

/* Two names of one thing; NULL: nothing else tells it. */
static const struct {
    str names[2];
    value (*tell)(const struct task_scope *task, struct arena *arena);
} rows[] = {
    { { S_INIT("ansible_ssh_host"), S_INIT("ansible_host") }, tell_address },
    { { S_INIT("ansible_ssh_user"), S_INIT("ansible_user") }, tell_user },
    { { S_INIT("ansible_ssh_port"), S_INIT("ansible_port") }, NULL },
    { { S_INIT("ansible_connection"), S_INIT("ansible_connection") }, tell_connection },
    { { S_INIT("ansible_ssh_private_key_file"), S_INIT("ansible_private_key_file") }, tell_key },
};

static value tell(const struct task_scope *task, struct arena *arena, size_t row, str other_name)
{
    value found = { 0 };
    bool elsewhere = rows[row].tell == tell_address && task->reached != task->host;
    if (!elsewhere && value_maps_get(task->scope.layers, task->scope.count, other_name, &found)) {
        return found;
    }
    return rows[row].tell == NULL ? found : rows[row].tell(task, arena);
}

bool connect_variable(const struct task_scope *task, struct arena *arena, str name, value *ret)
{
    for (size_t i = 0; str_starts(name, S("ansible_")) && i < ARRAY_LEN(rows); i++) {
        bool first = str_eq(name, rows[i].names[0]);
        if (first || str_eq(name, rows[i].names[1])) {
            *ret = tell(task, arena, i, rows[i].names[first]);
            return value_is_defined(*ret);
        }
    }
    return false;
}
