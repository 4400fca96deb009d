/*
 * state.h - what a run holds while it goes; shared by the files of engine/ and nobody else.
 *
 * The thread that plays owns everything here but what is marked. Workers get a job (one host
 * and one task, job.h) and read the published state; what a task changes is applied by the owner
 * when the task has ended, so between two tasks nothing moves.
 */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "base/strbuf.h"
#include "engine/action.h"
#include "engine/run.h"
#include "remote/apply.h"
#include "remote/digests.h"
#include "remote/overlay.h"

/* A host's own variables. Immutable once published: other threads may be reading it. */
struct host_vars {
    value set;        /* set_fact and register: the later wins */
    value set_recent; /* the newest few, above `set`, so that not every task copies all */
    value included;   /* include_vars */
    value facts;      /* gathered, as `ansible_facts` shows them: without prefix */
    value told;       /* the same by the names that modules gave them; only where they are kept */
    value injected;   /* the same as variables: ansible_NAME */
    value homes;      /* where `~` led to, by the names that params.c gives it */
};

enum host_state {
    HOST_OK,
    HOST_FAILED,
    HOST_UNREACHABLE,
    HOST_ENDED, /* meta: end_host, end_play: not a failure, runs no more of this play */
};

struct run_host {
    const struct host *host;
    str name;
    struct arena *arena;      /* the host's lifetime; swapped by host_compact() between tasks */
    struct arena *task_arena; /* reset when a task's result has been applied */
    struct arena *item_arena; /* reset after each loop item */
    _Atomic(const struct host_vars *) vars;
    pthread_mutex_t edit_lock; /* who makes the next `vars` or `magic`, in `arena` */
    _Atomic(enum host_state) state;
    bool removed;       /* failed or unreachable in an earlier play of the run */
    unsigned clearings; /* how often meta: clear_host_errors was met */
    _Atomic bool left;  /* a refresh of the inventory took it out of the play */
    struct host_stats stats;
    bool has_result;
    VEC(const struct task *) notified; /* handlers to run, in order of notification */
    VEC(str) roles_run;                /* identities of roles of which a task ran in this play */
    bool facts_gathered;
    struct {
        unsigned tasks;                  /* that were looked at with the last round trip */
        unsigned changes;                /* in the run, by then */
        deadline until;                  /* its answers held, at most */
    } ahead;                             /* ahead.c's own */
    const struct fact_cache *fact_cache; /* where they are kept; NULL: they are not */
    bool facts_apart; /* they are no variables, but for ansible_facts and ansible_local */
    value vars_files; /* of this play: maps merged, the later wins; may hang on the host's facts */
    /* Variables computed once per play: inventory_hostname ...; NULL: the host is in none. */
    _Atomic(const value *) magic;
};

/* Names that change as hosts fail. */
struct play_magic {
    value all;
    value shared; /* those that other hosts have as variables, too */
};

struct handler_list {
    const struct role *role; /* NULL: of the play */
    struct node_list tasks;
};
struct handler_lists {
    const struct handler_list *items;
    size_t count;
};

/* A play while it runs: one batch of `serial` hosts after the other. */
struct play_run {
    const struct play *play;
    str name;    /* evaluated */
    str pattern; /* `hosts`, evaluated; a list joined with commas */
    const str *patterns;
    const span *places; /* of the patterns */
    size_t pattern_count;
    struct arena *arena;
    _Atomic(const struct play_magic *) magic; /* see vars_play_changed() */
    value prompted;                           /* vars_prompt */
    /* hosts that the pattern means, those that have failed too, and those made by add_host since */
    VEC(struct run_host *) matched;
    struct run_host **all; /* hosts of the play */
    size_t all_count;
    struct run_host **batch; /* those of this round of `serial` */
    size_t batch_count;
    /* Both grow while hosts run, each for itself in a free strategy: a new list takes the place of
     * the old one, under the run's play_lock, which also guards `arena` and `matched` then. */
    _Atomic(const struct role_list *) public_roles; /* `roles:`, import_role, public ones */
    _Atomic(const struct handler_lists *) handlers; /* of roles, the play, included roles */
    const struct task *facts;                       /* "Gathering Facts" */
    bool ended;                                     /* meta: end_play, end_batch */
    bool batch_ended;
    bool fatal;  /* any_errors_fatal: all have failed with one */
    bool broken; /* any_errors_fatal, max_fail_percentage: no further task for anybody */
    bool force_handlers;
    double max_fail_percentage; /* negative: no limit */
};

