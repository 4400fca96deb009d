/*
 * reply.h - reading what a control shell answers. Private to remote/. Everything here is hostile
 * input: lengths are checked, nothing is evaluated, what does not fit is refused.
 *
 * On the wire (shell.c makes the other half):
 *
 *     TOKEN LENGTH \n  LENGTH bytes  \n      the reply to one script: a row of sections
 *     TOKEN + \n                             ready for the bytes of the next payload
 *
 *     KEY LENGTH \n  LENGTH bytes  \n        one section; KEY has no blank
 */
#pragma once
#include "remote/name_table.h"
#include "remote/observe.h"

#define REPLY_MAX (256u << 20) /* bytes of one reply; more is a broken host */

enum frame {
    FRAME_MORE, /* not whole yet */
    FRAME_REPLY,
    FRAME_READY,
    FRAME_BROKEN,
};
/* The frame `bytes` begin with. ret_payload: the sections of a reply; ret_used: bytes it takes. */
enum frame frame_read(str bytes, str token, str *ret_payload, size_t *ret_used);

struct section {
    str key, bytes;
};
struct reply {
    str token;
    VEC(struct section) sections;
    struct name_table keys; /* of the sections; of two with one key the first counts */
};
bool reply_parse(struct arena *arena, str token, str payload, struct reply *ret);
/* The bytes of a section, or STR_NONE. */
str reply_get(const struct reply *reply, str key);

/* A file's bytes: '.' and the bytes, '=' and base64, 'x' and hexadecimal bytes, or 'u' and uuencode
 * -m. */
bool reply_bytes(struct arena *arena, str encoded, str *ret);

/*
 * What stat printed for `paths`, in their order: records of
 *     TOKEN size:mode:uid:gid:mtime:atime:ctime:inode:device:links:user:group:name[ -> target];
 * The status of a path without a record stays as it is and its *ret_found is false. False: no such
 * text.
 */
bool reply_stats(struct arena *arena, str bytes, str token, const str *paths, size_t count,
                 struct file_stat *ret_stats, bool *ret_found);

/* What a checksum program printed for `paths`, in their order. A missing one stays STR_NONE. */
void reply_digests(struct arena *arena, str bytes, const str *paths, size_t count, str *ret_hex);

/* A line of the passwd (or group) database for a name or a number. */
void reply_user(struct arena *arena, str lines, str name_or_id, struct user_entry *ret);
void reply_group(struct arena *arena, str lines, str name_or_id, struct user_entry *ret);

/* "./path" records of stat as above, and of a checksum program (STR_NONE: not asked). False: more
 * than OBSERVE_TREE_MAX entries, or no such text. */
bool reply_tree(struct arena *arena, str stats, str digests, str token, struct file_tree *ret);

/* "LENGTH:path" of each. */
bool reply_paths(struct arena *arena, str bytes, struct path_list *ret);

/* $? as a shell told it; ksh93 has 256 and its number for a signal, others 128 and it. */
int shell_status(uint64_t told);

/* The next answer of programs run one after the other: what it wrote to its stderr, then
 * "TOKEN STATUS LENGTH\n", its output and ';'. */
bool reply_run(struct arena *arena, str *rest, str token, struct run_answer *ret);

/* A decimal number of 64 bits, up to this character, which is cut off with it. */
bool reply_number(str *rest, char end, uint64_t *ret);
