/* lookups_other.c - csvfile, ini, password. */
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/utf8.h"
#include "formats/csv.h"
#include "formats/pyini.h"
#include "template/lookup.h"
#include "template/random.h"

/* "key a=1 b=2": the first words, then options, as terms may be written. */
struct term {
    str key;
    value options; /* a map */
};

static bool is_option(const char *const *names, str name)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (str_eq(name, str_of(names[i]))) {
            return true;
        }
    }
    return false;
}

static bool add_option(struct call *call, const char *const *names, str name, str text,
                       struct map_builder *options)
{
    if (!is_option(names, name)) {
        return call_fail(call, "has no option '%.*s'", SARG(name));
    }
    map_set_str(options, name, value_str(call->arena, text));
    return true;
}

/* The end of a word at `from`: a space that stands in no quotes. */
static size_t word_end(str s, size_t from)
{
    char quote = 0;
    size_t at = from;
    for (; at < s.len && (quote != 0 || s.ptr[at] != ' '); at++) {
        char c = s.ptr[at];
        if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        }
    }
    return at;
}

static str unquoted(str s)
{
    bool quoted =
        s.len > 1 && (s.ptr[0] == '"' || s.ptr[0] == '\'') && s.ptr[s.len - 1] == s.ptr[0];
    return quoted ? str_part(s, 1, s.len - 1) : s;
}

/* csvfile, password: quotes hold the value of an option together; those of the key, which may be
 * empty, are part of it. */
static bool quoted_term(struct call *call, const char *const *names, str s, struct term *ret)
{
    struct strbuf key = strbuf_in(call->arena);
    struct map_builder options = map_in(call->arena);
    size_t key_end = STR_NPOS; /* where the word before ended, if it was one of the key */
    for (size_t at = 0; at < s.len; at++) {
        size_t end = word_end(s, at);
        str word = str_part(s, at, end);
        size_t equals = str_find_char(word, '=', 1);
        if (equals != STR_NPOS) {
            if (!add_option(call, names, str_part(word, 0, equals),
                            unquoted(str_part(word, equals + 1, word.len)), &options)) {
                return false;
            }
        } else if (word.len > 0) {
            str gap = key_end != STR_NPOS ? str_part(s, key_end, at) : S(" ");
            strbuf_addf(&key, "%.*s%.*s", key.len > 0 ? (int)gap.len : 0, gap.ptr, SARG(word));
        }
        key_end = word.len == 0 ? key_end : equals == STR_NPOS ? end : STR_NPOS;
        at = end;
    }
    *ret = (struct term){ strbuf_str(&key), map_seal(&options) };
    return true;
}

/* ini: the value of an option goes on to the next one, with spaces and without quotes. */
static bool plain_term(struct call *call, const char *const *names, str s, struct term *ret)
{
    struct strbuf texts[2] = { strbuf_in(call->arena), strbuf_in(call->arena) };
    struct strbuf *text = &texts[0]; /* of the key */
    struct map_builder options = map_in(call->arena);
    str name = STR_NONE, rest = s;
    *ret = (struct term){ s, map_seal(&options) };
    if (str_find_char(s, '=', 0) == STR_NPOS && str_find_char(str_trim(s), ' ', 0) == STR_NPOS) {
        return true;
    }
    options = map_in(call->arena);
    while (!str_is_none(rest)) {
        str word = str_cut(&rest, ' ');
        size_t equals = str_find_char(word, '=', 0);
        str begun = equals == STR_NPOS ? STR_EMPTY : str_part(word, 0, equals);
        if (begun.len > 0 && is_option(names, begun)) {
            if (!str_is_none(name) &&
                !add_option(call, names, name, strbuf_str(&texts[1]), &options)) {
                return false;
            }
            name = begun;
            text = &texts[1];
            *text = strbuf_in(call->arena);
            word = str_part(word, equals + 1, word.len);
        } else if (equals != STR_NPOS) {
            return call_fail(call, "has no option '%.*s'", SARG(begun));
        }
        strbuf_addf(text, "%s%.*s", text->len > 0 && word.len > 0 ? " " : "", SARG(word));
    }
    if (!str_is_none(name) && !add_option(call, names, name, strbuf_str(&texts[1]), &options)) {
        return false;
    }
    *ret = (struct term){ strbuf_str(&texts[0]), map_seal(&options) };
    return ret->key.len > 0 || call_fail(call, "needs a key before the options");
}

