/* vars_files.c - the files in host_vars/ and group_vars/. */
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/secrets.h"
#include "base/tree.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "inventory/layers.h"
#include "inventory/sources.h"

static const str extensions[] = { S_INIT(""), S_INIT(".yml"), S_INIT(".yaml"), S_INIT(".json") };

/* A host_vars/ or group_vars/, listed once, so that 10,000 hosts cost no 40,000 questions. */
struct vars_directory {
    str base;            /* what it is in */
    bool of_group;       /* group_vars/, not host_vars/ */
    str path;            /* with links resolved */
    struct names names;  /* what is in it; the item is the directory itself */
    struct names loaded; /* struct vars_set, by name of host or group */
    struct diags *said;  /* for each who asks */
};

/* ---- one file ---- */

static bool is_nothing(value v)
{
    return value_is(v, VALUE_NULL) || value_truth(v) == TRUTH_FALSE;
}

static bool read_value(struct inventory *inventory, struct diags *diags,
                       const struct source *source, value *ret)
{
    str start = str_trim_left(source->text);
    if (start.len > 0 && start.ptr[0] == '{') {
        struct diags *tried = diags_new(diags->arena, inventory->sources);
        if (json_read(inventory->arena, tried, source, (struct json_options){ .trusted = true },
                      ret)) {
            *ret = json_unwrap(inventory->arena, *ret);
            return true;
        }
    }
    return yaml_read(inventory->arena, diags, source, (struct yaml_options){ .trusted = true },
                     ret);
}

static bool build_file(struct inventory *inventory, struct diags *diags,
                       const struct source *source, value *ret)
{
    value v;
    if (!read_value(inventory, diags, source, &v)) {
        return false;
    }
    if (is_nothing(v)) {
        *ret = value_null();
        return true;
    }
    if (!value_is(v, VALUE_MAP)) {
        struct diag *diag = diag_error(diags, v.at.pos != 0 ? v.at : source_span(source, 0, 0),
                                       "variables must be a map, not a %s", value_type_name(v));
        diag_hint(diag, "write 'name: value' on each line");
        return false;
    }
    *ret = source->secret ? value_secret_all(inventory->arena, v) : v;
    if (source->secret && inventory->options.secrets != NULL) {
        secrets_add_value(inventory->options.secrets, *ret);
    }
    return true;
}

/* False: it is a directory, and nothing was added. */
static bool add_file(struct inventory *inventory, struct vars_set *set, str path)
{
    struct diags *said = diags_new(inventory->arena, inventory->sources);
    const struct source *source;
    value v = value_null();
    bool ok = file_read_unless_directory(inventory, said, path, &source);
    if (ok && source == NULL) {
        return false;
    }
    set->ok &= ok && build_file(inventory, said, source, &v);
    if (value_is(v, VALUE_MAP)) {
        *VEC_PUSH(inventory->arena, &set->maps) = v;
    }
    if (said->all.len > 0) {
        if (set->said == NULL) {
            set->said = said;
        } else {
            diags_append(set->said, said);
        }
    }
    return true;
}

/* ---- directories ---- */

static bool is_known_extension(str extension)
{
    for (size_t i = 0; i < ARRAY_LEN(extensions); i++) {
        if (str_eq(extension, extensions[i])) {
            return true;
        }
    }
    return false;
}

#define DEPTH_MAX 40 /* links may lead in circles */

static void add_directory(struct inventory *inventory, struct vars_set *set, str path,
                          unsigned depth)
{
    struct arena *arena = inventory->arena;
    struct name_list names;
    tree_list(arena, path, &names);
    for (size_t i = 0; i < names.len; i++) {
        str name = names.items[i], extension = path_extension(name);
        struct stat st;
        str inner = path_join(arena, path, name);
        if (name.ptr[0] == '.' || str_ends(name, S("~")) || !tree_stat(inner, &st)) {
            continue;
        }
        if (S_ISDIR(st.st_mode) && extension.len == 0 && depth < DEPTH_MAX) {
            add_directory(inventory, set, inner, depth + 1);
        } else if (S_ISREG(st.st_mode) && is_known_extension(extension)) {
            add_file(inventory, set, inner);
        }
    }
}

