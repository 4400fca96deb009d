/*
 * filters_pprint.c - pprint: a value as Python's pprint module lays it out, 80 columns wide. What
 * does not fit into a line has its items below each other; keys of maps are in order.
 */
#include "base/utf8.h"
#include "formats/order.h"
#include "template/core.h"
#include "template/text.h"

#define WIDTH 80

struct printer {
    struct arena *arena;
    struct textbuf out;
};

/* Where a value is put: columns before it, columns that must stay free behind it. */
struct spot {
    size_t indent, allowance;
    unsigned level; /* 1: the outermost */
};

static value in_order(struct arena *arena, value v)
{
    if (value_is(v, VALUE_LIST)) {
        struct list_builder list = list_in(arena);
        for (size_t i = 0; i < value_count(v); i++) {
            list_add(&list, in_order(arena, value_item(v, i)));
        }
        return value_is_tuple(v) ? tuple_seal(&list) : list_seal(&list);
    }
    if (!value_is(v, VALUE_MAP)) {
        return v;
    }
    size_t *order;
    (void)order_keys(arena, v, &order); /* keys without an order stay as they are */
    struct map_builder map = map_in(arena);
    for (size_t i = 0; i < value_count(v); i++) {
        map_set(&map, value_map_key(v, order[i]), in_order(arena, value_map_value(v, order[i])));
    }
    return map_seal(&map);
}

static size_t columns(value repr)
{
    return utf8_length(value_as_str(repr));
}

static bool fits(size_t length, size_t indent, size_t allowance)
{
    return length + indent + allowance <= WIDTH;
}

static void new_line(struct printer *p, size_t indent)
{
    textbuf_add_char(&p->out, '\n');
    for (size_t i = 0; i < indent; i++) {
        textbuf_add_char(&p->out, ' ');
    }
}

static void print_at(struct printer *p, value v, struct spot spot);

static void print_list(struct printer *p, value list, struct spot spot)
{
    bool tuple = value_is_tuple(list);
    size_t count = value_count(list);
    str end = !tuple ? S("]") : count == 1 ? S(",)") : S(")");
    textbuf_add_char(&p->out, tuple ? '(' : '[');
    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count;
        print_at(p, value_item(list, i),
                 (struct spot){ spot.indent + 1, last ? spot.allowance + end.len : 1, spot.level });
        if (!last) {
            textbuf_add_char(&p->out, ',');
            new_line(p, spot.indent + 1);
        }
    }
    textbuf_add(&p->out, end);
}

static void print_map(struct printer *p, value map, struct spot spot)
{
    size_t count = value_count(map);
    textbuf_add_char(&p->out, '{');
    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count;
        value key = value_repr(p->arena, value_map_key(map, i));
        textbuf_add_value(&p->out, key);
        textbuf_add(&p->out, S(": "));
        print_at(p, value_map_value(map, i),
                 (struct spot){ spot.indent + 1 + columns(key) + 2, last ? spot.allowance + 1 : 1,
                                spot.level });
        if (!last) {
            textbuf_add_char(&p->out, ',');
            new_line(p, spot.indent + 1);
        }
    }
    textbuf_add_char(&p->out, '}');
}

/* ---- long texts: literals below each other, cut behind white space ---- */

/* The end of the word that begins at `at`, with the white space behind it. */
static size_t word_end(str s, size_t at, size_t end)
{
    bool space = false;
    while (at < end) {
        size_t next = at;
        bool is_space = utf8_is_space(utf8_next(s, &next));
        if (space && !is_space) {
            break;
        }
        space = is_space;
        at = next;
    }
    return at;
}

struct pieces {
    struct printer *p;
    value text;
    VEC(value) reprs;
};

static value repr_of(struct pieces *pieces, size_t from, size_t to)
{
    return value_repr(pieces->p->arena, value_part(pieces->p->arena, pieces->text, from, to));
}

static void add_piece(struct pieces *pieces, size_t from, size_t to)
{
    if (from < to) {
        *VEC_PUSH(pieces->p->arena, &pieces->reprs) = repr_of(pieces, from, to);
    }
}

/* A line that is too long: as many of its words as fit, again and again. */
static void cut_line(struct pieces *pieces, size_t from, size_t to, size_t width, size_t last_width)
{
    str s = value_as_str(pieces->text);
    size_t begin = from;
    for (size_t at = from; at < to;) {
        size_t next = word_end(s, at, to);
        size_t room = next == s.len ? last_width : width;
        if (columns(repr_of(pieces, begin, next)) > room) {
            add_piece(pieces, begin, at);
            begin = at;
        }
        at = next;
    }
    add_piece(pieces, begin, to);
}

static void print_text(struct printer *p, value text, struct spot spot)
{
    struct pieces pieces = { .p = p, .text = text };
    bool outermost = spot.level == 1; /* in parentheses */
    size_t indent = spot.indent + outermost, allowance = spot.allowance + outermost;
    str s = value_as_str(text);
    size_t width = indent < WIDTH ? WIDTH - indent : 0;
    size_t last_width = width > allowance ? width - allowance : 0;
    for (size_t at = 0; at < s.len;) {
        size_t end;
        (void)line_end(s, at, &end);
        if (columns(repr_of(&pieces, at, end)) <= (end == s.len ? last_width : width)) {
            add_piece(&pieces, at, end);
        } else {
            cut_line(&pieces, at, end, width, last_width);
        }
        at = end;
    }
    bool several = pieces.reprs.len > 1;
    if (several && outermost) {
        textbuf_add_char(&p->out, '(');
    }
    for (size_t i = 0; i < pieces.reprs.len; i++) {
        if (i > 0) {
            new_line(p, indent);
        }
        textbuf_add_value(&p->out, pieces.reprs.items[i]);
    }
    if (several && outermost) {
        textbuf_add_char(&p->out, ')');
    }
}

static void print_at(struct printer *p, value v, struct spot spot)
{
    value repr = value_repr(p->arena, v);
    spot.level++;
    if (!fits(columns(repr), spot.indent, spot.allowance)) {
        if (value_is(v, VALUE_LIST)) {
            print_list(p, v, spot);
            return;
        }
        if (value_is(v, VALUE_MAP)) {
            print_map(p, v, spot);
            return;
        }
        if (value_is(v, VALUE_STR) && value_as_str(v).len > 0) {
            print_text(p, v, spot);
            return;
        }
    }
    textbuf_add_value(&p->out, repr);
}

static bool filter_pprint(struct call *call, value *ret)
{
    struct printer printer = { call->arena, textbuf_in(call->arena) };
    value v = call->input, undefined;
    if (find_undefined(v, &undefined)) {
        return call_give(ret, value_repr(call->arena, v));
    }
    print_at(&printer, in_order(call->arena, v), (struct spot){ 0 });
    return call_give(ret, textbuf_value(&printer.out));
}

const struct builtin filters_pprint[] = {
    { "pprint", NULL, "", CALL_JINJA, filter_pprint, "The value as Python would write it.",
      "{{ {'b': 1, 'a': ['x']} | pprint }} -> {'a': ['x'], 'b': 1}" },
    { 0 },
};
