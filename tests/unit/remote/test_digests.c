#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "check.h"
#include "remote/digests.h"

#define ONE "fe05bcdcdc4928012781a5f1a2a77cbb5398e106" /* SHA-1 of "one" */
#define TWO "ad782ecdac770fc6eb9a62e44f90873fb97fb26b"

static const char *made(char *name, const char *text)
{
    int fd = mkstemp(name);
    cr_assert(fd >= 0);
    cr_assert_eq(dprintf(fd, "%s", text), 3);
    close(fd);
    return name;
}

/* Longer than a step of the kernel's clock for files. */
static void let_it_age(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = 30000000 }, NULL);
}

Test(digests, a_file_is_read_once)
{
    char name[] = "/tmp/hostler-digests.XXXXXX";
    struct digests *digests = digests_new();
    struct content content;
    str path = str_of(made(name, "one"));
    let_it_age();
    for (int i = 0; i < 3; i++) {
        cr_assert(digests_content(digests, path, &content));
        EQ_STR(content_digest(&content), S(ONE));
        cr_assert_eq(content.size, 3u);
        EQ_STR(content.path, path);
    }
    cr_assert_eq(digests_read(digests), 1u);
    unlink(name);
    cr_assert(!digests_content(digests, path, &content));
    cr_assert_eq(errno, ENOENT);
    digests_free(digests);
}

Test(digests, what_was_changed_is_read_again)
{
    char name[] = "/tmp/hostler-digests.XXXXXX";
    struct digests *digests = digests_new();
    struct content content;
    str path = str_of(made(name, "one"));
    cr_assert(digests_content(digests, path, &content));
    FILE *file = fopen(name, "r+"); /* at once: to the kernel's clock it may be the same moment */
    fputs("two", file);
    fclose(file);
    cr_assert(digests_content(digests, path, &content));
    EQ_STR(content_digest(&content), S(TWO));
    unlink(name);
    digests_free(digests);
}

struct asking {
    struct digests *digests;
    str path;
    bool ok;
};

static void *ask(void *data)
{
    struct asking *asking = data;
    struct content content;
    asking->ok = digests_content(asking->digests, asking->path, &content) &&
                 str_eq(content_digest(&content), S(ONE));
    return NULL;
}

Test(digests, threads_share_what_one_reads)
{
    char name[] = "/tmp/hostler-digests.XXXXXX";
    struct asking asking = { .digests = digests_new(), .path = str_of(made(name, "one")) };
    struct asking askings[8];
    pthread_t threads[8];
    let_it_age();
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        askings[i] = asking;
        cr_assert_eq(pthread_create(&threads[i], NULL, ask, &askings[i]), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        pthread_join(threads[i], NULL);
        cr_assert(askings[i].ok);
    }
    cr_assert_eq(digests_read(asking.digests), 1u);
    digests_free(asking.digests);
    unlink(name);
}

Test(digests, what_has_another_size_is_not_read)
{
    char name[] = "/tmp/hostler-digests.XXXXXX";
    struct digests *digests = digests_new();
    struct content content;
    cr_assert(digests_content(digests, str_of(made(name, "one")), &content));
    cr_assert(content_differs(&content, 4, S(ONE)));
    cr_assert(content_differs(&content, 3, STR_NONE)); /* no file there */
    cr_assert(content_differs(&content, 3, STR_EMPTY));
    cr_assert_eq(digests_read(digests), 0u);
    cr_assert(content_differs(&content, 3, S(TWO)));
    cr_assert(!content_differs(&content, 3, S(ONE)));
    cr_assert_neq(digests_read(digests), 0u);
    unlink(name);
    cr_assert(str_is_none(content_digest(&content)));
    digests_free(digests);
}
