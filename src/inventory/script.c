/*
 * script.c - executable inventories: what they print for --list, and for --host where they give no
 * `_meta`.
 *
 * Source: Ansible's developer guide, "Inventory scripts".
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "inventory/sources.h"

#define OUTPUT_MAX ((size_t)1 << 30) /* bytes */

struct output {
    str out, err;
    int status; /* of waitpid() */
};

/* ---- running it ---- */

static bool drain(int fd, struct strbuf *buf)
{
    ssize_t got = read(fd, strbuf_room(buf, 65536), 65536);
    strbuf_grew(buf, got > 0 ? (size_t)got : 0);
    return got > 0 || (got < 0 && errno == EINTR);
}

static void collect(int out, int err, struct strbuf *out_buf, struct strbuf *err_buf)
{
    struct pollfd fds[2] = { { .fd = out, .events = POLLIN }, { .fd = err, .events = POLLIN } };
    struct strbuf *bufs[2] = { out_buf, err_buf };
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR) {
            return;
        }
        for (size_t i = 0; i < 2; i++) {
            if (fds[i].fd >= 0 && fds[i].revents != 0 &&
                (!drain(fds[i].fd, bufs[i]) || bufs[i]->len > OUTPUT_MAX)) {
                fds[i].fd = -1;
            }
        }
    }
}

/* 0, or why it could not be started. Signals are as a shell would hand them on: none blocked, and
 * SIGPIPE not ignored. */
static int spawn(char *const *argv, int out, int err, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, pipe_only;
    sigemptyset(&none);
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &pipe_only);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    int error = posix_spawn(ret, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Run `path option [host]`; 0, or the system's error. */
static int run(struct arena *arena, str path, const char *option, str host, struct output *ret)
{
    CLEANUP(close_fd) int out_read = -1;
    CLEANUP(close_fd) int err_read = -1;
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) != 0) {
        return errno;
    }
    if (pipe2(err, O_CLOEXEC) != 0) {
        int error = errno;
        close(out[0]);
        close(out[1]);
        return error;
    }
    out_read = out[0];
    err_read = err[0];
    union {
        const char *in[4];
        char *out[4];
    } argv = { .in = { str_c(arena, path), option, str_is_none(host) ? NULL : str_c(arena, host),
                       NULL } };
    pid_t pid;
    int error = spawn(argv.out, out[1], err[1], &pid);
    close(out[1]);
    close(err[1]);
    if (error != 0) {
        return error;
    }
    struct strbuf out_buf = strbuf_in(arena), err_buf = strbuf_in(arena);
    collect(out_read, err_read, &out_buf, &err_buf);
    while (waitpid(pid, &ret->status, 0) < 0 && errno == EINTR) {
    }
    ret->out = strbuf_str(&out_buf);
    ret->err = strbuf_str(&err_buf);
    return 0;
}

/* ---- what it says ---- */

struct script {
    struct parse *parse;
    str path;                 /* as run */
    struct str_list hosts;    /* each once */
    struct names known_hosts; /* the same */
};

static bool refuse(const struct script *script, const struct output *output, const char *why)
{
    struct diags *diags = script->parse->diags;
    struct diag *diag = diag_error(diags, SPAN_NONE, "inventory script '%.*s' %s",
                                   SARG(file_shown(diags->arena, script->path)), why);
    str err = output != NULL ? str_trim(output->err) : STR_EMPTY;
    if (err.len > 0) {
        diag_note(diag, SPAN_NONE, "it wrote: %.*s", SARG(err));
    }
    return false;
}

static bool run_script(const struct script *script, const char *option, str host,
                       struct output *ret)
{
    struct diags *diags = script->parse->diags;
    int error = run(diags->arena, script->path, option, host, ret);
    /* an ordinary file that happens to be executable, or begins with "#!", may be of another form
     */
    script->parse->ran |= error != ENOEXEC && error != EACCES;
    if (error != 0) {
        struct diag *diag =
            diag_error(diags, SPAN_NONE, "cannot run inventory script '%.*s': %s",
                       SARG(file_shown(diags->arena, script->path)), strerror(error));
        if (error == ENOENT) { /* the script itself is there */
            diag_hint(diag, "its first line names a program that is not there");
        }
        if (error == EACCES) {
            diag_hint(diag, "make it executable: chmod +x %.*s",
                      SARG(file_shown(diags->arena, script->path)));
        }
        return false;
    }
    return true;
}

