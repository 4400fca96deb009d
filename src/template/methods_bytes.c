/* methods_bytes.c - str.encode and the methods of bytes; UTF-8, ASCII and Latin-1. */
#include "base/utf8.h"
#include "formats/objects.h"
#include "template/text.h"

struct codec {
    uint32_t limit; /* the first character it cannot tell; 0: it is UTF-8 */
    enum { STRICT, IGNORE, REPLACE } errors;
};

static bool read_codec(struct call *call, struct codec *ret)
{
    static const struct {
        const char *name;
        uint32_t limit;
    } codecs[] = { { "utf8", 0 },       { "ascii", 0x80 },     { "usascii", 0x80 },
                   { "latin1", 0x100 }, { "iso88591", 0x100 }, { "l1", 0x100 } };
    static const char *const errors[] = { "strict", "ignore", "replace" };
    str name = str_lower(call->arena, call_str(call, 0)), how = call_str(call, 1);
    name = str_replace(call->arena, str_replace(call->arena, name, S("-"), STR_EMPTY), S("_"),
                       STR_EMPTY);
    bool known = false, handled = false;
    for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
        if (str_eq(name, str_of(codecs[i].name))) {
            ret->limit = codecs[i].limit;
            known = true;
        }
    }
    for (unsigned i = 0; i < ARRAY_LEN(errors); i++) {
        if (str_eq(how, str_of(errors[i]))) {
            ret->errors = i;
            handled = true;
        }
    }
    if (!known) {
        return call_fail(call, "the encoding '%.*s' is not supported", SARG(call_str(call, 0)));
    }
    return handled || call_fail(call, "errors are handled by 'strict', 'ignore' or 'replace'");
}

bool method_encode(struct call *call, value *ret)
{
    struct codec codec;
    str s = value_as_str(call->input);
    struct strbuf out = strbuf_in(call->arena);
    if (!read_codec(call, &codec)) {
        return false;
    }
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        if (codec.limit == 0) {
            strbuf_add(&out, str_part(s, from, at));
        } else if (c < codec.limit) {
            strbuf_add_char(&out, (char)c);
        } else if (codec.errors == STRICT) {
            return call_fail(call, "'%.*s' has no code in '%.*s'", SARG(str_part(s, from, at)),
                             SARG(call_str(call, 0)));
        } else if (codec.errors == REPLACE) {
            strbuf_add_char(&out, '?');
        }
    }
    return call_give(ret, value_bytes(call->arena, strbuf_str(&out)));
}

static str self(const struct call *call)
{
    return *(const str *)value_object_data(call->input);
}

static bool method_decode(struct call *call, value *ret)
{
    struct codec codec;
    str s = self(call);
    struct strbuf out = strbuf_in(call->arena);
    if (!read_codec(call, &codec)) {
        return false;
    }
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t c = codec.limit == 0 ? utf8_next(s, &at) : (unsigned char)s.ptr[at++];
        if (c != UTF8_BAD && (codec.limit == 0 || c < codec.limit)) {
            strbuf_add_utf8(&out, c);
        } else if (codec.errors == STRICT) {
            return call_fail(call, "byte %zu means nothing in '%.*s'", from,
                             SARG(call_str(call, 0)));
        } else if (codec.errors == REPLACE) {
            strbuf_add_utf8(&out, 0xFFFD);
        }
    }
    return call_give(ret, value_str(call->arena, strbuf_str(&out)));
}

static bool method_hex(struct call *call, value *ret)
{
    str s = self(call);
    struct strbuf out = strbuf_in(call->arena);
    for (size_t i = 0; i < s.len; i++) {
        strbuf_addf(&out, "%02x", (unsigned char)s.ptr[i]);
    }
    return call_give(ret, value_str(call->arena, strbuf_str(&out)));
}

const struct builtin methods_bytes[] = {
    { "decode", NULL, "encoding:str='utf-8', errors:str='strict'", 0, method_decode,
      "The text that the bytes stand for." },
    { "hex", NULL, "", 0, method_hex, "Two hexadecimal digits for each byte." },
    { 0 },
};
