/*
 * ask.h - questions as lines for a control shell, and answers out of its reply. Private to remote/.
 */
#pragma once
#include "base/strbuf.h"
#include "remote/question.h"
#include "remote/reply.h"
#include "remote/wants.h"

/*
 * The functions and variables that the lines use, sent once to each control shell before its first
 * script, in the same round trip. It finds out what the host has: stat of GNU, busybox or BSD;
 * base64, od or uuencode. Costs one fork, once.
 */
void ask_prelude(struct strbuf *script);

/* What all pending questions need; wants: their paths. One stat for all paths (a second one if some
 * are links), one checksum program for each algorithm, one getent for each database, one program
 * for each text. */
void ask_script(struct strbuf *script, const struct path_wants *wants, const struct observer *obs,
                value environment);
/* The answers to the same questions. False: the reply is not what was asked for. */
bool ask_answers(struct arena *arena, const struct reply *reply, const struct path_wants *wants,
                 struct observer *obs);

/* The status of some paths (links not followed) as part of another script: section "after". */
void ask_stats(struct strbuf *script, const str *paths, size_t count);
bool ask_stats_answer(struct arena *arena, const struct reply *reply, const str *paths,
                      size_t count, struct file_stat *ret);

/* "export A='b'" for each string; names that no shell variable can have are left to env(1):
 * environment_words adds "env A.B=c" when there are such names. */
void ask_environment(struct strbuf *script, value environment);
void environment_words(struct strbuf *script, const value *environments, size_t count);

/*
 * A function of sh that finds, once for a shell, what reads so many bytes of its stdin and no more,
 * and leaves it in READER: "${READER}4096". Asked before the host says that it is ready: where
 * there is no such program the bytes would be taken for commands.
 */
#define READER                                                                                     \
    "reader() { case $READER in 'head -c '|'dd bs=1 count=') return;; esac\n"                      \
    "if [ x = \"$(echo xy | head -c 1 2>/dev/null)\" ]; then READER='head -c '\n"                  \
    "elif command -v dd >/dev/null; then READER='dd bs=1 count='\n"                                \
    "else E='the host has neither head -c nor dd'; false; fi; }\n"