/* An option: of the term, else of the call. */
static bool term_option(struct call *call, const struct term *term, const char *name, str fallback,
                        str *ret)
{
    value v;
    if (value_map_get(term->options, str_of(name), &v)) {
        *ret = value_as_str(v);
        return true;
    }
    return lookup_text(call, name, fallback, ret);
}

/* The text as UTF-8. */
static bool decode_text(struct call *call, str encoding, str text, str *ret)
{
    iconv_t converter = iconv_open("UTF-8", str_c(call->arena, encoding));
    if (converter == (iconv_t)-1) {
        return call_fail(call, "the encoding '%.*s' is not known", SARG(encoding));
    }
    struct strbuf out = strbuf_in(call->arena);
    char *from = (char *)(uintptr_t)text.ptr;
    size_t left = text.len, got = 0;
    while (left > 0 && got != (size_t)-1) {
        size_t room = 4 * left + 16, free_bytes = room;
        char *to = strbuf_room(&out, room);
        got = iconv(converter, &from, &left, &to, &free_bytes);
        strbuf_grew(&out, room - free_bytes);
    }
    iconv_close(converter);
    *ret = strbuf_str(&out);
    return left == 0 || call_fail(call, "byte %zu is not '%.*s'", text.len - left, SARG(encoding));
}

static bool open_file(struct call *call, str name, str encoding, str *ret_text)
{
    str path, bytes;
    if (!find_file(call->eval, "files", name, &path)) {
        note_file_places(call->eval,
                         render_error(call->render, call->at, TEMPLATE_FAILED,
                                      "%s '%s': file '%.*s' is not found", call->kind,
                                      call->row->name, SARG(name)),
                         "files", name);
        return false;
    }
    return read_file(call->eval, place_in_source(call->render, call->at), path, &bytes) &&
           decode_text(call, encoding, bytes, ret_text);
}

/* ---- csvfile ---- */

struct csv {
    str file, delimiter, fallback, column, key_column, encoding;
    int64_t keycol;
};

static const char *const csv_names[] = { "file",   "delimiter", "default", "col",
                                         "keycol", "encoding",  NULL };

static bool csv_options(struct call *call, const struct term *term, struct csv *ret)
{
    if (!term_option(call, term, "file", S("ansible.csv"), &ret->file) ||
        !term_option(call, term, "delimiter", S("TAB"), &ret->delimiter) ||
        !term_option(call, term, "default", STR_NONE, &ret->fallback) ||
        !term_option(call, term, "col", S("1"), &ret->column) ||
        !term_option(call, term, "keycol", S("0"), &ret->key_column) ||
        !term_option(call, term, "encoding", S("utf-8"), &ret->encoding)) {
        return false;
    }
    if (!str_to_int64(ret->key_column, &ret->keycol) || ret->keycol < 0) {
        return call_fail(call, "'keycol' is a number");
    }
    bool tab = str_eq(ret->delimiter, S("TAB")) || str_eq(ret->delimiter, S("\\t")) ||
               str_eq(ret->delimiter, S("t"));
    ret->delimiter = tab ? S("\t") : ret->delimiter;
    return utf8_length(ret->delimiter) == 1 || call_fail(call, "'delimiter' is one character");
}

static bool csv_find(struct call *call, const struct csv *csv, str key, value *ret, bool *ret_found)
{
    str text;
    const struct csv_dialect dialect = { .delimiter = csv->delimiter };
    if (!open_file(call, csv->file, csv->encoding, &text)) {
        return false;
    }
    *ret_found = false;
    while (text.len > 0 && !*ret_found) {
        value row;
        const char *mistake;
        if (!csv_row(call->arena, &dialect, &text, &row, &mistake)) {
            return call_fail(call, "'%.*s': %s", SARG(csv->file), mistake);
        }
        int64_t count = (int64_t)value_count(row);
        if (csv->keycol < count &&
            str_eq(value_as_str(value_item(row, (size_t)csv->keycol)), key)) {
            int64_t col;
            if (!str_to_int64(csv->column, &col)) { /* of no matter where no row is found */
                return call_fail(call, "'col' is a number, not '%.*s'", SARG(csv->column));
            }
            col += col < 0 ? count : 0;
            if (col < 0 || col >= count) {
                return call_fail(call, "the row has no column %.*s", SARG(csv->column));
            }
            *ret = value_item(row, (size_t)col);
            *ret_found = true;
        }
    }
    return true;
}

