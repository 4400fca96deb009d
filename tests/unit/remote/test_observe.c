#include "check.h"
#include "remote/question.h"

static struct remote *here(void)
{
    struct connection_options options = { .kind = CONNECTION_LOCAL, .name = S("here"), .wake = -1 };
    return remote_new(&options);
}

Test(observe, the_same_question_is_sent_once)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    struct observer *obs = observer_new(arena, NULL);
    struct file_stat stat;
    str hex;
    value content;
    str text;
    for (int round = 0; round < 3; round++) {
        observe_stat(obs, S("/etc"), &stat);
        observe_stat_follow(obs, S("/etc"), &stat);
        observe_digest(obs, S("/etc"), DIGEST_SHA1, &hex);
        observe_digest(obs, S("/etc"), DIGEST_MD5, &hex);
        observe_text(obs, S("/etc/passwd"), &text);
        observe_content(obs, S("/etc/passwd"), &content); /* one question, two kinds of answers */
    }
    cr_assert_eq(observer_pending(obs), 5u);
    cr_assert(!observe_ready(obs));
}

Test(observe, many_questions_stay_apart)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    struct observer *obs = observer_new(arena, NULL);
    struct file_stat stat;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 300; i++) {
            observe_stat(obs, str_format(arena, "/nowhere/%d", i), &stat);
        }
    }
    cr_assert_eq(observer_pending(obs), 300u);
}

Test(observe, answers_come_when_asked_again)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    struct remote *remote = here();
    struct remote_context context = { .arena = arena, .until = DEADLINE_NEVER };
    struct remote_error error;
    struct observer *obs = observer_new(arena, NULL);
    struct file_stat stat = { 0 }, none = { .type = FILE_LINK };
    observe_stat(obs, S("/etc"), &stat);
    observe_stat(obs, S("/nowhere"), &none);
    cr_assert(remote_answer(remote, &context, obs, &error) == REMOTE_OK);
    cr_assert(observe_ready(obs) && stat.type == FILE_ABSENT); /* not before it asks again */
    observe_stat(obs, S("/etc"), &stat);
    observe_stat(obs, S("/nowhere"), &none);
    cr_assert(stat.type == FILE_DIRECTORY && none.type == FILE_ABSENT);
    cr_assert_eq(observer_rounds(obs), 1u);
    cr_assert(!observer_problem(obs, &error));
    remote_free(remote);
}

Test(observe, what_cannot_be_answered)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    struct remote *remote = here();
    struct remote_context context = { .arena = arena, .until = DEADLINE_NEVER };
    struct remote_error error;
    struct observer *obs = observer_new(arena, NULL);
    str text;
    observe_text(obs, S("/dev/null"), &text);
    cr_assert(remote_answer(remote, &context, obs, &error) == REMOTE_OK);
    cr_assert(observer_problem(obs, &error));
    EQ_STR(error.message, S("could not read /dev/null: not a regular file"));
    remote_free(remote);
}

Test(observe, a_nul_byte_is_the_users_mistake)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    struct observer *obs = observer_new(arena, NULL);
    struct remote_error error;
    struct file_stat stat;
    observe_stat(obs, S("/a\0b"), &stat);
    cr_assert(observe_ready(obs) && observer_problem(obs, &error));
}

Test(observe, clock_and_random)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    struct observer *obs = observer_new(arena, NULL);
    int64_t now = observe_now(obs);
    cr_assert(now > 1700000000 && observe_now(obs) == now);
    cr_assert_eq(observe_token(obs, 8).len, 16u);
    cr_assert(!str_eq(observe_token(obs, 8), observe_token(obs, 8)));
    cr_assert(observe_ready(obs));
}
