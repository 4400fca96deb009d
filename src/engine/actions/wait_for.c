/*
 * wait_for - wait until a port of a host is open, closed or drained, a file is there or gone, or a
 * text stands in one; or only wait. It is looked at from the host the task is for; between two
 * looks it holds no worker.
 */
#include "base/bug.h"
#include "engine/actions/actions.h"
#include "engine/actions/port.h"
#include "formats/pyregex.h"

enum wait_state { ABSENT, DRAINED, PRESENT, STARTED, STOPPED };

struct wait_params {
    str host, path, search_regex, msg;
    int64_t port, timeout, connect_timeout, delay, sleep;
    int state; /* enum wait_state */
    struct str_list states, exclude_hosts;
};

static const char *const states[] = { "absent", "drained", "present", "started", "stopped", NULL };

static const struct param params[] = {
    PARAM(struct wait_params, host, .type = PARAM_STR, .fallback = "127.0.0.1",
          .doc = "The name or address to connect to."),
    PARAM(struct wait_params, port, .type = PARAM_INT, .doc = "The port to look at."),
    PARAM(struct wait_params, path, .type = PARAM_PATH,
          .doc = "The file to look at; links are followed."),
    PARAM(struct wait_params, search_regex, .type = PARAM_STR,
          .doc = "What has to stand in the file, or in what the port's server says by itself; ^ "
                 "and $ mean each line."),
    PARAM(struct wait_params, state, .type = PARAM_CHOICE, .choices = states, .fallback = "started",
          .doc = "What to wait for: a file or an open port (present, started), none (absent, "
                 "stopped), or a port without connections (drained)."),
    PARAM(struct wait_params, timeout, .type = PARAM_INT, .fallback = "300",
          .doc = "Seconds to wait before the task fails; without a port and a path it does not "
                 "fail."),
    PARAM(struct wait_params, connect_timeout, .type = PARAM_INT, .fallback = "5",
          .doc = "Seconds that one attempt to connect may take."),
    PARAM(struct wait_params, delay, .type = PARAM_INT, .fallback = "0",
          .doc = "Seconds to wait before the first look."),
    PARAM(struct wait_params, sleep, .type = PARAM_INT, .fallback = "1",
          .doc = "Seconds between two looks."),
    PARAM(struct wait_params, msg, .type = PARAM_STR,
          .doc = "What to say when the time is up, instead of the usual."),
    PARAM_NAMED(struct wait_params, states, "active_connection_states", .type = PARAM_LIST,
                .fallback = "ESTABLISHED,FIN_WAIT1,FIN_WAIT2,SYN_RECV,SYN_SENT,TIME_WAIT",
                .doc = "For drained: the states of connections that count."),
    PARAM(struct wait_params, exclude_hosts, .type = PARAM_LIST,
          .doc = "For drained: names or addresses whose connections do not count."),
    PARAM_END,
};

struct waiting {
    struct action_call *call;
    const struct wait_params *want;
    struct reach reach;
    struct pyregex *regex; /* NULL: none */
    deadline start, end;
    struct file_stat looked_at; /* the file when its text was searched last */
    struct file_stat found;     /* the file that was waited for */
    value groups, named_groups; /* of the match */
    bool patient;               /* the text may not be in what a server says first */
};

/* ---- parameters ---- */

static bool check(struct action_call *call, const struct wait_params *want)
{
    bool port_only = want->state == STOPPED || want->state == DRAINED;
    const char *problem = NULL;
    if (want->port != 0 && !str_is_none(want->path)) {
        problem = "give 'port' or 'path', not both";
    } else if (!str_is_none(want->path) && port_only) {
        problem = "state 'stopped' or 'drained' is for a port, not for a path";
    } else if (want->exclude_hosts.given && want->state != DRAINED) {
        problem = "'exclude_hosts' is for state 'drained' only";
    } else if (want->state == DRAINED && want->port == 0) {
        problem = "state 'drained' needs a port";
    } else if (want->port < 0 || want->port > 65535) {
        problem = "'port' is not from 1 to 65535";
    }
    for (size_t i = 0; problem == NULL && i < want->states.count; i++) {
        if (tcp_state_named(str_trim(want->states.items[i])) == 0) {
            problem = "'active_connection_states' has a state that is not known";
        }
    }
    if (problem != NULL) {
        diag_error(call->eval->diags, call->task->action_at, "%s", problem);
    }
    return problem == NULL;
}

