/*
 * cache.c - compiled texts: each one is compiled once in a run, whoever uses it, and found again by
 * its content and options under a lock that readers share.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "template/core.h"

struct cached {
    uint64_t hash;
    str text;
    struct compile_options options;
    const struct program *program;
    struct cached *next;
};

struct cache {
    pthread_rwlock_t lock;
    struct cached **slots;
    size_t size, count;
    struct symbol **symbols; /* open addressing */
    size_t symbol_size, symbol_count;
};

struct cache *cache_new(void)
{
    struct cache *cache = calloc(1, sizeof *cache);
    pthread_rwlock_init(&cache->lock, NULL);
    cache->size = 256;
    cache->slots = calloc(cache->size, sizeof(struct cached *));
    cache->symbol_size = 1024;
    cache->symbols = calloc(cache->symbol_size, sizeof(struct symbol *));
    return cache;
}

void cache_free(struct cache *cache)
{
    if (cache == NULL) {
        return;
    }
    pthread_rwlock_destroy(&cache->lock);
    free(cache->slots);
    free(cache->symbols);
    free(cache);
}

/* ---- symbols ---- */

static struct symbol **symbol_slot(struct cache *cache, str name, uint64_t hash)
{
    size_t slot = hash & (cache->symbol_size - 1);
    while (cache->symbols[slot] != NULL && !str_eq(cache->symbols[slot]->name, name)) {
        slot = (slot + 1) & (cache->symbol_size - 1);
    }
    return &cache->symbols[slot];
}

static void grow_symbols(struct cache *cache)
{
    struct symbol **old = cache->symbols;
    size_t old_size = cache->symbol_size;
    cache->symbol_size *= 2;
    cache->symbols = calloc(cache->symbol_size, sizeof(struct symbol *));
    for (size_t i = 0; i < old_size; i++) {
        if (old[i] != NULL) {
            *symbol_slot(cache, old[i]->name, old[i]->hash) = old[i];
        }
    }
    free(old);
}

const struct symbol *cache_symbol(struct template_env *env, str name)
{
    struct cache *cache = env->cache;
    uint64_t hash = str_hash(name);
    struct symbol **slot = symbol_slot(cache, name, hash);
    if (*slot != NULL) {
        return *slot;
    }
    struct symbol *symbol = NEW(env->arena, struct symbol);
    symbol->name = str_copy(env->arena, name);
    symbol->hash = hash;
    symbol->key = value_str_shared(env->arena, symbol->name);
    symbol->map_method = name_table_get(&env->map_methods, symbol->name);
    symbol->global = name_table_get(&env->functions, symbol->name);
    *slot = symbol;
    if (++cache->symbol_count * 2 > cache->symbol_size) {
        grow_symbols(cache);
    }
    return symbol;
}

/* ---- programs ---- */

static bool same_options(const struct compile_options *a, const struct compile_options *b)
{
    const struct lex_options *x = &a->lex, *y = &b->lex;
    return x->expression == y->expression && x->condition == y->condition &&
           x->double_backslashes == y->double_backslashes && x->trim_blocks == y->trim_blocks &&
           x->lstrip_blocks == y->lstrip_blocks &&
           x->keep_trailing_newline == y->keep_trailing_newline && str_eq(x->newline, y->newline) &&
           str_eq(x->block_start, y->block_start) && str_eq(x->block_end, y->block_end) &&
           str_eq(x->variable_start, y->variable_start) &&
           str_eq(x->variable_end, y->variable_end) && str_eq(x->comment_start, y->comment_start) &&
           str_eq(x->comment_end, y->comment_end) && str_eq(x->line_statement, y->line_statement) &&
           str_eq(x->line_comment, y->line_comment) && a->extension_do == b->extension_do &&
           a->extension_loops == b->extension_loops && a->autoescape == b->autoescape &&
           a->names_late == b->names_late;
}

static const struct program *find(struct cache *cache, uint64_t hash, str text,
                                  const struct compile_options *options)
{
    struct cached *entry = cache->slots[hash & (cache->size - 1)];
    for (; entry != NULL; entry = entry->next) {
        if (entry->hash == hash && str_eq(entry->text, text) &&
            same_options(&entry->options, options)) {
            return entry->program;
        }
    }
    return NULL;
}

static void grow(struct cache *cache)
{
    size_t size = cache->size * 2;
    struct cached **slots = calloc(size, sizeof(struct cached *));
    for (size_t i = 0; i < cache->size; i++) {
        for (struct cached *entry = cache->slots[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            entry->next = slots[entry->hash & (size - 1)];
            slots[entry->hash & (size - 1)] = entry;
        }
    }
    free(cache->slots);
    cache->slots = slots;
    cache->size = size;
}

static struct lex_options keep_options(struct arena *arena, struct lex_options o)
{
    str *texts[] = { &o.block_start,    &o.block_end,     &o.variable_start,
                     &o.variable_end,   &o.comment_start, &o.comment_end,
                     &o.line_statement, &o.line_comment,  &o.newline };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = str_is_none(*texts[i]) ? STR_NONE : str_copy(arena, *texts[i]);
    }
    return o;
}

/* "\r\n" and "\r" are line breaks too. */
static str plain_newlines(struct arena *arena, str text)
{
    if (memchr(text.ptr, '\r', text.len) == NULL) {
        return text;
    }
    return str_replace(arena, str_replace(arena, text, S("\r\n"), S("\n")), S("\r"), S("\n"));
}

/* The lock is held for writing. */
static const struct program *compile(struct eval *eval, uint64_t hash, str text,
                                     const struct compile_options *options,
                                     struct syntax_error *error)
{
    struct template_env *env = eval->env;
    struct cached *entry = NEW(env->arena, struct cached);
    entry->hash = hash;
    entry->text = str_copy(env->arena, text);
    entry->options = *options;
    entry->options.lex = keep_options(env->arena, options->lex);
    struct parse_input input = { env->arena, env, plain_newlines(env->arena, entry->text),
                                 &entry->options };
    entry->program = parse_program(&input, error);
    if (entry->program != NULL) {
        struct cache *cache = env->cache;
        entry->next = cache->slots[hash & (cache->size - 1)];
        cache->slots[hash & (cache->size - 1)] = entry;
        if (++cache->count > cache->size) {
            grow(cache);
        }
    }
    return entry->program;
}

const struct program *cache_program(struct eval *eval, value text,
                                    const struct compile_options *options)
{
    struct cache *cache = eval->env->cache;
    str bytes = value_as_str(text);
    size_t skip = options->skip;
    bytes = str_part(bytes, skip, bytes.len);
    uint64_t hash = str_hash(bytes);
    pthread_rwlock_rdlock(&cache->lock);
    const struct program *program = find(cache, hash, bytes, options);
    pthread_rwlock_unlock(&cache->lock);
    if (program != NULL) {
        return program;
    }
    struct syntax_error error = { 0 };
    pthread_rwlock_wrlock(&cache->lock);
    program = find(cache, hash, bytes, options);
    if (program == NULL) {
        program = compile(eval, hash, bytes, options, &error);
    }
    pthread_rwlock_unlock(&cache->lock);
    if (program == NULL) {
        report_syntax(eval, text, skip, &error);
    }
    return program;
}