static bool lookup_csvfile(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    if (!lookup_options(call, csv_names)) {
        return false;
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        str text;
        struct csv csv;
        value v;
        bool found;
        if (!call_need_str(call, call->rest[i], &text)) {
            return false;
        }
        struct term term;
        if (!quoted_term(call, csv_names, text, &term) ||
            (term.key.len == 0 && !call_fail(call, "needs a key to search for")) ||
            !csv_options(call, &term, &csv) || !csv_find(call, &csv, term.key, &v, &found)) {
            return false;
        }
        if (found) {
            list_add(&list, v);
        } else if (!str_is_none(csv.fallback)) {
            list_add(&list, value_str(call->arena, csv.fallback));
        }
    }
    return call_give(ret, list_seal(&list));
}

/* ---- ini ---- */

struct ini {
    str file, section, fallback, type, encoding;
    bool regex, case_sensitive, allow_none;
};

static const char *const ini_names[] = {
    "file", "section",        "default",    "type",           "encoding",
    "re",   "case_sensitive", "allow_none", "allow_no_value", NULL
};

static bool ini_flag(struct call *call, const struct term *term, const char *name, bool *ret)
{
    str text;
    if (!term_option(call, term, name, S("false"), &text)) {
        return false;
    }
    *ret = str_eq_nocase(text, S("true")) || str_eq_nocase(text, S("yes")) ||
           str_eq(text, S("1")) || str_eq_nocase(text, S("on"));
    return true;
}

static bool ini_options(struct call *call, const struct term *term, struct ini *ret)
{
    bool allow_none, allow_no_value;
    if (!term_option(call, term, "file", S("ansible.ini"), &ret->file) ||
        !term_option(call, term, "section", S("global"), &ret->section) ||
        !term_option(call, term, "default", STR_NONE, &ret->fallback) ||
        !term_option(call, term, "type", S("ini"), &ret->type) ||
        !term_option(call, term, "encoding", S("utf-8"), &ret->encoding) ||
        !ini_flag(call, term, "re", &ret->regex) ||
        !ini_flag(call, term, "case_sensitive", &ret->case_sensitive) ||
        !ini_flag(call, term, "allow_none", &allow_none) ||
        !ini_flag(call, term, "allow_no_value", &allow_no_value)) {
        return false;
    }
    ret->allow_none = allow_none || allow_no_value;
    return str_eq(ret->type, S("ini")) || str_eq(ret->type, S("properties")) ||
           call_fail(call, "'type' is either 'ini' or 'properties'");
}

static struct pyini_options ini_reading(const struct ini *ini)
{
    return (struct pyini_options){ .keep_case = ini->case_sensitive,
                                   .allow_no_value = ini->allow_none };
}

/* The options of the section that is asked for. */
static bool ini_read(struct call *call, const struct ini *ini, str text, value *ret)
{
    struct pyini sections;
    str section = ini->section;
    if (str_eq(ini->type, S("properties"))) { /* has no sections: it becomes one */
        section = S("java_properties");
        text = str_format(call->arena, "[%.*s]\n%.*s", SARG(section), SARG(text));
    }
    if (!pyini_read(call->arena, call->eval->diags, call_place(call), text, ini_reading(ini),
                    &sections)) {
        return call_reported(call);
    }
    return pyini_section(&sections, call->arena, section, ret) ||
           call_fail(call, "there is no section '%.*s' in '%.*s'", SARG(section), SARG(ini->file));
}

/* A value, as it reads once its references are replaced; null ones give nothing. */
static bool ini_add(struct call *call, const struct ini *ini, value section, value v,
                    struct list_builder *list)
{
    if (!pyini_interpolate(call->arena, call->eval->diags, call_place(call), section,
                           ini_reading(ini), v, &v)) {
        return call_reported(call);
    }
    if (!value_is(v, VALUE_NULL)) {
        list_add(list, v);
    }
    return true;
}

