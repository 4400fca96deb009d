/*
 * ssh_config_reader.h - what the files that read ssh(1)'s arguments and configuration share;
 * nothing else includes it.
 */
#pragma once
#include "base/words.h"
#include "transport/ssh_config.h"

#define NOT_SAID -1 /* of a number that may be 0 */

/* One reading of everything there is. */
struct ssh_reader {
    struct arena *arena; /* for the time of the reading */
    struct arena *error_arena;
    const struct connection_options *options;
    struct ssh_settings *settings;
    struct wire_error *error;
    deadline until;
    str only_file;          /* -F */
    str jump;               /* ProxyJump; "none" */
    str host_name;          /* HostName as written; STR_NONE: not said */
    bool from_args;         /* the words come from the command line */
    bool final, final_seen; /* `Match final`: the second pass over the files */
    str where;              /* "~/.ssh/config:12", or "ssh arguments" */
};

/* Report what is wrong at reader->where; always false. */
bool ssh_reader_refuse(struct ssh_reader *reader, str hint, const char *format, ...) PRINTF(3, 4);

/* ---- ssh_config_args.c, ssh_config_files.c: false when reader->error was filled ---- */

bool ssh_args_read(struct ssh_reader *reader);
bool ssh_files_read(struct ssh_reader *reader);
/* "Keyword value value", "Keyword=value", with double quotes; '#' starts a comment only at the
 * start of a line or, as in OpenSSH, of a word. */
bool ssh_line_split(struct ssh_reader *reader, str line, str *ret_name, struct words *ret_values);

/* ---- ssh_config_keywords.c ---- */

/* One line's worth: the first value said wins. False when reader->error was filled. */
bool ssh_keyword_set(struct ssh_reader *reader, str name, const str *values, size_t count);

/* ---- ssh_config_match.c: whether what follows `Host` or `Match` holds ---- */

bool ssh_match_host(struct ssh_reader *reader, const struct words *patterns);
bool ssh_match_all(struct ssh_reader *reader, const struct words *words);

/* ---- ssh_config_tokens.c ---- */

str ssh_tokens_expand(struct ssh_reader *reader, str text); /* an unknown token stays as written */
str ssh_tokens_path(struct ssh_reader *reader, str path);   /* "~/", too */
/* Who we are here, and our home, by the passwd file. */
str ssh_local_user(struct arena *arena, str *ret_home);