static struct vars_directory *open_directory(struct inventory *inventory, str base, bool of_group)
{
    struct arena *arena = inventory->arena;
    str path = path_join(arena, base, of_group ? S("group_vars") : S("host_vars"));
    struct vars_directory *dir = NEW(arena, struct vars_directory);
    *dir = (struct vars_directory){ .base = base,
                                    .of_group = of_group,
                                    .path = path,
                                    .names = { .arena = arena },
                                    .loaded = { .arena = arena } };
    struct stat st;
    bool exists = tree_stat(path, &st);
    if (exists && !S_ISDIR(st.st_mode)) {
        dir->said = diags_new(arena, inventory->sources);
        diag_warning(dir->said, SPAN_NONE, "'%.*s' is not a directory and is not used",
                     SARG(file_shown(arena, path)));
    }
    str real = exists ? tree_real(arena, path) : STR_NONE;
    if (!str_is_none(real)) {
        dir->path = real;
        struct name_list names;
        tree_list_unsorted(arena, dir->path, &names);
        for (size_t i = 0; i < names.len; i++) {
            names_set(&dir->names, names.items[i], dir);
        }
    }
    *VEC_PUSH(arena, &inventory->directories) = dir;
    return dir;
}

/* There are few: two for each place that inventories are in, and for the playbook's. */
static struct vars_directory *find_directory(struct inventory *inventory, str base, bool of_group)
{
    for (size_t i = 0; i < inventory->directories.len; i++) {
        struct vars_directory *dir = inventory->directories.items[i];
        if (dir->of_group == of_group && str_eq(dir->base, base)) {
            return dir;
        }
    }
    return open_directory(inventory, base, of_group);
}

/* Whether there is a file; a name with a slash is looked for further down. */
static bool has_file(struct arena *arena, const struct vars_directory *dir, str name)
{
    return str_find_char(name, '/', 0) == STR_NPOS ? names_find(&dir->names, name) != NULL
                                                   : tree_exists(path_join(arena, dir->path, name));
}

static void load(struct inventory *inventory, const struct vars_directory *dir, str name,
                 struct vars_set *set)
{
    struct arena *arena = inventory->arena;
    for (size_t i = 0; i < ARRAY_LEN(extensions); i++) {
        str file = extensions[i].len == 0 ? name : str_concat(arena, name, extensions[i]);
        if (has_file(arena, dir, file)) {
            str path = path_join(arena, dir->path, file);
            if (!add_file(inventory, set, path)) {
                add_directory(inventory, set, path, 0);
            }
            return;
        }
    }
}

const struct vars_set *vars_files(struct inventory *inventory, str base, bool of_group, str name)
{
    static const struct vars_set nothing = { .ok = true };
    if (inventory->options.settings.no_vars_files) {
        return &nothing;
    }
    struct vars_directory *dir = find_directory(inventory, base, of_group);
    /* a name such as /srv/chroot is no file of ours */
    if (str_starts(name, S("/")) || (dir->names.used == 0 && dir->said == NULL)) {
        return &nothing;
    }
    struct vars_set *set = names_find(&dir->loaded, name);
    if (set == NULL) {
        set = NEW(inventory->arena, struct vars_set);
        *set = (struct vars_set){ .ok = true };
        load(inventory, dir, name, set);
        names_set(&dir->loaded, name, set);
    }
    return set;
}

void vars_files_find_dirs(struct inventory *inventory)
{
    struct arena *arena = inventory->arena;
    size_t count = inventory->options.count;
    inventory->vars_dirs = NEW_ARRAY(arena, str, count + 1);
    inventory->vars_dir_count = 0;
    for (size_t i = 0; i < count; i++) {
        str path = inventory->options.sources[i];
        struct stat st;
        bool exists = tree_stat(path, &st);
        if (exists || str_find_char(path, ',', 0) == STR_NPOS) {
            inventory->vars_dirs[inventory->vars_dir_count++] =
                exists && S_ISDIR(st.st_mode) ? path : path_dirname(path);
        }
    }
}
