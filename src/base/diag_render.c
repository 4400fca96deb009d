/*
 * diag_render.c - drawing a diagnostic on a terminal.
 *
 * A source line becomes a row of cells, one for each column of the terminal: a tab fills several, a
 * wide character has an empty cell behind it, a combining character joins the cell before. Cutting
 * a long line and placing carets are then matters of cell numbers.
 */
#include <string.h>

#include "base/bug.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/utf8.h"

#define TAB_WIDTH    8
#define MIN_WIDTH    20 /* columns a cut line has at least, however narrow the terminal */
#define CUT          "..."
#define COLOR_NAMES  "\033[1;34m" /* arrows, line numbers, bars */
#define COLOR_STRONG "\033[1m"
#define COLOR_HINT   "\033[1;32m"
#define COLOR_NOTE   "\033[1;36m"
#define COLOR_OFF    "\033[0m"

struct drawing {
    struct strbuf out;
    struct source_map *sources;
    struct diag_style style;
    unsigned gutter; /* digits of the widest line number */
    bool narrow;
};

static void paint(struct drawing *drawing, const char *color)
{
    if (drawing->style.color) {
        strbuf_add(&drawing->out, str_of(color));
    }
}

static void add_painted(struct drawing *drawing, const char *color, str text)
{
    paint(drawing, color);
    strbuf_add(&drawing->out, text);
    paint(drawing, COLOR_OFF);
}

/* Text of others may hold what a terminal takes for commands, or what hides other text: no such
 * character gets through. Line feeds do when `lines`. */
static bool is_harmless(uint32_t c, bool lines)
{
    if (c == UTF8_BAD || c < 0x20 || (c >= 0x7F && c < 0xA0)) {
        return lines && c == '\n';
    }
    bool reorders = (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
                    (c >= 0x2066 && c <= 0x2069);
    return !reorders && c != 0x2028 && c != 0x2029;
}

static void add_harmless(struct strbuf *out, str text, bool lines)
{
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t c = utf8_next(text, &at);
        if (is_harmless(c, lines)) {
            strbuf_add(out, str_part(text, from, at));
        } else {
            strbuf_add_char(out, c == '\t' ? ' ' : '?');
        }
    }
}

str harmless_text(struct arena *arena, str text)
{
    struct strbuf out = strbuf_in(arena);
    add_harmless(&out, text, true);
    return strbuf_str(&out);
}

/* ---- a source line as cells ---- */

struct cells {
    VEC(str) text;   /* what each column shows; "" is the second half of a wide character */
    size_t from, to; /* columns under which carets go; to > from */
};

static void add_character(struct arena *arena, struct cells *cells, uint32_t c, str bytes)
{
    if (c == '\t') {
        do {
            *VEC_PUSH(arena, &cells->text) = S(" ");
        } while (cells->text.len % TAB_WIDTH != 0);
        return;
    }
    if (!is_harmless(c, false)) {
        *VEC_PUSH(arena, &cells->text) = S("?");
        return;
    }
    unsigned columns = utf8_columns(c);
    if (columns == 0 && cells->text.len > 0) { /* `bytes` stand directly behind the cell's own */
        str *last = &cells->text.items[cells->text.len - 1];
        if (last->ptr + last->len == bytes.ptr) {
            last->len += bytes.len;
        }
        return;
    }
    if (columns > 0) {
        *VEC_PUSH(arena, &cells->text) = bytes;
    }
    if (columns == 2) {
        *VEC_PUSH(arena, &cells->text) = STR_EMPTY;
    }
}

/* ---- passwords on a line ---- */

/* Bytes [from, to) of a line. */
struct stretch {
    size_t from, to;
};

static size_t skip_any(str line, size_t at, const char *any)
{
    while (at < line.len && strchr(any, line.ptr[at]) != NULL) {
        at++;
    }
    return at;
}

/* What is assigned at `at`: in quotes; a word directly behind '=' ("host a=1 b=2"); within braces
 * up to a comma or brace; else the rest of the line. */
static struct stretch assigned(str line, size_t at)
{
    size_t begin = skip_any(line, at + 1, " \t");
    bool word = line.ptr[at] == '=' && begin == at + 1;
    bool braces = str_find_char(str_part(line, 0, at), '{', 0) != STR_NPOS;
    char quote =
        begin < line.len && strchr("'\"", line.ptr[begin]) != NULL ? line.ptr[begin] : '\0';
    const char *ends = quote == '"'    ? "\""
                       : quote == '\'' ? "'"
                       : word          ? " \t"
                       : braces        ? ",}"
                                       : "";
    struct stretch value = { begin + (quote != '\0'), begin + (quote != '\0') };
    while (value.to < line.len && strchr(ends, line.ptr[value.to]) == NULL) {
        value.to++;
    }
    return value;
}

