/*
 * outcome.c - what a task did, for modules: their results are made from it.
 */
#include "module/plan_internal.h"

#include <stdarg.h>

#include "base/bug.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "remote/digest.h"

struct diags *outcome_diags(struct outcome *out)
{
    return out->plan->setup.diags;
}

struct arena *outcome_arena(struct outcome *out)
{
    return out->plan->setup.arena;
}

bool outcome_dry_run(const struct outcome *out)
{
    return out->dry_run;
}

static bool planned_something(const struct outcome *out)
{
    return out->plan->changes.len > 0 || out->plan->has_command;
}

bool outcome_changed(const struct outcome *out)
{
    return planned_something(out) && !out->not_changed && !out->status.skipped;
}

const struct file_stat *outcome_stat(struct outcome *out, str path)
{
    for (size_t i = 0; i < out->stat_count; i++) {
        if (str_eq(out->plan->ask_after.items[i], path)) {
            return &out->stats[i];
        }
    }
    BUG("nobody asked for the status of '%.*s'", SARG(path));
}

const struct command_result *outcome_command(struct outcome *out)
{
    return out->command;
}

struct run_answer outcome_run(struct outcome *out, size_t n)
{
    if (out->dry_run) {
        return (struct run_answer){ .unknown = true };
    }
    BUG_ON(n >= out->runs.len);
    return out->runs.items[n];
}

static str message(struct outcome *out, const char *format, va_list args) PRINTF(2, 0);
static str message(struct outcome *out, const char *format, va_list args)
{
    struct strbuf text = strbuf_in(outcome_arena(out));
    strbuf_vaddf(&text, format, args);
    return strbuf_str(&text);
}

void outcome_fail(struct outcome *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    out->status.failed = true;
    out->status.message = message(out, format, args);
    va_end(args);
}

void outcome_skip(struct outcome *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    out->status.skipped = true;
    out->status.message = message(out, format, args);
    va_end(args);
}

void outcome_not_changed(struct outcome *out)
{
    out->not_changed = true;
}

/* In a dry run a command that was left out, or changes of what it may have made, tell nothing
 * certain. */
static bool change_is_unknown(const struct outcome *out)
{
    return out->dry_run && !out->not_changed &&
           (out->status.skipped ? out->plan->has_command
                                : out->plan->uncertain && !out->plan->certain);
}

struct outcome_status outcome_status(const struct outcome *out)
{
    struct outcome_status status = out->status;
    status.changed = outcome_changed(out);
    status.changed_unknown = change_is_unknown(out);
    return status;
}

/* ---- results ---- */

value map_of(struct outcome *out, ...)
{
    struct map_builder map = map_in(outcome_arena(out));
    va_list args;
    va_start(args, out);
    for (const char *key = va_arg(args, const char *); key != NULL;
         key = va_arg(args, const char *)) {
        map_set_str(&map, str_of(key), va_arg(args, value));
    }
    va_end(args);
    return map_seal(&map);
}

/* NULL: it was not streamed. */
static const struct sent_file *find_sent(const struct outcome *out, const struct content *content)
{
    for (size_t i = 0; content->kind == CONTENT_CONTROLLER && i < out->sent.len; i++) {
        if (str_eq(out->sent.items[i].path, content->path)) {
            return &out->sent.items[i];
        }
    }
    return NULL;
}

value outcome_sha1(struct outcome *out, const struct content *content)
{
    const struct sent_file *sent = find_sent(out, content);
    str hex = sent != NULL ? sent->sha1 : content_digest(content);
    return str_is_none(hex) ? value_unknown() : value_str(outcome_arena(out), hex);
}

static str md5_of_file(struct outcome *out, const struct content *content)
{
    const struct sent_file *sent = find_sent(out, content);
    CLEANUP(close_fd) int fd = sent != NULL ? -1 : tree_open(content->path);
    return sent != NULL ? sent->md5
           : fd < 0     ? STR_NONE
                        : digest_of_fd(outcome_arena(out), DIGEST_MD5, fd);
}

value outcome_md5(struct outcome *out, const struct content *content)
{
    struct arena *arena = outcome_arena(out);
    str hex = STR_NONE;
    if (out->dry_run || !digest_is_possible(DIGEST_MD5)) {
        return (value){ 0 };
    }
    if (content->kind == CONTENT_BYTES && value_is(content->bytes, VALUE_STR)) {
        hex = digest_of_bytes(arena, DIGEST_MD5, value_as_str(content->bytes));
    } else if (content->kind == CONTENT_CONTROLLER) {
        hex = md5_of_file(out, content);
    }
    return str_is_none(hex) ? (value){ 0 } : value_str(arena, hex);
}

/* As Ansible calls what is there; a file with a second name is "hard". */
static str state_word(const struct file_stat *stat)
{
    switch (stat->type) {
    case FILE_ABSENT:
        return S("absent");
    case FILE_LINK:
        return S("link");
    case FILE_DIRECTORY:
        return S("directory");
    case FILE_REGULAR:
    case FILE_CHAR_DEVICE:
    case FILE_BLOCK_DEVICE:
    case FILE_FIFO:
    case FILE_SOCKET:
    case FILE_UNKNOWN:
        return stat->links > 1 ? S("hard") : S("file");
    }
    BUG("file type %d", (int)stat->type);
}

static const char *const details[] = { "mode", "owner", "group", "uid", "gid", "size" };

static value detail(struct arena *arena, const struct file_stat *stat, size_t i)
{
    switch (i) {
    case 0:
        return value_str(arena, str_format(arena, "0%03o", stat->mode));
    case 1:
        return value_str(arena, stat->owner);
    case 2:
        return value_str(arena, stat->group);
    case 3:
        return stat->uid == ID_UNKNOWN ? value_unknown() : value_int(stat->uid);
    case 4:
        return stat->gid == ID_UNKNOWN ? value_unknown() : value_int(stat->gid);
    default: /* a directory's is the file system's choice */
        return stat->predicted && stat->type == FILE_DIRECTORY ? value_unknown()
                                                               : value_int((int64_t)stat->size);
    }
}

void outcome_add_file(struct outcome *out, struct map_builder *map, str path)
{
    struct arena *arena = outcome_arena(out);
    const struct file_stat *stat = outcome_stat(out, path);
    bool unknown = stat->type == FILE_UNKNOWN;
    map_set_str(map, S("state"), unknown ? value_unknown() : value_str(arena, state_word(stat)));
    if (stat->type == FILE_ABSENT) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(details); i++) {
        map_set_str(map, str_of(details[i]), unknown ? value_unknown() : detail(arena, stat, i));
    }
}
