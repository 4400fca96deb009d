/* curl_library.c - see curl_library.h. */
#include "template/curl_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static struct curl_library library;
static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool find(void *handle, const char *name, void *ret_function)
{
    void *symbol = dlsym(handle, name);
    memcpy(ret_function, &symbol, sizeof symbol); /* C has no other way to make a function of it */
    return symbol != NULL;
}

static void load(void)
{
    __typeof__(curl_global_init) *global_init;
    void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    loaded = handle != NULL && find(handle, "curl_global_init", &global_init) &&
             find(handle, "curl_easy_init", &library.easy_init) &&
             find(handle, "curl_easy_cleanup", &library.easy_cleanup) &&
             find(handle, "curl_easy_setopt", &library.easy_setopt) &&
             find(handle, "curl_easy_perform", &library.easy_perform) &&
             find(handle, "curl_easy_getinfo", &library.easy_getinfo) &&
             find(handle, "curl_easy_strerror", &library.easy_strerror) &&
             find(handle, "curl_slist_append", &library.slist_append) &&
             find(handle, "curl_slist_free_all", &library.slist_free_all) &&
             global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

const struct curl_library *curl_library(void)
{
    pthread_once(&once, load);
    return loaded ? &library : NULL;
}
