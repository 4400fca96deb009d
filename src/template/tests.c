/* tests.c - Jinja's tests, and Ansible's. */
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/tree.h"
#include "base/utf8.h"
#include "formats/objects.h"
#include "formats/pyregex.h"
#include "template/core.h"
#include "template/members.h"
#include "template/unicode.h"
#include "template/version.h"

static bool give(value *ret, bool truth)
{
    *ret = value_bool(truth);
    return true;
}

static bool give_truth(value *ret, enum truth truth)
{
    *ret = truth == TRUTH_UNKNOWN ? value_unknown() : value_bool(truth == TRUTH_TRUE);
    return true;
}

/* ---- kinds ---- */

static bool test_defined(struct call *call, value *ret)
{
    return give(ret, !value_is(call->input, VALUE_UNDEFINED));
}

static bool test_undefined(struct call *call, value *ret)
{
    return give(ret, value_is(call->input, VALUE_UNDEFINED));
}

static bool test_none(struct call *call, value *ret)
{
    return give(ret, value_is(call->input, VALUE_NULL));
}

static bool test_boolean(struct call *call, value *ret)
{
    return give(ret, value_is(call->input, VALUE_BOOL));
}

static bool test_true(struct call *call, value *ret)
{
    return give(ret, value_is(call->input, VALUE_BOOL) && value_as_bool(call->input));
}

static bool test_false(struct call *call, value *ret)
{
    return give(ret, value_is(call->input, VALUE_BOOL) && !value_as_bool(call->input));
}

static bool test_integer(struct call *call, value *ret)
{
    return give(ret, value_is(call->input, VALUE_INT));
}

static bool test_float(struct call *call, value *ret)
{
    return give(ret, value_is(call->input, VALUE_FLOAT));
}

static bool test_number(struct call *call, value *ret)
{
    return give(ret, is_number(call->input));
}

static bool test_string(struct call *call, value *ret)
{
    return give(ret, value_is(call->input, VALUE_STR));
}

static bool test_mapping(struct call *call, value *ret)
{
    return give(ret, value_is(call->input, VALUE_MAP) || is_map_object(call->input));
}

static bool is_iterable(value v)
{
    switch (value_kind(v)) {
    case VALUE_STR:
    case VALUE_LIST:
    case VALUE_MAP:
        return true;
    case VALUE_OBJECT:
        return (value_object_type(v)->ops != NULL && value_object_type(v)->ops->iterate != NULL) ||
               value_is_object(v, &set_type);
    default:
        return false;
    }
}

static bool test_iterable(struct call *call, value *ret)
{
    bool undefined = value_is(call->input, VALUE_UNDEFINED);
    if (undefined && !may_use_undefined(call->render, call->input, call->at)) {
        return false;
    }
    return give(ret, undefined || is_iterable(call->input));
}

static bool test_sequence(struct call *call, value *ret)
{
    value v = call->input;
    if (value_is(v, VALUE_UNDEFINED)) {
        return may_use_undefined(call->render, v, call->at) && give(ret, true);
    }
    bool sequence = value_is(v, VALUE_STR) || value_is(v, VALUE_LIST) || value_is(v, VALUE_MAP);
    return give(ret,
                sequence || (is_view(v) && str_eq(str_of(value_object_type(v)->name), S("range"))));
}

static bool test_callable(struct call *call, value *ret)
{
    bool object =
        value_is(call->input, VALUE_OBJECT) && value_object_type(call->input)->ops != NULL;
    bool undefined = value_is(call->input, VALUE_UNDEFINED); /* calling it is what fails */
    return give(ret, undefined || (object && value_object_type(call->input)->ops->call != NULL));
}

static bool test_escaped(struct call *call, value *ret)
{
    return give(ret, is_markup(call->input));
}

/* Ansible looks for a filter of an unknown name, and fails when there is none. */
static bool is_there(struct call *call, const struct function *found, value *ret)
{
    if (found == NULL && !dialect_is(call->render, DIALECT_JINJA)) {
        str name = value_is(call->input, VALUE_STR) ? value_as_str(call->input) : STR_EMPTY;
        return call_fail(call, "there is no '%.*s', and only plain Jinja would say false",
                         SARG(name));
    }
    return give(ret, found != NULL);
}

