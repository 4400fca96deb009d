/* copy - a file or a tree: from the controller, from the same host, or a text. */
#include "copy.h"

#include "base/path.h"

static const struct param params[] = {
    PARAM(struct copy_params, src, .type = PARAM_SOURCE, .remote_if = "remote_src",
          .decrypt_if = "decrypt",
          .doc = "The file or directory; looked for in files/ of the role and the playbook. Of a "
                 "directory that ends in '/' only the contents are copied."),
    PARAM(struct copy_params, content, .type = PARAM_TEXT,
          .doc = "The text of the file, instead of 'src'; lists and maps are written as JSON."),
    PARAM(struct copy_params, dest, .type = PARAM_PATH, .required = true,
          .doc = "Where to; when it is a directory or ends in '/', the file keeps its name."),
    PARAM(struct copy_params, remote_src, .type = PARAM_BOOL, .doc = "'src' is on the same host."),
    PARAM(struct copy_params, backup, .type = PARAM_BOOL,
          .doc = "Keep a copy of what was there, with the time in its name."),
    PARAM(struct copy_params, force, .type = PARAM_BOOL, .fallback = "yes",
          .aliases = ALIASES("thirsty"),
          .doc = "Replace what is there if it differs; else only make what is missing."),
    PARAM(struct copy_params, follow, .type = PARAM_BOOL,
          .doc = "Write to what a link at 'dest' points to, instead of replacing the link."),
    PARAM(struct copy_params, local_follow, .type = PARAM_BOOL, .fallback = "yes",
          .doc = "Copy what links in a source directory point to, instead of the links."),
    PARAM(struct copy_params, directory_mode, .type = PARAM_MODE,
          .doc = "Permission bits of directories that are made."),
    PARAM(struct copy_params, validate, .type = PARAM_STR,
          .doc = "A command that checks the new file, given as %s, before it takes its place."),
    PARAM(struct copy_params, checksum, .type = PARAM_STR,
          .doc = "The SHA-1 that the source must have."),
    PARAM_IGNORED("decrypt", "Decrypt the source when it is a vault file; the default."),
    FILE_PARAMS(struct copy_params, file),
    PARAM_END,
};

static bool has_content(const struct copy_params *want)
{
    return !value_is(want->content, VALUE_UNDEFINED);
}

static bool copy_check(struct diags *diags, span at, const void *params_)
{
    const struct copy_params *want = params_;
    if (has_content(want) == want->src.given) {
        diag_error(diags, at,
                   has_content(want) ? "give either 'src' or 'content', not both"
                                     : "'copy' needs 'src' or 'content'");
        return false;
    }
    if (has_content(want) && str_ends(want->dest, S("/"))) {
        diag_error(diags, at, "'content' has no file name, and dest '%.*s' is a directory",
                   SARG(want->dest));
        return false;
    }
    if (has_content(want) && want->file.mode.form == MODE_PRESERVE) {
        diag_error(diags, at, "mode 'preserve' needs 'src': 'content' has no mode");
        return false;
    }
    if (!str_is_none(want->validate) && str_find(want->validate, S("%s"), 0) == STR_NPOS) {
        diag_error(diags, at, "'validate' must contain %%s, where the new file's name goes");
        return false;
    }
    return true;
}

/* The last name of a path, whether it ends in '/' or not. */
static str last_name(str path)
{
    while (path.len > 1 && str_ends(path, S("/"))) {
        path.len--;
    }
    return path_basename(path);
}

static struct put put_of(const struct copy_params *want, const struct copy_state *have)
{
    return (struct put){
        .dest = want->dest,
        .name = has_content(want) ? STR_NONE : last_name(want->src.path),
        .mode = want->src.remote ? have->source.mode : want->src.mode,
        .backup = want->backup,
        .force = want->force,
        .follow = want->follow,
        .validate = want->validate,
        .file = &want->file,
        .directory_mode = &want->directory_mode,
    };
}

static struct content copy_content(struct arena *arena, const struct copy_params *want,
                                   const struct copy_state *have)
{
    if (has_content(want)) {
        return content_of(arena, want->content);
    }
    if (!want->src.remote) {
        return want->src.content;
    }
    return (struct content){ .kind = CONTENT_REMOTE,
                             .path = want->src.path,
                             .size = have->source.size,
                             .digest = have->source_digest };
}

