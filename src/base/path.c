/* path.c - paths as texts; after Python's posixpath and fnmatch. */
#include "base/path.h"

#include "base/strbuf.h"
#include "base/utf8.h"

bool path_is_absolute(str path)
{
    return path.len > 0 && path.ptr[0] == '/';
}

str path_dirname(str path)
{
    size_t end = str_rfind(path, S("/"));
    if (end == STR_NPOS) {
        return STR_EMPTY;
    }
    size_t len = end + 1;
    while (len > 0 && path.ptr[len - 1] == '/') {
        len--;
    }
    return str_part(path, 0, len > 0 ? len : end + 1); /* nothing but slashes stays as it is */
}

str path_basename(str path)
{
    size_t slash = str_rfind(path, S("/"));
    return slash == STR_NPOS ? path : str_part(path, slash + 1, path.len);
}

str path_extension(str path)
{
    str name = path_basename(path);
    size_t lead = 0;
    while (lead < name.len && name.ptr[lead] == '.') {
        lead++;
    }
    size_t dot = str_rfind(name, S("."));
    return dot == STR_NPOS || dot < lead ? STR_EMPTY : str_part(name, dot, name.len);
}

str path_join(struct arena *arena, str dir, str name)
{
    if (path_is_absolute(name) || dir.len == 0) {
        return str_copy(arena, name);
    }
    struct strbuf path = strbuf_in(arena);
    strbuf_room(&path, dir.len + 1 + name.len);
    strbuf_add(&path, dir);
    strbuf_add(&path, str_ends(dir, S("/")) ? STR_EMPTY : S("/"));
    strbuf_add(&path, name);
    return strbuf_str(&path);
}

str path_tree_root(str path)
{
    if (!str_starts(path, S(PATH_TREE))) {
        return STR_EMPTY;
    }
    size_t end = str_find_char(path, '/', 1);
    str root = str_part(path, 0, end);
    return str_ends(root, S(":")) && root.len > sizeof PATH_TREE ? root : STR_EMPTY;
}

/* Take back the last component of what was written, unless it is ".." or there is none. */
static bool drop_last(struct strbuf *buf, size_t root)
{
    str done = { buf->ptr + root, buf->len - root };
    if (done.len == 0 || str_eq(path_basename(done), S(".."))) {
        return false;
    }
    size_t slash = str_rfind(done, S("/"));
    strbuf_truncate(buf, slash == STR_NPOS ? root : root + slash);
    return true;
}

str path_normal(struct arena *arena, str path)
{
    struct strbuf buf = strbuf_in(arena);
    bool absolute = path_is_absolute(path);
    if (absolute) { /* POSIX gives exactly two leading slashes a meaning of their own */
        bool two = str_starts(path, S("//")) && !str_starts(path, S("///"));
        strbuf_add(&buf, two ? S("//") : S("/"));
    }
    str tree = path_tree_root(path);
    if (tree.len > 0) { /* its ".." is kept: who reads the tree refuses it */
        strbuf_add(&buf, str_part(tree, 1, tree.len));
        strbuf_add_char(&buf, '/');
        absolute = false;
    }
    strbuf_str(&buf); /* so that there is a buffer */
    size_t root = buf.len;
    for (str rest = str_part(path, tree.len, path.len); !str_is_none(rest);) {
        str part = str_cut(&rest, '/');
        if (part.len == 0 || str_eq(part, S("."))) {
            continue;
        }
        if (str_eq(part, S("..")) && (drop_last(&buf, root) || absolute)) {
            continue;
        }
        if (buf.len > root) {
            strbuf_add_char(&buf, '/');
        }
        strbuf_add(&buf, part);
    }
    if (buf.len == 0) {
        strbuf_add_char(&buf, '.');
    }
    if (tree.len > 0 && buf.len == root) {
        strbuf_truncate(&buf, root - 1);
    }
    return strbuf_str(&buf);
}

/* How many ".." a normal relative path begins with. */
static size_t climbs(str path)
{
    size_t count = 0;
    for (str rest = path; !str_is_none(rest) && str_eq(str_cut(&rest, '/'), S(".."));) {
        count++;
    }
    return count;
}

bool path_is_inside(struct arena *arena, str dir, str path)
{
    str outer = path_normal(arena, dir);
    str inner = path_normal(arena, path);
    if (path_is_absolute(outer) != path_is_absolute(inner)) {
        return false;
    }
    bool only_climbs = str_eq(outer, S(".")) || str_eq(path_basename(outer), S(".."));
    if (!path_is_absolute(outer) && only_climbs) {
        return climbs(inner) <= climbs(outer);
    }
    outer = str_starts(outer, S("//")) ? str_part(outer, 1, outer.len) : outer;
    inner = str_starts(inner, S("//")) ? str_part(inner, 1, inner.len) : inner;
    return str_starts(inner, outer) &&
           (inner.len == outer.len || str_ends(outer, S("/")) || inner.ptr[outer.len] == '/');
}

/* ---- patterns ---- */

/* Like utf8_next(), but different bad bytes stay different (as Python's surrogateescape). */
static uint32_t next_char(str s, size_t *at)
{
    size_t was = *at;
    uint32_t c = utf8_next(s, at);
    return c == UTF8_BAD ? 0xDC00u + (unsigned char)s.ptr[was] : c;
}

/* The end of the set that begins behind a '[', the place of its ']'; STR_NPOS if it has none. */
static size_t set_end(str pattern, size_t at)
{
    if (at < pattern.len && pattern.ptr[at] == '!') {
        at++;
    }
    if (at < pattern.len && pattern.ptr[at] == ']') {
        at++; /* a bracket that comes first stands for itself */
    }
    return str_find_char(pattern, ']', at);
}

static bool in_set(str set, uint32_t c)
{
    bool negated = str_starts(set, S("!"));
    bool found = false;
    for (size_t at = negated ? 1 : 0; at < set.len;) {
        uint32_t low = next_char(set, &at);
        uint32_t high = low;
        if (at + 1 < set.len && set.ptr[at] == '-') {
            at++;
            high = next_char(set, &at);
        }
        found = found || (c >= low && c <= high);
    }
    return found != negated;
}

/* Match one pattern element other than '*' against one character; both move on when it does. */
static bool match_one(str pattern, size_t *p, str path, size_t *at)
{
    size_t next_p = *p, next_at = *at;
    uint32_t want = next_char(pattern, &next_p);
    uint32_t have = next_char(path, &next_at);
    bool matches = want == have;
    if (want == '?') {
        matches = true;
    } else if (want == '[') {
        size_t end = set_end(pattern, next_p);
        if (end != STR_NPOS) {
            matches = in_set(str_part(pattern, next_p, end), have);
            next_p = end + 1;
        }
    }
    if (matches) {
        *p = next_p;
        *at = next_at;
    }
    return matches;
}

bool path_match(str pattern, str path)
{
    size_t p = 0, at = 0;
    size_t star_p = STR_NPOS, star_at = 0; /* behind the last '*', and what it has eaten up to */
    while (at < path.len || p < pattern.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star_p = ++p;
            star_at = at;
        } else if (p < pattern.len && at < path.len && match_one(pattern, &p, path, &at)) {
            continue;
        } else if (star_p != STR_NPOS && star_at < path.len) {
            next_char(path, &star_at); /* let the star eat one more */
            p = star_p;
            at = star_at;
        } else {
            return false;
        }
    }
    return true;
}
