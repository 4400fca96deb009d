/*
 * script.c - changes as lines of sh. They stop at the first that fails and tell which, in which
 * step and the system's words. The steps of a write: create the new file exclusively beside the old
 * one, give it its bytes, the old one's attributes (which may be those of a file that its owner
 * cannot write), the wanted owner and mode, let `validate` look at it; then one sync for all writes
 * in a row; then rename.
 */
#include "remote/script.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/path.h"
#include "base/tree.h"
#include "base/words.h"
#include "remote/bundle.h"

#define WRITES_TOGETHER 64 /* new files that wait for one sync */

/*
 * D changes done, Y step, E the system's words. M umask, H options with which cp copies attributes
 * alone ("": it cannot), J cp for a backup, V mv for a rename, Z sync of files, Q of the file
 * systems they are on, U the change of a bundle that is to blame.
 *   z  run a command that changes something: step, words
 *   l  run a command, whatever comes of it
 *   k  begin a write: path, random name, follow, unsafe, umask for the new file: sets p (target)
 *      and t (the new file)
 *   q  give the new file what its target has: owner and mode as they were seen, if it was there
 *   j  after the builtin printf failed: ask a program for the words
 *   n  rename: new file, target, unsafe
 *   y  remove from a directory what we left there a day ago or more: the host lost its power, or
 * our shell was killed, and nobody came back. Costs no process where there is nothing.
 * A terminal that hangs up in the middle of a payload must leave no bytes that the shell would take
 * for commands, nor sudo with bytes that nobody reads (it would try for ever): they are read, for
 * half a second (where sleep takes such), and the shell ends.
 */
static const char prelude[] =
    "trap 'if [ \"$t\" ] && [ \"$t\" != \"$p\" ]; then rm -f \"$t\"; fi\n"
    "cat <&3 >/dev/null 2>&1 & sleep .5 2>/dev/null || sleep 1; kill $!; exit 129' HUP\n"
    "M=$(umask) H= J='cp -pL' V='mv -f' Z=sync Q=sync\n"
    "case $(cp --help 2>&1) in *--attributes-only*) J='cp -L --preserve=all'\n"
    "H='--attributes-only --preserve=all --no-preserve=links,timestamps';; esac\n"
    "case $(mv --help 2>&1) in *-T*) V='mv -fT';; esac\n"
    "if ! h sync; then Z=: Q=:; else case $(sync --help 2>&1) in *-d*) Z='sync -d' Q='sync -f';; "
    "esac; fi\n"
    "l() { \"$@\" 2>/dev/null; :; }\n"
    "z() { Y=$1; shift; E=$(\"$@\" 2>&1); }\n"
    "k() { p=$1 t= Y=write\n"
    "if [ \"$3\" ] && [ -L \"$p\" ]; then E=$(readlink -f \"$p\" 2>&1) ||\n"
    "{ h realpath && E=$(realpath \"$p\" 2>&1); } || return; p=$E; fi\n"
    "if [ -d \"$p\" ] && { [ \"$3\" ] || [ ! -L \"$p\" ]; }; then E='Is a directory'; false; "
    "return; fi\n"
    "t=${p%/*}/$2; umask \"$5\"; set -C; { true >\"$t\"; } 2>/dev/null; e=$?; set +C\n"
    "if [ $e != 0 ]; then umask $M; if [ \"$4\" ]; then t=$p; return 0; fi\n"
    "E=$({ set -C; true >\"$t\"; } 2>&1); t=; return 1; fi; umask $M; }\n"
    "q() { if [ \"$t\" = \"$p\" ] || [ -L \"$p\" ] || [ ! -f \"$p\" ]; then return 0; fi\n"
    "if [ \"$H\" ]; then z write cp $H \"$p\" \"$t\"\n"
    "elif [ \"$1\" ]; then l chown \"$1\" \"$t\"; z mode chmod \"$2\" \"$t\"; fi; }\n"
    "u() { if [ \"$t\" != \"$p\" ]; then rm -f \"$t\"; fi; t=; }\n"
    "j() { E=$(printf %8192d 0 | cat 2>&1 >>\"$t\"); [ \"$E\" ] || E='write error'; false; }\n"
    "n() { Y=replace; if [ \"$1\" = \"$2\" ]; then return 0; fi\n"
    "if [ -d \"$2\" ] && [ ! -L \"$2\" ]; then E='Is a directory'\n"
    "elif E=$($V \"$1\" \"$2\" 2>&1); then return 0\n"
    "elif [ \"$3\" ] && E=$(cat \"$1\" 2>&1 >\"$2\"); then rm -f \"$1\"; return 0; fi\n"
    "rm -f \"$1\"; false; }\n"
    "y() { for f in \"$1\"/" SCRIPT_NEW_NAME "*; do if [ -e \"$f\" ]; then\n"
    "find \"$f\" -prune -mtime +0 -exec rm -rf {} \\; 2>/dev/null; fi; done; }\n";

