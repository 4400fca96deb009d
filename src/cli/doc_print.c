/* doc_print.c - one entry of `hostler doc`: its signature or parameters, what it does, examples. */
#include "cli/doc.h"

#define WIDTH 78

str doc_kind_name(enum doc_kind kind)
{
    static const str names[DOC_KINDS] = { S_INIT("module"),   S_INIT("keyword"), S_INIT("filter"),
                                          S_INIT("test"),     S_INIT("lookup"),  S_INIT("function"),
                                          S_INIT("statement") };
    return names[kind];
}

/* The words of a text, in lines that begin at a column. */
static void print_text(FILE *out, int column, str text)
{
    int at = 0;
    while (!str_is_none(text)) {
        str word = str_cut(&text, ' ');
        if (at > 0 && at + 1 + (int)word.len > WIDTH) {
            fputc('\n', out);
            at = 0;
        }
        at += at == 0 ? fprintf(out, "%*s%.*s", column, "", SARG(word))
                      : fprintf(out, " %.*s", SARG(word));
    }
    fputc('\n', out);
}

/* The lines of a text as they are. */
static void print_lines(FILE *out, int column, str text)
{
    while (!str_is_none(text) && text.len > 0) {
        str line = str_cut_line(&text);
        fprintf(out, "%*s%.*s\n", column, "", SARG(line));
    }
}

/* ---- parameters of modules ---- */

static const char *type_name(enum param_type type)
{
    switch (type) {
    case PARAM_STR:
    case PARAM_CHOICE:
    case PARAM_TEXT:
    case PARAM_SOURCE_LINE:
        return "string";
    case PARAM_BOOL:
        return "boolean";
    case PARAM_INT:
        return "integer";
    case PARAM_FLOAT:
        return "number";
    case PARAM_LIST:
        return "list";
    case PARAM_DICT:
        return "map";
    case PARAM_PATH:
        return "path on the host";
    case PARAM_MODE:
        return "permissions";
    case PARAM_SOURCE:
    case PARAM_TEMPLATE:
        return "file on this machine";
    case PARAM_RAW:
    case PARAM_END_TYPE:
        return "any value";
    }
    return "";
}

static void print_words(FILE *out, const char *title, const char *const *words)
{
    if (words != NULL && words[0] != NULL) {
        fprintf(out, "        %s: ", title);
        for (size_t i = 0; words[i] != NULL; i++) {
            fprintf(out, "%s%s", i == 0 ? "" : ", ", words[i]);
        }
        fputc('\n', out);
    }
}

static void print_param(FILE *out, const struct param *param)
{
    const char *needed = param->required ? ", required" : "";
    fprintf(out, "    %.*s  (%s%s)\n", SARG(param->name), type_name(param->type), needed);
    if (param->doc != NULL) {
        print_text(out, 8, str_of(param->doc));
    }
    if (param->refused != NULL) {
        fprintf(out, "        refused: %s\n", param->refused);
    } else if (param->ignored) {
        fputs("        accepted, and without effect\n", out);
    }
    print_words(out, "one of", param->choices);
    if (param->fallback != NULL) {
        fprintf(out, "        default: %s\n", param->fallback);
    }
    print_words(out, "also called", param->aliases);
}

static void print_module(FILE *out, const struct doc_entry *entry)
{
    const struct param *param = entry->params;
    if (param != NULL && param->type != PARAM_END_TYPE) {
        fputs("\n  Parameters\n", out);
        for (; param->type != PARAM_END_TYPE; param++) {
            print_param(out, param);
        }
    }
    if (entry->example != NULL) {
        fputs("\n  Example\n", out);
        print_lines(out, 4, str_of(entry->example));
    }
}

/* ---- templates, keywords ---- */

static void print_row(FILE *out, const struct template_name *row)
{
    str rest = row->example;
    if (row->aliases.len > 0) {
        fprintf(out, "\n  also called: %.*s\n", SARG(row->aliases));
    }
    if (rest.len > 0) {
        fputs("\n  Examples\n", out);
    }
    while (rest.len > 0 && !str_is_none(rest)) {
        str line = str_cut(&rest, '\n');
        size_t arrow = str_find(line, S(" -> "), 0);
        fprintf(out, "    %.*s\n        %.*s\n", SARG(str_part(line, 0, arrow)),
                SARG(str_part(line, arrow + 4, line.len)));
    }
}

static void print_keyword(FILE *out, const struct keyword_row *row)
{
    fputs("\n  of ", out);
    const char *before = "";
    for (unsigned place = ON_PLAY; place <= ON_IMPORT_PLAYBOOK; place <<= 1) {
        if ((row->where & place) != 0) {
            fprintf(out, "%s%s", before, keyword_place_name((enum keyword_place)place));
            before = ", ";
        }
    }
    fputc('\n', out);
    if (row->values != NULL) {
        fputs("  one of: ", out);
        for (size_t i = 0; row->values[i] != NULL; i++) {
            fprintf(out, "%s%s", i == 0 ? "" : ", ", row->values[i]);
        }
        fputc('\n', out);
    }
}

void doc_print(FILE *out, const struct doc_entry *entry)
{
    fprintf(out, "%.*s %.*s", SARG(doc_kind_name(entry->kind)), SARG(entry->name));
    if (entry->row != NULL && entry->row->signature.len > 0) {
        fprintf(out, "(%.*s)", SARG(entry->row->signature));
    }
    fputs("\n\n", out);
    print_text(out, 2, entry->summary);
    if (entry->row != NULL) {
        print_row(out, entry->row);
    } else if (entry->keyword != NULL) {
        print_keyword(out, entry->keyword);
    } else {
        print_module(out, entry);
    }
}
