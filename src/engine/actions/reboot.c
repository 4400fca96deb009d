/*
 * reboot - reboot a host and wait until it is back: until it tells another boot than before, and a
 * command works there. Between two attempts it holds no worker.
 */
#include <stdlib.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "engine/actions/actions.h"
#include "engine/actions/reach.h"
#include "remote/apply.h"

#define ATTEMPT_MAX 30   /* seconds for what one attempt asks, once it has connected */
#define PAUSE_MAX   12.0 /* seconds between two attempts, at the end */

struct reboot_params {
    int64_t pre_delay, post_delay, timeout, connect_timeout;
    str msg, test_command, boot_time_command, command;
    struct str_list search_paths;
};

static const struct param params[] = {
    PARAM_NAMED(struct reboot_params, pre_delay, "pre_reboot_delay", .type = PARAM_INT,
                .fallback = "0", .aliases = ALIASES("pre_reboot_delay_sec"),
                .doc = "Seconds that shutdown waits; on Linux whole minutes, rounded down."),
    PARAM_NAMED(struct reboot_params, post_delay, "post_reboot_delay", .type = PARAM_INT,
                .fallback = "0", .aliases = ALIASES("post_reboot_delay_sec"),
                .doc = "Seconds to wait before looking whether the host is back."),
    PARAM_NAMED(struct reboot_params, timeout, "reboot_timeout", .type = PARAM_INT,
                .fallback = "600", .aliases = ALIASES("reboot_timeout_sec"),
                .doc = "Seconds to wait for the host, and once more for the test command."),
    PARAM(struct reboot_params, connect_timeout, .type = PARAM_INT,
          .aliases = ALIASES("connect_timeout_sec"),
          .doc = "Seconds that one attempt to connect may take; as usual if not given."),
    PARAM(struct reboot_params, msg, .type = PARAM_STR, .fallback = "Reboot initiated by Ansible",
          .doc = "What users of the host are told."),
    PARAM(struct reboot_params, test_command, .type = PARAM_STR, .fallback = "whoami",
          .doc = "A command that works once the host is ready."),
    PARAM(struct reboot_params, boot_time_command, .type = PARAM_STR,
          .doc = "A command whose output is another one after each boot."),
    PARAM(struct reboot_params, search_paths, .type = PARAM_LIST,
          .fallback = "/sbin,/bin,/usr/sbin,/usr/bin,/usr/local/sbin",
          .doc = "Where the program that reboots is looked for."),
    PARAM_NAMED(struct reboot_params, command, "reboot_command", .type = PARAM_STR,
                .doc = "A command that reboots the host, instead of shutdown; then the delay "
                       "before it and 'msg' mean nothing."),
    PARAM_END,
};

/* How systems are rebooted, by the kernel's name or what /etc/os-release says. */
struct system {
    str name;
    const char *program;
    enum {
        DELAY_MINUTES,
        DELAY_PLUS_MINUTES,
        DELAY_PLUS_SECONDS,
        DELAY_SUN,
        DELAY_FAST,
        DELAY_NONE
    } form;
    const char *boot_id; /* a command */
    const char *test;    /* a command; NULL: as the parameter has it */
};

#define BOOT_ID "cat /proc/sys/kernel/random/boot_id"
static const struct system systems[] = {
    { S_INIT("FreeBSD"), "shutdown", DELAY_PLUS_SECONDS, "/sbin/sysctl kern.boottime", NULL },
    { S_INIT("OpenBSD"), "shutdown", DELAY_PLUS_MINUTES, "/sbin/sysctl kern.boottime", NULL },
    { S_INIT("NetBSD"), "shutdown", DELAY_PLUS_MINUTES, "/sbin/sysctl kern.boottime", NULL },
    { S_INIT("Darwin"), "shutdown", DELAY_PLUS_MINUTES, "who -b", NULL },
    { S_INIT("SunOS"), "shutdown", DELAY_SUN, "who -b", "who" },
    { S_INIT("AIX"), "shutdown", DELAY_FAST, "who -b", NULL },
    { S_INIT("alpine"), "reboot", DELAY_NONE, BOOT_ID, NULL },
    { S_INIT("void"), "shutdown", DELAY_PLUS_MINUTES, BOOT_ID, NULL },
};
static const struct system linux_system = { S_INIT("Linux"), "shutdown", DELAY_MINUTES, BOOT_ID,
                                            NULL };
