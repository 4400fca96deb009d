/*
 * quote.c - quoting for a POSIX sh, the one place where that happens.
 *
 * Between single quotes every byte stands for itself, so only the single quote needs care: close
 * the quotes, write it escaped, open them again. POSIX.1-2017, Shell Command Language, 2.2.2. A NUL
 * cannot stand in a word of any shell; whoever takes words from outside refuses it.
 */
#include <string.h>

#include "base/bug.h"
#include "base/strbuf.h"
#include "transport/transport.h"

/* Bytes that mean themselves anywhere in a word. '~' and '=' do not: "~root", "a=b cmd"; neither
 * does '-' at the start to the command that gets it, but that is not a matter of quoting. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_-./,:+@%", c) != NULL);
}

static bool needs_quotes(str word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (!is_plain(word.ptr[i])) {
            return true;
        }
    }
    return word.len == 0;
}

void shell_quote_to(struct strbuf *out, str word)
{
    BUG_ON(word.len > 0 && memchr(word.ptr, '\0', word.len) != NULL);
    if (!needs_quotes(word)) {
        strbuf_add(out, word);
        return;
    }
    strbuf_add_char(out, '\'');
    for (size_t from = 0; from < word.len;) {
        size_t quote = str_find_char(word, '\'', from);
        if (quote == STR_NPOS) {
            strbuf_add(out, str_part(word, from, word.len));
            break;
        }
        strbuf_add(out, str_part(word, from, quote));
        strbuf_add(out, S("'\\''"));
        from = quote + 1;
    }
    strbuf_add_char(out, '\'');
}

str shell_quote(struct arena *arena, str word)
{
    struct strbuf out = strbuf_in(arena);
    shell_quote_to(&out, word);
    return strbuf_str(&out);
}
