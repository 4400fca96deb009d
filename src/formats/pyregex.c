/*
 * pyregex.c - Python's regular expressions on PCRE2: what is written otherwise is translated
 * (pyregex_syntax.c), what means otherwise is set by options.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "formats/pyregex.h"

#include <pcre2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "formats/pyregex_syntax.h"

#define STEPS_MAX  20000000     /* of the matcher */
#define MEMORY_MAX (256 * 1024) /* KiB, for what it may have to come back to */
#define KEPT       128          /* expressions */
#define SUBJECT_OF_SPARES                                                                          \
    (64 * 1024) /* bytes; a longer one may have made the matcher's data large */

/* ---- compiled expressions, shared ---- */

/* Never changes but for the spare; freed by whoever drops it last. */
struct compiled {
    atomic_size_t users;
    pcre2_code *code;
    _Atomic(pcre2_code *) tolerant; /* for texts that are no valid UTF-8; made when one comes */
    pcre2_match_context *limits;
    _Atomic(pcre2_match_data *) spare; /* of the last match: its memory is worth keeping */
    uint32_t groups;
    uint64_t hash;
    unsigned flags; /* as asked for */
    str pattern;    /* in `bytes` */
    char bytes[];
};

struct pyregex {
    struct compiled *compiled;
    span at;
};

/* The last expression of each hash: a loop over hosts or items compiles the same ones over and
 * over. Guarded by the lock. */
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static struct compiled *kept[KEPT];

static void drop(void *object)
{
    struct compiled *c = object;
    if (c == NULL || atomic_fetch_sub(&c->users, 1) > 1) {
        return;
    }
    pcre2_match_data_free(c->spare);
    pcre2_match_context_free(c->limits);
    pcre2_code_free(c->tolerant);
    pcre2_code_free(c->code);
    free(c);
}

static uint64_t hash_of(str pattern, unsigned flags)
{
    return str_hash(pattern) + flags;
}

/* One more user of the kept expression; NULL: it is not kept. */
static struct compiled *find_kept(str pattern, unsigned flags)
{
    uint64_t hash = hash_of(pattern, flags);
    pthread_mutex_lock(&kept_lock);
    struct compiled *c = kept[hash % KEPT];
    bool same = c != NULL && c->hash == hash && c->flags == flags && str_eq(c->pattern, pattern);
    if (same) {
        atomic_fetch_add(&c->users, 1);
    }
    pthread_mutex_unlock(&kept_lock);
    return same ? c : NULL;
}

static void keep(struct compiled *c)
{
    atomic_fetch_add(&c->users, 1);
    pthread_mutex_lock(&kept_lock);
    struct compiled *old = kept[c->hash % KEPT];
    kept[c->hash % KEPT] = c;
    pthread_mutex_unlock(&kept_lock);
    drop(old);
}

static struct compiled *compiled_new(pcre2_code *code, str pattern, unsigned flags)
{
    struct compiled *c = malloc(sizeof *c + pattern.len);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    BUG_ON(c == NULL || limits == NULL);
    *c = (struct compiled){ .users = 1, .code = code, .limits = limits, .flags = flags };
    c->hash = hash_of(pattern, flags);
    c->pattern = (str){ c->bytes, pattern.len };
    if (pattern.len > 0) {
        memcpy(c->bytes, pattern.ptr, pattern.len);
    }
    pcre2_set_match_limit(limits, STEPS_MAX);
    pcre2_set_heap_limit(limits, MEMORY_MAX);
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &c->groups);
    return c;
}

/* ---- compiling ---- */

static struct compiled *refuse(struct diags *diags, span at, str pattern, const char *why,
                               size_t where)
{
    struct diag *diag =
        diag_error(diags, at, "regular expression '%.*s' is not valid: %s", SARG(pattern), why);
    if (where != STR_NPOS) {
        diag_note(diag, SPAN_NONE, "at character %zu of it",
                  utf8_length(str_part(pattern, 0, where)) + 1);
    }
    return NULL;
}

/* In every expression `.` and `$` know no line end but \n, and ^ also matches behind the last. */
static pcre2_code *compile_text(str text, uint32_t options, int *ret_error, size_t *ret_offset)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    BUG_ON(context == NULL);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)text.ptr, text.len, options, ret_error, ret_offset, context);
    pcre2_compile_context_free(context);
    return code;
}

