/*
 * param.h - parameters as rows of a table: from the same rows come parsing, type errors,
 * suggestions, `hostler doc`, the man pages and completion. A module sees its own struct, filled;
 * never a raw map.
 */
#pragma once
#include "base/diag.h"
#include "base/value.h"
#include "remote/change.h"

enum param_type {
    PARAM_END_TYPE,
    PARAM_STR,    /* str; numbers and booleans are printed as Ansible does */
    PARAM_BOOL,   /* bool; with .maybe: enum maybe (MAYBE_UNSET when not given) */
    PARAM_INT,    /* int64_t; .has_offset: where a bool is that tells whether it was given */
    PARAM_FLOAT,  /* double */
    PARAM_LIST,   /* struct str_list; a string is split at commas, as Ansible does */
    PARAM_DICT,   /* value: a map; a string k=v or JSON is read as one */
    PARAM_RAW,    /* value, as it is; undefined when not given */
    PARAM_PATH,   /* str: a path on the host; ~user and $VAR are expanded as the task's user; what
                     is then relative is so to the user's home or, by `connection: local`, to the
                     playbook's directory, unless .relative. An empty one is STR_NONE, or
                     refused where one is required, unless .maybe */
    PARAM_MODE,   /* struct mode_spec: octal or symbolic; unquoted octal integers as YAML reads them
                   */
    PARAM_CHOICE, /* int: index into .choices */
    PARAM_SOURCE, /* struct source_file: searched on the controller (files/), a handle, not bytes */
    PARAM_SOURCE_LINE, /* struct source_line: a command line whose first word is such a file */
    PARAM_TEMPLATE,    /* struct template_text: searched (templates/) and rendered by the engine */
    PARAM_TEXT, /* value: a text, its secret and unknown bytes marked; undefined when not given. A
                   list or map is printed as JSON, other scalars as for PARAM_STR (copy: content) */
};

enum maybe { MAYBE_UNSET, MAYBE_NO, MAYBE_YES };

struct str_list {
    const str *items;
    size_t count;
    bool given;
};

struct mode_spec {
    enum { MODE_NONE, MODE_OCTAL, MODE_SYMBOLIC, MODE_PRESERVE } form;
    unsigned octal;
    str symbolic; /* "u=rwX,g-w", checked */
};
/* The permission bits a spec gives to something that has `current` (for something new: what it
 * would be created with). umask counts for symbolic forms without a "who", as chmod(1). */
unsigned mode_apply(const struct mode_spec *spec, unsigned current, bool is_directory,
                    unsigned umask);

struct source_file {
    bool given;
    bool remote; /* a path on the host (see remote_if): name and path only */
    bool as_is;  /* an encrypted file is not decrypted (see decrypt_if) */
    str name;    /* as written, with its trailing slash */
    str path;    /* found on the controller */
    bool is_directory;
    unsigned mode;          /* its own permission bits, for mode: preserve */
    struct content content; /* of a file */
    /* Of a directory: everything below, sorted, a directory before what is in it. What a link leads
     * to is told with it (leads_to, mode, content) and, if that is a directory, what is below it
     * follows as if it were one; who keeps links leaves that out. */
    const struct source_entry {
        str path; /* relative */
        enum file_type type;
        enum file_type leads_to; /* of a link: FILE_ABSENT, FILE_REGULAR or FILE_DIRECTORY */
        unsigned mode;
        str target; /* of a link, as it is; else STR_NONE */
        struct content content;
    } * entries;
    size_t count;
};

struct source_line {
    struct source_file file;
    str rest; /* what follows, as it was written: for a shell */
};

struct template_text {
    bool given;
    str name, path;
    unsigned mode;          /* permission bits of the template's file, for mode: preserve */
    value text;             /* rendered: a string, or an unknown text in a dry run */
    struct content content; /* the same, to be put on the host */
};

struct param {
    str name;
    enum param_type type;
    size_t offset; /* in the module's struct */
    bool required;
    const char *fallback;       /* default, as it would be written; NULL: zero, STR_NONE, unset */
    const char *const *choices; /* PARAM_CHOICE, NULL-terminated */
    const char *const *aliases; /* NULL-terminated */
    bool maybe;                 /* PARAM_BOOL into enum maybe; PARAM_PATH: may be empty */
    size_t has_offset;          /* PARAM_INT, PARAM_CHOICE: offset + 1 of a bool; 0: none */
    bool secret;                /* its value is never shown (no_log) */
    bool relative;              /* PARAM_PATH: the module makes it absolute itself */
    const char *remote_if;  /* PARAM_SOURCE: the name of a boolean parameter that, when true, makes
                               it a path on the host (copy: remote_src) */
    const char *decrypt_if; /* PARAM_SOURCE: the name of a boolean parameter that, when false,
                               keeps an encrypted file as it is */
    bool ignored;        /* accepted for compatibility, and without effect by its nature (say why in
                            doc: "mime detection needs file(1)") */
    const char *refused; /* why a value for it is refused; NULL: it is not */
    const char *since;   /* hostler's version; NULL: the first */
    const char *doc;     /* one or more sentences */
};

