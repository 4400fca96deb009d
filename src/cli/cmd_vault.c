/*
 * cmd_vault.c - hostler vault: files encrypted and decrypted, interchangeable with ansible-vault.
 *
 * A file that is changed in place is replaced by a new one beside it, so that it is the old one or
 * the new one; it keeps owner and mode. Plain text meets a disk only where the user sends it:
 * `decrypt`, or an --output.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/passwords.h"
#include "cli/vault_edit.h"

struct vault_command_args {
    struct vault_args vault, fresh; /* fresh: of rekey, the new ones */
    struct texts names;
    str encrypt_id, output, stdin_name;
    bool prompt, show_input, help;
    unsigned verbosity;
};

#define ARG(field) offsetof(struct vault_command_args, field)

static const struct option_row rows[] = {
    VAULT_OPTIONS(struct vault_command_args, vault),
    { 0, S_INIT("encrypt-vault-id"), NULL, OPTION_TEXT, ARG(encrypt_id), "ID",
      "Which of the vault ids encrypts, where there are several." },
    { 0, S_INIT("output"), NULL, OPTION_TEXT, ARG(output), "FILE",
      "encrypt, decrypt, encrypt_string: write there; '-' is standard output." },
    { 0, S_INIT("new-vault-id"), NULL, OPTION_TEXTS, ARG(fresh.ids), "[ID@]SOURCE",
      "rekey: the new password, with its id." },
    { 0, S_INIT("new-vault-password-file"), NULL, OPTION_TEXTS, ARG(fresh.files), "FILE",
      "rekey: the new password." },
    { 'n', S_INIT("name"), NULL, OPTION_TEXTS, ARG(names), "NAME",
      "encrypt_string: the variable; once for each text." },
    { 0, S_INIT("stdin-name"), NULL, OPTION_TEXT, ARG(stdin_name), "NAME",
      "encrypt_string: the variable whose text comes from standard input." },
    { 'p', S_INIT("prompt"), NULL, OPTION_FLAG, ARG(prompt), NULL,
      "encrypt_string: ask for the text." },
    { 0, S_INIT("show-input"), NULL, OPTION_FLAG, ARG(show_input), NULL,
      "encrypt_string: show it while it is typed." },
    { 'v', S_INIT("verbose"), NULL, OPTION_COUNT, ARG(verbosity), NULL, "No effect." },
    { 'h', S_INIT("help"), NULL, OPTION_FLAG, ARG(help), NULL, "Show this." },
    OPTIONS_END,
};

struct work {
    struct setup *setup;
    struct arena *arena;
    struct diags *diags;
    const struct vault_command_args *args;
    struct texts files;
    struct vault_ids *ids;
    str password, id; /* to encrypt with; id STR_NONE: the format without one */
};

