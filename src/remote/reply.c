/*
 * reply.c - reading what a control shell answers; tests/fuzz/fuzz_reply.c feeds it noise.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strbuf.h"
#include "remote/reply.h"

/* ---- frames and sections ---- */

bool reply_number(str *rest, char end, uint64_t *ret)
{
    size_t digits = 0;
    uint64_t number = 0;
    while (digits < rest->len && rest->ptr[digits] >= '0' && rest->ptr[digits] <= '9') {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(rest->ptr[digits++] - '0'), &number)) {
            return false;
        }
    }
    if (digits == 0 || digits == rest->len || rest->ptr[digits] != end) {
        return false;
    }
    *rest = str_part(*rest, digits + 1, rest->len);
    *ret = number;
    return true;
}

#define FRAME_HEAD_MAX 24 /* blank, 18 digits, newline, and some */

enum frame frame_read(str bytes, str token, str *ret_payload, size_t *ret_used)
{
    size_t known = bytes.len < token.len ? bytes.len : token.len;
    if (memcmp(bytes.len > 0 ? bytes.ptr : "", token.ptr, known) != 0) {
        return FRAME_BROKEN;
    }
    str rest = str_part(bytes, token.len, bytes.len);
    size_t newline = str_find_char(rest, '\n', 0);
    if (newline == STR_NPOS) {
        return rest.len > FRAME_HEAD_MAX ? FRAME_BROKEN : FRAME_MORE;
    }
    if (str_starts(rest, S(" +\n"))) {
        *ret_used = token.len + 3;
        return FRAME_READY;
    }
    uint64_t length;
    if (rest.ptr[0] != ' ') {
        return FRAME_BROKEN;
    }
    rest = str_part(rest, 1, rest.len);
    if (!reply_number(&rest, '\n', &length) || length > REPLY_MAX) {
        return FRAME_BROKEN;
    }
    if (rest.len < length + 1) {
        return FRAME_MORE;
    }
    if (rest.ptr[length] != '\n') {
        return FRAME_BROKEN;
    }
    *ret_payload = str_part(rest, 0, length);
    *ret_used = (size_t)(rest.ptr - bytes.ptr) + length + 1;
    return FRAME_REPLY;
}

bool reply_parse(struct arena *arena, str token, str payload, struct reply *ret)
{
    struct reply reply = { .token = token };
    while (payload.len > 0) {
        size_t blank = str_find_char(payload, ' ', 0);
        uint64_t length;
        if (blank == STR_NPOS || blank == 0 || blank > 24) {
            return false;
        }
        str key = str_part(payload, 0, blank);
        payload = str_part(payload, blank + 1, payload.len);
        if (!reply_number(&payload, '\n', &length) || length >= payload.len ||
            payload.ptr[length] != '\n') {
            return false;
        }
        size_t at;
        name_table_put(arena, &reply.keys, key, reply.sections.len, &at);
        *VEC_PUSH(arena, &reply.sections) =
            (struct section){ .key = key, .bytes = str_part(payload, 0, length) };
        payload = str_part(payload, length + 1, payload.len);
    }
    *ret = reply;
    return true;
}

str reply_get(const struct reply *reply, str key)
{
    size_t at;
    return name_table_find(&reply->keys, key, &at) ? reply->sections.items[at].bytes : STR_NONE;
}

/* ---- encoded bytes ---- */

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_blank(char c)
{
    return c == '\n' || c == '\r' || c == ' ';
}

static bool decode_base64(struct arena *arena, str in, str *ret)
{
    char *out = arena_alloc_raw(arena, in.len / 4 * 3 + 4);
    size_t len = 0, digits = 0, padding = 0;
    uint32_t group = 0;
    for (size_t i = 0; i < in.len; i++) {
        int digit = base64_digit(in.ptr[i]);
        if (is_blank(in.ptr[i])) {
            continue;
        }
        if (in.ptr[i] == '=') {
            padding++;
            continue;
        }
        if (digit < 0 || padding > 0) {
            return false;
        }
        group = group << 6 | (uint32_t)digit;
        if (++digits % 4 == 0) {
            out[len++] = (char)(group >> 16);
            out[len++] = (char)(group >> 8);
            out[len++] = (char)group;
        }
    }
    if (digits % 4 == 1 || padding != (4 - digits % 4) % 4) {
        return false;
    }
    if (digits % 4 >= 2) {
        out[len++] = (char)(group >> (digits % 4 == 2 ? 4 : 10));
    }
    if (digits % 4 == 3) {
        out[len++] = (char)(group >> 2);
    }
    out[len] = '\0';
    *ret = (str){ out, len };
    return true;
}

