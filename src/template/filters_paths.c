/* filters_paths.c - paths and URLs. */
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/expandvars.h"
#include "base/path.h"
#include "base/tree.h"
#include "base/utf8.h"
#include "template/text.h"

static bool text_input(struct call *call, str *ret)
{
    return call_need_str(call, call->input, ret);
}

static value text_result(struct call *call, str s)
{
    struct textbuf out = textbuf_in(call->arena);
    textbuf_add_derived(&out, s, call->input);
    return textbuf_value(&out);
}

static bool filter_basename(struct call *call, value *ret)
{
    str s;
    return text_input(call, &s) && call_give(ret, text_result(call, path_basename(s)));
}

static bool filter_dirname(struct call *call, value *ret)
{
    str s;
    return text_input(call, &s) && call_give(ret, text_result(call, path_dirname(s)));
}

static bool filter_normpath(struct call *call, value *ret)
{
    str s;
    return text_input(call, &s) && call_give(ret, text_result(call, path_normal(call->arena, s)));
}

static bool filter_splitext(struct call *call, value *ret)
{
    str s;
    if (!text_input(call, &s)) {
        return false;
    }
    str extension = path_extension(s);
    value parts[2] = { text_result(call, str_part(s, 0, s.len - extension.len)),
                       text_result(call, extension) };
    return call_give(ret, value_tuple(call->arena, parts, 2));
}

static bool filter_path_join(struct call *call, value *ret)
{
    if (value_is(call->input, VALUE_STR)) {
        return call_give(ret, call->input);
    }
    if (!value_is(call->input, VALUE_LIST)) {
        return call_fail(call, "a string or a list of strings is needed, not %s %s",
                         A_TYPE(call->input));
    }
    str path = STR_EMPTY;
    for (size_t i = 0; i < value_count(call->input); i++) {
        str part;
        if (!call_need_str(call, value_item(call->input, i), &part)) {
            return false;
        }
        path = i == 0 ? part : path_join(call->arena, path, part);
    }
    if (value_count(call->input) == 0) {
        return call_fail(call, "the list is empty");
    }
    return call_give(ret, text_result(call, path));
}

static str current_dir(struct arena *arena)
{
    char buffer[PATH_MAX];
    return getcwd(buffer, sizeof buffer) != NULL ? str_copy(arena, str_of(buffer)) : S("/");
}

static str absolute(struct arena *arena, str path)
{
    return path_normal(arena, path_join(arena, current_dir(arena), path));
}

static str relative_path(struct arena *arena, str path, str start)
{
    str a = absolute(arena, start), b = absolute(arena, path);
    a = str_part(a, str_starts(a, S("//")), a.len); /* POSIX lets two slashes stand */
    b = str_part(b, str_starts(b, S("//")), b.len);
    a = str_eq(a, S("/")) ? STR_EMPTY : a;
    b = str_eq(b, S("/")) ? STR_EMPTY : b;
    size_t common = 0, i = 0;
    for (; i <= a.len && i <= b.len; i++) {
        char x = i < a.len ? a.ptr[i] : '/', y = i < b.len ? b.ptr[i] : '/';
        if (x != y) {
            break;
        }
        common = x == '/' ? i : common;
    }
    if (i > a.len && i > b.len) {
        common = a.len;
    }
    struct strbuf out = strbuf_in(arena);
    str up = str_part(a, common, a.len), down = str_part(b, common, b.len);
    for (size_t k = 0; k < up.len; k++) {
        if (up.ptr[k] == '/' && k + 1 < up.len) {
            strbuf_add(&out, out.len > 0 ? S("/..") : S(".."));
        }
    }
    down = str_starts(down, S("/")) ? str_part(down, 1, down.len) : down;
    if (down.len > 0) {
        strbuf_addf(&out, "%s%.*s", out.len > 0 ? "/" : "", SARG(down));
    }
    return out.len > 0 ? strbuf_str(&out) : S(".");
}

static bool filter_relpath(struct call *call, value *ret)
{
    str s;
    if (!text_input(call, &s)) {
        return false;
    }
    if (s.len == 0) {
        return call_fail(call, "the path is empty");
    }
    return call_give(ret, text_result(call, relative_path(call->arena, s, call_str(call, 0))));
}

#define MAX_LINKS 40 /* as Linux has it */

