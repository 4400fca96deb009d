/* regex.c - see regex.h. */
#include "template/regex.h"

#include "base/strbuf.h"

/* Python's spelling to PCRE2's. */
static str translate(struct arena *arena, str pattern)
{
    struct strbuf out = strbuf_in(arena);
    bool in_class = false;
    for (size_t i = 0; i < pattern.len; i++) {
        str rest = str_part(pattern, i, pattern.len);
        char c = pattern.ptr[i];
        if (c == '\\' && i + 1 < pattern.len) {
            char next = pattern.ptr[++i];
            if (next == 'Z' && !in_class) {
                strbuf_add(&out, S("\\z"));
            } else {
                strbuf_add_char(&out, '\\');
                strbuf_add_char(&out, next);
            }
        } else if (in_class) {
            if (c == '[') { /* no POSIX classes */
                strbuf_add_char(&out, '\\');
            }
            in_class = c != ']';
            strbuf_add_char(&out, c);
        } else if (c == '[') {
            in_class = true;
            strbuf_add_char(&out, c);
            if (i + 1 < pattern.len && pattern.ptr[i + 1] == '^') {
                strbuf_add_char(&out, pattern.ptr[++i]);
            }
            if (i + 1 < pattern.len && pattern.ptr[i + 1] == ']') {
                strbuf_add(&out, S("\\]"));
                i++;
            }
        } else if (str_starts(rest, S("{,")) && rest.len > 2 && rest.ptr[2] >= '0' &&
                   rest.ptr[2] <= '9') {
            strbuf_add(&out, S("{0"));
        } else {
            strbuf_add_char(&out, c);
        }
    }
    return strbuf_str(&out);
}

static void release(void *object)
{
    struct regex *regex = object;
    pcre2_match_data_free(regex->match);
    pcre2_code_free(regex->code);
}

bool regex_compile(struct call *call, str pattern, unsigned flags, struct regex *ret)
{
    str text = translate(call->arena, pattern);
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
    options |= (flags & REGEX_IGNORECASE) != 0 ? PCRE2_CASELESS : 0;
    options |= (flags & REGEX_MULTILINE) != 0 ? PCRE2_MULTILINE : 0;
    options |= (flags & REGEX_DOTALL) != 0 ? PCRE2_DOTALL : 0;
    int error;
    PCRE2_SIZE at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text.ptr, text.len, options, &error, &at, NULL);
    if (code == NULL) {
        char message[200];
        pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof message);
        return call_fail(call, "regular expression '%.*s' is not valid: %s, at character %zu",
                         SARG(pattern), message, (size_t)at);
    }
    struct regex *kept = NEW(call->arena, struct regex);
    kept->code = code;
    kept->match = pcre2_match_data_create_from_pattern(code, NULL);
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &kept->groups);
    arena_on_reset(call->arena, release, kept);
    *ret = *kept;
    return true;
}

bool regex_match(struct call *call, const struct regex *regex, str text, size_t from,
                 unsigned options, bool *ret_found, const size_t **ret_offsets)
{
    uint32_t flags = (options & REGEX_ANCHORED) != 0 ? PCRE2_ANCHORED : 0;
    flags |= (options & REGEX_FULL) != 0 ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
    flags |= (options & REGEX_NOT_EMPTY) != 0 ? PCRE2_NOTEMPTY_ATSTART : 0;
    int found =
        pcre2_match(regex->code, (PCRE2_SPTR)text.ptr, text.len, from, flags, regex->match, NULL);
    if (found < 0 && found != PCRE2_ERROR_NOMATCH) {
        char message[200];
        pcre2_get_error_message(found, (PCRE2_UCHAR *)message, sizeof message);
        return call_fail(call, "regular expression cannot be matched: %s", message);
    }
    *ret_found = found > 0;
    *ret_offsets = pcre2_get_ovector_pointer(regex->match);
    return true;
}

int regex_group(const struct regex *regex, struct arena *arena, str name)
{
    int number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)str_c(arena, name));
    return number > 0 ? number : -1;
}
