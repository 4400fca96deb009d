/*
 * observe.c - recording questions. A question is recognised by its kind and arguments, so that an
 * observe function which is called again from its start gets the answers it already paid for. Who
 * answers is another file's business: ask.c by a shell, local.c by system calls.
 */
#include <time.h>

#include "base/bug.h"
#include "base/path.h"
#include "remote/question.h"

struct observer *observer_new(struct arena *arena, struct overlay *overlay)
{
    struct observer *obs = NEW(arena, struct observer);
    obs->arena = arena;
    obs->overlay = overlay;
    return obs;
}

size_t observer_pending(const struct observer *obs)
{
    return obs->questions.len - obs->answered;
}

unsigned observer_rounds(const struct observer *obs)
{
    return obs->rounds;
}

struct arena *observe_arena(struct observer *obs)
{
    return obs->arena;
}

bool observe_ready(struct observer *obs)
{
    return observer_pending(obs) == 0;
}

/* ---- recognising ---- */

#define FEW 8 /* questions are compared one by one; more are looked up in an index */

static uint64_t question_hash(const struct question *q)
{
    uint64_t hash = str_hash(q->arg) + (uint64_t)q->kind * 0x9E3779B97F4A7C15u + q->digest;
    for (size_t i = 0; i < q->argc; i++) {
        hash = hash * 31 + str_hash(q->argv[i]);
    }
    return hash;
}

static bool same_question(const struct question *a, const struct question *b)
{
    if (a->kind != b->kind || a->digest != b->digest || a->with_digest != b->with_digest ||
        a->argc != b->argc || a->patterns != b->patterns || !str_eq(a->arg, b->arg)) {
        return false;
    }
    for (size_t i = 0; i < a->argc; i++) {
        if (!str_eq(a->argv[i], b->argv[i])) {
            return false;
        }
    }
    return true;
}

static void index_add(struct observer *obs, struct question *q)
{
    struct question **chain = &obs->index[question_hash(q) & (obs->index_size - 1)];
    q->same_hash = *chain;
    *chain = q;
}

static void index_grow(struct observer *obs)
{
    obs->index_size = obs->index_size == 0 ? 4 * FEW : obs->index_size * 4;
    obs->index = NEW_ARRAY(obs->arena, struct question *, obs->index_size);
    for (size_t i = 0; i < obs->questions.len; i++) {
        index_add(obs, obs->questions.items[i]);
    }
}

struct question *observer_recall(const struct observer *obs, const struct question *asked)
{
    for (size_t i = 0; obs->index_size == 0 && i < obs->questions.len; i++) {
        if (same_question(obs->questions.items[i], asked)) {
            return obs->questions.items[i];
        }
    }
    if (obs->index_size == 0) {
        return NULL;
    }
    struct question *q = obs->index[question_hash(asked) & (obs->index_size - 1)];
    while (q != NULL && !same_question(q, asked)) {
        q = q->same_hash;
    }
    return q;
}

static struct question *remember(struct observer *obs, const struct question *asked)
{
    struct question *q = NEW(obs->arena, struct question);
    *q = *asked;
    if (!str_is_none(asked->arg)) {
        q->arg = str_copy(obs->arena, asked->arg);
    }
    str *argv = NEW_ARRAY(obs->arena, str, asked->argc);
    for (size_t i = 0; i < asked->argc; i++) {
        argv[i] = str_copy(obs->arena, asked->argv[i]);
    }
    q->argv = argv;
    *VEC_PUSH(obs->arena, &obs->questions) = q;
    if (obs->questions.len > (obs->index_size == 0 ? FEW : obs->index_size)) {
        index_grow(obs);
    } else if (obs->index_size > 0) {
        index_add(obs, q);
    }
    return q;
}