/* A way to a machine, open or not; leased to one job at a time. */
struct lease {
    struct remote *remote;
    bool connected; /* the job's: cleared when the connection turned out to be lost */

    /* lease.c's own: */
    struct arena *arena;
    struct connection_options way; /* what tells it from other connections */
    struct overlay *overlay;       /* of its machine, once asked for */
    const struct play *play;       /* that used it last */
    unsigned descriptors;          /* that it takes while it is open */
    bool busy, open;               /* open: its descriptors are counted */
    struct lease *next;            /* in its chain of the table */
    struct lease *older, *newer;   /* while it is idle */
};

struct run {
    struct run_options options;
    struct report report;
    struct arena *arena; /* append-only; taken under load_lock once the first play has started */
    struct source_map *sources;
    struct secrets *secrets;
    struct diags *diags; /* under load_lock, as the arena: run_found */
    struct template_env *env;
    struct inventory *inventory;
    struct loader loader;
    struct playbook **playbooks;
    size_t playbook_count;
    value extra_vars;
    value magic;    /* vars_of_run() */
    value fallback; /* variables below all that anybody sets: vars_fallback() */

    pthread_mutex_t load_lock;   /* dynamic includes */
    pthread_mutex_t play_lock;   /* what flows of a play share; taken under load_lock, too */
    pthread_mutex_t report_lock; /* one event at a time */

    pthread_mutex_t step_lock;
    pthread_cond_t step_done; /* the job that the step waits for */
    struct step *step;        /* under step_lock: the task that all hosts are at; NULL: none */

    struct run_host **hosts; /* every host that a play has touched so far */
    size_t host_count, host_cap;
    pthread_rwlock_t host_lock;

    struct leases *leases;
    struct keyring *keyring;         /* keys of ssh, for all connections */
    struct known_files *known_files; /* of ssh, the same */
    struct ssh_files *ssh_files;     /* the same */
    struct digests *digests;         /* of files on the controller, for all hosts */
    struct template_files *template_files;
    struct {
        struct arena *arena;
        VEC(str) told;
    } console; /* under report_lock: what connections told the user */

    int wake; /* eventfd: readable once the run is interrupted */
    struct jumps *jumps;
    atomic_bool interrupted;
    struct pool *pool;

    atomic_uint changes; /* begun and ended, and commands: see "asked ahead" in remote/remote.h */
    atomic_uint tasks_run;
    value custom_stats;
    bool started_at; /* --start-at-task was found */
    size_t told;     /* diagnostics that were reported */
    bool broken_off;
    _Atomic bool error;
    atomic_bool facts_lost; /* they cannot be kept, which was told */
    unsigned forks_told;    /* what playbooks see as ansible_forks */
    str python;             /* ... as ansible_playbook_python */
    bool stepping;          /* --step: ask before the next task, too */
    const struct task *current_task;
    double started;
};

/* ---- hosts.c ---- */
struct run_host *run_host(struct run *run, const struct host *host); /* made when first asked for */
struct run_host *run_host_find(struct run *run,
                               str name); /* of the inventory; NULL: no such host */
/* For a task that goes there; one that is not in the inventory is reached by its name. */
struct run_host *run_host_reach(struct run *run, str name);
const struct host_vars *host_vars(const struct run_host *host);
void host_set(struct run_host *host, str name, value v); /* register; copies */
void host_set_all(struct run_host *host, value map);     /* set_fact; copies */
void host_include_vars(struct run_host *host, value map);
void host_add_facts(struct run_host *host, value facts);       /* ansible_facts of a result */
void host_keep_facts(struct run *run, struct run_host *host);  /* for the next, if wanted */
void host_clear_facts(struct run_host *host);                  /* those that are kept, too */
void host_set_home(struct run_host *host, str name, str home); /* copies */
str host_home(const struct run_host *host, str name);          /* STR_NONE: never seen */
void host_compact(struct run_host *host);                      /* between tasks only */
void host_free(struct run_host *host);

/* ---- vars.c ---- */

