/*
 * bundle.c - many new files and directories at once. In each directory that is there already one is
 * made for what is new below it, readable by us alone; one archive brings all files to where they
 * are prepared; attributes are set and the disk is synced for all together; then one mv for each of
 * those directories puts everything in place. A directory that is new is put in place with all that
 * is in it. So a file costs no program of its own, and is the old one or the new one at any moment.
 *
 * Unlike other writes, those of a bundle are carried out all or none, but for what only the last
 * step finds out (a target that cannot be replaced).
 */
#include "remote/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "remote/tar.h"

#define LEAST_WRITES   6      /* fewer small ones cost less one by one */
#define LEAST_STREAMED 2      /* so many that would need a stream each */
#define MOST_CHANGES   2000   /* their paths are arguments of one program */
#define MOST_PATHS     100000 /* bytes of paths together: Linux takes 128 KiB and more */

/* Where a change is prepared: `below` the staging directory in the directory of a group. */
struct spot {
    size_t group;
    str below;
};
struct group {
    str dir;      /* is there already */
    size_t first; /* change in it */
};
struct top { /* a directory that is new, in one that is not */
    str path;
    size_t group;
};

struct bundle {
    struct arena *arena;
    struct strbuf *out;
    const struct change *changes;
    size_t count;
    struct spot *spots;
    VEC(struct group) groups;
    VEC(struct top) tops;
};

/* ---- what can be bundled ---- */

/* Absolute, and as it is: no '.', no '..', no '/' too many. */
static bool is_plain_path(str path)
{
    if (path.len < 2 || path.ptr[0] != '/') {
        return false;
    }
    for (str rest = str_part(path, 1, path.len); !str_is_none(rest);) {
        str name = str_cut(&rest, '/');
        if (name.len == 0 || str_eq(name, S(".")) || str_eq(name, S(".."))) {
            return false;
        }
    }
    return true;
}

static uint64_t size_of(const struct content *content)
{
    return content->kind == CONTENT_BYTES ? value_as_str(content->bytes).len : content->size;
}

static bool is_simple_write(const struct change *change)
{
    enum file_type before = change->before.type;
    return change->kind == CHANGE_WRITE && !change->follow && !change->unsafe_writes &&
           str_is_none(change->validate) && change->content.kind != CONTENT_REMOTE &&
           (before == FILE_ABSENT || before == FILE_REGULAR || before == FILE_LINK);
}

/* A directory we could not write to could not be moved either. */
static bool is_simple_directory(const struct change *change)
{
    return change->kind == CHANGE_DIRECTORY &&
           (!change->attrs.has_mode || (change->attrs.mode & 0200) != 0);
}

static int by_path(const void *a, const void *b)
{
    const struct change *const *one = a, *const *other = b;
    return str_cmp((*one)->path, (*other)->path);
}

static bool has_twins(struct arena *arena, const struct change *changes, size_t count)
{
    const struct change **sorted = NEW_ARRAY(arena, const struct change *, count);
    bool twins = false;
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &changes[i];
    }
    qsort(sorted, count, sizeof *sorted, by_path);
    for (size_t i = 1; i < count; i++) {
        twins |= str_eq(sorted[i - 1]->path, sorted[i]->path);
    }
    return twins;
}

size_t bundle_count(struct arena *arena, const struct change *changes, size_t count)
{
    size_t most = count < MOST_CHANGES ? count : MOST_CHANGES, n = 0, paths = 0;
    size_t writes = 0, streamed = 0;
    for (; n < most; n++) {
        const struct change *change = &changes[n];
        paths += change->path.len;
        if (paths > MOST_PATHS || !is_plain_path(change->path) ||
            !(is_simple_write(change) || is_simple_directory(change))) {
            break;
        }
        writes += change->kind == CHANGE_WRITE;
        streamed += change->kind == CHANGE_WRITE && size_of(&change->content) > PAYLOAD_INLINE_MAX;
    }
    bool worth_it = writes >= LEAST_WRITES || streamed >= LEAST_STREAMED;
    return worth_it && !has_twins(arena, changes, n) ? n : 0;
}

/* ---- where each is prepared ---- */

static size_t group_of(struct bundle *bundle, str dir, size_t first)
{
    for (size_t i = bundle->groups.len; i-- > 0;) {
        if (str_eq(bundle->groups.items[i].dir, dir)) {
            return i;
        }
    }
    *VEC_PUSH(bundle->arena, &bundle->groups) = (struct group){ dir, first };
    return bundle->groups.len - 1;
}

