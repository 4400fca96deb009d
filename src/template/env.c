/* env.c - the environment of a run: its tables of names, and what is told about them. */
#include <pthread.h>
#include <string.h>

#include "base/bug.h"
#include "template/core.h"

/* ---- tables ---- */

static const struct function **table_slot(const struct name_table *table, str name)
{
    size_t slot = str_hash(name) & (table->size - 1);
    while (table->slots[slot] != NULL && !str_eq(table->slots[slot]->name, name)) {
        slot = (slot + 1) & (table->size - 1);
    }
    return &table->slots[slot];
}

const struct function *name_table_get(const struct name_table *table, str name)
{
    return table->size == 0 ? NULL : *table_slot(table, name);
}

const str *name_table_names(struct arena *arena, const struct name_table *table, size_t *ret_count)
{
    str *names = NEW_ARRAY(arena, str, table->count);
    *ret_count = 0;
    for (size_t i = 0; i < table->size; i++) {
        if (table->slots[i] != NULL) {
            names[(*ret_count)++] = table->slots[i]->name;
        }
    }
    return names;
}

static void add_name(struct arena *arena, struct name_table *table, const struct builtin *row,
                     const char *kind, str name)
{
    if (table->count * 2 >= table->size) {
        struct name_table old = *table;
        table->size = old.size == 0 ? 64 : old.size * 2;
        table->slots = NEW_ARRAY(arena, const struct function *, table->size);
        for (size_t i = 0; i < old.size; i++) {
            if (old.slots[i] != NULL) {
                *table_slot(table, old.slots[i]->name) = old.slots[i];
            }
        }
    }
    struct function *function = NEW(arena, struct function);
    function_make(arena, row, kind, name, function);
    const struct function **slot = table_slot(table, name);
    table->count += *slot == NULL;
    *slot = function;
}

static void add_rows(struct arena *arena, struct name_table *table, const struct builtin *rows,
                     const char *kind, enum dialect dialect)
{
    for (; rows->name != NULL; rows++) {
        unsigned only = dialect == DIALECT_JINJA ? CALL_JINJA | CALL_JINJA_ONLY : 0;
        bool wanted = only != 0 ? (rows->flags & only) != 0 : (rows->flags & CALL_JINJA_ONLY) == 0;
        if (!wanted) {
            continue;
        }
        add_name(arena, table, rows, kind, str_of(rows->name));
        str rest = rows->aliases != NULL ? str_of(rows->aliases) : STR_NONE;
        while (!str_is_none(rest)) {
            add_name(arena, table, rows, kind, str_cut(&rest, ' '));
        }
    }
}

static const struct builtin *const filter_tables[] = {
    filters_text,   filters_list,        filters_html,  filters_ip,     filters_networks,
    filters_maps,   filters_numbers,     filters_paths, filters_query,  filters_regex,
    filters_hash,   filters_serial,      filters_sets,  filters_time,   filters_misc,
    filters_pprint, filters_collections, filters_keys,  filters_tables, filters_utils,
};
static const struct builtin *const test_tables[] = { tests_core, tests_ansible, tests_ip };
static const struct builtin *const lookup_tables[] = { lookups_vars, lookups_files, lookups_lists,
                                                       lookups_other, lookups_url };

static void fill_tables(struct template_env *env)
{
    struct arena *arena = env->arena;
    enum dialect dialect = env->dialect;
    for (size_t i = 0; i < ARRAY_LEN(filter_tables); i++) {
        add_rows(arena, &env->filters, filter_tables[i], "filter", dialect);
    }
    for (size_t i = 0; i < ARRAY_LEN(test_tables); i++) {
        add_rows(arena, &env->tests, test_tables[i], "test", dialect);
    }
    for (size_t i = 0; i < ARRAY_LEN(lookup_tables); i++) {
        add_rows(arena, &env->lookups, lookup_tables[i], "lookup", DIALECT_CLASSIC);
    }
    const struct {
        struct name_table *table;
        const struct builtin *rows;
    } methods[] = {
        { &env->str_methods, methods_str },
        { &env->list_methods, methods_list },
        { &env->map_methods, methods_map },
        { &env->number_methods, methods_number },
        { &env->tuple_methods, methods_tuple },
        { &env->datetime_methods, methods_datetime },
        { &env->timedelta_methods, methods_timedelta },
        { &env->bytes_methods, methods_bytes },
        { &env->mapping_methods, methods_mapping },
    };
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        add_rows(arena, methods[i].table, methods[i].rows, "method", DIALECT_CLASSIC);
    }
    add_rows(arena, &env->functions, functions_core, "function", dialect);
}

/* The name behind the name of a collection whose members are built in. */
static str without_collection(str name)
{
    static const str collections[] = { S_INIT("ansible.builtin."),   S_INIT("ansible.legacy."),
                                       S_INIT("community.general."), S_INIT("ansible.utils."),
                                       S_INIT("ansible.netcommon."), S_INIT("ansible.posix.") };
    for (size_t i = 0; i < ARRAY_LEN(collections); i++) {
        if (str_starts(name, collections[i])) {
            return str_part(name, collections[i].len, name.len);
        }
    }
    return name;
}

/* Jinja's own filters and tests belong to no collection. */
static const struct function *in_collection(const struct name_table *table, str name)
{
    const struct function *function = name_table_get(table, name);
    if (function != NULL) {
        return function;
    }
    str bare = without_collection(name);
    function = bare.len < name.len ? name_table_get(table, bare) : NULL;
    return function != NULL && (function->row->flags & CALL_JINJA) != 0 ? NULL : function;
}

const struct function *env_filter(struct template_env *env, str name)
{
    return in_collection(&env->filters, name);
}

const struct function *env_test(struct template_env *env, str name)
{
    return in_collection(&env->tests, name);
}

