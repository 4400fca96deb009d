/*
 * test_load.c - playbooks as they are loaded: the tree, or what is wrong with them. Each folder of
 * tests/golden/load is a small project: play.yml, what it needs, and `expected`: the reports as
 * they are drawn, the tree, and how the load ended. `collections/` and `extra.yml` (extra
 * variables) are taken when they are there. UPDATE=1 writes `expected` anew.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "engine/keywords.h"
#include "template/template.h"

struct dump {
    struct arena *arena;
    struct strbuf out;
};

static str text_of(struct arena *arena, value v)
{
    return value_masked(arena, value_repr(arena, v));
}

static void add_value(struct dump *dump, const char *name, value v)
{
    if (value_is_defined(v)) {
        strbuf_addf(&dump->out, " %s=%.*s", name, SARG(text_of(dump->arena, v)));
    }
}

/* Of the keywords that are joined, those of all levels, the outermost first. */
static void add_conditions(struct dump *dump, const struct node *node)
{
    if (node) {
        add_conditions(dump, node->parent);
        add_value(dump, "when", node_own(node, KW_WHEN));
    }
}

static void add_keywords(struct dump *dump, const struct node *node)
{
    static const enum keyword shown[] = { KW_VARS, KW_DELEGATE_TO, KW_LISTEN };
    struct list_builder tags = list_in(dump->arena);
    node_tags(node, dump->arena, &tags);
    value list = list_seal(&tags);
    if (value_count(list) > 0) {
        add_value(dump, "tags", list);
    }
    add_conditions(dump, node);
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        add_value(dump, keyword_row(shown[i])->name.ptr, node_own(node, shown[i]));
    }
}

static void add_list(struct dump *dump, const char *title, struct node_list list, int depth);

static void add_task(struct dump *dump, const struct task *task)
{
    static const char *const kinds[] = { "module", "engine", "unknown" };
    if (task->node.role) {
        strbuf_addf(&dump->out, "%.*s : ", SARG(task->node.role->name));
    }
    strbuf_addf(&dump->out, "%.*s", SARG(str_is_none(task->name) ? S("-") : task->name));
    strbuf_addf(&dump->out, " [%.*s, %s]", SARG(task->action), kinds[task->kind]);
    add_value(dump, "args", task->args);
    add_value(dump, "args_template", task->args_template);
    add_value(dump, "text", task->free_form);
    add_value(dump, "action", task->action_template);
    add_value(dump, "loop", task->loop);
    if (!str_is_none(task->loop_lookup)) {
        strbuf_addf(&dump->out, " with=%.*s", SARG(task->loop_lookup));
    }
}

static void add_node(struct dump *dump, const struct node *node, int depth)
{
    strbuf_add_repeat(&dump->out, ' ', (size_t)depth);
    if (node->kind == NODE_TASK) {
        add_task(dump, (const struct task *)node);
        add_keywords(dump, node);
        strbuf_add_char(&dump->out, '\n');
        return;
    }
    const struct block *block = (const struct block *)node;
    strbuf_addf(&dump->out, "block%s%.*s\n", block->runs ? " of " : "",
                SARG(block->runs ? block->runs->name : STR_EMPTY));
    add_list(dump, "", block->body, depth + 2);
    add_list(dump, "rescue:", block->rescue, depth + 2);
    add_list(dump, "always:", block->always, depth + 2);
}

static void add_list(struct dump *dump, const char *title, struct node_list list, int depth)
{
    if (list.count > 0 && *title) {
        strbuf_add_repeat(&dump->out, ' ', (size_t)depth);
        strbuf_addf(&dump->out, "%s\n", title);
    }
    for (size_t i = 0; i < list.count; i++) {
        add_node(dump, list.nodes[i], depth + (*title ? 2 : 0));
    }
}

static void add_role(struct dump *dump, const struct role *role, const char *how)
{
    strbuf_addf(&dump->out, "  %s %.*s", how, SARG(role->name));
    add_keywords(dump, &role->node);
    add_value(dump, "params", role->params);
    add_value(dump, "vars", role->vars);
    add_value(dump, "defaults", role->defaults);
    strbuf_addf(&dump->out, "%s%s\n", role->allow_duplicates ? " again" : "",
                role->parent ? " for another" : "");
}

