/*
 * setup_distribution.c - which distribution a host runs. Files in /etc say so, each family in its
 * own way; they are looked at in a fixed order, and the first that fits gives the name. Playbooks
 * branch on the results, so they are Ansible's, oddities included ("SLES_SAP", release "5" of
 * openSUSE 15.5).
 *
 * Sources: os-release(5), lsb_release(1), the release files of the distributions.
 */
#include "setup_facts.h"

#define OS_RELEASE S("/etc/os-release")

static str os_release(const struct host *host)
{
    str text = host_text(host, OS_RELEASE);
    return str_is_none(text) ? host_text(host, S("/usr/lib/os-release")) : text;
}

static bool contains(str text, const char *word)
{
    return str_find(text, str_of(word), 0) != STR_NPOS;
}

/* ---- "NAME release 7.9.2009 (Core)" ---- */

static str release_file(const struct host *host)
{
    static const char *const paths[] = { "/etc/redhat-release", "/etc/centos-release",
                                         "/etc/system-release", "/etc/oracle-release" };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        str text = host_text(host, str_of(paths[i]));
        if (!str_is_none(text)) {
            return str_cut_line(&text);
        }
    }
    return STR_NONE;
}

static str release_file_version(str line)
{
    size_t at = str_is_none(line) ? STR_NPOS : str_find(line, S(" release "), 0);
    str rest = at == STR_NPOS ? STR_EMPTY : str_part(line, at + 9, line.len);
    return next_word(&rest);
}

/* Between parentheses: a name without digits. */
static str codename_in(str text)
{
    if (str_is_none(text)) {
        return STR_NONE;
    }
    for (size_t open = str_find_char(text, '(', 0); open != STR_NPOS;
         open = str_find_char(text, '(', open + 1)) {
        size_t close = str_find_char(text, ')', open);
        str name = str_part(text, open + 1, close == STR_NPOS ? open + 1 : close);
        bool digit = false;
        for (size_t i = 0; i < name.len; i++) {
            digit |= name.ptr[i] >= '0' && name.ptr[i] <= '9';
        }
        if (name.len > 0 && !digit) {
            return name;
        }
    }
    return STR_NONE;
}

/* ---- what holds for all, before a family knows better ---- */

/* At most `count` parts of a version. */
static str version_parts(str version, size_t count)
{
    size_t end = 0;
    while (end < version.len && (version.ptr[end] != '.' || --count > 0)) {
        end++;
    }
    return str_part(version, 0, end);
}

/* os-release says "12" where Debian says "12.11" elsewhere, and "7" where CentOS says "7.9.2009".
 */
static str general_version(const struct host *host, str id, str version)
{
    str better = STR_NONE;
    if (str_eq(id, S("debian"))) {
        better = host_text(host, S("/etc/debian_version"));
    } else if (str_eq(id, S("centos")) || version.len == 0) {
        better = release_file_version(release_file(host));
    }
    if (!str_is_none(better) &&
        (version.len == 0 || str_count(better, '.') > str_count(version, '.'))) {
        version = better;
    }
    return str_eq(id, S("centos")) ? version_parts(version, 2) : version;
}

static str general_release(const struct host *host, str text)
{
    static const char *const keys[] = { "VERSION_CODENAME", "UBUNTU_CODENAME" };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        str name = shell_setting(host->arena, text, str_of(keys[i]));
        if (!str_is_none(name)) {
            return name; /* an empty one means that there is none */
        }
    }
    str version = shell_setting(host->arena, text, S("VERSION"));
    str name = codename_in(version);
    if (str_is_none(name) && !str_is_none(version)) {
        size_t comma = str_find_char(version, ',', 0);
        name = comma == STR_NPOS ? name : str_trim(str_part(version, comma + 1, version.len));
    }
    if (str_is_none(name)) {
        str lsb = host_text(host, S("/etc/lsb-release"));
        name = shell_setting(host->arena, lsb, S("DISTRIB_CODENAME"));
    }
    return str_is_none(name) ? codename_in(release_file(host)) : name;
}

