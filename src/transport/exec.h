/*
 * exec.h - connections that are a program of this machine which runs a shell somewhere else: docker
 * exec, kubectl exec, chroot ... They are one kind of connection, CONNECTION_EXEC, and a row for
 * each program (exec.c): the words of its command line, the variables that fill them.
 *
 * Whoever knows the variables finds a text for each word of a row, exec_program_make() makes a
 * command line of them; the connection then starts that program once for each channel, with the
 * channel's command as the last word: PROGRAM ... /bin/sh -c COMMAND.
 *
 * Source: the documentation of Ansible's connection plugins of these names, and of the programs.
 */
#pragma once
#include "base/arena.h"
#include "base/str.h"

enum exec_value {
    EXEC_END,     /* behind the last word of a row, which is the shell */
    EXEC_LITERAL, /* `flag` itself, always */
    EXEC_TEXT,    /* the value as one word, behind `flag` if there is one: "-n", "web" */
    EXEC_JOINED,  /* `flag` and the value in one word: "--target=1" */
    EXEC_WORDS,   /* the value split by shell rules */
    EXEC_PAIRS,   /* a map, given as words "NAME=VALUE": each behind `flag` */
    EXEC_ON,      /* `flag` alone, if the value is true */
    EXEC_OFF,     /* `flag` alone, if the value is false */
    EXEC_PLACE,   /* "local": goes in front of the next word, "local:web1" */
    EXEC_HOST,    /* which container, pod, directory; the host's name if no variable is set */
    EXEC_USER,    /* as EXEC_TEXT: whom to log in as, the remote user if no variable is set */
};

#define EXEC_NAMES_MAX 3
struct exec_word {
    enum exec_value value;
    const char *flag;                      /* NULL: the value alone */
    const char *variables[EXEC_NAMES_MAX]; /* that may hold the value, the strongest first */
    const char *env[EXEC_NAMES_MAX];       /* of the environment, where no variable is set */
    const char *fallback;                  /* NULL: left out when nothing is set */
    bool secret;
};

#define EXEC_WORDS_MAX 24
struct exec_kind {
    const char *name;    /* "docker": Ansible's short name of the connection */
    const char *what;    /* "container": what EXEC_HOST names, for messages */
    const char *timeout; /* a variable with seconds to connect; NULL: none */
    struct exec_word words[EXEC_WORDS_MAX];
    /* Its shell shares our terminal. docker and podman could make one there, but keep for
     * themselves the keys that detach from it, which any file may hold; so those have none. */
    bool terminal;
};

/* The row of a short name, or NULL. */
const struct exec_kind *exec_kind_find(str name);
bool exec_kind_takes_user(const struct exec_kind *kind);

/* A command line, up to and with the shell. Its strings live as long as whoever holds it. */
struct exec_program {
    const struct exec_kind *kind; /* NULL in connections of other kinds */
    const str *words;
    size_t count;
    str machine; /* what of it tells one machine from another: all but the user */
};

/*
 * Fill the row's words. values: a text for each word of the row; STR_NONE where nothing is set (the
 * fallback counts, or the word is left out); for EXEC_ON and EXEC_OFF any text sets the flag. False
 * when a text of EXEC_WORDS has a quote that is not closed: its index is in *ret_bad.
 */
bool exec_program_make(struct arena *arena, const struct exec_kind *kind, const str *values,
                       struct exec_program *ret, size_t *ret_bad);

/* The arguments for execvp(3) that run a command there, ended by NULL. */
char **exec_argv(struct arena *arena, const struct exec_program *program, str command);
struct exec_program exec_program_copy(struct arena *arena, const struct exec_program *from);
