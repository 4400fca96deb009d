/*
 * setup_host.h - what the module setup has been told of a host: the texts of files, which paths
 * there are, what some programs printed. Everything below is pure, so that facts can be tested from
 * texts alone. All of it is written by the host: any of it may be missing, cut or a lie.
 */
#pragma once
#include "base/value.h"
#include "remote/observe.h"

/* Something that exists, not followed. */
struct host_path {
    str path;
    str target; /* of a link, as it is; else STR_NONE */
    unsigned mode;
    uint64_t inode, device;
};

/* A file of local facts. */
struct local_fact {
    struct file_stat stat; /* of what a link leads to */
    value planned;         /* what it will hold, where a dry run only predicts it; else undefined */
};

struct host {
    struct arena *arena;
    value texts; /* path -> text of each file that could be read and is not empty */
    struct {
        struct host_path *items;
        size_t len, cap;
    } paths;     /* in the order in which they were found: sorted within a directory */
    value index; /* path -> its position in paths */
    struct path_list local_paths; /* files of local facts, and what each of them is */
    struct local_fact *local;
    struct user_entry login;
    value environment;
    str systemctl, initctl, lsb_release, vgs; /* where these programs are, or STR_NONE */
    struct {
        struct run_answer texts, paths; /* raw: host_read() makes the fields above of them */
        struct run_answer kernel;       /* uname -snrm */
        struct run_answer date;         /* TIME_FORMAT */
        struct run_answer fqdn;         /* hostname -f */
        struct run_answer capabilities; /* capsh --print */
        struct run_answer addresses;    /* ip -o addr show */
        struct run_answer route4, route6;
        struct run_answer sizes, remote_sizes; /* of file systems */
        struct run_answer vgs, lvs, pvs;       /* LVM_WORDS */
    } run;
};

/* Fields in C's locale, in the order in which time.c reads them; the name of the zone last. */
#define TIME_FORMAT "+%Y %m %A %w %W %d %H %M %S %s %N %z %Z"

/* How vgs, lvs and pvs are asked: their own columns, sizes in GiB. */
#define LVM_WORDS                                                                                  \
    S("--readonly"), S("--noheadings"), S("--nosuffix"), S("--units"), S("g"), S("--separator"),   \
        S(",")

/* Far addresses of well-known hosts: the way to them is the default route. Nothing is sent. */
#define ROUTE4 S("8.8.8.8")
#define ROUTE6 S("2404:6800:400a:800::1012")

/* How the texts are asked for: `grep -aHs '' FILE...` puts the path before each line. */
#define TEXTS_ARGV ARGV(S("grep"), S("-aHs"), S(""))
/* How paths are asked for: mode in hexadecimal, inode, device, name, target. */
/* How file systems are asked for: numbers and then the path, as mounts.c reads them. */
#define SIZES_FORMAT S("%S %s %b %a %c %d %n")
#define PATHS_ARGV   ARGV(S("stat"), S("-c"), S("%f %i %d %N"))

/* Read what TEXTS_ARGV and PATHS_ARGV printed into texts, paths and index. A line that does not fit
 * is left out. */
void host_read(struct host *host);

/* The text of a file without white space around it; STR_NONE: not there, not readable or blank. */
str host_text(const struct host *host, str path);
str host_textf(const struct host *host, const char *format, ...) PRINTF(2, 3);
bool host_number(const struct host *host, str path, int64_t *ret);

/* NULL: there is no such path. */
const struct host_path *host_path(const struct host *host, str path);
bool host_has(const struct host *host, str path);
/* The name of the n-th entry of a directory that is among the paths; STR_NONE behind the last.
 * Start with *position 0. Costs a pass over all paths for a whole directory. */
str host_entry(const struct host *host, str directory, size_t *position);

/* ---- texts ---- */

/* The next word of *rest, between white space; STR_NONE when there is none left. */
str next_word(str *rest);
/* "key : value" cut at the first separator, both trimmed; false without a separator. */
bool cut_pair(str line, char separator, str *ret_key, str *ret_value);
/* The value of KEY=value, as the shell would read it: of os-release and files of its form. STR_NONE
 * when the key is missing, empty when its value is. */
str shell_setting(struct arena *arena, str text, str key);
bool is_number(str s); /* decimal digits, at least one */

/* ---- building facts: what is STR_NONE is left out ---- */

void fact_str(struct map_builder *facts, str key, str text);
void fact_int(struct map_builder *facts, str key, int64_t number);
void fact_bool(struct map_builder *facts, str key, bool truth);