static bool is_below(str path, str dir)
{
    return str_starts(path, dir) && path.len > dir.len && path.ptr[dir.len] == '/';
}

static str below_dir(str path, str dir)
{
    return str_part(path, dir.len == 1 ? 1 : dir.len + 1, path.len);
}

static struct spot spot_of(struct bundle *bundle, size_t i)
{
    str path = bundle->changes[i].path;
    for (size_t k = bundle->tops.len; k-- > 0;) {
        size_t group = bundle->tops.items[k].group;
        if (is_below(path, bundle->tops.items[k].path)) {
            return (struct spot){ group, below_dir(path, bundle->groups.items[group].dir) };
        }
    }
    size_t group = group_of(bundle, path_dirname(path), i);
    if (bundle->changes[i].kind == CHANGE_DIRECTORY) {
        *VEC_PUSH(bundle->arena, &bundle->tops) = (struct top){ path, group };
    }
    return (struct spot){ group, path_basename(path) };
}

/* ---- lines ---- */

/* A change as a program's argument: "$S0"/'below'. */
static void add_staged(struct bundle *bundle, size_t i)
{
    strbuf_addf(bundle->out, " \"$S%zu\"/", bundle->spots[i].group);
    shell_quote_to(bundle->out, bundle->spots[i].below);
}

/* S0=DIR/.hostler-... for each group; all are the positional parameters. */
static void add_groups(struct bundle *bundle, str name)
{
    struct strbuf *out = bundle->out;
    for (size_t i = 0; i < bundle->groups.len; i++) {
        str dir = bundle->groups.items[i].dir;
        strbuf_addf(out, "S%zu=", i);
        shell_quote_to(out, dir.len == 1 ? STR_EMPTY : dir);
        strbuf_addf(out, "/%.*s\n", SARG(name));
    }
    strbuf_add(out, S("set --"));
    for (size_t i = 0; i < bundle->groups.len; i++) {
        strbuf_addf(out, " \"$S%zu\"", i);
    }
    strbuf_add(out, S("\nU=0; umask 077; z write mkdir \"$@\"; e=$?; umask $M\n[ $e = 0 ]"));
}

/* " && { U=<first>; z <step> <command> <those that `wanted` says>; }", unless there are none. */
static bool add_for(struct bundle *bundle, const char *step, str command,
                    bool (*wanted)(const struct bundle *bundle, size_t i, const void *data),
                    const void *data)
{
    bool any = false;
    for (size_t i = 0; i < bundle->count; i++) {
        if (!wanted(bundle, i, data)) {
            continue;
        }
        if (!any) {
            strbuf_addf(bundle->out, " &&\n{ U=%zu; z %s %.*s", i, step, SARG(command));
        }
        any = true;
        add_staged(bundle, i);
    }
    strbuf_add(bundle->out, any ? S("; }") : STR_EMPTY);
    return any;
}

static bool is_directory(const struct bundle *bundle, size_t i, const void *unused)
{
    return bundle->changes[i].kind == CHANGE_DIRECTORY;
}

static str staged_path(struct bundle *bundle, size_t i, str name)
{
    str dir = bundle->groups.items[bundle->spots[i].group].dir;
    return str_format(bundle->arena, "%.*s/%.*s/%.*s", SARG(dir.len == 1 ? STR_EMPTY : dir),
                      SARG(name), SARG(bundle->spots[i].below));
}

