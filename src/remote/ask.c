/*
 * ask.c - questions as lines of sh; answer.c reads the answers.
 *
 * Every fork on the host costs as much as the rest of a converged task, so what the shell can tell
 * by itself (is it there, is it a link, may we read it, what does a small file hold) is asked of
 * the shell, and the programs that are needed are started once for all questions of a batch, as
 * the only command of a $(...), which shells run without a second fork.
 */
#include "remote/ask.h"
#include "transport/transport.h"

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
 *   stat  where there is none: the same by what ls and date tell. All times are that of the last
 *      change, 0 where date cannot tell and for links; the device is 0
 *   below  stat of all that is in a directory here; where there is no stat, the shell goes around
 *   X  bytes: t tells of a larger file only that it is larger; empty: it does not
 *   n  the name of an id, in r: ls cuts long ones
 *   reader  find what reads so many bytes, see ask.h
 *   w  find a program in PATH           a  lines of a database: its name, keys; sets i
 *
 * read takes a byte at a time in most shells: 1024 bytes cost about as much as starting a program.
 */
static const char prelude[] = READER
    "L=$PWD; [ -x \"$L\" ] || L=$HOME; [ -x \"$L\" ] || L=/\n"
    "cd /\n"
    "N='\n' l= X=\n"
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
    "elif [ \"$X\" ] && [ \"$z\" -gt \"$X\" ]; then s $1 b\n"
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
    "c=$(cd \"$2\" && below . 2>/dev/null | ${READER}67108864 2>/dev/null)\n"
    "s $1 \"=$c\"; else s $1 \"!$e\"; fi\n"
    "elif d \"$2\"; then s $1 n; else s $1 '!Permission denied'; fi; }\n"
    "o() { i=$(\"$@\" </dev/null); e=$?\n"
    "printf '%s %s %s\\n%s;' \"$T\" $e ${#i} \"$i\"; }\n"
    "w() { i=$IFS; IFS=:; W=; for d in $PATH; do if [ -f \"$d/$1\" ] && [ -x \"$d/$1\" ]; then\n"
    "W=$d/$1; break; fi; done; IFS=$i; [ \"$W\" ]; }\n"
    "a() { if h getent; then i=$(getent \"$@\" 2>/dev/null); else i=$(cat /etc/$1 2>/dev/null); "
    "fi; }\n"
    "below() { find $1 -exec stat $C \"$A\" {} +; }\n"
    "A=\"$T %s:%f:%u:%g:%Y:%X:%Z:%i:%d:%h:%U:%G:%N;\" C=-c\n"
    "if stat -c %s / >/dev/null 2>&1; then :; elif h stat; then\n"
    "C=-f A=\"$T %z:%Xp:%u:%g:%m:%a:%c:%i:%d:%l:%Su:%Sg:%N%SY;\"\n"
    "else below() { set +f; for p in \"$1\"/* \"$1\"/.[!.]* \"$1\"/..?*; do\n"
    "if [ -e \"$p\" ] || [ -L \"$p\" ]; then stat $C \"$A\" \"$p\"\n"
    "if [ ! -L \"$p\" ] && [ -d \"$p\" ]; then below \"$p\"; fi; fi; done; }\n"
    "n() { while IFS=: read -r r j q j; do [ \"$q\" != $2 ] || return; done </etc/$1; "
    "r=$2; }\n"
    "stat() { [ \"$1\" = -L ] && { l=L; shift; }; shift 2; set -f; for p; do\n"
    "i=$(ls -ldin$l \"$p\") || continue\n"
    "k=$(date -r \"$p\" +%s 2>/dev/null) || k=0\n"
    "set -- $i; z=$6 g=; case $2 in [bc]*) z=0;; l*) k=0 g=\" -> ${i#*\"$p -> \"}\";; esac\n"
    "n passwd $4; u=$r; n group $5\n"
    "case $2 in -*) t=8;; d*) t=4;; l*) t=a;; c*) t=2;; b*) t=6;; p*) t=1;; *) t=c;; esac\n"
    "m=${2#?} e=0 d=0\n"
    "for i in 4 2 1; do c=0; case $m in r*) c=4;; esac; case $m in ?w*) c=$((c+2));; esac\n"
    "case $m in ??[xst]*) c=$((c+1));; esac; case $m in ??[sStT]*) e=$((e+i));; esac\n"
    "d=$((d*8+c)) m=${m#???}; done\n"
    "printf \"$T %s:$t%03x:%s:%s:$k:$k:$k:%s:0:%s:%s:%s:%s;\\n\" $z $((e*512+d)) $4 $5 $1 $3 \\\n"
    "\"$u\" \"$r\" \"$p$g\"\n"
    "done; }; fi\n"
    "K='='; if h base64; then B=base64; elif h od; then B='od -An -v -tx1' K=x\n"
    "elif h openssl; then B='openssl base64'; else B='uuencode -m x' K=u; fi\n";

void ask_prelude(struct strbuf *script)
{
    strbuf_add(script, str_of(prelude));
}

/* ---- the questions ---- */

static const char *const digest_names[DIGESTS] = { "sha1",   "md5",    "sha224",
                                                   "sha256", "sha384", "sha512" };

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

/* Of a file that is read ahead: a text takes memory until it is asked for. */
#define AHEAD_TEXT   "16384"
#define AHEAD_DIGEST "65536"

/* Section "t<path>": the bytes: '.' as they are, or encoded; n: no such file; o: no regular file;
 * c: see the checksums; b: too large to be read ahead; ! and why they cannot be read. */
static void script_bytes(struct strbuf *out, const struct path_wants *wants, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < wants->files; i++) {
        const struct path_want *want = &wants->items.items[i];
        strbuf_add(out, want->urgent ? STR_EMPTY
                        : want->text ? S("X=" AHEAD_TEXT "; ")
                                     : S("X=" AHEAD_DIGEST "; "));
        strbuf_addf(out,
                    want->text    ? "t t%zu \"$p%zu\" t\n"
                    : wants->many ? "q%zu=; $look t%zu \"$p%zu\" && q%zu=1\n"
                                  : "q%zu=; t t%zu \"$p%zu\" && q%zu=1\n",
                    i, i, i, i);
        strbuf_add(out, want->urgent ? STR_EMPTY : S("X=\n"));
    }
}

/* Whether the checksum of any of the files was asked for. */
static bool any_digest(const struct path_wants *wants, size_t digest)
{
    size_t i = 0;
    while (i < wants->files && !want_has_digest(&wants->items.items[i], digest)) {
        i++;
    }
    return i < wants->files;
}

/* Sets `look`, the function for one of many files: where the host lacks a program the small ones
 * are read. */
static void script_many(struct strbuf *out, const struct path_wants *wants)
{
    strbuf_add(out, S("look=t; "));
    for (size_t d = 0; d < DIGESTS; d++) {
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
        if (want_has_digest(&wants->items.items[i], digest)) {
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
    for (size_t d = 0; d < DIGESTS; d++) {
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

void ask_script(struct strbuf *out, const struct path_wants *wants, const struct observer *obs,
                value environment)
{
    if (wants->items.len > 0) {
        script_paths(out, wants);
        script_digests(out, wants);
    }
    script_database(out, obs, ASK_USER, "passwd");
    script_database(out, obs, ASK_GROUP, "group");
    script_runs(out, obs, environment);
    for (size_t i = obs->answered; i < obs->questions.len; i++) {
        script_single(out, obs->questions.items[i], i);
    }
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
