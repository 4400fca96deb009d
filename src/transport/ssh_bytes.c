/* ssh_bytes.c - see ssh_bytes.h. */
#include "transport/ssh_bytes.h"

#include <openssl/evp.h>

#include "base/arena.h"

static bool take_number(str *rest, size_t size, uint64_t *ret)
{
    if (rest->len < size) {
        return false;
    }
    *ret = 0;
    for (size_t i = 0; i < size; i++) {
        *ret = *ret << 8 | (unsigned char)rest->ptr[i];
    }
    *rest = str_part(*rest, size, rest->len);
    return true;
}

bool take_u8(str *rest, unsigned *ret)
{
    uint64_t number;
    bool taken = take_number(rest, 1, &number);
    if (taken) {
        *ret = (unsigned)number;
    }
    return taken;
}

bool take_u32(str *rest, uint32_t *ret)
{
    uint64_t number;
    bool taken = take_number(rest, 4, &number);
    if (taken) {
        *ret = (uint32_t)number;
    }
    return taken;
}

bool take_u64(str *rest, uint64_t *ret)
{
    return take_number(rest, 8, ret);
}

bool take_string(str *rest, str *ret)
{
    str behind = *rest;
    uint32_t len;
    if (!take_u32(&behind, &len) || behind.len < len) {
        return false;
    }
    *ret = str_part(behind, 0, len);
    *rest = str_part(behind, len, behind.len);
    return true;
}

void put_u32(struct strbuf *out, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        strbuf_add_char(out, (char)(number >> shift & 0xff));
    }
}

void put_string(struct strbuf *out, str s)
{
    put_u32(out, (uint32_t)s.len);
    strbuf_add(out, s);
}

str ssh_base64(struct arena *arena, str bytes)
{
    struct strbuf out = strbuf_in(arena);
    char *room = strbuf_room(&out, 4 * (bytes.len / 3 + 1) + 1);
    int len =
        EVP_EncodeBlock((unsigned char *)room, (const unsigned char *)bytes.ptr, (int)bytes.len);
    strbuf_grew(&out, (size_t)len);
    return strbuf_str(&out);
}

str ssh_base64_decode(struct arena *arena, str text)
{
    struct strbuf out = strbuf_in(arena);
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.ptr[text.len - 1 - padding] == '=') {
        padding++;
    }
    if (text.len == 0 || text.len % 4 != 0 || text.len > 1024 * 1024) {
        return STR_NONE;
    }
    char *room = strbuf_room(&out, text.len);
    int len =
        EVP_DecodeBlock((unsigned char *)room, (const unsigned char *)text.ptr, (int)text.len);
    if (len < (int)padding) {
        return STR_NONE;
    }
    strbuf_grew(&out, (size_t)len - padding);
    return strbuf_str(&out);
}
