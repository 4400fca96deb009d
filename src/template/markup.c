/* markup.c - HTML: escaping, for plain Jinja's autoescape and the filters of its name. */
#include "template/core.h"

static str entity(char c)
{
    switch (c) {
    case '&':
        return S("&amp;");
    case '<':
        return S("&lt;");
    case '>':
        return S("&gt;");
    case '\'':
        return S("&#39;");
    case '"':
        return S("&#34;");
    default:
        return STR_NONE;
    }
}

value escape_html(struct arena *arena, value text)
{
    if (!value_is(text, VALUE_STR)) {
        return text;
    }
    str s = value_as_str(text);
    struct textbuf out = textbuf_in(arena);
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        str replacement = entity(s.ptr[i]);
        if (!str_is_none(replacement)) {
            textbuf_add_part(&out, text, from, i);
            textbuf_add(&out, replacement);
            from = i + 1;
        }
    }
    textbuf_add_part(&out, text, from, s.len);
    return as_markup(textbuf_value(&out));
}
