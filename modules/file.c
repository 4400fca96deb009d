/* file - what a path is: a directory, a link, nothing; and its owner, group, mode and times. */
#include "file.h"

#include <time.h>

#include "base/path.h"

static const struct param params[] = {
    PARAM(struct file_module_params, path, .type = PARAM_PATH, .required = true, .maybe = true,
          .aliases = ALIASES("dest", "name"),
          .doc = "What to manage; an empty one is absent, and can be nothing else."),
    PARAM(struct file_module_params, state, .type = PARAM_CHOICE,
          .choices = CHOICES("absent", "directory", "file", "hard", "link", "touch"),
          GIVEN(struct file_module_params, has_state),
          .doc = "What the path is to be: 'file' only changes what exists, 'touch' makes an empty "
                 "file. When not given: what is there, or 'file'."),
    PARAM(struct file_module_params, src, .type = PARAM_PATH, .relative = true,
          .doc = "What a link points to; as it is written, for state=link."),
    PARAM(struct file_module_params, force, .type = PARAM_BOOL,
          .doc = "Make links to what does not exist, and replace files by links."),
    PARAM(struct file_module_params, follow, .type = PARAM_BOOL, .fallback = "yes",
          .doc = "Change what a link points to, not the link."),
    PARAM(struct file_module_params, recurse, .type = PARAM_BOOL,
          .doc = "Set owner, group and mode of everything in the directory too."),
    PARAM(struct file_module_params, access_time, .type = PARAM_STR,
          .doc = "'preserve', 'now', or a time in the host's time zone."),
    PARAM(struct file_module_params, access_time_format, .type = PARAM_STR,
          .fallback = "%Y%m%d%H%M.%S", .doc = "How access_time is written, as strptime(3)."),
    PARAM(struct file_module_params, modification_time, .type = PARAM_STR,
          .doc = "'preserve', 'now', or a time in the host's time zone."),
    PARAM(struct file_module_params, modification_time_format, .type = PARAM_STR,
          .fallback = "%Y%m%d%H%M.%S", .doc = "How modification_time is written, as strptime(3)."),
    FILE_PARAMS(struct file_module_params, file),
    PARAM_END,
};

static bool file_check(struct diags *diags, span at, const void *params_)
{
    const struct file_module_params *want = params_;
    bool link = want->has_state && (want->state == STATE_LINK || want->state == STATE_HARD);
    if (str_is_none(want->path) && !(want->has_state && want->state == STATE_ABSENT)) {
        diag_error(diags, at, "'path' is empty");
        return false;
    }
    if (want->recurse && want->has_state && want->state != STATE_DIRECTORY) {
        diag_error(diags, at, "'recurse' needs state=directory");
        return false;
    }
    if (!str_is_none(want->src) && want->has_state && !link) {
        diag_error(diags, at, "'src' needs state=link or state=hard");
        return false;
    }
    if (want->file.mode.form == MODE_PRESERVE) {
        diag_error(diags, at,
                   "mode 'preserve' means nothing here: there is no source to take it from");
        return false;
    }
    if (want->has_state && want->state == STATE_HARD && !str_is_none(want->src) &&
        !path_is_absolute(want->src)) {
        diag_error(diags, at, "'src' of a hard link must be an absolute path");
        return false;
    }
    return true;
}

enum file_state file_wanted_state(const struct file_module_params *want,
                                  const struct file_stat *there)
{
    if (want->has_state) {
        return (enum file_state)want->state;
    }
    switch (there->type) {
    case FILE_ABSENT:
    case FILE_UNKNOWN:
        return want->recurse ? STATE_DIRECTORY : STATE_FILE;
    case FILE_DIRECTORY:
        return STATE_DIRECTORY;
    case FILE_LINK:
        return STATE_LINK;
    case FILE_REGULAR:
    case FILE_CHAR_DEVICE:
    case FILE_BLOCK_DEVICE:
    case FILE_FIFO:
    case FILE_SOCKET:
        return there->links > 1 ? STATE_HARD : STATE_FILE;
    }
    return STATE_FILE;
}

/* ---- observing ---- */

