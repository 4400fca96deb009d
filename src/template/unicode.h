/* unicode.h - letter case beyond ASCII, as Python's str methods have it for the common alphabets.
 */
#pragma once
#include "template/core.h"

uint32_t unicode_lower(uint32_t c);
uint32_t unicode_upper(uint32_t c);
bool unicode_is_alpha(uint32_t c);
bool unicode_is_digit(uint32_t c);
int unicode_digit(uint32_t c); /* 0 to 9 of a decimal digit of any script; else -1 */
bool unicode_is_upper(uint32_t c);
bool unicode_is_lower(uint32_t c);

enum case_style { CASE_LOWER, CASE_UPPER, CASE_CAPITALIZE, CASE_TITLE, CASE_SWAP, CASE_FOLD };
/* Marks of the text are kept where the length of the bytes stays. */
value change_case(struct arena *arena, value text, enum case_style style);