static const struct system small_system = { S_INIT("small"), "reboot", DELAY_NONE, BOOT_ID, NULL };

struct reboot {
    struct action_call *call;
    const struct reboot_params *want;
    struct reach reach;
    const struct system *system;
    str program; /* its path on the host */
    str boot_id; /* before */
    deadline start;
};

static struct arena *arena_of(const struct reboot *reboot)
{
    return reboot->call->eval->arena;
}

/* ---- what the host is ---- */

struct facts {
    struct run_answer kernel;
    str os_release;
    struct file_stat *programs; /* for each search path: of `program`, then of "reboot" */
};

/* The name of the program that is looked for: the first word of what was given. */
static str wanted_program(const struct reboot *reboot, const struct system *system)
{
    str command = reboot->want->command;
    if (str_is_none(command)) {
        return str_of(system->program);
    }
    size_t space = str_find_char(command, ' ', 0);
    return str_part(command, 0, space);
}

static void observe(const struct reboot *reboot, struct observer *obs, struct facts *ret)
{
    const struct reboot_params *want = reboot->want;
    struct arena *arena = arena_of(reboot);
    str names[] = { wanted_program(reboot, &linux_system), S("reboot") };
    observe_run(obs, ARGV(S("uname"), S("-s")), &ret->kernel);
    observe_text(obs, S("/etc/os-release"), &ret->os_release);
    for (size_t i = 0; i < 2 * want->search_paths.count; i++) {
        str dir = str_trim(want->search_paths.items[i / 2]);
        if (path_is_absolute(dir)) {
            observe_stat_follow(obs, path_join(arena, dir, names[i % 2]), &ret->programs[i]);
        }
    }
}

