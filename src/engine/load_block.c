/* load_block.c - lists of tasks and blocks, and their keywords. */
#include <string.h>

#include "engine/load.h"

/* ---- keywords that were given ---- */

void given_set(struct loader *loader, struct given *given, enum keyword keyword, value key, value v)
{
    size_t at = given->len;
    while (at > 0 && given->items[at - 1].keyword > keyword) {
        at--;
    }
    struct keyword_value entry = { .keyword = keyword, .value = v, .key_at = key.at };
    if (at > 0 && given->items[at - 1].keyword == keyword) {
        given->items[at - 1] = entry;
        return;
    }
    (void)VEC_PUSH(loader->arena, given);
    memmove(&given->items[at + 1], &given->items[at], (given->len - 1 - at) * sizeof *given->items);
    given->items[at] = entry;
}

value given_get(const struct given *given, enum keyword keyword)
{
    struct node node = { .given = given->items, .given_count = (uint16_t)given->len };
    return node_own(&node, keyword);
}

static void refuse_key(const struct context *context, enum keyword_place place, value key)
{
    struct loader *loader = context->loader;
    str name = value_as_str(key);
    const struct keyword_row *elsewhere = keyword_find(name);
    struct diag *diag;
    if (elsewhere) {
        diag = load_error(loader, LOAD_SYNTAX, key.at, "'%.*s' cannot be given to %s", SARG(name),
                          keyword_place_name(place));
        if (place == ON_INCLUDE && (elsewhere->where & ON_TASK)) {
            diag_hint(diag, "to give it to the tasks inside, use 'apply:' of the include");
        } else if (place == ON_PLAY && (elsewhere->where & ON_TASK)) {
            diag_hint(diag, "give it to a task or block of the play");
        } else if (elsewhere->where == ON_PLAY) {
            diag_hint(diag, "it is a keyword of plays; indent it as 'hosts' is");
        } else if (elsewhere->where == ON_HANDLER) {
            diag_hint(diag, "only handlers listen");
        }
        return;
    }
    diag = load_error(loader, LOAD_SYNTAX, key.at, "'%.*s' is no keyword of %s", SARG(name),
                      keyword_place_name(place));
    size_t count;
    const str *names = keyword_names(loader->arena, place, &count);
    diag_suggest(diag, name, names, count);
    if (place == ON_PLAY && str_eq(name, S("include"))) {
        diag_hint(diag, "a playbook takes in another by import_playbook");
    } else if (place == ON_PLAY && load_is_action(context, name)) {
        diag_hint(diag, "tasks of a play stand below 'tasks:'");
    } else if (place == ON_BLOCK && load_is_action(context, name)) {
        diag_hint(diag,
                  "a block has no action of its own; put '- ' before '%.*s' and move it into "
                  "the block",
                  SARG(name));
    }
}

bool load_keyword(const struct context *context, enum keyword_place place, value key, value v,
                  struct given *given)
{
    if (!value_is(key, VALUE_STR)) {
        struct diag *diag = load_error(context->loader, LOAD_SYNTAX, key.at,
                                       "a keyword of %s must be a word, not %s",
                                       keyword_place_name(place), load_kind(key));
        diag_hint(diag, "quote it if it is meant as text");
        return false;
    }
    const struct keyword_row *row = keyword_find(value_as_str(key));
    if (!row || !(row->where & place)) {
        refuse_key(context, place, key);
        return false;
    }
    if (!check_keyword(context, row, key, v)) {
        return false;
    }
    given_set(context->loader, given, row->keyword, key,
              row->keyword == KW_VARS ? load_vars_list(context->loader, v) : v);
    return true;
}

void load_node(const struct context *context, enum node_kind kind, value map, struct given *given,
               struct node *ret)
{
    *ret = (struct node){
        .kind = kind,
        .parent = context->parent,
        .role = context->role,
        .at = value_is(map, VALUE_MAP) && value_count(map) > 0 ? value_map_key(map, 0).at : map.at,
        .file = context->file,
        .given = given->items,
        .given_count = (uint16_t)given->len,
    };
}

