/*
 * ask.c - questions as lines of sh, and the answers.
 *
 * Every fork on the host costs as much as the rest of a converged task, so what the shell can tell
 * by itself (is it there, is it a link, may we read it, what does a small file hold) is asked of
 * the shell, and the programs that are needed are started once for all questions of a batch, as
 * the only command of a $(...), which shells run without a second fork.
 */
#include <string.h>

#include "base/bug.h"
#include "remote/ask.h"
#include "remote/digest.h"
#include "remote/name_table.h"
#include "transport/transport.h"

#define TREE_BYTES_MAX 67108864 /* of what stat prints for one tree */

/*
 * Variables: T token, R reply, N newline, L the directory of the login, C stat's option for a
 * format, A the format, B and K how bytes are encoded, F flags of a list of paths, O what stat
 * printed, G the checksum program.
 *   h  has the host this program?       s  add a section: key, bytes       f  print the reply
 *   d  nothing is at this path: may we know that? (all directories above can be searched)
 *   x  flag of a path for stat; true if it is there. "f": a link counts as what it leads to
 *   c  bytes of a small file: path, size. False if the shell cannot hold them (NUL bytes)
 *   t  section of a file's bytes: key, path, "t": all of them whatever it takes; else true if a
 *      checksum is to be asked for
 *   m  the same for one of many files: no bytes, the checksum of all    look  m or t
 *   v  what may we do with a path       e  section of a tree: key, path
 *   g  find a checksum program          o  run a program: status and output
 *   reader  find what reads so many bytes, see ask.h
 *   w  find a program in PATH           a  lines of a database: its name, keys; sets i
 *
 * read takes a byte at a time in most shells: 1024 bytes cost about as much as starting a program.
 */