static bool ini_matches(struct call *call, const struct ini *ini, value section, str pattern,
                        struct list_builder *list)
{
    for (size_t i = 0; i < value_count(section); i++) {
        value hit, arg = value_str(call->arena, pattern);
        struct call_args args = { &arg, 1, { .kind = VALUE_UNDEFINED }, call->at };
        if (!call_test(call, S("match"), value_map_key(section, i), &args, &hit)) {
            return false;
        }
        if (value_as_bool(hit) && !ini_add(call, ini, section, value_map_value(section, i), list)) {
            return false;
        }
    }
    return true;
}

static bool lookup_ini(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    if (!lookup_options(call, ini_names)) {
        return false;
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        str text, content;
        struct ini ini;
        value section, v;
        if (!call_need_str(call, call->rest[i], &text)) {
            return false;
        }
        struct term term;
        if (!plain_term(call, ini_names, text, &term) || !ini_options(call, &term, &ini) ||
            !open_file(call, ini.file, ini.encoding, &content) ||
            !ini_read(call, &ini, content, &section)) {
            return false;
        }
        str key = ini.case_sensitive ? term.key : utf8_lower(call->arena, term.key);
        if (ini.regex) {
            if (!ini_matches(call, &ini, section, term.key, &list)) {
                return false;
            }
        } else if (value_map_get(section, key, &v)) {
            if (!ini_add(call, &ini, section, v, &list)) {
                return false;
            }
        } else if (!str_is_none(ini.fallback)) {
            list_add(&list, value_str(call->arena, ini.fallback));
        } else {
            list_add(&list, value_str(call->arena, STR_EMPTY));
        }
    }
    return call_give(ret, list_seal(&list));
}

/* ---- password ---- */

static const char letters_lower[] = "abcdefghijklmnopqrstuvwxyz";
static const char letters_upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";
static const char punctuation[] = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/* Names of classes stand for their members, anything else for itself. */
static void add_chars(struct strbuf *out, str name)
{
    bool all = str_eq(name, S("ascii_letters"));
    bool named = all;
    const struct {
        const char *name, *chars;
        bool also;
    } classes[] = { { "ascii_lowercase", letters_lower, all },
                    { "ascii_uppercase", letters_upper, all },
                    { "digits", digits, false },
                    { "punctuation", punctuation, false },
                    { "hexdigits", "0123456789abcdefABCDEF", false },
                    { "octdigits", "01234567", false } };
    for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
        if (classes[i].also || str_eq(name, str_of(classes[i].name))) {
            strbuf_add(out, str_of(classes[i].chars));
            named = true;
        }
    }
    if (!named) {
        strbuf_add(out, name);
    }
}

static bool password_chars(struct call *call, const struct term *term, str *ret)
{
    struct strbuf out = strbuf_in(call->arena);
    value v = lookup_option(call, "chars", value_null());
    (void)value_map_get(term->options, S("chars"), &v);
    if (value_is(v, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(v); i++) {
            str name;
            if (!call_need_str(call, value_item(v, i), &name)) {
                return false;
            }
            add_chars(&out, name);
        }
    } else if (value_is(v, VALUE_STR)) {
        str rest = value_as_str(v);
        bool comma = str_find(rest, S(",,"), 0) != STR_NPOS;
        rest = comma ? str_replace(call->arena, rest, S(",,"), S(",")) : rest;
        while (!str_is_none(rest)) {
            str name = str_cut(&rest, ',');
            if (name.len > 0) {
                add_chars(&out, name);
            }
        }
        if (comma) {
            strbuf_add_char(&out, ',');
        }
    } else {
        strbuf_add(&out, str_of(letters_lower));
        strbuf_add(&out, str_of(letters_upper));
        strbuf_add(&out, str_of(digits));
        strbuf_add(&out, S(".,:-_"));
    }
    *ret = strbuf_str(&out);
    return ret->len > 0 || call_fail(call, "there are no characters to choose from");
}

static str random_text(struct call *call, struct random *random, str chars, int64_t length)
{
    struct strbuf out = strbuf_in(call->arena);
    for (int64_t i = 0; i < length; i++) {
        strbuf_add_char(&out, chars.ptr[random_below(random, chars.len)]);
    }
    return strbuf_str(&out);
}

/* What a file keeps: "PASSWORD salt=SALT ident=IDENT", the last two where it is encrypted. */
struct stored {
    str password, salt, ident; /* STR_NONE: not there */
};

