/*
 * cmd_doc.c - `hostler doc`: what a module, keyword, filter, test, lookup, function or statement
 * does, from the tables that the rest of the program works by. The flags are those of ansible-doc.
 */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "cli/command.h"
#include "cli/doc.h"
#include "engine/action.h"
#include "module/module.h"

struct doc_args {
    str type;
    bool list, help;
};

#define ARG(member) offsetof(struct doc_args, member)

static const struct option_row rows[] = {
    { 't', S_INIT("type"), NULL, OPTION_TEXT, ARG(type), "TYPE",
      "module, keyword, filter, test, lookup, function or statement; default: any." },
    { 'l', S_INIT("list"), NULL, OPTION_FLAG, ARG(list), NULL,
      "The names that begin with those given, a line each; default: all." },
    { 'h', S_INIT("help"), NULL, OPTION_FLAG, ARG(help), NULL, "Show this." },
    OPTIONS_END,
};

/* ---- all entries ---- */

struct entries {
    VEC(struct doc_entry) all;
};

static void gather_modules(struct arena *arena, struct entries *entries)
{
    size_t count;
    const struct module *const *modules = module_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct module *module = modules[i];
        *VEC_PUSH(arena, &entries->all) = (struct doc_entry){ .kind = DOC_MODULE,
                                                              .name = str_of(module->name),
                                                              .summary = str_of(module->summary),
                                                              .params = module->params,
                                                              .example = module->example };
    }
    const struct engine_action *const *actions = engine_action_all(&count);
    for (size_t i = 0; i < count; i++) {
        *VEC_PUSH(arena, &entries->all) =
            (struct doc_entry){ .kind = DOC_MODULE,
                                .name = actions[i]->name,
                                .summary = str_of(actions[i]->summary),
                                .params = actions[i]->params };
    }
}

static void gather_keywords(struct arena *arena, struct entries *entries)
{
    size_t count;
    const struct keyword_row *keywords = keyword_all(&count);
    for (size_t i = 0; i < count; i++) {
        *VEC_PUSH(arena, &entries->all) = (struct doc_entry){ .kind = DOC_KEYWORD,
                                                              .name = keywords[i].name,
                                                              .summary = str_of(keywords[i].doc),
                                                              .keyword = &keywords[i] };
    }
}

static void gather_rows(struct arena *arena, enum doc_kind kind, struct entries *entries)
{
    size_t count;
    const struct template_name *names =
        template_rows((enum template_kind)(TEMPLATE_FILTER + (kind - DOC_FILTER)), &count);
    for (size_t i = 0; i < count; i++) {
        *VEC_PUSH(arena, &entries->all) = (struct doc_entry){
            .kind = kind, .name = names[i].name, .summary = names[i].summary, .row = &names[i]
        };
    }
}

static int by_name(const void *a, const void *b)
{
    const struct doc_entry *x = a, *y = b;
    int order = str_cmp(x->name, y->name);
    return order != 0 ? order : (int)x->kind - (int)y->kind;
}

/* kind: DOC_KINDS for all of them. */
static struct entries gather(struct arena *arena, enum doc_kind kind)
{
    struct entries entries = { 0 };
    for (enum doc_kind k = DOC_MODULE; k < DOC_KINDS; k++) {
        if (kind != DOC_KINDS && kind != k) {
            continue;
        }
        if (k == DOC_MODULE) {
            gather_modules(arena, &entries);
        } else if (k == DOC_KEYWORD) {
            gather_keywords(arena, &entries);
        } else {
            gather_rows(arena, k, &entries);
        }
    }
    qsort(entries.all.items, entries.all.len, sizeof entries.all.items[0], by_name);
    return entries;
}

/* ---- the command ---- */

static bool find_kind(str type, enum doc_kind *ret)
{
    str names[DOC_KINDS];
    for (*ret = DOC_MODULE; *ret < DOC_KINDS && !str_is_none(type); ++*ret) {
        names[*ret] = doc_kind_name(*ret);
        if (str_eq(names[*ret], type)) {
            return true;
        }
    }
    *ret = DOC_KINDS;
    if (str_is_none(type)) {
        return true;
    }
    str near = suggest(type, names, DOC_KINDS);
    fprintf(stderr, "error: there is no documentation of type '%.*s'\n", SARG(type));
    if (!str_is_none(near)) {
        fprintf(stderr, "hint: did you mean '%.*s'?\n", SARG(near));
    }
    return false;
}

