/* lookups_vars.c - env, vars, varnames, config, inventory_hostnames, and what runs programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/utf8.h"
#include "formats/pyregex.h"
#include "template/lookup.h"

static bool term_text(struct call *call, size_t i, str *ret)
{
    return call_need_str(call, call->rest[i], ret);
}

static bool lookup_env(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    value fallback = lookup_option(call, "default", value_str(call->arena, STR_EMPTY));
    for (size_t i = 0; i < call->rest_count; i++) {
        str name;
        if (!term_text(call, i, &name)) {
            return false;
        }
        size_t space = str_find_char(name, ' ', 0);
        name = space == STR_NPOS ? name : str_part(name, 0, space);
        const char *v = getenv(str_c(call->arena, name));
        if (v == NULL && value_is(fallback, VALUE_UNDEFINED)) {
            return call_fail(call, "the environment has no variable '%.*s'", SARG(name));
        }
        list_add(&list,
                 v != NULL ? value_str(call->arena, str_copy(call->arena, str_of(v))) : fallback);
    }
    return call_give(ret, list_seal(&list));
}

static bool lookup_vars(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    bool has_default = value_is(call->keywords, VALUE_MAP) &&
                       value_map_get(call->keywords, S("default"), &(value){ 0 });
    for (size_t i = 0; i < call->rest_count; i++) {
        str name;
        value v;
        if (!value_is(call->rest[i], VALUE_STR)) {
            return call_fail(call, "the name of a variable is a string, not %s %s",
                             A_TYPE(call->rest[i]));
        }
        name = value_as_str(call->rest[i]);
        if (!scope_variable(call->render, name, call->at, &v)) {
            return false;
        }
        if (value_is(v, VALUE_UNDEFINED)) {
            if (!has_default) {
                v = value_undefined_what(v).len > 0
                        ? v
                        : value_undefined(
                              call->arena,
                              str_format(call->arena, "'%.*s' is undefined", SARG(name)));
                return call_fail_undefined(call, v);
            }
            v = lookup_option(call, "default", value_null());
        }
        list_add(&list, v);
    }
    return call_give(ret, list_seal(&list));
}

static bool lookup_varnames(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    struct map_builder seen = map_in(call->arena);
    size_t count;
    const str *names = scope_names(call->eval, &count);
    for (size_t i = 0; i < call->rest_count; i++) {
        str pattern;
        if (!value_is(call->rest[i], VALUE_STR)) {
            return call_fail(call, "a pattern is a string, not %s %s", A_TYPE(call->rest[i]));
        }
        pattern = value_as_str(call->rest[i]);
        const struct pyregex *regex =
            pyregex_compile(call->arena, call->eval->diags, call_place(call), pattern, 0);
        if (regex == NULL) {
            return call_reported(call);
        }
        for (size_t k = 0; k < count; k++) {
            bool found;
            value name = value_str(call->arena, names[k]);
            if (!pyregex_exec(regex, NULL, call->eval->diags, names[k], 0, PYREGEX_SEARCH, &found,
                              NULL)) {
                return call_reported(call);
            }
            if (found && !map_has(&seen, name, NULL)) {
                map_set(&seen, name, value_null());
                list_add(&list, name);
            }
        }
    }
    return call_give(ret, list_seal(&list));
}

/* ---- what the rest of the program knows ---- */

static bool lookup_config(struct call *call, value *ret)
{
    const struct template_hooks *hooks = &call->eval->env->hooks;
    struct list_builder list = list_in(call->arena);
    static const char *const options[] = { "on_missing", NULL };
    str missing;
    if (hooks->config == NULL) {
        return call_fail(call, "the configuration is not at hand here");
    }
    if (!lookup_options(call, options) || !lookup_text(call, "on_missing", S("error"), &missing)) {
        return false;
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        str name;
        value v;
        if (!term_text(call, i, &name)) {
            return false;
        }
        if (!hooks->config(hooks->data, call->eval->diags, place_in_source(call->render, call->at),
                           name, &v)) {
            call->eval->failure = TEMPLATE_FAILED;
            return false;
        }
        if (!value_is(v, VALUE_UNDEFINED)) {
            list_add(&list, v);
        } else if (str_eq(missing, S("warn"))) {
            diag_warning(call->eval->diags, place_in_source(call->render, call->at),
                         "hostler has no setting '%.*s'", SARG(name));
        } else if (!str_eq(missing, S("skip"))) {
            return call_fail(call, "hostler has no setting '%.*s'", SARG(name));
        }
    }
    return call_give(ret, list_seal(&list));
}