static bool has_any(str text, const str *words, size_t count)
{
    bool has = false;
    for (size_t i = 0; i < count; i++) {
        has |= str_find(text, words[i], 0) != STR_NPOS;
    }
    return has;
}

/* What `line` gives to the name that ends at `at`, if anything; else empty. A template or a vault
 * tells nothing. */
static struct stretch told_secret(str line, size_t at)
{
    size_t sign = skip_any(line, at, "'\" \t");
    str rest = str_part(line, sign, line.len);
    if (!str_starts(rest, S(":")) && (!str_starts(rest, S("=")) || str_starts(rest, S("==")))) {
        return (struct stretch){ at, at };
    }
    struct stretch value = assigned(line, sign);
    str text = str_part(line, value.from, value.to);
    bool told = text.len > 0 && text.ptr[0] != '!' && str_find(text, S("{{"), 0) == STR_NPOS;
    return told ? value : (struct stretch){ at, at };
}

/*
 * The next password behind `at`. A line may be shown before anybody has read its variables, and so
 * before they are known to be secret: what it gives to ansible_password, ansible_become_pass and
 * their like is. So is what it gives to db_password or api_token, unless that is what the
 * diagnostic is about, `shown`: not each update_password is a password. Within a template names
 * stand for values.
 */
static struct stretch next_password(struct arena *arena, str line, size_t at, struct stretch shown)
{
    static const str words[] = { S_INIT("pass"), S_INIT("secret"), S_INIT("token") };
    static const str braces[] = { S_INIT("{{"), S_INIT("{%") };
    while (at < line.len) {
        size_t from = at;
        while (at < line.len && str_name_char(line.ptr[at])) {
            at++;
        }
        str name = str_part(line, from, at);
        if (has_any(str_lower(arena, name), words, ARRAY_LEN(words))) {
            struct stretch value = told_secret(line, at);
            bool sure = str_starts(name, S("ansible_"));
            bool apart = value.to <= shown.from || value.from >= shown.to;
            if (value.to > value.from &&
                (sure || (apart && !has_any(str_part(line, 0, from), braces, ARRAY_LEN(braces))))) {
                return value;
            }
        }
        at += name.len == 0;
    }
    return (struct stretch){ line.len, line.len };
}

/* ---- the cells of a line ---- */

static void add_mask(struct arena *arena, struct cells *cells)
{
    for (int i = 0; i < 8; i++) { /* however long it is */
        *VEC_PUSH(arena, &cells->text) = S("*");
    }
}

static struct cells cells_of(struct arena *arena, const struct place *place, uint32_t len)
{
    struct cells cells = { 0 };
    size_t end = (size_t)place->line_byte + len;
    bool begun = false, ended = false;
    struct stretch shown = { place->line_byte, end };
    struct stretch password = next_password(arena, place->line_text, 0, shown);
    for (size_t at = 0; at < place->line_text.len;) {
        size_t from = at;
        if (!begun && from >= place->line_byte) {
            cells.from = cells.text.len;
            begun = true;
        }
        if (!ended && from >= end) {
            cells.to = cells.text.len;
            ended = true;
        }
        if (from == password.from) {
            add_mask(arena, &cells);
        }
        uint32_t c = utf8_next(place->line_text, &at);
        if (from < password.from) {
            add_character(arena, &cells, c, str_part(place->line_text, from, at));
        } else if (at >= password.to) {
            password = next_password(arena, place->line_text, at, shown);
        }
    }
    cells.from = begun ? cells.from : cells.text.len;
    cells.to = ended ? cells.to : cells.text.len;
    cells.to = cells.to > cells.from ? cells.to : cells.from + 1;
    return cells;
}

/* ---- a line and its carets ---- */

/* The columns of a line that are shown. */
struct window {
    size_t from, to;
    bool cut_left, cut_right;
};

