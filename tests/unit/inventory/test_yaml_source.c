/* Inventories in YAML and JSON. */
#include "check.h"

static const struct row texts[] = {
    { S_INIT("all:\n  hosts:\n    h1:\n    h2: {a: 1}\n"),
      S_INIT("all(h1 h2) > ungrouped; ungrouped(h1 h2); h2{'a': 1}") },
    { S_INIT("web:\n  hosts: w1\n  vars: {p: 0644, on: yes}\n"),
      S_INIT("all > ungrouped web; ungrouped; web(w1){'p': 420, True: True}") },
    { S_INIT("web: {hosts: {'w[1:2]:22': {a: 1}}}\n"),
      S_INIT("all > ungrouped web; ungrouped; web(w1 w2); w1{'ansible_port': 22}{'a': 1}; "
             "w2{'ansible_port': 22}{'a': 1}") },
    { S_INIT("top:\n  children:\n    a:\n      hosts: {h: }\n    b:\n"),
      S_INIT("all > ungrouped top; ungrouped; top > a b; a(h); b") },
    { S_INIT("{\"web\": {\"hosts\": {\"w1\": {\"n\": 1}}}}"),
      S_INIT("all > ungrouped web; ungrouped; web(w1); w1{'n': 1}") },
    { S_INIT("web:\n"), S_INIT("all > ungrouped web; ungrouped; web") },
    { S_INIT("g: {hosts: {h: }, vars: {ansible_group_priority: '7'}}\n"),
      S_INIT("all > ungrouped g; ungrouped; g(h)") },
    { S_INIT("web: {hosts: [w1]}\n"),
      S_INIT("1:14 'hosts' of group 'web' must be a map, not a list [write each entry as a key: "
             "'web1:' instead of '- web1']") },
    { S_INIT("web: {hosts: {w1: text}}\n"),
      S_INIT("1:19 variables of host 'w1' must be a map, not a string [write them below it: w1: "
             "{name: value}]") },
    { S_INIT("web: {hosts: {12: }}\n"),
      S_INIT("1:15 host name must be a string, not integer [put it in quotes]") },
    { S_INIT("12: {hosts: {w1: }}\n"),
      S_INIT("1:1 name of a group must be a string that is not empty [put it in quotes]") },
    { S_INIT(""), S_INIT("1:1 inventory is empty") },
    { S_INIT("- a\n"), S_INIT("1:1 inventory must be a map of groups, not a list [begin with "
                              "'all:', below it 'hosts:' and 'children:']") },
    { S_INIT("a: {children: {b: {children: {a: }}}}\n"),
      S_INIT("1:16 group 'b' cannot be a child of 'a', which is below it") },
};

Test(yaml_source, is_read)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        EQ_STR(bench_parse(&bench, yaml_parse, texts[i].text), texts[i].expected, texts[i].text);
    }
}

/* What is odd but harmless is skipped, as Ansible does, with a warning. */
static const struct row odd[] = {
    { S_INIT("web: {host: {w1: }}\n"),
      S_INIT("1:7 unknown key 'host' in group 'web' [did you mean 'hosts'?]") },
    { S_INIT("web: text\nok: {hosts: {h: }}\n"),
      S_INIT("1:1 'web' is skipped: a group is a map, not a string") },
};

Test(yaml_source, odd_entries_are_warnings)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        bench_parse(&bench, yaml_parse, odd[i].text);
        EQ_STR(bench_complaints(&bench), odd[i].expected, odd[i].text);
        cr_assert_eq(bench.diags->errors, 0);
    }
}
