/*
 * directory.c - see directory.h.
 */
#include "base/directory.h"

#include <dirent.h>
#include <string.h>

bool directory_list(struct arena *arena, str path, struct name_list *ret)
{
    DIR *stream = opendir(str_c(arena, path));
    *ret = (struct name_list){ 0 };
    if (stream == NULL) {
        return false;
    }
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            *VEC_PUSH(arena, ret) = str_copy(arena, str_of(entry->d_name));
        }
    }
    closedir(stream);
    str_sort(ret->items, ret->len);
    return true;
}