void script_prelude(struct strbuf *script)
{
    strbuf_add(script, str_of(prelude));
}

/* ---- pieces ---- */

static void add_words(struct strbuf *out, const char *words, str quoted)
{
    strbuf_add(out, str_of(words));
    shell_quote_to(out, quoted);
}

str script_new_name(struct arena *arena)
{
    return str_concat(arena, S(SCRIPT_NEW_NAME), shell_token(arena));
}

void script_sweep(struct script *script, str dir, str name)
{
    add_words(&script->sweep, "rm -rf ", dir);
    strbuf_addf(&script->sweep, "/%.*s 2>/dev/null\n", SARG(name));
}

str script_owner(struct arena *arena, const struct file_attrs *attrs)
{
    if (attrs->owner.len == 0 && attrs->group.len == 0) {
        return STR_NONE;
    }
    return str_format(arena, "%.*s%s%.*s", SARG(attrs->owner), attrs->group.len > 0 ? ":" : "",
                      SARG(attrs->group));
}

/* " && z owner chown O:G FILE && z mode chmod M FILE": the owner first, since changing it clears
 * the set-user-id bits. `file` is a word of the script. */
static void add_attrs(struct strbuf *out, struct arena *arena, const struct file_attrs *attrs,
                      const char *file, bool itself)
{
    str owner = script_owner(arena, attrs);
    if (!str_is_none(owner)) {
        add_words(out, itself ? " && z owner chown -h " : " && z owner chown ", owner);
        strbuf_addf(out, " %s", file);
    }
    if (attrs->has_mode) {
        strbuf_addf(out, " && z mode chmod %04o %s", attrs->mode, file);
    }
}

static void add_payload(struct script *script, struct arena *arena, struct payload payload)
{
    *VEC_PUSH(arena, &script->payloads) = payload;
    strbuf_addf(&script->lines,
                "{ Y=write; reader && printf '%%s +\\n' \"$T\" &&\n"
                "E=$(${READER}%llu <&3 | { cat 2>&1 >\"$t\" || { cat >/dev/null; false; }; }) &&\n"
                "{ E='not all of it arrived'; [ $(wc -c <\"$t\") -eq %llu ]; }; }",
                (unsigned long long)payload.size, (unsigned long long)payload.size);
}

/* A small file here is sent with the script. False: it is not what it was when it was looked at. */
static bool read_small(struct arena *arena, const struct content *content, str *ret)
{
    CLEANUP(close_fd) int fd = tree_open(content->path);
    size_t size = (size_t)content->size, have = 0;
    char *bytes = arena_alloc_raw(arena, size + 1);
    for (ssize_t got = fd < 0 ? 0 : 1; got > 0 && have <= size; have += (size_t)got) {
        got = read(fd, bytes + have, size + 1 - have);
        if (got < 0) {
            return false;
        }
    }
    *ret = (str){ bytes, have };
    return fd >= 0 && have == size;
}

