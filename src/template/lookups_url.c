/* lookups_url.c - the lookup url: what a server answers, by libcurl. */
#include <stdlib.h>

#include "base/utf8.h"
#include "template/curl_library.h"
#include "template/lookup.h"

#define MAX_REDIRECTS 10 /* as Python's urllib */

static void free_curl(CURL **handle)
{
    if (*handle != NULL) {
        curl_library()->easy_cleanup(*handle);
    }
}

static void free_headers(struct curl_slist **list)
{
    if (*list != NULL) {
        curl_library()->slist_free_all(*list);
    }
}

/* ---- options ---- */

struct options {
    bool validate_certs, split_lines, use_proxy, force, force_basic_auth, use_netrc, follow;
    double timeout; /* seconds */
    str username, password, agent, ca_path, unix_socket, ciphers;
    value headers; /* a map */
};

static const char *const names[] = {
    "validate_certs",
    "split_lines",
    "use_proxy",
    "username",
    "password",
    "headers",
    "force",
    "timeout",
    "http_agent",
    "force_basic_auth",
    "use_netrc",
    "unix_socket",
    "follow_redirects",
    "ca_path",
    "unredirected_headers",
    "use_gssapi",
    "ciphers",
    NULL,
};

/* Of the call, else of a variable, else of the environment; null: nowhere. */
static bool option(struct call *call, const char *name, const char *setting, value *ret)
{
    struct arena *arena = call->arena;
    if (value_map_get(call->keywords, str_of(name), ret)) {
        return true;
    }
    str variable = str_format(arena, "ansible_lookup_url_%s", setting);
    if (!scope_variable(call->render, variable, call->at, ret)) {
        return false;
    }
    if (!value_is(*ret, VALUE_UNDEFINED)) {
        return true;
    }
    str upper = str_upper(arena, variable);
    const char *text = getenv(str_c(arena, upper));
    *ret = text != NULL ? value_str(arena, str_of(text)) : value_null();
    return true;
}

static bool flag(struct call *call, const char *name, bool fallback, bool *ret)
{
    value v, truth;
    struct call_args none = { .at = call->at, .keywords = { .kind = VALUE_UNDEFINED } };
    *ret = fallback;
    if (!option(call, name, name, &v)) {
        return false;
    }
    return value_is(v, VALUE_NULL) ||
           (call_filter(call, S("bool"), v, &none, &truth) && call_truth(call, truth, ret));
}

static bool text(struct call *call, const char *name, const char *setting, str fallback, str *ret)
{
    value v;
    *ret = fallback;
    if (!option(call, name, setting, &v)) {
        return false;
    }
    if (value_is(v, VALUE_NULL)) {
        return true;
    }
    if (!call_text(call, v, &v)) {
        return false;
    }
    *ret = value_as_str(v);
    return true;
}

static bool read_timeout(struct call *call, double *ret)
{
    value v, number;
    struct call_args none = { .at = call->at, .keywords = { .kind = VALUE_UNDEFINED } };
    *ret = 10;
    if (!option(call, "timeout", "timeout", &v)) {
        return false;
    }
    if (value_is(v, VALUE_NULL)) {
        return true;
    }
    if (!call_filter(call, S("float"), v, &none, &number)) {
        return false;
    }
    *ret = value_as_float(number);
    return (*ret > 0 && *ret < 1e6) || call_fail(call, "'timeout' is a number of seconds above 0");
}

static bool read_redirects(struct call *call, bool *ret)
{
    str how;
    if (!text(call, "follow_redirects", "follow_redirects", S("urllib2"), &how)) {
        return false;
    }
    bool none = str_eq_nocase(how, S("none")) || str_eq_nocase(how, S("no")) ||
                str_eq_nocase(how, S("false"));
    *ret = !none;
    return none || str_eq(how, S("urllib2")) || str_eq(how, S("all")) || str_eq(how, S("safe")) ||
           str_eq_nocase(how, S("yes")) || str_eq_nocase(how, S("true")) ||
           call_fail(call, "'follow_redirects' is one of 'urllib2', 'all', 'safe' and 'none'");
}

static bool read_ciphers(struct call *call, str *ret)
{
    value v, separator = value_str(call->arena, S(":"));
    struct call_args args = { &separator, 1, { .kind = VALUE_UNDEFINED }, call->at };
    *ret = STR_NONE;
    if (!option(call, "ciphers", "ciphers", &v)) {
        return false;
    }
    if (value_is(v, VALUE_LIST) && !call_filter(call, S("join"), v, &args, &v)) {
        return false;
    }
    return value_is(v, VALUE_NULL) || call_need_str(call, v, ret);
}