bool copy_is_tree(const struct copy_params *want, const struct copy_state *have)
{
    return want->src.remote ? have->source.type == FILE_DIRECTORY : want->src.is_directory;
}

static void copy_observe(struct observer *obs, const void *params_, void *ret_state)
{
    const struct copy_params *want = params_;
    struct copy_state *have = ret_state;
    if (want->src.remote) {
        observe_stat_follow(obs, want->src.path, &have->source);
        observe_digest(obs, want->src.path, DIGEST_SHA1, &have->source_digest);
    }
    if (copy_is_tree(want, have)) {
        copy_tree_observe(obs, want, have);
        return;
    }
    struct put put = put_of(want, have);
    put_observe(obs, &put, &have->put);
}

static bool source_ok(struct plan *plan, const struct copy_params *want,
                      const struct copy_state *have, const struct content *content)
{
    if (want->src.remote && have->source.type == FILE_ABSENT) {
        plan_fail(plan, "src", "there is no '%.*s' on the host", SARG(want->src.path));
        return false;
    }
    str digest = str_is_none(want->checksum) ? STR_NONE : content_digest(content);
    if (!str_is_none(digest) && !str_eq_nocase(want->checksum, digest)) {
        plan_fail(plan, "checksum", "the source has another checksum: %.*s", SARG(digest));
        return false;
    }
    return true;
}

static void copy_plan(struct plan *plan, const void *params_, const void *state_)
{
    const struct copy_params *want = params_;
    const struct copy_state *have = state_;
    struct content content = copy_content(plan_arena(plan), want, have);
    if (!source_ok(plan, want, have, &content)) {
        return;
    }
    if (copy_is_tree(want, have)) {
        copy_tree_plan(plan, want, &have->tree);
        return;
    }
    if (has_content(want) && have->put.target.type == FILE_DIRECTORY) {
        plan_fail(plan, "dest", "'content' has no file name, and '%.*s' is a directory",
                  SARG(want->dest));
        return;
    }
    struct put put = put_of(want, have);
    put_plan(plan, &put, &have->put, &content);
}

/* As in Ansible: what came from the controller names its destination with a slash; a copy on the
 * host tells of it, or of the directory made in it. */
static void add_tree(struct outcome *out, const struct copy_params *want,
                     const struct copy_state *have, struct map_builder *map)
{
    struct arena *arena = outcome_arena(out);
    if (want->src.remote) {
        map_set_str(map, S("dest"), value_str(arena, have->tree.top));
        map_set_str(map, S("checksum"), value_null());
        outcome_add_file(out, map, have->tree.top);
        return;
    }
    bool slash = str_ends(want->dest, S("/"));
    map_set_str(map, S("dest"),
                value_str(arena, slash ? want->dest : str_concat(arena, want->dest, S("/"))));
}

/* A directory's slash is told as it was written. */
static str source_name(struct arena *arena, const struct copy_params *want)
{
    bool slash = str_ends(want->src.name, S("/")) && !str_ends(want->src.path, S("/"));
    return slash ? str_concat(arena, want->src.path, S("/")) : want->src.path;
}

static value copy_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct copy_params *want = params_;
    const struct copy_state *have = state_;
    struct arena *arena = outcome_arena(out);
    struct map_builder map = map_in(arena);
    if (want->src.given) {
        map_set_str(&map, S("src"), value_str(arena, source_name(arena, want)));
    }
    if (copy_is_tree(want, have)) {
        add_tree(out, want, have, &map);
        return map_seal(&map);
    }
    struct put put = put_of(want, have);
    struct content content = copy_content(arena, want, have);
    put_result(out, &put, &have->put, &content, &map);
    return map_seal(&map);
}

const struct module module_copy = {
    .name = "copy",
    .summary = "Put a file, a tree or a text on the host",
    .example = "- copy: { content: \"hello\\n\", dest: /etc/motd, mode: \"0644\" }\n",
    .params = params,
    .params_size = sizeof(struct copy_params),
    .state_size = sizeof(struct copy_state),
    .check = copy_check,
    .observe = copy_observe,
    .plan = copy_plan,
    .result = copy_result,
};