static bool test_filter(struct call *call, value *ret)
{
    bool text = value_is(call->input, VALUE_STR);
    return is_there(call, text ? env_filter(call->eval->env, value_as_str(call->input)) : NULL,
                    ret);
}

static bool test_test(struct call *call, value *ret)
{
    bool text = value_is(call->input, VALUE_STR);
    return is_there(call, text ? env_test(call->eval->env, value_as_str(call->input)) : NULL, ret);
}

/* ---- numbers, letters ---- */

static bool remainder_of(struct call *call, value divisor, value *ret)
{
    return binary_operation(call->render, OP_MOD, call->input, divisor, call->at, ret);
}

static bool test_odd(struct call *call, value *ret)
{
    value rest;
    return remainder_of(call, value_int(2), &rest) &&
           give_truth(ret, value_equal(rest, value_int(1)));
}

static bool test_even(struct call *call, value *ret)
{
    value rest;
    return remainder_of(call, value_int(2), &rest) &&
           give_truth(ret, value_equal(rest, value_int(0)));
}

static bool test_divisibleby(struct call *call, value *ret)
{
    value rest;
    return remainder_of(call, call->args[0], &rest) &&
           give_truth(ret, value_equal(rest, value_int(0)));
}

/* Python's islower and isupper: at least one letter, all of one case. */
static bool all_letters(struct call *call, bool upper, value *ret)
{
    value text;
    if (!call_text(call, call->input, &text)) {
        return false;
    }
    str s = value_as_str(text);
    bool any = false, other = false;
    for (size_t at = 0; at < s.len;) {
        uint32_t c = utf8_next(s, &at);
        any |= upper ? unicode_is_upper(c) : unicode_is_lower(c);
        other |= upper ? unicode_is_lower(c) : unicode_is_upper(c);
    }
    return give(ret, any && !other);
}

static bool test_lower(struct call *call, value *ret)
{
    return all_letters(call, false, ret);
}

static bool test_upper(struct call *call, value *ret)
{
    return all_letters(call, true, ret);
}

static bool test_nan(struct call *call, value *ret)
{
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->input);
    }
    return give(ret, is_number(call->input) && isnan(value_as_float(call->input)));
}

/* ---- comparisons ---- */

static bool compared(struct call *call, enum operator op, value *ret)
{
    enum truth truth;
    return compare_values(call->render, op, call->input, call->args[0], call->at, &truth) &&
           give_truth(ret, truth);
}

static bool test_eq(struct call *call, value *ret)
{
    return compared(call, OP_EQ, ret);
}

static bool test_ne(struct call *call, value *ret)
{
    return compared(call, OP_NE, ret);
}

static bool test_lt(struct call *call, value *ret)
{
    return compared(call, OP_LT, ret);
}

static bool test_le(struct call *call, value *ret)
{
    return compared(call, OP_LE, ret);
}

static bool test_gt(struct call *call, value *ret)
{
    return compared(call, OP_GT, ret);
}

static bool test_ge(struct call *call, value *ret)
{
    return compared(call, OP_GE, ret);
}

static bool test_in(struct call *call, value *ret)
{
    return compared(call, OP_IN, ret);
}

static bool test_sameas(struct call *call, value *ret)
{
    value a = call->input, b = call->args[0];
    if (a.kind != b.kind) {
        return give(ret, false);
    }
    if (value_is(a, VALUE_LIST) || value_is(a, VALUE_MAP) || value_is(a, VALUE_OBJECT)) {
        return give(ret, a.as.list == b.as.list);
    }
    if (value_is(a, VALUE_UNDEFINED)) {
        return give(ret, false);
    }
    return give_truth(ret, value_equal(a, b));
}

static bool test_contains(struct call *call, value *ret)
{
    enum truth truth;
    return contains(call->render, call->input, call->args[0], call->at, &truth) &&
           give_truth(ret, truth);
}

/* ---- lists ---- */

static bool truths(struct call *call, bool all, value *ret)
{
    const value *items;
    size_t count;
    bool unknown = false;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        enum truth truth;
        if (!truth_of(call->render, items[i], call->at, &truth)) {
            return false;
        }
        if (truth == (all ? TRUTH_FALSE : TRUTH_TRUE)) {
            return give(ret, !all);
        }
        unknown |= truth == TRUTH_UNKNOWN;
    }
    return unknown ? call_give(ret, value_unknown()) : give(ret, all);
}

