/*
 * fuzz_script.c - any bytes are what an inventory script prints, or are refused.
 */
#include "fuzz_inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_inventory((str){ (const char *)data, size }, script_output_parse);
    return 0;
}
