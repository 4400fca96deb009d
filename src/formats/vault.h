/*
 * vault.h - the format of Ansible Vault: a header line and a text in hexadecimal digits, as
 * ansible-vault writes and reads it. Encryption is AES-256 in counter mode, integrity HMAC-SHA-256,
 * both keys from the password by PBKDF2 (10,000 rounds of SHA-256: some 10 ms for each text).
 *
 *     $ANSIBLE_VAULT;1.1;AES256            $ANSIBLE_VAULT;1.2;AES256;ID
 *     3633653261383431...
 *
 * Keys are wiped before a function returns. The plain text is the caller's, to be wiped or kept.
 */
#pragma once
#include "base/arena.h"

struct vault_text {
    str id;   /* of 1.2; STR_NONE: none is named */
    str body; /* behind the header */
};

bool vault_is(str text); /* it begins with "$ANSIBLE_VAULT;" */

enum vault_status {
    VAULT_OK,
    VAULT_WRONG_PASSWORD, /* or changed bytes: the two cannot be told apart */
    VAULT_BROKEN,         /* not this format: *ret_problem tells */
};

/* Split off the header; white space around lines, as YAML leaves it, is allowed. */
enum vault_status vault_read(str text, struct vault_text *ret, const char **ret_problem);
/* The plain text, in `arena`. */
enum vault_status vault_decrypt(struct arena *arena, const struct vault_text *text, str password,
                                str *ret, const char **ret_problem);
/* As ansible-vault writes it, with a line end behind it. id STR_NONE: version 1.1. */
str vault_encrypt(struct arena *arena, str plain, str password, str id);
/* The same with a salt of the caller's: the same text each time. */
str vault_encrypt_salted(struct arena *arena, str plain, str password, str id, str salt);