static bool test_all(struct call *call, value *ret)
{
    return truths(call, true, ret);
}

static bool test_any(struct call *call, value *ret)
{
    return truths(call, false, ret);
}

/* Python compares sets here, which hold no lists and no maps. */
static bool all_hashable(struct call *call, const value *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_hashable(items[i])) {
            return call_fail(call, "a set cannot hold %s %s", A_TYPE(items[i]));
        }
    }
    return true;
}

static bool is_subset(struct call *call, value small, value large, value *ret)
{
    const value *items, *others;
    size_t count, other_count;
    if (!call_items(call, small, &items, &count) ||
        !call_items(call, large, &others, &other_count)) {
        return false;
    }
    if (!all_hashable(call, items, count) || !all_hashable(call, others, other_count)) {
        return false;
    }
    large = value_list(call->arena, others, other_count);
    enum truth all = TRUTH_TRUE;
    for (size_t i = 0; i < count; i++) {
        enum truth truth;
        if (!contains(call->render, large, items[i], call->at, &truth)) {
            return false;
        }
        if (truth != TRUTH_TRUE) {
            all = truth;
            break;
        }
    }
    return give_truth(ret, all);
}

static bool test_subset(struct call *call, value *ret)
{
    return is_subset(call, call->input, call->args[0], ret);
}

static bool test_superset(struct call *call, value *ret)
{
    return is_subset(call, call->args[0], call->input, ret);
}

/* ---- truth ---- */

/* Ansible's words for true and false. */
static int word_truth(value v)
{
    static const char *const yes[] = { "y", "yes", "on", "1", "true", "t" };
    static const char *const no[] = { "n", "no", "off", "0", "false", "f" };
    for (size_t i = 0; value_is(v, VALUE_STR) && i < ARRAY_LEN(yes); i++) {
        if (str_eq_nocase(str_trim(value_as_str(v)), str_of(yes[i]))) {
            return 1;
        }
        if (str_eq_nocase(str_trim(value_as_str(v)), str_of(no[i]))) {
            return 0;
        }
    }
    if (is_number(v)) {
        double d = value_as_float(v);
        return d == 1 ? 1 : d == 0 ? 0 : -1;
    }
    return -1;
}

static bool truthy(struct call *call, bool wanted, value *ret)
{
    bool convert = call_bool(call, 0), truth;
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->input);
    }
    int word = convert ? word_truth(call->input) : -1;
    if (word >= 0) {
        truth = word == 1;
    } else if (!call_truth(call, call->input, &truth)) {
        return false;
    }
    return give(ret, truth == wanted);
}

static bool test_truthy(struct call *call, value *ret)
{
    return truthy(call, true, ret);
}

static bool test_falsy(struct call *call, value *ret)
{
    return truthy(call, false, ret);
}

/* ---- results of tasks ---- */

/* A field of a result by truth; unknown when the result does not know. */
static bool result_field(struct call *call, const char *name, enum truth fallback, enum truth *ret)
{
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->input);
    }
    if (!value_is(call->input, VALUE_MAP)) {
        struct diag *diag = render_error(call->render, call->at, TEMPLATE_FAILED,
                                         "test '%s' needs the result of a task, not %s %s",
                                         call->row->name, A_TYPE(call->input));
        diag_hint(diag, "results come from 'register:'");
        return false;
    }
    value v;
    *ret = fallback;
    return !value_map_get(call->input, str_of(name), &v) ||
           truth_of(call->render, v, call->at, ret);
}

static enum truth not_truth(enum truth t)
{
    return t == TRUTH_UNKNOWN ? t : t == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
}

/* The field itself, as Ansible gives it: mostly a boolean. */
static bool give_field(struct call *call, const char *name, value *ret)
{
    enum truth truth;
    value v;
    if (!result_field(call, name, TRUTH_FALSE, &truth)) {
        return false;
    }
    return value_map_get(call->input, str_of(name), &v) ? call_give(ret, v) : give(ret, false);
}

