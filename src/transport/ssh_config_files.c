/*
 * ssh_config_files.c - ssh(1)'s configuration files, line by line, and those they include.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "transport/ssh_config_reader.h"

enum { INCLUDE_DEPTH = 16, FILE_MAX = 64 << 20, READ_SIZE = 65536 };

/* A command is everything up to the end of the line, as it stands. */
static bool is_command(str name)
{
    static const str commands[] = { S_INIT("proxycommand"), S_INIT("localcommand"),
                                    S_INIT("remotecommand"), S_INIT("knownhostscommand") };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (str_eq_nocase(name, commands[i])) {
            return true;
        }
    }
    return false;
}

/* The next word of *rest, which ssh(1) cuts in its own way: a backslash counts before a quote, a
 * backslash and, outside of quotes, a blank, else it stands for itself, as in "User CORP\me"; what
 * begins with '#' is a comment. STR_NONE: there is none. False: a quote is not closed. */
static bool cut_word(struct arena *arena, str *rest, str *ret)
{
    struct strbuf word = strbuf_in(arena);
    char quote = '\0';
    size_t i = 0;
    *ret = STR_NONE;
    *rest = str_trim_left(*rest);
    if (rest->len == 0 || rest->ptr[0] == '#') {
        return true;
    }
    for (; i < rest->len; i++) {
        char c = rest->ptr[i], next = i + 1 < rest->len ? rest->ptr[i + 1] : '\0';
        bool escapes = c == '\\' && (next == '\'' || next == '"' || next == '\\' ||
                                     (next == ' ' && quote == '\0'));
        if ((c == ' ' || c == '\t') && quote == '\0') {
            break;
        }
        if (escapes) {
            strbuf_add_char(&word, next);
            i++;
        } else if (c == quote && quote != '\0') {
            quote = '\0';
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else {
            strbuf_add_char(&word, c);
        }
    }
    *rest = str_part(*rest, i, rest->len);
    *ret = strbuf_str(&word);
    return quote == '\0';
}

static bool cut_words(struct arena *arena, str rest, struct words *ret)
{
    VEC(str) words = { 0 };
    str word;
    bool whole;
    while ((whole = cut_word(arena, &rest, &word)) && !str_is_none(word)) {
        *VEC_PUSH(arena, &words) = word;
    }
    *ret = (struct words){ words.items, words.len };
    return whole;
}

static str keyword_of(str line)
{
    size_t end = 0;
    while (end < line.len && !strchr(" \t=", line.ptr[end])) {
        end++;
    }
    return str_part(line, 0, end);
}

bool ssh_line_split(struct ssh_reader *reader, str line, str *ret_name, struct words *ret_values)
{
    line = str_trim(line);
    *ret_name = keyword_of(line);
    str rest = str_trim(str_part(line, ret_name->len, line.len));
    if (str_starts(rest, S("="))) {
        rest = str_trim(str_part(rest, 1, rest.len));
    }
    if (is_command(*ret_name)) {
        str *all = NEW(reader->arena, str);
        *all = rest;
        *ret_values = (struct words){ .items = all, .count = 1 };
        return true;
    }
    return cut_words(reader->arena, rest, ret_values) ||
           ssh_reader_refuse(reader, STR_NONE, "a quote is not closed in '%.*s'", SARG(line));
}

static bool read_config(struct ssh_reader *reader, str path, bool required, unsigned depth);

/* Relative names are looked up beside the user's configuration, or the system's. */
static bool include(struct ssh_reader *reader, str pattern, unsigned depth)
{
    glob_t found = { 0 };
    bool done = true;
    if (depth == INCLUDE_DEPTH) {
        return ssh_reader_refuse(reader, STR_NONE, "Include goes deeper than %d files",
                                 INCLUDE_DEPTH);
    }
    pattern = ssh_tokens_path(reader, pattern);
    if (!path_is_absolute(pattern)) {
        str dir = reader->from_system ? S("/etc/ssh")
                                      : path_join(reader->arena, reader->settings->home, S(".ssh"));
        pattern = path_join(reader->arena, dir, pattern);
    }
    if (glob(str_c(reader->arena, pattern), 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && done; i++) {
            done = read_config(reader, str_copy(reader->arena, str_of(found.gl_pathv[i])), false,
                               depth + 1);
        }
    }
    globfree(&found);
    return done;
}

/* Whether a line can be passed over in a part that does not hold: it begins no other part, and
 * leaves no quote open. A file may have thousands of parts, and each host reads it. */
static bool is_inert(str line)
{
    str name = keyword_of(line);
    return !str_eq_nocase(name, S("host")) && !str_eq_nocase(name, S("match")) &&
           str_find_char(line, '"', 0) == STR_NPOS && str_find_char(line, '\'', 0) == STR_NPOS;
}

static bool read_lines(struct ssh_reader *reader, str path, str text, unsigned depth)
{
    bool active = true;
    str line;
    for (unsigned number = 1; !str_is_none(line = str_cut_line(&text)); number++) {
        str name;
        struct words words;
        line = str_trim(line);
        if (line.len == 0 || line.ptr[0] == '#' || (!active && is_inert(line))) {
            continue;
        }
        reader->where = str_format(reader->arena, "%.*s:%u", SARG(path), number);
        if (!ssh_line_split(reader, line, &name, &words)) {
            return false;
        }
        bool done = true;
        if (str_eq_nocase(name, S("host"))) {
            done = ssh_match_host(reader, &words, &active);
        } else if (str_eq_nocase(name, S("match"))) {
            done = ssh_match_all(reader, &words, &active);
        } else if (str_eq_nocase(name, S("include"))) {
            for (size_t i = 0; i < words.count && active && done; i++) {
                done = include(reader, words.items[i], depth);
            }
        } else if (active) {
            done = ssh_keyword_set(reader, name, words.items, words.count);
        }
        if (!done) {
            return false;
        }
    }
    return true;
}

/* Whether nobody else is in a group: it bears our name, as where everybody has a group of his own
 * and files are made writable for it, and lists no other. */
static bool is_own_group(struct arena *arena, gid_t gid)
{
    char text[4096];
    struct group entry, *found = NULL;
    str unused, user = ssh_local_user(arena, &unused);
    getgrgid_r(gid, &entry, text, sizeof text, &found);
    bool own = found != NULL && str_eq(str_of(found->gr_name), user);
    for (char **member = own ? found->gr_mem : NULL; own && *member != NULL; member++) {
        own = str_eq(str_of(*member), user);
    }
    return own;
}

/* Whoever may write to it could have us run commands: as ssh(1), we do not read it then. */
static bool is_ours(struct ssh_reader *reader, int fd, str path)
{
    struct stat status;
    bool ours = fstat(fd, &status) == 0 && (status.st_uid == 0 || status.st_uid == getuid()) &&
                (status.st_mode & S_IWOTH) == 0 &&
                ((status.st_mode & S_IWGRP) == 0 || is_own_group(reader->arena, status.st_gid));
    if (!ours) {
        reader->where = path;
        str hint =
            str_format(reader->arena, "chmod 600 %.*s, or name another file with -F", SARG(path));
        return ssh_reader_refuse(reader, hint, "others can write to this file, so it is not used");
    }
    return true;
}

static bool read_config(struct ssh_reader *reader, str path, bool required, unsigned depth)
{
    CLEANUP(close_fd) int fd = open(str_c(reader->arena, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && !required && (errno == ENOENT || errno == ENOTDIR)) {
        return true;
    }
    if (fd < 0) {
        return ssh_reader_refuse(reader, STR_NONE, "cannot read '%.*s': %s", SARG(path),
                                 strerror(errno));
    }
    bool named = !str_is_none(reader->only_file);
    if (!named && !reader->from_system && !is_ours(reader, fd, path)) {
        return false;
    }
    struct strbuf text = strbuf_in(reader->arena);
    ssize_t count;
    while ((count = read(fd, strbuf_room(&text, READ_SIZE), READ_SIZE)) > 0) {
        strbuf_grew(&text, (size_t)count);
        if (text.len > FILE_MAX) {
            return ssh_reader_refuse(reader, STR_NONE, "'%.*s' is larger than %d MiB", SARG(path),
                                     FILE_MAX >> 20);
        }
    }
    if (count < 0 && errno != EISDIR) { /* "Include conf.d/" with a star may find directories */
        return ssh_reader_refuse(reader, STR_NONE, "cannot read '%.*s': %s", SARG(path),
                                 strerror(errno));
    }
    return read_lines(reader, path, strbuf_str(&text), depth);
}

bool ssh_files_read(struct ssh_reader *reader)
{
    str own = path_join(reader->arena, reader->settings->home, S(".ssh/config"));
    reader->from_args = false;
    reader->from_system = false;
    if (str_eq(reader->only_file, S("none"))) {
        return true;
    }
    if (!str_is_none(reader->only_file)) {
        return read_config(reader, reader->only_file, true, 0);
    }
    if (!read_config(reader, own, false, 0)) {
        return false;
    }
    reader->from_system = true;
    return read_config(reader, S("/etc/ssh/ssh_config"), false, 0);
}
