/* keyring.c - see keyring.h. */
#include "transport/keyring.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"

enum { LOOK_AGAIN = 50 }; /* ms, while somebody else asks */

struct entry {
    str file;
    enum key_status status;
    bool known; /* `status` holds, and a KEY_LOCKED was not opened by asking either */
    bool busy;  /* a thread reads it */
    ssh_key key;
    struct entry *next;
};

struct keyring {
    pthread_mutex_t lock;
    struct arena *arena;
    struct entry *entries;
};

struct keyring *keyring_new(void)
{
    struct keyring *keyring = wire_alloc(sizeof *keyring);
    pthread_mutex_init(&keyring->lock, NULL);
    keyring->arena = arena_new("keyring");
    return keyring;
}

void keyring_free(struct keyring *keyring)
{
    if (keyring == NULL) {
        return;
    }
    for (struct entry *entry = keyring->entries; entry != NULL; entry = entry->next) {
        ssh_key_free(entry->key);
    }
    arena_free(keyring->arena);
    pthread_mutex_destroy(&keyring->lock);
    free(keyring);
}

/* ---- reading one ---- */

struct reading {
    struct ssh_step *step;
    str file;
    bool may_ask;
    bool encrypted;  /* a passphrase was wanted */
    bool used_known; /* the configured one was tried */
    bool given_up;   /* there is none left to try */
    int asked;       /* so often */
};

static bool passphrase_of(struct reading *reading, str *ret)
{
    str known = reading->step->ssh->base.options.private_key_passphrase;
    if (!reading->used_known && !str_is_none(known)) {
        reading->used_known = true;
        *ret = known;
        return true;
    }
    str question = str_format(reading->step->arena, "%sPassphrase of the key '%.*s': ",
                              reading->asked > 0 ? "That is not it. " : "", SARG(reading->file));
    bool told = reading->may_ask && reading->asked++ < reading->step->ssh->settings.prompts &&
                ssh_ask(reading->step, question, false, ret) && ret->len > 0;
    reading->given_up = !told;
    return told;
}

/* libssh wants the passphrase of a key file: called only when it is encrypted. */
static int give_passphrase(const char *prompt, char *buf, size_t len, int echo, int verify,
                           void *data)
{
    struct reading *reading = data;
    str passphrase;
    reading->encrypted = true;
    if (!passphrase_of(reading, &passphrase) || passphrase.len >= len) {
        return -1;
    }
    memcpy(buf, passphrase.ptr, passphrase.len);
    buf[passphrase.len] = '\0';
    return 0;
}

static enum key_status read_key(struct reading *reading, ssh_key *ret)
{
    const char *path = str_c(reading->step->arena, reading->file);
    while (!reading->given_up) {
        if (ssh_pki_import_privkey_file(path, NULL, give_passphrase, reading, ret) == SSH_OK) {
            return KEY_READY;
        }
        if (!reading->encrypted) {
            return KEY_UNUSABLE;
        }
    }
    return KEY_LOCKED;
}

/* ---- sharing it ---- */

static struct entry *entry_of(struct keyring *keyring, str file)
{
    struct entry *entry = keyring->entries;
    while (entry != NULL && !str_eq(entry->file, file)) {
        entry = entry->next;
    }
    if (entry == NULL) {
        entry = NEW(keyring->arena, struct entry);
        *entry = (struct entry){ .file = str_copy(keyring->arena, file), .next = keyring->entries };
        keyring->entries = entry;
    }
    return entry;
}

/* Take the entry for reading, when no other thread has it. False: there is no time left. */
static bool take(struct ssh_step *step, struct keyring *keyring, struct entry *entry)
{
    while (entry->busy) {
        pthread_mutex_unlock(&keyring->lock);
        int64_t before = wire_now();
        enum wire_status status =
            transport_wait(NULL, 0, step->ssh->base.options.wake, before + LOOK_AGAIN);
        ssh_forgive(step, wire_now() - before);
        pthread_mutex_lock(&keyring->lock);
        if (status == WIRE_INTERRUPTED) {
            return false;
        }
    }
    entry->busy = true;
    return true;
}

static enum key_status hand_out(const struct entry *entry, ssh_key *ret)
{
    if (entry->status == KEY_READY) {
        *ret = ssh_key_dup(entry->key);
        BUG_ON(*ret == NULL);
    }
    return entry->status;
}

static enum key_status shared_key(struct ssh_step *step, struct keyring *keyring, str file,
                                  bool may_ask, ssh_key *ret)
{
    pthread_mutex_lock(&keyring->lock);
    struct entry *entry = entry_of(keyring, file);
    enum key_status status = KEY_LOCKED;
    if (take(step, keyring, entry)) {
        if (!entry->known) {
            struct reading reading = { .step = step, .file = file, .may_ask = may_ask };
            pthread_mutex_unlock(&keyring->lock);
            ssh_key key = NULL;
            status = read_key(&reading, &key);
            pthread_mutex_lock(&keyring->lock);
            entry->status = status;
            entry->key = key;
            entry->known = status != KEY_LOCKED || may_ask;
        }
        status = hand_out(entry, ret);
        entry->busy = false;
    }
    pthread_mutex_unlock(&keyring->lock);
    return status;
}

enum key_status keyring_key(struct ssh_step *step, str file, bool may_ask, ssh_key *ret)
{
    struct keyring *keyring = step->ssh->base.options.keyring;
    may_ask = may_ask && ssh_may_ask(step->ssh);
    if (keyring != NULL) {
        return shared_key(step, keyring, file, may_ask, ret);
    }
    struct reading reading = { .step = step, .file = file, .may_ask = may_ask };
    return read_key(&reading, ret);
}