/* Choose so that the first caret is seen, and as many of the others as fit behind some context. */
static struct window choose_window(const struct cells *cells, size_t room)
{
    size_t all = cells->text.len > cells->to ? cells->text.len : cells->to;
    if (all <= room) {
        return (struct window){ 0, cells->text.len, false, false };
    }
    size_t marks = strlen(CUT);
    if (cells->to + marks <= room) {
        return (struct window){ 0, room - marks, false, true };
    }
    size_t carets = cells->to - cells->from;
    size_t inner = room - 2 * marks;
    size_t context = carets < inner ? (inner - carets) / 2 : 0;
    context = context > inner / 4 ? context : inner / 4;
    size_t from = cells->from > context ? cells->from - context : 0;
    if (cells->text.len - from <= room - marks) { /* its end fits, too */
        from = cells->text.len - (room - marks);
        return (struct window){ from, cells->text.len, true, false };
    }
    return (struct window){ from, from + inner, true, true };
}

static void draw_cells(struct drawing *drawing, const struct cells *cells, struct window window)
{
    struct strbuf *out = &drawing->out;
    strbuf_add(out, window.cut_left ? S(CUT) : STR_EMPTY);
    for (size_t i = window.from; i < window.to; i++) {
        bool wide = i + 1 < cells->text.len && cells->text.items[i + 1].len == 0;
        bool halved =
            (i == window.from && cells->text.items[i].len == 0) || (i + 1 == window.to && wide);
        strbuf_add(out, halved ? S(" ") : cells->text.items[i]);
    }
    strbuf_add(out, window.cut_right ? S(CUT) : STR_EMPTY);
    strbuf_add_char(out, '\n');
}

static void draw_gutter(struct drawing *drawing, unsigned line)
{
    paint(drawing, COLOR_NAMES);
    if (line > 0) {
        strbuf_addf(&drawing->out, "%*u |", (int)drawing->gutter, line);
    } else {
        strbuf_addf(&drawing->out, "%*s |", (int)drawing->gutter, "");
    }
    paint(drawing, COLOR_OFF);
}

/* Where the name begins that what stands at `at` is given to; without one, `at`. */
static size_t name_before(str line, size_t at)
{
    size_t from = at;
    while (from > 0 && strchr("'\" \t", line.ptr[from - 1]) != NULL) {
        from--;
    }
    if (from == 0 || (line.ptr[from - 1] != '=' && line.ptr[from - 1] != ':')) {
        return at;
    }
    for (from--; from > 0 && strchr("'\" \t", line.ptr[from - 1]) != NULL; from--) {
    }
    while (from > 0 && str_name_char(line.ptr[from - 1])) {
        from--;
    }
    return from;
}

/* The line of a place without what stands before and behind the span, and its name. */
static struct place narrowed(const struct place *place, uint32_t len)
{
    struct place part = *place;
    size_t end = (size_t)place->line_byte + len;
    size_t from = name_before(place->line_text, place->line_byte);
    from = skip_any(place->line_text, 0, " \t") >= from ? 0 : from;
    part.line_text =
        str_part(place->line_text, from, end < place->line_text.len ? end : place->line_text.len);
    part.line_byte -= (uint32_t)from;
    return part;
}

/* The source line of a place, and what the span covers of it underlined with `caret`. */
static void draw_line(struct drawing *drawing, const struct place *place, uint32_t len, char caret,
                      const char *color)
{
    struct place shown = drawing->narrow ? narrowed(place, len) : *place;
    struct cells cells = cells_of(drawing->out.arena, &shown, len);
    size_t margin = drawing->gutter + 3 + (drawing->narrow ? 2 * strlen(CUT) : 0);
    size_t room = SIZE_MAX / 2;
    if (drawing->style.columns > 0) {
        room = drawing->style.columns > margin + MIN_WIDTH ? drawing->style.columns - margin
                                                           : MIN_WIDTH;
    }
    struct window window = choose_window(&cells, room);
    window.cut_left |= shown.line_byte < place->line_byte;
    window.cut_right |= drawing->narrow && place->line_byte + len < place->line_text.len;
    draw_gutter(drawing, place->line);
    strbuf_add(&drawing->out, cells.text.len > 0 ? S(" ") : STR_EMPTY);
    draw_cells(drawing, &cells, window);

    draw_gutter(drawing, 0);
    size_t shown_to = cells.to < window.to || !window.cut_right ? cells.to : window.to;
    size_t indent = cells.from - window.from + (window.cut_left ? strlen(CUT) : 0);
    strbuf_add_repeat(&drawing->out, ' ', 1 + indent);
    paint(drawing, color);
    strbuf_add_repeat(&drawing->out, caret, shown_to - cells.from);
    paint(drawing, COLOR_OFF);
    strbuf_add_char(&drawing->out, '\n');
}

/* ---- the whole ---- */

