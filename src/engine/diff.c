/*
 * diff.c - drawing changes. The algorithm is libgit2's.
 */
#include "engine/diff.h"

#include <git2.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/strbuf.h"
#include "base/tree.h"
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

/* The text of a file here; STR_NONE: it cannot be read, or is too large to show. */
static str controller_text(struct arena *arena, const struct content *content)
{
    str text;
    CLEANUP(close_fd) int fd = tree_open(content->path);
    return fd >= 0 && fd_read(arena, fd, OBSERVE_TEXT_MAX, &text) ? text : STR_NONE;
}

/* The bytes to be shown; STR_NONE: they are not (binary, secret, or not held here). */
static str shown_content(struct arena *arena, const struct content *content)
{
    str text = content->secret || content->kind == CONTENT_REMOTE ? STR_NONE
               : content->kind == CONTENT_CONTROLLER              ? controller_text(arena, content)
                                                     : value_masked(arena, content->bytes);
    return str_is_none(text) || is_binary(text) ? STR_NONE : text;
}

/* The names are Ansible's: where nothing was, none; what comes from a file here is named by it. */
static void write_names(struct arena *arena, const struct change *change, str *ret_before,
                        str *ret_after)
{
    str path = change->path;
    bool here = change->content.kind == CONTENT_CONTROLLER;
    bool made = change->before.type == FILE_ABSENT;
    if (change->show == SHOW_CONTENT) {
        *ret_before = str_format(arena, "before: %.*s (content)", SARG(path));
        *ret_after = str_format(arena, "after: %.*s (content)", SARG(path));
    } else {
        *ret_before = made ? S("before") : str_format(arena, "before: %.*s", SARG(path));
        *ret_after = str_format(arena, "after: %.*s", SARG(here ? change->content.path : path));
    }
}

static void add_write(struct strbuf *out, const struct change *change)
{
    struct arena *arena = out->arena;
    str before_name, after_name;
    bool had_text = value_is(change->before_content, VALUE_STR) ||
                    value_is(change->before_content, VALUE_UNKNOWN);
    str before = had_text ? value_masked(arena, change->before_content) : STR_EMPTY;
    str after = shown_content(arena, &change->content);
    write_names(arena, change, &before_name, &after_name);
    if (change->content.secret) {
        strbuf_addf(out, "--- %.*s\n+++ %.*s\n(secret content changes)\n\n", SARG(before_name),
                    SARG(after_name));
    } else if (str_is_none(after) || is_binary(before)) {
        strbuf_addf(out, "--- %.*s\n+++ %.*s\n(content becomes %llu bytes, SHA-1 %.*s)\n\n",
                    SARG(before_name), SARG(after_name), (unsigned long long)change->content.size,
                    SARG(content_digest(&change->content)));
    } else if (!str_eq(before, after)) {
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

/* What becomes of the path; NULL: its kind stays. */
static const char *new_state(const struct change *change)
{
    switch (change->kind) {
    case CHANGE_DIRECTORY:
        return "directory";
    case CHANGE_SYMLINK:
        return "link";
    case CHANGE_HARDLINK:
        return "hard";
    case CHANGE_REMOVE:
        return "absent";
    case CHANGE_TIMES:
    case CHANGE_WRITE: /* of nothing */
        return "touch";
    case CHANGE_ATTRS:
    case CHANGE_COPY:
    case CHANGE_RUN:
        return NULL;
    }
    return NULL;
}

/* Only what differs, and the path. */
static str facts(struct arena *arena, const struct change *change, bool after)
{
    struct strbuf text = strbuf_in(arena);
    const struct file_attrs *attrs = &change->attrs;
    const struct file_stat *before = &change->before;
    bool existed = before->type != FILE_ABSENT; /* of what is new, that it is there says enough */
    const char *from = state_name(before->type), *to = new_state(change);
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
    if (before->type == FILE_LINK && !str_is_none(change->target)) {
        strbuf_addf(&text, ",\n    \"src\": \"%.*s\"",
                    SARG(after ? change->target : before->target));
    }
    if (to != NULL && strcmp(from, to) != 0) {
        strbuf_addf(&text, ",\n    \"state\": \"%s\"", after ? to : from);
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

static void add_facts(struct strbuf *out, const struct change *change)
{
    add_unified(out, S("before"), S("after"), facts(out->arena, change, false),
                facts(out->arena, change, true));
}

void diff_add(struct strbuf *out, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_WRITE:
        (change->show == SHOW_TOUCH ? add_facts : add_write)(out, change);
        break;
    case CHANGE_DIRECTORY:
    case CHANGE_SYMLINK:
    case CHANGE_HARDLINK:
    case CHANGE_ATTRS:
    case CHANGE_TIMES:
    case CHANGE_REMOVE:
        add_facts(out, change);
        break;
    case CHANGE_COPY: /* a backup: told in the result */
        break;
    case CHANGE_RUN:
        add_run(out, change);
        break;
    }
}