static const char prelude[] = READER
    "L=$PWD; [ -x \"$L\" ] || L=$HOME; [ -x \"$L\" ] || L=/\n"
    "cd /\n"
    "N='\n'\n"
    "LC_ALL=C QUOTING_STYLE=literal; export LC_ALL QUOTING_STYLE\n"
    "PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin\n"
    "h() { command -v \"$1\" >/dev/null 2>&1; }\n"
    "s() { R=\"$R$1 ${#2}$N$2$N\"; }\n"
    "f() { printf '%s %s\\n%s\\n' \"$T\" \"${#R}\" \"$R\"; }\n"
    "[ \"${KSH_VERSION-}\" ] && f() { print -nr -- \"$T ${#R}$N$R$N\"; } # mksh has no printf\n"
    "d() { d=$1; while d=${d%/*}; [ \"$d\" ]; do\n"
    "if [ -d \"$d\" ]; then [ -x \"$d\" ]; return; fi\n"
    "if [ -e \"$d\" ] || [ -L \"$d\" ]; then return 0; fi; done; }\n"
    "x() { if [ -L \"$1\" ]; then\n"
    "if [ -e \"$1\" ]; then F=${F}l; [ \"$2\" ]; else F=${F}d; false; fi\n"
    "elif [ -e \"$1\" ]; then F=${F}e\n"
    "elif d \"$1\"; then F=${F}n; false; else F=$F!; false; fi; }\n"
    "c() { c= i=; while IFS= read -r i; do c=$c$i$N; [ ${#c} -le $2 ] || return; done <\"$1\"\n"
    "c=$c$i; [ ${#c} = $2 ]; }\n"
    "t() { if [ -e \"$2\" ]; then O=${O#*\"$T \"} z=${O%%:*}\n"
    "if [ -d \"$2\" ]; then s $1 n; elif [ ! -f \"$2\" ]; then s $1 o\n"
    "elif [ ! -r \"$2\" ]; then s $1 '!Permission denied'\n"
    "elif [ \"$z\" -le 1024 ] && c \"$2\" $z; then s $1 \".$c\"\n"
    "elif [ ! \"$3\" ]; then s $1 c; return 0\n"
    "elif [ \"$z\" -gt 16777216 ]; then s $1 '!larger than 16 MiB'\n"
    "elif c=$($B <\"$2\" 2>&1); then s $1 \"$K$c\"; else s $1 \"!$c\"; fi\n"
    "elif d \"$2\"; then s $1 n; else s $1 '!Permission denied'; fi; false; }\n"
    "m() { if [ -f \"$2\" ] && [ -r \"$2\" ]; then s $1 c; return; fi\n"
    "if [ ! -e \"$2\" ]; then if d \"$2\"; then s $1 n; else s $1 '!Permission denied'; fi\n"
    "elif [ -d \"$2\" ]; then s $1 n; elif [ ! -f \"$2\" ]; then s $1 o\n"
    "else s $1 '!Permission denied'; fi; false; }\n"
    "v() { i=; [ -r \"$1\" ] && i=r; [ -w \"$1\" ] && i=${i}w; [ -x \"$1\" ] && i=${i}x; }\n"
    "g() { if h $1sum; then G=$1sum; elif [ $1 != md5 ] && h shasum; then G=\"shasum -a "
    "${1#sha}\"\n"
    "elif h openssl; then G=\"openssl dgst -r -$1\"\n"
    "elif h $1; then G=\"$1 -r\"; else G=; false; fi; }\n"
    "e() { c=; if [ -d \"$2\" ]; then\n"
    "if ! [ -r \"$2\" ] || ! [ -x \"$2\" ]; then s $1 '!Permission denied'; return; fi\n"
    "if ! reader; then s $1 \"!$E\"; return; fi\n"
    "if e=$({ cd \"$2\" && find . >/dev/null; } 2>&1) && [ ! \"$e\" ]; then\n"
    "c=$(cd \"$2\" && find . -exec stat $C \"$A\" {} + 2>/dev/null | ${READER}67108864 "
    "2>/dev/null)\n"
    "s $1 \"=$c\"; else s $1 \"!$e\"; fi\n"
    "elif d \"$2\"; then s $1 n; else s $1 '!Permission denied'; fi; }\n"
    "o() { i=$(\"$@\" </dev/null); e=$?\n"
    "printf '%s %s %s\\n%s;' \"$T\" $e ${#i} \"$i\"; }\n"
    "w() { i=$IFS; IFS=:; W=; for d in $PATH; do if [ -f \"$d/$1\" ] && [ -x \"$d/$1\" ]; then\n"
    "W=$d/$1; break; fi; done; IFS=$i; [ \"$W\" ]; }\n"
    "a() { if h getent; then i=$(getent \"$@\" 2>/dev/null); else i=$(cat /etc/$1 2>/dev/null); "
    "fi; }\n"
    "A=\"$T %s:%f:%u:%g:%Y:%X:%Z:%i:%d:%h:%U:%G:%N;\" C=-c\n"
    "stat -c %s / >/dev/null 2>&1 || {\n"
    "C=-f A=\"$T %z:%Xp:%u:%g:%m:%a:%c:%i:%d:%l:%Su:%Sg:%N%SY;\"; }\n"
    "K='='; if h base64; then B=base64; elif h od; then B='od -An -v -tx1' K=x\n"
    "elif h openssl; then B='openssl base64'; else B='uuencode -m x' K=u; fi\n";

void ask_prelude(struct strbuf *script)
{
    strbuf_add(script, str_of(prelude));
}

/* ---- the questions ---- */

static const char *const digest_names[] = { "sha1", "md5", "sha224", "sha256", "sha384", "sha512" };

/* Which paths are asked about; each once. The position is the name of a shell variable: p3. */
struct path_want {
    str path;
    bool itself, target; /* lstat; stat */
    bool text;           /* the file's bytes, however many */
    unsigned digests;    /* a bit for each; small files are read instead */
};
struct path_wants {
    VEC(struct path_want) items;
    struct name_table places; /* of paths in `items` */
    size_t files;             /* the first so many are those whose bytes matter */
    bool many;                /* so many that a checksum program pays; no texts are asked for */
};

static bool wants_bytes(const struct question *q)
{
    return q->kind == ASK_TEXT || q->kind == ASK_DIGEST;
}

static bool wants_path(const struct question *q)
{
    return q->kind == ASK_STAT || q->kind == ASK_STAT_FOLLOW || wants_bytes(q);
}

static struct path_want *want_path(struct arena *arena, struct path_wants *wants, str path)
{
    size_t at;
    if (!name_table_put(arena, &wants->places, path, wants->items.len, &at)) {
        *VEC_PUSH(arena, &wants->items) = (struct path_want){ .path = path };
    }
    return &wants->items.items[at];
}