static bool filter_realpath(struct call *call, value *ret)
{
    str s;
    if (!text_input(call, &s)) {
        return false;
    }
    /* What does not exist is kept, behind the real path of what does; a link is followed there,
     * too.
     */
    str path = path_join(call->arena, current_dir(call->arena), s), rest = STR_EMPTY;
    str real = STR_NONE;
    unsigned links = 0;
    while (str_is_none(real = tree_real(call->arena, path)) && path.len > 1) {
        char target[PATH_MAX];
        ssize_t len = readlink(str_c(call->arena, path), target, sizeof target);
        str base = path_basename(path);
        path = path_dirname(path);
        if (len > 0 && links++ < MAX_LINKS) {
            path =
                path_join(call->arena, path, str_copy(call->arena, (str){ target, (size_t)len }));
        } else {
            rest = rest.len > 0 ? path_join(call->arena, base, rest) : base;
        }
    }
    real = str_is_none(real) ? path : real;
    str whole = rest.len > 0 ? path_join(call->arena, real, rest) : real;
    return call_give(ret, text_result(call, path_normal(call->arena, whole)));
}

static str expand_user(struct arena *arena, str s)
{
    if (!str_starts(s, S("~"))) {
        return s;
    }
    size_t end = str_find_char(s, '/', 0);
    end = end == STR_NPOS ? s.len : end;
    str user = str_part(s, 1, end);
    const char *home = user.len == 0 ? getenv("HOME") : NULL;
    if (home == NULL) {
        struct passwd entry, *found = NULL;
        char buffer[4096];
        int error = user.len == 0
                        ? getpwuid_r(getuid(), &entry, buffer, sizeof buffer, &found)
                        : getpwnam_r(str_c(arena, user), &entry, buffer, sizeof buffer, &found);
        home = error == 0 && found != NULL ? found->pw_dir : NULL;
        home = home != NULL ? str_c(arena, str_of(home)) : NULL;
    }
    if (home == NULL) {
        return s;
    }
    str base = str_of(home);
    while (base.len > 1 && str_ends(base, S("/"))) {
        base.len--;
    }
    return str_concat(arena, base, str_part(s, end, s.len));
}

static bool filter_expanduser(struct call *call, value *ret)
{
    str s;
    return text_input(call, &s) && call_give(ret, text_result(call, expand_user(call->arena, s)));
}

static bool filter_expandvars(struct call *call, value *ret)
{
    str s;
    return text_input(call, &s) &&
           call_give(ret, text_result(call, expandvars(call->arena, s, NULL)));
}

static bool filter_commonpath(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!value_is(call->input, VALUE_LIST)) {
        return call_fail(call, "a list of paths is needed, not %s %s", A_TYPE(call->input));
    }
    items = value_items(call->input, &count);
    str common = STR_NONE;
    for (size_t i = 0; i < count; i++) {
        str path;
        if (!call_need_str(call, items[i], &path)) {
            return false;
        }
        struct strbuf clean = strbuf_in(call->arena); /* without "." and doubled slashes */
        bool is_absolute = path_is_absolute(path);
        str rest = path;
        while (!str_is_none(rest)) {
            str part = str_cut(&rest, '/');
            if (part.len > 0 && !str_eq(part, S("."))) {
                strbuf_addf(&clean, "%s%.*s", clean.len > 0 || is_absolute ? "/" : "", SARG(part));
            }
        }
        path = strbuf_str(&clean);
        if (i > 0 && is_absolute != path_is_absolute(common)) {
            return call_fail(call, "absolute and relative paths have nothing in common");
        }
        if (i == 0) {
            common = is_absolute && path.len == 0 ? S("/") : path;
            continue;
        }
        size_t keep = 0;
        for (size_t k = 0;; k++) {
            char x = k < common.len ? common.ptr[k] : '/', y = k < path.len ? path.ptr[k] : '/';
            if (x != y) {
                break;
            }
            keep = x == '/' ? k : keep;
            if (k >= common.len || k >= path.len) {
                break;
            }
        }
        common = str_part(common, 0, keep == 0 && is_absolute ? 1 : keep);
    }
    if (count == 0) {
        return call_fail(call, "the list is empty");
    }
    return call_give(ret, text_result(call, common));
}

/* ---- Windows ---- */

static size_t drive_length(str s)
{
    bool share = s.len > 2 && (s.ptr[0] == '\\' || s.ptr[0] == '/') && s.ptr[1] == s.ptr[0];
    if (share) {
        size_t parts = 0, i = 2;
        for (; i < s.len; i++) {
            if ((s.ptr[i] == '\\' || s.ptr[i] == '/') && ++parts == 2) {
                break;
            }
        }
        return parts >= 1 ? i : 0;
    }
    return s.len > 1 && s.ptr[1] == ':' ? 2 : 0;
}

static size_t windows_base(str s)
{
    size_t at = s.len, drive = drive_length(s);
    while (at > drive && s.ptr[at - 1] != '\\' && s.ptr[at - 1] != '/') {
        at--;
    }
    return at;
}

