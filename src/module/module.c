/*
 * module.c - finding modules by name. The table itself is generated from modules/meson.build.
 */
#include "module/module.h"

#include <string.h>

/* modules/table.c, generated; sorted by name and ended by NULL */
extern const struct module *const module_table[];

const struct module *const *module_all(size_t *ret_count)
{
    size_t count = 0;
    while (module_table[count] != NULL) {
        count++;
    }
    *ret_count = count;
    return module_table;
}

static str without_collection(str name)
{
    static const char *const ours[] = { "ansible.builtin.", "ansible.legacy." };
    for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
        if (str_starts(name, str_of(ours[i]))) {
            return str_part(name, strlen(ours[i]), name.len);
        }
    }
    return name;
}

static bool has_alias(const struct module *module, str name)
{
    for (size_t i = 0; module->aliases != NULL && module->aliases[i] != NULL; i++) {
        if (str_eq(name, str_of(module->aliases[i]))) {
            return true;
        }
    }
    return false;
}

const struct module *module_find(str name)
{
    str plain = without_collection(name);
    for (const struct module *const *module = module_table; *module != NULL; module++) {
        if (str_eq(plain, str_of((*module)->name)) || has_alias(*module, name)) {
            return *module;
        }
    }
    return NULL;
}