static void add_bytes(struct script *script, struct arena *arena, str bytes)
{
    if (bytes.len > PAYLOAD_INLINE_MAX) {
        add_payload(script, arena, (struct payload){ .bytes = bytes, .size = bytes.len });
        return;
    }
    strbuf_add(&script->lines, S("{ Y=write; {\n"));
    payload_lines(&script->lines, bytes);
    strbuf_add(&script->lines, S("} 2>/dev/null >\"$t\" || j; }"));
}

static void add_file(struct script *script, struct arena *arena, const struct content *content)
{
    str bytes;
    if (content->size > PAYLOAD_INLINE_MAX) {
        add_payload(script, arena,
                    (struct payload){ .path = content->path,
                                      .size = content->size,
                                      .sha1 = content->digest,
                                      .noted = content->note_sent });
    } else if (read_small(arena, content, &bytes)) {
        add_bytes(script, arena, bytes);
    } else {
        script->problem =
            str_format(arena, "could not read %.*s on the controller: it changed meanwhile",
                       SARG(content->path));
    }
}

static void add_content(struct script *script, struct arena *arena, const struct content *content)
{
    switch (content->kind) {
    case CONTENT_BYTES:
        BUG_ON(!value_is(content->bytes, VALUE_STR));
        add_bytes(script, arena, value_as_str(content->bytes));
        return;
    case CONTENT_CONTROLLER:
        add_file(script, arena, content);
        return;
    case CONTENT_REMOTE:
        add_words(&script->lines, "{ Y=write; E=$(cat ", content->path);
        strbuf_add(&script->lines, S(" 2>&1 >\"$t\"); }"));
        return;
    }
}

static bool has_percent_s(str command)
{
    return str_find(command, S("%s"), 0) != STR_NPOS;
}

/* Each word quoted, but "$t" for a %s in it; "%%" is a percent sign, as Python formats it. */
static void add_validate_word(struct strbuf *out, str word)
{
    size_t from = 0;
    strbuf_add_char(out, ' ');
    for (size_t i = 0; i <= word.len; i++) {
        bool special = i + 1 < word.len && word.ptr[i] == '%' &&
                       (word.ptr[i + 1] == 's' || word.ptr[i + 1] == '%');
        if (i < word.len && !special) {
            continue;
        }
        bool sign = special && word.ptr[i + 1] == '%';
        str part = str_part(word, from, sign ? i + 1 : i);
        if (part.len > 0 || word.len == 0) {
            shell_quote_to(out, part);
        }
        if (special && !sign) {
            strbuf_add(out, S("\"$t\""));
        }
        i += special ? 1 : 0;
        from = i + 1;
    }
}

static bool add_validate(struct script *script, struct arena *arena, str command)
{
    struct words words;
    if (!has_percent_s(command)) {
        script->problem = S("'validate' must contain %s");
        return false;
    }
    if (!words_split(arena, command, &words)) {
        script->problem = S("a quote in 'validate' is not closed");
        return false;
    }
    strbuf_add(&script->lines, S(" && { Y=validate; E=$({ o"));
    for (size_t i = 0; i < words.count; i++) {
        add_validate_word(&script->lines, words.items[i]);
    }
    strbuf_add(&script->lines, S("; [ $e = 0 ]; } 2>&1); }"));
    return true;
}

/* ---- the kinds of changes ---- */