static uint32_t options_of(str pattern, unsigned flags)
{
    uint32_t options = PCRE2_ALT_CIRCUMFLEX;
    options |= utf8_valid(pattern, NULL) ? PCRE2_UTF : 0;
    options |= flags & PYREGEX_ASCII ? 0 : PCRE2_UCP;
    options |= flags & PYREGEX_IGNORECASE ? PCRE2_CASELESS : 0;
    options |= flags & PYREGEX_MULTILINE ? PCRE2_MULTILINE : 0;
    options |= flags & PYREGEX_DOTALL ? PCRE2_DOTALL : 0;
    options |= flags & PYREGEX_VERBOSE ? PCRE2_EXTENDED : 0;
    return options;
}

static struct compiled *compile(struct diags *diags, span at, str pattern, unsigned flags)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("regex");
    struct pyregex_text text;
    struct pyregex_mistake mistake;
    int error;
    size_t offset;
    if (!pyregex_translate(scratch, pattern, flags, &text, &mistake)) {
        return refuse(diags, at, pattern, mistake.why, mistake.at);
    }
    pcre2_code *code = compile_text(text.text, options_of(pattern, text.flags), &error, &offset);
    if (code == NULL) {
        PCRE2_UCHAR message[160] = "";
        pcre2_get_error_message(error, message, sizeof message);
        bool same_place = str_eq(text.text, pattern);
        return refuse(diags, at, pattern, (const char *)message, same_place ? offset : STR_NPOS);
    }
    return compiled_new(code, pattern, flags);
}

struct pyregex *pyregex_compile(struct arena *arena, struct diags *diags, span at, str pattern,
                                unsigned flags)
{
    struct compiled *compiled = find_kept(pattern, flags);
    if (compiled == NULL) {
        compiled = compile(diags, at, pattern, flags);
        if (compiled == NULL) {
            return NULL;
        }
        keep(compiled);
    }
    arena_on_reset(arena, drop, compiled);
    struct pyregex *regex = NEW(arena, struct pyregex);
    *regex = (struct pyregex){ compiled, at };
    return regex;
}

size_t pyregex_groups(const struct pyregex *regex)
{
    return regex->compiled->groups;
}

size_t pyregex_group_index(const struct pyregex *regex, str name)
{
    char text[128];
    if (name.len == 0 || name.len >= sizeof text) {
        return 0;
    }
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    int number = pcre2_substring_number_from_name(regex->compiled->code, (PCRE2_SPTR)text);
    return number < 0 ? 0 : (size_t)number;
}