static bool is_wanted(str name, const struct texts *beginnings)
{
    bool wanted = beginnings->count == 0;
    for (size_t i = 0; i < beginnings->count; i++) {
        wanted |= str_starts(name, beginnings->items[i]);
    }
    return wanted;
}

static void list(const struct entries *entries, enum doc_kind kind, const struct texts *beginnings)
{
    for (size_t i = 0; i < entries->all.len; i++) {
        const struct doc_entry *entry = &entries->all.items[i];
        str first = entry->summary;
        size_t end = str_find(first, S(". "), 0);
        first = end == STR_NPOS ? first : str_part(first, 0, end + 1);
        if (is_wanted(entry->name, beginnings)) {
            if (kind == DOC_KINDS) {
                printf("%-9.*s ", SARG(doc_kind_name(entry->kind)));
            }
            printf("%-28.*s %.*s\n", SARG(entry->name), SARG(first));
        }
    }
}

static bool is_called(const struct doc_entry *entry, str name)
{
    if (entry->row != NULL) {
        enum template_kind kind =
            (enum template_kind)(TEMPLATE_FILTER + (entry->kind - DOC_FILTER));
        return template_find_name(kind, name) == entry->row;
    }
    if (entry->kind == DOC_KEYWORD) {
        return str_eq(entry->name, name);
    }
    const struct module *module = module_find(name);
    const struct engine_action *action = engine_action_find(name);
    return (module != NULL && module->params == entry->params) ||
           (action != NULL && str_eq(action->name, entry->name));
}

static bool show(struct arena *arena, const struct entries *entries, str name, bool *first)
{
    bool found = false;
    str *names = NEW_ARRAY(arena, str, entries->all.len);
    for (size_t i = 0; i < entries->all.len; i++) {
        const struct doc_entry *entry = &entries->all.items[i];
        names[i] = entry->name;
        if (is_called(entry, name)) {
            fputs(*first ? "" : "\n", stdout);
            doc_print(stdout, entry);
            *first = false;
            found = true;
        }
    }
    if (!found) {
        str near = suggest(name, names, entries->all.len);
        fprintf(stderr, "error: there is no documentation of '%.*s'\n", SARG(name));
        if (!str_is_none(near)) {
            fprintf(stderr, "hint: did you mean '%.*s'?\n", SARG(near));
        }
    }
    return found;
}

static enum run_status answer(struct arena *arena, const struct command_call *call)
{
    struct doc_args args = { .type = STR_NONE };
    struct texts names;
    enum doc_kind kind;
    if (!options_parse(arena, "hostler doc", rows, call->argc, call->argv, &args, &names)) {
        return RUN_USAGE;
    }
    if (args.help) {
        puts("usage: hostler doc [-t TYPE] NAME... | -l [BEGINNING...]\n\nTell what modules, "
             "keywords, filters, tests, lookups, functions and statements do.\n");
        options_help(stdout, rows);
        return RUN_OK;
    }
    if (!find_kind(args.type, &kind)) {
        return RUN_USAGE;
    }
    struct entries entries = gather(arena, kind);
    if (args.list) {
        list(&entries, kind, &names);
        return RUN_OK;
    }
    if (names.count == 0) {
        fputs("error: a name is needed\nhint: hostler doc -l lists all of them\n", stderr);
        return RUN_USAGE;
    }
    bool ok = true, first = true;
    for (size_t i = 0; i < names.count; i++) {
        ok &= show(arena, &entries, names.items[i], &first);
    }
    return ok ? RUN_OK : RUN_ERROR;
}

int command_doc(const struct command_call *call)
{
    struct arena *arena = arena_new("doc");
    enum run_status status = answer(arena, call);
    arena_free(arena);
    return exit_status(status, call->as_ansible);
}