static void add_play(struct dump *dump, const struct play *play)
{
    strbuf_add(&dump->out, S("play"));
    add_value(dump, "hosts", node_own(&play->node, KW_HOSTS));
    add_keywords(dump, &play->node);
    add_value(dump, "import_vars",
              play->node.parent ? node_own(play->node.parent, KW_VARS)
                                : (value){ .kind = VALUE_UNDEFINED });
    strbuf_add_char(&dump->out, '\n');
    add_list(dump, "pre_tasks:", play->pre_tasks, 2);
    for (size_t i = 0; i < play->role_count; i++) {
        add_role(dump, play->roles[i], "role");
        add_list(dump, "tasks:", play->roles[i]->tasks, 4);
        add_list(dump, "handlers:", play->roles[i]->handlers, 4);
    }
    add_list(dump, "tasks:", play->tasks, 2);
    add_list(dump, "post_tasks:", play->post_tasks, 2);
    add_list(dump, "handlers:", play->handlers, 2);
    for (size_t i = 0; i < play->imported.count; i++) {
        add_role(dump, play->imported.roles[i], "imported");
    }
}

/* ---- cases ---- */

struct project {
    struct arena *arena;
    struct source_map *sources;
    struct diags *diags;
    struct template_env *env;
    struct loader loader;
};

static void project_open(struct project *project)
{
    static const str collections = S_INIT("collections");
    static const str library = S_INIT("library");
    struct arena *arena = arena_new("test");
    struct source_map *sources = source_map_new();
    *project =
        (struct project){ .arena = arena, .sources = sources, .diags = diags_new(arena, sources) };
    project->env = template_env_new(DIALECT_CLASSIC, sources, NULL, (struct template_hooks){ 0 });
    project->loader = (struct loader){ .arena = arena,
                                       .diags = project->diags,
                                       .collections_paths = &collections,
                                       .collections_path_count = 1,
                                       .library_paths = &library,
                                       .library_path_count = 1,
                                       .env = project->env };
    if (access("extra.yml", R_OK) == 0) {
        cr_assert(vars_file_load(&project->loader, S("extra.yml"), &project->loader.extra_vars));
    }
}

static void project_close(struct project *project)
{
    template_env_free(project->env);
    arena_free(project->arena);
    source_map_free(project->sources);
}

/* Paths of the project, wherever it lies, are told from its directory. */
static str without_directory(struct arena *arena, str text)
{
    char path[4096];
    cr_assert_not_null(getcwd(path, sizeof path));
    str dir = str_concat(arena, str_of(path), S("/"));
    return str_replace(arena, text, dir, STR_EMPTY);
}

/* What loading play.yml of the working directory gives, in words. */
static str load_report(struct project *project)
{
    static const char *const ends[] = { "loaded", "refused: not a playbook", "refused" };
    struct dump dump = { .arena = project->arena, .out = strbuf_in(project->arena) };
    struct playbook *playbook;
    bool ok = playbook_load(&project->loader, S("play.yml"), &playbook);
    for (size_t i = 0; i < project->diags->all.len; i++) {
        str drawn = diag_render(project->arena, project->sources, project->diags->all.items[i],
                                (struct diag_style){ 0 });
        strbuf_add(&dump.out, str_trim_right(drawn));
        strbuf_add_char(&dump.out, '\n');
    }
    for (size_t i = 0; ok && i < playbook->count; i++) {
        add_play(&dump, playbook->plays[i]);
    }
    cr_expect(ok == (project->loader.failure == LOAD_OK));
    strbuf_addf(&dump.out, "%s\n", ends[project->loader.failure]);
    return without_directory(project->arena, strbuf_str(&dump.out));
}

static str read_text(struct arena *arena, const char *path)
{
    struct strbuf text = strbuf_in(arena);
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;
    while (fd >= 0 && (got = read(fd, strbuf_room(&text, 4096), 4096)) > 0) {
        strbuf_grew(&text, (size_t)got);
    }
    return strbuf_str(&text);
}

static void write_text(const char *path, str text)
{
    CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    cr_assert(fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len);
}

static void run_case(const char *name)
{
    struct project project;
    cr_assert(chdir(name) == 0);
    project_open(&project);
    str got = load_report(&project);
    str expected = read_text(project.arena, "expected");
    if (getenv("UPDATE")) {
        write_text("expected", got);
    } else {
        cr_expect(str_eq(got, expected), "%s:\n%.*s--- expected ---\n%.*s", name, SARG(got),
                  SARG(expected));
    }
    project_close(&project);
    cr_assert(chdir("..") == 0);
}