/* "prepare && b=n" of one write; the new file and its target are left in t<n> and p<n>. */
static bool add_write(struct script *script, struct arena *arena, const struct change *change,
                      size_t n)
{
    struct strbuf *out = &script->lines;
    const struct file_stat *before = &change->before;
    str name = script_new_name(arena);
    script_sweep(script, path_dirname(change->path), name);
    add_words(out, "k ", change->path);
    strbuf_addf(out, " %.*s '%s' ", SARG(name), change->follow ? "f" : "");
    /* No moment at which others could read what they shall not read. */
    bool fresh = before->type == FILE_ABSENT || (before->type == FILE_LINK && !change->follow);
    bool open_to_all = !change->attrs.has_mode && fresh;
    strbuf_addf(out, "'%s' %s && {\n", change->unsafe_writes ? "u" : "",
                open_to_all ? "$M" : "077");
    add_content(script, arena, &change->content);
    if (!str_is_none(script->problem)) {
        return false;
    }
    strbuf_add(out, S(" && q"));
    if (before->type == FILE_REGULAR) {
        strbuf_addf(out, " %u:%u %04o", before->uid, before->gid, before->mode);
    }
    add_attrs(out, arena, &change->attrs, "\"$t\"", false);
    if (!str_is_none(change->validate) && !add_validate(script, arena, change->validate)) {
        return false;
    }
    strbuf_addf(out, " || { u; false; }; } && b=%zu p%zu=$p t%zu=$t", n + 1, n, n);
    return true;
}

/* All writes in a row: prepare each, sync once, rename each. What was prepared before the first
 * failure is carried out. */
static bool add_writes(struct script *script, struct arena *arena, const struct change *changes,
                       size_t count)
{
    struct strbuf *out = &script->lines;
    strbuf_add(out, S("b=0; "));
    for (size_t i = 0; i < count; i++) {
        strbuf_add(out, i > 0 ? S(" &&\n") : STR_EMPTY);
        if (!add_write(script, arena, &changes[i], i)) {
            script->problem_at += i;
            return false;
        }
    }
    strbuf_add(out, S("\nG=$? Y1=$Y E1=$E; set --\n"));
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(out, "[ $b -gt %zu ] && set -- \"$@\" \"$t%zu\"\n", i, i);
    }
    strbuf_add(out, S("[ $# -gt 0 ] && $Z \"$@\" >/dev/null 2>&1\n"));
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(out,
                    "if [ $b -gt %zu ]; then shift; n \"$t%zu\" \"$p%zu\" '%s' || "
                    "{ [ $# -gt 0 ] && rm -f \"$@\"; break; }; D=$((D+1)); fi\n",
                    i, i, i, changes[i].unsafe_writes ? "u" : "");
    }
    strbuf_add(out, S("Y=$Y1 E=$E1; [ $G = 0 ] || break\n"));
    return true;
}

static void add_directory(struct strbuf *out, struct arena *arena, const struct change *change)
{
    strbuf_add(out, S("z create mkdir "));
    if (change->attrs.has_mode) {
        strbuf_addf(out, "-m %04o ", change->attrs.mode);
    }
    strbuf_add(out, S("\"$p\""));
    struct file_attrs owner = change->attrs;
    /* mkdir -m does not set these bits everywhere, and chown clears them */
    owner.has_mode = change->attrs.has_mode && (change->attrs.mode & 07000) != 0;
    add_attrs(out, arena, &owner, "\"$p\"", false);
}

/* A link is made directly where nothing is, else beside and renamed over what is there. */
static void add_link(struct strbuf *out, struct arena *arena, const struct change *change)
{
    const char *command = change->kind == CHANGE_SYMLINK ? "ln -s " : "ln ";
    str name = script_new_name(arena);
    strbuf_addf(out, "t=$p; [ -e \"$p\" ] || [ -L \"$p\" ] && t=${p%%/*}/%.*s\nz create %s",
                SARG(name), command);
    shell_quote_to(out, change->target);
    strbuf_add(out, S(" \"$t\" && n \"$t\" \"$p\" ''"));
    struct file_attrs owner = change->attrs;
    owner.has_mode = false; /* a link has none */
    add_attrs(out, arena, &owner, "\"$p\"", true);
}

static void add_touch(struct strbuf *out, const struct change *change, const char *which,
                      int64_t when)
{
    strbuf_addf(out, " && z times %stouch %s%s%s", when == CHANGE_NOW ? "" : "env TZ=UTC0 ",
                change->create ? "" : "-c ", change->follow ? "" : "-h ", which);
    if (when != CHANGE_NOW) {
        time_t seconds = (time_t)when;
        struct tm tm;
        char stamp[32];
        gmtime_r(&seconds, &tm);
        strftime(stamp, sizeof stamp, " -t %Y%m%d%H%M.%S", &tm);
        strbuf_add(out, str_of(stamp));
    }
    strbuf_add(out, S(" \"$p\""));
}

