/*
 * objects.c - bytes, sets and vault texts; and base64, the form in which YAML carries bytes.
 */
#include "formats/objects.h"

#include <string.h>

#include "base/strbuf.h"

/* ---- bytes ---- */

/* Python's repr of bytes: single quotes, unless there is one inside and no double quote. */
static void print_bytes(struct strbuf *out, const void *data, bool repr)
{
    const str *bytes = data;
    bool single = str_find_char(*bytes, '\'', 0) != STR_NPOS;
    char quote = single && str_find_char(*bytes, '"', 0) == STR_NPOS ? '"' : '\'';

    (void)repr; /* str() of bytes is their repr() */
    strbuf_add_char(out, 'b');
    strbuf_add_char(out, quote);
    for (size_t i = 0; i < bytes->len; i++) {
        unsigned char c = (unsigned char)bytes->ptr[i];
        if (c == (unsigned char)quote || c == '\\') {
            strbuf_add_char(out, '\\');
            strbuf_add_char(out, (char)c);
        } else if (c == '\n') {
            strbuf_add(out, S("\\n"));
        } else if (c == '\r') {
            strbuf_add(out, S("\\r"));
        } else if (c == '\t') {
            strbuf_add(out, S("\\t"));
        } else if (c < ' ' || c > '~') {
            strbuf_addf(out, "\\x%02x", c);
        } else {
            strbuf_add_char(out, (char)c);
        }
    }
    strbuf_add_char(out, quote);
}

static enum truth equal_strs(const void *a, const void *b)
{
    return str_eq(*(const str *)a, *(const str *)b) ? TRUTH_TRUE : TRUTH_FALSE;
}

static bool compare_strs(const void *a, const void *b, int *ret)
{
    *ret = str_cmp(*(const str *)a, *(const str *)b);
    return true;
}

static void *copy_str(struct arena *arena, const void *data)
{
    str *copy = NEW(arena, str);
    *copy = str_copy(arena, *(const str *)data);
    return copy;
}

const struct object_type bytes_type = {
    .name = "bytes",
    .print = print_bytes,
    .equal = equal_strs,
    .compare = compare_strs,
    .copy = copy_str,
};

static value str_object(struct arena *arena, const struct object_type *type, str s)
{
    str *data = NEW(arena, str);
    *data = s;
    return value_object(arena, type, data);
}

value value_bytes(struct arena *arena, str bytes)
{
    return str_object(arena, &bytes_type, bytes);
}

/* ---- vault texts ---- */

static void print_ciphertext(struct strbuf *out, const void *data, bool repr)
{
    (void)repr;
    strbuf_add(out, *(const str *)data);
}

const struct object_type vault_type = {
    .name = "AnsibleVaultEncryptedUnicode",
    .print = print_ciphertext,
    .equal = equal_strs,
    .copy = copy_str,
};

value value_vaulted(struct arena *arena, str ciphertext)
{
    return str_object(arena, &vault_type, ciphertext);
}

/* ---- sets ---- */

static void print_set(struct strbuf *out, const void *data, bool repr)
{
    const struct value_set *set = data;
    size_t count = value_count(set->members);

    (void)repr;
    if (count == 0) {
        strbuf_add(out, S("set()"));
        return;
    }
    strbuf_add_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        strbuf_add(out, i > 0 ? S(", ") : STR_EMPTY);
        strbuf_add(out,
                   value_masked(out->arena, value_repr(out->arena, value_item(set->members, i))));
    }
    strbuf_add_char(out, '}');
}

static bool has_member(value list, value member)
{
    size_t count;
    const value *items = value_items(list, &count);

    for (size_t i = 0; i < count; i++) {
        if (value_equal(items[i], member) == TRUTH_TRUE) {
            return true;
        }
    }
    return false;
}

static enum truth equal_sets(const void *a, const void *b)
{
    const struct value_set *left = a, *right = b;
    size_t count = value_count(left->members);

    if (count != value_count(right->members)) {
        return TRUTH_FALSE;
    }
    for (size_t i = 0; i < count; i++) {
        if (!has_member(right->members, value_item(left->members, i))) {
            return TRUTH_FALSE;
        }
    }
    return TRUTH_TRUE;
}

static void *copy_set(struct arena *arena, const void *data)
{
    const struct value_set *set = data;
    struct value_set *copy = NEW(arena, struct value_set);
    copy->members = value_copy(arena, set->members);
    return copy;
}

const struct object_type set_type = {
    .name = "set",
    .print = print_set,
    .equal = equal_sets,
    .copy = copy_set,
};

value value_set(struct arena *arena, value members)
{
    struct map_builder unique = map_in(arena);
    struct list_builder list = list_in(arena);
    struct value_set *set = NEW(arena, struct value_set);
    size_t count;
    const value *items = value_items(members, &count);

    for (size_t i = 0; i < count; i++) {
        if (!map_has(&unique, items[i], NULL)) {
            map_set(&unique, items[i], value_null());
            list_add(&list, items[i]);
        }
    }
    set->members = list_seal(&list);
    return value_object(arena, &set_type, set);
}

/* ---- base64 ---- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit_value(char c)
{
    const char *found = c == '\0' ? NULL : strchr(digits, c);
    return found == NULL ? -1 : (int)(found - digits);
}

bool base64_decode(struct arena *arena, str text, str *ret)
{
    struct strbuf out = strbuf_in(arena);
    unsigned bits = 0, count = 0, pads = 0; /* count: digits of the group of four so far */

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '=') {
            pads++;
            if (count >= 2 && count + pads >= 4) {
                count = 0;
                break; /* what follows the padding is not read */
            }
            continue;
        }
        int digit = digit_value(text.ptr[i]);
        if (digit < 0) {
            continue;
        }
        pads = 0;
        bits = bits << 6 | (unsigned)digit;
        if (count > 0) {
            strbuf_add_char(&out, (char)(bits >> (6 - 2 * count) & 0xFF));
        }
        count = (count + 1) % 4;
    }
    if (count != 0) {
        return false;
    }
    *ret = strbuf_str(&out);
    return true;
}

str base64_encode_lines(struct arena *arena, str bytes)
{
    struct strbuf out = strbuf_in(arena);

    for (size_t i = 0; i < bytes.len; i += 3) {
        unsigned group = 0, have = bytes.len - i < 3 ? (unsigned)(bytes.len - i) : 3;
        for (unsigned k = 0; k < 3; k++) {
            group = group << 8 | (k < have ? (unsigned char)bytes.ptr[i + k] : 0);
        }
        for (unsigned k = 0; k < 4; k++) {
            strbuf_add_char(&out, k <= have ? digits[group >> (18 - 6 * k) & 63] : '=');
        }
        if (i % 57 == 54 || i + 3 >= bytes.len) { /* 57 bytes make a line of 76 characters */
            strbuf_add_char(&out, '\n');
        }
    }
    return strbuf_str(&out);
}
