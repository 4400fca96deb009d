/*
 * content.c - which bytes two contents have, told by size and SHA-1.
 */
#include "remote/content.h"

#include "remote/digests.h"

str content_digest(const struct content *content)
{
    return str_is_none(content->digest) && content->digests != NULL
               ? digests_of(content->digests, content->path)
               : content->digest;
}

bool content_differs(const struct content *content, uint64_t size, str digest)
{
    /* In a dry run a digest may be empty: of bytes that hang on what was not done. */
    return digest.len == 0 || size != content->size || !str_eq(digest, content_digest(content));
}