#define PARAM(struct_, field, ...)                                                                 \
    {                                                                                              \
        .name = S_INIT(#field), .offset = offsetof(struct_, field), __VA_ARGS__                    \
    }
#define PARAM_NAMED(struct_, field, name_, ...)                                                    \
    {                                                                                              \
        .name = S_INIT(name_), .offset = offsetof(struct_, field), __VA_ARGS__                     \
    }
#define PARAM_IGNORED(name_, doc_)                                                                 \
    {                                                                                              \
        .name = S_INIT(name_), .type = PARAM_RAW, .ignored = true, .doc = doc_                     \
    }
#define GIVEN(struct_, field) .has_offset = offsetof(struct_, field) + 1
#define PARAM_END                                                                                  \
    {                                                                                              \
        .type = PARAM_END_TYPE                                                                     \
    }
#define CHOICES(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define ALIASES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* mode, owner, group and their relatives, which every module that makes files has. The parts of an
 * SELinux context mean something only where SELinux runs: see file_context in put.h. */
struct file_params {
    struct mode_spec mode;
    str owner, group;
    str seuser, serole, setype, selevel;
    bool unsafe_writes;
};
#define FILE_PARAMS(struct_, field)                                                                \
    { .name = S_INIT("mode"),                                                                      \
      .type = PARAM_MODE,                                                                          \
      .offset = offsetof(struct_, field.mode),                                                     \
      .doc = "Permission bits: octal (quote it: \"0644\") or symbolic (u=rw,g=r)." },              \
        { .name = S_INIT("owner"),                                                                 \
          .type = PARAM_STR,                                                                       \
          .offset = offsetof(struct_, field.owner),                                                \
          .doc = "User to own it: a name or a number." },                                          \
        { .name = S_INIT("group"),                                                                 \
          .type = PARAM_STR,                                                                       \
          .offset = offsetof(struct_, field.group),                                                \
          .doc = "Group to own it: a name or a number." },                                         \
        { .name = S_INIT("seuser"),                                                                \
          .type = PARAM_STR,                                                                       \
          .offset = offsetof(struct_, field.seuser),                                               \
          .doc = "SELinux user; without effect where SELinux does not run." },                     \
        { .name = S_INIT("serole"),                                                                \
          .type = PARAM_STR,                                                                       \
          .offset = offsetof(struct_, field.serole),                                               \
          .doc = "SELinux role; without effect where SELinux does not run." },                     \
        { .name = S_INIT("setype"),                                                                \
          .type = PARAM_STR,                                                                       \
          .offset = offsetof(struct_, field.setype),                                               \
          .doc = "SELinux type; without effect where SELinux does not run." },                     \
        { .name = S_INIT("selevel"),                                                               \
          .type = PARAM_STR,                                                                       \
          .offset = offsetof(struct_, field.selevel),                                              \
          .doc = "SELinux level; without effect where SELinux does not run." },                    \
        { .name = S_INIT("unsafe_writes"),                                                         \
          .type = PARAM_BOOL,                                                                      \
          .offset = offsetof(struct_, field.unsafe_writes),                                        \
          .doc = "Write in place where a file cannot be replaced (bind mounts)." },                \
    {                                                                                              \
        .name = S_INIT("attributes"), .aliases = ALIASES("attr"), .type = PARAM_RAW,               \
        .ignored = true, .refused = "file system attributes (chattr) are not supported yet",       \
        .doc = "File system attributes, as chattr(1) takes them."                                  \
    }

/* What some types need from the engine; see engine/. */
struct param_hooks {
    void *data;
    bool (*find_source)(void *data, struct diags *diags, struct arena *arena, value name,
                        struct source_file *ret);
    bool (*render_template)(void *data, struct diags *diags, struct arena *arena, value name,
                            value args, struct template_text *ret); /* args: all parameters */
    /* ~ and $VAR on the host, which it asks; false after a diagnostic */
    bool (*expand_path)(void *data, struct diags *diags, struct arena *arena, value path, str *ret);
    str relative_to; /* where relative paths begin; STR_NONE: at the home of the task's user */
};

/*
 * Fill `ret` (params_size bytes, zeroed) from a map of evaluated arguments. Reports every mistake
 * it finds (unknown name with the nearest known one, missing, wrong type, not a choice), each with
 * the span of the value or key. Unknown values (a dry run) make *ret_unknown true and are left
 * unset.
 */
bool params_parse(const struct param *params, str module, value args, span at,
                  const struct param_hooks *hooks, struct arena *arena, struct diags *diags,
                  void *ret, bool *ret_unknown);
/* Only names: for checks before a run, where values are still templates. */
bool params_check_names(const struct param *params, str module, value args, struct diags *diags);

/* "k=v k2='v 2' rest" into a map, and what is no pair, as it stands there, into *ret_free
 * (untouched when there is none). free_form: a command; only creates=, chdir= and their like are
 * pairs. Source: Ansible's rules for arguments in one line: quotes around a value are removed,
 * escapes within it are read as Python's, {{ }} is kept whole. False after a diagnostic. */
bool params_split(struct arena *arena, struct diags *diags, value text, bool free_form,
                  value *ret_map, value *ret_free);
