/* test_file_in.c - files of this machine, whole, into memory. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/file_out.h"

/* Sizes around those of a step, of a block of the arena, and none. */
static const size_t sizes[] = { 0, 1, 4095, 4096, 65535, 65536, 65537, 300000 };

static str bytes_of(struct arena *arena, size_t size)
{
    char *bytes = arena_alloc_raw(arena, size + 1);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (char)(i * 31 >> 3);
    }
    bytes[size] = '\0';
    return (str){ bytes, size };
}

Test(file_in, files)
{
    ARENA(arena);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        str bytes = bytes_of(arena, sizes[i]), got;
        CLEANUP(close_fd) int fd = fd_of_bytes("test", bytes);
        cr_assert(fd_read(arena, fd, sizes[i], &got), "%zu bytes", sizes[i]);
        cr_expect(str_eq(got, bytes), "%zu bytes", sizes[i]);
        cr_expect(got.ptr[got.len] == '\0');
    }
}

Test(file_in, what_is_left_of_a_file)
{
    ARENA(arena);
    str got;
    CLEANUP(close_fd) int fd = fd_of_bytes("test", S("head and rest"));
    cr_assert(lseek(fd, 9, SEEK_SET) == 9);
    cr_assert(fd_read(arena, fd, 100, &got));
    EQ_STR(got, S("rest"));
    cr_assert(fd_read(arena, fd, 100, &got));
    EQ_STR(got, STR_EMPTY);
}

struct writer {
    int fd;
    str bytes;
};

static void *write_slowly(void *writer_)
{
    struct writer *writer = writer_;
    for (size_t from = 0; from < writer->bytes.len; from += 65535) {
        cr_assert(fd_write(writer->fd, str_part(writer->bytes, from, from + 65535)));
    }
    close(writer->fd);
    return NULL;
}

/* Nobody knows before its end how much comes through a pipe, nor in which pieces. */
Test(file_in, pipes)
{
    ARENA(arena);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        int ends[2];
        str got;
        pthread_t thread;
        cr_assert(pipe(ends) == 0);
        struct writer writer = { ends[1], bytes_of(arena, sizes[i]) };
        cr_assert(pthread_create(&thread, NULL, write_slowly, &writer) == 0);
        cr_assert(fd_read(arena, ends[0], 300000, &got), "%zu bytes", sizes[i]);
        cr_expect(str_eq(got, writer.bytes), "%zu bytes", sizes[i]);
        pthread_join(thread, NULL);
        close(ends[0]);
    }
}

Test(file_in, what_the_system_makes_up)
{
    ARENA(arena);
    str got;
    CLEANUP(close_fd) int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    cr_assert(fd_read(arena, fd, 65536, &got));
    cr_expect(str_starts(got, S("Name:")) && str_ends(got, S("\n")), "%.*s", SARG(got));
}

Test(file_in, refusals)
{
    ARENA(arena);
    str got;
    CLEANUP(close_fd) int fd = fd_of_bytes("test", S("12345678"));
    cr_expect(!fd_read(arena, fd, 7, &got) && errno == EFBIG);
    CLEANUP(close_fd) int endless = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    cr_expect(!fd_read(arena, endless, 100000, &got) && errno == EFBIG);
    CLEANUP(close_fd) int directory = open("/", O_RDONLY | O_CLOEXEC);
    cr_expect(!fd_read(arena, directory, 100, &got) && errno == EISDIR);
    cr_expect(!fd_read(arena, -1, 100, &got) && errno == EBADF);
}
