/*
 * fuzz_quote.c - words of any bytes, quoted, come out of real shells as they went in.
 *
 * The input is split at its NUL bytes, since no word can hold one. The words stand behind a printf
 * in a script that each shell found on this machine reads on its stdin, as our commands are read.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/strbuf.h"
#include "fuzz.h"
#include "transport/transport.h"

enum { WORDS_BYTES = 64 * 1024 }; /* printf is a builtin, but some shells are slow with more */

static const struct shell {
    const char *program, *arguments[2];
} shells[] = {
    { "dash", { 0 } },
    { "bash", { "--posix" } },
    { "busybox", { "sh" } },
    { "mksh", { 0 } },
    { "ksh93", { 0 } },
    { "yash", { 0 } },
    { "zsh", { "--emulate", "sh" } },
};

static int file_of(str text)
{
    int fd = memfd_create("words", MFD_CLOEXEC);
    BUG_ON(fd < 0 || write(fd, text.ptr, text.len) != (ssize_t)text.len);
    BUG_ON(lseek(fd, 0, SEEK_SET) != 0);
    return fd;
}

static str text_of(struct arena *arena, int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *bytes = arena_alloc_raw(arena, (size_t)size + 1);
    BUG_ON(size < 0 || pread(fd, bytes, (size_t)size, 0) != size);
    return (str){ bytes, (size_t)size };
}

/* False when there is no such shell here. */
static bool run(const struct shell *shell, int in, int out)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    const char *words[] = { shell->program, shell->arguments[0], shell->arguments[1], NULL };
    char *argv[ARRAY_LEN(words)];
    memcpy(argv, words, sizeof words); /* execve(2) leaves them as they are */
    char *environment[] = { (char[]){ "LC_ALL=C" }, NULL };
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    int problem = posix_spawnp(&pid, shell->program, &actions, NULL, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (problem == ENOENT) {
        return false;
    }
    pid_t ended;
    do { /* a fuzzer's own alarm may interrupt it */
        ended = problem == 0 ? waitpid(pid, &status, 0) : -1;
    } while (ended < 0 && problem == 0 && errno == EINTR);
    BUG_ON(ended != pid);
    BUG_ON(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
    return true;
}

static bool check(struct arena *arena, const struct shell *shell, str script, str expected)
{
    CLEANUP(close_fd) int in = file_of(script);
    CLEANUP(close_fd) int out = file_of(STR_EMPTY);
    if (!run(shell, in, out)) {
        return false;
    }
    str got = text_of(arena, out);
    if (!str_eq(got, expected)) {
        BUG("%s read %zu bytes, not %zu:\n%.*s", shell->program, got.len, expected.len,
            SARG(script));
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fuzz");
    str rest = str_part((str){ (const char *)data, size }, 0, WORDS_BYTES), word;
    struct strbuf script = strbuf_in(arena), expected = strbuf_in(arena);
    unsigned shells_found = 0;

    strbuf_add(&script, S("printf '%s\\0'"));
    while (!str_is_none(word = str_cut(&rest, '\0'))) {
        strbuf_add_char(&script, ' ');
        shell_quote_to(&script, word);
        strbuf_add(&expected, word);
        strbuf_add_char(&expected, '\0');
    }
    strbuf_add_char(&script, '\n');
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        shells_found += check(arena, &shells[i], strbuf_str(&script), strbuf_str(&expected));
    }
    BUG_ON(shells_found == 0);
    return 0;
}
