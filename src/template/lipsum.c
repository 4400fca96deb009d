/*
 * lipsum.c - lipsum(): paragraphs of words without meaning, to try a layout out.
 *
 * Source: the shape of Jinja's function of that name. What it gives is drawn anew each time, so
 * the words need not be the same; these are of Cicero, De finibus, 1.10.
 */
#include "template/core.h"
#include "template/random.h"

#define MAX_WORDS 1000000 /* of all paragraphs */

static const char *const words[] = {
    "accusantium",   "aliquam",  "amet",         "aperiam",  "architecto", "aut",        "autem",
    "beatae",        "commodi",  "consequat",    "corporis", "dicta",      "dolor",      "dolorem",
    "doloremque",    "ea",       "eius",         "enim",     "eos",        "error",      "esse",
    "est",           "et",       "eum",          "ex",       "explicabo",  "fugiat",     "fugit",
    "illo",          "illum",    "in",           "incidunt", "inventore",  "ipsa",       "ipsam",
    "ipsum",         "iste",     "iure",         "labore",   "laboriosam", "laudantium", "magnam",
    "magni",         "minima",   "modi",         "natus",    "nemo",       "neque",      "nesciunt",
    "nihil",         "nisi",     "non",          "nostrum",  "nulla",      "numquam",    "odit",
    "omnis",         "pariatur", "perspiciatis", "porro",    "qua",        "quaerat",    "quam",
    "quasi",         "qui",      "quia",         "quis",     "quisquam",   "ratione",    "rem",
    "reprehenderit", "sed",      "sequi",        "sit",      "sunt",       "suscipit",   "tempora",
    "totam",         "ullam",    "unde",         "ut",       "vel",        "velit",      "veniam",
    "veritatis",     "vero",     "vitae",        "voluptas", "voluptate",  "voluptatem",
};

static size_t between(struct random *random, size_t from, size_t below)
{
    return from + (size_t)random_below(random, below - from);
}

/* Sentences of `count` words, with a comma now and then. */
static void add_sentences(struct textbuf *out, struct random *random, size_t count)
{
    size_t last = ARRAY_LEN(words), sentence = 0, clause = 0;
    for (size_t i = 0; i < count; i++) {
        size_t word = between(random, 0, ARRAY_LEN(words));
        word = word == last ? (word + 1) % ARRAY_LEN(words) : word; /* never twice in a row */
        last = word;
        bool begins = sentence == 0;
        if (begins) {
            sentence = between(random, 8, 20);
            clause = between(random, 4, 9);
        }
        const char *text = words[word];
        textbuf_add_char(out, begins ? (char)(text[0] - 'a' + 'A') : text[0]);
        textbuf_add(out, str_of(text + 1));
        sentence--;
        clause--;
        if (sentence == 0 || i + 1 == count) {
            textbuf_add_char(out, '.');
        } else if (clause == 0) {
            textbuf_add_char(out, ',');
            clause = between(random, 4, 9);
        }
        if (i + 1 < count) {
            textbuf_add_char(out, ' ');
        }
    }
}

bool function_lipsum(struct call *call, value *ret)
{
    int64_t count = call_int(call, 0), min = call_int(call, 2), max = call_int(call, 3);
    bool html = call_bool(call, 1);
    if (count > 0 && min >= max) {
        return call_fail(call, "min must be less than max");
    }
    if (count > MAX_WORDS || max > MAX_WORDS || (count > 0 && max > 0 && count * max > MAX_WORDS)) {
        return call_fail(call, "more than %d words", MAX_WORDS);
    }
    struct random random;
    struct textbuf out = textbuf_in(call->arena);
    random_from_system(&random);
    min = min < 0 ? 0 : min;
    max = max < 1 ? 1 : max;
    for (int64_t i = 0; i < count; i++) {
        textbuf_add(&out, i == 0 ? STR_EMPTY : html ? S("\n") : S("\n\n"));
        textbuf_add(&out, html ? S("<p>") : STR_EMPTY);
        add_sentences(&out, &random, between(&random, (size_t)min, (size_t)max));
        textbuf_add(&out, html ? S("</p>") : STR_EMPTY);
    }
    *ret = textbuf_value(&out);
    *ret = html ? as_markup(*ret) : *ret;
    return true;
}