static const struct source *add_output(const struct script *script, const char *option, str host,
                                       str text)
{
    struct diags *diags = script->parse->diags;
    str name =
        str_format(diags->arena, "%.*s %s%s%.*s", SARG(file_shown(diags->arena, script->path)),
                   option, host.len > 0 ? " " : "", SARG(host));
    return source_add(diags->sources, name, text);
}

static bool add_host(struct script *script, struct group *group, value name)
{
    struct parse *parse = script->parse;
    if (!value_is(name, VALUE_STR) || value_as_str(name).len == 0) {
        diag_error(parse->diags, name.at, "host name must be a string that is not empty, not %s",
                   value_type_name(name));
        return false;
    }
    struct host_entry *host =
        data_add_host(parse->inventory, value_as_str(name), name.at, parse->file, PORT_NONE);
    data_join(parse->inventory, group, host);
    if (names_find(&script->known_hosts, host->host.name) == NULL) {
        names_set(&script->known_hosts, host->host.name, host);
        *VEC_PUSH(parse->inventory->arena, &script->hosts) = host->host.name;
    }
    return true;
}

static bool add_hosts(struct script *script, struct group *group, value hosts)
{
    if (!value_is(hosts, VALUE_LIST)) {
        diag_error(script->parse->diags, hosts.at,
                   "'hosts' of group '%.*s' must be a list, not a %s", SARG(group->name),
                   value_type_name(hosts));
        return false;
    }
    for (size_t i = 0; i < value_count(hosts); i++) {
        if (!add_host(script, group, value_item(hosts, i))) {
            return false;
        }
    }
    return true;
}

static bool add_vars(struct script *script, struct group *group, value vars)
{
    if (!value_is(vars, VALUE_MAP)) {
        diag_error(script->parse->diags, vars.at, "'vars' of group '%.*s' must be a map, not a %s",
                   SARG(group->name), value_type_name(vars));
        return false;
    }
    return data_set_group_vars(script->parse->inventory, script->parse->diags, group, vars);
}

static bool add_children(struct script *script, struct group *group, value children)
{
    struct parse *parse = script->parse;
    size_t count =
        value_is(children, VALUE_LIST) || value_is(children, VALUE_MAP) ? value_count(children) : 0;
    for (size_t i = 0; i < count; i++) {
        value name =
            value_is(children, VALUE_LIST) ? value_item(children, i) : value_map_key(children, i);
        bool is_new;
        if (!value_is(name, VALUE_STR) || value_as_str(name).len == 0) {
            diag_error(parse->diags, name.at, "name of a child of '%.*s' must be a string",
                       SARG(group->name));
            return false;
        }
        struct group *child = data_add_group(parse->inventory, value_as_str(name), name.at);
        if (!data_add_child(parse->inventory, parse->diags, group, child, name.at, &is_new)) {
            return false;
        }
    }
    return true;
}

/* A list is its hosts; a map with none of the three keys is a host of that name and its
 * variables. */
static bool add_group(struct script *script, value name, value data)
{
    struct group *group = data_add_group(script->parse->inventory, value_as_str(name), name.at);
    if (!value_is(data, VALUE_MAP)) {
        return add_hosts(script, group, data);
    }
    value hosts, vars, children;
    bool has_hosts = value_map_get(data, S("hosts"), &hosts);
    bool has_vars = value_map_get(data, S("vars"), &vars);
    bool has_children = value_map_get(data, S("children"), &children);
    if (!has_hosts && !has_vars && !has_children) {
        return add_host(script, group, name) && add_vars(script, group, data);
    }
    return (!has_hosts || add_hosts(script, group, hosts)) &&
           (!has_vars || add_vars(script, group, vars)) &&
           (!has_children || add_children(script, group, children));
}

