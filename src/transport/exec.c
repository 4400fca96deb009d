/*
 * exec.c - the programs that run a shell somewhere else, a row for each; the command line a row
 * gives; and what their refusals mean. Processes and streams are those of local.c.
 *
 * A program is started for each channel. It ends when the shell behind it does: closing our end of
 * its stdin ends an idle one, and what a shell still runs is ended from inside (remote/shell.c),
 * since killing docker or kubectl here leaves what they started there.
 */
#include "transport/exec.h"

#include <string.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/words.h"
#include "transport/wire.h"

/* ---- the rows ---- */

/* What kubectl and oc have in common. K8S_AUTH_...: as Ansible's modules for Kubernetes have it. */
#define KUBE(program)                                                                              \
    { EXEC_TEXT, "-n", { "ansible_" program "_namespace" }, { "K8S_AUTH_NAMESPACE" } },            \
        { EXEC_TEXT,                                                                               \
          "--kubeconfig",                                                                          \
          { "ansible_" program "_kubeconfig", "ansible_" program "_config" },                      \
          { "K8S_AUTH_KUBECONFIG" } },                                                             \
        { EXEC_TEXT, "--context", { "ansible_" program "_context" }, { "K8S_AUTH_CONTEXT" } },     \
        { EXEC_TEXT,                                                                               \
          "--server",                                                                              \
          { "ansible_" program "_host", "ansible_" program "_server" },                            \
          { "K8S_AUTH_HOST", "K8S_AUTH_SERVER" } },                                                \
        { EXEC_TEXT,                                                                               \
          "--token",                                                                               \
          { "ansible_" program "_token", "ansible_" program "_api_key" },                          \
          { "K8S_AUTH_TOKEN", "K8S_AUTH_API_KEY" },                                                \
          .secret = true },                                                                        \
        { EXEC_TEXT,                                                                               \
          "--client-certificate",                                                                  \
          { "ansible_" program "_client_cert", "ansible_" program "_cert_file" },                  \
          { "K8S_AUTH_CERT_FILE" } },                                                              \
        { EXEC_TEXT,                                                                               \
          "--client-key",                                                                          \
          { "ansible_" program "_client_key", "ansible_" program "_key_file" },                    \
          { "K8S_AUTH_KEY_FILE" } },                                                               \
        { EXEC_TEXT,                                                                               \
          "--certificate-authority",                                                               \
          { "ansible_" program "_ca_cert", "ansible_" program "_ssl_ca_cert" },                    \
          { "K8S_AUTH_SSL_CA_CERT" } },                                                            \
        { EXEC_OFF,                                                                                \
          "--insecure-skip-tls-verify=true",                                                       \
          { "ansible_" program "_validate_certs", "ansible_" program "_verify_ssl" },              \
          { "K8S_AUTH_VERIFY_SSL" } },                                                             \
        { EXEC_WORDS, NULL, { "ansible_" program "_extra_args" }, { "K8S_AUTH_EXTRA_ARGS" } },     \
        { EXEC_LITERAL, "exec" }, { EXEC_LITERAL, "-i" },                                          \
        { EXEC_HOST, NULL, { "ansible_" program "_pod", "ansible_host" }, { "K8S_AUTH_POD" } },    \
        { EXEC_TEXT, "-c", { "ansible_" program "_container" }, { "K8S_AUTH_CONTAINER" } },        \
        { EXEC_LITERAL, "--" },                                                                    \
    {                                                                                              \
        EXEC_TEXT, NULL, { "ansible_executable" }, .fallback = "/bin/sh"                           \
    }

/* lxc of LXD, and incus, which came of it. */
#define LXD(name, program)                                                                         \
    { EXEC_LITERAL, program }, { EXEC_TEXT, "--project", { "ansible_" name "_project" } },         \
        { EXEC_LITERAL, "exec" },                                                                  \
        { EXEC_PLACE, NULL, { "ansible_" name "_remote" }, .fallback = "local" },                  \
        { EXEC_HOST, NULL, { "ansible_" name "_host", "ansible_host" } }, { EXEC_LITERAL, "--" },  \
    {                                                                                              \
        EXEC_TEXT, NULL, { "ansible_" name "_executable", "ansible_executable" },                  \
            .fallback = "/bin/sh"                                                                  \
    }