static struct distribution general(const struct host *host)
{
    str text = os_release(host);
    str id = shell_setting(host->arena, text, S("ID"));
    str version = general_version(host, id, shell_setting(host->arena, text, S("VERSION_ID")));
    str release = general_release(host, text);
    version = version.len == 0 ? S("NA") : version;
    return (struct distribution){
        .name = S("OtherLinux"),
        .version = version,
        .major = version_parts(version, 1),
        .release = str_is_none(release) ? S("NA") : release,
    };
}

/* ---- the families: each takes a file that may be its own, and says whether it is ---- */

struct release {
    const struct host *host;
    str path, text;
    const char *variety;
    struct distribution *dist;
};

static str setting(const struct release *r, const char *key)
{
    return shell_setting(r->host->arena, r->text, str_of(key));
}

static void set_version(struct distribution *dist, str version)
{
    if (version.len > 0) {
        dist->version = version;
        dist->major = version_parts(version, 1);
    }
}

static bool take_search(const struct release *r, const char *search)
{
    str rest = r->text;
    r->dist->name = contains(r->text, search) ? str_of(r->variety) : next_word(&rest);
    return true;
}

static bool take_altlinux(const struct release *r)
{
    return take_search(r, "ALT");
}

static bool take_oracle(const struct release *r)
{
    return take_search(r, "Oracle Linux");
}

static bool take_redhat(const struct release *r)
{
    return take_search(r, "Red Hat");
}

static bool take_sourcemage(const struct release *r)
{
    return take_search(r, "Source Mage GNU/Linux");
}

static bool take_slackware(const struct release *r)
{
    if (!contains(r->text, "Slackware")) {
        return false;
    }
    str rest = r->text, word;
    while (!str_is_none(word = next_word(&rest))) {
        if (str_find_char(word, '.', 0) != STR_NPOS) {
            r->dist->version = word;
            break;
        }
    }
    return true;
}

static bool take_centos(const struct release *r)
{
    if (contains(r->text, "CentOS Stream")) {
        r->dist->release = S("Stream");
        return true;
    }
    if (contains(r->text, "TencentOS Server")) {
        r->dist->name = S("TencentOS");
        return true;
    }
    return false;
}

/* "DISTRIB_RELEASE='19.07'": what lsb-release has too. */
static bool take_distrib(const struct release *r, const char *search)
{
    if (!contains(r->text, search)) {
        return false;
    }
    str version = setting(r, "DISTRIB_RELEASE"), release = setting(r, "DISTRIB_CODENAME");
    r->dist->version = str_is_none(version) ? r->dist->version : version;
    r->dist->release = str_is_none(release) ? r->dist->release : release;
    return true;
}

static bool take_openwrt(const struct release *r)
{
    return take_distrib(r, "OpenWrt");
}

static bool take_mandriva(const struct release *r)
{
    return take_distrib(r, "Mandriva");
}

static bool take_amazon(const struct release *r)
{
    if (!contains(r->text, "Amazon")) {
        return false;
    }
    str version = setting(r, "VERSION_ID");
    if (str_eq(r->path, OS_RELEASE)) {
        set_version(r->dist, version);
        size_t dot = str_find_char(r->dist->version, '.', 0);
        r->dist->minor =
            dot == STR_NPOS ? S("NA") : str_part(r->dist->version, dot + 1, r->dist->version.len);
        return true;
    }
    str rest = r->text, word;
    r->dist->version = S("NA");
    while (!str_is_none(word = next_word(&rest))) {
        if (is_number(word)) {
            r->dist->version = word;
            break;
        }
    }
    return true;
}

static bool take_alpine(const struct release *r)
{
    r->dist->version = r->text;
    return true;
}

static bool take_arch(const struct release *r)
{
    return contains(r->text, "Arch Linux");
}