static void want_questions(struct arena *arena, struct path_wants *wants,
                           const struct observer *obs, bool bytes)
{
    for (size_t i = obs->answered; i < obs->questions.len; i++) {
        const struct question *q = obs->questions.items[i];
        if (wants_path(q) && wants_bytes(q) == bytes) {
            struct path_want *want = want_path(arena, wants, q->arg);
            want->itself |= q->kind == ASK_STAT;
            want->target |= q->kind != ASK_STAT;
            want->text |= q->kind == ASK_TEXT;
            want->digests |= q->kind == ASK_DIGEST ? 1u << q->digest : 0;
        }
    }
}

#define MANY_FILES 16 /* from here on one program is cheaper than the shell's reading them all */

/* Those whose bytes matter come first: t() takes their sizes one by one from what stat printed. */
static struct path_wants wanted_paths(struct arena *arena, const struct observer *obs)
{
    struct path_wants wants = { 0 };
    want_questions(arena, &wants, obs, true);
    wants.files = wants.items.len;
    wants.many = wants.files >= MANY_FILES;
    for (size_t i = 0; i < wants.files; i++) {
        wants.many &= !wants.items.items[i].text;
    }
    want_questions(arena, &wants, obs, false);
    return wants;
}

/* A shell copies what it appends to, and all arguments to add one: many paths are asked about in
 * portions of so many. */
#define PORTION 200

/* Section "f": a letter for each path: e there; l, d a link, a dangling one; n not there; ! may not
 * look. Section "a": stat of what is there, and of what wanted links lead to; "b": of links. */
static void script_stats(struct strbuf *out, const struct path_wants *wants, size_t from, size_t to)
{
    strbuf_add(out, S("set --\n"));
    for (size_t i = from; i < to; i++) {
        const struct path_want *want = &wants->items.items[i];
        strbuf_addf(out, "p%zu=", i);
        shell_quote_to(out, want->path);
        strbuf_addf(out, "; x \"$p%zu\" %s&& set -- \"$@\" \"$p%zu\"\n", i,
                    want->target ? "f " : "", i);
    }
    strbuf_add(out, S("O=; [ $# -gt 0 ] && O=$(stat -L $C \"$A\" \"$@\" 2>&1)\n"
                      "a=$a$O$N; case $F in *[ld]*) set --\n"));
    for (size_t i = from; i < to; i++) {
        if (wants->items.items[i].itself) {
            strbuf_addf(out, "[ -L \"$p%zu\" ] && set -- \"$@\" \"$p%zu\"\n", i, i);
        }
    }
    strbuf_add(out, S("[ $# -gt 0 ] && b=$b$(stat $C \"$A\" \"$@\" 2>&1)$N;; esac\n"));
}

/* Section "t<path>": the bytes: '.' as they are, or encoded; n: no such file; o: no regular file;
 * c: see the checksums; ! and why they cannot be read. */
static void script_bytes(struct strbuf *out, const struct path_wants *wants, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < wants->files; i++) {
        const struct path_want *want = &wants->items.items[i];
        strbuf_addf(out,
                    want->text    ? "t t%zu \"$p%zu\" t\n"
                    : wants->many ? "q%zu=; $look t%zu \"$p%zu\" && q%zu=1\n"
                                  : "q%zu=; t t%zu \"$p%zu\" && q%zu=1\n",
                    i, i, i, i);
    }
}

/* Whether the checksum of a file was asked for, and of files in general. */
static bool wants_digest(const struct path_want *want, size_t digest)
{
    return !want->text && (want->digests >> digest & 1) != 0;
}

static bool any_digest(const struct path_wants *wants, size_t digest)
{
    size_t i = 0;
    while (i < wants->files && !wants_digest(&wants->items.items[i], digest)) {
        i++;
    }
    return i < wants->files;
}

/* Sets `look`, the function for one of many files: where the host lacks a program the small ones
 * are read. */
static void script_many(struct strbuf *out, const struct path_wants *wants)
{
    strbuf_add(out, S("look=t; "));
    for (size_t d = 0; d < ARRAY_LEN(digest_names); d++) {
        if (any_digest(wants, d)) {
            strbuf_addf(out, "g %s && ", digest_names[d]);
        }
    }
    strbuf_add(out, S("look=m\n"));
}