static struct stored parse_stored(str line)
{
    struct stored stored = { line, STR_NONE, STR_NONE };
    size_t salt = str_rfind(line, S(" salt="));
    if (salt != STR_NPOS) {
        stored.password = str_part(line, 0, salt);
        stored.salt = str_part(line, salt + 6, line.len);
        size_t ident = str_rfind(stored.salt, S(" ident="));
        if (ident != STR_NPOS) {
            stored.ident = str_part(stored.salt, ident + 7, stored.salt.len);
            stored.salt = str_part(stored.salt, 0, ident);
        }
    }
    return stored;
}

static str print_stored(struct arena *arena, const struct stored *stored)
{
    struct strbuf out = strbuf_in(arena);
    strbuf_add(&out, stored->password);
    if (!str_is_none(stored->salt)) {
        strbuf_addf(&out, " salt=%.*s", SARG(stored->salt));
    }
    if (!str_is_none(stored->ident)) {
        strbuf_addf(&out, " ident=%.*s", SARG(stored->ident));
    }
    strbuf_add_char(&out, '\n');
    return strbuf_str(&out);
}

/* How a password is asked for. */
struct wanted {
    str path, chars, encrypt, ident; /* encrypt, ident: STR_NONE: not asked for */
    int64_t length;
    struct random random;
};