static bool test_failed(struct call *call, value *ret)
{
    return give_field(call, "failed", ret);
}

static bool test_success(struct call *call, value *ret)
{
    enum truth truth;
    return result_field(call, "failed", TRUTH_FALSE, &truth) && give_truth(ret, not_truth(truth));
}

static bool test_unreachable(struct call *call, value *ret)
{
    return give_field(call, "unreachable", ret);
}

static bool test_reachable(struct call *call, value *ret)
{
    enum truth truth;
    return result_field(call, "unreachable", TRUTH_FALSE, &truth) &&
           give_truth(ret, not_truth(truth));
}

static bool test_timedout(struct call *call, value *ret)
{
    enum truth truth;
    value period;
    if (!result_field(call, "timedout", TRUTH_FALSE, &truth)) {
        return false;
    }
    value v = value_get(call->input, S("timedout"));
    if (value_is(v, VALUE_MAP) && value_map_get(v, S("period"), &period)) {
        return call_give(ret, period);
    }
    return give(ret, false);
}

static bool test_skipped(struct call *call, value *ret)
{
    return give_field(call, "skipped", ret);
}

static bool test_started(struct call *call, value *ret)
{
    enum truth truth;
    return result_field(call, "started", TRUTH_TRUE, &truth) && give_truth(ret, truth);
}

static bool test_finished(struct call *call, value *ret)
{
    enum truth truth;
    return result_field(call, "finished", TRUTH_TRUE, &truth) && give_truth(ret, truth);
}

static bool test_changed(struct call *call, value *ret)
{
    enum truth truth = TRUTH_FALSE;
    if (!give_field(call, "changed", ret)) {
        return false;
    }
    if (!value_is(value_get(call->input, S("changed")), VALUE_UNDEFINED)) {
        return true;
    }
    value results = value_get(call->input, S("results"));
    for (size_t i = 0; value_is(results, VALUE_LIST) && i < value_count(results); i++) {
        value one = value_get(value_item(results, i), S("changed"));
        if (!value_is(one, VALUE_UNDEFINED)) {
            enum truth t = value_truth(one);
            truth = t == TRUTH_TRUE || truth == TRUTH_TRUE ? TRUTH_TRUE
                    : t == TRUTH_UNKNOWN                   ? t
                                                           : truth;
        }
    }
    return give_truth(ret, truth);
}

/* ---- regular expressions ---- */

static bool matches(struct call *call, enum pyregex_mode mode, size_t ignorecase, size_t multiline,
                    value *ret)
{
    value text;
    str pattern;
    bool found;
    unsigned flags = (call_bool(call, ignorecase) ? PYREGEX_IGNORECASE : 0u) |
                     (call_bool(call, multiline) ? PYREGEX_MULTILINE : 0u);
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->input);
    }
    if (!call_text(call, call->input, &text) || !call_need_str(call, call->args[0], &pattern)) {
        return false;
    }
    const struct pyregex *regex =
        pyregex_compile(call->arena, call->eval->diags, call_place(call), pattern, flags);
    if (regex == NULL ||
        !pyregex_exec(regex, NULL, call->eval->diags, value_as_str(text), 0, mode, &found, NULL)) {
        return call_reported(call);
    }
    return give(ret, found);
}

static bool test_match(struct call *call, value *ret)
{
    return matches(call, PYREGEX_MATCH, 1, 2, ret);
}

static bool test_search(struct call *call, value *ret)
{
    return matches(call, PYREGEX_SEARCH, 1, 2, ret);
}

static bool test_regex(struct call *call, value *ret)
{
    str kind = call_str(call, 3);
    enum pyregex_mode mode = str_eq(kind, S("match"))       ? PYREGEX_MATCH
                             : str_eq(kind, S("fullmatch")) ? PYREGEX_FULLMATCH
                                                            : PYREGEX_SEARCH;
    return matches(call, mode, 1, 2, ret);
}

/* ---- versions ---- */

static bool test_version(struct call *call, value *ret)
{
    return version_test(call, ret);
}

/* ---- files on the controller ---- */

static bool path_input(struct call *call, str *ret)
{
    return call_need_str(call, call->input, ret);
}

