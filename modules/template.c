/* template - a file from a template that is rendered on the controller. */
#include "base/path.h"
#include "module/module.h"
#include "module/put.h"

struct template_params {
    struct template_text src;
    str dest, validate, newline_sequence;
    bool backup, force, follow, trim_blocks, lstrip_blocks;
    struct file_params file;
    str block_start_string, block_end_string, variable_start_string, variable_end_string;
    str comment_start_string, comment_end_string, output_encoding;
};

/* The options of rendering are read by the engine, from the same names. */
static const struct param params[] = {
    PARAM(struct template_params, src, .type = PARAM_TEMPLATE, .required = true,
          .doc = "The template; looked for in templates/ of the role and the playbook."),
    PARAM(struct template_params, dest, .type = PARAM_PATH, .required = true,
          .doc = "The file to make, or a directory to make it in."),
    PARAM(struct template_params, backup, .type = PARAM_BOOL,
          .doc = "Keep a copy of what was there, with the time in its name."),
    PARAM(struct template_params, force, .type = PARAM_BOOL, .fallback = "yes",
          .doc = "Replace what is there if it differs; else only make what is missing."),
    PARAM(struct template_params, follow, .type = PARAM_BOOL,
          .doc = "Write to what a link points to, instead of replacing the link."),
    PARAM(struct template_params, validate, .type = PARAM_STR,
          .doc = "A command that checks the new file, given as %s, before it takes its place."),
    PARAM(struct template_params, newline_sequence, .type = PARAM_STR, .fallback = "\n",
          .doc = "The line end to write."),
    PARAM(struct template_params, trim_blocks, .type = PARAM_BOOL, .fallback = "yes",
          .doc = "Take the line end behind a block away."),
    PARAM(struct template_params, lstrip_blocks, .type = PARAM_BOOL,
          .doc = "Take white space in front of a block away."),
    PARAM(struct template_params, block_start_string, .type = PARAM_STR, .doc = "Instead of {%."),
    PARAM(struct template_params, block_end_string, .type = PARAM_STR, .doc = "Instead of %}."),
    PARAM(struct template_params, variable_start_string, .type = PARAM_STR,
          .doc = "Instead of {{."),
    PARAM(struct template_params, variable_end_string, .type = PARAM_STR, .doc = "Instead of }}."),
    PARAM(struct template_params, comment_start_string, .type = PARAM_STR, .doc = "Instead of {#."),
    PARAM(struct template_params, comment_end_string, .type = PARAM_STR, .doc = "Instead of #}."),
    PARAM(struct template_params, output_encoding, .type = PARAM_STR, .fallback = "utf-8",
          .doc = "Only utf-8."),
    FILE_PARAMS(struct template_params, file),
    PARAM_END,
};

static bool template_check(struct diags *diags, span at, const void *params_)
{
    const struct template_params *want = params_;
    static const char *const ends[] = { "\n", "\r", "\r\n", "\\n", "\\r", "\\r\\n" };
    if (!str_eq_nocase(want->output_encoding, S("utf-8")) &&
        !str_eq_nocase(want->output_encoding, S("utf8"))) {
        diag_error(diags, at, "output_encoding '%.*s' is not supported, only utf-8",
                   SARG(want->output_encoding));
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        if (str_eq(want->newline_sequence, str_of(ends[i]))) {
            return true;
        }
    }
    diag_error(diags, at, "newline_sequence must be \\n, \\r or \\r\\n");
    return false;
}

static struct put put_of(const struct template_params *want)
{
    return (struct put){
        .dest = want->dest,
        .name = path_basename(want->src.name),
        .mode = want->src.mode,
        .backup = want->backup,
        .force = want->force,
        .follow = want->follow,
        .validate = want->validate,
        .file = &want->file,
    };
}

static void template_observe(struct observer *obs, const void *params_, void *ret_state)
{
    struct put put = put_of(params_);
    put_observe(obs, &put, ret_state);
}

static void template_plan(struct plan *plan, const void *params_, const void *state_)
{
    const struct template_params *want = params_;
    struct put put = put_of(want);
    put_plan(plan, &put, state_, &want->src.content);
}

static value template_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct template_params *want = params_;
    struct put put = put_of(want);
    struct map_builder map = map_in(outcome_arena(out));
    map_set_str(&map, S("src"), value_str(outcome_arena(out), want->src.path));
    put_result(out, &put, state_, &want->src.content, &map);
    return map_seal(&map);
}

const struct module module_template = {
    .name = "template",
    .summary = "Make a file from a template",
    .example = "- template: { src: motd.j2, dest: /etc/motd, mode: \"0644\" }\n",
    .params = params,
    .params_size = sizeof(struct template_params),
    .state_size = sizeof(struct put_state),
    .check = template_check,
    .observe = template_observe,
    .plan = template_plan,
    .result = template_result,
};