str pyregex_group_name(const struct pyregex *regex, size_t group)
{
    uint32_t count = 0, size = 0;
    PCRE2_SPTR table = NULL;
    pcre2_pattern_info(regex->compiled->code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(regex->compiled->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(regex->compiled->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count; i++) { /* an entry: the number in two bytes, then the name */
        PCRE2_SPTR entry = table + (size_t)i * size;
        if (((size_t)entry[0] << 8 | entry[1]) == group) {
            return str_of((const char *)entry + 2);
        }
    }
    return STR_NONE;
}

/* ---- matching ---- */

/*
 * PCRE2 checks a whole text for valid UTF-8 at each match, unless told that it is; code that
 * tolerates what is not always does. With many matches in a long text that is nearly all the time,
 * so there are two.
 */
static const pcre2_code *tolerant_code(struct compiled *c)
{
    pcre2_code *code = c->tolerant, *none = NULL;
    if (code != NULL) {
        return code;
    }
    if (!utf8_valid(c->pattern, NULL)) {
        return c->code; /* knows bytes only */
    }
    CLEANUP(release_arena) struct arena *scratch = arena_new("regex");
    struct pyregex_text text;
    struct pyregex_mistake mistake;
    int error;
    size_t offset;
    BUG_ON(!pyregex_translate(scratch, c->pattern, c->flags, &text, &mistake));
    code = compile_text(text.text, options_of(c->pattern, text.flags) | PCRE2_MATCH_INVALID_UTF,
                        &error, &offset);
    BUG_ON(code == NULL);
    if (!atomic_compare_exchange_strong(&c->tolerant, &none, code)) { /* another thread was first */
        pcre2_code_free(code);
        code = none;
    }
    return code;
}

static struct pyregex_match match_of(const struct compiled *c, struct arena *arena,
                                     pcre2_match_data *data, size_t set_groups)
{
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(data);
    struct pyregex_group *groups = NEW_ARRAY(arena, struct pyregex_group, c->groups + 1);
    for (size_t i = 0; i <= c->groups; i++) {
        bool set = i < set_groups && offsets[2 * i] != PCRE2_UNSET;
        groups[i].from = set ? offsets[2 * i] : STR_NPOS;
        groups[i].to = set ? offsets[2 * i + 1] : STR_NPOS;
    }
    return (struct pyregex_match){ groups, c->groups + 1 };
}

/* In a text that is no valid UTF-8 PCRE2 takes each valid stretch for a beginning and an end. */
static bool is_where_wanted(pcre2_match_data *data, str subject, size_t from, uint32_t options)
{
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(data);
    return ((options & PCRE2_ANCHORED) == 0 || offsets[0] == from) &&
           ((options & PCRE2_ENDANCHORED) == 0 || offsets[1] == subject.len);
}

static bool run(const struct pyregex *regex, struct arena *arena, struct diags *diags, str subject,
                const struct pyregex_walk *walk, uint32_t options, bool *ret_found,
                struct pyregex_match *ret_match)
{
    bool valid = walk->subject == PYREGEX_UTF8;
    struct compiled *c = regex->compiled;
    pcre2_match_data *data = atomic_exchange(&c->spare, NULL);
    if (data == NULL) {
        data = pcre2_match_data_create_from_pattern(c->code, NULL);
        BUG_ON(data == NULL);
    }
    int got = pcre2_match(valid ? c->code : tolerant_code(c), (PCRE2_SPTR)subject.ptr, subject.len,
                          walk->at, options | (valid ? PCRE2_NO_UTF_CHECK : 0), data, c->limits);
    bool ok = got >= 0 || got == PCRE2_ERROR_NOMATCH;
    if (got >= 0 && !is_where_wanted(data, subject, walk->at, options)) {
        got = PCRE2_ERROR_NOMATCH;
    }
    *ret_found = got >= 0;
    if (got >= 0 && ret_match != NULL) {
        *ret_match = match_of(c, arena, data, (size_t)got);
    }
    if (!ok) {
        diag_error(diags, regex->at, "regular expression needs too many steps to be matched");
    }
    if (ok && subject.len <= SUBJECT_OF_SPARES) {
        data = atomic_exchange(&c->spare, data);
    }
    pcre2_match_data_free(data);
    return ok;
}

static enum pyregex_utf8 check_utf8(str subject)
{
    return utf8_valid(subject, NULL) ? PYREGEX_UTF8 : PYREGEX_NOT_UTF8;
}

bool pyregex_exec(const struct pyregex *regex, struct arena *arena, struct diags *diags,
                  str subject, size_t from, enum pyregex_mode mode, bool *ret_found,
                  struct pyregex_match *ret_match)
{
    uint32_t options = mode == PYREGEX_SEARCH ? 0 : PCRE2_ANCHORED;
    options |= mode == PYREGEX_FULLMATCH ? PCRE2_ENDANCHORED : 0;
    const struct pyregex_walk walk = { .at = from, .subject = check_utf8(subject) };
    return run(regex, arena, diags, subject, &walk, options, ret_found, ret_match);
}

bool pyregex_next(const struct pyregex *regex, struct arena *arena, struct diags *diags,
                  str subject, struct pyregex_walk *walk, bool *ret_found,
                  struct pyregex_match *ret_match)
{
    if (walk->subject == PYREGEX_UTF8_UNKNOWN) {
        walk->subject = check_utf8(subject);
    }
    if (!run(regex, arena, diags, subject, walk, walk->after_empty ? PCRE2_NOTEMPTY_ATSTART : 0,
             ret_found, ret_match)) {
        return false;
    }
    if (*ret_found) {
        walk->at = ret_match->groups[0].to;
        walk->after_empty = ret_match->groups[0].from == walk->at;
    }
    return true;
}

bool pyregex_found(struct diags *diags, span at, str pattern, str subject, bool *ret)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("regex");
    const struct pyregex *regex = pyregex_compile(arena, diags, at, pattern, 0);
    return regex != NULL && pyregex_exec(regex, NULL, diags, subject, 0, PYREGEX_SEARCH, ret, NULL);
}
