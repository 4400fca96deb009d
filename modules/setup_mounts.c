/*
 * setup_mounts.c - file systems on devices of this machine or of another one: where they are, how
 * large, how full.
 */
#include "base/path.h"
#include "base/strbuf.h"
#include "setup_facts.h"

struct mount {
    str device, point, type, options;
};

/* "\040" for a space, and so on; see getmntent(3). */
static str unescape(struct arena *arena, str text)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < text.len; i++) {
        uint64_t byte;
        if (text.ptr[i] == '\\' && i + 3 < text.len &&
            str_to_base(str_part(text, i + 1, i + 4), 8, &byte) && byte > 0 && byte < 256) {
            strbuf_add_char(&out, (char)byte);
            i += 3;
        } else {
            strbuf_add_char(&out, text.ptr[i]);
        }
    }
    return strbuf_str(&out);
}

struct mounts {
    struct mount *items;
    size_t len, cap;
};

static bool is_wanted(const struct mount *mount)
{
    bool device = str_starts(mount->device, S("/")) || str_starts(mount->device, S("\\")) ||
                  str_find(mount->device, S(":/"), 0) != STR_NPOS;
    bool place =
        str_starts(mount->point, S("/")) && str_find_char(mount->point, '\0', 0) == STR_NPOS;
    return device && place && !str_eq(mount->type, S("none"));
}

/* The later of two at the same place hides the earlier. */
static void add_mount(struct arena *arena, struct mounts *all, struct mount mount)
{
    for (size_t i = 0; i < all->len; i++) {
        if (str_eq(all->items[i].point, mount.point)) {
            all->items[i] = mount;
            return;
        }
    }
    *VEC_PUSH(arena, all) = mount;
}

static struct mounts read_mounts(const struct host *host)
{
    struct mounts all = { 0 };
    str text = host_text(host, S("/proc/mounts"));
    while (text.len > 0) {
        str line = str_cut_line(&text);
        struct mount mount;
        mount.device = unescape(host->arena, next_word(&line));
        mount.point = unescape(host->arena, next_word(&line));
        mount.type = next_word(&line);
        mount.options = next_word(&line);
        if (!str_is_none(mount.options) && is_wanted(&mount)) {
            add_mount(host->arena, &all, mount);
        }
    }
    return all;
}

static bool is_remote(const struct mount *mount)
{
    static const char *const types[] = { "nfs",  "nfs4", "cifs",           "smb3",
                                         "ceph", "afs",  "fuse.glusterfs", "fuse.sshfs" };
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (str_eq(mount->type, str_of(types[i]))) {
            return true;
        }
    }
    return str_find(mount->device, S(":/"), 0) != STR_NPOS || str_starts(mount->device, S("//"));
}

struct mount_points mount_points(const struct host *host)
{
    struct mount_points points = { 0 };
    struct mounts mounts = read_mounts(host);
    for (size_t i = 0; i < mounts.len; i++) {
        bool remote = is_remote(&mounts.items[i]);
        *VEC_PUSH(host->arena, remote ? &points.remote : &points.local) = mounts.items[i].point;
    }
    return points;
}

/* A directory of a file system, not its root: field 4 of /proc/self/mountinfo, see proc(5). */
static bool is_bound(const struct host *host, str point)
{
    bool bound = false;
    str text = host_text(host, S("/proc/self/mountinfo"));
    while (text.len > 0) {
        str line = str_cut_line(&text), fields[5];
        for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
            fields[i] = next_word(&line);
        }
        if (str_eq(unescape(host->arena, fields[4]), point)) {
            bound = !str_eq(fields[3], S("/"));
        }
    }
    return bound;
}

/* The name under which /dev/disk/by-uuid has a device. */
static str uuid_of(const struct host *host, str device)
{
    const struct host_path *mapped = host_path(host, device);
    bool linked = mapped != NULL && !str_is_none(mapped->target);
    str name = path_basename(linked ? mapped->target : device), entry;
    for (size_t i = 0; !str_is_none(entry = host_entry(host, S("/dev/disk/by-uuid"), &i));) {
        const struct host_path *link =
            host_path(host, path_join(host->arena, S("/dev/disk/by-uuid"), entry));
        if (link != NULL && !str_is_none(link->target) &&
            str_eq(path_basename(link->target), name)) {
            return entry;
        }
    }
    return S("N/A");
}

/* The line of SIZES_FORMAT that ends with a place: six numbers before it. */
static bool sizes_of(str out, str point, int64_t *ret_numbers)
{
    while (out.len > 0) {
        str line = str_cut_line(&out);
        bool good = true;
        for (size_t i = 0; i < 6; i++) {
            str word = next_word(&line);
            good = good && !str_is_none(word) && str_to_int64(word, &ret_numbers[i]);
        }
        if (good && str_eq(str_part(line, 1, line.len), point)) {
            return true;
        }
    }
    return false;
}

static void add_sizes(const struct host *host, struct map_builder *map, str point)
{
    int64_t n[6]; /* unit of blocks, preferred size, blocks, free blocks, inodes, free inodes */
    int64_t total, available;
    if ((!sizes_of(host->run.sizes.out, point, n) &&
         !sizes_of(host->run.remote_sizes.out, point, n)) ||
        __builtin_mul_overflow(n[0], n[2], &total) ||
        __builtin_mul_overflow(n[0], n[3], &available)) {
        return;
    }
    fact_int(map, S("size_total"), total);
    fact_int(map, S("size_available"), available);
    fact_int(map, S("block_size"), n[1]);
    fact_int(map, S("block_total"), n[2]);
    fact_int(map, S("block_available"), n[3]);
    fact_int(map, S("block_used"), (int64_t)((uint64_t)n[2] - (uint64_t)n[3]));
    fact_int(map, S("inode_total"), n[4]);
    fact_int(map, S("inode_available"), n[5]);
    fact_int(map, S("inode_used"), (int64_t)((uint64_t)n[4] - (uint64_t)n[5]));
}

void facts_mounts(const struct host *host, struct map_builder *facts)
{
    struct list_builder list = list_in(facts->arena);
    struct mounts mounts = read_mounts(host);
    for (size_t i = 0; i < mounts.len; i++) {
        const struct mount *mount = &mounts.items[i];
        struct map_builder map = map_in(facts->arena);
        bool bound = is_bound(host, mount->point);
        fact_str(&map, S("mount"), mount->point);
        fact_str(&map, S("device"), mount->device);
        fact_str(&map, S("fstype"), mount->type);
        fact_str(&map, S("options"),
                 bound ? str_concat(facts->arena, mount->options, S(",bind")) : mount->options);
        add_sizes(host, &map, mount->point);
        fact_str(&map, S("uuid"), uuid_of(host, mount->device));
        list_add(&list, map_seal(&map));
    }
    map_set_str(facts, S("mounts"), list_seal(&list));
}
