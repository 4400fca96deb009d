/*
 * result_text.h - the result of a task as text, in one of the forms that Ansible's callbacks give
 * it. Secrets are masked.
 */
#pragma once
#include "base/source.h"
#include "base/value.h"

enum result_form {
    RESULT_AS_JSON,
    RESULT_AS_YAML,   /* callback_result_format = yaml */
    RESULT_AS_HEADED, /* stdout_callback = yaml: "changed=true", then YAML */
    RESULT_AS_TEXT,   /* stdout_callback = debug: JSON, and what was printed as it is below it */
};

#define RESULT_TIGHT (-1)

/*
 * sources  an empty map, for writers that report
 * v        what is to be shown; a map but for odd modules
 * indent   of JSON; 0: in one line; RESULT_TIGHT: the same as `ansible -o` has it
 *
 * The YAML forms are for reading only: lists of lines are left out where the text stands beside
 * them, and blanks at ends of lines are, too.
 */
str result_text(struct arena *arena, struct source_map *sources, enum result_form form, value v,
                int indent);
