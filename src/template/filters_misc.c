/* filters_misc.c - the filters that belong to no other subject: default, bool, ternary ... */
#include <string.h>

#include "base/utf8.h"
#include "formats/objects.h"
#include "formats/vault.h"
#include "template/core.h"

static bool filter_default(struct call *call, value *ret)
{
    bool truth = true;
    *ret = call->input;
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_give(ret, call->args[0]);
    }
    if (call_bool(call, 1) && !call_truth(call, call->input, &truth)) {
        return false;
    }
    return truth || call_give(ret, call->args[0]);
}

/* yes, on, 1, true and what equals 1. */
static bool filter_bool(struct call *call, value *ret)
{
    static const char *const yes[] = { "yes", "on", "1", "true" };
    value v = call->input;
    if (value_is(v, VALUE_NULL) || value_is(v, VALUE_BOOL)) {
        return call_give(ret, v);
    }
    bool truth = is_number(v) && value_as_float(v) == 1;
    for (size_t i = 0; value_is(v, VALUE_STR) && i < ARRAY_LEN(yes); i++) {
        truth |= str_eq_nocase(value_as_str(v), str_of(yes[i]));
    }
    return call_give(ret, value_bool(truth));
}

static bool filter_ternary(struct call *call, value *ret)
{
    bool truth;
    if (value_is(call->input, VALUE_NULL) && !call_none(call, 2)) {
        return call_give(ret, call->args[2]);
    }
    if (!call_truth(call, call->input, &truth)) {
        return false;
    }
    return call_give(ret, call->args[truth ? 0 : 1]);
}

static bool filter_mandatory(struct call *call, value *ret)
{
    if (!value_is(call->input, VALUE_UNDEFINED)) {
        return call_give(ret, call->input);
    }
    if (!call_none(call, 0)) {
        value text;
        if (!call_text(call, call->args[0], &text)) {
            return false;
        }
        render_error(call->render, call->at, TEMPLATE_FAILED, "%.*s", SARG(value_as_str(text)));
        return false;
    }
    (void)call_fail_undefined(call, call->input);
    call->eval->failure = TEMPLATE_FAILED;
    return false;
}

static bool filter_type_debug(struct call *call, value *ret)
{
    const char *name = value_is(call->input, VALUE_UNDEFINED) ? "AnsibleUndefined"
                       : is_markup(call->input)               ? "Markup"
                       : (call->input.flags & FLAG_NATIVE) != 0 && value_is(call->input, VALUE_STR)
                           ? "NativeJinjaText"
                           : value_python_type(call->input);
    return call_give(ret, value_str(call->arena, str_of(name)));
}

static bool filter_attr(struct call *call, value *ret)
{
    str name;
    if (!call_need_str(call, call->args[0], &name)) {
        return false;
    }
    if (value_is(call->input, VALUE_MAP)) { /* attributes only, no keys */
        const struct function *method = find_method(call->eval->env, call->input, name);
        *ret = method != NULL ? function_value(call->arena, method, call->input)
                              : (value){ .kind = VALUE_UNDEFINED };
    } else if (!get_attribute(call->render, call->input, value_str(call->arena, name), call->at,
                              ret)) {
        return false;
    }
    if (value_is(*ret, VALUE_UNDEFINED) && value_undefined_what(*ret).len == 0) {
        *ret = value_undefined(call->arena, str_format(call->arena, "%s %s has no attribute '%.*s'",
                                                       A_TYPE(call->input), SARG(name)));
    }
    return true;
}

/* ---- vault ---- */

/* ---- vault ---- */

/* With a password of the template's own. */
static bool open_vault(struct call *call, str text, str password, value *ret)
{
    struct vault_text vault;
    const char *problem = "the text is no vault";
    str plain;
    enum vault_status status = vault_read(text, &vault, &problem);
    if (status == VAULT_OK) {
        status = vault_decrypt(call->arena, &vault, password, &plain, &problem);
    }
    if (status != VAULT_OK) {
        return call_fail(call, "%s",
                         status == VAULT_WRONG_PASSWORD ? "the password is wrong" : problem);
    }
    return call_give(ret, value_secret(call->arena, utf8_repair(call->arena, plain)));
}