static bool stat_of(struct call *call, bool follow, struct stat *ret_stat, bool *ret_there)
{
    str path;
    if (!path_input(call, &path)) {
        return false;
    }
    *ret_there = (follow ? tree_stat : tree_lstat)(path, ret_stat);
    return true;
}

static bool test_file(struct call *call, value *ret)
{
    struct stat st;
    bool there;
    return stat_of(call, true, &st, &there) && give(ret, there && S_ISREG(st.st_mode));
}

static bool test_directory(struct call *call, value *ret)
{
    struct stat st;
    bool there;
    return stat_of(call, true, &st, &there) && give(ret, there && S_ISDIR(st.st_mode));
}

static bool test_link(struct call *call, value *ret)
{
    struct stat st;
    bool there;
    return stat_of(call, false, &st, &there) && give(ret, there && S_ISLNK(st.st_mode));
}

static bool test_exists(struct call *call, value *ret)
{
    struct stat st;
    bool there;
    return stat_of(call, true, &st, &there) && give(ret, there);
}

static bool test_link_exists(struct call *call, value *ret)
{
    struct stat st;
    bool there;
    return stat_of(call, false, &st, &there) && give(ret, there);
}

static bool test_abs(struct call *call, value *ret)
{
    str path;
    return path_input(call, &path) && give(ret, path_is_absolute(path));
}

