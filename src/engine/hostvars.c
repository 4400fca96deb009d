/*
 * hostvars.c - `hostvars`: the variables of all hosts, each as the others see it.
 */
#include "engine/layers.h"

#include "template/object.h"
#include "template/scope.h"

/* ---- the variables of a host as others see them ---- */

struct host_scope {
    struct scope scope;
    const struct play_run *play;
};

/* Names of the play are there for the templates among a host's variables, not among them. */
static bool names_of_play(void *data, struct arena *arena, str name, value *ret)
{
    struct host_scope *host = data;
    if (str_eq(name, S("vars"))) {
        *ret = scope_object(arena, &host->scope);
        return true;
    }
    return value_map_get(play_magic(host->play)->all, name, ret);
}

/* No play's, no role's, no task's: what these set holds for the hosts they run on. */
static struct scope *host_scope(struct run *run, struct play_run *play, struct run_host *host,
                                struct arena *arena)
{
    struct layers layers = { .arena = arena };
    const struct host_vars *own = host_vars(host);
    /* a host that is not in the play is asked about by others only, in their own memory */
    value magic = host_magic(host);
    layers_add(&layers, value_is(magic, VALUE_MAP) ? magic : vars_magic(run, host, arena));
    layers_add(&layers, play_magic(play)->shared);
    layers_add(&layers, run->magic);
    layers_add(&layers, run->extra_vars);
    layers_add(&layers, own->set_recent);
    layers_add(&layers, own->set);
    layers_add(&layers, own->included);
    layers_add(&layers, own->injected);
    layers_add_inventory(&layers, run, host);
    layers_add(&layers, run->fallback);
    if (inventory_merges_maps(run->inventory)) {
        layers_merge(run->inventory, &layers);
    }
    struct host_scope *scope = NEW(arena, struct host_scope);
    scope->play = play;
    scope->scope = (struct scope){ .layers = layers.maps.items,
                                   .count = layers.maps.len,
                                   .magic = names_of_play,
                                   .magic_data = scope };
    return &scope->scope;
}

/* ---- hostvars ---- */

struct hostvars {
    struct run *run;
    struct play_run *play;
};

static value other_host(struct eval *eval, const struct hostvars *hostvars, struct run_host *host)
{
    return scope_object(eval->arena, host_scope(hostvars->run, hostvars->play, host, eval->arena));
}

static bool hostvars_get(struct eval *eval, void *data, value key, value *ret)
{
    const struct hostvars *hostvars = data;
    struct run_host *host =
        value_is(key, VALUE_STR) ? run_host_find(hostvars->run, value_as_str(key)) : NULL;
    if (host == NULL) {
        str name = shown_text(eval->arena, key);
        *ret = value_undefined(
            eval->arena,
            str_format(eval->arena, "there is no host '%.*s' in the inventory", SARG(name)));
        return true;
    }
    if (!inventory_prepare(hostvars->run->inventory, eval->diags, &host->host, 1)) {
        return false;
    }
    *ret = other_host(eval, hostvars, host);
    return true;
}

/* Those of the inventory, and localhost, which is there without a source, too. */
static struct host_list known_hosts(const struct hostvars *hostvars, struct arena *arena)
{
    struct host_list known = inventory_hosts(hostvars->run->inventory, arena);
    struct run_host *localhost = run_host_find(hostvars->run, S("localhost"));
    if (localhost == NULL || !localhost->host->implicit) {
        return known;
    }
    VEC(const struct host *) hosts = { 0 };
    for (size_t i = 0; i < known.count; i++) {
        *VEC_PUSH(arena, &hosts) = known.hosts[i];
    }
    *VEC_PUSH(arena, &hosts) = localhost->host;
    return (struct host_list){ hosts.items, hosts.len };
}

static bool hostvars_iterate(struct eval *eval, void *data, value *ret_list)
{
    struct host_list hosts = known_hosts(data, eval->arena);
    struct list_builder names = list_in(eval->arena);
    for (size_t i = 0; i < hosts.count; i++) {
        list_add(&names, value_str(eval->arena, hosts.hosts[i]->name));
    }
    *ret_list = list_seal(&names);
    return true;
}

static bool hostvars_plain(struct eval *eval, void *data, value *ret)
{
    const struct hostvars *hostvars = data;
    struct host_list hosts = known_hosts(hostvars, eval->arena);
    struct map_builder map = map_in(eval->arena);
    for (size_t i = 0; i < hosts.count; i++) {
        struct run_host *host = run_host(hostvars->run, hosts.hosts[i]);
        map_set_str(&map, host->name, other_host(eval, hostvars, host));
    }
    *ret = map_seal(&map);
    return true;
}

static bool hostvars_length(struct eval *eval, void *data, size_t *ret)
{
    *ret = known_hosts(data, eval->arena).count;
    return true;
}

static void hostvars_print(struct strbuf *out, const void *data, bool repr)
{
    strbuf_add(out, S("<hostvars>"));
}

static void *hostvars_copy(struct arena *arena, const void *data)
{
    struct hostvars *copy = NEW(arena, struct hostvars);
    *copy = *(const struct hostvars *)data;
    return copy;
}

static const struct object_ops hostvars_ops = {
    .get = hostvars_get,
    .iterate = hostvars_iterate,
    .length = hostvars_length,
    .plain = hostvars_plain,
    .is_map = true,
};

static const struct object_type hostvars_type = {
    .name = "HostVars",
    .print = hostvars_print,
    .copy = hostvars_copy,
    .ops = &hostvars_ops,
};

value hostvars_of(struct run *run, struct play_run *play, struct arena *arena)
{
    struct hostvars *hostvars = NEW(arena, struct hostvars);
    *hostvars = (struct hostvars){ run, play };
    return value_object(arena, &hostvars_type, hostvars);
}