/* uuencode -m: a line "begin-base64 MODE NAME", base64, a line "====". */
static bool decode_uuencode(struct arena *arena, str in, str *ret)
{
    str head = str_cut_line(&in);
    size_t tail = str_rfind(in, S("===="));
    if (!str_starts(head, S("begin-base64 ")) || tail == STR_NPOS) {
        return false;
    }
    return decode_base64(arena, str_part(in, 0, tail), ret);
}

bool reply_bytes(struct arena *arena, str encoded, str *ret)
{
    if (encoded.len == 0) {
        return false;
    }
    str body = str_part(encoded, 1, encoded.len);
    switch (encoded.ptr[0]) {
    case '.':
        *ret = str_copy(arena, body);
        return true;
    case '=':
        return decode_base64(arena, body, ret);
    case 'x':
        return str_from_hex(arena, body, ret);
    case 'u':
        return decode_uuencode(arena, body, ret);
    default:
        return false;
    }
}

/* ---- file status ---- */

static enum file_type type_of(uint64_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return FILE_DIRECTORY;
    case S_IFLNK:
        return FILE_LINK;
    case S_IFCHR:
        return FILE_CHAR_DEVICE;
    case S_IFBLK:
        return FILE_BLOCK_DEVICE;
    case S_IFIFO:
        return FILE_FIFO;
    case S_IFSOCK:
        return FILE_SOCKET;
    default:
        return FILE_REGULAR;
    }
}

