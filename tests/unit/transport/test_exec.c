/* The command line each row of exec.c makes, as its program gets it, and what becomes of refusals.
 */
#include "check.h"

struct given {
    const char
        *variable; /* "HOST", "USER": the host and the remote user, as the engine gives them */
    const char *text;
};

static const struct {
    const char *kind;
    struct given given[8];
    str argv;    /* quoted for a shell */
    str machine; /* { NULL, 0 }: not looked at */
} rows[] = {
    { "docker",
      { { "HOST", "web1" } },
      S_INIT("docker exec -i web1 /bin/sh -c 'id; ls'"),
      S_INIT("docker exec -i web1 /bin/sh") },
    { "docker",
      { { "HOST", "web1" }, { "USER", "deploy" } },
      S_INIT("docker exec -i -u deploy web1 /bin/sh -c 'id; ls'"),
      S_INIT("docker exec -i web1 /bin/sh") },
    { "docker",
      { { "HOST", "web 1" },
        { "ansible_docker_extra_args", "-H 'tcp://[::1]:2375'  --tls" },
        { "ansible_docker_extra_env", "A=1 'B=two words'" },
        { "ansible_docker_working_dir", "/srv" },
        { "ansible_docker_privileged", "yes" },
        { "ansible_executable", "/bin/bash" } },
      S_INIT("docker -H 'tcp://[::1]:2375' --tls exec -i -e 'A=1' -e 'B=two words' --workdir /srv "
             "--privileged 'web 1' /bin/bash -c 'id; ls'") },
    { "podman", { { "HOST", "web1" } }, S_INIT("podman exec -i web1 /bin/sh -c 'id; ls'") },
    { "podman",
      { { "HOST", "web1" },
        { "USER", "1000" },
        { "ansible_podman_executable", "/opt/podman" },
        { "ansible_podman_extra_args", "--root /var/tmp/c" } },
      S_INIT("/opt/podman --root /var/tmp/c exec -i --user 1000 web1 /bin/sh -c 'id; ls'") },
    { "buildah",
      { { "HOST", "work" }, { "USER", "root" } },
      S_INIT("buildah run --user root work -- /bin/sh -c 'id; ls'") },
    { "kubectl", { { "HOST", "web-0" } }, S_INIT("kubectl exec -i web-0 -- /bin/sh -c 'id; ls'") },
    { "kubectl",
      { { "HOST", "web-0" },
        { "ansible_kubectl_namespace", "shop" },
        { "ansible_kubectl_container", "app" },
        { "ansible_kubectl_kubeconfig", "/etc/k.yml" },
        { "ansible_kubectl_context", "test" },
        { "ansible_kubectl_extra_args", "--request-timeout 5s" },
        { "ansible_kubectl_validate_certs", "no" } },
      S_INIT("kubectl -n shop --kubeconfig /etc/k.yml --context test "
             "'--insecure-skip-tls-verify=true' --request-timeout 5s exec -i web-0 -c app -- "
             "/bin/sh -c 'id; ls'") },
    { "kubectl",
      { { "HOST", "web-0" },
        { "ansible_kubectl_host", "https://k:6443" },
        { "ansible_kubectl_username", "me" },
        { "ansible_kubectl_password", "p" },
        { "ansible_kubectl_token", "t" },
        { "ansible_kubectl_client_cert", "c.pem" },
        { "ansible_kubectl_client_key", "k.pem" },
        { "ansible_kubectl_ca_cert", "ca.pem" } },
      S_INIT("kubectl --username me --password p --server https://k:6443 --token t "
             "--client-certificate c.pem --client-key k.pem --certificate-authority ca.pem exec -i "
             "web-0 -- /bin/sh -c 'id; ls'") },
    { "oc",
      { { "HOST", "web-0" }, { "ansible_oc_namespace", "shop" }, { "ansible_oc_token", "t" } },
      S_INIT("oc -n shop --token t exec -i web-0 -- /bin/sh -c 'id; ls'") },
    { "chroot",
      { { "HOST", "/srv/root" } },
      S_INIT("chroot /srv/root /bin/sh -c 'id; ls'"),
      S_INIT("chroot /srv/root /bin/sh") },
    { "chroot",
      { { "HOST", "/srv/root" }, { "ansible_chroot_exe", "/sbin/chroot" } },
      S_INIT("/sbin/chroot /srv/root /bin/sh -c 'id; ls'") },
    { "nsenter",
      { { "HOST", "here" } },
      S_INIT("nsenter --mount --uts --ipc --net --pid --preserve-credentials '--target=1' -- "
             "/bin/sh -c 'id; ls'") },
    { "nsenter",
      { { "HOST", "here" }, { "ansible_nsenter_pid", "712" } },
      S_INIT("nsenter --mount --uts --ipc --net --pid --preserve-credentials '--target=712' -- "
             "/bin/sh -c 'id; ls'") },
    { "lxc",
      { { "HOST", "web1" }, { "ansible_lxc_executable", "/bin/ash" } },
      S_INIT("lxc-attach -n web1 -- /bin/ash -c 'id; ls'") },
    { "lxd", { { "HOST", "web1" } }, S_INIT("lxc exec local:web1 -- /bin/sh -c 'id; ls'") },
    { "lxd",
      { { "HOST", "web1" }, { "ansible_lxd_remote", "lab" }, { "ansible_lxd_project", "p1" } },
      S_INIT("lxc --project p1 exec lab:web1 -- /bin/sh -c 'id; ls'") },
    { "incus",
      { { "HOST", "web1" }, { "ansible_incus_project", "p1" } },
      S_INIT("incus --project p1 exec local:web1 -- /bin/sh -c 'id; ls'") },
};

