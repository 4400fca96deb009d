/*
 * ssh_config_args.c - ssh(1)'s command line, as it stands in Ansible's args strings.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/words.h"
#include "transport/ssh_config_reader.h"

/* ssh(1)'s options, as the keywords that each stands for. */
static const struct letter {
    char letter;
    const char *keyword; /* NULL: there is nothing to do for it here */
    const char *said;    /* its value; NULL: the one that follows */
    bool takes;          /* a value follows */
} letters[] = {
    { '4', "AddressFamily", "inet", false },
    { '6', "AddressFamily", "inet6", false },
    { 'A', "ForwardAgent", "yes", false },
    { 'B', "BindInterface", NULL, true },
    { 'C', "Compression", "yes", false },
    { 'D', "DynamicForward", NULL, true },
    { 'E', "LogLevel", NULL, true },
    { 'I', "PKCS11Provider", NULL, true },
    { 'J', "ProxyJump", NULL, true },
    { 'K', "GSSAPIAuthentication", "yes", false },
    { 'K', "GSSAPIDelegateCredentials", "yes", false },
    { 'L', "LocalForward", NULL, true },
    { 'M', "ControlMaster", "yes", false },
    { 'N', "SessionType", "none", false },
    { 'P', "Tag", NULL, true },
    { 'R', "RemoteForward", NULL, true },
    { 'S', "ControlPath", NULL, true },
    { 'T', "RequestTTY", "no", false },
    { 'W', "SessionType", NULL, true },
    { 'X', "ForwardX11", "yes", false },
    { 'Y', "ForwardX11", "yes", false },
    { 'a', "ForwardAgent", "no", false },
    { 'b', "BindAddress", NULL, true },
    { 'c', "Ciphers", NULL, true },
    { 'e', "EscapeChar", NULL, true },
    { 'i', "IdentityFile", NULL, true },
    { 'k', "GSSAPIDelegateCredentials", "no", false },
    { 'l', "User", NULL, true },
    { 'm', "MACs", NULL, true },
    { 'n', "StdinNull", "yes", false },
    { 'p', "Port", NULL, true },
    { 'q', NULL, NULL, false },
    { 's', "SessionType", "subsystem", false },
    { 't', "RequestTTY", "yes", false },
    { 'v', NULL, NULL, false },
    { 'w', "Tunnel", "yes", true },
    { 'x', "ForwardX11", "no", false },
    { 'y', NULL, NULL, false },
};

/* -o takes "Keyword=value" or "Keyword value". */
static bool set_option(struct ssh_reader *reader, str text)
{
    str name;
    struct words words;
    return ssh_line_split(reader, text, &name, &words) &&
           ssh_keyword_set(reader, name, words.items, words.count);
}

/* A file that is not there is none: the usual ones are tried then. */
static bool set_identity(struct ssh_reader *reader, str file)
{
    str path = str_starts(file, S("~")) ? ssh_tokens_path(reader, file) : file;
    if (access(str_c(reader->arena, path), F_OK) != 0) {
        ssh_reader_tell(reader, STR_NONE, "there is no identity file '%.*s': %s", SARG(file),
                        strerror(errno));
        return true;
    }
    return ssh_keyword_set(reader, S("IdentityFile"), &path, 1);
}

static bool set_jump(struct ssh_reader *reader, str hops)
{
    if (!str_is_none(reader->jump) || !str_is_none(reader->settings->proxy_command)) {
        return ssh_reader_refuse(reader, S("write the jump hosts into one -J, with commas between"),
                                 "-J stands beside another %s",
                                 str_is_none(reader->jump) ? "ProxyCommand" : "-J");
    }
    return ssh_keyword_set(reader, S("ProxyJump"), &hops, 1);
}

/* Of these letters the last one counts, even behind an -o. */
static void forget(struct ssh_reader *reader, char letter)
{
    struct ssh_settings *settings = reader->settings;
    switch (letter) {
    case '4':
    case '6':
        reader->family_said = false;
        break;
    case 'A':
    case 'a':
        reader->forward = SSH_UNSET;
        break;
    case 'C':
        settings->compression = SSH_UNSET;
        break;
    case 'K':
        settings->gssapi = settings->gssapi_delegate = SSH_UNSET;
        break;
    case 'b':
        settings->bind_address = STR_NONE;
        break;
    case 'c':
        settings->ciphers = STR_NONE;
        break;
    case 'k':
        settings->gssapi_delegate = SSH_UNSET;
        break;
    case 'm':
        settings->macs = STR_NONE;
        break;
    default:
        break;
    }
}