static bool field_signed(str *rest, int64_t *ret)
{
    uint64_t number;
    bool negative = str_starts(*rest, S("-"));
    str digits = str_part(*rest, negative, rest->len);
    if (!reply_number(&digits, ':', &number) || number > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *ret = (int64_t)(negative ? 0 - number : number);
    *rest = digits;
    return true;
}

static bool field_mode(str *rest, uint64_t *ret)
{
    str hex = str_cut(rest, ':');
    return !str_is_none(*rest) && hex.len <= 8 && str_to_base(hex, 16, ret);
}

static bool field_name(struct arena *arena, str *rest, uint64_t id, str *ret)
{
    str name = str_cut(rest, ':');
    if (str_is_none(*rest)) {
        return false;
    }
    bool nameless = name.len == 0 || str_eq(name, S("UNKNOWN"));
    *ret = nameless ? str_format(arena, "%llu", (unsigned long long)id) : str_copy(arena, name);
    return true;
}

/* The fields up to the name, which is left in *rest. */
static bool parse_record(struct arena *arena, str *rest, struct file_stat *ret)
{
    struct file_stat stat = { 0 };
    uint64_t mode, uid, gid;
    if (!reply_number(rest, ':', &stat.size) || !field_mode(rest, &mode) ||
        !reply_number(rest, ':', &uid) || !reply_number(rest, ':', &gid) ||
        !field_signed(rest, &stat.mtime) || !field_signed(rest, &stat.atime) ||
        !field_signed(rest, &stat.ctime) || !reply_number(rest, ':', &stat.inode) ||
        !reply_number(rest, ':', &stat.device) || !reply_number(rest, ':', &stat.links) ||
        !field_name(arena, rest, uid, &stat.owner) || !field_name(arena, rest, gid, &stat.group)) {
        return false;
    }
    stat.type = type_of(mode);
    stat.mode = (unsigned)(mode & 07777);
    stat.uid = (unsigned)uid;
    stat.gid = (unsigned)gid;
    stat.target = STR_NONE;
    *ret = stat;
    return true;
}

/* Whether `printed` is the name as stat's %N prints it: bare (GNU with QUOTING_STYLE=literal), or
 * with quotes before and behind (busybox for links, older GNU). Leaves the target of a link, whose
 * length is the link's size: toybox quotes the target alone. */
static bool printed_name(str printed, str path, const struct file_stat *stat, str *ret_target)
{
    bool is_link = stat->type == FILE_LINK;
    bool quoted = printed.len > 0 && printed.len > path.len && path.len > 0 &&
                  (printed.ptr[0] == '\'' || printed.ptr[0] == '`') &&
                  str_starts(str_part(printed, 1, printed.len), path);
    size_t quote = quoted ? 1 : 0;
    str rest = str_part(printed, quote, printed.len);
    if (!str_starts(rest, path)) {
        return false;
    }
    rest = str_part(rest, path.len + quote, rest.len);
    if (!is_link) {
        return rest.len == 0;
    }
    size_t arrow = 4 + quote; /* " -> ", and an opening quote */
    if (rest.len < arrow + quote || !str_starts(rest, S(" -> "))) {
        return false;
    }
    str target = str_part(rest, arrow, rest.len - quote);
    bool only_target = !quoted && target.len == stat->size + 2 && str_starts(target, S("'"));
    *ret_target = only_target ? str_part(target, 1, target.len - 1) : target;
    return true;
}

/* Cut the next record: what stands between a token and the last ';' before the next one. */
static bool cut_record(str *rest, str token, str *ret)
{
    if (!str_starts(*rest, token) || rest->len <= token.len || rest->ptr[token.len] != ' ') {
        return false;
    }
    size_t from = token.len + 1, next = str_find(*rest, token, from);
    size_t to = next == STR_NPOS ? rest->len : next;
    str record = str_part(*rest, from, to);
    size_t end = str_rfind(record, S(";"));
    if (end == STR_NPOS) {
        return false;
    }
    *ret = str_part(record, 0, end);
    *rest = str_part(*rest, to, rest->len);
    return true;
}

bool reply_stats(struct arena *arena, str bytes, str token, const str *paths, size_t count,
                 struct file_stat *ret_stats, bool *ret_found)
{
    size_t first = str_find(bytes, token, 0); /* before it: complaints of stat */
    bytes = first == STR_NPOS ? STR_EMPTY : str_part(bytes, first, bytes.len);
    size_t at = 0;
    str record;
    while (cut_record(&bytes, token, &record)) {
        struct file_stat stat;
        if (!parse_record(arena, &record, &stat)) {
            return false;
        }
        str target = STR_NONE;
        while (at < count && !printed_name(record, paths[at], &stat, &target)) {
            at++; /* it vanished between the test and stat */
        }
        if (at == count) {
            return false;
        }
        if (stat.type == FILE_LINK) {
            stat.target = str_copy(arena, target);
        }
        ret_stats[at] = stat;
        ret_found[at++] = true;
    }
    return true;
}

/* ---- digests ---- */

static size_t hex_length(str s)
{
    size_t len = 0;
    while (len < s.len && hex_digit(s.ptr[len]) >= 0) {
        len++;
    }
    return len;
}

/* A line "HEX  name", "HEX *name", BSD's "HEX name", or one of them behind a backslash when the
 * name is escaped. Names begin with neither a blank nor a star. */
static bool digest_line(str line, str *ret_hex, str *ret_name, bool *ret_escaped)
{
    *ret_escaped = line.len > 0 && line.ptr[0] == '\\';
    line = str_part(line, *ret_escaped, line.len);
    size_t len = hex_length(line);
    if (len < 32 || len > 128 || line.len < len + 2 || line.ptr[len] != ' ') {
        return false;
    }
    bool two = line.ptr[len + 1] == ' ' || line.ptr[len + 1] == '*';
    *ret_hex = str_part(line, 0, len);
    *ret_name = str_part(line, len + (two ? 2 : 1), line.len);
    return true;
}

/* Escapes newline, carriage return and backslash as GNU's checksum programs do. */
static str escaped_name(struct arena *arena, str name)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < name.len; i++) {
        switch (name.ptr[i]) {
        case '\\':
            strbuf_add(&out, S("\\\\"));
            break;
        case '\n':
            strbuf_add(&out, S("\\n"));
            break;
        case '\r':
            strbuf_add(&out, S("\\r"));
            break;
        default:
            strbuf_add_char(&out, name.ptr[i]);
        }
    }
    return strbuf_str(&out);
}