/* No name on a host holds a NUL byte, but a text in a playbook may. */
static bool can_be_asked(struct observer *obs, const struct question *asked)
{
    bool ok = asked->arg.len == 0 || str_find_char(asked->arg, '\0', 0) == STR_NPOS;
    for (size_t i = 0; i < asked->argc; i++) {
        ok &= str_find_char(asked->argv[i], '\0', 0) == STR_NPOS;
    }
    if (!ok && obs->unanswerable == NULL) {
        struct question *q = NEW(obs->arena, struct question);
        *q = *asked;
        q->problem = S("there is a NUL byte in it");
        obs->unanswerable = q;
    }
    return ok;
}

struct question *observer_question(struct observer *obs, const struct question *asked)
{
    if (!can_be_asked(obs, asked)) {
        return NULL;
    }
    struct question *q = observer_recall(obs, asked);
    return q != NULL ? q : remember(obs, asked);
}

/* The question with its answer, if that is there already. */
static const struct question *ask(struct observer *obs, struct question asked)
{
    const struct question *q = observer_question(obs, &asked);
    return q != NULL && q->answered ? q : NULL;
}

static struct question about_path(enum question_kind kind, str path)
{
    BUG_ON(path.len == 0 || path.ptr[0] != '/');
    return (struct question){ .kind = kind, .arg = path };
}

/* ---- the questions ---- */

void observe_stat(struct observer *obs, str path, struct file_stat *ret_stat)
{
    const struct question *q = ask(obs, about_path(ASK_STAT, path));
    if (q != NULL) {
        *ret_stat = q->answer.stat;
    }
}

void observe_stat_follow(struct observer *obs, str path, struct file_stat *ret_stat)
{
    const struct question *q = ask(obs, about_path(ASK_STAT_FOLLOW, path));
    if (q != NULL) {
        *ret_stat = q->answer.stat;
    }
}

void observe_content(struct observer *obs, str path, value *ret_content)
{
    const struct question *q = ask(obs, about_path(ASK_TEXT, path));
    if (q != NULL) {
        *ret_content = q->answer.content;
    }
}

void observe_access(struct observer *obs, str path, struct file_access *ret_access)
{
    const struct question *q = ask(obs, about_path(ASK_ACCESS, path));
    if (q != NULL) {
        *ret_access = q->answer.access;
    }
}

void observe_text(struct observer *obs, str path, str *ret_text)
{
    const struct question *q = ask(obs, about_path(ASK_TEXT, path));
    if (q != NULL) {
        value content = q->answer.content;
        *ret_text = value_is(content, VALUE_STR) ? value_as_str(content) : STR_NONE;
    }
}

void observe_digest(struct observer *obs, str path, enum digest digest, str *ret_hex)
{
    struct question asked = about_path(ASK_DIGEST, path);
    asked.digest = digest;
    const struct question *q = ask(obs, asked);
    if (q != NULL) {
        *ret_hex = q->answer.text;
    }
}

void observe_tree(struct observer *obs, str path, bool with_digest, struct file_tree *ret_tree)
{
    struct question asked = about_path(ASK_TREE, path);
    asked.with_digest = with_digest;
    const struct question *q = ask(obs, asked);
    if (q != NULL) {
        *ret_tree = q->answer.tree;
    }
}

void observe_glob(struct observer *obs, str pattern, struct path_list *ret_paths)
{
    const struct question *q = ask(obs, about_path(ASK_GLOB, pattern));
    if (q != NULL) {
        *ret_paths = q->answer.paths;
    }
}

static void ask_run(struct observer *obs, const str *argv, size_t argc, size_t patterns,
                    struct run_answer *ret_answer)
{
    if (!readonly_program(argv, argc)) {
        BUG("'%.*s' in this form is not in the table of programs that only read",
            SARG(argc > 0 ? argv[0] : STR_EMPTY));
    }
    const struct question *q =
        ask(obs,
            (struct question){ .kind = ASK_RUN, .argv = argv, .argc = argc, .patterns = patterns });
    if (q != NULL) {
        *ret_answer = q->answer.run;
    }
}

void observe_run(struct observer *obs, const str *argv, size_t argc, struct run_answer *ret_answer)
{
    ask_run(obs, argv, argc, 0, ret_answer);
}