static bool lookup_inventory_hostnames(struct call *call, value *ret)
{
    const struct template_hooks *hooks = &call->eval->env->hooks;
    struct strbuf pattern = strbuf_in(call->arena);
    if (hooks->hosts == NULL) {
        return call_fail(call, "there is no inventory at hand here");
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        str term;
        if (!term_text(call, i, &term)) {
            return false;
        }
        strbuf_addf(&pattern, "%s%.*s", i > 0 ? "," : "", SARG(term));
    }
    if (!hooks->hosts(hooks->data, call->eval->diags, place_in_source(call->render, call->at),
                      strbuf_str(&pattern), ret)) {
        call->eval->failure = TEMPLATE_FAILED;
        return false;
    }
    return true;
}

/* ---- programs ---- */

static bool run_command(struct call *call, str command, str *ret)
{
    fflush(stdout);
    FILE *pipe = popen(str_c(call->arena, command), "re");
    struct strbuf out = strbuf_in(call->arena);
    if (pipe == NULL) {
        return call_fail(call, "'%.*s' cannot be run", SARG(command));
    }
    size_t got;
    do {
        char *room = strbuf_room(&out, 4096);
        got = fread(room, 1, 4096, pipe);
        strbuf_grew(&out, got);
    } while (got > 0 && out.len < MAX_TEXT);
    int status = pclose(pipe);
    if (status != 0) {
        return call_fail(call, "'%.*s' ended with status %d", SARG(command),
                         WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    }
    *ret = utf8_repair(call->arena, strbuf_str(&out));
    return true;
}

static bool lookup_pipe(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < call->rest_count; i++) {
        str command, out;
        if (!term_text(call, i, &command) || !run_command(call, command, &out)) {
            return false;
        }
        list_add(&list, value_str(call->arena, str_trim_right(out)));
    }
    return call_give(ret, list_seal(&list));
}

static bool lookup_lines(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < call->rest_count; i++) {
        str command, out;
        if (!term_text(call, i, &command) || !run_command(call, command, &out)) {
            return false;
        }
        while (out.len > 0) {
            list_add(&list, value_str(call->arena, str_cut_line(&out)));
        }
    }
    return call_give(ret, list_seal(&list));
}

const struct builtin lookups_vars[] = {
    { "env", NULL, "*terms, **options", 0, lookup_env,
      "Variables of the environment. default= stands for those that are not set.",
      "{{ lookup('env', 'EXAMPLE_DIR') }} -> /srv\n"
      "{{ lookup('env', 'NO_SUCH_NAME', default='/root') }} -> /root" },
    { "vars", NULL, "*terms, **options", 0, lookup_vars,
      "Variables by their names. default= stands for those that are not defined.",
      "{% set name = 'web' %}{{ lookup('vars', name ~ '_port', default=80) }} -> 80" },
    { "varnames", NULL, "*terms, **options", 0, lookup_varnames,
      "The names of variables that match an expression.",
      "{{ q('varnames', '^example_.+') }} -> ['example_a']" },
    { "config", NULL, "*terms, **options", 0, lookup_config,
      "Settings. on_missing is 'error', 'warn' or 'skip'.",
      "{{ lookup('config', 'DEFAULT_FORKS') }} -> 5" },
    { "inventory_hostnames", NULL, "*terms, **options", 0, lookup_inventory_hostnames,
      "The hosts that a pattern matches.",
      "{{ q('inventory_hostnames', 'web:!web2') }} -> ['web1', 'web3']" },
    { "pipe", NULL, "*terms, **options", CALL_ACTS, lookup_pipe, "What a command prints.",
      "{{ lookup('pipe', 'echo one two') }} -> one two" },
    { "lines", NULL, "*terms, **options", CALL_ACTS, lookup_lines,
      "The lines that a command prints.",
      "{{ q('lines', 'printf \"one\\ntwo\\n\"') }} -> ['one', 'two']" },
    { 0 },
};
