/*
 * fuzz.h - one target per parser of what comes from outside. A target is LLVMFuzzerTestOneInput();
 * it stops the program (BUG) when something does not hold, and leaks nothing.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