static bool filter_unvault(struct call *call, value *ret)
{
    value text = call->input;
    str s, password;
    if (value_is_object(text, &vault_type)) {
        if (call_none(call, 0)) {
            return template_value(call->eval, text, ret);
        }
        s = *(const str *)value_object_data(text);
    } else if (!call_need_str(call, text, &s)) {
        return false;
    }
    if (!vault_is(s)) {
        return call_give(ret, text);
    }
    if (!call_none(call, 0)) {
        return call_need_str(call, call->args[0], &password) && open_vault(call, s, password, ret);
    }
    const struct template_hooks *hooks = &call->eval->env->hooks;
    if (hooks->vault == NULL) {
        return call_fail(call, "there is no vault password");
    }
    if (!hooks->vault(hooks->data, call->eval->diags, s, place_in_source(call->render, call->at),
                      ret)) {
        call->eval->failure = TEMPLATE_FAILED;
        return false;
    }
    *ret = value_secret_all(call->arena, *ret);
    return true;
}

static bool filter_vault(struct call *call, value *ret)
{
    str plain, password, salt, id = call_str(call, 2);
    if (!call_need_str(call, call->input, &plain) ||
        !call_need_str(call, call->args[0], &password) ||
        (!call_none(call, 1) && !call_need_str(call, call->args[1], &salt)) ||
        (!call_none(call, 4) && !call_need_str(call, call->args[4], &id))) {
        return false;
    }
    if (call_bool(call, 3)) {
        return call_fail(call, "'wrap_object' is not supported: the result is a text");
    }
    str text = call_none(call, 1) ? vault_encrypt(call->arena, plain, password, id)
                                  : vault_encrypt_salted(call->arena, plain, password, id, salt);
    return call_give(ret, value_str(call->arena, text));
}

const struct builtin filters_misc[] = {
    { "default", "d", "default_value='', boolean:bool=false",
      CALL_JINJA | CALL_UNDEFINED | CALL_DEEP | CALL_PRESENCE, filter_default,
      "Another value for what is undefined (or, with true, empty).",
      "{{ port | default(80) }} -> 80\n"
      "{{ '' | default('none', true) }} -> none" },
    { "bool", NULL, "", 0, filter_bool, "True for yes, on, true and 1.",
      "{{ 'yes' | bool }} -> True\n"
      "{{ 'perhaps' | bool }} -> False" },
    { "ternary", NULL, "true_val, false_val, none_val=none", 0, filter_ternary,
      "One of two values, by truth.",
      "{{ true | ternary('on', 'off') }} -> on\n"
      "{{ none | ternary('on', 'off', 'unset') }} -> unset" },
    { "mandatory", NULL, "msg=none", CALL_UNDEFINED | CALL_DEEP, filter_mandatory,
      "Fails if the value is undefined.", "{{ 'x' | mandatory }} -> x" },
    { "type_debug", NULL, "", CALL_UNDEFINED | CALL_DEEP, filter_type_debug,
      "The type of the value, as Python calls it.", "{{ [1] | type_debug }} -> list" },
    { "attr", NULL, "name", CALL_JINJA | CALL_DEEP, filter_attr, "An attribute, never a key.",
      "{{ 'abc' | attr('upper') is callable }} -> True" },
    { "unvault", NULL, "secret=none, vault_id=none, vaultid=none", CALL_ENCRYPTED, filter_unvault,
      "A vault text decrypted.", "{{ 'plain' | unvault('password') }} -> plain" },
    { "vault", NULL,
      "secret, salt=none, vault_id:str='filter_default', wrap_object:bool=false, vaultid=none", 0,
      filter_vault, "The text encrypted, as ansible-vault does it.",
      "{{ 'text' | vault('password') | unvault('password') }} -> ********" },
    { 0 },
};
