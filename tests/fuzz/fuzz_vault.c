/*
 * fuzz_vault.c - any bytes are a vault text or refused with a reason, and none that the password
 * "fuzz" was not used for is opened. One text in corpus/vault/ is.
 */
#include <string.h>

#include "base/bug.h"
#include "formats/vault.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fuzz");
    str text = { (const char *)data, size }, plain = STR_NONE;
    struct vault_text parts;
    const char *problem = NULL;
    enum vault_status status = vault_read(text, &parts, &problem);
    BUG_ON((status == VAULT_OK) != (problem == NULL) || status == VAULT_WRONG_PASSWORD);
    if (status == VAULT_OK) {
        BUG_ON(!vault_is(str_trim_left(text))); /* as YAML leaves it */
        status = vault_decrypt(arena, &parts, S("fuzz"), &plain, &problem);
        BUG_ON(status == VAULT_OK && !str_eq(plain, S("plain text\n")));
        BUG_ON(status == VAULT_BROKEN && problem == NULL);
    }
    return 0;
}
