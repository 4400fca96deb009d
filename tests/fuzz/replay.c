/*
 * replay.c - give each file of a folder to a fuzz target once: replay FOLDER|FILE ...
 * So the inputs that fuzzing found are a test of every build, with any compiler.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/path.h"
#include "fuzz.h"

static void replay_file(struct arena *arena, str path)
{
    FILE *file = fopen(str_c(arena, path), "rb");
    struct stat status;

    if (file == NULL || fstat(fileno(file), &status) != 0) {
        perror(str_c(arena, path));
        exit(1);
    }
    size_t size = (size_t)status.st_size;
    uint8_t *bytes = malloc(size > 0 ? size : 1); /* of this size, so that a read beyond is seen */
    if (bytes == NULL || fread(bytes, 1, size, file) != size) {
        fprintf(stderr, "%.*s: cannot be read\n", SARG(path));
        exit(1);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
}

static unsigned replay(struct arena *arena, str path)
{
    DIR *folder = opendir(str_c(arena, path));
    struct dirent *entry;
    unsigned count = 0;

    if (folder == NULL) {
        replay_file(arena, path);
        return 1;
    }
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            replay_file(arena, path_join(arena, path, str_of(entry->d_name)));
            count++;
        }
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("replay");
    unsigned count = 0;

    for (int i = 1; i < argc; i++) {
        count += replay(arena, str_of(argv[i]));
    }
    printf("%u inputs\n", count);
    return count > 0 ? 0 : 1;
}
