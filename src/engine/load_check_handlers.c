/*
 * load_check_handlers.c - whether there are the handlers that tasks notify.
 */
#include "base/path.h"
#include "base/strbuf.h"
#include "engine/load.h"

/* Names of handlers that are known before the run; templates in them stand for anything. */
struct handler_names {
    struct arena *arena;
    VEC(str) patterns;
    bool open; /* an include may bring more */
};

/* "restart {{ name }}" as "restart *". */
static str pattern_of(struct arena *arena, str text)
{
    struct strbuf pattern = strbuf_in(arena);
    if (str_find(text, S("{{"), 0) == STR_NPOS) {
        return text;
    }
    for (size_t at = 0; at < text.len;) {
        size_t open = str_find(text, S("{{"), at);
        strbuf_add(&pattern, str_part(text, at, open));
        if (open == STR_NPOS) {
            break;
        }
        strbuf_add_char(&pattern, '*');
        size_t close = str_find(text, S("}}"), open);
        at = close == STR_NPOS ? text.len : close + 2;
    }
    return strbuf_str(&pattern);
}

static void add_name(struct handler_names *names, const struct role *role, value name)
{
    if (value_is(name, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(name); i++) {
            add_name(names, role, value_item(name, i));
        }
    } else if (value_is(name, VALUE_STR)) {
        str pattern = pattern_of(names->arena, value_as_str(name));
        *VEC_PUSH(names->arena, &names->patterns) = pattern;
        if (role) {
            *VEC_PUSH(names->arena, &names->patterns) =
                str_format(names->arena, "%.*s : %.*s", SARG(role->name), SARG(pattern));
        }
    }
}

/* Tasks or roles that are known only when it has run. */
static bool is_include(const struct task *task)
{
    str name = load_short_name(task->action);
    return str_eq(name, S("include_tasks")) || str_eq(name, S("include_role")) ||
           str_eq(name, S("include"));
}

static void add_handlers(struct handler_names *names, struct node_list handlers)
{
    for (size_t i = 0; i < handlers.count; i++) {
        const struct task *task = (const struct task *)handlers.nodes[i];
        names->open |= is_include(task);
        add_name(names, task->node.role, task->name_value);
        add_name(names, task->node.role, node_own(&task->node, KW_LISTEN));
    }
}

static bool is_known_handler(const struct handler_names *names, str name)
{
    for (size_t i = 0; i < names->patterns.len; i++) {
        if (path_match(names->patterns.items[i], name)) {
            return true;
        }
    }
    return false;
}

static void check_notify(struct loader *loader, const struct handler_names *names, value notify)
{
    if (value_is(notify, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(notify); i++) {
            check_notify(loader, names, value_item(notify, i));
        }
        return;
    }
    if (!value_is(notify, VALUE_STR) || template_is_template(notify) ||
        is_known_handler(names, value_as_str(notify))) {
        return;
    }
    struct diag *diag =
        load_warning(loader, notify.at, "no handler '%.*s'", SARG(value_as_str(notify)));
    diag_suggest(diag, value_as_str(notify), names->patterns.items, names->patterns.len);
}

/* Whether a list may bring roles while it runs, whose handlers are not known yet. */
static bool has_include(struct node_list list)
{
    for (size_t i = 0; i < list.count; i++) {
        const struct node *node = list.nodes[i];
        if (node->kind == NODE_BLOCK) {
            const struct block *block = (const struct block *)node;
            if (has_include(block->body) || has_include(block->rescue) ||
                has_include(block->always)) {
                return true;
            }
        } else if (node->kind == NODE_TASK && is_include((const struct task *)node)) {
            return true; /* a file of tasks may include a role, too */
        }
    }
    return false;
}

static void check_list(struct loader *loader, const struct handler_names *names,
                       struct node_list list)
{
    for (size_t i = 0; i < list.count; i++) {
        const struct node *node = list.nodes[i];
        check_notify(loader, names, node_own(node, KW_NOTIFY));
        if (node->kind == NODE_BLOCK) {
            const struct block *block = (const struct block *)node;
            check_list(loader, names, block->body);
            check_list(loader, names, block->rescue);
            check_list(loader, names, block->always);
        }
    }
}

void check_handlers(struct loader *loader, const struct play *play)
{
    struct handler_names names = { .arena = loader->arena };
    const struct node_list sections[] = { play->pre_tasks, play->tasks, play->post_tasks };
    add_handlers(&names, play->handlers);
    for (size_t i = 0; i < play->role_count; i++) {
        add_handlers(&names, play->roles[i]->handlers);
        names.open |= has_include(play->roles[i]->tasks);
    }
    for (size_t i = 0; i < play->imported.count; i++) {
        add_handlers(&names, play->imported.roles[i]->handlers);
    }
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        names.open |= has_include(sections[i]);
    }
    if (names.open) {
        return;
    }
    for (size_t i = 0; i < play->role_count; i++) {
        check_list(loader, &names, play->roles[i]->tasks);
        check_list(loader, &names, play->roles[i]->handlers);
    }
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        check_list(loader, &names, sections[i]);
    }
    check_list(loader, &names, play->handlers);
}
