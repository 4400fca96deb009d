/* Vault texts; the sealed ones were made by ansible-vault 2.14. */
#include "check.h"

#include "formats/vault.h"

static const char sealed[] =
    "$ANSIBLE_VAULT;1.2;AES256;dev\n"
    "33393261323230623432396162333739313233336163623438353532366263356238336333626331\n"
    "6236333266656533333363653137323837333634313966350a366430346634656230376531613266\n"
    "35386136646538656238633563303435333061613666333838333261303163656361376534656661\n"
    "6132623234376261360a306165353336653639666265313231323030396538356239323235373766\n"
    "3230\n";

static enum vault_status open_text(struct arena *arena, str text, str password, str *ret)
{
    struct vault_text read;
    const char *problem = NULL;
    enum vault_status status = vault_read(text, &read, &problem);
    if (status == VAULT_OK) {
        status = vault_decrypt(arena, &read, password, ret, &problem);
    }
    cr_assert(status != VAULT_BROKEN || problem != NULL);
    return status;
}

Test(vault, opens_what_ansible_sealed)
{
    BENCH(bench);
    struct vault_text read;
    const char *problem;
    str plain;
    cr_assert(vault_read(str_of(sealed), &read, &problem) == VAULT_OK);
    EQ_STR(read.id, S("dev"), S("id"));
    cr_assert(open_text(bench.arena, str_of(sealed), S("secret99"), &plain) == VAULT_OK);
    EQ_STR(plain, S("plain text\n"), S("plain"));
    cr_assert(open_text(bench.arena, str_of(sealed), S("secret98"), &plain) ==
              VAULT_WRONG_PASSWORD);
    /* as YAML gives it: indented, lines joined by blanks */
    str folded = str_replace(bench.arena, str_of(sealed), S("\n"), S("\n   "));
    cr_assert(open_text(bench.arena, folded, S("secret99"), &plain) == VAULT_OK);
}

Test(vault, opens_what_it_sealed)
{
    BENCH(bench);
    static const size_t lengths[] = { 0, 1, 15, 16, 17, 1000, 3000000 };
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        char *bytes = arena_alloc(bench.arena, lengths[i] + 1);
        for (size_t k = 0; k < lengths[i]; k++) {
            bytes[k] = (char)(k * 7);
        }
        str text = { bytes, lengths[i] }, plain, id = i % 2 == 0 ? STR_NONE : S("prod");
        str vault = vault_encrypt(bench.arena, text, S("p"), id);
        cr_assert(str_starts(vault, i % 2 == 0 ? S("$ANSIBLE_VAULT;1.1;AES256\n")
                                               : S("$ANSIBLE_VAULT;1.2;AES256;prod\n")));
        cr_assert(open_text(bench.arena, vault, S("p"), &plain) == VAULT_OK);
        cr_assert(str_eq(plain, text), "%zu bytes", lengths[i]);
    }
}

Test(vault, a_changed_text_is_refused)
{
    BENCH(bench);
    str plain;
    for (size_t at = 0; at + 1 < sizeof sealed; at += 5) {
        char *text = arena_alloc(bench.arena, sizeof sealed);
        memcpy(text, sealed, sizeof sealed);
        text[at] = text[at] == '3' ? '4' : '3';
        cr_assert(open_text(bench.arena, str_of(text), S("secret99"), &plain) != VAULT_OK ||
                      (at >= 26 && at < 30), /* the id is a hint only */
                  "byte %zu", at);
        cr_assert(open_text(bench.arena, str_part(str_of(sealed), 0, at), S("secret99"), &plain) !=
                  VAULT_OK);
    }
    static const char *const broken[] = {
        "$ANSIBLE_VAULT;",
        "$ANSIBLE_VAULT;9.9;AES256\n00",
        "$ANSIBLE_VAULT;1.1;ROT13\n00",
        "$ANSIBLE_VAULT;1.1;AES256\n0",
        "$ANSIBLE_VAULT;1.1;AES256\nzz",
        "$ANSIBLE_VAULT;1.1;AES256\n0a0a",
        "$ANSIBLE_VAULT;1.1;AES256\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        cr_assert(open_text(bench.arena, str_of(broken[i]), S("x"), &plain) != VAULT_OK, "%s",
                  broken[i]);
    }
}
