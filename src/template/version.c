/* version.c - see version.h. Source: Python's distutils.version; semver.org; PEP 440. */
#include "template/version.h"

#include <string.h>

/* One component of a loose version: a number or a word. */
struct part {
    bool number;
    value n;
    str word;
};

typedef VEC(struct part) parts;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Runs of digits, of small letters, dots apart, and what remains between them. */
static parts split_loose(struct arena *arena, str s)
{
    parts all = { 0 };
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        if (s.ptr[at] == '.') {
            at++;
            continue;
        }
        bool digit = is_digit(s.ptr[at]), letter = is_letter(s.ptr[at]);
        while (at < s.len && s.ptr[at] != '.' && is_digit(s.ptr[at]) == digit &&
               is_letter(s.ptr[at]) == letter) {
            at++;
        }
        struct part part = { .number = digit, .word = str_part(s, from, at) };
        if (digit) {
            (void)big_from_digits(arena, part.word, 10, &part.n);
        }
        *VEC_PUSH(arena, &all) = part;
    }
    return all;
}

static bool compare_parts(struct call *call, const parts *a, const parts *b, int *ret)
{
    for (size_t i = 0; i < a->len && i < b->len; i++) {
        const struct part *x = &a->items[i], *y = &b->items[i];
        if (x->number != y->number) {
            return call_fail(call, "'%.*s' and '%.*s' cannot be compared: one is a number",
                             SARG(x->word), SARG(y->word));
        }
        *ret = x->number ? big_compare(x->n, y->n) : str_cmp(x->word, y->word);
        if (*ret != 0) {
            return true;
        }
    }
    *ret = a->len < b->len ? -1 : a->len > b->len;
    return true;
}

bool compare_loose(struct call *call, str a, str b, int *ret)
{
    parts x = split_loose(call->arena, a), y = split_loose(call->arena, b);
    return compare_parts(call, &x, &y, ret);
}

/* ---- strict: 1.2 or 1.2.3, then a1 or b1 ---- */

struct strict {
    uint64_t numbers[3];
    char pre; /* 'a', 'b', or 'z' for none */
    uint64_t pre_number;
};

static bool take_number(str s, size_t *at, uint64_t *ret)
{
    size_t from = *at;
    while (*at < s.len && is_digit(s.ptr[*at])) {
        ++*at;
    }
    return *at > from && str_to_base(str_part(s, from, *at), 10, ret);
}

static bool parse_strict(struct call *call, str s, struct strict *ret)
{
    size_t at = 0, count = 0;
    bool ok = true;
    *ret = (struct strict){ .pre = 'z' };
    do {
        ok = count < 3 && take_number(s, &at, &ret->numbers[count]);
        count++;
    } while (ok && at < s.len && s.ptr[at] == '.' && ++at > 0);
    if (ok && at < s.len && (s.ptr[at] == 'a' || s.ptr[at] == 'b')) {
        ret->pre = s.ptr[at++];
        ok = take_number(s, &at, &ret->pre_number);
    }
    ok = ok && at == s.len && count >= 2;
    return ok || call_fail(call, "'%.*s' is no strict version", SARG(s));
}

static bool compare_strict(struct call *call, str a, str b, int *ret)
{
    struct strict x, y;
    if (!parse_strict(call, a, &x) || !parse_strict(call, b, &y)) {
        return false;
    }
    uint64_t p[5] = { x.numbers[0], x.numbers[1], x.numbers[2], (uint64_t)x.pre, x.pre_number };
    uint64_t q[5] = { y.numbers[0], y.numbers[1], y.numbers[2], (uint64_t)y.pre, y.pre_number };
    *ret = 0;
    for (size_t i = 0; i < 5 && *ret == 0; i++) {
        *ret = p[i] < q[i] ? -1 : p[i] > q[i];
    }
    return true;
}

/* ---- semantic ---- */

struct semantic {
    uint64_t numbers[3];
    str pre; /* STR_NONE: a release */
};

static bool valid_identifiers(str s)
{
    str rest = s;
    while (!str_is_none(rest)) {
        str part = str_cut(&rest, '.');
        if (part.len == 0) {
            return false;
        }
        for (size_t i = 0; i < part.len; i++) {
            char c = part.ptr[i], low = (char)(c | 0x20);
            if (!is_digit(c) && !is_letter(low) && c != '-') {
                return false;
            }
        }
    }
    return true;
}