static bool refuse_unsupported(struct call *call)
{
    bool gssapi, unredirected;
    value v = lookup_option(call, "unredirected_headers", value_null());
    if (!flag(call, "use_gssapi", false, &gssapi) || !call_truth(call, v, &unredirected)) {
        return false;
    }
    return (!gssapi && !unredirected) ||
           call_fail(call, "'%s' is not supported", gssapi ? "use_gssapi" : "unredirected_headers");
}

static bool read_options(struct call *call, struct options *ret)
{
    ret->headers = lookup_option(call, "headers", value_null());
    if (!value_is(ret->headers, VALUE_NULL) && !value_is(ret->headers, VALUE_MAP)) {
        return call_fail(call, "'headers' is a map, not %s %s", A_TYPE(ret->headers));
    }
    return lookup_options(call, names) && refuse_unsupported(call) &&
           lookup_flag(call, "validate_certs", true, &ret->validate_certs) &&
           lookup_flag(call, "split_lines", true, &ret->split_lines) &&
           lookup_flag(call, "use_proxy", true, &ret->use_proxy) &&
           lookup_text(call, "username", STR_NONE, &ret->username) &&
           lookup_text(call, "password", STR_NONE, &ret->password) &&
           flag(call, "force", false, &ret->force) &&
           lookup_flag(call, "force_basic_auth", false, &ret->force_basic_auth) &&
           flag(call, "use_netrc", true, &ret->use_netrc) && read_timeout(call, &ret->timeout) &&
           read_redirects(call, &ret->follow) && read_ciphers(call, &ret->ciphers) &&
           text(call, "http_agent", "agent", S("ansible-httpget"), &ret->agent) &&
           text(call, "unix_socket", "unix_socket", STR_NONE, &ret->unix_socket) &&
           text(call, "ca_path", "ca_path", STR_NONE, &ret->ca_path);
}

/* ---- the request ---- */

struct answer {
    struct strbuf body;
    bool too_large;
};

static size_t receive(char *bytes, size_t size, size_t count, void *data)
{
    struct answer *answer = data;
    answer->too_large = answer->body.len + size * count > MAX_TEXT;
    if (answer->too_large) {
        return 0;
    }
    strbuf_add(&answer->body, (str){ bytes, size * count });
    return size * count;
}

static void set_text(struct call *call, CURL *curl, CURLoption name, str s)
{
    const struct curl_library *lib = curl_library();
    if (!str_is_none(s)) {
        (void)lib->easy_setopt(curl, name, str_c(call->arena, s)); /* copied by curl */
    }
}

static void set_security(struct call *call, CURL *curl, const struct options *options)
{
    const struct curl_library *lib = curl_library();
    (void)lib->easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, options->validate_certs ? 1L : 0L);
    (void)lib->easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, options->validate_certs ? 2L : 0L);
    (void)lib->easy_setopt(curl, CURLOPT_HTTPAUTH,
                           options->force_basic_auth ? (long)CURLAUTH_BASIC
                                                     : (long)(CURLAUTH_BASIC | CURLAUTH_DIGEST));
    (void)lib->easy_setopt(curl, CURLOPT_NETRC,
                           options->use_netrc && str_is_none(options->username)
                               ? (long)CURL_NETRC_OPTIONAL
                               : (long)CURL_NETRC_IGNORED);
    set_text(call, curl, CURLOPT_USERNAME, options->username);
    set_text(call, curl, CURLOPT_PASSWORD, options->password);
    set_text(call, curl, CURLOPT_CAINFO, options->ca_path);
    set_text(call, curl, CURLOPT_SSL_CIPHER_LIST, options->ciphers);
}

/* Time counts while nothing comes, not in all, as with Ansible. */
static void set_transfer(struct call *call, CURL *curl, const struct options *options)
{
    const struct curl_library *lib = curl_library();
    long seconds = (long)options->timeout + (options->timeout > (double)(long)options->timeout);
    (void)lib->easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* there are other threads */
    (void)lib->easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,ftp,file");
    (void)lib->easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https,ftp");
    (void)lib->easy_setopt(curl, CURLOPT_FOLLOWLOCATION, options->follow ? 1L : 0L);
    (void)lib->easy_setopt(curl, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
    (void)lib->easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    (void)lib->easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(options->timeout * 1000));
    (void)lib->easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    (void)lib->easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, seconds);
    if (!options->use_proxy) {
        (void)lib->easy_setopt(curl, CURLOPT_PROXY, "");
    }
    set_text(call, curl, CURLOPT_USERAGENT, options->agent);
    set_text(call, curl, CURLOPT_UNIX_SOCKET_PATH, options->unix_socket);
}