/* Everything a task sees; below that, names that are computed. */
struct task_scope {
    struct scope scope;
    size_t magic_layers; /* so many of its first hold what nobody can set; with merged maps: 0 */
    struct run *run;
    struct play_run *play;
    const struct node *node; /* the task, or the play's node */
    value loop;
    struct run_host *host;
    struct run_host *reached; /* the same, or the one that it is delegated to */
    bool finding;             /* that one is just being found */
};
/* The strongest first. loop: a map with the loop variables, or undefined. */
void vars_scope(struct run *run, struct play_run *play, struct run_host *host,
                const struct node *node, value loop, struct arena *arena, struct task_scope *ret);
/* The task of an evaluation goes to another host. */
void vars_delegate(struct eval *eval, struct run_host *host);
/* connect_vars.c: ansible_host and the like, where nobody has set them. *ret may be a template. */
bool connect_variable(const struct task_scope *task, struct arena *arena, str name, value *ret);
/* An evaluation for a task of a host, ready to use. */
struct eval *eval_for(struct run *run, struct play_run *play, struct run_host *host,
                      const struct node *node, value loop, struct arena *arena,
                      struct diags *diags);

/* ---- magic.c, hostvars.c ---- */

/* What there is when nothing sets it: ansible_facts, empty. */
value vars_fallback(struct arena *arena);
/* Names that tell of the run, and never change. */
value vars_of_run(struct run *run);
/* Names that tell of a host, computed once per play. */
value vars_magic(struct run *run, struct run_host *host, struct arena *arena);
/* Hosts of the play, its batch or the inventory have changed: compute the names that tell of them.
 */
void vars_play_changed(struct run *run, struct play_run *play);
const struct play_magic *play_magic(const struct play_run *play); /* as last computed */
value host_magic(const struct run_host *host);                    /* undefined: none */
/* Compute that of a host; in its arena, so only by who runs it. */
void host_magic_changed(struct run *run, struct run_host *host);
/* `hostvars`, for the names of a play. */
value hostvars_of(struct run *run, struct play_run *play, struct arena *arena);
value text_list(const str *items, size_t count, struct arena *arena);

/* ---- keyword_values.c ---- */

/* A keyword, evaluated; undefined when not given. */
bool keyword_value(struct eval *eval, const struct node *node, enum keyword keyword, value *ret);
bool keyword_bool(struct eval *eval, const struct node *node, enum keyword keyword, bool fallback,
                  bool *ret);
bool keyword_number(struct eval *eval, const struct node *node, enum keyword keyword,
                    double fallback, double *ret);
bool value_to_bool(value v, bool *ret); /* Ansible's words for true and false */
bool value_to_number(value v, double *ret);
/* A value as text for names and messages: secrets masked. */
str shown_text(struct arena *arena, value v);
/* An evaluated name of a node: of a task "web : install", of a play its name or hosts. */
str task_title(struct run *run, struct play_run *play, struct run_host *host,
               const struct task *task, struct arena *arena);

/* ---- connect.c ---- */

/* How to reach a host for a task: options and become, from keywords, variables and the command
 * line. eval: by eval_for(), whose scope tells which of its maps are magic. */
bool connection_of(struct run *run, struct eval *eval, struct run_host *host,
                   const struct node *node, struct connection_options *ret,
                   struct become *ret_become);

/* What went wrong on the way to a host, or there. */
struct connection_failure {
    struct run *run;
    struct eval *eval; /* as for connection_of */
    struct run_host *host;
    const struct task *task;
    const struct connection_options *options;
    const struct become *become;
    const struct remote *remote; /* NULL: none */
    const struct remote_error *error;
};
/* Told at the variable, keyword or host that it is about, if that can be told, else at the task;
 * with a hint, and with variables of the host that nothing reads. */
void connection_tell_failure(const struct connection_failure *failure, struct diags *diags);

/* ---- lease.c ---- */

struct leases *leases_new(void);
void leases_free(struct run *run); /* closes all */
/* Raise the limit of open descriptors, and lower options.forks if it does not suffice even so: with
 * a warning. */
void leases_divide_descriptors(struct run *run);
void leases_play_begins(struct run *run, const struct play *play);
void leases_close(struct run *run, str host); /* idle ones; STR_NONE: of all hosts */
struct wire_counts leases_counts(struct run *run);
unsigned leases_commands_not_run(const struct run *run); /* of all overlays; no job may run */

