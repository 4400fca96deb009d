/*
 * become_methods.c - the table of programs that make us another user, and the words they use.
 */
#include "transport/become_methods.h"

#include <string.h>

#include "base/bug.h"
#include "base/words.h"

/* ---- names ---- */

#define NOT_HERE "its program gives no shell that reads commands"

static const struct become_name names[] = {
    { S_INIT("sudo"), S_INIT("sudo"), BECOME_SUDO, NULL },
    { S_INIT("su"), S_INIT("su"), BECOME_SU, NULL },
    { S_INIT("doas"), S_INIT("doas"), BECOME_DOAS, NULL },
    { S_INIT("dzdo"), S_INIT("dzdo"), BECOME_DZDO, NULL },
    { S_INIT("sudosu"), S_INIT("sudo"), BECOME_SUDOSU, NULL },
    { S_INIT("enable"), { NULL, 0 }, BECOME_NONE, "it is for network devices" },
    { S_INIT("ksu"), { NULL, 0 }, BECOME_NONE, "its Kerberos prompts are not known here" },
    { S_INIT("machinectl"), { NULL, 0 }, BECOME_NONE, NOT_HERE },
    { S_INIT("pbrun"), { NULL, 0 }, BECOME_NONE, "its prompts are not known here" },
    { S_INIT("pfexec"), { NULL, 0 }, BECOME_NONE, "it becomes nobody but keeps the user" },
    { S_INIT("pmrun"), { NULL, 0 }, BECOME_NONE, "its prompts are not known here" },
    { S_INIT("run0"), { NULL, 0 }, BECOME_NONE, NOT_HERE },
    { S_INIT("runas"), { NULL, 0 }, BECOME_NONE, "it is for Windows" },
    { S_INIT("sesu"), { NULL, 0 }, BECOME_NONE, "its prompts are not known here" },
};

const struct become_name *become_names(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(names);
    return names;
}

const struct become_name *become_name(str name)
{
    static const str collections[] = { S_INIT("ansible.builtin."), S_INIT("ansible.legacy."),
                                       S_INIT("community.general."), S_INIT("community.okd.") };
    for (size_t i = 0; i < ARRAY_LEN(collections); i++) {
        if (str_starts(name, collections[i])) {
            name = str_part(name, collections[i].len, name.len);
            break;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(names[i].name, name)) {
            return &names[i];
        }
    }
    return NULL;
}

str become_method_name(enum become_method method)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (names[i].method == method) {
            return names[i].name;
        }
    }
    BUG("become method %d", (int)method);
}

/* ---- programs ---- */

/*
 * sudo runs what it is given; su gives it to the login shell of the user, whatever that is. Its
 * command stands behind the user: on a BSD, where that is the login shell's own argument, this
 * comes to the same.
 */
static const struct become_program programs[] = {
    [BECOME_SUDO] = { S_INIT("sudo"), "-p %P -u %U /bin/sh -c %S", S_INIT("-H -S -n"), S_INIT("-S"),
                      S_INIT("-n"), false },
    [BECOME_SU] = { S_INIT("su"), "%U -c %L", S_INIT(""), { NULL, 0 }, { NULL, 0 }, false },
    [BECOME_DOAS] = { S_INIT("doas"),
                      "-u %U /bin/sh -c %S",
                      S_INIT(""),
                      { NULL, 0 },
                      S_INIT("-n"),
                      true },
    [BECOME_DZDO] = { S_INIT("dzdo"), "-p %P -u %U /bin/sh -c %S", S_INIT("-H -S -n"), S_INIT("-S"),
                      S_INIT("-n"), false },
    [BECOME_SUDOSU] = { S_INIT("sudo"), "-p %P su -l %U -c %L", S_INIT("-H -S -n"), S_INIT("-S"),
                        S_INIT("-n"), false },
};

const struct become_program *become_program(enum become_method method)
{
    BUG_ON(method == BECOME_NONE || (size_t)method >= ARRAY_LEN(programs));
    return &programs[method];
}

str become_exe(const struct become *become)
{
    return str_is_none(become->exe) ? become_program(become->method)->exe : become->exe;
}

bool become_prompt_is_ours(enum become_method method)
{
    return strstr(become_program(method)->form, "%P") != NULL;
}