static bool parse_semantic(struct call *call, str s, struct semantic *ret)
{
    str text = s;
    *ret = (struct semantic){ .pre = STR_NONE };
    size_t plus = str_find_char(s, '+', 0);
    bool ok = plus == STR_NPOS || valid_identifiers(str_part(s, plus + 1, s.len));
    s = str_part(s, 0, plus == STR_NPOS ? s.len : plus);
    size_t dash = str_find_char(s, '-', 0);
    if (dash != STR_NPOS) {
        ret->pre = str_part(s, dash + 1, s.len);
        ok = ok && valid_identifiers(ret->pre);
        s = str_part(s, 0, dash);
    }
    size_t at = 0;
    for (size_t i = 0; ok && i < 3; i++) {
        size_t from = at;
        ok = take_number(s, &at, &ret->numbers[i]) && !(s.ptr[from] == '0' && at - from > 1);
        ok = ok && (i == 2 ? at == s.len : at < s.len && s.ptr[at++] == '.');
    }
    return ok || call_fail(call, "'%.*s' is no semantic version", SARG(text));
}

static int compare_pre(struct arena *arena, str a, str b)
{
    while (!str_is_none(a) && !str_is_none(b)) {
        str x = str_cut(&a, '.'), y = str_cut(&b, '.');
        uint64_t m = 0, n = 0;
        bool x_number = str_to_base(x, 10, &m), y_number = str_to_base(y, 10, &n);
        int order = x_number && y_number ? (m < n ? -1 : m > n)
                    : x_number           ? -1
                    : y_number           ? 1
                                         : str_cmp(x, y);
        if (order != 0) {
            return order < 0 ? -1 : 1;
        }
    }
    return str_is_none(a) ? (str_is_none(b) ? 0 : -1) : 1;
}

static bool compare_semantic(struct call *call, str a, str b, int *ret)
{
    struct semantic x, y;
    if (!parse_semantic(call, a, &x) || !parse_semantic(call, b, &y)) {
        return false;
    }
    *ret = 0;
    for (size_t i = 0; i < 3 && *ret == 0; i++) {
        *ret = x.numbers[i] < y.numbers[i] ? -1 : x.numbers[i] > y.numbers[i];
    }
    if (*ret == 0 && (str_is_none(x.pre) || str_is_none(y.pre))) {
        *ret = str_is_none(x.pre) ? !str_is_none(y.pre) : -1;
    } else if (*ret == 0) {
        *ret = compare_pre(call->arena, x.pre, y.pre);
    }
    return true;
}

/* ---- PEP 440 ---- */

struct pep440 {
    uint64_t epoch, release[16];
    size_t count;
    int pre; /* 0 a, 1 b, 2 rc; 3 none, -1 only a development release */
    uint64_t pre_number;
    bool has_post, has_dev;
    uint64_t post, dev;
    str local;
};

static bool skip_word(str s, size_t *at, const char *const *words, size_t count, size_t *ret)
{
    size_t from = *at + (*at < s.len && strchr("._-", s.ptr[*at]) != NULL);
    for (size_t i = 0; i < count; i++) {
        if (str_starts(str_part(s, from, s.len), str_of(words[i]))) {
            *at = from + strlen(words[i]);
            *ret = i;
            return true;
        }
    }
    return false;
}

static void optional_number(str s, size_t *at, uint64_t *ret)
{
    size_t from =
        *at + (*at + 1 < s.len && strchr("._-", s.ptr[*at]) != NULL && is_digit(s.ptr[*at + 1]));
    size_t end = from;
    *ret = 0;
    if (take_number(s, &end, ret)) {
        *at = end;
    }
}

static bool parse_release(str s, size_t *at, struct pep440 *ret)
{
    uint64_t number;
    *at += str_starts(s, S("v"));
    if (!take_number(s, at, &number)) {
        return false;
    }
    if (*at < s.len && s.ptr[*at] == '!') {
        ret->epoch = number;
        ++*at;
        if (!take_number(s, at, &number)) {
            return false;
        }
    }
    ret->release[ret->count++] = number;
    while (*at + 1 < s.len && s.ptr[*at] == '.' && is_digit(s.ptr[*at + 1]) && ret->count < 16) {
        ++*at;
        (void)take_number(s, at, &ret->release[ret->count++]);
    }
    while (ret->count > 1 && ret->release[ret->count - 1] == 0) {
        ret->count--;
    }
    return true;
}

static bool parse_pep440(struct call *call, str text, struct pep440 *ret)
{
    static const char *const pre[] = { "alpha", "a", "beta", "b", "preview", "pre", "rc", "c" };
    static const int kinds[] = { 0, 0, 1, 1, 2, 2, 2, 2 };
    static const char *const post[] = { "post", "rev", "r" };
    static const char *const dev[] = { "dev" };
    str s = str_lower(call->arena, str_trim(text));
    size_t at = 0, which;
    *ret = (struct pep440){ .pre = 3, .local = STR_NONE };
    bool ok = parse_release(s, &at, ret);
    if (ok && skip_word(s, &at, pre, ARRAY_LEN(pre), &which)) {
        ret->pre = kinds[which];
        optional_number(s, &at, &ret->pre_number);
    }
    if (ok && at + 1 < s.len && s.ptr[at] == '-' && is_digit(s.ptr[at + 1])) {
        at++;
        ret->has_post = take_number(s, &at, &ret->post);
    } else if (ok && skip_word(s, &at, post, ARRAY_LEN(post), &which)) {
        ret->has_post = true;
        optional_number(s, &at, &ret->post);
    }
    if (ok && skip_word(s, &at, dev, 1, &which)) {
        ret->has_dev = true;
        optional_number(s, &at, &ret->dev);
    }
    if (ok && at < s.len && s.ptr[at] == '+') {
        ret->local = str_part(s, at + 1, s.len);
        at = s.len;
        ok = ret->local.len > 0;
    }
    if (ret->pre == 3 && !ret->has_post && ret->has_dev) {
        ret->pre = -1;
    }
    return (ok && at == s.len) || call_fail(call, "'%.*s' is no version of PEP 440", SARG(text));
}

