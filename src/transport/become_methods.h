/*
 * become_methods.h - the programs that make us another user, as rows of a table: how each is
 * called, how it asks for a password, what its refusals mean. Private to transport/; become.c leads
 * the dialogue.
 *
 * Source: sudo(8), su(1) of util-linux, busybox and FreeBSD, doas(1); Ansible's become plugins of
 * those names.
 */
#pragma once
#include "base/strbuf.h"
#include "transport/transport.h"

struct become_program {
    str exe;
    /*
     * What follows the program and its flags. %P our prompt; %U the user; %S the script, a word for
     * a sh; %L the script, a word for a login shell of any kind; each quoted.
     */
    const char *form;
    str flags;         /* become_flags where the user gives none */
    str with_password; /* a flag that a password needs; STR_NONE: none */
    str no_questions;  /* the flag that forbids a prompt; goes where there is a password */
    bool always_quiet; /* without a password that flag is added to the user's flags, too */
};

/* Of any method but BECOME_NONE. */
const struct become_program *become_program(enum become_method method);
/* The program's name: the method's, or become_exe. */
str become_exe(const struct become *become);
/* Whether the program prints a prompt of our making; else it is known by its words. */
bool become_prompt_is_ours(enum become_method method);

/* Command and flags, quoted: "sudo -H -S -n". False: a quote in become_flags is not closed. */
bool become_call(struct arena *arena, const struct become *become, struct strbuf *command);

/*
 * Where a prompt in words begins, if one is the last thing in a text: "Password: ",
 * "deploy's Password:", "doas (deploy@web1) password: ", in the languages of Linux-PAM; or, when
 * `prompts` is given, one of its lines instead of those. Else STR_NPOS.
 */
size_t become_prompt_in_words(str text, str prompts);

/* What a program's words mean. */
struct become_refusal {
    const char *says;  /* part of what it said */
    const char *means; /* "needs a password" */
    str hint;          /* or STR_NONE */
    bool asks;         /* it waits for an answer that we do not have */
};
/* NULL: unknown words. login: the words of a login shell, not of a program to become by. */
const struct become_refusal *become_refusal(str said, bool login);
