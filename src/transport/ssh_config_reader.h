/*
 * ssh_config_reader.h - what the files that read ssh(1)'s arguments and configuration share;
 * nothing else includes it.
 */
#pragma once
#include "base/tree.h"
#include "base/words.h"
#include "transport/ssh_config.h"

#define NOT_SAID -1 /* of a number that may be 0 */

/* ---- ssh_config_lines.c: the form of a file ---- */

enum ssh_part_kind { SSH_PART_FIRST, SSH_PART_HOST, SSH_PART_MATCH };

/* `Host` or `Match`, and the lines up to the next one; the first part is what stands before, and
 * holds for every host. */
struct ssh_part {
    enum ssh_part_kind kind;
    unsigned number;    /* of the heading's line; 0: the first part has none */
    str heading;        /* the line */
    struct words words; /* behind its keyword */
    bool heading_open;  /* it has a quote that is not closed: no words */
    str lines;          /* as they stand there */
    bool open_quote;    /* in one of the lines */
    bool unknown;       /* one of the lines has no keyword that we know */
    bool includes;      /* one of the lines names a file, where `Match final` may stand */
};

struct ssh_parts {
    struct ssh_part *items;
    size_t len, cap;
};

/* Texts of the parts are those of `text`, or lie in `arena`. */
void ssh_parts_cut(struct arena *arena, str text, struct ssh_parts *ret);

/* ---- ssh_config_store.c ---- */

struct ssh_file {
    struct arena *arena; /* of all of it */
    const char *path;
    struct stat status; /* when it was read */
    struct ssh_parts parts;
    int problem; /* errno, of a pipe: what it told is gone, so nobody tries again; 0: none */
    unsigned holders;
    struct ssh_file *next;
};

/* The file as it is now, until it is let go. For any thread. NULL: errno tells why; ETIMEDOUT and
 * EINTR are those of wire_read_pipe(). Costs a look at its status, and reading it where it is new
 * or has changed. */
struct ssh_file *ssh_file_hold(struct ssh_files *files, str path, int wake, deadline until);

struct ssh_held {
    struct ssh_file **items;
    size_t len, cap;
};
void ssh_files_let_go(struct ssh_files *files, struct ssh_held held);

/* ---- one reading ---- */

/* The keywords that tell how a short name is made a whole one: ssh_config_canonical.c. */
struct ssh_canonical {
    enum { CANONICAL_UNSET, CANONICAL_NO, CANONICAL_YES, CANONICAL_ALWAYS } wanted;
    struct ssh_list domains; /* "none" ends it */
    unsigned max_dots;
    bool dots_said; /* else it is 1 */
    enum ssh_flag fallback_local;
    struct ssh_list cnames; /* "names:aliases", patterns of each */
    str where;              /* CanonicalizeHostname stands there */
};

/* One reading of everything there is. */
struct ssh_reader {
    struct arena *arena; /* for the time of the reading */
    struct arena *error_arena;
    const struct connection_options *options;
    struct ssh_settings *settings;
    struct wire_error *error;
    deadline until;
    struct ssh_hop asked;     /* what options->host comes to */
    str only_file;            /* -F */
    str jump;                 /* ProxyJump; "none" */
    str host_name;            /* HostName as written; STR_NONE: not said */
    struct ssh_list send_env; /* patterns of names */
    struct ssh_canonical canonical;
    /* Said, where that cannot be told from the value: "any", 0 and "default" can be said, too. */
    bool family_said, timeout_said, rekey_bytes_said, rekey_time_said;
    bool from_args;         /* the words come from the command line */
    bool from_first;        /* and from what counts more than the options */
    bool from_system;       /* from /etc/ssh/ssh_config, or what it includes */
    enum ssh_flag forward;  /* ForwardAgent; which agent stands in the settings */
    bool matching;          /* the command of `Match exec` is looked at */
    bool never;             /* nothing holds: included by a part that does not */
    bool final, final_seen; /* `Match final`: the second pass over the files */
    str where;              /* "~/.ssh/config", or "ssh arguments" */
    enum wire_about about;  /* the option that is read */
    size_t about_args;      /* which of them, of ABOUT_ARGS */
    unsigned line;          /* of a file; 0: all of it */
    struct ssh_files *files;
    struct ssh_held held; /* while their texts are used */
};

/* "~/.ssh/config:12": what is being read. */
str ssh_reader_where(struct ssh_reader *reader);

/* Report what is wrong there; always false. */
bool ssh_reader_refuse(struct ssh_reader *reader, str hint, const char *format, ...) PRINTF(3, 4);
/* Tell what is left out there; nothing stops. */
void ssh_reader_tell(struct ssh_reader *reader, str hint, const char *format, ...) PRINTF(3, 4);

/* ---- ssh_config_args.c, ssh_config_files.c: false when reader->error was filled ---- */

bool ssh_args_read(struct ssh_reader *reader);
bool ssh_files_read(struct ssh_reader *reader);
/* "Keyword value value", "Keyword=value", with quotes; '#' starts a comment at the start of a word.
 */
bool ssh_line_split(struct ssh_reader *reader, str line, str *ret_name, struct words *ret_values);

