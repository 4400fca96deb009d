/*
 * auth.h - what the files that log in share: auth.c goes through the methods, auth_keys.c is
 * "publickey".
 */
#pragma once
#include "base/strbuf.h"
#include "transport/ssh.h"

enum outcome {
    LOGGED_IN,
    PARTLY, /* accepted, but the server wants more */
    DENIED, /* or there was nothing to try */
    BROKEN, /* step->error is filled */
};

struct login {
    struct ssh_step *step;
    ssh_session session;
    struct strbuf tried; /* "key /home/me/.ssh/id_ed25519, password": for the message */
    unsigned keys;       /* so many were shown to the server */
    unsigned used; /* SSH_AUTH_METHOD_*: those that were accepted in part, or failed for good */
    str hint;      /* what would have helped, as far as we know */
    enum wire_about about; /* what was said wrong, as far as we know */
};

void login_note(struct login *login, const char *what, str which);

/* libssh's answer to one call. True: *ret holds the outcome; false: wait, then call again. */
bool login_settled(struct login *login, int result, enum outcome *ret);

enum outcome login_by_keys(struct login *login); /* auth_keys.c */
