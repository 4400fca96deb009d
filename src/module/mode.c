/*
 * mode.c - permission bits as users write them: "0644", u=rwX,go-w, and the integers that YAML
 * makes of unquoted digits. Source: POSIX.1-2017 chmod(1); Ansible for the integers.
 */
#include "module/param.h"

#include "module/internal.h"

/* ---- reading ---- */

static bool octal_text(str text, unsigned *ret)
{
    uint64_t bits;
    if (str_starts(text, S("0o"))) {
        text = str_part(text, 2, text.len);
    }
    if (!str_to_base(text, 8, &bits) || bits > 07777) {
        return false;
    }
    *ret = (unsigned)bits;
    return true;
}

static bool one_of(char c, const char *set)
{
    for (; *set != '\0'; set++) {
        if (*set == c) {
            return true;
        }
    }
    return false;
}

/* clause := [ugoa]* ( [-+=] ( [rwxXst]* | [ugo] ) )+ */
static bool clause_ok(str clause)
{
    size_t i = 0;
    while (i < clause.len && one_of(clause.ptr[i], "ugoa")) {
        i++;
    }
    if (i == clause.len) {
        return false;
    }
    while (i < clause.len) {
        if (!one_of(clause.ptr[i++], "+-=")) {
            return false;
        }
        if (i < clause.len && one_of(clause.ptr[i], "ugo")) {
            i++;
            continue;
        }
        while (i < clause.len && one_of(clause.ptr[i], "rwxXst")) {
            i++;
        }
    }
    return true;
}

static bool symbolic_ok(str text)
{
    for (str rest = text; !str_is_none(rest);) {
        if (!clause_ok(str_cut(&rest, ','))) {
            return false;
        }
    }
    return true;
}

static bool all_digits(str text)
{
    size_t i = 0;
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9') {
        i++;
    }
    return text.len > 0 && i == text.len;
}

static bool mode_text(struct diags *diags, value v, struct mode_spec *ret)
{
    str text = str_trim(value_as_str(v));
    if (str_eq(text, S("preserve"))) {
        ret->form = MODE_PRESERVE;
        return true;
    }
    if (octal_text(text, &ret->octal)) {
        ret->form = MODE_OCTAL;
        return true;
    }
    if (symbolic_ok(text)) {
        ret->form = MODE_SYMBOLIC;
        ret->symbolic = text;
        return true;
    }
    if (all_digits(text)) {
        struct diag *diag = diag_error(diags, v.at, "file mode '%.*s' is not octal", SARG(text));
        diag_hint(diag, "use up to four digits from 0 to 7: mode: \"0644\"");
        return false;
    }
    struct diag *diag =
        diag_error(diags, v.at, "file mode '%.*s' is neither octal nor symbolic", SARG(text));
    diag_hint(diag, "write mode: \"0644\" or mode: u=rw,g=r,o=r");
    return false;
}

/* How a number was written: "0644" and 420 are the same integer. STR_NONE: not known. */
static str number_as_written(struct diags *diags, span at)
{
    struct place place;
    if (!source_place(diags->sources, at, &place)) {
        return STR_NONE;
    }
    str text = str_part(place.line_text, place.line_byte, place.line_byte + at.len);
    return all_digits(text) ? text : STR_NONE;
}

/* Whether bits look as if somebody meant them: no special bits, and each class that has any right
 * may read and has no more rights than the class before it. */
static bool plausible(unsigned bits)
{
    unsigned user = bits >> 6, group = bits >> 3 & 7, other = bits & 7;
    return user <= 7 && (user & 4) && (group & ~user) == 0 && (other & ~group) == 0 &&
           (group == 0 || (group & 4)) && (other == 0 || (other & 4));
}

/* `mode: 644` is the decimal number, 01204: used, as in Ansible, but hardly ever meant. */
static void warn_decimal(struct diags *diags, value v, unsigned bits)
{
    unsigned meant;
    str text = number_as_written(diags, v.at);
    if (str_is_none(text) || text.ptr[0] == '0' || text.len < 3 || !octal_text(text, &meant) ||
        plausible(bits)) {
        return;
    }
    struct diag *diag = diag_warning(
        diags, v.at, "file mode %.*s is a decimal number and means octal %04o", SARG(text), bits);
    diag_hint(diag, "write mode: \"0%.*s\"", SARG(text));
}