static bool is_for(const struct exec_word *word, const char *variable)
{
    if (word->value == EXEC_HOST || word->value == EXEC_USER) {
        return strcmp(variable, word->value == EXEC_HOST ? "HOST" : "USER") == 0;
    }
    for (size_t i = 0; i < EXEC_NAMES_MAX && word->variables[i] != NULL; i++) {
        if (strcmp(variable, word->variables[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A text for each word, as the engine finds them. */
static void fill(const struct exec_kind *kind, const struct given *given, str *values)
{
    for (size_t i = 0; kind->words[i].value != EXEC_END; i++) {
        values[i] = STR_NONE;
        for (const struct given *one = given; one->variable != NULL; one++) {
            if (is_for(&kind->words[i], one->variable)) {
                values[i] = str_of(one->text);
            }
        }
    }
}

static str quoted(struct arena *arena, char **argv)
{
    struct strbuf text = strbuf_in(arena);
    for (char **word = argv; *word != NULL; word++) {
        strbuf_add(&text, word == argv ? S("") : S(" "));
        shell_quote_to(&text, str_of(*word));
    }
    return strbuf_str(&text);
}

Test(exec, command_lines)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct exec_kind *kind = exec_kind_find(str_of(rows[i].kind));
        str values[EXEC_WORDS_MAX];
        struct exec_program program;
        size_t bad;
        cr_assert(kind != NULL, "%s", rows[i].kind);
        fill(kind, rows[i].given, values);
        cr_assert(exec_program_make(bench.arena, kind, values, &program, &bad));
        struct exec_program copy = exec_program_copy(bench.arena, &program);
        char **argv = exec_argv(bench.arena, &copy, S("id; ls"));
        EQ_STR(quoted(bench.arena, argv), rows[i].argv, str_of(rows[i].kind));
        if (!str_is_none(rows[i].machine)) {
            EQ_STR(copy.machine, rows[i].machine, str_of(rows[i].kind));
        }
    }
}

Test(exec, open_quote_is_refused)
{
    BENCH(bench);
    static const struct given given[] = { { "HOST", "h" },
                                          { "ansible_docker_extra_args", "-H 'tcp" },
                                          { NULL, NULL } };
    const struct exec_kind *kind = exec_kind_find(S("docker"));
    str values[EXEC_WORDS_MAX];
    struct exec_program program;
    size_t bad = 0;
    fill(kind, given, values);
    cr_assert(!exec_program_make(bench.arena, kind, values, &program, &bad));
    cr_assert_str_eq(kind->words[bad].variables[0], "ansible_docker_extra_args");
}

/* A connection whose program is a script of ours, in place of podman. */
static void connect_to(struct bench *bench, const char *program_text, double timeout)
{
    const struct exec_kind *kind = exec_kind_find(S("podman"));
    const struct given given[] = { { "HOST", "web1" },
                                   { "ansible_podman_executable",
                                     bench_file(bench, "podman", program_text).ptr },
                                   { NULL, NULL } };
    struct connection_options options = { .kind = CONNECTION_EXEC,
                                          .name = S("h"),
                                          .host = S("web1"),
                                          .connect_timeout = timeout,
                                          .wake = -1 };
    str values[EXEC_WORDS_MAX];
    size_t bad;
    struct wire_error error;
    fill(kind, given, values);
    cr_assert(exec_program_make(bench->arena, kind, values, &options.exec, &bad));
    cr_assert(connection_open(bench->arena, &options, &bench->connection, &error) == WIRE_OK);
}

static const char stand_in[] = "#!/bin/sh\nshift 3\nexec \"$@\"\n";

Test(exec, shell)
{
    BENCH(bench);
    connect_to(&bench, stand_in, 5);
    struct channel *shell;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, NULL, false, &shell, &error), WIRE_OK);
    cr_assert_eq(channel_write(shell, S("echo it; exit 3\n"), deadline_in(5)), WIRE_OK);
    struct end end = bench_finish(&bench, shell);
    EQ_STR(end.out, S("it\n"), S("out"));
    cr_assert_eq(end.status, 3);
}

/* Whoever is there already becomes nobody: the sudo named here does not exist. */
Test(exec, becomes_only_who_is_not_there)
{
    BENCH(bench);
    connect_to(&bench, stand_in, 5);
    struct channel *shell;
    struct wire_error error;
    struct become become = { .method = BECOME_SUDO,
                             .user = str_format(bench.arena, "#%u", geteuid()),
                             .password = STR_NONE,
                             .flags = STR_NONE,
                             .exe = S("/nonexistent/sudo") };
    cr_assert_eq(shell_open(bench.connection, bench.arena, &become, false, &shell, &error),
                 WIRE_OK);
    channel_close(shell);
    become.user = S("#4294967200");
    cr_assert_eq(shell_open(bench.connection, bench.arena, &become, false, &shell, &error),
                 WIRE_REFUSED);
    EQ_STR(error.message, S("there is no '/nonexistent/sudo' on container 'web1' (podman)"),
           S("no sudo"));
}

/* A sudo that wants a terminal is told to get none: it failed, the container was reached. */
Test(exec, no_terminal)
{
    BENCH(bench);
    connect_to(&bench, stand_in, 5);
    str sudo =
        bench_file(&bench, "sudo",
                   "#!/bin/sh\necho 'sudo: sorry, you must have a tty to run sudo' >&2\nexit 1\n");
    struct become become = { .method = BECOME_SUDO,
                             .user = S("#4294967200"),
                             .password = STR_NONE,
                             .flags = STR_NONE,
                             .exe = sudo };
    struct channel *shell;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, &become, false, &shell, &error),
                 WIRE_REFUSED);
    EQ_STR(
        error.message,
        S("sudo to '#4294967200' wants a terminal, and there is none in container 'web1' (podman)"),
        S("message"));
    cr_assert(error.become);
}