static void add_archive(struct bundle *bundle, struct script *script, str name)
{
    struct payload archive = { .path = STR_NONE, .size = TAR_END };
    struct payload_member *members = NEW_ARRAY(bundle->arena, struct payload_member, bundle->count);
    for (size_t i = 0; i < bundle->count; i++) {
        const struct content *content = &bundle->changes[i].content;
        if (bundle->changes[i].kind != CHANGE_WRITE) {
            continue;
        }
        bool here = content->kind == CONTENT_CONTROLLER;
        str path = staged_path(bundle, i, name),
            bytes = here ? STR_NONE : value_as_str(content->bytes);
        struct payload_member *member = &members[archive.member_count++];
        *member = (struct payload_member){
            .name = str_part(path, 1, path.len), /* tar runs in "/" */
            .bytes = bytes,
            .path = here ? content->path : STR_NONE,
            .size = size_of(content),
        };
        archive.size += tar_member_size(member->name, member->size);
    }
    archive.members = members;
    *VEC_PUSH(bundle->arena, &script->payloads) = archive;
    /* GNU tar tells a write that came short, and not why: that is asked again */
    strbuf_addf(bundle->out,
                " &&\n{ U=0; Y=write; reader && printf '%%s +\\n' \"$T\" && {\n"
                "E=$(${READER}%llu <&3 | { TAR_OPTIONS= tar xomf - 2>&1 || "
                "{ cat >/dev/null; false; }; }) ||\n"
                "case $E in *': Wrote only '*) e=${E%%%%': Wrote only '*}; t=$S0/full; j\n"
                "E=$e:\\ ${E##*: }; false;; *) false;; esac; }; }",
                (unsigned long long)archive.size);
}

/* ---- attributes ---- */

static bool replaces(const struct bundle *bundle, size_t i)
{
    const struct change *change = &bundle->changes[i];
    return change->kind == CHANGE_WRITE && change->before.type == FILE_REGULAR;
}

static bool replaces_like(const struct bundle *bundle, size_t i, const void *data)
{
    const struct file_stat *before = data, *have = &bundle->changes[i].before;
    return replaces(bundle, i) && have->uid == before->uid && have->gid == before->gid &&
           have->mode == before->mode;
}

/* Where cp copies attributes alone, one for each group. */
static void add_cp(struct bundle *bundle, size_t group)
{
    struct strbuf *out = bundle->out;
    bool any = false;
    for (size_t i = 0; i < bundle->count; i++) {
        if (bundle->spots[i].group != group || !replaces(bundle, i)) {
            continue;
        }
        if (!any) {
            strbuf_addf(out, " &&\n{ U=%zu; z write cp $H", i);
        }
        any = true;
        strbuf_add_char(out, ' ');
        shell_quote_to(out, bundle->changes[i].path);
    }
    if (any) {
        strbuf_addf(out, " \"$S%zu\"; }", group);
    }
}

/* Elsewhere owner and mode, for all that had the same. Another owner only root can give away. */
static void add_chown_chmod(struct bundle *bundle, size_t i)
{
    const struct file_stat *before = &bundle->changes[i].before;
    str owner = str_format(bundle->arena, "l chown %u:%u", before->uid, before->gid);
    str mode = str_format(bundle->arena, "chmod %04o", before->mode);
    add_for(bundle, "owner", owner, replaces_like, before);
    add_for(bundle, "mode", mode, replaces_like, before);
}

static bool is_first(const struct bundle *bundle, size_t i,
                     bool (*like)(const struct bundle *bundle, size_t i, const void *data),
                     const void *data)
{
    for (size_t k = 0; k < i; k++) {
        if (like(bundle, k, data)) {
            return false;
        }
    }
    return true;
}

static void add_old_attributes(struct bundle *bundle)
{
    struct strbuf *out = bundle->out;
    bool any = false;
    for (size_t i = 0; i < bundle->count; i++) {
        any |= replaces(bundle, i);
    }
    if (!any) {
        return;
    }
    strbuf_add(out, S(" &&\nif [ \"$H\" ]; then :"));
    for (size_t group = 0; group < bundle->groups.len; group++) {
        add_cp(bundle, group);
    }
    strbuf_add(out, S("\nelse :"));
    for (size_t i = 0; i < bundle->count; i++) {
        if (replaces(bundle, i) && is_first(bundle, i, replaces_like, &bundle->changes[i].before)) {
            add_chown_chmod(bundle, i);
        }
    }
    strbuf_add(out, S("\nfi"));
}

static bool owned_like(const struct bundle *bundle, size_t i, const void *data)
{
    const struct file_attrs *attrs = data, *have = &bundle->changes[i].attrs;
    return str_eq(have->owner, attrs->owner) && str_eq(have->group, attrs->group);
}

/* What is new and has no mode given gets what the umask leaves; a directory has it already. */
static bool made_like(const struct bundle *bundle, size_t i, const void *data)
{
    const struct change *like = data, *change = &bundle->changes[i];
    if (like->attrs.has_mode) {
        return change->attrs.has_mode && change->attrs.mode == like->attrs.mode;
    }
    return !change->attrs.has_mode && change->kind == CHANGE_WRITE && !replaces(bundle, i);
}

