#include "check.h"
#include "remote/question.h"

Test(readonly, forms)
{
    static const struct {
        bool ok;
        str words[8];
    } rows[] = {
        { true, { S_INIT("uname"), S_INIT("-n") } },
        { true, { S_INIT("hostname") } },
        { true, { S_INIT("hostname"), S_INIT("-f") } },
        { false, { S_INIT("hostname"), S_INIT("web1") } },
        { true, { S_INIT("date"), S_INIT("+%s") } },
        { false, { S_INIT("date"), S_INIT("--set=now") } },
        { false, { S_INIT("date"), S_INIT("01020304") } },
        { true, { S_INIT("systemctl"), S_INIT("show"), S_INIT("ssh") } },
        { false, { S_INIT("systemctl"), S_INIT("restart"), S_INIT("ssh") } },
        { false, { S_INIT("systemctl") } },
        { true,
          { S_INIT("git"), S_INIT("--no-optional-locks"), S_INIT("-C"), S_INIT("/x"),
            S_INIT("rev-parse"), S_INIT("HEAD") } },
        { false,
          { S_INIT("git"), S_INIT("--no-optional-locks"), S_INIT("-C"), S_INIT("/x"),
            S_INIT("pull") } },
        { true, { S_INIT("sysctl"), S_INIT("-n"), S_INIT("a.b") } },
        { false, { S_INIT("sysctl"), S_INIT("-n"), S_INIT("-w"), S_INIT("a=1") } },
        { true, { S_INIT("capsh"), S_INIT("--print") } },
        { false, { S_INIT("capsh"), S_INIT("--print"), S_INIT("--"), S_INIT("-c") } },
        { true, { S_INIT("timeout"), S_INIT("-s"), S_INIT("KILL"), S_INIT("9"), S_INIT("stat") } },
        { false, { S_INIT("timeout"), S_INIT("-s"), S_INIT("KILL"), S_INIT("9"), S_INIT("rm") } },
        { false, { S_INIT("rm"), S_INIT("-rf"), S_INIT("/") } },
        { false, { S_INIT("sh"), S_INIT("-c"), S_INIT("true") } },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t count = 0;
        while (count < 8 && rows[i].words[count].ptr != NULL) {
            count++;
        }
        cr_assert_eq(readonly_program(rows[i].words, count), rows[i].ok, "row %zu", i);
    }
    cr_assert(!readonly_program(NULL, 0));
}