static bool fail(const struct work *work, const char *format, ...) PRINTF(2, 3);
static bool fail(const struct work *work, const char *format, ...)
{
    struct strbuf text = strbuf_in(work->arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    diag_error(work->diags, SPAN_NONE, "%.*s", SARG(strbuf_str(&text)));
    return false;
}

static bool is_standard(str path)
{
    return str_is_none(path) || str_eq(path, S("-"));
}

/* ---- passwords ---- */

/* Those given; asked for where none is. */
static bool open_ids(struct work *work, const struct vault_args *args, bool fresh,
                     struct vault_ids **ret)
{
    struct vault_args ask = *args;
    *ret = vault_ids_new(work->diags, &work->setup->config, args, fresh, NULL);
    if (*ret == NULL || vault_ids_count(*ret) > 0) {
        return *ret != NULL;
    }
    vault_ids_free(*ret);
    ask.ask = true;
    *ret = vault_ids_new(work->diags, &work->setup->config, &ask, fresh, NULL);
    return *ret != NULL;
}

/* Which password encrypts, and under what id. */
static bool choose_key(struct work *work, const struct vault_ids *ids)
{
    str wanted = work->args->encrypt_id;
    size_t index = 0;
    if (str_is_none(wanted)) {
        wanted = config_text(&work->setup->config, SET_VAULT_ENCRYPT_IDENTITY);
    }
    if (!str_is_none(wanted) && !vault_ids_find(ids, wanted, &index)) {
        return fail(work, "there is no password for the vault id '%.*s'", SARG(wanted));
    }
    if (str_is_none(wanted) && vault_ids_count(ids) > 1) {
        struct strbuf names = strbuf_in(work->arena);
        for (size_t i = 0; i < vault_ids_count(ids); i++) {
            strbuf_addf(&names, "%s%.*s", i > 0 ? ", " : "", SARG(vault_ids_name(ids, i)));
        }
        fail(work, "any of the vault ids %.*s could encrypt", SARG(strbuf_str(&names)));
        diag_hint(work->diags->all.items[work->diags->all.len - 1],
                  "choose one with --encrypt-vault-id");
        return false;
    }
    str name = vault_ids_name(ids, index);
    work->password = vault_ids_password(ids, index);
    work->id = str_eq(name, S("default")) ? STR_NONE : name;
    return true;
}

/* ---- reading and writing ---- */

static bool read_input(const struct work *work, str path, str *ret)
{
    return file_bytes(work->arena, work->diags, is_standard(path) ? S("/dev/stdin") : path, ret);
}

static bool write_output(const struct work *work, str path, str text)
{
    if (is_standard(path)) {
        bool ok = fwrite(text.ptr, 1, text.len, stdout) == text.len && fflush(stdout) == 0;
        return ok || fail(work, "cannot write to standard output: %s", strerror(errno));
    }
    return file_replace(work->arena, work->diags, path, text);
}

/* Where a file's other form goes: beside it, or to --output. */
static str output_for(const struct work *work, str file)
{
    return str_is_none(work->args->output) ? file : work->args->output;
}

static bool open_text(const struct work *work, str path, str sealed, str *ret, size_t *ret_index)
{
    str shown = is_standard(path) ? S("standard input") : path;
    if (!vault_is(sealed)) {
        return fail(work, "'%.*s' is not encrypted", SARG(shown));
    }
    const char *what = str_format(work->arena, "'%.*s'", SARG(shown)).ptr;
    return vault_ids_open(work->ids, work->diags, SPAN_NONE, what, sealed, ret, ret_index);
}

/* Told only to somebody who looks. */
static void tell_success(const char *what)
{
    if (isatty(STDOUT_FILENO)) {
        fprintf(stderr, "%s successful\n", what);
    }
}

/* ---- the actions ---- */

typedef bool action_fn(struct work *work, str file);

static bool for_each_file(struct work *work, action_fn *action)
{
    if (work->files.count == 0) {
        return action(work, S("-"));
    }
    if (work->files.count > 1 && !str_is_none(work->args->output)) {
        return fail(work, "--output is for one file, and %zu are given", work->files.count);
    }
    for (size_t i = 0; i < work->files.count; i++) {
        if (!action(work, work->files.items[i])) {
            return false;
        }
    }
    return true;
}

static bool encrypt_file(struct work *work, str file)
{
    str plain;
    if (!read_input(work, file, &plain)) {
        return false;
    }
    if (vault_is(plain)) {
        return fail(work, "'%.*s' is encrypted already", SARG(file));
    }
    str sealed = vault_encrypt(work->arena, plain, work->password, work->id);
    return write_output(work, output_for(work, file), sealed);
}

static bool action_encrypt(struct work *work)
{
    if (!open_ids(work, &work->args->vault, true, &work->ids) || !choose_key(work, work->ids) ||
        !for_each_file(work, encrypt_file)) {
        return false;
    }
    tell_success("Encryption");
    return true;
}

static bool decrypt_file(struct work *work, str file)
{
    str sealed, plain;
    size_t index;
    return read_input(work, file, &sealed) && open_text(work, file, sealed, &plain, &index) &&
           write_output(work, output_for(work, file), plain);
}

static bool action_decrypt(struct work *work)
{
    if (!open_ids(work, &work->args->vault, false, &work->ids) ||
        !for_each_file(work, decrypt_file)) {
        return false;
    }
    tell_success("Decryption");
    return true;
}

static bool view_file(struct work *work, str file)
{
    str sealed, plain;
    size_t index;
    return read_input(work, file, &sealed) && open_text(work, file, sealed, &plain, &index) &&
           vault_show(work->arena, work->diags, plain);
}

static bool action_view(struct work *work)
{
    return open_ids(work, &work->args->vault, false, &work->ids) && for_each_file(work, view_file);
}

/* With the password and id that it had, unless --encrypt-vault-id says otherwise. */
static bool edit_file(struct work *work, str file)
{
    str sealed, plain, edited;
    size_t index;
    struct vault_text text;
    const char *problem;
    if (!read_input(work, file, &sealed) || !open_text(work, file, sealed, &plain, &index) ||
        !vault_edit(work->arena, work->diags, file, plain, &edited)) {
        return false;
    }
    vault_read(sealed, &text, &problem);
    work->password = vault_ids_password(work->ids, index);
    work->id = text.id;
    if (!str_is_none(work->args->encrypt_id) && !choose_key(work, work->ids)) {
        return false;
    }
    return (str_eq(plain, edited) && str_is_none(work->args->encrypt_id)) ||
           file_replace(work->arena, work->diags, file,
                        vault_encrypt(work->arena, edited, work->password, work->id));
}

static bool action_edit(struct work *work)
{
    if (work->files.count == 0) {
        return fail(work, "'edit' needs a file");
    }
    return open_ids(work, &work->args->vault, false, &work->ids) && for_each_file(work, edit_file);
}

static bool action_create(struct work *work)
{
    struct stat st;
    str edited;
    if (work->files.count != 1) {
        return fail(work, "'create' needs one file");
    }
    str file = work->files.items[0];
    if (lstat(str_c(work->arena, file), &st) == 0) {
        fail(work, "'%.*s' exists already", SARG(file));
        diag_hint(work->diags->all.items[work->diags->all.len - 1], "hostler vault edit %.*s",
                  SARG(file));
        return false;
    }
    return open_ids(work, &work->args->vault, true, &work->ids) && choose_key(work, work->ids) &&
           vault_edit(work->arena, work->diags, file, STR_EMPTY, &edited) &&
           file_replace(work->arena, work->diags, file,
                        vault_encrypt(work->arena, edited, work->password, work->id));
}

static bool rekey_file(struct work *work, str file)
{
    str sealed, plain;
    size_t index;
    return read_input(work, file, &sealed) && open_text(work, file, sealed, &plain, &index) &&
           file_replace(work->arena, work->diags, file,
                        vault_encrypt(work->arena, plain, work->password, work->id));
}

static bool action_rekey(struct work *work)
{
    struct vault_args fresh = work->args->fresh;
    if (work->files.count == 0) {
        return fail(work, "'rekey' needs a file");
    }
    if (!open_ids(work, &work->args->vault, false, &work->ids)) {
        return false;
    }
    fresh.ask = fresh.ids.count + fresh.files.count == 0;
    struct config config = config_empty(); /* settings name the old one */
    struct vault_ids *ids = vault_ids_new(work->diags, &config, &fresh, true, NULL);
    bool ok = ids != NULL && choose_key(work, ids) && for_each_file(work, rekey_file);
    vault_ids_free(ids);
    if (ok) {
        tell_success("Rekey");
    }
    return ok;
}

/* ---- encrypt_string ---- */

/* A text as a playbook may hold it: "name: !vault |" and indented lines. */
static void add_yaml(struct strbuf *out, const struct work *work, str name, str plain)
{
    str sealed = vault_encrypt(work->arena, plain, work->password, work->id);
    if (!str_is_none(name)) {
        strbuf_addf(out, "%.*s: ", SARG(name));
    }
    strbuf_add(out, S("!vault |\n"));
    for (str line; sealed.len > 0 && !str_is_none(sealed);) {
        line = str_cut_line(&sealed);
        strbuf_addf(out, "          %.*s\n", SARG(line));
    }
}

static bool ask_text(const struct work *work, str *ret)
{
    return terminal_ask(NULL, work->arena, S("String to encrypt: "), work->args->show_input, ret) ||
           fail(work, "there is no terminal to ask for the text");
}

static bool strings_to_yaml(struct work *work, struct strbuf *out)
{
    const struct vault_command_args *args = work->args;
    str text;
    size_t named = 0;
    if (args->prompt) {
        str name = args->names.count > 0 ? args->names.items[0] : STR_NONE;
        if (!ask_text(work, &text)) {
            return false;
        }
        named = args->names.count > 0;
        add_yaml(out, work, name, text);
    }
    bool from_stdin = !str_is_none(args->stdin_name) || (!args->prompt && work->files.count == 0);
    for (size_t i = 0; i < work->files.count; i++) {
        if (str_eq(work->files.items[i], S("-"))) {
            from_stdin = true;
            continue;
        }
        str name = named < args->names.count ? args->names.items[named++] : STR_NONE;
        add_yaml(out, work, name, work->files.items[i]);
    }
    if (from_stdin) {
        str name = !str_is_none(args->stdin_name) ? args->stdin_name
                   : named < args->names.count    ? args->names.items[named]
                                                  : STR_NONE;
        if (isatty(STDIN_FILENO)) {
            fputs("Reading plaintext input from stdin. (ctrl-d to end input, twice if your content "
                  "does not already have a newline)\n",
                  stderr);
        }
        if (!read_input(work, S("-"), &text)) {
            return false;
        }
        if (text.len == 0) {
            return fail(work, "there is no text to encrypt on standard input");
        }
        add_yaml(out, work, name, text);
    }
    return true;
}

static bool action_encrypt_string(struct work *work)
{
    struct strbuf out = strbuf_in(work->arena);
    if (!open_ids(work, &work->args->vault, true, &work->ids) || !choose_key(work, work->ids) ||
        !strings_to_yaml(work, &out) || !write_output(work, work->args->output, strbuf_str(&out))) {
        return false;
    }
    tell_success("Encryption");
    return true;
}

/* ---- the command ---- */

static const struct action_row {
    str name;
    const char *usage, *doc;
    bool (*run)(struct work *work);
} actions[] = {
    { S_INIT("create"), "FILE", "write a new encrypted file in an editor", action_create },
    { S_INIT("decrypt"), "[FILE...]", "decrypt files, or standard input", action_decrypt },
    { S_INIT("edit"), "FILE...", "change encrypted files in an editor", action_edit },
    { S_INIT("encrypt"), "[FILE...]", "encrypt files, or standard input", action_encrypt },
    { S_INIT("encrypt_string"), "[TEXT...]", "encrypt texts for a playbook",
      action_encrypt_string },
    { S_INIT("rekey"), "FILE...", "give encrypted files another password", action_rekey },
    { S_INIT("view"), "[FILE...]", "show encrypted files", action_view },
};

static void help(void)
{
    puts("usage: hostler vault ACTION [OPTION...] [FILE...]\n\nKeep secrets in files that are "
         "encrypted, as ansible-vault does.\n");
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        printf("  %-15.*s %-11s %s\n", SARG(actions[i].name), actions[i].usage, actions[i].doc);
    }
    puts("");
    options_help(stdout, rows);
}

