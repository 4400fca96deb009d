/*
 * fact_cache.h - facts that are kept from one run to the next: a directory with a file of JSON for
 * each host, in the form of Ansible's jsonfile cache, so that both may use the same.
 *
 * What is read counts as told by the host: it is never a template. Facts that hold a secret are not
 * written. A file that is too old, or is none of ours, counts as not there.
 */
#pragma once
#include "base/value.h"

struct fact_cache {
    str dir; /* that exists; STR_NONE: facts are kept for one run only */
    bool writable;
    str prefix;     /* of the files' names; may be empty */
    double timeout; /* seconds that facts are good for; 0: for ever */
};

/* A map by the names that modules give; undefined: there is none. *ret_gathered: "Gathering Facts"
 * was among what told them. */
value fact_cache_read(struct arena *arena, const struct fact_cache *cache, str host,
                      bool *ret_gathered);
/* False: errno tells why there is no new file. */
NODISCARD bool fact_cache_write(const struct fact_cache *cache, str host, value facts,
                                bool gathered);
void fact_cache_forget(const struct fact_cache *cache, str host);
