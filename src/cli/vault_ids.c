/* vault_ids.c - see vault_ids.h. */
#include "cli/vault_ids.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "cli/passwords.h"

struct vault_secret {
    str name, password;
};

/* A text that was decrypted once. */
struct opened {
    struct opened *next;
    uint64_t hash;
    str ciphertext, plain;
    size_t index; /* of the password */
};

#define BUCKETS 1024

struct vault_ids {
    struct arena *arena;
    struct secrets *secrets;
    VEC(struct vault_secret) all;
    str fallback;         /* the id of a password given without one */
    bool match;           /* only the password of the id that a text names */
    pthread_mutex_t lock; /* of arena and opened */
    struct opened *opened[BUCKETS];
};

/* ---- where passwords come from ---- */

struct reading {
    struct vault_ids *ids;
    struct diags *diags;
    bool fresh;
};

static bool ask(const struct reading *reading, str name, bool by_flag, str *ret)
{
    struct arena *arena = reading->ids->arena;
    str label = by_flag ? STR_EMPTY : str_format(arena, " (%.*s)", SARG(name));
    if (reading->fresh) { /* in Ansible's words, which scripts answer */
        const char *vault = by_flag ? "Vault" : "vault", *new = by_flag ? "New" : "new";
        return password_choose(
            arena, reading->diags, str_format(arena, "New %s password%.*s: ", vault, SARG(label)),
            str_format(arena, "Confirm %s %s password%.*s: ", new, vault, SARG(label)), ret);
    }
    return password_ask(arena, reading->diags,
                        str_format(arena, "Vault password%.*s: ", SARG(label)), ret);
}

/* A program whose name ends in "-client" is told which id is wanted. */
static bool read_source(const struct reading *reading, str name, str source, str *ret)
{
    struct arena *arena = reading->ids->arena;
    str base = path_basename(source);
    base = str_part(base, 0, base.len - path_extension(base).len);
    const char *args[] = { "--vault-id", str_c(arena, name), NULL };
    return password_read(arena, reading->diags, source, str_ends(base, S("-client")) ? args : NULL,
                         ret);
}

static bool add(const struct reading *reading, str name, str source)
{
    struct vault_ids *ids = reading->ids;
    struct vault_secret secret = { .name = str_copy(ids->arena, name) };
    bool by_flag = str_eq(source, S("prompt_ask_vault_pass"));
    if (!(by_flag || str_eq(source, S("prompt"))
              ? ask(reading, name, by_flag, &secret.password)
              : read_source(reading, name, source, &secret.password))) {
        return false;
    }
    if (ids->secrets != NULL) {
        secrets_add(ids->secrets, secret.password);
    }
    *VEC_PUSH(ids->arena, &ids->all) = secret;
    return true;
}

/* "ID@SOURCE", or a source for the default id. */
static bool add_id(const struct reading *reading, str text)
{
    size_t at = str_find_char(text, '@', 0);
    str name = at == STR_NPOS || at == 0 ? reading->ids->fallback : str_part(text, 0, at);
    return add(reading, name, at == STR_NPOS ? text : str_part(text, at + 1, text.len));
}

static bool add_configured(const struct reading *reading, const struct config *config)
{
    str list = config_text(config, SET_VAULT_IDENTITY_LIST);
    while (!str_is_none(list)) {
        str one = str_trim(str_cut(&list, ','));
        if (one.len > 0 && !add_id(reading, one)) {
            return false;
        }
    }
    return true;
}

