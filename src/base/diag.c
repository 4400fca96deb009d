/* diag.c - collecting diagnostics; drawing them is in diag_render.c. */
#include "base/diag.h"

#include <stdarg.h>

#include "base/strbuf.h"

struct diags *diags_new(struct arena *arena, struct source_map *sources)
{
    struct diags *diags = NEW(arena, struct diags);
    diags->arena = arena;
    diags->sources = sources;
    return diags;
}

PRINTF(2, 0) static str format_text(struct arena *arena, const char *format, va_list args)
{
    struct strbuf buf = strbuf_in(arena);
    strbuf_vaddf(&buf, format, args);
    return strbuf_str(&buf);
}

static struct diag *add(struct diags *diags, enum severity severity, span at, str message)
{
    struct diag *diag = NEW(diags->arena, struct diag);
    *diag = (struct diag){ .severity = severity, .at = at, .message = message, .list = diags };
    *VEC_PUSH(diags->arena, &diags->all) = diag;
    if (severity == DIAG_ERROR || (severity == DIAG_WARNING && diags->strict)) {
        diags->errors++;
    }
    return diag;
}

struct diag *diag_error(struct diags *diags, span at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    str message = format_text(diags->arena, format, args);
    va_end(args);
    return add(diags, DIAG_ERROR, at, message);
}

struct diag *diag_warning(struct diags *diags, span at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    str message = format_text(diags->arena, format, args);
    va_end(args);
    return add(diags, DIAG_WARNING, at, message);
}

static void add_note(struct diag *diag, span at, str text)
{
    struct diag_note **end = &diag->notes;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = NEW(diag->list->arena, struct diag_note);
    **end = (struct diag_note){ .at = at, .text = text };
}

void diag_note(struct diag *diag, span at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_note(diag, at, format_text(diag->list->arena, format, args));
    va_end(args);
}

void diag_hint(struct diag *diag, const char *format, ...)
{
    if (!str_is_none(diag->hint)) {
        return;
    }
    va_list args;
    va_start(args, format);
    diag->hint = format_text(diag->list->arena, format, args);
    va_end(args);
}

void diags_append(struct diags *to, const struct diags *from)
{
    for (size_t i = 0; i < from->all.len; i++) {
        const struct diag *old = from->all.items[i];
        struct diag *new = add(to, old->severity, old->at, str_copy(to->arena, old->message));
        new->hint = str_copy(to->arena, old->hint);
        new->narrow = old->narrow;
        for (const struct diag_note *note = old->notes; note != NULL; note = note->next) {
            add_note(new, note->at, str_copy(to->arena, note->text));
        }
    }
}
