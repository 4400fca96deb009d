/*
 * The dialogue of becoming another user, with a stand-in for sudo: a script that gets sudo's
 * arguments ($prompt, and the command in "$@") and does what the case says. Real ones: tests/e2e.
 */
#include "check.h"

static const char prologue[] = "#!/bin/sh\n"
                               "n=no\n"
                               "while :; do case $1 in\n"
                               "-p) prompt=$2; shift 2;;\n"
                               "-u) user=$2; shift 2;;\n"
                               "-n) n=yes; shift;;\n"
                               "-*) shift;;\n"
                               "*) break;;\n"
                               "esac; done\n";

#define SLOW_HINT                                                                                  \
    S_INIT("it may wait for a name service (users, groups, this host's own name), or ask for "     \
           "something in words that are not known; --timeout gives it more time")

/* What the stand-in does, the password we have, and what comes of it: "" when the shell opens. */
static const struct {
    const char *what;
    const char *script;
    const char *password;
    enum wire_status status;
    str message; /* its beginning */
    str hint;
} rows[] = {
    { "no password wanted", "exec \"$@\"", NULL, WIRE_OK, S_INIT(""), { NULL, 0 } },
    { "a lecture first",
      "echo; echo Trust us; echo Lecture >&2; exec \"$@\"",
      NULL,
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
    { "password asked and right",
      "printf %s \"$prompt\" >&2; read -r p; test \"$p\" = 's e\\cret' && exec \"$@\"; exit 1",
      "s e\\cret",
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
    { "password given but not wanted", "exec \"$@\"", "unused", WIRE_OK, S_INIT(""), { NULL, 0 } },
    { "wrong password",
      "printf %s \"$prompt\" >&2; read p; echo 'Sorry, try again.' >&2; printf %s \"$prompt\" >&2; "
      "read p; exit 1",
      "wrong",
      WIRE_REFUSED,
      S_INIT("sudo to '#UID' refused the password: it is wrong"),
      { NULL, 0 } },
    { "password wanted, none given", "echo sudo: a password is required >&2; exit 1", NULL,
      WIRE_REFUSED, S_INIT("sudo to '#UID' needs a password: "), S_INIT("-K asks for it") },
    { "prompt, none given", "printf %s \"$prompt\" >&2; read p; exit 1", NULL, WIRE_REFUSED,
      S_INIT("sudo to '#UID' needs a password"), S_INIT("-K asks for it") },
    { "not allowed",
      "echo me is not in the sudoers file. >&2; exit 1",
      NULL,
      WIRE_REFUSED,
      S_INIT("sudo to '#UID' is not allowed: me is not in the sudoers file."),
      { NULL, 0 } },
    { "something else",
      "echo gremlins >&2; exit 5",
      NULL,
      WIRE_REFUSED,
      S_INIT("sudo to '#UID' ended with status 5: gremlins"),
      { NULL, 0 } },
    { "says nothing", "echo wait >&2; exec sleep 60", NULL, WIRE_TIMEOUT,
      S_INIT("sudo to '#UID' did not answer within 0.5 s; it said: wait"), SLOW_HINT },
    { "is killed",
      "kill -9 $$",
      NULL,
      WIRE_REFUSED,
      S_INIT("sudo to '#UID' was ended by a signal (KILL)"),
      { NULL, 0 } },
    { "prints without end",
      "exec yes",
      NULL,
      WIRE_BROKEN,
      S_INIT("sudo to '#UID' prints without end"),
      { NULL, 0 } },
    { "echoes the command",
      "echo \"$@\"; echo \"$@\" >&2; exit 1",
      NULL,
      WIRE_REFUSED,
      S_INIT("sudo to '#UID' ended with status 1: "),
      { NULL, 0 } },
    { "-n only without a password",
      "test $n = no && exec \"$@\"; exit 9",
      "x",
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
    { "-n without a password",
      "test $n = yes && exec \"$@\"; exit 9",
      NULL,
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
    { "a terminal is wanted",
      "test -t 0 && exec \"$@\"; echo sudo: sorry, you must have a tty to run sudo >&2; exit 1",
      NULL,
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
};

static str ask_shell(struct bench *bench, struct channel *channel, str command)
{
    struct strbuf out = strbuf_in(bench->arena), err = strbuf_in(bench->arena);
    bool eof = false;
    cr_assert_eq(channel_write(channel, command, deadline_in(5)), WIRE_OK);
    while (str_find(strbuf_str(&out), S("\n"), 0) == STR_NPOS && !eof) {
        cr_assert_eq(channel_read(channel, &out, &err, 1000, deadline_in(5), &eof), WIRE_OK);
    }
    cr_assert_eq(err.len, 0);
    return strbuf_str(&out);
}

Test(become, cases)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        bench_connect(&bench, rows[i].status == WIRE_TIMEOUT ? 0.5 : 20, -1);
        str uid = str_format(bench.arena, "#%u", getuid());
        str script = str_format(bench.arena, "%s%s\n", prologue, rows[i].script);
        struct become become = { .method = BECOME_SUDO,
                                 .user = uid,
                                 .password = str_of(rows[i].password),
                                 .exe = bench_file(&bench, "sudo", script.ptr) };
        struct channel *channel = NULL;
        struct wire_error error = { 0 };
        str what = str_of(rows[i].what);
        enum wire_status status =
            shell_open(bench.connection, bench.arena, &become, false, &channel, &error);
        cr_assert_eq(status, rows[i].status, "%s: %d %.*s", rows[i].what, (int)status,
                     SARG(error.message));
        if (status == WIRE_OK) {
            EQ_STR(ask_shell(&bench, channel, S("echo hello\n")), S("hello\n"), what);
            channel_close(channel);
            continue;
        }
        str wanted = str_replace(bench.arena, rows[i].message, S("#UID"), uid);
        cr_assert(str_starts(error.message, wanted), "%s: %.*s", rows[i].what, SARG(error.message));
        EQ_STR(error.hint, rows[i].hint, what);
        cr_assert(error.become);
    }
}

/*
 * Programs that ask in words of their own: $script is what to run, as the login shell would, and
 * "asked" stands for the question and reading the answer into $p.
 */
static const char su_prologue[] = "#!/bin/sh\n"
                                  "user=$1 script=$3\n"
                                  "open() { exec /bin/sh -c \"$script\"; }\n"
                                  "asked() { printf '%s' \"$1\" >&2; read -r p; }\n";
static const char doas_prologue[] =
    "#!/bin/sh\n"
    "n=no; if [ \"$1\" = -n ]; then n=yes; shift; fi\n"
    "user=$2 script=$5\n"
    "open() { exec /bin/sh -c \"$script\"; }\n"
    "asked() { printf '%s' \"$1\" >/dev/tty; read -r p </dev/tty; }\n";

static const struct {
    const char *what;
    enum become_method method;
    const char *script;
    const char *password;
    enum wire_status status;
    str message; /* its beginning; "" when the shell opens */
    str hint;
} word_rows[] = {
    { "su asks nothing", BECOME_SU, "open", NULL, WIRE_OK, S_INIT(""), { NULL, 0 } },
    { "su's password",
      BECOME_SU,
      "asked 'Password: '; [ \"$p\" = 's e\\cret' ] && open; exit 1",
      "s e\\cret",
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
    { "in German",
      BECOME_SU,
      "asked 'Passwort: '; [ \"$p\" = x ] && open; exit 1",
      "x",
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
    { "a lecture, then whose password",
      BECOME_SU,
      "echo 'Password rules: none'; asked \"root's Password:\"; [ \"$p\" = x ] && open; exit 1",
      "x",
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
    { "in pieces",
      BECOME_SU,
      "printf Pass >&2; sleep 0.1; printf 'word' >&2; sleep 0.1; asked ':'; [ \"$p\" = x ] && "
      "open; "
      "exit 1",
      "x",
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
    { "a wrong one",
      BECOME_SU,
      "asked 'Password: '; echo 'su: Authentication failure' >&2; exit 1",
      "x",
      WIRE_REFUSED,
      S_INIT("su to '#UID' refused the password: it is wrong: su: Authentication failure"),
      { NULL, 0 } },
    { "a wrong one, in a language not known here", BECOME_SU,
      "asked 'Password: '; echo 'su: Otentikigo malsukcesis' >&2; exit 1", "x", WIRE_REFUSED,
      S_INIT("su to '#UID' ended with status 1: su: Otentikigo malsukcesis"),
      S_INIT("the password may be wrong") },
    { "asked again",
      BECOME_SU,
      "asked Password:; asked Password:; exit 1",
      "x",
      WIRE_REFUSED,
      S_INIT("su to '#UID' refused the password: it is wrong"),
      { NULL, 0 } },
    { "no password given", BECOME_SU, "asked 'Password: '; exit 1", NULL, WIRE_REFUSED,
      S_INIT("su to '#UID' needs a password"), S_INIT("-K asks for it") },
    { "another question", BECOME_SU, "asked 'Verification code: '; exit 1", "x", WIRE_TIMEOUT,
      S_INIT("su to '#UID' did not answer within 0.7 s; it said: Verification code:"), SLOW_HINT },
    { "a word that is no prompt", BECOME_SU, "asked 'Wrong password: '; exit 1", "x", WIRE_TIMEOUT,
      S_INIT("su to '#UID' did not answer within"), SLOW_HINT },
    { "an expired password", BECOME_SU,
      "echo 'You are required to change your password immediately (password expired).' >&2; "
      "asked 'New password: '; exit 1",
      "x", WIRE_REFUSED, S_INIT("su to '#UID' refused: a password has expired: You are required"),
      S_INIT("log in by hand and change it, or see chage(1)") },
    { "a user without a shell", BECOME_SU, "echo This account is currently not available.; exit 1",
      NULL, WIRE_REFUSED,
      S_INIT("su to '#UID' gives no shell: This account is currently not available."),
      S_INIT("its login shell is the cause; su takes another one by become_flags: '-s /bin/sh', "
             "sudo and doas need none") },
    { "su wants a terminal",
      BECOME_SU,
      "[ -t 0 ] || { echo su: must be run from a terminal >&2; exit 1; }\n"
      "asked 'Password: '; [ \"$p\" = x ] && open; exit 1",
      "x",
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
    { "doas asks nothing",
      BECOME_DOAS,
      "[ $n = yes ] && open; exit 1",
      NULL,
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
    { "doas needs a terminal, and a password",
      BECOME_DOAS,
      "[ $n = no ] || exit 9\n[ -t 0 ] || { echo doas: a tty is required >&2; exit 1; }\n"
      "asked 'doas (me@here) password: '; [ \"$p\" = x ] && open; exit 1",
      "x",
      WIRE_OK,
      S_INIT(""),
      { NULL, 0 } },
    { "doas needs a password", BECOME_DOAS, "echo doas: Authentication required >&2; exit 1", NULL,
      WIRE_REFUSED, S_INIT("doas to '#UID' needs a password: doas: Authentication required"),
      S_INIT("-K asks for it") },
    { "doas refuses it",
      BECOME_DOAS,
      "[ -t 0 ] || { echo doas: a tty is required >&2; exit 1; }\n"
      "asked 'doas (me@here) password: '; echo doas: Authentication failed; exit 1",
      "x",
      WIRE_REFUSED,
      S_INIT("doas to '#UID' refused the password: it is wrong"),
      { NULL, 0 } },
    { "doas has no rule",
      BECOME_DOAS,
      "echo doas: Operation not permitted >&2; exit 1",
      "x",
      WIRE_REFUSED,
      S_INIT("doas to '#UID' is not allowed: "),
      { NULL, 0 } },
};

Test(become, in_words)
{
    for (size_t i = 0; i < ARRAY_LEN(word_rows); i++) {
        BENCH(bench);
        bench_connect(&bench, word_rows[i].status == WIRE_TIMEOUT ? 0.7 : 20, -1);
        bool su = word_rows[i].method == BECOME_SU;
        str uid = str_format(bench.arena, "#%u", getuid());
        str script = str_format(bench.arena, "%s%s\n", su ? su_prologue : doas_prologue,
                                word_rows[i].script);
        struct become become = { .method = word_rows[i].method,
                                 .user = uid,
                                 .password = str_of(word_rows[i].password),
                                 .exe = bench_file(&bench, "program", script.ptr) };
        struct channel *channel = NULL;
        struct wire_error error = { 0 };
        str what = str_of(word_rows[i].what);
        enum wire_status status =
            shell_open(bench.connection, bench.arena, &become, false, &channel, &error);
        cr_assert_eq(status, word_rows[i].status, "%s: %d %.*s", word_rows[i].what, (int)status,
                     SARG(error.message));
        if (status == WIRE_OK) {
            EQ_STR(ask_shell(&bench, channel, S("echo hello\n")), S("hello\n"), what);
            channel_close(channel);
            continue;
        }
        str wanted = str_replace(bench.arena, word_rows[i].message, S("#UID"), uid);
        cr_assert(str_starts(error.message, wanted), "%s: %.*s", word_rows[i].what,
                  SARG(error.message));
        EQ_STR(error.hint, word_rows[i].hint, what);
    }
}

Test(become, words_of_ours)
{
    BENCH(bench);
    bench_connect(&bench, 20, -1);
    str script = str_format(bench.arena, "%sasked 'Geheimnis: '; [ \"$p\" = x ] && open; exit 1\n",
                            su_prologue);
    struct become become = { .method = BECOME_SU,
                             .user = str_format(bench.arena, "#%u", getuid()),
                             .password = S("x"),
                             .exe = bench_file(&bench, "su", script.ptr),
                             .prompts = S("Kennwort\nGeheimnis") };
    struct channel *channel;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, &become, false, &channel, &error),
                 WIRE_OK);
    channel_close(channel);
}

Test(become, names)
{
    static const struct {
        const char *name, *method; /* NULL: unknown; "": refused */
    } known[] = {
        { "sudo", "sudo" },
        { "ansible.builtin.su", "su" },
        { "community.general.doas", "doas" },
        { "community.general.sudosu", "sudosu" },
        { "dzdo", "dzdo" },
        { "ansible.builtin.runas", "" },
        { "community.general.pbrun", "" },
        { "nosuch.collection.sudo", NULL },
        { "sudo ", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        const struct become_name *found = become_name(str_of(known[i].name));
        cr_assert((found != NULL) == (known[i].method != NULL), "%s", known[i].name);
        cr_assert(found == NULL || (found->refused != NULL) == (known[i].method[0] == '\0'), "%s",
                  known[i].name);
        if (found != NULL && found->refused == NULL) {
            EQ_STR(become_method_name(found->method), str_of(known[i].method),
                   str_of(known[i].name));
        }
    }
}

Test(become, flags)
{
    static const struct {
        enum become_method method;
        const char *flags, *password, *args; /* what the program gets, up to the user */
    } calls[] = {
        { BECOME_SUDO, NULL, NULL, "-H -S -n -p P -u" },
        { BECOME_SUDO, NULL, "x", "-H -S -p P -u" },
        { BECOME_SUDO, "-Hn", "x", "-H -S -p P -u" },
        { BECOME_SUDO, "--non-interactive -i", "x", "-i -S -p P -u" },
        { BECOME_SUDO, "-g nan", "x", "-g nan -S -p P -u" },
        { BECOME_SUDO, "", NULL, "-p P -u" },
        { BECOME_DZDO, NULL, NULL, "-H -S -n -p P -u" },
        { BECOME_DOAS, NULL, NULL, "-n -u" },
        { BECOME_DOAS, "-n", NULL, "-n -u" },
        { BECOME_DOAS, "-n -C '/a b'", "x", "-C /a b -u" },
        { BECOME_SU, "-s '/bin/sh'", "x", "-s /bin/sh" },
        { BECOME_SUDOSU, NULL, NULL, "-H -S -n -p P su -l" },
    };
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        BENCH(bench);
        bench_connect(&bench, 5, -1);
        str script = S("#!/bin/sh\nl=; while [ \"$1\" != somebody ]; do\n"
                       "if [ \"$l\" = -p ]; then a=\"$a P\"; else a=\"$a $1\"; fi\n"
                       "l=$1; shift; done; echo \"<${a# }>\" >&2; exit 3\n");
        struct become become = { .method = calls[i].method,
                                 .user = S("somebody"),
                                 .flags = str_of(calls[i].flags),
                                 .password = str_of(calls[i].password),
                                 .exe = bench_file(&bench, "program", script.ptr) };
        struct channel *channel;
        struct wire_error error;
        cr_assert_eq(shell_open(bench.connection, bench.arena, &become, false, &channel, &error),
                     WIRE_REFUSED);
        str wanted = str_format(bench.arena, "<%s>", calls[i].args);
        cr_assert(str_find(error.message, wanted, 0) != STR_NPOS, "%s: %.*s", calls[i].args,
                  SARG(error.message));
    }
}

/* A program that never shows our prompt gets nothing to read, however long it waits. */
Test(become, eager_password_is_never_sent)
{
    BENCH(bench);
    bench_connect(&bench, 0.5, -1);
    str seen = bench_file(&bench, "seen", "");
    str script =
        str_format(bench.arena, "%secho Password: >&2\nprintf 'Password:'\nexec cat >>%.*s\n",
                   prologue, SARG(seen));
    struct become become = { .method = BECOME_SUDO,
                             .user = S("somebody"),
                             .password = S("confidential"),
                             .exe = bench_file(&bench, "sudo", script.ptr) };
    struct channel *channel;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, &become, false, &channel, &error),
                 WIRE_TIMEOUT);
    struct stat status;
    cr_assert(stat(seen.ptr, &status) == 0);
    cr_assert_eq(status.st_size, 0);
}

/* The password stands in no argument of any process, and comes once. */
Test(become, password_only_on_stdin)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    str seen = bench_file(&bench, "seen", "");
    str script = str_format(bench.arena,
                            "%sprintf %%s \"$prompt\" >&2\nread -r p\n"
                            "all=$(cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | "
                            "tr '\\0' ' ')\n"
                            "case $all in *\"$p\"*) echo seen;; *) echo clean;; esac >%.*s\n"
                            "exec \"$@\"\n",
                            prologue, SARG(seen));
    char secret[] = "confidential?", *p = secret; /* made here, so that our own image lacks it */
    while (*p != '?') {
        p++;
    }
    *p = 'X';
    struct become become = { .method = BECOME_SUDO,
                             .user = str_format(bench.arena, "#%u", getuid()),
                             .password = str_of(secret),
                             .exe = bench_file(&bench, "sudo", script.ptr) };
    struct channel *channel;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, &become, false, &channel, &error),
                 WIRE_OK);
    str text = ask_shell(&bench, channel, str_format(bench.arena, "cat %.*s\n", SARG(seen)));
    EQ_STR(text, S("clean\n"), S("arguments and environments of all processes"));
    channel_close(channel);
}

Test(become, another_user_than_asked_for)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    str script = str_format(bench.arena, "%sexec \"$@\"\n", prologue);
    struct become become = { .method = BECOME_SUDO,
                             .user = S("#54321"),
                             .exe = bench_file(&bench, "sudo", script.ptr) };
    struct channel *channel;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, &become, false, &channel, &error),
                 WIRE_BROKEN);
    EQ_STR(
        error.message,
        str_format(bench.arena, "sudo to '#54321' gave a shell of uid %u, not of 54321", getuid()),
        S("message"));
}

