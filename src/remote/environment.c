/*
 * environment.c - variables of the environment as words of sh.
 */
#include "base/value.h"
#include "remote/ask.h"
#include "transport/transport.h"

static bool is_name(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return s.len > 0;
}

static bool variable(value environment, size_t i, str *ret_name, str *ret_text)
{
    value key = value_map_key(environment, i), v = value_map_value(environment, i);
    if (!value_is(key, VALUE_STR) || !value_is(v, VALUE_STR)) {
        return false;
    }
    *ret_name = value_as_str(key);
    *ret_text = value_as_str(v);
    return true;
}

void ask_environment(struct strbuf *out, value environment)
{
    str name, text;
    for (size_t i = 0; value_is(environment, VALUE_MAP) && i < value_count(environment); i++) {
        if (variable(environment, i, &name, &text) && is_name(name)) {
            strbuf_addf(out, "export %.*s=", SARG(name));
            shell_quote_to(out, text);
            strbuf_add_char(out, '\n');
        }
    }
}

void environment_words(struct strbuf *out, const value *environments, size_t count)
{
    bool any = false;
    str name, text;
    for (size_t e = 0; e < count; e++) {
        value environment = environments[e];
        for (size_t i = 0; value_is(environment, VALUE_MAP) && i < value_count(environment); i++) {
            if (variable(environment, i, &name, &text) && !is_name(name)) {
                strbuf_add(out, any ? S(" ") : S("env "));
                any = true;
                shell_quote_to(out, name);
                strbuf_add_char(out, '=');
                shell_quote_to(out, text);
            }
        }
    }
    strbuf_add(out, any ? S(" ") : STR_EMPTY);
}
