/* slurp - a file of the host as base64. */
#include "formats/objects.h"
#include "module/module.h"

struct slurp_params {
    str path;
};

static const struct param params[] = {
    PARAM_NAMED(struct slurp_params, path, "src", .type = PARAM_PATH, .required = true,
                .aliases = ALIASES("path"), .doc = "The file to read."),
    PARAM_END,
};

struct slurp_state {
    struct file_stat stat; /* followed */
    value bytes;
};

static void slurp_observe(struct observer *obs, const void *params_, void *ret_state)
{
    const struct slurp_params *want = params_;
    struct slurp_state *have = ret_state;
    observe_stat_follow(obs, want->path, &have->stat);
    observe_content(obs, want->path, &have->bytes);
}

static void slurp_plan(struct plan *plan, const void *params_, const void *state_)
{
    const struct slurp_params *want = params_;
    const struct slurp_state *have = state_;
    if (have->stat.type == FILE_ABSENT) {
        plan_fail(plan, "src", "file not found: '%.*s'", SARG(want->path));
    } else if (have->stat.type == FILE_DIRECTORY) {
        plan_fail(plan, "src", "'%.*s' is a directory", SARG(want->path));
    }
}

static value slurp_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct slurp_params *want = params_;
    const struct slurp_state *have = state_;
    struct arena *arena = outcome_arena(out);
    value content = value_unknown();
    if (value_is(have->bytes, VALUE_STR)) {
        str lines = base64_encode_lines(arena, value_as_str(have->bytes));
        content = value_str(arena, str_replace(arena, lines, S("\n"), STR_EMPTY));
    }
    return map_of(out, "content", content, "source", value_str(arena, want->path), "encoding",
                  value_str(arena, S("base64")), NULL);
}

const struct module module_slurp = {
    .name = "slurp",
    .summary = "Read a file of the host, as base64",
    .example = "- slurp: { src: /etc/hostname }\n  register: name\n",
    .params = params,
    .params_size = sizeof(struct slurp_params),
    .state_size = sizeof(struct slurp_state),
    .observe = slurp_observe,
    .plan = slurp_plan,
    .result = slurp_result,
};