const struct function *env_lookup(struct template_env *env, str name)
{
    return name_table_get(&env->lookups, without_collection(name));
}

/* ---- the environment ---- */

/* A text, so that it can be printed; known by its flag, so that no text of a host can pass for it.
 */
static value make_omit(struct arena *arena)
{
    value v = value_str(arena, S("__omit_place_holder__"));
    v.flags |= FLAG_OMIT;
    return v;
}

struct template_env *template_env_new(enum dialect dialect, struct source_map *sources,
                                      struct secrets *secrets, struct template_hooks hooks)
{
    struct arena *arena = arena_new("templates");
    struct template_env *env = NEW(arena, struct template_env);
    env->arena = arena;
    env->dialect = dialect;
    env->sources = sources;
    env->secrets = secrets;
    env->hooks = hooks;
    env->cache = cache_new();
    env->omit = make_omit(arena);
    fill_tables(env);
    env->names.loop = cache_symbol(env, S("loop"));
    env->names.caller = cache_symbol(env, S("caller"));
    env->names.varargs = cache_symbol(env, S("varargs"));
    env->names.kwargs = cache_symbol(env, S("kwargs"));
    env->names.self = cache_symbol(env, S("self"));
    return env;
}

void template_env_extend(struct template_env *env, struct template_extensions extensions)
{
    env->extensions = extensions;
}

void template_env_free(struct template_env *env)
{
    if (env != NULL) {
        cache_free(env->cache);
        arena_free(env->arena);
    }
}

/* ---- omit ---- */

value template_omit(struct template_env *env)
{
    return env->omit;
}

bool template_is_omit(value v)
{
    return value_is(v, VALUE_STR) && (v.flags & FLAG_OMIT) != 0;
}

static bool has_omitted(value v)
{
    bool map = value_is(v, VALUE_MAP), found = template_is_omit(v);
    for (size_t i = 0; !found && (map || value_is(v, VALUE_LIST)) && i < value_count(v); i++) {
        found = has_omitted(map ? value_map_value(v, i) : value_item(v, i));
    }
    return found;
}

static value list_without_omitted(struct eval *eval, value v)
{
    struct list_builder list = list_in(eval->arena);
    for (size_t i = 0; i < value_count(v); i++) {
        value item = value_item(v, i);
        if (!template_is_omit(item)) {
            list_add(&list, template_without_omitted(eval, item));
        }
    }
    return value_at(value_is_tuple(v) ? tuple_seal(&list) : list_seal(&list), v.at);
}

value template_without_omitted(struct eval *eval, value args)
{
    if (!has_omitted(args)) {
        return args;
    }
    if (value_is(args, VALUE_LIST)) {
        return list_without_omitted(eval, args);
    }
    if (!value_is(args, VALUE_MAP)) {
        return args;
    }
    struct map_builder map = map_in(eval->arena);
    for (size_t i = 0; i < value_count(args); i++) {
        value item = value_map_value(args, i);
        if (!template_is_omit(item)) {
            map_set(&map, value_map_key(args, i), template_without_omitted(eval, item));
        }
    }
    return value_at(map_seal(&map), args.at);
}

/* ---- the tables, for documentation ---- */

#define MAX_ROWS 200

struct listing {
    struct template_name rows[MAX_ROWS];
    size_t count;
};

static struct listing listings[TEMPLATE_KINDS];
static pthread_once_t listed = PTHREAD_ONCE_INIT;

static str text_or_empty(const char *text)
{
    return text == NULL ? STR_EMPTY : str_of(text);
}

static void list_row(enum template_kind kind, const struct builtin *row)
{
    struct listing *listing = &listings[kind];
    if ((row->flags & CALL_JINJA_ONLY) == 0) {
        BUG_ON(listing->count == MAX_ROWS);
        listing->rows[listing->count++] =
            (struct template_name){ str_of(row->name), text_or_empty(row->aliases),
                                    text_or_empty(row->signature), str_of(row->summary),
                                    text_or_empty(row->example) };
    }
}

static void list_tables(enum template_kind kind, const struct builtin *const *tables, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (const struct builtin *row = tables[i]; row->name != NULL; row++) {
            list_row(kind, row);
        }
    }
}

static void list_all(void)
{
    static const struct builtin *const function_tables[] = { functions_core };
    list_tables(TEMPLATE_FILTER, filter_tables, ARRAY_LEN(filter_tables));
    list_tables(TEMPLATE_TEST, test_tables, ARRAY_LEN(test_tables));
    list_tables(TEMPLATE_LOOKUP, lookup_tables, ARRAY_LEN(lookup_tables));
    list_tables(TEMPLATE_FUNCTION, function_tables, ARRAY_LEN(function_tables));
    const struct builtin *row;
    for (size_t i = 0; (row = statement_row(i)) != NULL; i++) {
        list_row(TEMPLATE_STATEMENT, row);
    }
}

const struct template_name *template_rows(enum template_kind kind, size_t *ret_count)
{
    pthread_once(&listed, list_all);
    *ret_count = listings[kind].count;
    return listings[kind].rows;
}

static bool is_named(const struct template_name *row, str name)
{
    str rest = row->aliases;
    bool found = str_eq(row->name, name);
    while (!found && rest.len > 0 && !str_is_none(rest)) {
        found = str_eq(str_cut(&rest, ' '), name);
    }
    return found;
}

const struct template_name *template_find_name(enum template_kind kind, str name)
{
    size_t count;
    const struct template_name *rows = template_rows(kind, &count);
    for (size_t i = 0; i < count; i++) {
        if (is_named(&rows[i], name)) {
            return &rows[i];
        }
    }
    str bare = without_collection(name);
    return bare.len < name.len ? template_find_name(kind, bare) : NULL;
}