static void add_header(struct call *call, struct curl_slist **list, str name, str content)
{
    /* "name;" is curl's way to say that it is there and empty */
    str line = content.len > 0 ? str_format(call->arena, "%.*s: %.*s", SARG(name), SARG(content))
                               : str_format(call->arena, "%.*s;", SARG(name));
    struct curl_slist *longer = curl_library()->slist_append(*list, str_c(call->arena, line));
    *list = longer != NULL ? longer : *list;
}

static bool make_headers(struct call *call, const struct options *options, struct curl_slist **ret)
{
    for (size_t i = 0; value_is(options->headers, VALUE_MAP) && i < value_count(options->headers);
         i++) {
        value name, content;
        if (!call_text(call, value_map_key(options->headers, i), &name) ||
            !call_text(call, value_map_value(options->headers, i), &content)) {
            return false;
        }
        if (str_find_char(value_as_str(name), '\n', 0) != STR_NPOS ||
            str_find_char(value_as_str(content), '\n', 0) != STR_NPOS) {
            return call_fail(call, "a header has more than one line");
        }
        add_header(call, ret, value_as_str(name), value_as_str(content));
    }
    if (options->force) {
        add_header(call, ret, S("cache-control"), S("no-cache"));
    }
    return true;
}

static bool request(struct call *call, const struct options *options, str url, str *ret)
{
    const struct curl_library *lib = curl_library();
    CLEANUP(free_curl) CURL *curl = lib != NULL ? lib->easy_init() : NULL;
    CLEANUP(free_headers) struct curl_slist *headers = NULL;
    struct answer answer = { .body = strbuf_in(call->arena) };
    long status = 0;
    if (curl == NULL) {
        return call_fail(call, "needs libcurl 7.85 or later, which is not installed here");
    }
    if (!make_headers(call, options, &headers)) {
        return false;
    }
    set_text(call, curl, CURLOPT_URL, url);
    set_security(call, curl, options);
    set_transfer(call, curl, options);
    (void)lib->easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    (void)lib->easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    (void)lib->easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    CURLcode failure = lib->easy_perform(curl);
    if (answer.too_large) {
        return call_fail(call, "'%.*s' gives more than %u MiB", SARG(url), MAX_TEXT >> 20);
    }
    if (failure != CURLE_OK) {
        return call_fail(call, "'%.*s': %s", SARG(url), lib->easy_strerror(failure));
    }
    (void)lib->easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    bool http = str_starts(url, S("http"));
    if (http && (status < 200 || status > 299)) {
        return call_fail(call, "'%.*s' answers with the HTTP status %ld", SARG(url), status);
    }
    *ret = utf8_repair(call->arena, strbuf_str(&answer.body));
    return true;
}

/* Lines end with "\n", "\r\n" or "\r"; the ends are not kept. */
static void add_lines(struct call *call, str s, struct list_builder *list)
{
    while (s.len > 0) {
        size_t end = 0;
        while (end < s.len && s.ptr[end] != '\n' && s.ptr[end] != '\r') {
            end++;
        }
        list_add(list, value_str(call->arena, str_part(s, 0, end)));
        bool both = end + 1 < s.len && s.ptr[end] == '\r' && s.ptr[end + 1] == '\n';
        s = str_part(s, end + (both ? 2 : 1), s.len);
    }
}

static bool lookup_url(struct call *call, value *ret)
{
    struct options options;
    struct list_builder list = list_in(call->arena);
    if (!read_options(call, &options)) {
        return false;
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        str url, content;
        if (!call_need_str(call, call->rest[i], &url) || !request(call, &options, url, &content)) {
            return false;
        }
        if (options.split_lines) {
            add_lines(call, content, &list);
        } else {
            list_add(&list, value_str(call->arena, content));
        }
    }
    return call_give(ret, list_seal(&list));
}

const struct builtin lookups_url[] = {
    { "url", NULL, "*terms, **options", CALL_ACTS, lookup_url,
      "What a server answers, line by line. Options: split_lines, username, password, headers, "
      "force, validate_certs, use_proxy, timeout, http_agent, force_basic_auth, follow_redirects, "
      "ca_path ...",
      "{{ lookup('url', 'http://127.0.0.1:1/', errors='ignore') is none }} -> True" },
    { 0 },
};