static void script_paths(struct strbuf *out, const struct path_wants *wants)
{
    if (wants->many) {
        script_many(out, wants);
    }
    strbuf_add(out, S("F= a= b=\n"));
    for (size_t from = 0; from < wants->items.len; from += PORTION) {
        size_t rest = wants->items.len - from, to = from + (rest < PORTION ? rest : PORTION);
        strbuf_add(out, S("R0=$R R=\n"));
        script_stats(out, wants, from, to);
        script_bytes(out, wants, from, to);
        strbuf_add(out, S("R=$R0$R\n"));
    }
    strbuf_add(out, S("s f $F; s a \"$a\"; [ \"$b\" ] && s b \"$b\"\n"));
}

/* Section "g<digest>": what the program printed; none: the host has no such program. */
static void script_digest(struct strbuf *out, const struct path_wants *wants, size_t digest)
{
    size_t portion = 0;
    strbuf_add(out, S("c=; set --\n"));
    for (size_t i = 0; i < wants->files; i++) {
        if (wants_digest(&wants->items.items[i], digest)) {
            strbuf_addf(out, "[ $q%zu ] && set -- \"$@\" \"$p%zu\"\n", i, i);
            portion++;
        }
        if (portion == PORTION || (portion > 0 && i + 1 == wants->files)) {
            strbuf_addf(out, "[ $# -gt 0 ] && g %s && c=$c$($G \"$@\" 2>/dev/null)$N\nset --\n",
                        digest_names[digest]);
            portion = 0;
        }
    }
    strbuf_addf(out, "[ \"$c\" ] && s g%zu \"$c\"\n", digest);
}

static void script_digests(struct strbuf *out, const struct path_wants *wants)
{
    for (size_t d = 0; d < ARRAY_LEN(digest_names); d++) {
        if (any_digest(wants, d)) {
            script_digest(out, wants, d);
        }
    }
}

/* Section "<database>": lines of it. Where the host has no getent, all of its file. */
static void script_database(struct strbuf *out, const struct observer *obs, enum question_kind kind,
                            const char *database)
{
    bool any = false;
    for (size_t i = obs->answered; i < obs->questions.len; i++) {
        const struct question *q = obs->questions.items[i];
        if (q->kind != kind || q->arg.len == 0 || q->arg.ptr[0] == '-') {
            continue;
        }
        if (!any) {
            strbuf_addf(out, "a %s", database);
        }
        any = true;
        strbuf_add_char(out, ' ');
        shell_quote_to(out, q->arg);
    }
    if (any) {
        strbuf_addf(out, "\ns %s \"$i\"\n", database);
    }
}

static bool is_name(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return s.len > 0;
}

static bool variable(value environment, size_t i, str *ret_name, str *ret_text)
{
    value key = value_map_key(environment, i), v = value_map_value(environment, i);
    if (!value_is(key, VALUE_STR) || !value_is(v, VALUE_STR)) {
        return false;
    }
    *ret_name = value_as_str(key);
    *ret_text = value_as_str(v);
    return true;
}

void ask_environment(struct strbuf *out, value environment)
{
    str name, text;
    for (size_t i = 0; value_is(environment, VALUE_MAP) && i < value_count(environment); i++) {
        if (variable(environment, i, &name, &text) && is_name(name)) {
            strbuf_addf(out, "export %.*s=", SARG(name));
            shell_quote_to(out, text);
            strbuf_add_char(out, '\n');
        }
    }
}

void environment_words(struct strbuf *out, const value *environments, size_t count)
{
    bool any = false;
    str name, text;
    for (size_t e = 0; e < count; e++) {
        value environment = environments[e];
        for (size_t i = 0; value_is(environment, VALUE_MAP) && i < value_count(environment); i++) {
            if (variable(environment, i, &name, &text) && !is_name(name)) {
                strbuf_add(out, any ? S(" ") : S("env "));
                any = true;
                shell_quote_to(out, name);
                strbuf_add_char(out, '=');
                shell_quote_to(out, text);
            }
        }
    }
    strbuf_add(out, any ? S(" ") : STR_EMPTY);
}