/* A time in the host's zone: what it would be in UTC, moved by the zone's offset at that time. */
static void time_observe(struct observer *obs, str text, str format, bool touch, int64_t *ret)
{
    struct tm tm = { 0 };
    struct arena *arena = observe_arena(obs);
    *ret = CHANGE_KEEP;
    if (str_is_none(text) ? touch : str_eq(text, S("now"))) {
        *ret = CHANGE_NOW;
    }
    if (str_is_none(text) || str_eq(text, S("now")) || str_eq(text, S("preserve"))) {
        return;
    }
    const char *end = strptime(str_c(arena, text), str_c(arena, format), &tm);
    if (end == NULL || *end != '\0') {
        *ret = TIME_BAD;
        return;
    }
    struct run_answer zone = { 0 };
    int64_t utc = (int64_t)timegm(&tm), offset = 0;
    observe_run(obs, ARGV(S("date"), str_format(arena, "-d@%lld", (long long)utc), S("+%z")),
                &zone);
    str digits = str_trim(zone.out);
    if (digits.len == 5 && str_to_int64(str_part(digits, 1, 5), &offset)) {
        offset = (offset / 100 * 60 + offset % 100) * 60 * (digits.ptr[0] == '-' ? -1 : 1);
    }
    *ret = utc - offset;
}

static void times_observe(struct observer *obs, const struct file_module_params *want,
                          struct file_module_state *have)
{
    bool touch = want->has_state && want->state == STATE_TOUCH;
    time_observe(obs, want->access_time, want->access_time_format, touch, &have->atime);
    time_observe(obs, want->modification_time, want->modification_time_format, touch, &have->mtime);
}

/* What src names: a link's text starts at the link, or at the directory that is in its place. */
static void source_observe(struct observer *obs, const struct file_module_params *want,
                           struct file_module_state *have)
{
    struct arena *arena = observe_arena(obs);
    bool inside = observe_ready(obs) && have->there.type == FILE_DIRECTORY;
    have->source_path = inside ? path_join(arena, have->path, want->src)
                               : link_target(arena, have->path, want->src);
    observe_stat_follow(obs, have->source_path, &have->source);
}

/* Everything below a directory, and, if links are followed, below the directories they lead to. */
static void walk_observe(struct observer *obs, str path, bool follow,
                         struct file_module_state *have);

static bool walked(const struct file_module_state *have, str path)
{
    for (size_t i = 0; i < have->walks.len; i++) {
        if (str_eq(have->walks.items[i].path, path)) {
            return true;
        }
    }
    return false;
}

static void links_observe(struct observer *obs, size_t index, struct file_module_state *have)
{
    struct arena *arena = observe_arena(obs);
    struct walk walk = have->walks.items[index];
    walk.links = NEW_ARRAY(arena, struct resolved, walk.tree.count + 1);
    have->walks.items[index].links = walk.links;
    for (size_t i = 0; i < walk.tree.count; i++) {
        if (walk.tree.entries[i].stat.type == FILE_LINK) {
            str path = path_join(arena, walk.path, walk.tree.entries[i].path);
            walk.links[i].path =
                path_normal(arena, link_target(arena, path, walk.tree.entries[i].stat.target));
            observe_stat_follow(obs, walk.links[i].path, &walk.links[i].stat);
        }
    }
    if (!observe_ready(obs)) {
        return;
    }
    for (size_t i = 0; i < walk.tree.count; i++) {
        if (walk.links[i].stat.type == FILE_DIRECTORY && !walked(have, walk.links[i].path)) {
            walk_observe(obs, walk.links[i].path, true, have);
        }
    }
}

static void walk_observe(struct observer *obs, str path, bool follow,
                         struct file_module_state *have)
{
    size_t index = have->walks.len;
    struct walk *walk = VEC_PUSH(observe_arena(obs), &have->walks);
    *walk = (struct walk){ .path = path };
    observe_tree(obs, path, false, &walk->tree);
    if (follow && observe_ready(obs)) {
        links_observe(obs, index, have);
    }
}