/* The digits after the first dot, "" when there are none. */
static str version_minor(str version)
{
    size_t from = version_parts(version, 1).len;
    from += from < version.len;
    size_t to = from;
    while (to < version.len && version.ptr[to] >= '0' && version.ptr[to] <= '9') {
        to++;
    }
    return str_part(version, from, to);
}

static bool take_suse(const struct release *r)
{
    str lower = str_lower(r->host->arena, r->text);
    if (!contains(lower, "suse")) {
        return false;
    }
    str name = setting(r, "NAME"), version = setting(r, "VERSION_ID");
    r->dist->name = str_is_none(name) ? r->dist->name : name;
    if (version.len > 0) {
        set_version(r->dist, version_parts(version, 2));
        str minor = version_minor(version);
        if (contains(lower, "open")) {
            r->dist->release = minor;
        } else if (contains(lower, "enterprise")) {
            r->dist->release = minor.len > 0 ? minor : S("0");
        }
    }
    const struct host_path *product = host_path(r->host, S("/etc/products.d/baseproduct"));
    if (product != NULL && str_ends(product->target, S("SLES_SAP.prod"))) {
        r->dist->name = S("SLES_SAP");
    }
    return true;
}

/* SUSE before os-release: the name in the first line, CODENAME or PATCHLEVEL further down. */
static bool take_old_suse(const struct release *r)
{
    str lower = str_lower(r->host->arena, r->text), rest = r->text;
    if (!contains(lower, "suse")) {
        return false;
    }
    str version = setting(r, "VERSION"), patch = setting(r, "PATCHLEVEL");
    r->dist->name = next_word(&rest);
    set_version(r->dist, version);
    if (contains(lower, "open")) {
        str codename = setting(r, "CODENAME");
        r->dist->release = str_is_none(codename) ? r->dist->release : codename;
        return true;
    }
    r->dist->name = contains(r->text, "Server")    ? S("SLES")
                    : contains(r->text, "Desktop") ? S("SLED")
                                                   : r->dist->name;
    if (!str_is_none(patch)) {
        r->dist->release = patch;
        r->dist->version =
            str_format(r->host->arena, "%.*s.%.*s", SARG(r->dist->version), SARG(patch));
    }
    return true;
}

/* "Debian GNU/Linux 12 (bookworm)": the name in parentheses. */
static void set_debian(const struct release *r)
{
    str pretty = setting(r, "PRETTY_NAME");
    size_t open = str_is_none(pretty) ? STR_NPOS : str_find_char(pretty, '(', 0);
    size_t close = open == STR_NPOS ? STR_NPOS : str_find_char(pretty, ')', open);
    if (close != STR_NPOS) {
        r->dist->release = str_part(pretty, open + 1, close);
    }
    str version = host_text(r->host, S("/etc/debian_version"));
    str minor = str_is_none(version) ? STR_EMPTY : version_minor(version);
    if (minor.len > 0) {
        r->dist->minor = minor;
    }
}

static void set_named_version(const struct release *r)
{
    str release = setting(r, "VERSION_CODENAME");
    set_version(r->dist, setting(r, "VERSION_ID"));
    r->dist->release = release.len > 0 ? release : r->dist->release;
}

static bool take_debian(const struct release *r)
{
    static const struct {
        const char *word, *name;
        void (*more)(const struct release *r);
    } rows[] = {
        { "Debian", "Debian", set_debian },
        { "Raspbian", "Debian", set_debian },
        { "Ubuntu", "Ubuntu", NULL },
        { "SteamOS", "SteamOS", NULL },
        { "Kali", "Kali", NULL },
        { "Parrot", "Parrot", NULL },
        { "Devuan", "Devuan", set_named_version },
        { "Cumulus", "Cumulus Linux", set_named_version },
        { "Mint", "Linux Mint", set_named_version },
        { "UOS", "Uos", set_named_version },
        { "Uos", "Uos", set_named_version },
        { "uos", "Uos", set_named_version },
        { "Deepin", "Deepin", set_named_version },
        { "deepin", "Deepin", set_named_version },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (contains(r->text, rows[i].word)) {
            r->dist->name = str_of(rows[i].name);
            if (rows[i].more != NULL) {
                rows[i].more(r);
            }
            return true;
        }
    }
    return false;
}

