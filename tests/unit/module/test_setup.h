/*
 * test_setup.h - a host made of texts, for the tests of facts: files as "path" and text, and what
 * stat prints of paths.
 */
#pragma once
#include "../../../modules/setup_facts.h"
#include "base/strbuf.h"
#include "check.h"

struct file {
    const char *path, *text;
};

#define FILES_MAX 8

/* What grep prints of them. */
static inline str grep_of(struct bench *b, const struct file *files)
{
    struct strbuf out = strbuf_in(b->arena);
    for (size_t f = 0; f < FILES_MAX && files[f].path != NULL; f++) {
        str text = str_of(files[f].text);
        while (text.len > 0) {
            str line = str_cut_line(&text);
            strbuf_addf(&out, "%s:%.*s\n", files[f].path, SARG(line));
        }
    }
    return strbuf_str(&out);
}

/* paths: lines of stat, or NULL. kernel: what uname prints. */
static inline struct host host_of(struct bench *b, const struct file *files, const char *paths,
                                  const char *kernel)
{
    struct host host = { .arena = b->arena };
    host.run.kernel.out = str_of(kernel);
    host.run.texts.out = grep_of(b, files);
    host.run.paths.out = paths == NULL ? STR_EMPTY : str_of(paths);
    host_read(&host);
    return host;
}

#define KERNEL "Linux web1 6.1.0-18-amd64 x86_64"

/* One key of what a function adds, as JSON; all of it without a key; "" when it is not there. */
static inline str fact_of(struct bench *b, const struct host *host,
                          void (*add)(const struct host *, struct map_builder *), const char *key)
{
    struct map_builder facts = map_in(b->arena);
    add(host, &facts);
    value all = map_seal(&facts), one;
    if (key == NULL) {
        return to_json(b, all);
    }
    return value_map_get(all, str_of(key), &one) ? to_json(b, one) : STR_EMPTY;
}
