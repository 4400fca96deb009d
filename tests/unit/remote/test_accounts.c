/* Which commands and changes concern the accounts of users. */
#include <criterion/criterion.h>

#include "remote/accounts.h"

static const struct {
    const char *script;
    bool concerns;
} scripts[] = {
    { "userdel -r bob", true },
    { "id; /usr/sbin/usermod -aG docker bob", true },
    { "getent passwd bob || adduser bob", true },
    { "echo 'bob ALL=(ALL) ALL' >/etc/sudoers.d/bob", true },
    { "pkill -u bob", true },
    { "pw userdel bob", true },
    { "id bob", false },
    { "myuserdel bob", false },
    { "userdel-all", false },
    { "cat pw.txt", true }, /* costs a shell, no more */
    { "", false },
};

Test(accounts, scripts)
{
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        struct command command = { .script = str_of(scripts[i].script) };
        cr_assert_eq(command_concerns_accounts(&command), scripts[i].concerns, "%s",
                     scripts[i].script);
    }
}

Test(accounts, arguments)
{
    const str yes[] = { S("env"), S("A=b"), S("/usr/sbin/groupdel"), S("staff") };
    const str no[] = { S("ls"), S("/etc") };
    struct command command = { .script = STR_NONE, .argv = yes, .argc = 4 };
    cr_assert(command_concerns_accounts(&command));
    command = (struct command){ .script = STR_NONE, .argv = no, .argc = 2 };
    cr_assert(!command_concerns_accounts(&command));
}

Test(accounts, changes)
{
    const str argv[] = { S("deluser"), S("bob") };
    const struct change rows[] = {
        { .kind = CHANGE_WRITE, .path = S("/etc/motd") },
        { .kind = CHANGE_RUN, .path = STR_NONE, .argv = argv, .argc = 2 },
        { .kind = CHANGE_WRITE, .path = S("/etc/sudoers.d/bob") },
        { .kind = CHANGE_REMOVE, .path = S("/etc/doas.conf") },
    };
    cr_assert(!changes_concern_accounts(rows, 1));
    for (size_t i = 1; i < ARRAY_LEN(rows); i++) {
        cr_assert(changes_concern_accounts(&rows[i], 1), "row %zu", i);
    }
    cr_assert(changes_concern_accounts(rows, ARRAY_LEN(rows)));
    cr_assert(!changes_concern_accounts(NULL, 0));
}