/* A pattern as a word in which only the pattern characters are left unquoted. */
static void quote_pattern(struct strbuf *out, str pattern)
{
    size_t from = 0;
    for (size_t i = 0; i <= pattern.len; i++) {
        if (i < pattern.len && strchr("*?[]!^-\\", pattern.ptr[i]) == NULL) {
            continue;
        }
        if (i > from) {
            shell_quote_to(out, str_part(pattern, from, i));
        }
        if (i < pattern.len && pattern.ptr[i] == '\\' && i + 1 < pattern.len) {
            i++;
            shell_quote_to(out, str_part(pattern, i, i + 1));
        } else if (i < pattern.len) {
            strbuf_add_char(out, pattern.ptr[i]);
        }
        from = i + 1;
    }
}

/* Section "r": for each program what it wrote to its stderr, then its status and output. */
static void script_runs(struct strbuf *out, const struct observer *obs, value environment)
{
    bool any = false;
    for (size_t i = obs->answered; i < obs->questions.len; i++) {
        const struct question *q = obs->questions.items[i];
        if (q->kind != ASK_RUN) {
            continue;
        }
        if (!any) {
            strbuf_add(out, S("s r \"$(\n"));
            ask_environment(out, environment);
            strbuf_add(out, S("{\n"));
        }
        any = true;
        strbuf_add_char(out, 'o'); /* r is an alias in mksh */
        for (size_t w = 0; w < q->argc; w++) {
            strbuf_add_char(out, ' ');
            if (w < q->argc - q->patterns) {
                shell_quote_to(out, q->argv[w]);
            } else {
                quote_pattern(out, q->argv[w]);
            }
        }
        strbuf_add_char(out, '\n');
    }
    if (any) {
        strbuf_add(out, S("} 2>&1)\"\n"));
    }
}

static void script_single(struct strbuf *out, const struct question *q, size_t i)
{
    switch (q->kind) {
    case ASK_TREE:
        strbuf_addf(out, "p=");
        shell_quote_to(out, q->arg);
        strbuf_addf(out, "; e e%zu. \"$p\"\n", i);
        if (q->with_digest) {
            strbuf_addf(out,
                        "[ \"$c\" ] && g sha1 && s h%zu \"$(cd \"$p\" && "
                        "find . -type f -exec $G {} + 2>/dev/null)\"\n",
                        i);
        }
        return;
    case ASK_GLOB:
        strbuf_add(out, S("set -- "));
        quote_pattern(out, q->arg);
        strbuf_addf(out,
                    "\ns c%zu \"$(for p; do if [ -e \"$p\" ] || [ -L \"$p\" ]; then "
                    "printf '%%s:%%s' ${#p} \"$p\"; fi; done)\"\n",
                    i);
        return;
    case ASK_LOGIN:
        strbuf_add(out, S("I=${I:-$(id -u)}; s i $I; a passwd $I; s j \"$i\"\n"));
        return;
    case ASK_ENVIRONMENT:
        strbuf_add(out, S("s v \"$K$($B </proc/$$/environ)\"\n"));
        return;
    case ASK_PROGRAM:
        strbuf_add(out, S("w "));
        shell_quote_to(out, q->arg);
        strbuf_addf(out, "; s w%zu \"$W\"\n", i);
        return;
    case ASK_ACCESS:
        strbuf_add(out, S("v "));
        shell_quote_to(out, q->arg);
        strbuf_addf(out, "; s v%zu \"$i\"\n", i);
        return;
    case ASK_UMASK:
        strbuf_add(out, S("M=${M:-$(umask)}; s m $M\n"));
        return;
    case ASK_STAT:
    case ASK_STAT_FOLLOW:
    case ASK_TEXT:
    case ASK_DIGEST:
    case ASK_RUN:
    case ASK_USER:
    case ASK_GROUP:
        return; /* asked together with others of their kind */
    }
}

void ask_script(struct strbuf *out, struct arena *arena, const struct observer *obs,
                value environment)
{
    struct path_wants wants = wanted_paths(arena, obs);
    if (wants.items.len > 0) {
        script_paths(out, &wants);
        script_digests(out, &wants);
    }
    script_database(out, obs, ASK_USER, "passwd");
    script_database(out, obs, ASK_GROUP, "group");
    script_runs(out, obs, environment);
    for (size_t i = obs->answered; i < obs->questions.len; i++) {
        script_single(out, obs->questions.items[i], i);
    }
}

/* ---- the answers ---- */