static bool take_clear(const struct release *r)
{
    str name = setting(r, "NAME");
    if (!contains(name, "Clear Linux")) {
        return false;
    }
    str id = setting(r, "ID");
    r->dist->name = name;
    set_version(r->dist, setting(r, "VERSION_ID"));
    r->dist->release = str_is_none(id) ? r->dist->release : id;
    return true;
}

static bool take_flatcar(const struct release *r)
{
    if (!str_eq(setting(r, "ID"), S("flatcar"))) {
        return false;
    }
    set_version(r->dist, setting(r, "VERSION"));
    return true;
}

static bool take_any(const struct release *r)
{
    str name = setting(r, "NAME"), version = setting(r, "VERSION");
    r->dist->name = str_is_none(name) ? r->dist->name : name;
    if (str_eq(r->dist->version, S("NA")) && !str_is_none(version)) {
        r->dist->version = version;
    }
    return true;
}

static const struct {
    const char *path, *variety;
    bool (*take)(const struct release *r); /* NULL: the file need only be there, even empty */
} files[] = {
    { "/etc/altlinux-release", "Altlinux", take_altlinux },
    { "/etc/oracle-release", "OracleLinux", take_oracle },
    { "/etc/slackware-version", "Slackware", take_slackware },
    { "/etc/centos-release", "CentOS", take_centos },
    { "/etc/redhat-release", "RedHat", take_redhat },
    { "/etc/vmware-release", "VMwareESX", NULL },
    { "/etc/openwrt_release", "OpenWrt", take_openwrt },
    { "/etc/os-release", "Amazon", take_amazon },
    { "/etc/system-release", "Amazon", take_amazon },
    { "/etc/alpine-release", "Alpine", take_alpine },
    { "/etc/arch-release", "Archlinux", NULL },
    { "/etc/os-release", "Archlinux", take_arch },
    { "/etc/os-release", "SUSE", take_suse },
    { "/etc/SuSE-release", "SUSE", take_old_suse },
    { "/etc/os-release", "Debian", take_debian },
    { "/etc/lsb-release", "Debian", take_debian },
    { "/etc/lsb-release", "Mandriva", take_mandriva },
    { "/etc/sourcemage-release", "SMGL", take_sourcemage },
    { "/usr/lib/os-release", "ClearLinux", take_clear },
    { "/etc/os-release", "Flatcar", take_flatcar },
    { "/etc/os-release", "NA", take_any },
};

/* ---- families ---- */

static str family_of(str name)
{
    static const struct {
        const char *family;
        const char *names[24];
    } families[] = {
        { "RedHat",
          { "RedHat",
            "RHEL",
            "Fedora",
            "CentOS",
            "Scientific",
            "SLC",
            "Ascendos",
            "CloudLinux",
            "PSBM",
            "OracleLinux",
            "OVS",
            "OEL",
            "Amazon",
            "Virtuozzo",
            "XenServer",
            "Alibaba",
            "EulerOS",
            "openEuler",
            "AlmaLinux",
            "Rocky",
            "TencentOS",
            "EuroLinux",
            "Kylin Linux Advanced Server",
            "MIRACLE" } },
        { "Debian",
          { "Debian", "Ubuntu", "Raspbian", "Neon", "KDE neon", "Linux Mint", "SteamOS", "Devuan",
            "Kali", "Cumulus Linux", "Pop!_OS", "Parrot", "Pardus GNU/Linux", "Uos", "Deepin",
            "OSMC" } },
        { "Suse",
          { "SuSE", "SLES", "SLED", "openSUSE", "openSUSE Tumbleweed", "SLES_SAP", "SUSE_LINUX",
            "openSUSE Leap", "ALP-Dolomite", "SL-Micro", "openSUSE MicroOS" } },
        { "Archlinux", { "Archlinux", "Antergos", "Manjaro" } },
        { "Mandrake", { "Mandrake", "Mandriva" } },
        { "Gentoo", { "Gentoo", "Funtoo" } },
        { "ClearLinux", { "Clear Linux OS", "Clear Linux Mix" } },
    };
    for (size_t i = 0; i < ARRAY_LEN(families); i++) {
        for (size_t n = 0; n < ARRAY_LEN(families[i].names); n++) {
            if (str_eq(name, str_of(families[i].names[n]))) {
                return str_of(families[i].family);
            }
        }
    }
    return name;
}

