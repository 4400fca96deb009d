/*
 * weigh.c - what a template may put together. A list can be held twice, by a list that is held
 * twice itself: a few lines make more than any machine can print or compare. So what is put into
 * something that stays is gone through once, each list as often as it is held; and nothing may hold
 * itself.
 */
#include <string.h>

#include "template/core.h"

struct scale {
    value holder;  /* must not be within; or undefined */
    size_t weight; /* values so far */
    unsigned depth;
    const char *wrong; /* NULL: nothing */
};

static bool is_same(value a, value b)
{
    return value_kind(a) == value_kind(b) && memcmp(&a.as, &b.as, sizeof a.as) == 0;
}

static bool weigh(struct scale *scale, value v);

static bool weigh_within(struct scale *scale, value v)
{
    value attributes;
    if (namespace_attributes(v, &attributes)) {
        return weigh(scale, attributes);
    }
    bool map = value_is(v, VALUE_MAP);
    for (size_t i = 0; i < value_count(v); i++) {
        if (!weigh(scale, map ? value_map_value(v, i) : value_item(v, i))) {
            return false;
        }
    }
    return true;
}

static bool weigh(struct scale *scale, value v)
{
    value attributes;
    scale->weight++;
    if (!value_is(v, VALUE_LIST) && !value_is(v, VALUE_MAP) &&
        !namespace_attributes(v, &attributes)) {
        return true;
    }
    scale->wrong = is_same(scale->holder, v)         ? "a list or map cannot hold itself"
                   : scale->weight > VALUE_MAX_NODES ? "there are too many values in each other"
                   : scale->depth == VALUE_MAX_DEPTH ? "lists and maps are nested too deeply"
                                                     : NULL;
    if (scale->wrong != NULL) {
        return false;
    }
    scale->depth++;
    bool ok = weigh_within(scale, v);
    scale->depth--;
    return ok;
}

bool may_hold(struct render *r, value holder, value v, span at)
{
    struct scale scale = { .holder = holder };
    if (weigh(&scale, v)) {
        return true;
    }
    render_error(r, at, TEMPLATE_FAILED, "%s", scale.wrong);
    return false;
}
