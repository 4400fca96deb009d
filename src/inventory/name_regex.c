/* name_regex.c - regular expressions on names, by PCRE2. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "inventory/name_regex.h"

#include <pcre2.h>

struct name_regex {
    pcre2_code *code;
    pcre2_match_data *data;
};

static void release(void *object)
{
    struct name_regex *regex = object;
    pcre2_match_data_free(regex->data);
    pcre2_code_free(regex->code);
}

struct name_regex *name_regex_compile(struct arena *arena, struct diags *diags, str text,
                                      bool at_begin, span at)
{
    int error;
    size_t offset;
    uint32_t options = PCRE2_UTF | PCRE2_UCP | (at_begin ? PCRE2_ANCHORED : 0);
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)text.ptr, text.len, options, &error, &offset, NULL);
    if (code == NULL) {
        char why[120] = "";
        pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof why);
        diag_error(diags, at, "'%.*s' is no regular expression: %s, at its byte %zu", SARG(text),
                   why, offset);
        return NULL;
    }
    struct name_regex *regex = NEW(arena, struct name_regex);
    *regex = (struct name_regex){ code, pcre2_match_data_create_from_pattern(code, NULL) };
    arena_on_reset(arena, release, regex);
    return regex;
}

bool name_regex_matches(const struct name_regex *regex, str name)
{
    return pcre2_match(regex->code, (PCRE2_SPTR)name.ptr, name.len, 0, 0, regex->data, NULL) >= 0;
}