static void draw_place(struct drawing *drawing, const struct place *place)
{
    add_harmless(&drawing->out, place->source->name, false);
    strbuf_addf(&drawing->out, ":%u", place->line);
    if (!place->source->secret) { /* a column would tell about the line */
        strbuf_addf(&drawing->out, ":%u", place->column);
    }
}

/* A note in another source only names its place; one in the source of the diagnostic is drawn. */
static bool is_drawn(const struct place *main, const struct place *note)
{
    return main->source == note->source && !note->source->secret;
}

static unsigned digits(unsigned number)
{
    return number < 10 ? 1 : 1 + digits(number / 10);
}

static unsigned gutter_width(struct source_map *sources, const struct diag *diag)
{
    struct place main, place;
    if (!source_place(sources, diag->at, &main)) {
        return 0;
    }
    unsigned line = main.line;
    for (const struct diag_note *note = diag->notes; note != NULL; note = note->next) {
        if (source_place(sources, note->at, &place) && is_drawn(&main, &place)) {
            line = place.line > line ? place.line : line;
        }
    }
    return digits(line);
}

static void draw_note(struct drawing *drawing, const struct place *main,
                      const struct diag_note *note)
{
    struct place place;
    bool placed = source_place(drawing->sources, note->at, &place);
    add_painted(drawing, COLOR_NOTE, S("note:"));
    strbuf_add_char(&drawing->out, ' ');
    add_harmless(&drawing->out, note->text, true);
    if (placed) {
        strbuf_add(&drawing->out, S(" at "));
        draw_place(drawing, &place);
    }
    strbuf_add_char(&drawing->out, '\n');
    if (placed && main != NULL && is_drawn(main, &place)) {
        draw_line(drawing, &place, note->at.len, '-', COLOR_NOTE);
    }
}

static const char *severity_color(enum severity severity)
{
    switch (severity) {
    case DIAG_ERROR:
        return "\033[1;31m";
    case DIAG_WARNING:
        return "\033[1;33m";
    case DIAG_NOTE:
        return COLOR_NOTE;
    }
    BUG("severity %d", (int)severity);
}

static str severity_name(enum severity severity)
{
    switch (severity) {
    case DIAG_ERROR:
        return S("error:");
    case DIAG_WARNING:
        return S("warning:");
    case DIAG_NOTE:
        return S("note:");
    }
    BUG("severity %d", (int)severity);
}

static void draw_head(struct drawing *drawing, const struct diag *diag)
{
    add_painted(drawing, severity_color(diag->severity), severity_name(diag->severity));
    strbuf_add_char(&drawing->out, ' ');
    paint(drawing, COLOR_STRONG);
    add_harmless(&drawing->out, diag->message, true);
    paint(drawing, COLOR_OFF);
    strbuf_add_char(&drawing->out, '\n');
}

str diag_render(struct arena *arena, struct source_map *sources, const struct diag *diag,
                struct diag_style style)
{
    struct drawing drawing = { .out = strbuf_in(arena),
                               .sources = sources,
                               .style = style,
                               .gutter = gutter_width(sources, diag),
                               .narrow = diag->narrow };
    struct place main;
    bool placed = source_place(sources, diag->at, &main);
    draw_head(&drawing, diag);
    if (placed) {
        strbuf_add_repeat(&drawing.out, ' ', drawing.gutter);
        add_painted(&drawing, COLOR_NAMES, S("-->"));
        strbuf_add_char(&drawing.out, ' ');
        draw_place(&drawing, &main);
        strbuf_add_char(&drawing.out, '\n');
        if (!main.source->secret) {
            draw_line(&drawing, &main, diag->at.len, '^', severity_color(diag->severity));
        }
    }
    for (const struct diag_note *note = diag->notes; note != NULL; note = note->next) {
        draw_note(&drawing, placed ? &main : NULL, note);
    }
    if (!str_is_none(diag->hint)) {
        add_painted(&drawing, COLOR_HINT, S("hint:"));
        strbuf_add_char(&drawing.out, ' ');
        add_harmless(&drawing.out, diag->hint, true);
        strbuf_add_char(&drawing.out, '\n');
    }
    return strbuf_str(&drawing.out);
}

void diags_print(FILE *out, const struct diags *diags, struct diag_style style)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("diagnostics");
    for (size_t i = 0; i < diags->all.len; i++) {
        str text = diag_render(arena, diags->sources, diags->all.items[i], style);
        fwrite(text.ptr, 1, text.len, out);
        arena_reset(arena);
    }
}