struct path_answers {
    struct path_wants wants;
    str flags;
    struct file_stat *target, *itself;     /* zero: absent */
    str problem;                           /* why stat told nothing of what is there, or STR_NONE */
    str *files;                            /* sections "t" */
    str *digests[ARRAY_LEN(digest_names)]; /* of files whose section says "c" */
    bool no_program[ARRAY_LEN(digest_names)];
};

/* What stat was asked in one go: paths, and which wants they belong to. */
struct stat_call {
    str *paths;
    size_t *wants;
    size_t count;
};

static struct stat_call stat_call(struct arena *arena, const struct path_answers *answers,
                                  bool follow)
{
    size_t most = answers->wants.items.len;
    struct stat_call call = { NEW_ARRAY(arena, str, most), NEW_ARRAY(arena, size_t, most), 0 };
    for (size_t i = 0; i < most; i++) {
        const struct path_want *want = &answers->wants.items.items[i];
        char flag = answers->flags.ptr[i];
        bool asked = follow ? flag == 'e' || (flag == 'l' && want->target)
                            : (flag == 'l' || flag == 'd') && want->itself;
        if (asked) {
            call.paths[call.count] = want->path;
            call.wants[call.count++] = i;
        }
    }
    return call;
}

/* A path that went away between the test and stat is absent; without a word about it, or with
 * another one, stat failed. */
static str complaint(struct arena *arena, str printed, str token)
{
    if (str_find(printed, S("No such file or directory"), 0) != STR_NPOS) {
        return STR_NONE;
    }
    size_t first = str_find(printed, token, 0);
    str line = str_trim(first == STR_NPOS ? printed : str_part(printed, 0, first));
    return line.len > 0 ? str_copy(arena, str_cut(&line, '\n')) : S("stat did not tell its status");
}

static bool read_stats(struct arena *arena, const struct reply *reply, str section, bool follow,
                       struct path_answers *answers)
{
    struct stat_call call = stat_call(arena, answers, follow);
    struct file_stat *stats = NEW_ARRAY(arena, struct file_stat, call.count);
    bool *found = NEW_ARRAY(arena, bool, call.count);
    str printed = reply_get(reply, section);
    if (!reply_stats(arena, printed, reply->token, call.paths, call.count, stats, found)) {
        return false;
    }
    for (size_t i = 0; i < call.count; i++) {
        size_t want = call.wants[i];
        if (!found[i] && str_is_none(answers->problem)) {
            answers->problem = complaint(arena, printed, reply->token);
        }
        if (follow) {
            answers->target[want] = stats[i];
        }
        if (!follow || answers->flags.ptr[want] == 'e') {
            answers->itself[want] = stats[i];
        }
    }
    return true;
}

/* The bytes of a file as section "t" has them. False: the reply is not what was asked for. */
static bool read_file(struct arena *arena, str section, struct question *q, str *ret_bytes)
{
    *ret_bytes = STR_NONE;
    if (str_starts(section, S("!"))) {
        q->problem = str_copy(arena, str_part(section, 1, section.len));
        return true;
    }
    return str_eq(section, S("n")) || str_eq(section, S("o")) ||
           reply_bytes(arena, section, ret_bytes);
}

static bool answer_text(struct arena *arena, str section, struct question *q)
{
    str bytes;
    q->answer.content = (value){ .kind = VALUE_UNDEFINED };
    if (!read_file(arena, section, q, &bytes)) {
        return false;
    }
    if (str_eq(section, S("o"))) {
        q->problem = S("not a regular file");
    } else if (!str_is_none(bytes) && bytes.len > OBSERVE_TEXT_MAX) {
        q->problem = S("larger than 16 MiB");
    } else if (!str_is_none(bytes)) {
        q->answer.content = value_str(arena, bytes);
    }
    return true;
}

/* "c" in the sections of files for which a program was asked. */
static bool has_checksum(str section)
{
    return str_eq(section, S("c"));
}