Test(load, golden)
{
    const char *root = getenv("GOLDEN");
    cr_assert(root && chdir(root) == 0, "GOLDEN names tests/golden/load");
    struct dirent **entries;
    int count = scandir(".", &entries, NULL, alphasort);
    cr_assert(count > 2);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            run_case(entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
}

/* ---- while plays run ---- */

/* A project of tests/golden/load, loaded. */
static struct playbook *project_enter(struct project *project, const char *name)
{
    struct playbook *playbook = NULL;
    const char *root = getenv("GOLDEN");
    cr_assert(root && chdir(root) == 0 && chdir(name) == 0);
    project_open(project);
    cr_assert(playbook_load(&project->loader, S("play.yml"), &playbook));
    return playbook;
}

static const struct node *last_task(const struct play *play, size_t from_end)
{
    return play->tasks.nodes[play->tasks.count - from_end];
}

Test(load, tasks_of_an_include)
{
    struct project project;
    struct node_list list;
    const struct playbook *playbook = project_enter(&project, "tree");
    const struct node *include = last_task(playbook->plays[0], 2);
    cr_assert(tasks_load(&project.loader, S("inc/main.yml"), include, NULL, false, &list));
    cr_expect_eq(list.count, 3);
    const struct node *deep = list.nodes[1];
    cr_expect(str_ends(deep->file, S("/inc/sub/deep.yml")));
    cr_expect_eq(deep->parent->parent, include, "below an import");
    cr_expect_eq(node_play(deep), playbook->plays[0]);

    unsigned before = project.diags->errors;
    cr_expect_not(tasks_load(&project.loader, S("nosuch.yml"), include, NULL, false, &list));
    cr_expect_eq(project.diags->errors, before + 1);
    cr_expect_eq(list.count, 3, "untouched on failure");
    project_close(&project);
}

Test(load, role_of_an_include)
{
    struct project project;
    const struct role *role;
    const struct playbook *playbook = project_enter(&project, "tree");
    const struct node *include = last_task(playbook->plays[0], 1);
    cr_assert(role_load(&project.loader, S("r"), SPAN_NONE, include, playbook->dir, S("other"),
                        STR_NONE, STR_NONE, STR_NONE, (value){ .kind = VALUE_UNDEFINED }, &role));
    struct role_list sequence = role_sequence(role, project.arena);
    cr_expect_eq(sequence.count, 2);
    cr_expect(str_eq(sequence.roles[0]->name, S("dep")), "what it depends on comes first");
    cr_expect_eq(sequence.roles[1], role);
    cr_expect_eq(role->tasks.count, 1);
    cr_expect_eq(role->node.parent, include);
    cr_expect(role->is_included);
    cr_expect_eq(value_count(role->vars), 2);
    project_close(&project);
}

Test(load, roles_with_equal_parameters_are_alike)
{
    struct project project;
    const struct playbook *playbook = project_enter(&project, "roles-alike");
    const struct play *play = playbook->plays[0];
    static const bool alike[] = { true, true, false, false, false };
    cr_assert_eq(play->role_count, ARRAY_LEN(alike));
    for (size_t i = 0; i < play->role_count; i++) {
        cr_expect_eq(str_eq(play->roles[i]->identity, play->roles[0]->identity), alike[i],
                     "use %zu", i);
    }
    project_close(&project);
}

/* A file that a task has written anew is read anew. */
Test(load, vars_files_that_change)
{
    struct project project;
    char dir[] = "/tmp/test_load.XXXXXX";
    value vars;
    cr_assert(mkdtemp(dir) && chdir(dir) == 0);
    project_open(&project);
    static const struct {
        str text;
        bool ok;
        int64_t a;
    } rows[] = {
        { S_INIT("a: 1\n"), true, 1 },     { S_INIT("{\"a\": 23}\n"), true, 23 },
        { S_INIT("a: 456\n"), true, 456 }, { S_INIT("- a\n"), false, 0 },
        { S_INIT("a: [\n"), false, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        write_text("vars.yml", rows[i].text);
        cr_expect_eq(vars_file_load(&project.loader, S("vars.yml"), &vars), rows[i].ok, "row %zu",
                     i);
        if (rows[i].ok) {
            cr_expect_eq(value_as_int(value_get(vars, S("a"))), rows[i].a, "row %zu", i);
        }
    }
    write_text("vars.yml", S("# nothing\n"));
    cr_expect(vars_file_load(&project.loader, S("vars.yml"), &vars) && value_count(vars) == 0);
    cr_expect_not(vars_file_load(&project.loader, S("nosuch.yml"), &vars));
    project_close(&project);
    cr_expect(unlink("vars.yml") == 0 && rmdir(dir) == 0);
}

/* ---- the table of keywords ---- */

Test(load, keywords)
{
    size_t count;
    const struct keyword_row *rows = keyword_all(&count);
    cr_assert_eq(count, KW_COUNT);
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(rows[i].keyword, i, "%s", rows[i].name.ptr);
        cr_expect(rows[i].doc && rows[i].where);
        cr_expect_eq(keyword_find(rows[i].name), &rows[i]);
        cr_expect_eq(keyword_row((enum keyword)i), &rows[i]);
    }
    cr_expect_null(keyword_find(S("whne")));
}