/* "-n", "--non-interactive", and the n of "-Hn". What a cluster keeps of it is left in *ret. */
static bool takes_quiet_out(struct arena *arena, str word, str *ret)
{
    *ret = word;
    if (str_eq(word, S("-n")) || str_eq(word, S("--non-interactive"))) {
        return false;
    }
    bool cluster = word.len > 2 && word.ptr[0] == '-' && word.ptr[1] != '-';
    for (size_t i = 1; cluster && i < word.len; i++) {
        cluster = strchr("AbBEHikKnPSs", word.ptr[i]) != NULL; /* sudo's flags without a value */
    }
    if (cluster) {
        *ret = str_replace(arena, word, S("n"), STR_EMPTY);
    }
    return true;
}

bool become_call(struct arena *arena, const struct become *become, struct strbuf *command)
{
    const struct become_program *program = become_program(become->method);
    bool password = !str_is_none(become->password);
    str given = str_is_none(become->flags) ? program->flags : become->flags;
    bool has_needed = str_is_none(program->with_password), quiet = !program->always_quiet;
    struct words words;
    if (!words_split(arena, given, &words)) {
        return false;
    }
    shell_quote_to(command, become_exe(become));
    for (size_t i = 0; i < words.count; i++) {
        str word = words.items[i];
        if (password && !str_is_none(program->no_questions) &&
            !takes_quiet_out(arena, word, &word)) {
            continue;
        }
        has_needed = has_needed || str_eq(word, program->with_password);
        quiet = quiet || str_eq(word, program->no_questions);
        strbuf_add_char(command, ' ');
        shell_quote_to(command, word);
    }
    if (password && !has_needed) {
        strbuf_addf(command, " %.*s", SARG(program->with_password));
    }
    if (!password && !quiet) {
        strbuf_addf(command, " %.*s", SARG(program->no_questions));
    }
    return true;
}

/* ---- prompts in words ---- */

/* "Password" as Linux-PAM's catalogues of messages have it, and as glibc's neighbours do. */
static const char *const prompt_words[] = {
    "Password",     "Adgangskode", "Contrasenya",   "Contraseña", "Contrasigno", "Focal faire",
    "Hasło",        "Heslo",       "Iphasiwedi",    "Jelszó",     "Lozinka",     "Lösenord",
    "Mot de passe", "Mật khẩu",    "Palavra-passe", "Parola",     "Parolă",      "Parool",
    "Pasahitza",    "Passord",     "Passwort",      "Pasvorto",   "Salasana",    "Sandi",
    "Senha",        "Wachtwoord",  "Şifrə",         "Лозинка",    "Парола",      "Пароль",
    "ססמה",         "كلمة السر",   "गुप्तशब्द",        "शब्दकूट",      "গুপ্তশব্দ",      "পাসওয়ার্ড",
    "ਪਾਸਵਰਡ",       "પાસવર્ડ",      "ପ୍ରବେଶ ସଙ୍କେତ",   "கடவுச்சொல்",   "సంకేతపదము",    "ಗುಪ್ತಪದ",
    "അടയാളവാക്ക്",    "රහස්පදය",      "პაროლი",        "ពាក្យសម្ងាត់",  "パスワード",  "口令",
    "密码",         "密碼",        "암호",
};

/* Colons, and the blank that no-one breaks a line at. */
static str without_colon(str line)
{
    static const str colons[] = { S_INIT(":"), S_INIT("："), S_INIT("៖") };
    static const str blank = S_INIT("\xc2\xa0");
    line = str_trim_right(line);
    for (size_t i = 0; i < ARRAY_LEN(colons); i++) {
        if (str_ends(line, colons[i])) {
            line = str_trim_right(str_part(line, 0, line.len - colons[i].len));
            return str_ends(line, blank) ? str_part(line, 0, line.len - blank.len) : line;
        }
    }
    return STR_NONE;
}

/* What may stand before the word: nothing, "deploy's ", "doas (deploy@web1) ". */
static bool is_introduction(str text)
{
    return text.len == 0 ||
           (str_ends(text, S("'s ")) && str_find_char(text, ' ', 0) == text.len - 1) ||
           (str_starts(text, S("doas (")) && str_ends(text, S(") ")));
}

static bool is_prompt(str line, str word)
{
    return line.len >= word.len && word.len > 0 &&
           str_eq_nocase(str_part(line, line.len - word.len, line.len), word) &&
           is_introduction(str_part(line, 0, line.len - word.len));
}