/* What checksum programs printed, for each file that they were asked about. */
static void read_digests(struct arena *arena, const struct reply *reply, struct path_answers *ret)
{
    for (size_t d = 0; d < ARRAY_LEN(digest_names); d++) {
        str *paths = NEW_ARRAY(arena, str, ret->wants.files);
        str *hex = NEW_ARRAY(arena, str, ret->wants.files);
        size_t count = 0;
        ret->digests[d] = NEW_ARRAY(arena, str, ret->wants.files);
        for (size_t i = 0; i < ret->wants.files; i++) {
            const struct path_want *want = &ret->wants.items.items[i];
            if (wants_digest(want, d) && has_checksum(ret->files[i])) {
                paths[count++] = want->path;
            }
        }
        str printed = reply_get(reply, str_format(arena, "g%zu", d));
        ret->no_program[d] = str_is_none(printed);
        reply_digests(arena, printed, paths, count, hex);
        for (size_t i = 0, at = 0; i < ret->wants.files; i++) {
            if (wants_digest(&ret->wants.items.items[i], d) && has_checksum(ret->files[i])) {
                ret->digests[d][i] = hex[at++];
            }
        }
    }
}

static bool read_paths(struct arena *arena, const struct reply *reply, const struct observer *obs,
                       struct path_answers *ret)
{
    *ret = (struct path_answers){ .wants = wanted_paths(arena, obs), .problem = STR_NONE };
    size_t count = ret->wants.items.len;
    ret->flags = reply_get(reply, S("f"));
    if (count == 0) {
        return true;
    }
    ret->target = NEW_ARRAY(arena, struct file_stat, count);
    ret->itself = NEW_ARRAY(arena, struct file_stat, count);
    ret->files = NEW_ARRAY(arena, str, ret->wants.files);
    for (size_t i = 0; i < ret->wants.files; i++) {
        ret->files[i] = reply_get(reply, str_format(arena, "t%zu", i));
    }
    read_digests(arena, reply, ret);
    return ret->flags.len == count && read_stats(arena, reply, S("a"), true, ret) &&
           read_stats(arena, reply, S("b"), false, ret);
}

static bool answer_digest(struct arena *arena, const struct path_answers *paths, size_t index,
                          struct question *q)
{
    str bytes;
    q->answer.text = STR_NONE;
    if (has_checksum(paths->files[index])) {
        q->answer.text = paths->digests[q->digest][index];
        if (paths->no_program[q->digest]) {
            q->problem = S("the host has no sha1sum (md5sum ...), shasum or openssl");
        } else if (str_is_none(q->answer.text)) {
            q->problem = S("its checksum was not told");
        }
        return true;
    }
    if (!read_file(arena, paths->files[index], q, &bytes)) {
        return false;
    }
    if (!str_is_none(bytes)) {
        q->answer.text = digest_of_bytes(arena, q->digest, bytes);
    }
    return true;
}

static bool answer_path(struct arena *arena, const struct path_answers *paths, struct question *q)
{
    size_t index;
    bool wanted = name_table_find(&paths->wants.places, q->arg, &index);
    BUG_ON(!wanted);
    if (q->kind == ASK_TEXT) {
        return answer_text(arena, paths->files[index], q);
    }
    if (q->kind == ASK_DIGEST) {
        return answer_digest(arena, paths, index, q);
    }
    q->answer.stat = q->kind == ASK_STAT ? paths->itself[index] : paths->target[index];
    char flag = paths->flags.ptr[index];
    bool there = flag == 'e' || flag == 'l' || (flag == 'd' && q->kind == ASK_STAT);
    if (flag == '!') {
        q->problem = S("Permission denied");
    } else if (there && q->answer.stat.type == FILE_ABSENT) {
        q->problem = paths->problem;
    }
    return true;
}

static bool answer_tree(struct arena *arena, const struct reply *reply, size_t i,
                        struct question *q)
{
    str stats = reply_get(reply, str_format(arena, "e%zu.", i));
    if (str_eq(stats, S("n"))) {
        q->answer.tree = (struct file_tree){ .exists = false };
        return true;
    }
    if (str_starts(stats, S("!"))) {
        q->problem = str_copy(arena, str_part(stats, 1, stats.len));
        return true;
    }
    str digests = reply_get(reply, str_format(arena, "h%zu", i));
    if (q->with_digest && str_is_none(digests)) {
        q->problem = S("the host has no sha1sum, shasum or openssl");
        return true;
    }
    if (stats.len > TREE_BYTES_MAX) {
        q->problem = str_format(arena, "more than %d entries", OBSERVE_TREE_MAX);
        return true;
    }
    return reply_tree(arena, str_part(stats, 1, stats.len), digests, reply->token, &q->answer.tree);
}

