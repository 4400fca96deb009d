/* callbacks.c - see callbacks.h. */
#include "cli/callbacks.h"

#define TASKS_LISTED 20 /* by profile_tasks behind the recap, when nothing else is said */

static bool is_set(const struct config *config, enum setting setting)
{
    return !str_is_none(config_text(config, setting));
}

/* "ansible.posix.timer" is timer. */
static str short_name(str name)
{
    static const str collections[] = { S_INIT("ansible.builtin."), S_INIT("ansible.posix."),
                                       S_INIT("community.general.") };
    for (size_t i = 0; i < ARRAY_LEN(collections); i++) {
        if (str_starts(name, collections[i])) {
            return str_part(name, collections[i].len, name.len);
        }
    }
    return name;
}

static void apply_form(const struct config *config, struct diags *diags,
                       struct output_options *output)
{
    str given = config_text(config, SET_STDOUT_CALLBACK);
    str name = short_name(str_is_none(given) ? S("default") : given);
    if (str_eq(name, S("yaml"))) {
        output->result_form = RESULT_AS_HEADED;
    } else if (str_eq(name, S("debug"))) {
        output->result_form = RESULT_AS_TEXT;
    } else if (str_eq(name, S("minimal")) || str_eq(name, S("oneline"))) {
        output->adhoc = true;
        output->one_line = str_eq(name, S("oneline"));
    } else if (str_eq(name, S("skippy")) || str_eq(name, S("actionable"))) {
        output->hide_skipped = true;
        output->hide_ok |= str_eq(name, S("actionable"));
    } else if (!str_eq(name, S("default"))) {
        diag_hint(diag_warning(diags, config->values[SET_STDOUT_CALLBACK].at,
                               "there is no output by a callback '%.*s' here: the default is used",
                               SARG(given)),
                  "there are default, yaml, debug, minimal, oneline and skippy");
    }
}

static void enable(const struct config *config, struct diags *diags, str given,
                   struct timing_options *timing)
{
    static const str names[TIMING_KINDS] = { [TIMING_TASKS] = S_INIT("profile_tasks"),
                                             [TIMING_ROLES] = S_INIT("profile_roles"),
                                             [TIMING_TOTAL] = S_INIT("timer") };
    for (size_t i = 0; i < TIMING_KINDS; i++) {
        bool again = false;
        for (size_t k = 0; k < timing->count; k++) {
            again |= timing->kinds[k] == i;
        }
        if (str_eq(short_name(given), names[i])) {
            timing->kinds[timing->count] = (enum timing_kind)i;
            timing->count += !again;
            return;
        }
    }
    diag_hint(diag_warning(diags, config->values[SET_CALLBACKS].at,
                           "callback '%.*s' is not run: there is none of that name here",
                           SARG(given)),
              "there are profile_tasks, profile_roles and timer");
}

static void apply_enabled(const struct config *config, struct diags *diags,
                          struct timing_options *timing)
{
    for (str rest = config_text(config, SET_CALLBACKS); !str_is_none(rest);) {
        str name = str_trim(str_cut(&rest, ','));
        if (name.len > 0) {
            enable(config, diags, name, timing);
        }
    }
    str limit = config_text(config, SET_PROFILE_LIMIT),
        sort = config_text(config, SET_PROFILE_SORT);
    timing->limit = str_eq(limit, S("all")) ? SIZE_MAX
                    : str_is_none(limit)    ? TASKS_LISTED
                                         : (size_t)config_number(config, diags, SET_PROFILE_LIMIT);
    timing->sort = str_eq(sort, S("ascending")) ? TIMING_SHORTEST_FIRST
                   : str_eq(sort, S("none"))    ? TIMING_AS_RUN
                                                : TIMING_LONGEST_FIRST;
}

void callbacks_apply(const struct config *config, struct diags *diags, bool check,
                     struct output_options *output)
{
    if (str_eq(config_text(config, SET_RESULT_FORMAT), S("yaml"))) {
        output->result_form = RESULT_AS_YAML;
    }
    output->pretty = is_set(config, SET_PRETTY) && config_bool(config, diags, SET_PRETTY);
    output->hide_skipped = !config_bool(config, diags, SET_SHOW_SKIPPED);
    output->hide_ok = !config_bool(config, diags, SET_SHOW_OK);
    output->failures_to_stderr = config_bool(config, diags, SET_FAILED_STDERR);
    output->check_markers = check && config_bool(config, diags, SET_CHECK_MARKERS);
    output->show_custom_stats = config_bool(config, diags, SET_SHOW_CUSTOM_STATS);
    apply_form(config, diags, output);
    apply_enabled(config, diags, &output->timing);
}