void observe_run_paths(struct observer *obs, const str *argv, size_t argc, const str *patterns,
                       size_t count, struct run_answer *ret_answer)
{
    str *words = NEW_ARRAY(obs->arena, str, argc + count);
    for (size_t i = 0; i < argc + count; i++) {
        words[i] = i < argc ? argv[i] : patterns[i - argc];
        /* what a pattern finds must not be read as an option */
        BUG_ON(i >= argc && !str_starts(words[i], S("/")));
    }
    ask_run(obs, words, argc + count, count, ret_answer);
}

static void observe_entry(struct observer *obs, enum question_kind kind, str name,
                          struct user_entry *ret)
{
    const struct question *q = ask(obs, (struct question){ .kind = kind, .arg = name });
    if (q != NULL) {
        *ret = q->answer.user;
    }
}

void observe_user(struct observer *obs, str name_or_id, struct user_entry *ret_user)
{
    observe_entry(obs, ASK_USER, name_or_id, ret_user);
}

void observe_group(struct observer *obs, str name_or_id, struct user_entry *ret_group)
{
    observe_entry(obs, ASK_GROUP, name_or_id, ret_group);
}

void observe_login(struct observer *obs, struct user_entry *ret_user)
{
    observe_entry(obs, ASK_LOGIN, STR_NONE, ret_user);
}

str user_home(const struct user_entry *user)
{
    return path_is_absolute(user->home) ? user->home : S("/");
}

void observe_environment(struct observer *obs, value *ret_map)
{
    const struct question *q = ask(obs, (struct question){ .kind = ASK_ENVIRONMENT });
    if (q != NULL) {
        *ret_map = q->answer.map;
    }
}

void observe_program(struct observer *obs, str name, str *ret_path)
{
    const struct question *q = ask(obs, (struct question){ .kind = ASK_PROGRAM, .arg = name });
    if (q != NULL) {
        *ret_path = q->answer.text;
    }
}

void observe_umask(struct observer *obs, unsigned *ret_umask)
{
    const struct question *q = ask(obs, (struct question){ .kind = ASK_UMASK });
    if (q != NULL) {
        *ret_umask = q->answer.umask;
    }
}

int64_t observe_now(struct observer *obs)
{
    if (obs->now == 0) {
        obs->now = (int64_t)time(NULL);
    }
    return obs->now;
}

str observe_token(struct observer *obs, size_t bytes)
{
    return str_random_hex(obs->arena, bytes);
}

/* ---- what could not be answered ---- */

str question_action(struct arena *arena, const struct question *q)
{
    switch (q->kind) {
    case ASK_STAT:
    case ASK_STAT_FOLLOW:
    case ASK_ACCESS:
        return str_format(arena, "could not look at %.*s", SARG(q->arg));
    case ASK_TEXT:
    case ASK_DIGEST:
        return str_format(arena, "could not read %.*s", SARG(q->arg));
    case ASK_TREE:
    case ASK_GLOB:
        return str_format(arena, "could not list %.*s", SARG(q->arg));
    case ASK_RUN:
        return str_format(arena, "could not run %.*s", SARG(q->argv[0]));
    case ASK_USER:
        return str_format(arena, "could not look up the user '%.*s'", SARG(q->arg));
    case ASK_GROUP:
        return str_format(arena, "could not look up the group '%.*s'", SARG(q->arg));
    case ASK_LOGIN:
        return S("could not find out which user the task runs as");
    case ASK_ENVIRONMENT:
        return S("could not read the environment");
    case ASK_PROGRAM:
        return str_format(arena, "could not look for the program '%.*s'", SARG(q->arg));
    case ASK_UMASK:
        return S("could not read the umask");
    }
    BUG("question of kind %d", q->kind);
}

bool observer_problem(const struct observer *obs, struct remote_error *ret_error)
{
    const struct question *q = obs->unanswerable;
    if (q == NULL) {
        return false;
    }
    str action = question_action(obs->arena, q);
    *ret_error = (struct remote_error){
        .status = REMOTE_FAILED,
        .message = str_format(obs->arena, "%.*s: %.*s", SARG(action), SARG(q->problem)),
        .path = q->arg,
    };
    return true;
}