static int order_of(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static bool compare_pep440(struct call *call, str a, str b, int *ret)
{
    struct pep440 x, y;
    if (!parse_pep440(call, a, &x) || !parse_pep440(call, b, &y)) {
        return false;
    }
    *ret = order_of((int64_t)x.epoch, (int64_t)y.epoch);
    for (size_t i = 0; *ret == 0 && i < 16; i++) {
        *ret = order_of((int64_t)x.release[i], (int64_t)y.release[i]);
    }
    const int64_t pairs[][2] = {
        { x.pre, y.pre },
        { (int64_t)x.pre_number, (int64_t)y.pre_number },
        { x.has_post ? (int64_t)x.post : -1, y.has_post ? (int64_t)y.post : -1 },
        { x.has_dev ? (int64_t)x.dev : INT64_MAX, y.has_dev ? (int64_t)y.dev : INT64_MAX },
    };
    for (size_t i = 0; *ret == 0 && i < ARRAY_LEN(pairs); i++) {
        *ret = order_of(pairs[i][0], pairs[i][1]);
    }
    if (*ret == 0 && (!str_is_none(x.local) || !str_is_none(y.local))) {
        *ret = str_is_none(x.local)   ? -1
               : str_is_none(y.local) ? 1
                                      : -compare_pre(call->arena, y.local, x.local);
    }
    return true;
}

/* ---- the test ---- */

static bool holds(struct call *call, str op, int order, bool *ret)
{
    static const struct {
        const char *names[3];
        bool less, equal, greater;
    } table[] = {
        { { "==", "=", "eq" }, false, true, false }, { { "!=", "<>", "ne" }, true, false, true },
        { { "<", "lt", "lt" }, true, false, false }, { { "<=", "le", "le" }, true, true, false },
        { { ">", "gt", "gt" }, false, false, true }, { { ">=", "ge", "ge" }, false, true, true },
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        for (size_t k = 0; k < 3; k++) {
            if (str_eq(op, str_of(table[i].names[k]))) {
                *ret = order < 0 ? table[i].less : order > 0 ? table[i].greater : table[i].equal;
                return true;
            }
        }
    }
    return call_fail(call, "'%.*s' is no operator: use one of ==, !=, <, <=, >, >=", SARG(op));
}

typedef bool compare_fn(struct call *call, str a, str b, int *ret);

static bool choose_kind(struct call *call, compare_fn **ret)
{
    static const struct {
        const char *name;
        compare_fn *compare;
    } kinds[] = { { "loose", compare_loose },
                  { "strict", compare_strict },
                  { "semver", compare_semantic },
                  { "semantic", compare_semantic },
                  { "pep440", compare_pep440 } };
    bool strict = false;
    *ret = compare_loose;
    if (!call_none(call, 2) && !call_none(call, 3)) {
        return call_fail(call, "takes either 'strict' or 'version_type'");
    }
    if (!call_none(call, 2) && !call_truth(call, call->args[2], &strict)) {
        return false;
    }
    if (strict) {
        *ret = compare_strict;
    }
    if (call_none(call, 3)) {
        return true;
    }
    str name;
    if (!call_need_str(call, call->args[3], &name)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (str_eq(name, str_of(kinds[i].name))) {
            *ret = kinds[i].compare;
            return true;
        }
    }
    return call_fail(call, "'%.*s' is no type of versions: use loose, strict, semver or pep440",
                     SARG(name));
}

bool version_test(struct call *call, value *ret)
{
    value a, b, op;
    compare_fn *compare;
    int order;
    bool truth = false;
    if (!choose_kind(call, &compare) || !call_text(call, call->input, &a) ||
        !call_text(call, call->args[0], &b) || !call_text(call, call->args[1], &op)) {
        return false;
    }
    if (value_as_str(a).len == 0 || value_as_str(b).len == 0) {
        return call_fail(call, "a version is empty");
    }
    if (!compare(call, value_as_str(a), value_as_str(b), &order) ||
        !holds(call, value_as_str(op), order, &truth)) {
        return false;
    }
    return call_give(ret, value_bool(truth));
}