static unsigned state_bits(const struct wait_params *want)
{
    unsigned bits = 0;
    for (size_t i = 0; i < want->states.count; i++) {
        bits |= 1u << tcp_state_named(str_trim(want->states.items[i]));
    }
    return bits;
}

/* ---- searching ---- */

static void keep_groups(struct waiting *waiting, str text, const struct pyregex_match *match)
{
    struct arena *arena = waiting->call->eval->arena;
    struct list_builder groups = list_in(arena);
    struct map_builder named = map_in(arena);
    for (size_t i = 1; i < match->count; i++) {
        struct pyregex_group group = match->groups[i];
        value v = group.from == STR_NPOS ? value_null()
                                         : value_str(arena, str_part(text, group.from, group.to));
        str name = pyregex_group_name(waiting->regex, i);
        list_add(&groups, v);
        if (!str_is_none(name)) {
            map_set_str(&named, name, v);
        }
    }
    waiting->groups = list_seal(&groups);
    waiting->named_groups = map_seal(&named);
}

static bool found_in(struct waiting *waiting, str text, bool *ret)
{
    struct pyregex_match match;
    if (!pyregex_exec(waiting->regex, waiting->reach.context.arena, waiting->call->eval->diags,
                      text, 0, PYREGEX_SEARCH, ret, &match)) {
        return false;
    }
    if (*ret) {
        keep_groups(waiting, text, &match);
    }
    return true;
}

/* ---- one look ---- */

enum look { LOOK_AGAIN, LOOK_DONE, LOOK_FAILED /* the error is in reach, or a diagnostic told */ };

/* A file that has not changed since need not be read again; those of /proc have no size. */
static bool may_have_changed(const struct file_stat *before, const struct file_stat *now)
{
    return now->size == 0 || now->size != before->size || now->mtime != before->mtime ||
           now->inode != before->inode;
}

/* A file that cannot be read counts as one without the text, as in Ansible. */
static enum look look_into(struct waiting *waiting, enum remote_status *ret_status)
{
    value text = { 0 };
    bool found = false;
    struct observer *obs = observer_new(waiting->reach.context.arena, NULL);
    observe_content(obs, waiting->want->path, &text);
    *ret_status = reach_ask(&waiting->reach, obs);
    if (*ret_status != REMOTE_OK) {
        return *ret_status == REMOTE_FAILED ? LOOK_AGAIN : LOOK_FAILED;
    }
    observe_content(obs, waiting->want->path, &text);
    if (value_is(text, VALUE_STR) && !found_in(waiting, value_as_str(text), &found)) {
        return LOOK_FAILED;
    }
    return found ? LOOK_DONE : LOOK_AGAIN;
}

static enum look look_at_path(struct waiting *waiting, enum remote_status *ret_status)
{
    const struct wait_params *want = waiting->want;
    struct file_stat stat = { 0 };
    struct observer *obs = observer_new(waiting->reach.context.arena, NULL);
    observe_stat_follow(obs, want->path, &stat);
    *ret_status = reach_ask(&waiting->reach, obs);
    if (*ret_status == REMOTE_FAILED && want->state == ABSENT) {
        return LOOK_DONE; /* what cannot be reached is not there */
    }
    if (*ret_status != REMOTE_OK) {
        return LOOK_FAILED;
    }
    observe_stat_follow(obs, want->path, &stat);
    bool there = stat.type != FILE_ABSENT;
    waiting->found = stat;
    if (want->state == ABSENT || !there || waiting->regex == NULL) {
        return there == (want->state != ABSENT) ? LOOK_DONE : LOOK_AGAIN;
    }
    if (!may_have_changed(&waiting->looked_at, &stat)) {
        return LOOK_AGAIN;
    }
    waiting->looked_at =
        (struct file_stat){ .size = stat.size, .mtime = stat.mtime, .inode = stat.inode };
    return look_into(waiting, ret_status);
}