static const struct system *system_of(const struct facts *facts)
{
    str kernel = str_trim(facts->kernel.out), id = STR_NONE;
    for (str rest = str_is_none(facts->os_release) ? STR_EMPTY : facts->os_release; rest.len > 0;) {
        str line = str_cut_line(&rest);
        if (str_starts(line, S("ID="))) {
            id = str_part(line, 3, line.len);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(systems); i++) {
        if (str_eq(systems[i].name, kernel) || str_eq(systems[i].name, id)) {
            return &systems[i];
        }
    }
    return &linux_system;
}

/* A program that the host has under one of two names; without arguments it is `reboot`. */
static str find_program(const struct reboot *reboot, const struct facts *facts, bool plain)
{
    const struct str_list *dirs = &reboot->want->search_paths;
    str name = plain ? S("reboot") : wanted_program(reboot, &linux_system);
    for (size_t i = 0; i < dirs->count; i++) {
        if (facts->programs[2 * i + plain].type == FILE_REGULAR) {
            return path_join(arena_of(reboot), str_trim(dirs->items[i]), name);
        }
    }
    return STR_NONE;
}

static bool no_program(const struct reboot *reboot, str name)
{
    struct diag *diag = diag_error(reboot->call->eval->diags, reboot->call->task->action_at,
                                   "the host has no '%.*s' in its search paths", SARG(name));
    diag_hint(diag, "'search_paths' tells where to look, 'reboot_command' what to run");
    return false;
}

/* A host without shutdown, as small ones are, has reboot. */
static bool choose_program(struct reboot *reboot, const struct facts *facts)
{
    str name = wanted_program(reboot, reboot->system);
    bool given = !str_is_none(reboot->want->command);
    if (path_is_absolute(name)) {
        reboot->program = name;
        return true;
    }
    bool plain = !given && reboot->system->form == DELAY_NONE;
    reboot->program = find_program(reboot, facts, plain);
    if (str_is_none(reboot->program) && !given) {
        reboot->system = reboot->system == &linux_system ? &small_system : reboot->system;
        reboot->program = find_program(reboot, facts, reboot->system == &small_system);
    }
    return !str_is_none(reboot->program) || no_program(reboot, name);
}

static enum remote_status ask_host(struct reboot *reboot, struct facts *ret)
{
    struct arena *arena = arena_of(reboot);
    struct observer *obs = observer_new(arena, NULL);
    ret->programs = NEW_ARRAY(arena, struct file_stat, 2 * reboot->want->search_paths.count + 1);
    observe(reboot, obs, ret);
    enum remote_status status = reach_ask(&reboot->reach, obs);
    if (status == REMOTE_OK) {
        observe(reboot, obs, ret); /* now with answers */
    }
    return status;
}

/* ---- commands ---- */

static enum remote_status run(struct reboot *reboot, struct arena *arena, str script,
                              deadline until, struct command_result *ret)
{
    struct remote_context context = reboot->reach.context;
    struct command command = {
        .script = script, .executable = STR_NONE, .chdir = STR_NONE, .stdin_text = STR_NONE
    };
    context.arena = arena;
    context.until = until < context.until ? until : context.until;
    return remote_command(reboot->reach.lease->remote, &context, &command, ret,
                          &reboot->reach.error);
}

static str boot_id_command(const struct reboot *reboot)
{
    str given = reboot->want->boot_time_command;
    return str_is_none(given) || given.len == 0 ? str_of(reboot->system->boot_id) : given;
}

static str reboot_line(const struct reboot *reboot)
{
    const struct reboot_params *want = reboot->want;
    struct arena *arena = arena_of(reboot);
    struct strbuf line = strbuf_in(arena);
    str name = wanted_program(reboot, reboot->system);
    int64_t seconds = want->pre_delay < 0 ? 0 : want->pre_delay;
    long long minutes = (long long)(seconds / 60);
    shell_quote_to(&line, reboot->program);
    if (!str_is_none(want->command)) {
        strbuf_add(&line, str_part(want->command, name.len, want->command.len));
        return strbuf_str(&line);
    }
    switch (reboot->system->form) {
    case DELAY_MINUTES:
        strbuf_addf(&line, " -r %lld ", minutes);
        break;
    case DELAY_PLUS_MINUTES:
        strbuf_addf(&line, " -r +%lld ", minutes);
        break;
    case DELAY_PLUS_SECONDS:
        strbuf_addf(&line, " -r +%llds ", (long long)seconds);
        break;
    case DELAY_SUN:
        strbuf_addf(&line, " -y -g %lld -i 6 ", (long long)seconds);
        break;
    case DELAY_FAST:
        strbuf_add(&line, S(" -Fr"));
        return strbuf_str(&line);
    case DELAY_NONE:
        return strbuf_str(&line);
    }
    shell_quote_to(&line, want->msg);
    return strbuf_str(&line);
}

/* ---- results ---- */

static struct map_builder result_map(const struct reboot *reboot, bool changed, bool rebooted)
{
    struct map_builder map = map_in(arena_of(reboot));
    map_set_str(&map, S("changed"), value_bool(changed));
    map_set_str(&map, S("elapsed"), value_int((wire_now() - reboot->start) / 1000));
    map_set_str(&map, S("rebooted"), value_bool(rebooted));
    return map;
}

static bool failed(const struct reboot *reboot, bool rebooted, str message,
                   struct action_outcome *ret)
{
    struct map_builder map = result_map(reboot, false, rebooted);
    map_set_str(&map, S("failed"), value_bool(true));
    map_set_str(&map, S("msg"), value_str(arena_of(reboot), message));
    ret->result = map_seal(&map);
    return true;
}

/* ---- waiting ---- */

enum attempt { ATTEMPT_AGAIN, ATTEMPT_DONE, ATTEMPT_ENDED /* a diagnostic told why */ };

/* Another boot than before, on a new connection: an old one may lead to what goes down. */
static enum attempt is_back(struct reboot *reboot, struct arena *arena)
{
    struct reach *reach = &reboot->reach;
    struct command_result result;
    reach_forget(reach);
    reach->context.arena = arena;
    enum remote_status status = reach_open(reach);
    if (status == REMOTE_OK) {
        status = run(reboot, arena, boot_id_command(reboot), deadline_in(ATTEMPT_MAX), &result);
    }
    str id = status == REMOTE_OK && result.status == 0 ? str_trim(result.out) : STR_EMPTY;
    bool back = id.len > 0 && !str_eq(id, reboot->boot_id);
    if (!back) {
        reach_forget(reach);
    }
    return back ? ATTEMPT_DONE : ATTEMPT_AGAIN;
}

static enum attempt works(struct reboot *reboot, struct arena *arena)
{
    struct reach *reach = &reboot->reach;
    struct command_result result;
    reach->context.arena = arena;
    str test = reboot->system->test != NULL &&
                       !value_is_defined(value_get(reboot->call->args, S("test_command")))
                   ? str_of(reboot->system->test)
                   : reboot->want->test_command;
    enum remote_status status = reach->lease != NULL ? REMOTE_OK : reach_open(reach);
    if (status == REMOTE_OK) {
        status = run(reboot, arena, test, deadline_in((double)reboot->want->timeout), &result);
    }
    if (status != REMOTE_OK) {
        reach_forget(reach); /* it may have gone down once more */
        return ATTEMPT_AGAIN;
    }
    return result.status == 0 ? ATTEMPT_DONE : ATTEMPT_AGAIN;
}

/* One, two, four ... seconds apart, and a bit more, so that many hosts do not ask all at once. */
static enum attempt repeat(struct reboot *reboot,
                           enum attempt (*attempt)(struct reboot *, struct arena *))
{
    struct action_call *call = reboot->call;
    deadline end = wire_now() + reboot->want->timeout * 1000;
    end = end < call->limit.until ? end : call->limit.until;
    for (double pause = 1; wire_now() < end;
         pause = pause * 2 > PAUSE_MAX ? PAUSE_MAX : pause * 2) {
        struct arena *scratch = arena_new("reboot");
        enum attempt got = attempt(reboot, scratch);
        reboot->reach.context.arena = arena_of(reboot);
        arena_free(scratch);
        if (got != ATTEMPT_AGAIN) {
            return got;
        }
        if (!action_sleep(call, pause + (double)(wire_now() % 1000) / 1000)) {
            return ATTEMPT_ENDED;
        }
    }
    return ATTEMPT_AGAIN;
}

static bool await_host(struct reboot *reboot, struct action_outcome *ret)
{
    static const struct {
        enum attempt (*attempt)(struct reboot *, struct arena *);
        const char *what;
    } steps[] = { { is_back, "last boot time check" }, { works, "post-reboot test command" } };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        switch (repeat(reboot, steps[i].attempt)) {
        case ATTEMPT_DONE:
            break;
        case ATTEMPT_ENDED:
            return false;
        case ATTEMPT_AGAIN:
            return failed(reboot, true,
                          str_format(arena_of(reboot), "Timed out waiting for %s (timeout=%lld)",
                                     steps[i].what, (long long)reboot->want->timeout),
                          ret);
        }
    }
    struct map_builder map = result_map(reboot, true, true);
    ret->result = map_seal(&map);
    return true;
}