static const struct action_row *find_action(struct arena *arena, str name)
{
    str names[ARRAY_LEN(actions)];
    name = str_replace(arena, name, S("-"), S("_")); /* encrypt-string */
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        names[i] = actions[i].name;
        if (str_eq(actions[i].name, name)) {
            return &actions[i];
        }
    }
    fprintf(stderr, "error: there is no action '%.*s'\n", SARG(name));
    str near = suggest(name, names, ARRAY_LEN(names));
    if (!str_is_none(near)) {
        fprintf(stderr, "hint: did you mean '%.*s'?\n", SARG(near));
    }
    return NULL;
}

static enum run_status run(struct setup *setup, const struct command_call *call, void *none)
{
    struct vault_command_args args = { .encrypt_id = STR_NONE };
    struct texts rest;
    if (!options_parse(setup->arena, "hostler vault", rows, call->argc, call->argv, &args, &rest)) {
        return RUN_USAGE;
    }
    if (args.help) {
        help();
        return RUN_OK;
    }
    if (rest.count == 0) {
        fputs("error: an action is needed\nhint: hostler vault --help lists them\n", stderr);
        return RUN_USAGE;
    }
    const struct action_row *action = find_action(setup->arena, rest.items[0]);
    if (action == NULL) {
        return RUN_USAGE;
    }
    struct work work = { .setup = setup,
                         .arena = setup->arena,
                         .diags = setup->diags,
                         .args = &args,
                         .files = { rest.items + 1, rest.count - 1 } };
    bool ok = action->run(&work);
    vault_ids_free(work.ids);
    return ok ? RUN_OK : RUN_ERROR;
}

int command_vault(const struct command_call *call)
{
    return exit_status(command_do(call, run, NULL), call->as_ansible);
}