static const struct exec_kind kinds[] = {
    { "docker",
      "container",
      "ansible_docker_timeout",
      { { EXEC_LITERAL, "docker" },
        { EXEC_WORDS, NULL, { "ansible_docker_extra_args" } },
        { EXEC_LITERAL, "exec" },
        { EXEC_LITERAL, "-i" },
        { EXEC_USER, "-u", { "ansible_docker_user" } },
        { EXEC_PAIRS, "-e", { "ansible_docker_extra_env" } },
        { EXEC_TEXT, "--workdir", { "ansible_docker_working_dir" } },
        { EXEC_ON, "--privileged", { "ansible_docker_privileged" } },
        { EXEC_HOST, NULL, { "ansible_docker_host", "ansible_host" } },
        { EXEC_TEXT, NULL, { "ansible_executable" }, .fallback = "/bin/sh" } } },
    { "podman",
      "container",
      NULL,
      { { EXEC_TEXT,
          NULL,
          { "ansible_podman_executable" },
          { "ANSIBLE_PODMAN_EXECUTABLE" },
          "podman" },
        { EXEC_WORDS, NULL, { "ansible_podman_extra_args" } },
        { EXEC_LITERAL, "exec" },
        { EXEC_LITERAL, "-i" },
        { EXEC_USER, "--user" },
        { EXEC_HOST, NULL, { "ansible_podman_host", "ansible_host" } },
        { EXEC_TEXT, NULL, { "ansible_executable" }, .fallback = "/bin/sh" } } },
    { "buildah",
      "container",
      NULL,
      { { EXEC_LITERAL, "buildah" },
        { EXEC_LITERAL, "run" },
        { EXEC_USER, "--user" },
        { EXEC_HOST, NULL, { "ansible_host" } },
        { EXEC_LITERAL, "--" },
        { EXEC_TEXT, NULL, { "ansible_executable" }, .fallback = "/bin/sh" } } },
    { "kubectl",
      "pod",
      NULL,
      { { EXEC_LITERAL, "kubectl" },
        { EXEC_TEXT,
          "--username",
          { "ansible_kubectl_username", "ansible_kubectl_user" },
          { "K8S_AUTH_USERNAME" } },
        { EXEC_TEXT,
          "--password",
          { "ansible_kubectl_password" },
          { "K8S_AUTH_PASSWORD" },
          .secret = true },
        KUBE("kubectl") } },
    { "oc", "pod", NULL, { { EXEC_LITERAL, "oc" }, KUBE("oc") } },
    { "chroot",
      "directory",
      NULL,
      { { EXEC_TEXT, NULL, { "ansible_chroot_exe" }, .fallback = "chroot" },
        { EXEC_HOST, NULL, { "ansible_host" } },
        { EXEC_TEXT, NULL, { "ansible_executable" }, .fallback = "/bin/sh" } },
      .terminal = true },
    { "nsenter",
      "host",
      NULL,
      { { EXEC_LITERAL, "nsenter" },
        { EXEC_LITERAL, "--mount" },
        { EXEC_LITERAL, "--uts" },
        { EXEC_LITERAL, "--ipc" },
        { EXEC_LITERAL, "--net" },
        { EXEC_LITERAL, "--pid" },
        { EXEC_LITERAL, "--preserve-credentials" },
        { EXEC_JOINED, "--target=", { "ansible_nsenter_pid" }, .fallback = "1" },
        { EXEC_LITERAL, "--" },
        { EXEC_TEXT, NULL, { "ansible_executable" }, .fallback = "/bin/sh" } },
      .terminal = true },
    { "lxc",
      "container",
      NULL,
      { { EXEC_LITERAL, "lxc-attach" },
        { EXEC_HOST, "-n", { "ansible_lxc_host", "ansible_host" } },
        { EXEC_LITERAL, "--" },
        { EXEC_TEXT,
          NULL,
          { "ansible_lxc_executable", "ansible_executable" },
          .fallback = "/bin/sh" } } },
    { "lxd", "container", NULL, { LXD("lxd", "lxc") } },
    { "incus", "container", NULL, { LXD("incus", "incus") } },
};