struct lease *lease_take(struct run *run, const struct connection_options *options);
void lease_give(struct run *run, struct lease *lease);
enum remote_status lease_connect(struct run *run, struct lease *lease,
                                 const struct remote_context *context,
                                 struct remote_error *ret_error);
/* What a dry run would have changed on the lease's machine. */
struct overlay *lease_overlay(struct run *run, struct lease *lease);

/* ---- task.c ---- */

/* What came out of one task on one host. Values live in the host's task_arena. */
struct task_result {
    enum result_status status;
    bool ignored;
    bool changed;
    bool retried;
    value result; /* the map that register gets */
    value show;
    bool show_always, no_log;
    str delegate;
    str diff;
    struct diags *diags;
    VEC(struct told_facts {
        struct run_host *host; /* delegate_facts; NULL: the task's own */
        bool are_vars;         /* set_fact: variables, and facts too if cacheable */
        bool cacheable;
        value facts; /* ansible_facts, or set_fact's: a map */
    })
    facts; /* of the items of a loop together, where they are of one kind and for one host */
    VEC(struct action_outcome_item {
        struct action_outcome outcome;
        value loop; /* loop variables of this item; undefined without a loop */
        value label;
        struct run_host *facts_host; /* include_vars with delegate_facts */
    })
    outcomes;                     /* of engine actions that the strategy carries on */
    VEC(struct task_event) items; /* one a loop item, in order; under the step's lock */
    size_t told;                  /* how many of them were */
    bool has_items;
};

/* The rest of a list of tasks, and what follows: those that it stands in, later sections. */
struct upcoming {
    struct node_list list;
    size_t at;
    const struct upcoming *outer;
};

struct job {
    struct run *run;
    struct play_run *play;
    struct run_host *host;
    const struct task *task;
    const struct upcoming *upcoming; /* NULL: nobody knows */
    const struct loop *loop;         /* NULL: none */
    size_t loop_at;
    str title;
    struct task_result result;
    /* An item of a loop is done: told at once if it is this host's turn, and kept in result.items.
     */
    void (*tell_item)(struct job *job, const struct task_event *event);
};

void task_run(struct job *job);

/* ---- step.c ---- */
void step_tell_waiting(struct run *run); /* with step_lock held */

/* ---- pool.c ---- */
struct pool_job { /* its owner's, who keeps it until the work has begun */
    void (*work)(void *);
    void *argument;
    struct pool_job *next; /* NULL: the last one of those added together */
};
struct pool *pool_new(unsigned workers);
void pool_free(struct pool *pool);
/* Jobs that are begun in this order. At most two calls of the system, however many they are. */
void pool_add(struct pool *pool, struct pool_job *jobs);
/* Around a wait that needs no worker: lets another job run meanwhile. A thread that is not of the
 * pool takes a place by the second. */
void pool_pause(struct pool *pool);
void pool_resume(struct pool *pool);

/* The text of an encrypted file of the project. False after a diagnostic. */
NODISCARD bool run_decrypt(struct run *run, struct diags *diags, span at, str path, str text,
                           value *ret);

/* Report what was found out since the last time. That something was asked for which a signed commit
 * does not hold ends the run. */
/* Add to what the run tells. For any thread: hosts of a free strategy find things out together. */
void run_found(struct run *run, const struct diags *found);
void run_tell_diagnostics(struct run *run);

/* A line that is shown with so many -v; under the lock of the report. */
void run_note(struct run *run, unsigned verbosity, str text);

/* Sleep, ended early by an interruption: false then. */
bool run_sleep(struct run *run, double seconds);

/* ---- play.c ---- */

/* After a refresh of the inventory: hosts that the play means no more have ended. */
bool play_match_again(struct run *run, struct play_run *play, struct diags *diags);
/* Name, pattern and hosts of a play; an evaluation without a host. `ret->prompted` is kept. NULL
 * after a diagnostic. */
struct eval *play_prepare(struct run *run, const struct play *play, struct arena *arena,
                          struct play_run *ret);
bool play_execute(struct run *run, const struct play *play); /* false: the run ends here */

/* Whether tags select a node. */
bool tags_select(struct run *run, struct eval *eval, const struct node *node);