static enum look look_at_port(struct waiting *waiting, enum remote_status *ret_status)
{
    const struct wait_params *want = waiting->want;
    bool open = want->state == PRESENT || want->state == STARTED, found = true;
    bool reads = open && waiting->regex != NULL;
    double left = (double)(waiting->end - wire_now()) / 1000;
    struct port_question question = {
        .host = want->host,
        .port = (unsigned)want->port,
        .timeout =
            open && left < (double)want->connect_timeout ? left : (double)want->connect_timeout,
        .read = !reads             ? PORT_READ_NOTHING
                : waiting->patient ? PORT_READ_ALL
                                   : PORT_READ_FIRST,
    };
    struct port_answer answer;
    *ret_status = port_ask(&waiting->reach, &question, &answer);
    if (*ret_status != REMOTE_OK ||
        (reads && answer.open && !found_in(waiting, answer.data, &found))) {
        return LOOK_FAILED;
    }
    if (answer.open != open) {
        return LOOK_AGAIN;
    }
    if (!found && !waiting->patient) { /* it may come in what the server says next */
        waiting->patient = true;
        return look_at_port(waiting, ret_status);
    }
    return found ? LOOK_DONE : LOOK_AGAIN;
}

static enum look look_at_connections(struct waiting *waiting, enum remote_status *ret_status)
{
    const struct wait_params *want = waiting->want;
    struct port_connections which = {
        .host = want->host,
        .port = (unsigned)want->port,
        .states = state_bits(want),
        .exclude = want->exclude_hosts.items,
        .exclude_count = want->exclude_hosts.count,
    };
    size_t count = 0;
    *ret_status = port_count(&waiting->reach, &which, &count);
    return *ret_status != REMOTE_OK ? LOOK_FAILED : count == 0 ? LOOK_DONE : LOOK_AGAIN;
}

/* Each look has memory of its own: there may be many. */
static enum look look(struct waiting *waiting, enum remote_status *ret_status)
{
    struct arena *arena = waiting->call->eval->arena, *scratch = arena_new("wait_for");
    struct remote_error *error = &waiting->reach.error;
    waiting->reach.context.arena = scratch;
    enum look look = (!str_is_none(waiting->want->path) ? look_at_path
                      : waiting->want->state == DRAINED ? look_at_connections
                                                        : look_at_port)(waiting, ret_status);
    if (*ret_status != REMOTE_OK) {
        error->message = str_copy(arena, error->message);
        error->hint = str_is_none(error->hint) ? STR_NONE : str_copy(arena, error->hint);
    }
    waiting->found.owner = str_copy(arena, waiting->found.owner);
    waiting->found.group = str_copy(arena, waiting->found.group);
    waiting->reach.context.arena = arena;
    arena_free(scratch);
    return look;
}

/* ---- results ---- */

static value text_or_null(struct arena *arena, str text)
{
    return str_is_none(text) ? value_null() : value_str(arena, text);
}

static struct map_builder result_map(struct waiting *waiting)
{
    struct map_builder map = map_in(waiting->call->eval->arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("elapsed"), value_int((wire_now() - waiting->start) / 1000));
    return map;
}

/* As every result of Ansible's with a `path` has it. */
static void add_file(struct arena *arena, struct map_builder *map, const struct file_stat *stat)
{
    map_set_str(map, S("gid"), value_int(stat->gid));
    map_set_str(map, S("group"), value_str(arena, stat->group));
    map_set_str(map, S("mode"), value_str(arena, str_format(arena, "%04o", stat->mode)));
    map_set_str(map, S("owner"), value_str(arena, stat->owner));
    map_set_str(map, S("size"), value_int((int64_t)stat->size));
    map_set_str(map, S("state"),
                value_str(arena, stat->type == FILE_DIRECTORY ? S("directory") : S("file")));
    map_set_str(map, S("uid"), value_int(stat->uid));
}

static value done_result(struct waiting *waiting)
{
    const struct wait_params *want = waiting->want;
    struct arena *arena = waiting->call->eval->arena;
    struct map_builder map = result_map(waiting);
    map_set_str(&map, S("match_groupdict"), waiting->named_groups);
    map_set_str(&map, S("match_groups"), waiting->groups);
    map_set_str(&map, S("path"), text_or_null(arena, want->path));
    map_set_str(&map, S("port"), want->port == 0 ? value_null() : value_int(want->port));
    map_set_str(&map, S("search_regex"), text_or_null(arena, want->search_regex));
    map_set_str(&map, S("state"), value_str(arena, str_of(states[want->state])));
    if (waiting->found.type != FILE_ABSENT) {
        add_file(arena, &map, &waiting->found);
    }
    return map_seal(&map);
}

