/*
 * tar.c - the blocks of an archive.
 */
#include "remote/tar.h"

#include <stdio.h>
#include <string.h>

struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
    char magic[8], owner[32], group[32], device[16], prefix[155], unused[12];
};
_Static_assert(sizeof(struct header) == TAR_BLOCK, "a header is a block");

#define LONG_NAME "././@LongLink" /* the name of an entry whose content is the next one's name */
#define OCTAL_MAX ((uint64_t)1 << 33)

size_t tar_padding(uint64_t size)
{
    return (size_t)(-size % TAR_BLOCK);
}

static bool fits(str name)
{
    return name.len < sizeof((struct header *)NULL)->name;
}

uint64_t tar_member_size(str name, uint64_t size)
{
    uint64_t long_name = fits(name) ? 0 : tar_member_size(str_of(LONG_NAME), name.len + 1);
    return long_name + TAR_BLOCK + size + tar_padding(size);
}

/* Octal digits, or beyond them the number itself, the highest byte first, behind a byte of 0x80. */
static void set_size(struct header *header, uint64_t size)
{
    if (size < OCTAL_MAX) {
        snprintf(header->size, sizeof header->size, "%011llo", (unsigned long long)size);
        return;
    }
    header->size[0] = (char)0x80;
    for (size_t i = sizeof header->size - 1; size > 0; i--, size >>= 8) {
        header->size[i] = (char)(size & 0xff);
    }
}

static void add_header(struct strbuf *out, str name, uint64_t size, char type)
{
    struct header header = {
        .mode = "0000600",
        .uid = "0000000",
        .gid = "0000000",
        .mtime = "00000000000",
        .checksum = { ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ' },
        .type = type,
        .magic = "ustar  ",
        .owner = "root",
        .group = "root",
    };
    memcpy(header.name, name.ptr, name.len);
    set_size(&header, size);
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof header; i++) {
        sum += ((const unsigned char *)&header)[i];
    }
    snprintf(header.checksum, sizeof header.checksum, "%06o", sum & 0777777);
    strbuf_add(out, (str){ (const char *)&header, sizeof header });
}

void tar_header(struct strbuf *out, str name, uint64_t size)
{
    if (!fits(name)) {
        add_header(out, str_of(LONG_NAME), name.len + 1, 'L');
        strbuf_add(out, name);
        strbuf_add_repeat(out, '\0', 1 + tar_padding(name.len + 1));
        name = str_part(name, 0, sizeof((struct header *)NULL)->name - 1);
    }
    add_header(out, name, size, '0');
}
