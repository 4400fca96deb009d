/*
 * curl_library.h - libcurl, loaded when it is first needed: it brings twenty libraries along, and
 * loading them would double the time that every start of the program takes.
 */
#pragma once
#include <curl/curl.h>

struct curl_library {
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_perform) *easy_perform;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
};

/* NULL when it is not installed, or too old. It stays loaded. */
const struct curl_library *curl_library(void);