/* Whether `text` begins with the line `path`; the shell takes newlines away at the very end. */
static bool begins_with_line(str text, str path, size_t *ret_used)
{
    while (path.len > text.len && path.ptr[path.len - 1] == '\n') {
        path.len--;
    }
    *ret_used = path.len + 1;
    return str_starts(text, path) && (text.len == path.len || text.ptr[path.len] == '\n');
}

void reply_digests(struct arena *arena, str bytes, const str *paths, size_t count, str *ret_hex)
{
    for (size_t at = 0; at < count && bytes.len > 0;) {
        str hex, name;
        bool escaped;
        if (!digest_line(bytes, &hex, &name, &escaped)) {
            str_cut(&bytes, '\n');
            continue;
        }
        str path = escaped ? escaped_name(arena, paths[at]) : paths[at];
        size_t used;
        if (begins_with_line(name, path, &used)) {
            ret_hex[at++] = str_lower(arena, hex);
            bytes = str_part(name, used, name.len);
        } else {
            at++; /* it vanished, or could not be read */
        }
    }
}

/* ---- users and groups ---- */

static bool entry_fits(str name, str id, str wanted)
{
    uint64_t number;
    return str_eq(name, wanted) || (str_to_base(wanted, 10, &number) && str_eq(id, wanted));
}

/* A name goes before a number, as in Ansible. */
static void find_entry(struct arena *arena, str lines, str wanted, bool is_group,
                       struct user_entry *ret)
{
    *ret = (struct user_entry){ .exists = false };
    while (lines.len > 0) {
        str rest = str_cut_line(&lines);
        str name = str_cut(&rest, ':');
        str_cut(&rest, ':');
        str id = str_cut(&rest, ':');
        uint64_t uid, gid = 0;
        if (str_is_none(id) || !entry_fits(name, id, wanted) || id.len > 10 ||
            !str_to_base(id, 10, &uid) || (ret->exists && !str_eq(name, wanted))) {
            continue;
        }
        struct user_entry entry = { .exists = true, .name = str_copy(arena, name) };
        if (is_group) {
            entry.gid = (unsigned)uid;
            entry.members = str_copy(arena, rest);
        } else {
            str gid_field = str_cut(&rest, ':');
            entry.uid = (unsigned)uid;
            entry.gid = str_to_base(gid_field, 10, &gid) ? (unsigned)gid : 0;
            entry.gecos = str_copy(arena, str_cut(&rest, ':'));
            entry.home = str_copy(arena, str_cut(&rest, ':'));
            entry.shell = str_copy(arena, str_trim(rest));
        }
        *ret = entry;
    }
}

void reply_user(struct arena *arena, str lines, str name_or_id, struct user_entry *ret)
{
    find_entry(arena, lines, name_or_id, false, ret);
}

void reply_group(struct arena *arena, str lines, str name_or_id, struct user_entry *ret)
{
    find_entry(arena, lines, name_or_id, true, ret);
}

/* ---- trees ---- */

/* The path in what %N printed: "P", "'P'", "P -> T", "'P' -> 'T'", "P -> 'T'". Of a link only its
 * size tells where the path ends, since both may hold " -> ". */
static bool tree_name(struct arena *arena, str printed, struct file_stat *stat, str *ret_path)
{
    bool quoted = printed.len > 1 && (printed.ptr[0] == '\'' || printed.ptr[0] == '`');
    if (stat->type == FILE_LINK) {
        size_t bare = stat->size + 4;
        if (stat->size > printed.len || printed.len < bare + 2) {
            return false;
        }
        bool target_quoted =
            quoted || !str_starts(str_part(printed, printed.len - bare, printed.len), S(" -> "));
        size_t behind = bare + quoted + 2 * target_quoted;
        if (printed.len < behind + 2) {
            return false;
        }
        size_t end = printed.len - target_quoted;
        stat->target = str_copy(arena, str_part(printed, end - stat->size, end));
        printed = str_part(printed, quoted, printed.len - behind);
    } else if (quoted) {
        printed = str_part(printed, 1, printed.len - 1);
    }
    if (!str_starts(printed, S("./")) || printed.len == 2) {
        return false;
    }
    *ret_path = str_copy(arena, str_part(printed, 2, printed.len));
    return true;
}

static int compare_entries(const void *a, const void *b)
{
    return str_cmp(((const struct file_entry *)a)->path, ((const struct file_entry *)b)->path);
}