/* ---- the whole ---- */

/* The boot before, and how to begin another one. */
static bool prepare(struct reboot *reboot, struct action_outcome *ret)
{
    struct arena *arena = arena_of(reboot);
    struct facts facts = { 0 };
    struct command_result result;
    enum remote_status status = ask_host(reboot, &facts);
    if (status != REMOTE_OK) {
        reach_failed(&reboot->reach, status, ret);
        return false;
    }
    reboot->system = system_of(&facts);
    if (!choose_program(reboot, &facts)) {
        return false;
    }
    status = run(reboot, arena, boot_id_command(reboot), DEADLINE_NEVER, &result);
    if (status != REMOTE_OK) {
        reach_failed(&reboot->reach, status, ret);
        return false;
    }
    reboot->boot_id = str_trim(result.out);
    if (result.status != 0 || reboot->boot_id.len == 0) {
        failed(reboot, false,
               str_format(arena,
                          "could not find out when the host was booted, rc: %d, stdout: %.*s, "
                          "stderr: %.*s",
                          result.status, SARG(result.out), SARG(result.err)),
               ret);
        return false;
    }
    return true;
}

/* A connection that is lost meanwhile is what was asked for. */
static bool begin(struct reboot *reboot, struct action_outcome *ret)
{
    struct arena *arena = arena_of(reboot);
    struct command_result result;
    enum remote_status status = run(reboot, arena, reboot_line(reboot),
                                    deadline_in((double)reboot->want->timeout), &result);
    reboot->start = wire_now();
    if (status == REMOTE_INTERRUPTED || status == REMOTE_FAILED) {
        reach_failed(&reboot->reach, status, ret);
        return false;
    }
    if (status == REMOTE_OK && result.status != 0) {
        failed(reboot, false,
               str_format(arena, "Reboot command failed. Error was: '%.*s, %.*s'",
                          SARG(str_trim(result.out)), SARG(str_trim(result.err))),
               ret);
        return false;
    }
    return true;
}

