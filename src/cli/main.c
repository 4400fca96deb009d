/*
 * main.c - the command hostler: the table of its commands. Started by another name (a link called
 * ansible-playbook, ansible ...) it is that command.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "cli/command.h"

static const struct command_row commands[] = {
    { "play", "ansible-playbook", "PLAYBOOK...", "run playbooks", command_play },
    { "run", "ansible", "PATTERN -m MODULE -a ARGS", "run one module on hosts", command_run },
    { "inventory", "ansible-inventory", "--list | --host HOST | --graph",
      "show hosts, groups and variables", command_inventory },
    { "config", "ansible-config", "dump | list | view", "show settings, and where they come from",
      command_config },
    { "vault", "ansible-vault", "encrypt | decrypt | view | edit | ... FILE",
      "keep secrets in encrypted files", command_vault },
    { "doc", "ansible-doc", "[-t TYPE] NAME... | -l", "tell what modules, filters ... do",
      command_doc },
    { "template", NULL, "FILE [-i SOURCE --host HOST]", "try out a template", command_template },
};

static void help(FILE *out)
{
    fputs("usage: hostler COMMAND [OPTION...]\n\nRun Ansible playbooks over SSH, with nothing "
          "installed on the hosts.\n\n",
          out);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        fprintf(out, "  hostler %-10s %-32s %s\n", commands[i].name, commands[i].usage,
                commands[i].summary);
    }
    fputs("\n  hostler COMMAND --help tells the options of a command, hostler --version the "
          "version.\n"
          "  Under the name ansible-playbook, ansible, ansible-inventory, ansible-vault, "
          "ansible-doc or\n  ansible-config (a link) it is that command.\n",
          out);
}

static int version(const char *name)
{
    printf("%s [hostler " HOSTLER_VERSION "]\n", name);
    return 0;
}

/* Among other options, too, as with Ansible's commands. */
static bool asks_version(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--version") == 0) {
            return true;
        }
    }
    return false;
}

static const struct command_row *find_command(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (str_eq(name, str_of(commands[i].name))) {
            return &commands[i];
        }
    }
    return NULL;
}

static int unknown_command(str name)
{
    str names[ARRAY_LEN(commands)];
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        names[i] = str_of(commands[i].name);
    }
    str near = suggest(name, names, ARRAY_LEN(names));
    fprintf(stderr, "error: there is no command '%.*s'\n", SARG(name));
    if (!str_is_none(near)) {
        fprintf(stderr, "hint: did you mean '%.*s'?\n", SARG(near));
    } else if (str_ends(name, S(".yml")) || str_ends(name, S(".yaml"))) {
        fprintf(stderr, "hint: hostler play %.*s\n", SARG(name));
    }
    return RUN_USAGE;
}

/* What could not be written is an error, unless its reader has gone, as head(1) does. */
static int with_all_written(int status)
{
    struct pollfd reader = { .fd = STDOUT_FILENO };
    bool lost = ferror(stdout) != 0;
    const char *why = NULL;
    if (fflush(stdout) != 0) {
        lost = true;
        why = strerror(errno);
    }
    bool gone = poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR) != 0;
    if (!lost || gone || status == RUN_ERROR) { /* an error was told */
        return status;
    }
    fprintf(stderr, "error: cannot write 'standard output'%s%s\n", why == NULL ? "" : ": ",
            why == NULL ? "" : why);
    return status == RUN_OK ? RUN_ERROR : status;
}

/* What was printed last, perhaps a vault file that was asked for: wiped behind it. */
static char printed[BUFSIZ];

static int finish(int status)
{
    status = with_all_written(status);
    explicit_bzero(printed, sizeof printed);
    arena_wipe_stack();
    return status;
}

/* Else the next file or socket would be standard output, and get what is printed. Writing still
 * fails. */
static void fill_closed_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd) {
            _exit(RUN_ERROR);
        }
    }
}

int main(int argc, char **argv)
{
    fill_closed_streams();
    setvbuf(stdout, printed, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, sizeof printed);
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash == NULL ? argv[0] : slash + 1;
    setlocale(LC_CTYPE, "C.UTF-8");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (commands[i].ansible_name != NULL && strcmp(name, commands[i].ansible_name) == 0) {
            if (asks_version(argc, argv)) {
                return finish(version(name));
            }
            return finish(commands[i].run(&(struct command_call){ argc - 1, argv + 1, true }));
        }
    }
    if (argc < 2) {
        help(stderr);
        return RUN_USAGE;
    }
    str first = str_of(argv[1]);
    if (str_eq(first, S("--version"))) {
        puts("hostler " HOSTLER_VERSION);
        return finish(RUN_OK);
    }
    if (str_eq(first, S("--help")) || str_eq(first, S("-h")) || str_eq(first, S("help"))) {
        help(stdout);
        return finish(RUN_OK);
    }
    const struct command_row *command = find_command(first);
    if (command == NULL) {
        return unknown_command(first);
    }
    return finish(command->run(&(struct command_call){ argc - 2, argv + 2, false }));
}
