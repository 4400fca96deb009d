/*
 * readonly.c - the programs observe_run may start, and the forms in which they only read. A module
 * that needs another one adds a row here, where a reviewer sees it.
 *
 * A row is the words an argument list must begin with; `never` names words that would make the
 * program write, and `no_operands` is for those that set what they show when given a bare word.
 */
#include "remote/question.h"

struct form {
    const char *words[7]; /* how argv begins; NULL ends, "*" is any word */
    const char *never[8]; /* words, or beginnings of "--word=", that must not come later */
    bool no_operands;     /* every later word begins with '-' or '+' */
};

static const struct form forms[] = {
    { { "apt-cache", "-o", "pkgCacheFile::Generate=0" }, { "gencaches" } },
    { { "apt-cache", "policy" } },
    { { "apt-cache", "show" } },
    { { "apt-cache", "showpkg" } },
    { { "apt-cache", "madison" } },
    { { "apt-config", "dump" } },
    { { "apt-mark", "showauto" } },
    { { "apt-mark", "showhold" } },
    { { "apt-mark", "showmanual" } },
    { { "arch" } },
    { { "blkid", "-p" } },
    { { "capsh", "--print" }, { "--" } },
    { { "cat" } },
    { { "crontab", "-l" } },
    { { "date" }, { "-s", "--set" }, true },
    { { "df" } },
    { { "dmidecode" }, { "--dump-bin" } },
    { { "dpkg", "--print-architecture" } },
    { { "dpkg", "--print-foreign-architectures" } },
    { { "dpkg", "--compare-versions" } },
    { { "dpkg", "-s" } },
    { { "dpkg", "-l" } },
    { { "dpkg-query" } },
    { { "findmnt" } },
    { { "getconf" } },
    { { "getent" } },
    { { "getfacl" } },
    { { "git", "--no-optional-locks", "-C", "*", "cat-file" } },
    { { "git", "--no-optional-locks", "-C", "*", "describe" } },
    { { "git", "--no-optional-locks", "-C", "*", "diff-index" } },
    { { "git", "--no-optional-locks", "-C", "*", "for-each-ref" } },
    { { "git", "--no-optional-locks", "-C", "*", "log" } },
    { { "git", "--no-optional-locks", "-C", "*", "ls-files" } },
    { { "git", "--no-optional-locks", "-C", "*", "ls-remote" } },
    { { "git", "--no-optional-locks", "-C", "*", "rev-parse" } },
    { { "git", "--no-optional-locks", "-C", "*", "show-ref" } },
    { { "git", "--no-optional-locks", "-C", "*", "status" } },
    { { "git", "--no-optional-locks", "-C", "*", "config", "--get" } },
    { { "git", "--version" } },
    { { "grep" } },
    { { "groups" } },
    { { "hostname" }, { "-F", "--file", "-b" }, true },
    { { "hostnamectl", "status" } },
    { { "hostnamectl", "--static" } },
    { { "id" } },
    { { "ip", "-o" }, { "add", "del", "set", "flush", "replace", "change" } },
    { { "locale" } },
    { { "localectl", "status" } },
    { { "ls" } },
    { { "lsattr" } },
    { { "lsb_release" } },
    { { "lsblk" } },
    { { "lvs", "--readonly" } },
    { { "modinfo" } },
    { { "nproc" } },
    { { "pvs", "--readonly" } },
    { { "readlink" } },
    { { "rpm", "-q" }, { "--rebuilddb", "--initdb" } },
    { { "rpm", "-qa" } },
    { { "runlevel" } },
    { { "stat" } },
    { { "sysctl", "-n" }, { "-w", "-p", "--write", "--load", "--system" } },
    { { "systemctl", "cat" } },
    { { "systemctl", "get-default" } },
    { { "systemctl", "is-active" } },
    { { "systemctl", "is-enabled" } },
    { { "systemctl", "is-failed" } },
    { { "systemctl", "is-system-running" } },
    { { "systemctl", "list-unit-files" } },
    { { "systemctl", "list-units" } },
    { { "systemctl", "show" } },
    { { "systemctl", "--version" } },
    { { "systemd-detect-virt" } },
    { { "test" } },
    { { "timedatectl", "show" } },
    { { "timeout", "-s", "KILL", "*", "stat" } },
    { { "uname" } },
    { { "uptime" } },
    { { "vgs", "--readonly" } },
    { { "whoami" } },
};

static bool begins(const struct form *form, const str *argv, size_t argc, size_t *ret_words)
{
    size_t i = 0;
    for (; i < ARRAY_LEN(form->words) && form->words[i] != NULL; i++) {
        str word = str_of(form->words[i]);
        if (i >= argc || !(str_eq(word, S("*")) || str_eq(argv[i], word))) {
            return false;
        }
    }
    *ret_words = i;
    return true;
}

static bool writes(const struct form *form, str word)
{
    if (form->no_operands && !str_starts(word, S("-")) && !str_starts(word, S("+"))) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(form->never) && form->never[i] != NULL; i++) {
        str never = str_of(form->never[i]);
        if (str_eq(word, never) || (str_starts(never, S("--")) && str_starts(word, never) &&
                                    word.len > never.len && word.ptr[never.len] == '=')) {
            return true;
        }
    }
    return false;
}

bool readonly_program(const str *argv, size_t argc)
{
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        size_t at;
        if (!begins(&forms[i], argv, argc, &at)) {
            continue;
        }
        while (at < argc && !writes(&forms[i], argv[at])) {
            at++;
        }
        if (at == argc) {
            return true;
        }
    }
    return false;
}