static const struct {
    const char *program;
    str message, hint;
} refused[] = {
    { "#!/bin/sh\necho 'Error: no container with name or ID \"web1\" found: no such container' "
      ">&2\n"
      "exit 125\n",
      S_INIT("container 'web1' (podman) does not exist: Error: no container with name or ID "
             "\"web1\" found: no such container"),
      S_INIT("'podman ps --all' lists those there are") },
    { "#!/bin/sh\necho 'Error: container state improper' >&2\nexit 255\n",
      S_INIT("container 'web1' (podman) does not run: Error: container state improper"),
      S_INIT("'podman start' starts it") },
    { "#!/bin/sh\necho 'no idea' >&2\nexit 9\n",
      S_INIT("container 'web1' (podman) cannot be entered: podman ended with status 9: no idea"),
      { NULL, 0 } },
};

Test(exec, refusals)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        BENCH(bench);
        connect_to(&bench, refused[i].program, 5);
        struct become become = { .method = i == 0 ? BECOME_SUDO : BECOME_NONE,
                                 .user = S("root"),
                                 .password = STR_NONE,
                                 .flags = STR_NONE,
                                 .exe = STR_NONE };
        struct channel *shell;
        struct wire_error error = { 0 };
        cr_assert_neq(shell_open(bench.connection, bench.arena, &become, false, &shell, &error),
                      WIRE_OK);
        EQ_STR(error.message, refused[i].message, S("message"));
        EQ_STR(error.hint, refused[i].hint, S("hint"));
        cr_assert(!error.become); /* unreachable, whoever was to be become */
    }
}

Test(exec, no_program)
{
    BENCH(bench);
    connect_to(&bench, stand_in, 5);
    unlink(str_format(bench.arena, "%s/podman", bench.dir).ptr);
    struct channel *shell;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, NULL, false, &shell, &error),
                 WIRE_REFUSED);
    cr_assert(str_starts(error.message, S("there is no program '")));
    cr_assert(str_ends(error.message, S("/podman' here, which podman connections need")));
}

/* A client whose daemon hangs is told to end when its channel closes. */
Test(exec, hanging_client_ends)
{
    BENCH(bench);
    connect_to(&bench, "#!/bin/sh\necho $$ >\"$0.pid\"\nexec sleep 600\n", 0.3);
    struct channel *shell;
    struct wire_error error;
    cr_assert_eq(shell_open(bench.connection, bench.arena, NULL, false, &shell, &error),
                 WIRE_TIMEOUT);
    FILE *file = fopen(str_format(bench.arena, "%s/podman.pid", bench.dir).ptr, "r");
    int pid = 0;
    cr_assert(file != NULL && fscanf(file, "%d", &pid) == 1);
    fclose(file);
    bool lives = true;
    for (int i = 0; i < 100 && lives; i++) {
        usleep(20000);
        lives = access(str_format(bench.arena, "/proc/%d", pid).ptr, F_OK) == 0;
    }
    cr_assert(!lives);
}