const struct exec_kind *exec_kind_find(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (str_eq(name, str_of(kinds[i].name))) {
            return &kinds[i];
        }
    }
    return NULL;
}

bool exec_kind_takes_user(const struct exec_kind *kind)
{
    for (const struct exec_word *word = kind->words; word->value != EXEC_END; word++) {
        if (word->value == EXEC_USER) {
            return true;
        }
    }
    return false;
}

/* ---- the command line ---- */

struct line {
    struct arena *arena;
    VEC(str) words;
    str place;             /* stands in front of the next word; STR_NONE: nothing does */
    struct strbuf machine; /* each word quoted, so that no two lines are taken for the same */
    bool is_user;          /* the words being added tell who, not where */
};

static void add_word(struct line *line, str word)
{
    if (!str_is_none(line->place)) {
        word = str_format(line->arena, "%.*s:%.*s", SARG(line->place), SARG(word));
        line->place = STR_NONE;
    }
    *VEC_PUSH(line->arena, &line->words) = str_copy(line->arena, word);
    if (!line->is_user) {
        strbuf_add(&line->machine, line->words.len > 1 ? S(" ") : S(""));
        shell_quote_to(&line->machine, word);
    }
}

static void add_flag(struct line *line, const struct exec_word *word)
{
    if (word->flag != NULL) {
        add_word(line, str_of(word->flag));
    }
}

static bool add_words(struct line *line, const struct exec_word *word, str text)
{
    struct words words;
    if (!words_split(line->arena, text, &words)) {
        return false;
    }
    for (size_t i = 0; i < words.count; i++) {
        add_flag(line, word);
        add_word(line, words.items[i]);
    }
    return true;
}

static bool add_value(struct line *line, const struct exec_word *word, str text)
{
    switch (word->value) {
    case EXEC_LITERAL:
    case EXEC_ON:
    case EXEC_OFF:
        add_flag(line, word);
        break;
    case EXEC_TEXT:
    case EXEC_HOST:
    case EXEC_USER:
        add_flag(line, word);
        add_word(line, text);
        break;
    case EXEC_JOINED:
        add_word(line, str_concat(line->arena, str_of(word->flag), text));
        break;
    case EXEC_WORDS:
    case EXEC_PAIRS:
        return add_words(line, word, text);
    case EXEC_PLACE:
        line->place = text;
        break;
    case EXEC_END:
        break;
    }
    return true;
}

bool exec_program_make(struct arena *arena, const struct exec_kind *kind, const str *values,
                       struct exec_program *ret, size_t *ret_bad)
{
    struct line line = { .arena = arena, .place = STR_NONE, .machine = strbuf_in(arena) };
    for (size_t i = 0; kind->words[i].value != EXEC_END; i++) {
        const struct exec_word *word = &kind->words[i];
        str text = str_is_none(values[i]) ? str_of(word->fallback) : values[i];
        line.is_user = word->value == EXEC_USER;
        if (word->value != EXEC_LITERAL && str_is_none(text)) {
            continue;
        }
        if (!add_value(&line, word, text)) {
            *ret_bad = i;
            return false;
        }
    }
    *ret = (struct exec_program){ .kind = kind,
                                  .words = line.words.items,
                                  .count = line.words.len,
                                  .machine = strbuf_str(&line.machine) };
    return true;
}

struct exec_program exec_program_copy(struct arena *arena, const struct exec_program *from)
{
    struct exec_program to = *from;
    str *words = NEW_ARRAY(arena, str, from->count);
    for (size_t i = 0; i < from->count; i++) {
        words[i] = str_copy(arena, from->words[i]);
    }
    to.words = words;
    to.machine = str_is_none(from->machine) ? STR_NONE : str_copy(arena, from->machine);
    return to;
}

char **exec_argv(struct arena *arena, const struct exec_program *program, str command)
{
    char **argv = NEW_ARRAY(arena, char *, program->count + 3), **next = argv;
    for (size_t i = 0; i < program->count; i++) {
        *next++ = (char *)(uintptr_t)str_c(arena, program->words[i]);
    }
    *next++ = (char *)(uintptr_t) "-c";
    *next = (char *)(uintptr_t)str_c(arena, command);
    return argv;
}