static void add_new_attributes(struct bundle *bundle)
{
    struct arena *arena = bundle->arena;
    for (size_t i = 0; i < bundle->count; i++) {
        const struct file_attrs *attrs = &bundle->changes[i].attrs;
        bool owned = attrs->owner.len > 0 || attrs->group.len > 0;
        if (owned && is_first(bundle, i, owned_like, attrs)) {
            struct strbuf command = strbuf_in(arena);
            strbuf_add(&command, S("chown "));
            shell_quote_to(&command, script_owner(arena, attrs));
            add_for(bundle, "owner", strbuf_str(&command), owned_like, attrs);
        }
    }
    for (size_t i = 0; i < bundle->count; i++) {
        const struct change *change = &bundle->changes[i];
        if (made_like(bundle, i, change) && is_first(bundle, i, made_like, change)) {
            str command = change->attrs.has_mode
                              ? str_format(arena, "chmod %04o", change->attrs.mode)
                              : S("chmod =rw");
            add_for(bundle, "mode", command, made_like, change);
        }
    }
}

/* ---- into place ---- */

static void add_moves(struct bundle *bundle)
{
    struct strbuf *out = bundle->out;
    for (size_t group = 0; group < bundle->groups.len; group++) {
        str dir = bundle->groups.items[group].dir;
        strbuf_addf(out, " &&\n{ U=%zu; z replace mv -f", bundle->groups.items[group].first);
        for (size_t i = 0; i < bundle->count; i++) {
            bool unit = str_find_char(bundle->spots[i].below, '/', 0) == STR_NPOS;
            if (bundle->spots[i].group == group && unit) {
                add_staged(bundle, i);
            }
        }
        strbuf_add_char(out, ' ');
        shell_quote_to(out, dir);
        strbuf_add(out, dir.len == 1 ? S("; }") : S("/; }"));
    }
}

static struct bundle bundle_of(struct arena *arena, const struct change *changes, size_t count)
{
    struct bundle bundle = {
        .arena = arena,
        .changes = changes,
        .count = count,
        .spots = NEW_ARRAY(arena, struct spot, count),
    };
    for (size_t i = 0; i < count; i++) {
        bundle.spots[i] = spot_of(&bundle, i);
    }
    return bundle;
}

void bundle_lines(struct script *script, struct arena *arena, const struct change *changes,
                  size_t count)
{
    struct bundle bundle = bundle_of(arena, changes, count);
    str name = script_new_name(arena);
    bundle.out = &script->lines;
    for (size_t i = 0; i < bundle.groups.len; i++) {
        script_sweep(script, bundle.groups.items[i].dir, name);
    }
    add_groups(&bundle, name);
    add_for(&bundle, "create", S("mkdir"), is_directory, NULL);
    add_archive(&bundle, script, name);
    add_old_attributes(&bundle);
    add_new_attributes(&bundle);
    strbuf_add(bundle.out, S(" &&\n{ $Q \"$@\" >/dev/null 2>&1; :; }"));
    add_moves(&bundle);
    strbuf_addf(bundle.out, " ||\n{ rm -rf \"$@\"; break; }\nrmdir \"$@\"; U=; D=$((D+%zu))\n",
                count);
}

/* ---- errors ---- */

size_t bundle_blame(struct arena *arena, const struct change *changes, size_t count, str error)
{
    size_t at = str_find(error, S("/" SCRIPT_NEW_NAME), 0), best = 0, blamed = STR_NPOS;
    if (at == STR_NPOS) {
        return STR_NPOS;
    }
    struct bundle bundle = bundle_of(arena, changes, count);
    str name = str_part(error, at + 1, at + 1 + SCRIPT_NEW_NAME_LEN);
    for (size_t i = 0; i < count; i++) {
        const struct group *group = &bundle.groups.items[bundle.spots[i].group];
        str path = staged_path(&bundle, i, name);
        path = str_part(path, 1, path.len); /* as tar names it */
        str above = str_part(path, 0, path.len - bundle.spots[i].below.len - 1);
        str named = group->first == i && str_find(error, path, 0) == STR_NPOS ? above : path;
        if (named.len > best && str_find(error, named, 0) != STR_NPOS) {
            best = named.len;
            blamed = i;
        }
    }
    return blamed;
}