static bool filter_win_basename(struct call *call, value *ret)
{
    str s;
    return text_input(call, &s) &&
           call_give(ret, text_result(call, str_part(s, windows_base(s), s.len)));
}

static bool filter_win_dirname(struct call *call, value *ret)
{
    str s;
    if (!text_input(call, &s)) {
        return false;
    }
    size_t end = windows_base(s), drive = drive_length(s), kept = end;
    while (kept > drive && (s.ptr[kept - 1] == '\\' || s.ptr[kept - 1] == '/')) {
        kept--;
    }
    return call_give(ret, text_result(call, str_part(s, 0, kept == drive ? end : kept)));
}

static bool filter_win_splitdrive(struct call *call, value *ret)
{
    str s;
    if (!text_input(call, &s)) {
        return false;
    }
    size_t drive = drive_length(s);
    value parts[2] = { text_result(call, str_part(s, 0, drive)),
                       text_result(call, str_part(s, drive, s.len)) };
    return call_give(ret, value_tuple(call->arena, parts, 2));
}

/* ---- URLs ---- */

struct url {
    str scheme, netloc, path, query, fragment;
    value username, password, hostname, port;
};

static bool split_netloc(struct call *call, struct url *url)
{
    str host = url->netloc;
    size_t at = str_rfind(host, S("@"));
    url->username = url->password = url->hostname = url->port = value_null();
    if (at != STR_NPOS) {
        str user = str_part(host, 0, at);
        host = str_part(host, at + 1, host.len);
        size_t colon = str_find_char(user, ':', 0);
        url->username = text_result(call, str_part(user, 0, colon));
        if (colon != STR_NPOS) {
            url->password = text_result(call, str_part(user, colon + 1, user.len));
        }
    }
    size_t close = str_find_char(host, ']', 0);
    size_t colon = str_find_char(host, ':', close == STR_NPOS ? 0 : close);
    str name = str_part(host, 0, colon == STR_NPOS ? host.len : colon);
    if (colon != STR_NPOS) {
        int64_t port;
        str digits = str_part(host, colon + 1, host.len);
        if (str_to_int64(digits, &port) && port >= 0 && port < 65536) {
            url->port = value_int(port);
        } else if (digits.len > 0) {
            return call_fail(call, "'%.*s' is no port", SARG(digits));
        }
    }
    if (str_starts(name, S("[")) && str_ends(name, S("]"))) {
        name = str_part(name, 1, name.len - 1);
    }
    if (name.len > 0) {
        url->hostname = text_result(call, str_lower(call->arena, name));
    }
    return true;
}

static str cut_behind(str *s, char c)
{
    size_t at = str_find_char(*s, c, 0);
    if (at == STR_NPOS) {
        return STR_EMPTY;
    }
    str tail = str_part(*s, at + 1, s->len);
    *s = str_part(*s, 0, at);
    return tail;
}

static bool split_url(struct call *call, str s, struct url *ret)
{
    struct url url = { .scheme = STR_EMPTY, .netloc = STR_EMPTY };
    size_t colon = str_find_char(s, ':', 0);
    bool scheme = colon != STR_NPOS && colon > 0 && !(s.ptr[0] >= '0' && s.ptr[0] <= '9');
    for (size_t i = 0; scheme && i < colon; i++) {
        scheme = (str_name_char(s.ptr[i]) && s.ptr[i] != '_') || strchr("+-.", s.ptr[i]) != NULL;
    }
    if (scheme) {
        url.scheme = str_lower(call->arena, str_part(s, 0, colon));
        s = str_part(s, colon + 1, s.len);
    }
    if (str_starts(s, S("//"))) {
        size_t end = 2;
        while (end < s.len && strchr("/?#", s.ptr[end]) == NULL) {
            end++;
        }
        url.netloc = str_part(s, 2, end);
        s = str_part(s, end, s.len);
    }
    url.fragment = cut_behind(&s, '#');
    url.query = cut_behind(&s, '?');
    url.path = s;
    *ret = url;
    return split_netloc(call, ret);
}

