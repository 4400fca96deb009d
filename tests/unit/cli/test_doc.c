/* What `hostler doc` tells of modules and actions is there to be told. */
#include <criterion/criterion.h>

#include "engine/action.h"
#include "module/module.h"

static void check_params(str owner, const struct param *params)
{
    for (; params != NULL && params->type != PARAM_END_TYPE; params++) {
        cr_expect(params->doc != NULL && params->doc[0] != 0, "'%.*s' of '%.*s' is not told about",
                  SARG(params->name), SARG(owner));
    }
}

Test(doc, modules)
{
    size_t count;
    const struct module *const *modules = module_all(&count);
    cr_assert(count > 0);
    for (size_t i = 0; i < count; i++) {
        cr_expect(modules[i]->summary != NULL && modules[i]->example != NULL,
                  "'%s' has no summary or no example", modules[i]->name);
        check_params(str_of(modules[i]->name), modules[i]->params);
    }
}

Test(doc, actions)
{
    size_t count;
    const struct engine_action *const *actions = engine_action_all(&count);
    cr_assert(count > 0);
    for (size_t i = 0; i < count; i++) {
        cr_expect(actions[i]->summary != NULL, "'%.*s' has no summary", SARG(actions[i]->name));
        check_params(actions[i]->name, actions[i]->params);
    }
}