static void add_times(struct strbuf *out, struct arena *arena, const struct change *change)
{
    strbuf_add(out, S(":"));
    if (change->create) { /* touch -h makes none */
        strbuf_add(out, S(" && { [ -e \"$p\" ] || z create touch \"$p\"; }"));
    }
    if (change->atime == change->mtime && change->atime != CHANGE_KEEP) {
        add_touch(out, change, "", change->atime);
    } else {
        if (change->atime != CHANGE_KEEP) {
            add_touch(out, change, "-a", change->atime);
        }
        if (change->mtime != CHANGE_KEEP) {
            add_touch(out, change, "-m", change->mtime);
        }
    }
    add_attrs(out, arena, &change->attrs, "\"$p\"", false);
}

static void add_remove(struct strbuf *out, const struct change *change)
{
    bool directory = change->before.type == FILE_DIRECTORY;
    strbuf_addf(out, "z remove %s \"$p\"",
                change->recursive ? "rm -rf"
                : directory       ? "rmdir"
                                  : "rm -f");
}

static void add_other(struct strbuf *out, struct arena *arena, const struct change *change)
{
    add_words(out, "p=", change->path);
    strbuf_add_char(out, '\n');
    switch (change->kind) {
    case CHANGE_DIRECTORY:
        add_directory(out, arena, change);
        break;
    case CHANGE_SYMLINK:
    case CHANGE_HARDLINK:
        add_link(out, arena, change);
        break;
    case CHANGE_ATTRS:
        strbuf_add(out, S(":"));
        add_attrs(out, arena, &change->attrs, "\"$p\"", !change->follow);
        break;
    case CHANGE_TIMES:
        add_times(out, arena, change);
        break;
    case CHANGE_REMOVE:
        add_remove(out, change);
        break;
    case CHANGE_COPY:
        add_words(out, "z copy $J \"$p\" ", change->target);
        break;
    case CHANGE_WRITE:
    case CHANGE_RUN:
        BUG("change of kind %d among the others", change->kind);
    }
    strbuf_add(out, S(" || break; D=$((D+1))\n"));
}

/* Where new files are made. */
static void add_tidying(struct strbuf *out, const struct change *changes, size_t count)
{
    str last = STR_NONE;
    for (size_t i = 0; i < count; i++) {
        str dir = changes[i].kind == CHANGE_WRITE ? path_dirname(changes[i].path) : last;
        if (!str_eq(dir, last)) {
            add_words(out, "y ", dir);
            strbuf_add_char(out, '\n');
            last = dir;
        }
    }
}

void script_changes(struct script *script, struct arena *arena, const struct change *changes,
                    size_t count)
{
    script->problem = STR_NONE;
    add_tidying(&script->lines, changes, count);
    strbuf_add(&script->lines, S("D=0 Y= E= U=; while :; do\n"));
    for (size_t i = 0; i < count;) {
        size_t bundled = script->has_tar ? bundle_count(arena, changes + i, count - i) : 0;
        if (bundled > 0) {
            bundle_lines(script, arena, changes + i, bundled);
            i += bundled;
            continue;
        }
        size_t writes = 0;
        while (i + writes < count && writes < WRITES_TOGETHER &&
               changes[i + writes].kind == CHANGE_WRITE) {
            writes++;
        }
        if (writes == 0) {
            add_other(&script->lines, arena, &changes[i++]);
            continue;
        }
        script->problem_at = i;
        if (!add_writes(script, arena, changes + i, writes)) {
            return;
        }
        i += writes;
    }
    strbuf_addf(&script->lines,
                "break; done; s done $D\n"
                "[ $D = %zu ] || { s step \"$Y\"; s error \"$E\"; s at \"$U\"; }\n",
                count);
}