static struct file_entry *entry_of(struct file_entry *entries, size_t count, str path)
{
    struct file_entry key = { .path = path };
    return count == 0 ? NULL : bsearch(&key, entries, count, sizeof *entries, compare_entries);
}

static str unescaped_name(struct arena *arena, str name)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '\\' && i + 1 < name.len) {
            i++;
            strbuf_add_char(&out, name.ptr[i] == 'n'   ? '\n'
                                  : name.ptr[i] == 'r' ? '\r'
                                                       : name.ptr[i]);
        } else {
            strbuf_add_char(&out, name.ptr[i]);
        }
    }
    return strbuf_str(&out);
}

/* A name with a newline that is not escaped (busybox) goes on in lines that are no record. */
static void tree_digests(struct arena *arena, str bytes, struct file_entry *entries, size_t count)
{
    while (bytes.len > 0) {
        str line = str_cut_line(&bytes), hex, name, next_hex, next_name;
        bool escaped, next_escaped;
        if (!digest_line(line, &hex, &name, &escaped)) {
            continue;
        }
        while (bytes.len > 0 && !digest_line(bytes, &next_hex, &next_name, &next_escaped)) {
            str more = str_cut_line(&bytes);
            name.len = (size_t)(more.ptr + more.len - name.ptr);
        }
        name = escaped ? unescaped_name(arena, name) : name;
        struct file_entry *entry = entry_of(entries, count, str_part(name, 2, name.len));
        if (entry != NULL) {
            entry->digest = str_lower(arena, hex);
        }
    }
}

bool reply_tree(struct arena *arena, str stats, str digests, str token, struct file_tree *ret)
{
    VEC(struct file_entry) entries = { 0 };
    str record;
    while (cut_record(&stats, token, &record)) {
        struct file_entry entry = { .digest = STR_NONE };
        if (!parse_record(arena, &record, &entry.stat)) {
            return false;
        }
        if (str_eq(record, S(".")) || str_eq(record, S("'.'"))) {
            continue;
        }
        if (entries.len == OBSERVE_TREE_MAX ||
            !tree_name(arena, record, &entry.stat, &entry.path)) {
            return false;
        }
        *VEC_PUSH(arena, &entries) = entry;
    }
    if (stats.len > 0) {
        return false;
    }
    if (entries.len > 0) {
        qsort(entries.items, entries.len, sizeof *entries.items, compare_entries);
    }
    tree_digests(arena, digests, entries.items, entries.len);
    *ret = (struct file_tree){ .exists = true, .entries = entries.items, .count = entries.len };
    return true;
}

/* ---- paths and programs ---- */

bool reply_paths(struct arena *arena, str bytes, struct path_list *ret)
{
    VEC(str) paths = { 0 };
    while (bytes.len > 0) {
        uint64_t length;
        if (!reply_number(&bytes, ':', &length) || length > bytes.len ||
            paths.len == OBSERVE_TREE_MAX) {
            return false;
        }
        *VEC_PUSH(arena, &paths) = str_copy(arena, str_part(bytes, 0, length));
        bytes = str_part(bytes, length, bytes.len);
    }
    *ret = (struct path_list){ .paths = paths.items, .count = paths.len };
    return true;
}

int shell_status(uint64_t told)
{
    return (int)(told > 255 ? (told - 128) & 255 : told);
}

bool reply_run(struct arena *arena, str *rest, str token, struct run_answer *ret)
{
    uint64_t status, length;
    size_t at = str_find(*rest, token, 0);
    if (at == STR_NPOS || at + token.len == rest->len || rest->ptr[at + token.len] != ' ') {
        return false;
    }
    str err = str_part(*rest, 0, at);
    str bytes = str_part(*rest, at + token.len + 1, rest->len);
    if (!reply_number(&bytes, ' ', &status) || status > 511 ||
        !reply_number(&bytes, '\n', &length) || length >= bytes.len || bytes.ptr[length] != ';') {
        return false;
    }
    *ret = (struct run_answer){ .status = shell_status(status),
                                .out = str_copy(arena, str_part(bytes, 0, length)),
                                .err = str_copy(arena, str_trim_right(err)) };
    *rest = str_part(bytes, length + 1, bytes.len);
    return true;
}
