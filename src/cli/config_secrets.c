/* config_secrets.c - see config_secrets.h. */
#include "cli/config_secrets.h"

#include <string.h>

#include "base/strbuf.h"
#include "base/value.h"

/* "become_password" is one; "ask_pass", "vault_password_file" are none. */
static bool names_secret(struct arena *arena, str key)
{
    static const str words[] = { S_INIT("password"), S_INIT("passphrase"), S_INIT("token"),
                                 S_INIT("secret"),   S_INIT("api_key"),    S_INIT("passwd") };
    static const str none[] = { S_INIT("ask_"), S_INIT("_file"), S_INIT("_path"), S_INIT("_url") };
    str name = str_lower(arena, key);
    bool secret = str_eq(name, S("pass")) || str_ends(name, S("_pass"));
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        secret |= str_find(name, words[i], 0) != STR_NPOS;
    }
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        secret &= str_find(name, none[i], 0) == STR_NPOS;
    }
    return secret;
}

/* The secret of the next address from *at on: "user:SECRET@" of any, "SECRET@" of http. False:
 * there is none; else *at is behind it. */
static bool secret_of_address(str text, size_t *at, size_t *ret_from, size_t *ret_to)
{
    size_t scheme;
    while ((scheme = str_find(text, S("://"), *at)) != STR_NPOS) {
        size_t from = scheme + 3, end = from;
        while (end < text.len && strchr("/?# \t\n,'\"", text.ptr[end]) == NULL) {
            end++;
        }
        str host = str_part(text, from, end);
        size_t sign = str_rfind(host, S("@")), colon = str_find_char(host, ':', 0);
        str before = str_part(text, 0, scheme);
        bool http = str_ends(before, S("http")) || str_ends(before, S("https"));
        *at = from;
        if (sign != STR_NPOS && (colon < sign || http)) {
            *ret_from = colon < sign ? from + colon + 1 : from;
            *ret_to = from + sign;
            *at = *ret_to;
            return true;
        }
    }
    return false;
}

static void hide(char *bytes, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        bytes[i] = '*';
    }
}

/* Lines that are indented further go on with the value of the line before. */
static size_t indent_of(str line)
{
    return (size_t)(str_trim_left(line).ptr - line.ptr);
}

/* Where the value of a secret begins in "name = value", behind a "#" too; STR_NPOS: it is none. */
static size_t find_secret(struct arena *arena, str line)
{
    size_t begin = 0;
    while (begin < line.len && strchr("#; \t", line.ptr[begin]) != NULL) {
        begin++;
    }
    size_t equals = str_find_char(line, '=', begin), colon = str_find_char(line, ':', begin);
    size_t sign = equals < colon ? equals : colon;
    bool secret = sign != STR_NPOS && names_secret(arena, str_trim(str_part(line, begin, sign)));
    return secret ? sign + 1 : STR_NPOS;
}

str config_without_secrets(struct arena *arena, str text)
{
    char *bytes = arena_alloc_raw(arena, text.len + 1);
    size_t at = 0, from, to, indent = 0;
    bool secret = false;
    memcpy(bytes, text.ptr, text.len);
    for (str rest = text; !str_is_none(rest);) {
        str line = str_cut_line(&rest);
        bool goes_on = secret && indent_of(line) > indent;
        from = goes_on ? 0 : find_secret(arena, line);
        secret = from != STR_NPOS;
        indent = goes_on ? indent : indent_of(line);
        if (secret) {
            str v = str_trim(str_part(line, from, line.len));
            from = (size_t)(v.ptr - text.ptr);
            hide(bytes, from, from + v.len);
        }
    }
    while (secret_of_address(text, &at, &from, &to)) {
        hide(bytes, from, to);
    }
    return (str){ bytes, text.len };
}

str config_value_shown(struct arena *arena, str text)
{
    struct strbuf out = strbuf_in(arena);
    size_t at = 0, shown = 0, from, to;
    while (secret_of_address(text, &at, &from, &to)) {
        strbuf_add(&out, str_part(text, shown, from));
        strbuf_add(&out, S(SECRET_MASK));
        shown = to;
    }
    strbuf_add(&out, str_part(text, shown, text.len));
    return strbuf_str(&out);
}
