/*
 * ssh_config_files.c - what ssh(1)'s configuration files, and those they include, say of one host.
 */
#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/path.h"
#include "transport/ssh_config_reader.h"

enum { INCLUDE_DEPTH = 16 };

/* Always false. */
static bool unreadable(struct ssh_reader *reader, str path, int problem)
{
    if (problem == EINTR) {
        wire_fail(reader->error_arena, reader->error, WIRE_INTERRUPTED, STR_NONE,
                  "interrupted reading '%.*s'", SARG(path));
        return false;
    }
    if (problem == ETIMEDOUT) {
        return ssh_reader_refuse(reader, S("is what writes to it still at work?"),
                                 "'%.*s' has not come to its end in time", SARG(path));
    }
    return ssh_reader_refuse(reader, STR_NONE, "cannot read '%.*s': %s", SARG(path),
                             strerror(problem));
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

/* Of a part that does not hold, files are read for what `Match final` asks for. */
static bool include_all(struct ssh_reader *reader, struct words patterns, bool holds,
                        unsigned depth)
{
    bool never = reader->never, done = patterns.count > 0;
    if (!done) {
        return ssh_reader_refuse(reader, STR_NONE, "Include names no file");
    }
    reader->never = never || !holds;
    for (size_t i = 0; i < patterns.count && done; i++) {
        done = include(reader, patterns.items[i], depth);
    }
    reader->never = never;
    return done;
}

static bool read_line(struct ssh_reader *reader, str line, bool holds, unsigned depth)
{
    str name;
    struct words words;
    if (!ssh_line_split(reader, line, &name, &words)) {
        return false;
    }
    if (str_eq_nocase(name, S("include"))) {
        return include_all(reader, words, holds, depth);
    }
    return holds ? ssh_keyword_set(reader, name, words.items, words.count)
                 : ssh_keyword_check(reader, name);
}

static bool read_heading(struct ssh_reader *reader, const struct ssh_part *part, bool *ret_holds)
{
    str name;
    struct words words;
    switch (part->kind) {
    case SSH_PART_FIRST:
        *ret_holds = true;
        return true;
    case SSH_PART_HOST:
    case SSH_PART_MATCH:
        break;
    }
    if (part->heading_open) { /* told as of any line */
        return ssh_line_split(reader, part->heading, &name, &words);
    }
    return part->kind == SSH_PART_HOST ? ssh_match_host(reader, &part->words, ret_holds)
                                       : ssh_match_all(reader, &part->words, ret_holds);
}

/* Of a part that does not hold it counts only that its quotes are closed, what it includes, and
 * that its keywords are known: a "Hots web" would else be one of its lines, and go unnoticed. */
static bool read_part(struct ssh_reader *reader, str path, const struct ssh_part *part,
                      unsigned depth)
{
    bool holds, done = true;
    str line, lines = part->lines;
    reader->where = path;
    reader->line = part->number;
    if (!read_heading(reader, part, &holds)) {
        return false;
    }
    holds &= !reader->never;
    if (!holds && !part->open_quote && !part->includes && !part->unknown) {
        return true;
    }
    for (unsigned number = part->number + 1; done && !str_is_none(line = str_cut_line(&lines));
         number++) {
        line = str_trim(line);
        reader->where = path; /* an Include has been elsewhere */
        reader->line = number;
        done = line.len == 0 || line.ptr[0] == '#' || read_line(reader, line, holds, depth);
    }
    return done;
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
static bool is_ours(struct ssh_reader *reader, const struct stat *status, str path)
{
    bool ours = (status->st_uid == 0 || status->st_uid == getuid()) &&
                (status->st_mode & S_IWOTH) == 0 &&
                ((status->st_mode & S_IWGRP) == 0 || is_own_group(reader->arena, status->st_gid));
    if (!ours) {
        reader->where = path;
        reader->line = 0;
        str hint =
            str_format(reader->arena, "chmod 600 %.*s, or name another file with -F", SARG(path));
        return ssh_reader_refuse(reader, hint, "others can write to this file, so it is not used");
    }
    return true;
}

static bool read_config(struct ssh_reader *reader, str path, bool required, unsigned depth)
{
    bool chosen = !str_is_none(reader->only_file) || reader->from_system, done = true;
    struct ssh_file *file =
        ssh_file_hold(reader->files, path, reader->options->wake, reader->until);
    if (file == NULL && !required && (errno == ENOENT || errno == ENOTDIR)) {
        return true;
    }
    if (file == NULL) {
        return unreadable(reader, path, errno);
    }
    *VEC_PUSH(reader->arena, &reader->held) = file;
    if ((depth > 0 || !chosen) && !is_ours(reader, &file->status, path)) {
        return false;
    }
    for (size_t i = 0; i < file->parts.len && done; i++) {
        done = read_part(reader, path, &file->parts.items[i], depth);
    }
    return done;
}

bool ssh_files_read(struct ssh_reader *reader)
{
    str own = path_join(reader->arena, reader->settings->home, S(".ssh/config"));
    reader->from_args = false;
    reader->from_system = false;
    if (str_eq_nocase(reader->only_file, S("none"))) {
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