/* A salt, and which form of bcrypt, are chosen once and kept. True: something was chosen. */
static bool choose(struct call *call, struct wanted *wanted, struct stored *stored)
{
    static const char salts[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./";
    bool chosen = false;
    bool bcrypt = str_eq(wanted->encrypt, S("bcrypt")) || str_eq(wanted->encrypt, S("blowfish"));
    if (stored->password.len == 0) {
        stored->password = random_text(call, &wanted->random, wanted->chars, wanted->length);
        chosen = true;
    }
    if (!str_is_none(wanted->encrypt) && str_is_none(stored->salt)) {
        struct random random;
        random_from_system(&random);
        stored->salt = random_text(call, &random, str_of(salts),
                                   bcrypt                                  ? 22
                                   : str_starts(wanted->encrypt, S("md5")) ? 8
                                                                           : 16);
        chosen = true;
    }
    if (!str_is_none(wanted->encrypt) && str_is_none(stored->ident) &&
        (bcrypt || !str_is_none(wanted->ident))) {
        stored->ident = str_is_none(wanted->ident) ? S("2a") : wanted->ident;
        chosen = true;
    }
    return chosen;
}

/* Relative paths begin at the playbook. */
static str password_path(struct call *call, str name)
{
    const struct eval *eval = call->eval;
    const char *home = getenv("HOME");
    if (str_starts(name, S("~/")) && home != NULL) {
        return path_join(call->arena, str_of(home), str_part(name, 2, name.len));
    }
    bool here = path_is_absolute(name) || eval->search_count == 0;
    return here ? name : path_join(call->arena, eval->search_paths[eval->search_count - 1], name);
}

static void make_parents(struct arena *arena, str path)
{
    str dir = path_dirname(path);
    if (dir.len > 1 && dir.len < path.len && access(str_c(arena, dir), F_OK) != 0) {
        make_parents(arena, dir);
        (void)mkdir(str_c(arena, dir), 0700); /* told when the file cannot be opened */
    }
}

/* Under a lock, so that two hosts that ask at once get one password. */
static bool stored_password(struct call *call, struct wanted *wanted, struct stored *ret)
{
    make_parents(call->arena, wanted->path);
    CLEANUP(close_fd)
    int fd = open(str_c(call->arena, wanted->path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    char buffer[65536];
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        return call_fail(call, "'%.*s' cannot be opened: %s", SARG(wanted->path), strerror(errno));
    }
    ssize_t got = read(fd, buffer, sizeof buffer);
    str text = (str){ buffer, got > 0 ? (size_t)got : 0 };
    *ret = parse_stored(str_trim_right(str_copy(call->arena, text)));
    if (!choose(call, wanted, ret)) {
        return true;
    }
    str line = print_stored(call->arena, ret);
    return (ftruncate(fd, 0) == 0 && pwrite(fd, line.ptr, line.len, 0) == (ssize_t)line.len) ||
           call_fail(call, "'%.*s' cannot be written: %s", SARG(wanted->path), strerror(errno));
}

static bool wanted_of(struct call *call, const struct term *term, struct wanted *ret)
{
    str length;
    value seed = lookup_option(call, "seed", value_null());
    (void)value_map_get(term->options, S("seed"), &seed);
    if (!term_option(call, term, "length", S("20"), &length) ||
        !term_option(call, term, "encrypt", STR_NONE, &ret->encrypt) ||
        !term_option(call, term, "ident", STR_NONE, &ret->ident) ||
        !password_chars(call, term, &ret->chars)) {
        return false;
    }
    ret->encrypt = ret->encrypt.len == 0 ? STR_NONE : ret->encrypt;
    if (!str_to_int64(length, &ret->length) || ret->length < 0 || ret->length > 100000) {
        return call_fail(call, "'length' is no number that will do");
    }
    if (value_is(seed, VALUE_NULL)) {
        random_from_system(&ret->random);
    } else if (!random_seed_value(&ret->random, call->arena, seed)) {
        return call_fail(call, "'seed' is a string or a number");
    }
    ret->path = password_path(call, term->key);
    return true;
}

static const char *const password_names[] = { "length", "chars", "encrypt", "ident", "seed", NULL };

/* The first word belongs to the path, whatever is in it. */
static bool password_term(struct call *call, str text, struct term *ret)
{
    size_t space = str_find_char(text, ' ', 0);
    str path = str_part(text, 0, space == STR_NPOS ? text.len : space);
    if (!quoted_term(call, password_names, str_part(text, path.len, text.len), ret)) {
        return false;
    }
    ret->key =
        ret->key.len == 0 ? path : str_format(call->arena, "%.*s %.*s", SARG(path), SARG(ret->key));
    return true;
}

static bool one_password(struct call *call, str text, value *ret)
{
    struct wanted wanted;
    struct stored stored = { STR_EMPTY, STR_NONE, STR_NONE };
    struct term term;
    if (!password_term(call, text, &term) || !wanted_of(call, &term, &wanted)) {
        return false;
    }
    if (str_eq(wanted.path, S("/dev/null"))) {
        (void)choose(call, &wanted, &stored);
    } else if (!stored_password(call, &wanted, &stored)) {
        return false;
    }
    *ret = value_secret(call->arena, stored.password);
    if (str_is_none(wanted.encrypt)) {
        return true;
    }
    value type = value_str(call->arena, wanted.encrypt);
    struct map_builder options = map_in(call->arena);
    map_set_str(&options, S("salt"), value_str(call->arena, stored.salt));
    if (!str_is_none(stored.ident)) {
        map_set_str(&options, S("ident"), value_str(call->arena, stored.ident));
    }
    struct call_args args = { &type, 1, map_seal(&options), call->at };
    return call_filter(call, S("password_hash"), *ret, &args, ret);
}

static bool lookup_password(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    if (!lookup_options(call, password_names)) {
        return false;
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        str text;
        value v;
        if (!call_need_str(call, call->rest[i], &text) || !one_password(call, text, &v)) {
            return false;
        }
        list_add(&list, v);
    }
    return call_give(ret, list_seal(&list));
}

const struct builtin lookups_other[] = {
    { "csvfile", NULL, "*terms, **options", CALL_READS, lookup_csvfile,
      "Cells of a table in a file. Options: file, delimiter (TAB), col (1), keycol (0), default, "
      "encoding.",
      "{{ lookup('csvfile', 'web2', file='hosts.csv', delimiter=',', col=1) }} -> 10.0.0.2" },
    { "ini", NULL, "*terms, **options", CALL_READS, lookup_ini,
      "Values of an INI file. Options: file, section, type (ini or properties), re, default, "
      "encoding, case_sensitive, allow_no_value.",
      "{{ lookup('ini', 'port', section='web', file='app.ini') }} -> 8080\n"
      "{{ lookup('ini', 'user', section='web', file='app.ini', default='nobody') }} -> nobody" },
    { "password", NULL, "*terms, **options", CALL_ACTS, lookup_password,
      "Passwords, made and kept in files. Options: length (20), chars, encrypt, ident, seed; the "
      "file /dev/null keeps nothing.",
      "{{ lookup('password', '/dev/null', length=8, chars=['digits']) | length }} -> 8" },
    { 0 },
};
