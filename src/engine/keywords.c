/* keywords.c - the table of keywords. */
#include "engine/keywords.h"

#include "base/bug.h"

#define ON_TASKS    (ON_TASK | ON_HANDLER | ON_IMPORT)
#define ON_BLOCKS   (ON_ROLE | ON_BLOCK | ON_TASKS)
#define ON_ALL      (ON_PLAY | ON_BLOCKS | ON_IMPORT_PLAYBOOK)
#define ON_ACTIONS  (ON_TASKS | ON_INCLUDE)
#define VALUES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* In the order of enum keyword. */
static const struct keyword_row rows[KW_COUNT] = {
    { S_INIT("name"), KW_NAME, ON_ALL | ON_INCLUDE, KEYWORD_STRING,
      .doc = "What it does, for people; shown when it runs." },
    { S_INIT("when"), KW_WHEN, ON_BLOCKS | ON_INCLUDE | ON_IMPORT_PLAYBOOK, KEYWORD_CONDITIONS,
      .joined = true,
      .doc = "Conditions: an expression or a list of them; all must hold, else it is skipped." },
    { S_INIT("tags"), KW_TAGS, ON_ALL | ON_INCLUDE, KEYWORD_TAGS, .joined = true,
      .doc = "Names by which --tags and --skip-tags choose what runs." },
    { S_INIT("vars"), KW_VARS, ON_ALL | ON_INCLUDE, KEYWORD_VARS, .joined = true,
      .doc = "Variables that are seen within." },
    { S_INIT("become"), KW_BECOME, ON_ALL, KEYWORD_BOOL,
      .doc = "Whether to act as another user than the one logged in." },
    { S_INIT("become_user"), KW_BECOME_USER, ON_ALL, KEYWORD_STRING,
      .doc = "The user to act as; root if not given." },
    { S_INIT("become_method"), KW_BECOME_METHOD, ON_ALL, KEYWORD_STRING,
      .doc = "How to become that user: sudo, su, doas ..." },
    { S_INIT("become_flags"), KW_BECOME_FLAGS, ON_ALL, KEYWORD_STRING,
      .doc = "Options for the program that does it." },
    { S_INIT("become_exe"), KW_BECOME_EXE, ON_ALL, KEYWORD_STRING,
      .doc = "Where that program is." },
    { S_INIT("environment"), KW_ENVIRONMENT, ON_ALL, KEYWORD_ANY, .joined = true,
      .doc = "Environment variables for commands on the host: a map, or a list of maps." },
    { S_INIT("ignore_errors"), KW_IGNORE_ERRORS, ON_ALL | ON_INCLUDE, KEYWORD_BOOL,
      .doc = "Go on with a host on which a task has failed." },
    { S_INIT("ignore_unreachable"), KW_IGNORE_UNREACHABLE, ON_ALL, KEYWORD_BOOL,
      .doc = "Go on with a host that could not be reached for a task." },
    { S_INIT("any_errors_fatal"), KW_ANY_ERRORS_FATAL, ON_ALL, KEYWORD_BOOL,
      .doc = "One host's failure ends the play for all." },
    { S_INIT("check_mode"), KW_CHECK_MODE, ON_ALL, KEYWORD_BOOL,
      .doc = "Only tell what would change (true), or change things even in a dry run (false)." },
    { S_INIT("diff"), KW_DIFF, ON_ALL, KEYWORD_BOOL, .doc = "Show what changes, line by line." },
    { S_INIT("no_log"), KW_NO_LOG, ON_ALL | ON_INCLUDE, KEYWORD_BOOL,
      .doc = "Keep arguments and results out of all output." },
    { S_INIT("connection"), KW_CONNECTION, ON_ALL, KEYWORD_STRING,
      .doc = "How to reach the host: ssh, local, docker ..." },
    { S_INIT("port"), KW_PORT, ON_ALL, KEYWORD_INT, .doc = "The port to connect to." },
    { S_INIT("remote_user"), KW_REMOTE_USER, ON_ALL, KEYWORD_STRING,
      .doc = "The user to log in as." },
    { S_INIT("run_once"), KW_RUN_ONCE, ON_ALL | ON_INCLUDE, KEYWORD_BOOL,
      .doc = "Run on the first host only; the result counts for all." },
    { S_INIT("throttle"), KW_THROTTLE, ON_ALL, KEYWORD_INT,
      .doc = "At most so many hosts run it at a time." },
    { S_INIT("timeout"), KW_TIMEOUT, ON_ALL | ON_INCLUDE, KEYWORD_INT,
      .doc = "Seconds after which a task is ended and fails; 0: never." },
    { S_INIT("module_defaults"), KW_MODULE_DEFAULTS, ON_ALL, KEYWORD_ANY, .joined = true,
      .doc = "Arguments that modules get when a task does not give them: a map by module." },
    { S_INIT("collections"), KW_COLLECTIONS, ON_ALL | ON_INCLUDE, KEYWORD_ANY,
      .doc = "Collections in which short names of modules and roles are looked for." },
    { S_INIT("debugger"), KW_DEBUGGER, ON_ALL | ON_INCLUDE, KEYWORD_STRING,
      .values = VALUES("always", "never", "on_failed", "on_unreachable", "on_skipped"),
      .doc = "When to stop and ask." },
    { S_INIT("delegate_to"), KW_DELEGATE_TO, ON_BLOCKS, KEYWORD_STRING,
      .doc = "The host to act on, in place of the one the task runs for." },
    { S_INIT("delegate_facts"), KW_DELEGATE_FACTS, ON_BLOCKS, KEYWORD_BOOL,
      .doc = "Facts belong to the host of delegate_to." },
    { S_INIT("args"), KW_ARGS, ON_ACTIONS, KEYWORD_ANY,
      .doc = "Arguments of the module, beside those given in one line." },
    { S_INIT("loop"), KW_LOOP, ON_ACTIONS, KEYWORD_ANY,
      .doc = "A list; the task runs once for each item." },
    { S_INIT("loop_control"), KW_LOOP_CONTROL, ON_ACTIONS, KEYWORD_ANY,
      .doc = "Names and labels of a loop: loop_var, index_var, label, pause, extended." },
    { S_INIT("register"), KW_REGISTER, ON_ACTIONS, KEYWORD_VARIABLE,
      .doc = "The variable that gets the result." },
    { S_INIT("until"), KW_UNTIL, ON_TASKS, KEYWORD_CONDITIONS,
      .doc = "Try again until this holds." },
    { S_INIT("retries"), KW_RETRIES, ON_TASKS, KEYWORD_INT, .doc = "How often to try again." },
    { S_INIT("delay"), KW_DELAY, ON_TASKS, KEYWORD_FLOAT,
      .doc = "Seconds between two attempts; 5 if not given." },
    { S_INIT("async"), KW_ASYNC, ON_TASKS, KEYWORD_INT,
      .doc = "Run in the background on the host, for at most so many seconds." },
    { S_INIT("poll"), KW_POLL, ON_TASKS, KEYWORD_INT,
      .doc = "Seconds between two looks at a background task; 0: do not wait for it." },
    { S_INIT("notify"), KW_NOTIFY, ON_BLOCK | ON_TASKS, KEYWORD_STRINGS,
      .doc = "Handlers to run when something has changed." },
    { S_INIT("listen"), KW_LISTEN, ON_HANDLER, KEYWORD_STRINGS,
      .doc = "Further names under which a handler is notified." },
    { S_INIT("changed_when"), KW_CHANGED_WHEN, ON_TASKS, KEYWORD_CONDITIONS,
      .doc = "Decides whether the task has changed something." },
    { S_INIT("failed_when"), KW_FAILED_WHEN, ON_TASKS, KEYWORD_CONDITIONS,
      .doc = "Decides whether the task has failed." },
    { S_INIT("action"), KW_ACTION, ON_ACTIONS, KEYWORD_ANY,
      .doc = "The module and its arguments in one line, or as a map with a key `module`." },
    { S_INIT("local_action"), KW_LOCAL_ACTION, ON_ACTIONS, KEYWORD_ANY,
      .doc = "The same, delegated to localhost." },
    { S_INIT("block"), KW_BLOCK, ON_BLOCK, KEYWORD_ANY,
      .doc = "A list of tasks that share keywords." },
    { S_INIT("rescue"), KW_RESCUE, ON_BLOCK, KEYWORD_ANY,
      .doc = "Tasks that run when one of the block has failed." },
    { S_INIT("always"), KW_ALWAYS, ON_BLOCK, KEYWORD_ANY,
      .doc = "Tasks that run in any case after the block." },
    { S_INIT("hosts"), KW_HOSTS, ON_PLAY, KEYWORD_ANY,
      .doc = "The hosts of the play: a pattern, or a list of them." },
    { S_INIT("gather_facts"), KW_GATHER_FACTS, ON_PLAY, KEYWORD_BOOL,
      .doc = "Whether facts are gathered before the first task." },
    { S_INIT("gather_subset"), KW_GATHER_SUBSET, ON_PLAY, KEYWORD_STRINGS,
      .doc = "Which facts: all, min, network, !hardware ..." },
    { S_INIT("gather_timeout"), KW_GATHER_TIMEOUT, ON_PLAY, KEYWORD_INT,
      .doc = "Seconds that gathering facts may take." },
    { S_INIT("fact_path"), KW_FACT_PATH, ON_PLAY, KEYWORD_STRING,
      .doc = "Directory of local facts on the host." },
    { S_INIT("vars_files"), KW_VARS_FILES, ON_PLAY, KEYWORD_ANY,
      .doc = "Files of variables; of a list within, the first that exists." },
    { S_INIT("vars_prompt"), KW_VARS_PROMPT, ON_PLAY, KEYWORD_ANY,
      .doc = "Variables that are asked for when the play starts." },
    { S_INIT("serial"), KW_SERIAL, ON_PLAY, KEYWORD_ANY,
      .doc = "How many hosts go through the play at a time: a number, a percentage, a list." },
    { S_INIT("strategy"), KW_STRATEGY, ON_PLAY, KEYWORD_STRING,
      .values = VALUES("linear", "free", "host_pinned", "debug", "mitogen_linear", "mitogen_free",
                       "mitogen_host_pinned"),
      .doc = "In which order hosts go through the tasks: linear, free, host_pinned." },
    { S_INIT("max_fail_percentage"), KW_MAX_FAIL_PERCENTAGE, ON_PLAY, KEYWORD_PERCENT,
      .doc = "When more than this share of the hosts has failed, the play ends." },
    { S_INIT("order"), KW_ORDER, ON_PLAY, KEYWORD_STRING,
      .values = VALUES("inventory", "sorted", "reverse_sorted", "reverse_inventory", "shuffle"),
      .doc = "In which order the hosts come." },
    { S_INIT("force_handlers"), KW_FORCE_HANDLERS, ON_PLAY, KEYWORD_BOOL,
      .doc = "Run notified handlers even on hosts that failed." },
    { S_INIT("roles"), KW_ROLES, ON_PLAY, KEYWORD_ANY, .doc = "Roles to run before the tasks." },
    { S_INIT("tasks"), KW_TASKS, ON_PLAY, KEYWORD_ANY, .doc = "The tasks of the play." },
    { S_INIT("pre_tasks"), KW_PRE_TASKS, ON_PLAY, KEYWORD_ANY,
      .doc = "Tasks that run before the roles." },
    { S_INIT("post_tasks"), KW_POST_TASKS, ON_PLAY, KEYWORD_ANY,
      .doc = "Tasks that run at the end, after handlers." },
    { S_INIT("handlers"), KW_HANDLERS, ON_PLAY, KEYWORD_ANY,
      .doc = "Tasks that run only when notified." },
    { S_INIT("user"), KW_USER, ON_PLAY, KEYWORD_STRING, .doc = "The old name of remote_user." },
    { S_INIT("import_playbook"), KW_IMPORT_PLAYBOOK, ON_IMPORT_PLAYBOOK, KEYWORD_ANY,
      .doc = "A file whose plays take this place." },
};

