/*
 * accounts.c - what changes users and groups, by name.
 */
#include "remote/accounts.h"

/* Of shadow, util-linux, busybox, Debian, FreeBSD and OpenBSD; and what ends a user's processes. */
static const str programs[] = {
    S_INIT("adduser"),   S_INIT("addgroup"), S_INIT("chsh"),     S_INIT("deluser"),
    S_INIT("delgroup"),  S_INIT("gpasswd"),  S_INIT("groupadd"), S_INIT("groupdel"),
    S_INIT("groupmems"), S_INIT("groupmod"), S_INIT("loginctl"), S_INIT("killall"),
    S_INIT("pkill"),     S_INIT("pw"),       S_INIT("rmuser"),   S_INIT("userdel"),
    S_INIT("usermod"),   S_INIT("vigr"),     S_INIT("vipw"),     S_INIT("visudo"),
};

static const str files[] = {
    S_INIT("/etc/sudoers"), S_INIT("/etc/doas.conf"), S_INIT("/etc/passwd"),
    S_INIT("/etc/group"),   S_INIT("/etc/shadow"),    S_INIT("/etc/gshadow"),
    S_INIT("/etc/pam.d/"),  S_INIT("/etc/security/"),
};

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static bool has_word(str text, str word)
{
    for (size_t at = 0; (at = str_find(text, word, at)) != STR_NPOS; at++) {
        size_t end = at + word.len;
        if ((at == 0 || !is_name_char(text.ptr[at - 1])) &&
            (end == text.len || !is_name_char(text.ptr[end]))) {
            return true;
        }
    }
    return false;
}

static bool names_program(str text)
{
    for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
        if (has_word(text, programs[i])) {
            return true;
        }
    }
    return false;
}

static bool names_file(str text)
{
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        if (str_find(text, files[i], 0) != STR_NPOS) {
            return true;
        }
    }
    return false;
}

static bool concerns(str text)
{
    return !str_is_none(text) && (names_program(text) || names_file(text));
}

static bool any_concerns(const str *argv, size_t argc)
{
    for (size_t i = 0; i < argc; i++) {
        if (concerns(argv[i])) {
            return true;
        }
    }
    return false;
}

bool command_concerns_accounts(const struct command *command)
{
    return concerns(command->script) || any_concerns(command->argv, command->argc);
}

bool changes_concern_accounts(const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool run = changes[i].kind == CHANGE_RUN;
        if (run ? any_concerns(changes[i].argv, changes[i].argc) : names_file(changes[i].path)) {
            return true;
        }
    }
    return false;
}