/* ---- the distribution ---- */

static bool try_file(const struct host *host, size_t i, struct distribution *dist)
{
    str path = str_of(files[i].path), text = host_text(host, path);
    bool only_there = files[i].take == NULL;
    if (only_there ? !host_has(host, path) : str_is_none(text)) {
        return false;
    }
    struct distribution found = *dist;
    found.name = found.variety = str_of(files[i].variety);
    found.file = path;
    found.parsed = !only_there;
    struct release release = { host, path, text, files[i].variety, &found };
    if (!only_there && !files[i].take(&release)) {
        return false;
    }
    *dist = found;
    return true;
}

static struct distribution of_linux(const struct host *host)
{
    struct distribution dist = general(host);
    for (size_t i = 0; i < ARRAY_LEN(files) && !try_file(host, i, &dist); i++) {
    }
    return dist;
}

struct distribution distribution_of(const struct host *host)
{
    struct kernel kernel = kernel_of(host);
    bool linux_kernel = str_is_none(kernel.system) || str_eq(kernel.system, S("Linux"));
    struct distribution dist = { .name = kernel.system, .release = kernel.release };
    if (linux_kernel) {
        dist = of_linux(host);
    }
    dist.family = family_of(dist.name);
    return dist;
}

void facts_distribution(const struct host *host, struct map_builder *facts)
{
    struct distribution dist = distribution_of(host);
    fact_str(facts, S("distribution"), dist.name);
    fact_str(facts, S("distribution_version"), dist.version);
    fact_str(facts, S("distribution_release"), dist.release);
    fact_str(facts, S("distribution_major_version"), dist.major);
    fact_str(facts, S("distribution_minor_version"), dist.minor);
    fact_str(facts, S("distribution_file_path"), dist.file);
    fact_str(facts, S("distribution_file_variety"), dist.variety);
    if (dist.parsed) {
        fact_bool(facts, S("distribution_file_parsed"), true);
    }
    fact_str(facts, S("os_family"), dist.family);
}

/* ---- lsb ---- */

/* What lsb_release prints, out of the files it reads: the program itself is slow on many hosts. */
void facts_lsb(const struct host *host, struct map_builder *facts)
{
    static const struct {
        const char *fact, *lsb, *os;
    } rows[] = {
        { "id", "DISTRIB_ID", NULL },
        { "description", "DISTRIB_DESCRIPTION", "PRETTY_NAME" },
        { "release", "DISTRIB_RELEASE", "VERSION_ID" },
        { "codename", "DISTRIB_CODENAME", "VERSION_CODENAME" },
    };
    struct map_builder lsb = map_in(facts->arena);
    str lsb_text = host_text(host, S("/etc/lsb-release")), os_text = os_release(host);
    bool installed = !str_is_none(host->lsb_release);
    struct distribution dist = distribution_of(host);
    str release = STR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str found = shell_setting(host->arena, lsb_text, str_of(rows[i].lsb));
        if (str_is_none(found) && installed) {
            found = i == 0 ? dist.name : shell_setting(host->arena, os_text, str_of(rows[i].os));
        }
        release = i == 2 ? found : release;
        fact_str(&lsb, str_of(rows[i].fact), found);
    }
    if (!str_is_none(release)) {
        fact_str(&lsb, S("major_release"), version_parts(release, 1));
    }
    map_set_str(facts, S("lsb"), map_seal(&lsb));
}
