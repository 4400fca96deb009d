/* csv.c - see csv.h. */
#include "formats/csv.h"

#include "base/strbuf.h"

struct reader {
    struct arena *arena;
    const struct csv_dialect *dialect;
    str text;
    size_t at;
    struct strbuf field;
};

static bool at_end(const struct reader *r)
{
    return r->at >= r->text.len;
}

static bool at_newline(const struct reader *r)
{
    return !at_end(r) && (r->text.ptr[r->at] == '\n' || r->text.ptr[r->at] == '\r');
}

static bool at_delimiter(const struct reader *r)
{
    return str_starts(str_part(r->text, r->at, r->text.len), r->dialect->delimiter);
}

static void take(struct reader *r)
{
    strbuf_add_char(&r->field, r->text.ptr[r->at++]);
}

/* Behind the opening quote; a quote is doubled to be meant as such. */
static bool quoted_part(struct reader *r, const char **ret_mistake)
{
    while (!at_end(r)) {
        if (r->text.ptr[r->at] != '"') {
            take(r);
            continue;
        }
        r->at++;
        if (!at_end(r) && r->text.ptr[r->at] == '"') {
            take(r);
            continue;
        }
        if (r->dialect->strict && !at_end(r) && !at_newline(r) && !at_delimiter(r)) {
            *ret_mistake = "there is text behind a closing quote";
            return false;
        }
        return true;
    }
    *ret_mistake = "a quote is never closed";
    return !r->dialect->strict;
}

static bool read_field(struct reader *r, const char **ret_mistake)
{
    r->field = strbuf_in(r->arena);
    while (r->dialect->skip_space && !at_end(r) && r->text.ptr[r->at] == ' ') {
        r->at++;
    }
    if (!at_end(r) && r->text.ptr[r->at] == '"') {
        r->at++;
        if (!quoted_part(r, ret_mistake)) {
            return false;
        }
    }
    while (!at_end(r) && !at_newline(r) && !at_delimiter(r)) {
        take(r);
    }
    return true;
}

/* "\n", "\r\n", or "\r" at the very end. */
static bool end_line(struct reader *r, const char **ret_mistake)
{
    bool returned = false;
    for (; !at_end(r) && r->text.ptr[r->at] == '\r'; r->at++) {
        returned = true;
    }
    if (!at_end(r) && r->text.ptr[r->at] == '\n') {
        r->at++;
        return true;
    }
    *ret_mistake = "a carriage return is within a line, outside of quotes";
    return at_end(r) || !returned;
}

bool csv_row(struct arena *arena, const struct csv_dialect *dialect, str *rest, value *ret,
             const char **ret_mistake)
{
    struct reader r = { .arena = arena, .dialect = dialect, .text = *rest };
    struct list_builder fields = list_in(arena);
    bool more = !at_newline(&r);
    while (more) {
        if (!read_field(&r, ret_mistake)) {
            return false;
        }
        list_add(&fields, value_str(arena, strbuf_str(&r.field)));
        more = at_delimiter(&r);
        r.at += more ? dialect->delimiter.len : 0;
    }
    if (!end_line(&r, ret_mistake)) {
        return false;
    }
    *ret = list_seal(&fields);
    *rest = str_part(*rest, r.at, rest->len);
    return true;
}
