/*
 * ssh_bytes.h - the encoding that ssh's packets, keys, certificates and agents share: numbers of 4
 * and 8 bytes, most significant first, and strings behind their length. Source: RFC 4251, 5.
 *
 * Taking moves *rest forward; false when there is less than that, and then *rest stays. What is
 * taken is a part of the bytes given.
 */
#pragma once
#include "base/str.h"
#include "base/strbuf.h"

NODISCARD bool take_u8(str *rest, unsigned *ret);
NODISCARD bool take_u32(str *rest, uint32_t *ret);
NODISCARD bool take_u64(str *rest, uint64_t *ret);
NODISCARD bool take_string(str *rest, str *ret);

void put_u32(struct strbuf *out, uint32_t number);
void put_string(struct strbuf *out, str s);

/* Base64 as in key files: one line. Decoding gives STR_NONE when it is none. */
str ssh_base64(struct arena *arena, str bytes);
str ssh_base64_decode(struct arena *arena, str text);