/* A hard link "in" a directory gets the name of its source. */
static void settle_path(struct observer *obs, const struct file_module_params *want,
                        struct file_module_state *have)
{
    if (observe_ready(obs) && want->has_state && want->state == STATE_HARD &&
        !str_is_none(want->src) && have->there.type == FILE_DIRECTORY) {
        have->path = path_join(observe_arena(obs), have->path, path_basename(want->src));
        observe_stat(obs, have->path, &have->there);
    }
}

/* A link may take the place of a directory that is empty. */
static bool replaces_directory(struct observer *obs, const struct file_module_params *want,
                               const struct file_module_state *have)
{
    return want->force && want->has_state && want->state == STATE_LINK && observe_ready(obs) &&
           have->there.type == FILE_DIRECTORY;
}

/* The directories above one that is to be made; not asked for when its parent is there. */
static void above_observe(struct observer *obs, const struct file_module_params *want,
                          struct file_module_state *have)
{
    bool elsewhere = !str_eq(have->real.path, have->path);
    if (observe_ready(obs) && have->real.stat.type == FILE_ABSENT &&
        (elsewhere || have->parent.type != FILE_DIRECTORY) &&
        file_wanted_state(want, &have->there) == STATE_DIRECTORY) {
        directory_chain_observe(obs, path_dirname(have->real.path), &have->above);
    }
}

static void file_observe(struct observer *obs, const void *params_, void *ret_state)
{
    const struct file_module_params *want = params_;
    struct file_module_state *have = ret_state;
    *have = (struct file_module_state){ .path = want->path };
    if (str_is_none(want->path)) {
        have->path = STR_EMPTY;
        return;
    }
    if (want->path.len > 1 && str_ends(want->path, S("/"))) {
        have->path = path_normal(observe_arena(obs), want->path);
    }
    observe_stat(obs, have->path, &have->there);
    if (want->has_state && want->state == STATE_ABSENT) {
        return;
    }
    observe_stat_follow(obs, path_dirname(have->path), &have->parent);
    file_context_observe(obs, &want->file, &have->context);
    times_observe(obs, want, have);
    if (!str_is_none(want->src)) {
        source_observe(obs, want, have);
    }
    settle_path(obs, want, have);
    resolve_observe(obs, have->path, want->follow, &have->real);
    if (want->recurse || replaces_directory(obs, want, have)) {
        walk_observe(obs, have->real.path, want->recurse && want->follow, have);
    }
    above_observe(obs, want, have);
}

/* ---- the result ---- */

/* Ansible names a link and a touched file `dest`, the rest `path`. */
static value file_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct file_module_params *want = params_;
    const struct file_module_state *have = state_;
    struct arena *arena = outcome_arena(out);
    struct map_builder map = map_in(arena);
    enum file_state state = file_wanted_state(want, &have->there);
    bool dest = state == STATE_LINK || state == STATE_HARD || state == STATE_TOUCH;
    bool follows = state == STATE_FILE || state == STATE_DIRECTORY;
    map_set_str(&map, dest ? S("dest") : S("path"),
                value_str(arena, follows ? have->real.path : have->path));
    if ((state == STATE_LINK || state == STATE_HARD) && !str_is_none(want->src)) {
        map_set_str(&map, S("src"), value_str(arena, want->src));
    } else if (state == STATE_LINK) {
        map_set_str(&map, S("src"),
                    want->follow ? value_str(arena, have->there.target) : value_null());
    }
    if (state == STATE_ABSENT) {
        map_set_str(&map, S("state"), value_str(arena, S("absent")));
    } else {
        outcome_add_file(out, &map,
                         state == STATE_LINK || state == STATE_HARD ? have->path : have->real.path);
    }
    return map_seal(&map);
}

const struct module module_file = {
    .name = "file",
    .summary = "Make directories and links, remove files, set owner, group, mode and times",
    .example = "- file: { path: /srv/app, state: directory, mode: \"0755\" }\n",
    .params = params,
    .params_size = sizeof(struct file_module_params),
    .state_size = sizeof(struct file_module_state),
    .check = file_check,
    .observe = file_observe,
    .plan = file_plan,
    .result = file_result,
};