const struct keyword_row *keyword_row(enum keyword keyword)
{
    const struct keyword_row *row = &rows[keyword];
    BUG_ON(row->keyword != keyword);
    return row;
}

const struct keyword_row *keyword_find(str name)
{
    for (size_t i = 0; i < KW_COUNT; i++) {
        if (str_eq(rows[i].name, name)) {
            return &rows[i];
        }
    }
    return NULL;
}

const struct keyword_row *keyword_all(size_t *ret_count)
{
    *ret_count = KW_COUNT;
    return rows;
}

const char *keyword_place_name(enum keyword_place place)
{
    switch (place) {
    case ON_PLAY:
        return "a play";
    case ON_ROLE:
        return "a role";
    case ON_BLOCK:
        return "a block";
    case ON_TASK:
        return "a task";
    case ON_HANDLER:
        return "a handler";
    case ON_INCLUDE:
        return "an include";
    case ON_IMPORT:
        return "an import";
    case ON_IMPORT_PLAYBOOK:
        return "an import of a playbook";
    }
    BUG("no such place: %d", (int)place);
}

const str *keyword_names(struct arena *arena, enum keyword_place place, size_t *ret_count)
{
    VEC(str) names = { 0 };
    for (size_t i = 0; i < KW_COUNT; i++) {
        if (rows[i].where & place) {
            *VEC_PUSH(arena, &names) = rows[i].name;
        }
    }
    *ret_count = names.len;
    return names.items;
}