static bool reboot_host(struct reboot *reboot, struct action_outcome *ret)
{
    struct reach *reach = &reboot->reach;
    enum remote_status status = reach_open(reach);
    if (status != REMOTE_OK) {
        return reach_failed(reach, status, ret);
    }
    if (!prepare(reboot, ret) || !begin(reboot, ret)) {
        return value_is(ret->result, VALUE_MAP); /* else a diagnostic told */
    }
    reach_forget(reach);
    if (!action_sleep(reboot->call, (double)reboot->want->post_delay)) {
        return false;
    }
    if (reboot->want->connect_timeout > 0) {
        reach->options.connect_timeout = (double)reboot->want->connect_timeout;
    }
    return await_host(reboot, ret);
}

/* What runs on this machine's kernel would reboot this machine. */
static bool is_this_machine(const struct reach *reach)
{
    const struct exec_kind *kind = reach->options.exec.kind;
    return reach->options.kind == CONNECTION_LOCAL ||
           (kind != NULL &&
            (str_eq(str_of(kind->name), S("chroot")) || str_eq(str_of(kind->name), S("nsenter"))));
}

static bool reboot_run(struct action_call *call, struct action_outcome *ret)
{
    struct reboot reboot = { .call = call, .want = call->params, .start = wire_now() };
    if (!reach_prepare(&reboot.reach, call)) {
        return false;
    }
    if (is_this_machine(&reboot.reach)) {
        return failed(&reboot, false,
                      S("Running reboot with local connection would reboot the control node."),
                      ret);
    }
    if (call->dry_run) {
        struct map_builder map = result_map(&reboot, true, true);
        ret->result = map_seal(&map);
        return true;
    }
    bool ok = reboot_host(&reboot, ret);
    if (reboot.want->connect_timeout > 0) {
        reach_forget(&reboot.reach); /* it was for this task only */
    }
    reach_close(&reboot.reach);
    return ok;
}

const struct engine_action action_reboot = {
    .name = S_INIT("reboot"),
    .summary = "Reboot a host and wait until it is back",
    .params = params,
    .params_size = sizeof(struct reboot_params),
    .run = reboot_run,
};