/* ---- variables of hosts ---- */

/* Ask `--host NAME`; nothing printed means no variables. */
static bool ask_host(struct script *script, str host, value *ret)
{
    struct output output;
    if (!run_script(script, "--host", host, &output)) {
        return false;
    }
    if (str_trim(output.out).len == 0) {
        *ret = value_null();
        return true;
    }
    const struct source *source = add_output(script, "--host", host, output.out);
    return source != NULL && yaml_read(script->parse->inventory->arena, script->parse->diags,
                                       source, (struct yaml_options){ .trusted = true }, ret);
}

static bool set_host_vars(struct script *script, str host, value vars)
{
    if (value_is(vars, VALUE_UNDEFINED) || value_is(vars, VALUE_NULL)) {
        return true;
    }
    if (!value_is(vars, VALUE_MAP)) {
        diag_error(script->parse->diags, vars.at,
                   "variables of host '%.*s' must be a map, not a %s", SARG(host),
                   value_type_name(vars));
        return false;
    }
    return data_set_vars(script->parse->inventory, script->parse->diags, host, vars);
}

static bool add_host_vars(struct script *script, value meta)
{
    value all = value_get(meta, S("hostvars"));
    bool given = value_is_defined(all);
    if (given && !value_is(all, VALUE_MAP)) {
        diag_error(script->parse->diags, all.at, "'hostvars' must be a map, not a %s",
                   value_type_name(all));
        return false;
    }
    for (size_t i = 0; i < script->hosts.len; i++) {
        str host = script->hosts.items[i];
        value vars = given ? value_get(all, host) : value_null();
        bool ask = !given && !str_is_none(script->path);
        if ((ask && !ask_host(script, host, &vars)) || !set_host_vars(script, host, vars)) {
            return false;
        }
    }
    return true;
}

/* ---- the whole ---- */

static bool add_all(struct script *script, value data)
{
    value meta = (value){ 0 };
    for (size_t i = 0; i < value_count(data); i++) {
        value name = value_map_key(data, i), group = value_map_value(data, i);
        if (value_is(name, VALUE_STR) && str_eq(value_as_str(name), S("_meta"))) {
            meta = group;
        } else if (!add_group(script, name, group)) {
            return false;
        }
    }
    return add_host_vars(script, meta);
}

/* `output`: what it printed, to be shown where it is wrong; NULL: there was no run. */
static bool read_output(struct script *script, const struct source *source,
                        const struct output *output)
{
    struct parse *parse = script->parse;
    value data;
    if (!json_read(parse->inventory->arena, parse->diags, source,
                   (struct json_options){ .trusted = true }, &data)) {
        return output != NULL && refuse(script, output, "did not print JSON");
    }
    if (!value_is(data, VALUE_MAP)) {
        return refuse(script, output, "must print a map of groups");
    }
    return add_all(script, json_unwrap(parse->inventory->arena, data));
}

static struct script script_of(struct parse *parse, str path)
{
    return (struct script){ .parse = parse,
                            .path = path,
                            .known_hosts = { .arena = parse->inventory->arena } };
}

bool script_parse(struct parse *parse, str path)
{
    struct script script = script_of(parse, path);
    struct output output;
    if (!run_script(&script, "--list", STR_NONE, &output)) {
        return false;
    }
    if (!WIFEXITED(output.status) || WEXITSTATUS(output.status) != 0) {
        bool exited = WIFEXITED(output.status);
        int number = exited ? WEXITSTATUS(output.status) : WTERMSIG(output.status);
        return refuse(&script, &output,
                      str_format(parse->diags->arena, "ended %s %d",
                                 exited ? "with status" : "by signal", number)
                          .ptr);
    }
    const struct source *source = add_output(&script, "--list", STR_EMPTY, output.out);
    return source == NULL ? refuse(&script, NULL, "printed too much")
                          : read_output(&script, source, &output);
}

bool script_output_parse(struct parse *parse)
{
    struct script script = script_of(parse, STR_NONE);
    return read_output(&script, parse->source, NULL);
}