struct node_list load_nodes(const struct node_vec *vec)
{
    return (struct node_list){ .nodes = vec->items, .count = vec->len };
}

value load_joined(struct loader *loader, value below, value above)
{
    if (!value_is(below, VALUE_MAP) || !value_is(above, VALUE_MAP)) {
        return value_is(above, VALUE_MAP) ? above : below;
    }
    struct map_builder all = map_from(loader->arena, below);
    for (size_t i = 0; i < value_count(above); i++) {
        map_set(&all, value_map_key(above, i), value_map_value(above, i));
    }
    return value_at(map_seal(&all), above.at);
}

value load_vars_list(struct loader *loader, value v)
{
    if (!value_is(v, VALUE_LIST)) {
        return v;
    }
    value joined = value_at(value_null(), v.at);
    for (size_t i = 0; i < value_count(v); i++) {
        joined = load_joined(loader, joined, value_item(v, i));
    }
    return joined;
}

/* ---- blocks ---- */

static bool is_block(value map)
{
    return value_is_defined(value_get(map, S("block"))) ||
           value_is_defined(value_get(map, S("rescue"))) ||
           value_is_defined(value_get(map, S("always")));
}

static bool load_section(const struct context *context, const struct block *block,
                         enum keyword keyword, struct node_list *ret)
{
    struct context inner = *context;
    inner.parent = &block->node;
    struct node_vec nodes = { 0 };
    value list = node_own(&block->node, keyword);
    if (!value_is_defined(list)) {
        return true;
    }
    bool ok = load_list(&inner, list, keyword_row(keyword)->name, &nodes);
    *ret = load_nodes(&nodes);
    return ok;
}

static bool check_sections(const struct context *context, const struct block *block)
{
    static const enum keyword later[] = { KW_RESCUE, KW_ALWAYS };
    value body = node_own(&block->node, KW_BLOCK);
    if (value_is(body, VALUE_LIST) && value_count(body) > 0) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(later); i++) {
        value section = node_own(&block->node, later[i]);
        if (value_is(section, VALUE_LIST) && value_count(section) > 0) {
            load_error(context->loader, LOAD_SYNTAX, block->node.at,
                       "'%.*s' needs tasks in a 'block' beside it",
                       SARG(keyword_row(later[i])->name));
            return false;
        }
    }
    return true;
}

/* Handlers are notified one by one: of a block of them only its keywords and its list count. */
static bool take_handlers(const struct context *context, const struct block *block,
                          struct node_vec *ret)
{
    struct context inner = *context;
    inner.parent = &block->node;
    value unused = node_own(&block->node, KW_RESCUE);
    if (!value_is_defined(unused)) {
        unused = node_own(&block->node, KW_ALWAYS);
    }
    if (value_is_defined(unused)) {
        load_warning(context->loader, unused.at, "'rescue' and 'always' of handlers never run");
    }
    return load_list(&inner, node_own(&block->node, KW_BLOCK), S("block"), ret);
}

static bool load_block(const struct context *context, value map, struct node_vec *ret)
{
    struct loader *loader = context->loader;
    if (context->handlers && context->parent->kind == NODE_BLOCK) {
        load_error(loader, LOAD_SYNTAX, value_map_key(map, 0).at,
                   "a block within a block of handlers is not supported");
        return false;
    }
    struct given given = { 0 };
    bool ok = true;
    for (size_t i = 0; i < value_count(map); i++) {
        ok &=
            load_keyword(context, ON_BLOCK, value_map_key(map, i), value_map_value(map, i), &given);
    }
    struct block *block = NEW(loader->arena, struct block);
    load_node(context, NODE_BLOCK, map, &given, &block->node);
    if (context->handlers) {
        return take_handlers(context, block, ret) && ok;
    }
    block->has_rescue = value_is_defined(given_get(&given, KW_RESCUE));
    ok &= check_sections(context, block);
    ok &= load_section(context, block, KW_BLOCK, &block->body);
    ok &= load_section(context, block, KW_RESCUE, &block->rescue);
    ok &= load_section(context, block, KW_ALWAYS, &block->always);
    *VEC_PUSH(loader->arena, ret) = &block->node;
    return ok;
}

