/*
 * fuzz_ini.c - any bytes are an INI inventory, or are refused.
 */
#include "fuzz_inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_inventory((str){ (const char *)data, size }, ini_parse);
    return 0;
}