static bool answer_environment(struct arena *arena, const struct reply *reply, struct question *q)
{
    str bytes;
    if (!reply_bytes(arena, reply_get(reply, S("v")), &bytes)) {
        return false;
    }
    struct map_builder map = map_in(arena);
    while (bytes.len > 0) {
        str rest = str_cut(&bytes, '\0');
        str name = str_cut(&rest, '=');
        if (!str_is_none(rest)) {
            map_set_str(&map, name, value_str(arena, str_copy(arena, rest)));
        }
    }
    q->answer.map = map_seal(&map);
    return true;
}

static bool answer_single(struct arena *arena, const struct reply *reply,
                          const struct path_answers *paths, size_t i, struct question *q, str *runs)
{
    switch (q->kind) {
    case ASK_STAT:
    case ASK_STAT_FOLLOW:
    case ASK_TEXT:
    case ASK_DIGEST:
        return answer_path(arena, paths, q);
    case ASK_TREE:
        return answer_tree(arena, reply, i, q);
    case ASK_GLOB:
        return reply_paths(arena, reply_get(reply, str_format(arena, "c%zu", i)), &q->answer.paths);
    case ASK_RUN:
        return reply_run(arena, runs, reply->token, &q->answer.run);
    case ASK_USER:
        reply_user(arena, reply_get(reply, S("passwd")), q->arg, &q->answer.user);
        return true;
    case ASK_GROUP:
        reply_group(arena, reply_get(reply, S("group")), q->arg, &q->answer.user);
        return true;
    case ASK_LOGIN: {
        str uid = reply_get(reply, S("i"));
        reply_user(arena, reply_get(reply, S("j")), uid, &q->answer.user);
        uint64_t number;
        if (!q->answer.user.exists && uid.len <= 10 && str_to_base(uid, 10, &number)) {
            q->answer.user.uid = (unsigned)number;
        }
        return uid.len > 0;
    }
    case ASK_ENVIRONMENT:
        return answer_environment(arena, reply, q);
    case ASK_PROGRAM: {
        str path = reply_get(reply, str_format(arena, "w%zu", i));
        q->answer.text = path.len > 0 ? str_copy(arena, path) : STR_NONE;
        return true;
    }
    case ASK_ACCESS: {
        str rights = reply_get(reply, str_format(arena, "v%zu", i));
        q->answer.access = (struct file_access){
            .read = str_find_char(rights, 'r', 0) != STR_NPOS,
            .write = str_find_char(rights, 'w', 0) != STR_NPOS,
            .execute = str_find_char(rights, 'x', 0) != STR_NPOS,
        };
        return !str_is_none(rights);
    }
    case ASK_UMASK: {
        uint64_t mask;
        str octal = reply_get(reply, S("m"));
        if (octal.len == 0 || octal.len > 6 || !str_to_base(octal, 8, &mask)) {
            return false;
        }
        q->answer.umask = (unsigned)mask & 0777;
        return true;
    }
    }
    BUG("question of kind %d", q->kind);
}

bool ask_answers(struct arena *arena, const struct reply *reply, struct observer *obs)
{
    struct path_answers paths;
    if (!read_paths(arena, reply, obs, &paths)) {
        return false;
    }
    str runs = reply_get(reply, S("r"));
    for (size_t i = obs->answered; i < obs->questions.len; i++) {
        struct question *q = obs->questions.items[i];
        if (!answer_single(arena, reply, &paths, i, q, &runs)) {
            return false;
        }
    }
    return true;
}

/* ---- the status of paths after a change ---- */

void ask_stats(struct strbuf *out, const str *paths, size_t count)
{
    if (count == 0) {
        return;
    }
    strbuf_add(out, S("set --\n"));
    for (size_t i = 0; i < count; i++) {
        strbuf_add(out, S("p="));
        shell_quote_to(out, paths[i]);
        strbuf_add(out, S("; if [ -e \"$p\" ] || [ -L \"$p\" ]; then set -- \"$@\" \"$p\"; fi\n"));
    }
    strbuf_add(out, S("[ $# -gt 0 ] && s after \"$(stat $C \"$A\" \"$@\" 2>&1)\"\n"));
}

bool ask_stats_answer(struct arena *arena, const struct reply *reply, const str *paths,
                      size_t count, struct file_stat *ret)
{
    bool *found = NEW_ARRAY(arena, bool, count);
    return reply_stats(arena, reply_get(reply, S("after")), reply->token, paths, count, ret, found);
}