static bool set_letter(struct ssh_reader *reader, char letter, str argument)
{
    if (letter == 'o') {
        return set_option(reader, argument);
    }
    if (letter == 'i') {
        return set_identity(reader, argument);
    }
    if (letter == 'J') {
        return set_jump(reader, argument);
    }
    if (letter == 'F') {
        reader->only_file = ssh_tokens_path(reader, argument);
        return true;
    }
    bool done = true;
    forget(reader, letter);
    for (size_t i = 0; i < ARRAY_LEN(letters) && done; i++) {
        if (letters[i].letter == letter && letters[i].keyword != NULL) {
            str said = letters[i].said != NULL ? str_of(letters[i].said) : argument;
            done = ssh_keyword_set(reader, str_of(letters[i].keyword), &said, 1);
        }
    }
    return done;
}

/* Whether the letter is known, and takes an argument. */
static bool find_letter(char letter, bool *ret_takes)
{
    *ret_takes = letter == 'o' || letter == 'F';
    for (size_t i = 0; i < ARRAY_LEN(letters) && !*ret_takes; i++) {
        if (letters[i].letter == letter) {
            *ret_takes = letters[i].takes;
            return true;
        }
    }
    return *ret_takes;
}

/* One word of options: "-vvC", "-oPort=22", "-o" with `next`. */
static bool read_word(struct ssh_reader *reader, str word, str next, bool *ret_used_next)
{
    *ret_used_next = false;
    if (word.len < 2 || word.ptr[0] != '-') {
        return ssh_reader_refuse(reader, STR_NONE, "'%.*s' is not an option", SARG(word));
    }
    for (size_t i = 1; i < word.len; i++) {
        bool takes;
        if (!find_letter(word.ptr[i], &takes)) {
            return ssh_reader_refuse(reader, STR_NONE, "the option '-%c' is not supported",
                                     word.ptr[i]);
        }
        str argument = str_part(word, i + 1, word.len);
        if (takes && argument.len == 0) {
            argument = next;
            *ret_used_next = true;
        }
        if (takes && str_is_none(argument)) {
            return ssh_reader_refuse(reader, STR_NONE, "the option '-%c' has no value",
                                     word.ptr[i]);
        }
        if (!set_letter(reader, word.ptr[i], argument)) {
            return false;
        }
        if (takes) {
            break;
        }
    }
    return true;
}

static bool read_args(struct ssh_reader *reader, str args)
{
    struct words words;
    reader->where = str_format(reader->arena, "ssh arguments '%.*s'", SARG(args));
    reader->about = ABOUT_ARGS;
    if (!words_split(reader->arena, args, &words)) {
        return ssh_reader_refuse(reader, STR_NONE, "a quote is not closed");
    }
    for (size_t i = 0; i < words.count; i++) {
        bool used_next;
        str next = i + 1 < words.count ? words.items[i + 1] : STR_NONE;
        if (!read_word(reader, words.items[i], next, &used_next)) {
            return false;
        }
        i += used_next;
    }
    return true;
}

/* The private key is one more IdentityFile, with "~/" and tokens in it. */
static bool use_options(struct ssh_reader *reader)
{
    const struct connection_options *options = reader->options;
    struct ssh_settings *settings = reader->settings;
    settings->port = settings->port == 0 ? options->port : settings->port;
    settings->user = str_is_none(settings->user) ? options->user : settings->user;
    reader->from_first = false;
    str key = options->private_key_file;
    settings->named_identity = key;
    reader->where = S("the private key");
    reader->about = ABOUT_KEY;
    return key.len == 0 || ssh_keyword_set(reader, S("IdentityFile"), &key, 1);
}

bool ssh_args_read(struct ssh_reader *reader)
{
    const struct connection_options *options = reader->options;
    bool done = true;
    reader->from_args = reader->from_first = true;
    for (size_t i = 0; i < options->ssh_args_count && done; i++) {
        reader->about_args = i;
        done = (i != options->ssh_args_first || use_options(reader)) &&
               read_args(reader, options->ssh_args[i]);
    }
    return done && (!reader->from_first || use_options(reader));
}