bool mode_parse(struct diags *diags, value v, struct mode_spec *ret)
{
    if (value_is(v, VALUE_STR)) {
        return mode_text(diags, v, ret);
    }
    if (!value_is(v, VALUE_INT) || value_is_big(v) || value_as_int(v) < 0 ||
        value_as_int(v) > 07777) {
        struct diag *diag =
            value_is(v, VALUE_INT)
                ? diag_error(diags, v.at, "file mode is out of range")
                : diag_error(diags, v.at, "file mode cannot be a %s", value_type_name(v));
        diag_hint(diag, "use up to four digits from 0 to 7 and quote them: mode: \"0644\"");
        return false;
    }
    ret->form = MODE_OCTAL;
    ret->octal = (unsigned)value_as_int(v);
    warn_decimal(diags, v, ret->octal);
    return true;
}

/* ---- applying ---- */

enum { USER = 1, GROUP = 2, OTHER = 4, EVERYBODY = 7 };

static unsigned who_of(char c)
{
    switch (c) {
    case 'u':
        return USER;
    case 'g':
        return GROUP;
    case 'o':
        return OTHER;
    default:
        return EVERYBODY;
    }
}

/* Three bits r, w, x for each class in `who`. */
static unsigned spread(unsigned who, unsigned rwx)
{
    return (who & USER ? rwx << 6 : 0) | (who & GROUP ? rwx << 3 : 0) | (who & OTHER ? rwx : 0);
}

static unsigned class_bits(unsigned mode, char c)
{
    return c == 'u' ? mode >> 6 & 7 : c == 'g' ? mode >> 3 & 7 : mode & 7;
}

/* executable: whether X means x. */
static unsigned letter_bits(char c, unsigned who, unsigned mode, bool executable)
{
    switch (c) {
    case 'r':
        return spread(who, 4);
    case 'w':
        return spread(who, 2);
    case 'x':
        return spread(who, 1);
    case 'X':
        return executable ? spread(who, 1) : 0;
    case 's':
        return (who & USER ? 04000u : 0) | (who & GROUP ? 02000u : 0);
    case 't':
        return who & OTHER ? 01000u : 0;
    default: /* u, g, o: what that class has */
        return spread(who, class_bits(mode, c));
    }
}

/* All bits that belong to the classes. */
static unsigned mask_of(unsigned who)
{
    return spread(who, 7) | (who & USER ? 04000u : 0) | (who & GROUP ? 02000u : 0) |
           (who & OTHER ? 01000u : 0);
}

static unsigned apply_clause(str clause, unsigned mode, bool executable, unsigned umask)
{
    unsigned who = 0;
    size_t i = 0;
    for (; one_of(clause.ptr[i], "ugoa"); i++) {
        who |= who_of(clause.ptr[i]);
    }
    unsigned allowed = who == 0 ? ~umask : ~0u;
    who = who == 0 ? EVERYBODY : who;
    while (i < clause.len) {
        char sign = clause.ptr[i++];
        unsigned bits = 0;
        for (; i < clause.len && !one_of(clause.ptr[i], "+-="); i++) {
            bits |= letter_bits(clause.ptr[i], who, mode, executable);
        }
        bits &= allowed;
        mode = sign == '+'   ? mode | bits
               : sign == '-' ? mode & ~bits
                             : (mode & ~mask_of(who)) | bits;
    }
    return mode;
}

unsigned mode_apply(const struct mode_spec *spec, unsigned current, bool is_directory,
                    unsigned umask)
{
    if (spec->form == MODE_OCTAL) {
        return spec->octal;
    }
    if (spec->form == MODE_SYMBOLIC) {
        /* as in Ansible by the bits there were; chmod(1) looks at those of the clauses before */
        bool executable = is_directory || (current & 0111) != 0;
        for (str rest = spec->symbolic; !str_is_none(rest);) {
            current = apply_clause(str_cut(&rest, ','), current, executable, umask);
        }
    }
    return current;
}
