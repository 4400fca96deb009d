/*
 * vault_ids.h - the vault passwords of a command, each under the name it is for, its vault id: from
 * --vault-id, --vault-password-file, --ask-vault-password and their settings.
 *
 * A text is tried with the password of the id it names, then with all others, in the order given.
 * What was decrypted is kept, so that a text costs its 10 ms once however many hosts use it. Safe
 * for several threads.
 */
#pragma once
#include "base/secrets.h"
#include "cli/config.h"
#include "cli/options.h"
#include "formats/vault.h"

/* Embedded in the options of each command that takes them. */
struct vault_args {
    struct texts ids, files;
    bool ask;
};
#define VAULT_OPTIONS(struct_, field)                                                              \
    { 0,                                                                                           \
      S_INIT("vault-id"),                                                                          \
      NULL,                                                                                        \
      OPTION_TEXTS,                                                                                \
      offsetof(struct_, field.ids),                                                                \
      "[ID@]SOURCE",                                                                               \
      "A vault password by its id; SOURCE: a file, a program or 'prompt'." },                      \
        { 0,                                                                                       \
          S_INIT("vault-password-file"),                                                           \
          ((const char *const[]){ "vault-pass-file", NULL }),                                      \
          OPTION_TEXTS,                                                                            \
          offsetof(struct_, field.files),                                                          \
          "FILE",                                                                                  \
          "Read a vault password from a file, or from the program it is." },                       \
    {                                                                                              \
        'J', S_INIT("ask-vault-password"), ((const char *const[]){ "ask-vault-pass", NULL }),      \
            OPTION_FLAG, offsetof(struct_, field.ask), NULL, "Ask for the vault password."         \
    }

struct vault_ids;

/* Read all passwords; prompts ask now. `fresh`: for a password that is going to be set, asked for
 * twice. `secrets`: where passwords and what they open are made known; it outlives the ids. NULL
 * after a diagnostic. */
struct vault_ids *vault_ids_new(struct diags *diags, const struct config *config,
                                const struct vault_args *args, bool fresh, struct secrets *secrets);
void vault_ids_free(struct vault_ids *ids); /* wipes passwords and texts; accepts NULL */

size_t vault_ids_count(const struct vault_ids *ids);
str vault_ids_name(const struct vault_ids *ids, size_t index); /* "default" if none was given */
str vault_ids_password(const struct vault_ids *ids, size_t index);
/* The last one of that name. */
bool vault_ids_find(const struct vault_ids *ids, str name, size_t *ret_index);

/* The plain text; `what` is named in the diagnostic at `at`: "value", "file 'x'". Lives as long as
 * the ids. */
bool vault_ids_open(struct vault_ids *ids, struct diags *diags, span at, const char *what,
                    str ciphertext, str *ret, size_t *ret_index);

/* The hook of rooms that meet vault texts: `data` is the ids. The result is a secret text. */
bool vault_ids_hook(void *data, struct diags *diags, str ciphertext, span at, value *ret);
