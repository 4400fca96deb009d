/*
 * objects.h - the values of YAML that are neither text nor number: bytes, sets, vault texts (dates
 * are in datetime.h). Each is a VALUE_OBJECT, prints as Python prints it and compares as Python
 * compares it; value_object_type() tells which one it is.
 */
#pragma once
#include "base/value.h"

extern const struct object_type bytes_type; /* "bytes": data is a str, the bytes themselves */
extern const struct object_type set_type;   /* "set": data is struct value_set */
extern const struct object_type vault_type; /* "AnsibleVaultEncryptedUnicode": data is a str, the
                                               ciphertext as written, "$ANSIBLE_VAULT;1.1;..." */

struct value_set {
    value members; /* a list without duplicates, in the order written */
};

value value_bytes(struct arena *arena, str bytes);   /* shares the bytes */
value value_set(struct arena *arena, value members); /* members: a list; duplicates are dropped */
value value_vaulted(struct arena *arena, str ciphertext); /* shares the bytes */

static inline bool value_is_object(value v, const struct object_type *type)
{
    return value_is(v, VALUE_OBJECT) && value_object_type(v) == type;
}

/* Base64 as Python's base64.decodebytes reads it: what is no digit is skipped. False: the number of
 * digits cannot be right. */
NODISCARD bool base64_decode(struct arena *arena, str text, str *ret);
/* As Python's base64.encodebytes: lines of 76 characters, each ended by a newline. */
str base64_encode_lines(struct arena *arena, str bytes);