/* ---- lists ---- */

static bool refuse_entry(const struct context *context, value entry)
{
    struct diag *diag = load_error(context->loader, LOAD_SYNTAX, entry.at,
                                   "a task must be a map, not %s", load_kind(entry));
    if (value_is(entry, VALUE_STR)) {
        str text = value_as_str(entry);
        str word = str_part(text, 0, str_find_char(text, ' ', 0));
        if (load_is_action(context, word)) {
            diag_hint(diag, "put a colon behind the module: '%.*s:%.*s'", SARG(word),
                      (int)(text.len - word.len), text.ptr + word.len);
        }
    } else if (value_is(entry, VALUE_LIST)) {
        diag_hint(diag, "one '- ' too many");
    }
    return false;
}

static bool load_entry(const struct context *context, value entry, struct node_vec *ret)
{
    if (value_is(entry, VALUE_NULL)) {
        if (context->parent->kind == NODE_BLOCK) {
            return refuse_entry(context, entry);
        }
        load_warning(context->loader, entry.at, "an empty entry in a list of tasks");
        return true;
    }
    if (!value_is(entry, VALUE_MAP)) {
        return refuse_entry(context, entry);
    }
    return is_block(entry) ? load_block(context, entry, ret) : load_task(context, entry, ret);
}

bool load_list(const struct context *context, value list, str what, struct node_vec *ret)
{
    if (value_is(list, VALUE_NULL)) {
        return true;
    }
    if (!value_is(list, VALUE_LIST)) {
        const char *quote = keyword_find(what) ? "'" : "";
        struct diag *diag =
            load_error(context->loader, LOAD_SYNTAX, list.at, "%s%.*s%s must be a list, not %s",
                       quote, SARG(what), quote, load_kind(list));
        if (value_is(list, VALUE_MAP) && value_count(list) > 0 &&
            value_is(value_map_key(list, 0), VALUE_STR)) {
            diag_hint(diag, "put '- ' before '%.*s'", SARG(value_as_str(value_map_key(list, 0))));
        }
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < value_count(list); i++) {
        ok &= load_entry(context, value_item(list, i), ret);
    }
    return ok;
}

/* A file that is among those that led here imports itself. What an include brings may: it has a
 * condition that is asked when it runs. */
static bool check_recursion(const struct context *context, str path, span at)
{
    for (const struct node *node = context->parent; node && node->kind != NODE_TASK;
         node = node->parent) {
        if (str_eq(node->file, path) && node->kind == NODE_IMPORT) {
            struct diag *diag =
                load_error(context->loader, LOAD_SYNTAX, at, "'%.*s' imports itself",
                           SARG(load_shown(context->loader, path)));
            if (node != context->parent) {
                diag_note(diag, node->at, "by way of this import");
            }
            diag_hint(diag, "use include_tasks, with a condition that ends it");
            return false;
        }
    }
    return true;
}

bool load_tasks_file(const struct context *context, str path, span at, struct node_vec *ret)
{
    struct loader_state *state = load_state(context->loader);
    value content;
    if (!check_recursion(context, path, at) || !load_yaml(context->loader, path, at, &content)) {
        return false;
    }
    bool quiet = state->quiet;
    state->quiet = !load_check_due(context->loader, path);
    struct context inner = *context;
    inner.file = path;
    bool ok = load_list(&inner, content, S("a file of tasks"), ret);
    state->quiet = quiet;
    return ok;
}
