/*
 * inventory_show.h - the parts of `hostler inventory`: what is shown of an inventory, and how.
 *
 * Source: the output of ansible-inventory, ansible-core 2.14 to 2.18; --explain and --diff are
 * ours.
 */
#pragma once
#include "base/strbuf.h"
#include "cli/command.h"
#include "inventory/inventory.h"

struct inventory_args {
    struct common_args common;
    bool list, graph, yaml, toml, json, export, show_vars;
    str host, explain, diff, playbook_dir, output;
};

/* What is shown, and of which inventory. */
struct show {
    struct setup *setup;
    struct arena *arena;
    struct diags *diags;
    const struct inventory_args *args;
    struct template_env *env;
    struct inventory *inventory;
    struct host_list hosts; /* those that count: all, or --limit */
    value shown;            /* their names, as keys of a map */
    struct texts rest;      /* arguments that are no options */
    struct strbuf text;     /* what will be printed */
    value results;          /* of --explain: what variables with templates come to, by name */
};

/* ---- inventory_vars.c ---- */

/* Variables as they are shown: without names that Ansible computes. Of a host flattened, with extra
 * variables, or with --export only its own. False after a diagnostic. */
bool show_host_vars(const struct show *show, const struct host *host, value *ret);
bool show_group_vars(const struct show *show, const struct group *group, value *ret);
bool show_has_host(const struct show *show, const struct host *host); /* not left out by --limit */
bool show_is_all(const struct group *group);
value show_text(const struct show *show, str s); /* as a value that needs no mark */

/* Append a value to the text, as JSON, YAML, or whichever was asked for. */
bool show_json(struct show *show, value v);
bool show_yaml(struct show *show, value v);
bool show_value(struct show *show, value v);

/* ---- inventory_list.c, inventory_graph.c, inventory_explain.c, inventory_diff.c ---- */

/* Each appends its answer to the text. */
enum run_status show_list(struct show *show);
enum run_status show_graph(struct show *show);
enum run_status show_host(struct show *show);
enum run_status show_explain(struct show *show);
enum run_status show_diff(struct show *show);