/* Playbooks look for these words in `msg`, so they are Ansible's. */
static str too_late(struct arena *arena, const struct wait_params *want)
{
    str what = str_is_none(want->path)
                   ? str_format(arena, "%.*s:%d", SARG(want->host), (int)want->port)
                   : want->path;
    bool waits_for_end = want->state == ABSENT || want->state == STOPPED;
    if (want->state == DRAINED) {
        return str_format(arena, "Timeout when waiting for %.*s to drain", SARG(what));
    }
    if (waits_for_end) {
        return str_format(arena, "Timeout when waiting for %.*s to %s.", SARG(what),
                          str_is_none(want->path) ? "stop" : "be absent");
    }
    if (!str_is_none(want->search_regex)) {
        return str_format(arena, "Timeout when waiting for search string %.*s in %.*s",
                          SARG(want->search_regex), SARG(what));
    }
    return str_format(arena, "Timeout when waiting for %s%.*s",
                      str_is_none(want->path) ? "" : "file ", SARG(what));
}

static value late_result(struct waiting *waiting)
{
    const struct wait_params *want = waiting->want;
    struct arena *arena = waiting->call->eval->arena;
    struct map_builder map = result_map(waiting);
    str message = str_is_none(want->msg) ? too_late(arena, want) : want->msg;
    map_set_str(&map, S("failed"), value_bool(true));
    map_set_str(&map, S("msg"), value_str(arena, message));
    return map_seal(&map);
}

/* ---- the whole ---- */

static bool look_until(struct waiting *waiting, struct action_outcome *ret)
{
    struct action_call *call = waiting->call;
    while (wire_now() < waiting->end) {
        enum remote_status status = REMOTE_OK;
        switch (look(waiting, &status)) {
        case LOOK_DONE:
            ret->result = done_result(waiting);
            return true;
        case LOOK_FAILED:
            return status == REMOTE_OK ? false : reach_failed(&waiting->reach, status, ret);
        case LOOK_AGAIN:
            break;
        }
        if (!action_sleep(call, (double)waiting->want->sleep)) {
            return false;
        }
    }
    ret->result = late_result(waiting);
    return true;
}

/* With neither port nor path there is nothing to look at. */
static bool only_wait(struct waiting *waiting, struct action_outcome *ret)
{
    if (!action_sleep(waiting->call, (double)waiting->want->timeout)) {
        return false;
    }
    ret->result = done_result(waiting);
    return true;
}

static bool wait_at_host(struct waiting *waiting, struct action_outcome *ret)
{
    struct wait_params *want = arena_alloc(waiting->call->eval->arena, sizeof(struct wait_params));
    if (!reach_prepare(&waiting->reach, waiting->call)) {
        return false;
    }
    enum remote_status status = reach_open(&waiting->reach);
    if (status != REMOTE_OK) {
        return reach_failed(&waiting->reach, status, ret);
    }
    bool ok = reach_params(&waiting->reach, &action_wait_for, want);
    waiting->want = want;
    ok = ok && look_until(waiting, ret);
    reach_close(&waiting->reach);
    return ok;
}

static value not_waited(struct arena *arena)
{
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("skipped"), value_bool(true));
    map_set_str(&map, S("msg"), value_str(arena, S("a dry run does not wait")));
    return map_seal(&map);
}

static bool wait_run(struct action_call *call, struct action_outcome *ret)
{
    const struct wait_params *want = call->params;
    struct eval *eval = call->eval;
    struct waiting waiting = { .call = call, .want = want, .start = wire_now() };
    waiting.end = waiting.start + want->timeout * 1000;
    waiting.groups = value_list(eval->arena, NULL, 0);
    struct map_builder none = map_in(eval->arena);
    waiting.named_groups = map_seal(&none);
    if (!check(call, want)) {
        return false;
    }
    if (!str_is_none(want->search_regex)) {
        waiting.regex = pyregex_compile(eval->arena, eval->diags, call->task->action_at,
                                        want->search_regex, PYREGEX_MULTILINE);
        if (waiting.regex == NULL) {
            return false;
        }
    }
    if (call->dry_run) {
        ret->result = not_waited(eval->arena);
        return true;
    }
    if (!action_sleep(call, (double)want->delay)) {
        return false;
    }
    bool nothing = want->port == 0 && str_is_none(want->path);
    return nothing ? only_wait(&waiting, ret) : wait_at_host(&waiting, ret);
}

const struct engine_action action_wait_for = {
    .name = S_INIT("wait_for"),
    .summary = "Wait for a port, a file or a text, or for some time",
    .params = params,
    .params_size = sizeof(struct wait_params),
    .run = wait_run,
};
