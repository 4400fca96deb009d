/*
 * diff.c - drawing changes. The algorithm is libgit2's.
 */
#include "engine/diff.h"

#include <git2.h>
#include <pthread.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"

static void start_libgit2(void)
{
    git_libgit2_init();
}

static bool is_binary(str text)
{
    return memchr(text.ptr, '\0', text.len) != NULL || !utf8_valid(text, NULL);
}

static int add_line(const git_diff_delta *delta, const git_diff_hunk *hunk,
                    const git_diff_line *line, void *out_)
{
    struct strbuf *out = out_;
    str text = { line->content, line->content_len };
    (void)delta;
    (void)hunk;
    switch (line->origin) {
    case GIT_DIFF_LINE_HUNK_HDR: {
        size_t end = str_rfind(text, S("@@"));
        strbuf_add(out, end == STR_NPOS ? text : str_part(text, 0, end + 2));
        strbuf_add_char(out, '\n');
        break;
    }
    case GIT_DIFF_LINE_CONTEXT:
    case GIT_DIFF_LINE_ADDITION:
    case GIT_DIFF_LINE_DELETION:
        strbuf_add_char(out, line->origin);
        strbuf_add(out, text);
        if (text.len == 0 || text.ptr[text.len - 1] != '\n') {
            strbuf_add(out, S("\n\\ No newline at end of file\n"));
        }
        break;
    default: /* headers of files, and what is told above about missing newlines */
        break;
    }
    return 0;
}

static void add_unified(struct strbuf *out, str before_name, str after_name, str before, str after)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    git_patch *patch = NULL;
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_FORCE_TEXT;
    pthread_once(&once, start_libgit2);
    if (git_patch_from_buffers(&patch, before.ptr, before.len, NULL, after.ptr, after.len, NULL,
                               &options) == 0) {
        strbuf_addf(out, "--- %.*s\n+++ %.*s\n", SARG(before_name), SARG(after_name));
        git_patch_print(patch, add_line, out);
        strbuf_add_char(out, '\n');
    }
    git_patch_free(patch);
}

/* The bytes to be shown; STR_NONE: they are not (binary, secret, or not held here). */
static str shown_content(struct arena *arena, const struct content *content)
{
    if (content->kind != CONTENT_BYTES || content->secret) {
        return STR_NONE;
    }
    str text = value_masked(arena, content->bytes);
    return is_binary(text) ? STR_NONE : text;
}

static void add_write(struct strbuf *out, const struct change *change)
{
    struct arena *arena = out->arena;
    str path = change->path;
    str before_name = str_format(arena, "before: %.*s", SARG(path));
    str after_name = str_format(arena, "after: %.*s", SARG(path));
    bool had_text = value_is(change->before_content, VALUE_STR) ||
                    value_is(change->before_content, VALUE_UNKNOWN);
    str before = had_text ? value_masked(arena, change->before_content) : STR_EMPTY;
    str after = shown_content(arena, &change->content);
    if (change->content.secret) {
        strbuf_addf(out, "--- %.*s\n+++ %.*s\n(secret content changes)\n\n", SARG(before_name),
                    SARG(after_name));
    } else if (str_is_none(after) || is_binary(before)) {
        strbuf_addf(out, "--- %.*s\n+++ %.*s\n(content becomes %llu bytes, SHA-1 %.*s)\n\n",
                    SARG(before_name), SARG(after_name), (unsigned long long)change->content.size,
                    SARG(change->content.digest));
    } else {
        add_unified(out, before_name, after_name, before, after);
    }
}

/* ---- changes without content: what they are about as a small JSON text, as Ansible does ---- */

static const char *state_name(enum file_type type)
{
    switch (type) {
    case FILE_ABSENT:
        return "absent";
    case FILE_DIRECTORY:
        return "directory";
    case FILE_LINK:
        return "link";
    case FILE_REGULAR:
    case FILE_CHAR_DEVICE:
    case FILE_BLOCK_DEVICE:
    case FILE_FIFO:
    case FILE_SOCKET:
        return "file";
    case FILE_UNKNOWN:
        return "unknown";
    }
    return "unknown";
}

static str facts(struct arena *arena, const struct change *change, bool after)
{
    struct strbuf text = strbuf_in(arena);
    const struct file_attrs *attrs = &change->attrs;
    const struct file_stat *before = &change->before;
    bool existed = before->type != FILE_ABSENT; /* of what is new, that it is there says enough */
    strbuf_add(&text, S("{\n"));
    if (existed && !str_is_none(attrs->group) && !str_eq(attrs->group, before->group)) {
        strbuf_addf(&text, "    \"group\": \"%.*s\",\n",
                    SARG(after ? attrs->group : before->group));
    }
    if (existed && attrs->has_mode && attrs->mode != before->mode) {
        strbuf_addf(&text, "    \"mode\": \"0%o\",\n", after ? attrs->mode : before->mode);
    }
    if (existed && !str_is_none(attrs->owner) && !str_eq(attrs->owner, before->owner)) {
        strbuf_addf(&text, "    \"owner\": \"%.*s\",\n",
                    SARG(after ? attrs->owner : before->owner));
    }
    strbuf_addf(&text, "    \"path\": \"%.*s\"", SARG(change->path));
    const char *state = state_name(before->type);
    str target = STR_NONE;
    if (change->kind == CHANGE_DIRECTORY) {
        state = after ? "directory" : state;
    } else if (change->kind == CHANGE_SYMLINK || change->kind == CHANGE_HARDLINK) {
        state = !after ? state : change->kind == CHANGE_SYMLINK ? "link" : "hard";
        target = after ? change->target : before->target;
    } else if (change->kind == CHANGE_REMOVE) {
        state = after ? "absent" : state;
    } else if (change->kind == CHANGE_TIMES) {
        state = after ? "touch" : state;
    } else {
        state = NULL;
    }
    if (!str_is_none(target)) {
        strbuf_addf(&text, ",\n    \"src\": \"%.*s\"", SARG(target));
    }
    if (state != NULL) {
        strbuf_addf(&text, ",\n    \"state\": \"%s\"", state);
    }
    strbuf_add(&text, S("\n}\n"));
    return strbuf_str(&text);
}

static void add_run(struct strbuf *out, const struct change *change)
{
    str before =
        str_format(out->arena, "%.*s: %.*s\n", SARG(change->what), SARG(change->old_state));
    str after = str_format(out->arena, "%.*s: %.*s\n", SARG(change->what), SARG(change->new_state));
    add_unified(out, S("before"), S("after"), before, after);
}

void diff_add(struct strbuf *out, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_WRITE:
        add_write(out, change);
        break;
    case CHANGE_DIRECTORY:
    case CHANGE_SYMLINK:
    case CHANGE_HARDLINK:
    case CHANGE_ATTRS:
    case CHANGE_TIMES:
    case CHANGE_REMOVE:
        add_unified(out, S("before"), S("after"), facts(out->arena, change, false),
                    facts(out->arena, change, true));
        break;
    case CHANGE_COPY: /* a backup: told in the result */
        break;
    case CHANGE_RUN:
        add_run(out, change);
        break;
    }
}