/* ---- ssh_config_canonical.c ---- */

/* Between the passes: settings->host gets the form that counts from then on: an address as it is
 * printed, a name in lower case, and the whole name if that is wanted. False when reader->error was
 * filled. */
bool ssh_canonicalize(struct ssh_reader *reader);

/* ---- ssh_config_keywords.c ---- */

enum ssh_keyword_kind {
    SSH_TEXT,    /* a str */
    SSH_PATH,    /* the same, with tokens in it */
    SSH_FLAG,    /* an enum ssh_flag: yes or no */
    SSH_NUMBER,  /* an unsigned, from 1 */
    SSH_LINES,   /* a struct ssh_list of paths: each line adds one */
    SSH_WORDS,   /* a struct ssh_list of paths: the first line gives all */
    SSH_NAMES,   /* the same, without tokens or "~/" */
    SSH_OWN,     /* read by a function, from one value */
    SSH_OWN_ALL, /* read by a function, from all that the line has */
    SSH_MOOT,    /* whatever its value, there is nothing to do here */
    SSH_LACKING, /* we do not have it; only "no" (or "none", "default") can be had */
    SSH_NEEDED,  /* we do not have it, and without it the connection would be another one */
};

struct ssh_keyword {
    str name;
    enum ssh_keyword_kind kind;
    size_t offset; /* of the field in struct ssh_settings */
    bool (*set)(struct ssh_reader *reader, const str *said, size_t count);
    const char *why; /* why it is moot; what to do where it is lacking */
};

const struct ssh_keyword *ssh_keywords(size_t *ret_count);

bool ssh_keyword_is_known(str name);
/* False, and reported, if the name is neither known nor to be ignored. */
bool ssh_keyword_check(struct ssh_reader *reader, str name);
/* One line's worth: the first value said wins. False when reader->error was filled. */
bool ssh_keyword_set(struct ssh_reader *reader, str name, const str *said, size_t count);

bool ssh_parse_flag(str said, enum ssh_flag *ret);
/* False, and reported, when one of several values is "none". */
bool ssh_none_alone(struct ssh_reader *reader, str name, const str *said, size_t count);
/* An entry that is there already stays where it is. */
bool ssh_list_add(struct ssh_reader *reader, struct ssh_list *list, str item);

/* ---- ssh_config_values.c: the functions of SSH_OWN and SSH_OWN_ALL; `count` is never 0 ---- */

typedef bool ssh_set_function(struct ssh_reader *reader, const str *said, size_t count);
ssh_set_function ssh_set_canonical, ssh_set_canonical_cnames, ssh_set_canonical_domains,
    ssh_set_canonical_dots, ssh_set_canonical_fallback;
ssh_set_function ssh_set_alive_count, ssh_set_alive_interval, ssh_set_env, ssh_set_family,
    ssh_set_forward_agent, ssh_set_host_name, ssh_set_identity, ssh_set_identity_agent,
    ssh_set_jump, ssh_set_port, ssh_set_prompts, ssh_set_proxy, ssh_set_pubkey, ssh_set_rekey,
    ssh_set_send_env, ssh_set_session_type, ssh_set_strict, ssh_set_timeout;

/* ---- ssh_config_match.c ---- */

/* Whether what follows `Host` or `Match` holds. False when reader->error was filled. */
bool ssh_match_host(struct ssh_reader *reader, const struct words *patterns, bool *ret_holds);
bool ssh_match_all(struct ssh_reader *reader, const struct words *words, bool *ret_holds);
/* '*' and '?' as in ssh_config(5), PATTERNS; letter case counts. */
bool ssh_match_pattern(str pattern, str subject);
/* A comma-separated list of them; "!pattern" excludes. */
bool ssh_match_patterns(struct arena *arena, str subject, str patterns, bool any_case);

/* ---- ssh_config_networks.c ---- */

/* "10.0.0.0/8,fd00::/8": whether this machine has an address in one of them. False when
 * reader->error was filled. */
bool ssh_match_networks(struct ssh_reader *reader, str list, bool *ret_holds);

/* ---- ssh_config_tokens.c ---- */

/* Which %-tokens a value may have, beside "%%". */
#define SSH_TOKENS_ALL   "CLdhiklnpru" /* paths, the command of Match */
#define SSH_TOKENS_PROXY "hknpr"       /* ProxyCommand, ProxyJump */
#define SSH_TOKENS_HOST  "h"           /* HostName */

/* Whether each %-token is one of `allowed`, and, in a path, each ${variable} is set and there is
 * the user of "~user/": the variables of a command are its shell's. */
bool ssh_tokens_check(struct ssh_reader *reader, str text, const char *allowed);
bool ssh_tokens_check_path(struct ssh_reader *reader, str path);
str ssh_tokens_expand(struct ssh_reader *reader, str text); /* what is not known stays as written */
str ssh_tokens_path(struct ssh_reader *reader, str path);   /* "~/", "~user/", ${variable}, too */
/* Who we are here, and our home, by the passwd file. */
str ssh_local_user(struct arena *arena, str *ret_home);