static bool filter_urlsplit(struct call *call, value *ret)
{
    str s;
    struct url url;
    if (!text_input(call, &s) || !split_url(call, s, &url)) {
        return false;
    }
    struct map_builder map = map_in(call->arena);
    map_set_str(&map, S("fragment"), text_result(call, url.fragment));
    map_set_str(&map, S("hostname"), url.hostname);
    map_set_str(&map, S("netloc"), text_result(call, url.netloc));
    map_set_str(&map, S("password"), url.password);
    map_set_str(&map, S("path"), text_result(call, url.path));
    map_set_str(&map, S("port"), url.port);
    map_set_str(&map, S("query"), text_result(call, url.query));
    map_set_str(&map, S("scheme"), text_result(call, url.scheme));
    map_set_str(&map, S("username"), url.username);
    *ret = map_seal(&map);
    if (call_none(call, 0) || value_truth(call->args[0]) == TRUTH_FALSE) {
        return true;
    }
    value part;
    if (!value_map_find(*ret, call->args[0], &part)) {
        return call_fail(call, "a URL has no part of that name");
    }
    return call_give(ret, part);
}

static bool filter_urldecode(struct call *call, value *ret)
{
    str s;
    if (!text_input(call, &s)) {
        return false;
    }
    struct strbuf out = strbuf_in(call->arena);
    for (size_t i = 0; i < s.len; i++) {
        uint64_t byte;
        if (s.ptr[i] == '%' && i + 2 < s.len && str_to_base(str_part(s, i + 1, i + 3), 16, &byte)) {
            strbuf_add_char(&out, (char)byte);
            i += 2;
        } else {
            strbuf_add_char(&out, s.ptr[i] == '+' ? ' ' : s.ptr[i]);
        }
    }
    return call_give(ret, text_result(call, utf8_repair(call->arena, strbuf_str(&out))));
}

static bool filter_fileglob(struct call *call, value *ret)
{
    str s;
    return text_input(call, &s) && glob_files(call->arena, s, ret);
}

const struct builtin filters_paths[] = {
    { "basename", NULL, "", 0, filter_basename, "The last part of a path.",
      "{{ '/etc/nginx/nginx.conf' | basename }} -> nginx.conf" },
    { "dirname", NULL, "", 0, filter_dirname, "The path without its last part.",
      "{{ '/etc/nginx/nginx.conf' | dirname }} -> /etc/nginx" },
    { "normpath", NULL, "", 0, filter_normpath, "The path without '.', '..' and '//'.",
      "{{ '/etc/./ssh/../hosts' | normpath }} -> /etc/hosts" },
    { "splitext", NULL, "", 0, filter_splitext, "A path without its extension, and that.",
      "{{ 'backup.tar.gz' | splitext }} -> ('backup.tar', '.gz')" },
    { "path_join", NULL, "", 0, filter_path_join, "Parts of a path as one path.",
      "{{ ('/etc', 'nginx', 'conf.d') | path_join }} -> /etc/nginx/conf.d" },
    { "relpath", NULL, "start:str='.'", 0, filter_relpath, "A path as seen from another.",
      "{{ '/etc/nginx/sites' | relpath('/etc') }} -> nginx/sites" },
    { "realpath", NULL, "", 0, filter_realpath, "The path without symbolic links.",
      "{{ '/usr/../etc' | realpath }} -> /etc" },
    { "expanduser", NULL, "", 0, filter_expanduser, "A path with ~ as the home.",
      "{{ '/srv/~' | expanduser }} -> /srv/~" },
    { "expandvars", NULL, "", 0, filter_expandvars, "A path with variables of the environment.",
      "{{ '$EXAMPLE_DIR/log' | expandvars }} -> /srv/log" },
    { "commonpath", NULL, "", 0, filter_commonpath, "What paths begin with in common.",
      "{{ ['/etc/ssh/a', '/etc/ssl/b'] | commonpath }} -> /etc" },
    { "fileglob", NULL, "", 0, filter_fileglob, "The files that a pattern matches.",
      "{{ '/etc/passw[d]' | fileglob }} -> ['/etc/passwd']" },
    { "win_basename", NULL, "", 0, filter_win_basename, "The last part of a Windows path.",
      "{{ 'C:\\Windows\\win.ini' | win_basename }} -> win.ini" },
    { "win_dirname", NULL, "", 0, filter_win_dirname, "A Windows path without its last part.",
      "{{ 'C:\\Windows\\win.ini' | win_dirname }} -> C:\\Windows" },
    { "win_splitdrive", NULL, "", 0, filter_win_splitdrive, "Drive and path.",
      "{{ 'C:\\Windows' | win_splitdrive | first }} -> C:" },
    { "urlsplit", NULL, "query=none", 0, filter_urlsplit, "The parts of a URL.",
      "{{ 'https://www.example.org:8443/x?y=1' | urlsplit('port') }} -> 8443\n"
      "{{ 'https://www.example.org/x' | urlsplit('hostname') }} -> www.example.org" },
    { "urldecode", NULL, "", 0, filter_urldecode, "The text that a URL stands for.",
      "{{ 'a%20b' | urldecode }} -> a b" },
    { 0 },
};