static bool test_same_file(struct call *call, value *ret)
{
    struct stat a, b;
    bool there;
    str other;
    if (!stat_of(call, true, &a, &there) || !call_need_str(call, call->args[0], &other)) {
        return false;
    }
    if (!there || !tree_stat(other, &b)) {
        return call_fail(call, "one of the files does not exist");
    }
    return give(ret, a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

static bool test_mount(struct call *call, value *ret)
{
    struct stat st, parent;
    bool there;
    str path;
    if (!path_input(call, &path) || !stat_of(call, false, &st, &there)) {
        return false;
    }
    if (!there || !S_ISDIR(st.st_mode)) {
        return give(ret, false);
    }
    str up = path_join(call->arena, path, S(".."));
    bool known = tree_lstat(up, &parent);
    return give(ret, known && (parent.st_dev != st.st_dev || parent.st_ino == st.st_ino));
}

/* ---- URIs ---- */

/* What stands before the colon, if it is a scheme, in lower case. */
static str scheme_of(struct call *call, str s)
{
    size_t colon = str_find_char(s, ':', 0);
    str scheme = colon == STR_NPOS ? STR_EMPTY : str_lower(call->arena, str_part(s, 0, colon));
    bool ok = scheme.len > 0 && scheme.ptr[0] >= 'a' && scheme.ptr[0] <= 'z';
    for (size_t i = 0; ok && i < scheme.len; i++) {
        char c = scheme.ptr[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("+-.", c) != NULL;
    }
    return ok ? scheme : STR_EMPTY;
}

/* Any text is a URI; a list of schemes narrows that down. */
static bool is_uri(struct call *call, bool *ret)
{
    bool any;
    *ret = value_is(call->input, VALUE_STR);
    if (!*ret || !call_truth(call, call->args[0], &any) || !any) {
        return true;
    }
    enum truth in;
    value scheme = value_str(call->arena, scheme_of(call, value_as_str(call->input)));
    if (!contains(call->render, call->args[0], scheme, call->at, &in)) {
        return false;
    }
    *ret = in == TRUTH_TRUE;
    return true;
}

static bool test_uri(struct call *call, value *ret)
{
    bool ok;
    return is_uri(call, &ok) && give(ret, ok);
}

/* A URL names a host, or is a file's. */
static bool test_url(struct call *call, value *ret)
{
    bool ok;
    if (!is_uri(call, &ok)) {
        return false;
    }
    if (!ok) {
        return give(ret, false);
    }
    str s = value_as_str(call->input), scheme = scheme_of(call, s);
    str rest = str_part(s, scheme.len > 0 ? scheme.len + 1 : 0, s.len);
    bool host = str_starts(rest, S("//")) && rest.len > 2 && strchr("/?#", rest.ptr[2]) == NULL;
    return give(ret, host || str_eq(scheme, S("file")));
}

static bool test_urn(struct call *call, value *ret)
{
    bool text = value_is(call->input, VALUE_STR);
    return give(ret, text && str_eq(scheme_of(call, value_as_str(call->input)), S("urn")));
}

/* ---- vault ---- */

static bool test_vault_encrypted(struct call *call, value *ret)
{
    return give(ret, value_is_object(call->input, &vault_type));
}

static bool test_vaulted_file(struct call *call, value *ret)
{
    str path, text;
    return path_input(call, &path) &&
           read_file(call->eval, place_in_source(call->render, call->at), path, &text) &&
           give(ret, str_starts(text, S("$ANSIBLE_VAULT;")));
}

#define JINJA (CALL_JINJA | CALL_UNDEFINED)

const struct builtin tests_core[] = {
    { "defined", NULL, "", JINJA | CALL_UNKNOWN | CALL_PRESENCE, test_defined,
      "Whether there is such a value.",
      "{{ 'x' is defined }} {{ no_such is defined }} -> True False" },
    { "undefined", NULL, "", JINJA | CALL_UNKNOWN | CALL_PRESENCE, test_undefined,
      "Whether there is no such value.", "{{ no_such is undefined }} -> True" },
    { "none", NULL, "", JINJA, test_none, "Whether the value is null.",
      "{{ none is none }} -> True" },
    { "boolean", NULL, "", JINJA, test_boolean, "Whether the value is true or false.",
      "{{ true is boolean }} {{ 1 is boolean }} -> True False" },
    { "true", "True", "", JINJA, test_true, "Whether the value is true itself.",
      "{{ true is true }} {{ 1 is true }} -> True False" },
    { "false", "False", "", JINJA, test_false, "Whether the value is false itself.",
      "{{ false is false }} {{ 0 is false }} -> True False" },
    { "integer", NULL, "", JINJA, test_integer, "Whether the value is an integer.",
      "{{ 3 is integer }} {{ 3.0 is integer }} -> True False" },
    { "float", NULL, "", JINJA, test_float, "Whether the value is a float.",
      "{{ 3.0 is float }} {{ 3 is float }} -> True False" },
    { "number", NULL, "", JINJA, test_number, "Whether the value is a number.",
      "{{ 3.5 is number }} {{ '3' is number }} -> True False" },
    { "string", NULL, "", JINJA, test_string, "Whether the value is a string.",
      "{{ 'x' is string }} {{ 3 is string }} -> True False" },
    { "mapping", NULL, "", JINJA | CALL_DEEP, test_mapping, "Whether the value is a map.",
      "{{ {'a': 1} is mapping }} {{ ['a'] is mapping }} -> True False" },
    { "iterable", NULL, "", JINJA | CALL_DEEP, test_iterable, "Whether the value can be iterated.",
      "{{ 'abc' is iterable }} {{ 3 is iterable }} -> True False" },
    { "sequence", NULL, "", JINJA | CALL_DEEP, test_sequence,
      "Whether the value is a list, a string or a map.",
      "{{ [1] is sequence }} {{ 3 is sequence }} -> True False" },
    { "callable", NULL, "", JINJA | CALL_DEEP, test_callable, "Whether the value can be called.",
      "{{ range is callable }} -> True" },
    { "escaped", NULL, "", JINJA, test_escaped, "Whether the text is marked as HTML.",
      "{{ 'x' is escaped }} -> False" },
    { "filter", NULL, "", JINJA, test_filter, "Whether there is such a filter.",
      "{{ 'upper' is filter }} -> True" },
    { "test", NULL, "", JINJA, test_test, "Whether there is such a test.",
      "{{ 'odd' is test }} -> True" },
    { "odd", NULL, "", JINJA, test_odd, "Whether the number is odd.", "{{ 3 is odd }} -> True" },
    { "even", NULL, "", JINJA, test_even, "Whether the number is even.",
      "{{ 3 is even }} -> False" },
    { "divisibleby", NULL, "num", JINJA, test_divisibleby,
      "Whether the number can be divided by another.", "{{ 12 is divisibleby(4) }} -> True" },
    { "lower", NULL, "", JINJA, test_lower, "Whether all letters are small.",
      "{{ 'web' is lower }} -> True" },
    { "upper", NULL, "", JINJA, test_upper, "Whether all letters are capitals.",
      "{{ 'Web' is upper }} -> False" },
    { "eq", "equalto ==", "other", JINJA | CALL_DEEP, test_eq, "Whether both are equal.",
      "{{ [1, 2, 1] | select('eq', 1) }} -> [1, 1]" },
    { "ne", "!=", "other", JINJA | CALL_DEEP, test_ne, "Whether both are unequal.",
      "{{ [1, 2, 1] | select('ne', 1) }} -> [2]" },
    { "lt", "lessthan <", "other", JINJA, test_lt, "Whether the value is less.",
      "{{ [1, 2, 3] | select('lt', 2) }} -> [1]" },
    { "le", "<=", "other", JINJA, test_le, "Whether the value is less or equal.",
      "{{ [1, 2, 3] | select('le', 2) }} -> [1, 2]" },
    { "gt", "greaterthan >", "other", JINJA, test_gt, "Whether the value is greater.",
      "{{ [1, 2, 3] | select('gt', 2) }} -> [3]" },
    { "ge", ">=", "other", JINJA, test_ge, "Whether the value is greater or equal.",
      "{{ [1, 2, 3] | select('ge', 2) }} -> [2, 3]" },
    { "in", NULL, "seq", JINJA | CALL_DEEP, test_in, "Whether the value is among others.",
      "{{ 2 is in [1, 2] }} -> True" },
    { "sameas", NULL, "other", JINJA, test_sameas, "Whether both are the same object.",
      "{{ none is sameas(none) }} {{ 1 is sameas(true) }} -> True False" },
    { 0 },
};

const struct builtin tests_ansible[] = {
    { "contains", NULL, "value", CALL_DEEP | CALL_UNDEFINED, test_contains,
      "Whether the list holds a value.",
      "{{ [1, 2] is contains(2) }} -> True\n"
      "{{ [{'n': 'x', 'os': ['a', 'b']}] | selectattr('os', 'contains', 'b') | map(attribute='n') "
      "}} -> ['x']" },
    { "all", NULL, "", CALL_DEEP, test_all, "Whether all items are true.",
      "{{ [true, true, false] is all }} -> False" },
    { "any", NULL, "", CALL_DEEP, test_any, "Whether an item is true.",
      "{{ [true, true, false] is any }} -> True" },
    { "subset", "issubset", "other", 0, test_subset, "Whether all items are in the other list.",
      "{{ [1, 2] is subset([1, 2, 3]) }} -> True" },
    { "superset", "issuperset", "other", 0, test_superset,
      "Whether all items of the other list are here.",
      "{{ [1, 2] is superset([1, 2, 3]) }} -> False" },
    { "nan", "isnan", "", 0, test_nan, "Whether the number is no number.",
      "{{ ('nan' | float) is nan }} -> True" },
    { "truthy", NULL, "convert_bool:bool=false", 0, test_truthy,
      "Whether the value counts as true.",
      "{{ 'no' is truthy }} {{ 'no' is truthy(convert_bool=true) }} -> True False" },
    { "falsy", NULL, "convert_bool:bool=false", 0, test_falsy, "Whether the value counts as false.",
      "{{ '' is falsy }} {{ 'off' is falsy(convert_bool=true) }} -> True True" },
    { "failed", "failure", "", CALL_DEEP, test_failed, "Whether the task failed.",
      "{{ {'failed': true, 'changed': false} is failed }} -> True" },
    { "succeeded", "success successful", "", CALL_DEEP, test_success,
      "Whether the task did not fail.",
      "{{ {'failed': false, 'changed': false} is succeeded }} -> True" },
    { "unreachable", NULL, "", CALL_DEEP, test_unreachable, "Whether the host was out of reach.",
      "{{ {'unreachable': true, 'changed': false} is unreachable }} -> True" },
    { "reachable", NULL, "", CALL_DEEP, test_reachable, "Whether the host was reached.",
      "{{ {'rc': 0, 'changed': false} is reachable }} -> True" },
    { "timedout", NULL, "", CALL_DEEP, test_timedout, "Whether the task ran out of time.",
      "{{ 'yes' if {'timedout': {'period': 5}, 'changed': false} is timedout }} -> yes" },
    { "changed", "change", "", CALL_DEEP, test_changed, "Whether the task changed something.",
      "{{ {'changed': true} is changed }} -> True" },
    { "skipped", "skip", "", CALL_DEEP, test_skipped, "Whether the task was skipped.",
      "{{ {'skipped': true, 'changed': false} is skipped }} -> True" },
    { "started", NULL, "", CALL_DEEP, test_started, "Whether an asynchronous task has begun.",
      "{{ {'started': 1, 'ansible_job_id': '7.1', 'changed': true} is started }} -> True" },
    { "finished", NULL, "", CALL_DEEP, test_finished, "Whether an asynchronous task has ended.",
      "{{ {'finished': 0, 'ansible_job_id': '7.1', 'changed': true} is finished }} -> False" },
    { "match", NULL, "pattern='', ignorecase:bool=false, multiline:bool=false", 0, test_match,
      "Whether the text begins with an expression.",
      "{{ 'web-01' is match('web') }} {{ 'my-web' is match('web') }} -> True False" },
    { "search", NULL, "pattern='', ignorecase:bool=false, multiline:bool=false", 0, test_search,
      "Whether the text holds an expression.",
      "{{ 'my-web' is search('WEB', ignorecase=true) }} -> True" },
    { "regex", NULL,
      "pattern='', ignorecase:bool=false, multiline:bool=false, match_type:str='search'", 0,
      test_regex, "Whether the text holds an expression.",
      "{{ 'my-web' is regex('w.b$') }} -> True\n"
      "{{ 'my-web' is regex('w.b', match_type='match') }} -> False" },
    { "version", "version_compare", "version, operator='eq', strict=none, version_type=none", 0,
      test_version, "Whether versions compare as the operator says.",
      "{{ '2.14.18' is version('2.9', '>=') }} -> True\n"
      "{{ '1.0.0-rc1' is version('1.0.0', '<', version_type='semver') }} -> True" },
    { "file", "is_file", "", 0, test_file, "Whether there is such a file on the controller.",
      "{{ '/etc/passwd' is file }} -> True" },
    { "directory", "is_dir", "", 0, test_directory,
      "Whether there is such a directory on the controller.", "{{ '/etc' is directory }} -> True" },
    { "link", "is_link", "", 0, test_link, "Whether the path is a symbolic link.",
      "{{ '/etc' is link }} -> False" },
    { "exists", NULL, "", 0, test_exists, "Whether the path exists on the controller.",
      "{{ '/etc/passwd' is exists }} -> True" },
    { "link_exists", NULL, "", 0, test_link_exists, "Whether the path exists, dangling links too.",
      "{{ '/no/such/link' is link_exists }} -> False" },
    { "abs", "is_abs", "", 0, test_abs, "Whether the path is absolute.",
      "{{ '/etc' is abs }} {{ 'etc' is abs }} -> True False" },
    { "same_file", "is_same_file", "other", 0, test_same_file,
      "Whether both paths lead to one file.",
      "{{ '/etc/passwd' is same_file('/etc/../etc/passwd') }} -> True" },
    { "mount", "is_mount", "", 0, test_mount, "Whether the path is a mount point.",
      "{{ '/' is mount }} -> True" },
    { "uri", NULL, "schemes=none", 0, test_uri, "Whether the text is a URI.",
      "{{ 'https://example.org' is uri }} {{ 'mailto:x@example.org' is uri(['https']) }} -> True "
      "False" },
    { "url", NULL, "schemes=none", 0, test_url, "Whether the text is a URL.",
      "{{ 'https://example.org' is url }} {{ 'mailto:x@example.org' is url }} -> True False" },
    { "urn", NULL, "", 0, test_urn, "Whether the text is a URN.",
      "{{ 'urn:isbn:0451450523' is urn }} -> True" },
    { "vault_encrypted", NULL, "", CALL_ENCRYPTED, test_vault_encrypted,
      "Whether the value is encrypted.", "{{ 'plain' is vault_encrypted }} -> False" },
    { "vaulted_file", NULL, "", 0, test_vaulted_file, "Whether the file is encrypted.",
      "{{ '/etc/passwd' is vaulted_file }} -> False" },
    { 0 },
};