size_t become_prompt_in_words(str text, str prompts)
{
    size_t from = text.len;
    while (from > 0 && text.ptr[from - 1] != '\n' && text.ptr[from - 1] != '\r') {
        from--;
    }
    str line = without_colon(str_part(text, from, text.len));
    bool found = false;
    if (str_is_none(line)) {
        return STR_NPOS;
    }
    if (!str_is_none(prompts)) {
        while (!found && !str_is_none(prompts)) {
            found = is_prompt(line, str_trim(str_cut(&prompts, '\n')));
        }
    } else {
        for (size_t i = 0; i < ARRAY_LEN(prompt_words) && !found; i++) {
            found = is_prompt(line, str_of(prompt_words[i]));
        }
    }
    return found ? from : STR_NPOS;
}

/* ---- refusals ---- */

#define ASK_PASSWORD S_INIT("-K asks for it")
#define ANOTHER_SHELL                                                                              \
    S_INIT(                                                                                        \
        "its login shell is the cause; su takes another one by become_flags: '-s /bin/sh', sudo "  \
        "and doas need none")
#define EXPIRED                                                                                    \
    "refused: a password has expired", S_INIT("log in by hand and change it, or see chage(1)"), true

/* Those that deserve better words than the program's own. They are the login's in language, so a
 * text that is not here falls through to being shown as it is. The first that fits counts. */
static const struct become_refusal refusals[] = {
    { "assword is expired", EXPIRED },
    { "assword has expired", EXPIRED },
    { "assword expired", EXPIRED },
    { "change your password immediately", EXPIRED },
    { "Authentication token is no longer valid", EXPIRED },
    { "Current password:", EXPIRED },
    { "New password:", EXPIRED },
    { "account has expired", "refused: the account has expired", { NULL, 0 }, false },
    { "a password is required", "needs a password", ASK_PASSWORD, false },
    { "a terminal is required", "needs a password", ASK_PASSWORD, false },
    { "no password was provided", "needs a password", ASK_PASSWORD, false },
    { "interactive authentication is required", "needs a password", ASK_PASSWORD, false },
    { "Authentication required", "needs a password", ASK_PASSWORD, false },
    { "Authorization required", "needs a password", ASK_PASSWORD, false },
    { "incorrect password", "refused the password: it is wrong", { NULL, 0 }, false },
    { "Authentication failure", "refused the password: it is wrong", { NULL, 0 }, false },
    { "Authentication failed", "refused the password: it is wrong", { NULL, 0 }, false },
    { "is not in the sudoers file", "is not allowed", { NULL, 0 }, false },
    { "is not allowed to", "is not allowed", { NULL, 0 }, false },
    { "may not run sudo", "is not allowed", { NULL, 0 }, false },
    { "Operation not permitted", "is not allowed", { NULL, 0 }, false },
    { "Permission denied", "is not allowed", { NULL, 0 }, false },
    { "must be run from a terminal", "wants a terminal", { NULL, 0 }, false },
    { "doas is not enabled", "does not work, there is no /etc/doas.conf", { NULL, 0 }, false },
    { "unknown user", "does not work, there is no such user", { NULL, 0 }, false },
    { "invalid user", "does not work, there is no such user", { NULL, 0 }, false },
    { "does not exist or the user entry",
      "does not work, there is no such user",
      { NULL, 0 },
      false },
    { "account validation failure", "refused the account", { NULL, 0 }, false },
    { "failed to execute", "could not start the user's login shell", ANOTHER_SHELL, false },
};

/* Of a login shell, the user's own or, by su, the other one's. */
static const struct become_refusal shell_refusals[] = {
    { "This account is currently not available", "gives no shell", ANOTHER_SHELL, false },
    { "exec: restricted", "gives no shell", ANOTHER_SHELL, false },
    { "sftp connections only", "gives no shell", S_INIT("see ForceCommand in its sshd_config"),
      false },
};

static const struct become_refusal *find_refusal(const struct become_refusal *rows, size_t count,
                                                 str said)
{
    for (size_t i = 0; i < count; i++) {
        if (str_find(said, str_of(rows[i].says), 0) != STR_NPOS) {
            return &rows[i];
        }
    }
    return NULL;
}

const struct become_refusal *become_refusal(str said, bool login)
{
    const struct become_refusal *found =
        find_refusal(shell_refusals, ARRAY_LEN(shell_refusals), said);
    return found != NULL || login ? found : find_refusal(refusals, ARRAY_LEN(refusals), said);
}