Test(become, no_such_program)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    struct become become = { .method = BECOME_SUDO,
                             .user = S("somebody"),
                             .exe = S("/no/such/sudo") };
    struct channel *channel;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, &become, false, &channel, &error),
                 WIRE_REFUSED);
    EQ_STR(error.message, S("there is no '/no/such/sudo' on this machine"), S("message"));
}

/* Odd names reach sudo as one argument, and no shell on the way. */
Test(become, names_are_quoted)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    str script = str_format(bench.arena, "%secho \"[$user]\" >&2; exit 3\n", prologue);
    struct become become = { .method = BECOME_SUDO,
                             .user = S("a'b \"$(id)\" `x` \\ %s !"),
                             .flags = S("-H '-C 3'"),
                             .exe = bench_file(&bench, "sudo", script.ptr) };
    struct channel *channel;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, &become, false, &channel, &error),
                 WIRE_REFUSED);
    cr_assert(str_find(error.message, S("[a'b \"$(id)\" `x` \\ %s !]"), 0) != STR_NPOS, "%.*s",
              SARG(error.message));
}

Test(become, not_needed)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    struct become become = { .method = BECOME_SUDO,
                             .user = connection_user(bench.connection),
                             .exe = S("/no/such/sudo") };
    struct channel *channel;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, &become, false, &channel, &error),
                 WIRE_OK);
    EQ_STR(ask_shell(&bench, channel, S("echo $-\n")), S("s\n"), S("flags of the shell"));
    channel_close(channel);
}

/* On a terminal, too, the shell shows no prompt, edits no line and passes every byte. */
Test(become, shell_on_a_terminal)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    struct channel *channel;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, NULL, true, &channel, &error), WIRE_OK);
    EQ_STR(ask_shell(&bench, channel, S("test -t 0; printf '%s\\t%s\\n' $? '\x03\xff'\n")),
           S("0\t\x03\xff\n"), S("bytes"));
    channel_close(channel);
}
