/*
 * sources.h - what reads inventory sources; shared by the files of inventory/ and nobody else.
 *
 * Each reader puts what it finds into the inventory as it goes: of a source that ends in a mistake,
 * what came before the mistake stays, as in Ansible.
 */
#pragma once
#include "inventory/address.h"
#include "inventory/data.h"

/* One source being read. */
struct parse {
    struct inventory *inventory;
    struct diags *diags;
    const struct source *source; /* NULL for a list */
    str file;                    /* absolute path, for inventory_file; a list: its text */
    bool ran;                    /* it was a script: no other reader is asked */
};

enum reader { READ_LIST = 1, READ_SCRIPT = 2, READ_YAML = 4, READ_PLUGIN = 8, READ_INI = 16 };

/* Each is false after a diagnostic. */
bool ini_parse(struct parse *parse);
bool yaml_parse(struct parse *parse);
bool list_parse(struct parse *parse, str list, span at);
bool script_parse(struct parse *parse, str path);
bool script_output_parse(struct parse *parse); /* what one printed; it cannot be asked for more */

/*
 * The names of hosts that are as they were at a revision: in the same groups, with the same
 * variables. Found once, with the hosts there are then: who is added later is none of them. False
 * after a diagnostic.
 */
bool changed_since(struct inventory *inventory, struct diags *diags, str rev,
                   const struct names **ret_unchanged);

/* Read all sources of the options and settle. */
bool sources_read(struct inventory *inventory, struct diags *diags);

/* The names that a host pattern of a source means ("web[1:3]:22"), with its port or PORT_NONE. */
bool parse_hosts(struct parse *parse, str pattern, span at, struct str_list *ret,
                 int64_t *ret_port);
/* Add these hosts to a group, with a map of variables. */
bool parse_add_hosts(struct parse *parse, const struct str_list *names, span at, int64_t port,
                     struct group *group, value vars);

/*
 * Read a file and make it a source; one that begins with "$ANSIBLE_VAULT" is decrypted by the hook
 * of the options. False after a diagnostic.
 */
bool file_read(struct inventory *inventory, struct diags *diags, str path,
               const struct source **ret);
/* The same, but for a directory it is true, and *ret NULL. */
bool file_read_unless_directory(struct inventory *inventory, struct diags *diags, str path,
                                const struct source **ret);
/* Values that Ansible writes into JSON as {"__ansible_vault": TEXT} and {"__ansible_unsafe": TEXT},
 * as what they are. */
value json_unwrap(struct arena *arena, value v);
/* A path as to be shown: relative when it is below the working directory. */
str file_shown(struct arena *arena, str path);