static bool add_all(const struct reading *reading, const struct config *config,
                    const struct vault_args *args)
{
    str file = config_path(config, reading->ids->arena, SET_VAULT_PASSWORD_FILE);
    if (!add_configured(reading, config)) {
        return false;
    }
    for (size_t i = 0; i < args->ids.count; i++) {
        if (!add_id(reading, args->ids.items[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < args->files.count; i++) {
        if (!add(reading, reading->ids->fallback, args->files.items[i])) {
            return false;
        }
    }
    if (args->files.count == 0 && !str_is_none(file) &&
        !add(reading, reading->ids->fallback, file)) {
        return false;
    }
    bool asks = args->ask || config_bool(config, reading->diags, SET_ASK_VAULT_PASS);
    return !asks || add(reading, reading->ids->fallback, S("prompt_ask_vault_pass"));
}

struct vault_ids *vault_ids_new(struct diags *diags, const struct config *config,
                                const struct vault_args *args, bool fresh, struct secrets *secrets)
{
    struct arena *arena = arena_new("vault");
    struct vault_ids *ids = NEW(arena, struct vault_ids);
    *ids = (struct vault_ids){ .arena = arena, .secrets = secrets };
    pthread_mutex_init(&ids->lock, NULL);
    struct reading reading = { ids, diags, fresh };
    str fallback = config_text(config, SET_VAULT_IDENTITY);
    ids->fallback = str_is_none(fallback) ? S("default") : fallback;
    ids->match = config_bool(config, diags, SET_VAULT_ID_MATCH);
    bool ok = add_all(&reading, config, args);
    if (ids->all.len > 0) {
        arena_wipe_all(); /* what they open is copied about */
    }
    if (!ok) {
        vault_ids_free(ids);
        return NULL;
    }
    return ids;
}

static void wipe(str text)
{
    explicit_bzero((char *)(uintptr_t)text.ptr, text.len);
}

void vault_ids_free(struct vault_ids *ids)
{
    if (ids == NULL) {
        return;
    }
    for (size_t i = 0; i < ids->all.len; i++) {
        wipe(ids->all.items[i].password);
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct opened *opened = ids->opened[i]; opened != NULL; opened = opened->next) {
            wipe(opened->plain);
        }
    }
    pthread_mutex_destroy(&ids->lock);
    arena_free(ids->arena);
}

size_t vault_ids_count(const struct vault_ids *ids)
{
    return ids->all.len;
}

str vault_ids_name(const struct vault_ids *ids, size_t index)
{
    return ids->all.items[index].name;
}

str vault_ids_password(const struct vault_ids *ids, size_t index)
{
    return ids->all.items[index].password;
}

bool vault_ids_find(const struct vault_ids *ids, str name, size_t *ret_index)
{
    for (size_t i = ids->all.len; i-- > 0;) {
        if (str_eq(ids->all.items[i].name, name)) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

/* ---- opening ---- */

static struct opened *find_opened(struct vault_ids *ids, uint64_t hash, str ciphertext)
{
    pthread_mutex_lock(&ids->lock);
    struct opened *opened = ids->opened[hash % BUCKETS];
    while (opened != NULL && (opened->hash != hash || !str_eq(opened->ciphertext, ciphertext))) {
        opened = opened->next;
    }
    pthread_mutex_unlock(&ids->lock);
    return opened;
}

static struct opened *keep_opened(struct vault_ids *ids, uint64_t hash, str ciphertext, str plain,
                                  size_t index)
{
    pthread_mutex_lock(&ids->lock);
    struct opened *opened = NEW(ids->arena, struct opened);
    struct opened **bucket = &ids->opened[hash % BUCKETS];
    *opened = (struct opened){ .next = *bucket,
                               .hash = hash,
                               .ciphertext = str_copy(ids->arena, ciphertext),
                               .plain = str_copy(ids->arena, plain),
                               .index = index };
    *bucket = opened;
    pthread_mutex_unlock(&ids->lock);
    return opened;
}

/* Whether a password is to be tried on a text that names this id, in the first round or the second.
 */
static bool is_turn(const struct vault_ids *ids, size_t index, str id, bool first)
{
    bool own = !str_is_none(id) && str_eq(ids->all.items[index].name, id);
    return first ? own : !own && !(ids->match && !str_is_none(id));
}

static bool cannot_open(const struct vault_ids *ids, struct diags *diags, span at, const char *what,
                        const struct vault_text *text)
{
    struct diag *diag;
    if (ids->all.len == 0) {
        diag = diag_error(diags, at, "%s is encrypted, and no vault password was given", what);
        diag_hint(diag, "--ask-vault-password asks for it, --vault-password-file names a file");
        return false;
    }
    diag = diag_error(diags, at, "%s cannot be decrypted: no vault password fits", what);
    if (!str_is_none(text->id)) {
        diag_note(diag, SPAN_NONE, "it was encrypted for the vault id '%.*s'", SARG(text->id));
    }
    for (size_t i = 0; i < ids->all.len; i++) {
        bool tried = is_turn(ids, i, text->id, true) || is_turn(ids, i, text->id, false);
        diag_note(diag, SPAN_NONE, "%s: the password of vault id '%.*s'",
                  tried ? "tried" : "not tried, as vault_id_match wants",
                  SARG(ids->all.items[i].name));
    }
    return false;
}

static enum vault_status try_all(struct vault_ids *ids, struct arena *arena,
                                 const struct vault_text *text, str *ret, size_t *ret_index,
                                 const char **ret_problem)
{
    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < ids->all.len; i++) {
            if (!is_turn(ids, i, text->id, round == 0)) {
                continue;
            }
            enum vault_status status =
                vault_decrypt(arena, text, ids->all.items[i].password, ret, ret_problem);
            if (status != VAULT_WRONG_PASSWORD) {
                *ret_index = i;
                return status;
            }
        }
    }
    return VAULT_WRONG_PASSWORD;
}

bool vault_ids_open(struct vault_ids *ids, struct diags *diags, span at, const char *what,
                    str ciphertext, str *ret, size_t *ret_index)
{
    uint64_t hash = str_hash(ciphertext);
    struct opened *opened = find_opened(ids, hash, ciphertext);
    if (opened == NULL) {
        struct vault_text text;
        const char *problem = NULL;
        str plain = STR_EMPTY;
        size_t index = 0;
        CLEANUP(release_arena) struct arena *scratch = arena_new("vault text");
        enum vault_status status = vault_read(ciphertext, &text, &problem);
        if (status == VAULT_OK) {
            status = try_all(ids, scratch, &text, &plain, &index, &problem);
        }
        if (status == VAULT_BROKEN) {
            diag_error(diags, at, "%s cannot be decrypted: %s", what, problem);
            return false;
        }
        if (status == VAULT_WRONG_PASSWORD) {
            return cannot_open(ids, diags, at, what, &text);
        }
        opened = keep_opened(ids, hash, ciphertext, plain, index);
        wipe(plain);
    }
    *ret = opened->plain;
    *ret_index = opened->index;
    return true;
}

bool vault_ids_hook(void *data, struct diags *diags, str ciphertext, span at, value *ret)
{
    struct vault_ids *ids = data;
    struct place place;
    str plain;
    size_t index;
    bool whole = source_place(diags->sources, at, &place) && place.offset == 0;
    const char *what =
        whole ? str_format(diags->arena, "'%.*s'", SARG(place.source->name)).ptr : "the value";
    if (!vault_ids_open(ids, diags, at, what, ciphertext, &plain, &index)) {
        return false;
    }
    if (ids->secrets != NULL) {
        secrets_add(ids->secrets, plain);
    }
    *ret = value_at(value_secret(diags->arena, plain), at);
    return true;
}