/* ---- what refusals mean ---- */

/* Before a shell is there only the program itself speaks. The words are looked for in lower case;
 * a hint gets the program's name. */
static const struct {
    const char *says, *means, *hint;
} refusals[] = {
    { "no such container", "does not exist", "'%s ps --all' lists those there are" },
    { "container not known", "does not exist", "'%s containers' lists those there are" },
    { "container state improper", "does not run", "'%s start' starts it" },
    { "is not running", "does not run", "'%s start' starts it" },
    { "is paused", "is paused", "'%s unpause' lets it go on" },
    { "is restarting", "does not run: it is restarted over and over", NULL },
    { "failed to get init pid", "does not run, or there is none of that name", NULL },
    { "pods \"", "does not exist, or is not yours", "'%s get pods' lists those there are" },
    { "container not found", "has no such container", "'%s describe pod' lists its containers" },
    { "is not valid for pod", "has no such container", "'%s describe pod' lists its containers" },
    { "completed pod", "has ended", NULL },
    { "instance not found", "does not exist", "'%s list' lists those there are" },
    { "connect to the docker daemon", "cannot be reached: docker's daemon does not answer", NULL },
    { "connection to the server", "cannot be reached: the cluster does not answer", NULL },
    { "unable to find user", "has no such user", NULL },
    { "cannot change root directory", "cannot be made the root", NULL },
    { "cannot open /proc/", "cannot be entered: no such process, or it is not yours",
      "ansible_nsenter_pid tells which process, 1 if not set" },
    { "no device /dev/null", "has no devices", "mount /dev there, or make its null, first" },
    { "executable file", "has no such shell", "ansible_executable names the shell" },
    { "oci runtime exec failed", "has no such shell", "ansible_executable names the shell" },
    { "failed to run command", "has no such shell", "ansible_executable names the shell" },
    { "failed to execute", "has no such shell", "ansible_executable names the shell" },
    { "process failed to start", "has no such shell", "ansible_executable names the shell" },
};

static enum wire_status exec_explain(struct connection *connection, struct arena *arena, int status,
                                     str said, struct wire_error *ret_error)
{
    str lower = str_lower(arena, said);
    str program = path_basename(connection->options.exec.words[0]);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        if (str_find(lower, str_of(refusals[i].says), 0) != STR_NPOS) {
            str hint = str_of(refusals[i].hint);
            hint = str_is_none(hint) ? hint : str_replace(arena, hint, S("%s"), program);
            return wire_fail(arena, ret_error, WIRE_CLOSED, hint, "%.*s %s: %.*s",
                             SARG(connection->place), refusals[i].means, SARG(said));
        }
    }
    return wire_fail(arena, ret_error, WIRE_CLOSED, STR_NONE,
                     "%.*s cannot be entered: %.*s ended with status %d%s%.*s",
                     SARG(connection->place), SARG(program), status, said.len > 0 ? ": " : "",
                     SARG(said));
}

/* ---- the connection ---- */

/* Nothing is started yet: whether there is such a container shows when a shell is wanted. */
static enum wire_status exec_open(struct connection *connection, struct arena *arena,
                                  deadline until, struct wire_error *ret_error)
{
    const struct connection_options *options = &connection->options;
    connection->user = exec_kind_takes_user(options->exec.kind) ? options->user : STR_NONE;
    connection->no_terminal = !options->exec.kind->terminal;
    connection->place = str_format(connection->arena, "%s '%.*s' (%s)", options->exec.kind->what,
                                   SARG(options->host), options->exec.kind->name);
    return WIRE_OK;
}

static bool exec_alive(struct connection *connection)
{
    return true;
}

static void exec_close(struct connection *connection)
{
}

static const struct connection_type exec_type = {
    .open = exec_open,
    .channel_open = local_channel_open,
    .alive = exec_alive,
    .close = exec_close,
    .explain = exec_explain,
};

struct connection *exec_connection_new(void)
{
    struct connection *connection = wire_alloc(sizeof *connection);
    connection->type = &exec_type;
    return connection;
}
