#include "check.h"
#include "remote/overlay.h"
#include "remote/question.h"

/* A question with the answer of a host that has `fresh` there. */
static struct file_stat shadowed_stat(struct overlay *overlay, struct arena *arena, str path,
                                      struct file_stat fresh, bool follow)
{
    struct question q = { .kind = follow ? ASK_STAT_FOLLOW : ASK_STAT, .arg = path };
    q.answer.stat = fresh;
    overlay_patch(overlay, arena, &q);
    return q.answer.stat;
}

static value shadowed_text(struct overlay *overlay, struct arena *arena, str path,
                           const char *fresh)
{
    struct question q = { .kind = ASK_TEXT, .arg = path };
    q.answer.content =
        fresh == NULL ? (value){ .kind = VALUE_UNDEFINED } : value_str(arena, str_of(fresh));
    overlay_patch(overlay, arena, &q);
    return q.answer.content;
}

static struct change change_of(enum change_kind kind, str path)
{
    return (struct change){ .kind = kind, .path = path, .validate = STR_NONE };
}

static void add_write(struct overlay *overlay, struct arena *arena, str path, str text)
{
    struct change change = change_of(CHANGE_WRITE, path);
    change.content = (struct content){ .kind = CONTENT_BYTES,
                                       .bytes = value_str(arena, text),
                                       .digest = STR_NONE };
    change.attrs = (struct file_attrs){ .has_mode = true, .mode = 0600, .owner = S("app") };
    overlay_add(overlay, &change, NULL);
}

static const struct file_stat absent = { .type = FILE_ABSENT };
static const struct file_stat regular = { .type = FILE_REGULAR, .mode = 0644, .size = 3 };
static const struct file_stat directory = { .type = FILE_DIRECTORY, .mode = 0755 };

static void free_overlay(struct overlay **overlay)
{
    overlay_free(*overlay);
}

#define SETUP                                                                                      \
    CLEANUP(release_arena) struct arena *arena = arena_new("test");                                \
    CLEANUP(free_overlay) struct overlay *overlay = overlay_new()

Test(overlay, a_file_that_would_be_written)
{
    SETUP;
    add_write(overlay, arena, S("/a/f"), S("new\n"));
    struct file_stat stat = shadowed_stat(overlay, arena, S("/a/f"), absent, false);
    cr_assert(stat.type == FILE_REGULAR && stat.mode == 0600 && stat.size == 4 && stat.predicted);
    EQ_STR(stat.owner, S("app"));
    EQ_STR(value_as_str(shadowed_text(overlay, arena, S("/a/./f"), NULL)), S("new\n"));
    struct question q = { .kind = ASK_DIGEST, .arg = S("/a/f"), .digest = DIGEST_MD5 };
    overlay_patch(overlay, arena, &q);
    EQ_STR(q.answer.text, S("9cd599a3523898e6a12e13ec787da50a"));
    stat = shadowed_stat(overlay, arena, S("/a/other"), regular, false);
    cr_assert(stat.type == FILE_REGULAR && !stat.predicted);
}

Test(overlay, what_is_made_belongs_to_its_maker)
{
    SETUP;
    struct maker maker = { S("deploy"), S("users"), 1000, 100, 027 };
    struct maker known;
    struct change change = change_of(CHANGE_DIRECTORY, S("/d"));
    cr_expect_not(overlay_maker(overlay, S(""), &known));
    overlay_learn_maker(overlay, S(""), &maker);
    cr_expect_not(overlay_maker(overlay, S("root"), &known));
    cr_assert(overlay_maker(overlay, S(""), &known));
    overlay_add(overlay, &change, &known);
    struct file_stat stat = shadowed_stat(overlay, arena, S("/d"), absent, false);
    cr_expect(stat.type == FILE_DIRECTORY && stat.mode == 0750);
    cr_expect(stat.uid == 1000 && stat.gid == 100);
    EQ_STR(stat.owner, S("deploy"));
    EQ_STR(stat.group, S("users"));
    change = change_of(CHANGE_ATTRS, S("/d"));
    change.before = stat;
    change.attrs = (struct file_attrs){ .owner = S("app"), .group = S("users") };
    overlay_add(overlay, &change, NULL);
    stat = shadowed_stat(overlay, arena, S("/d"), absent, false);
    EQ_STR(stat.owner, S("app"));
    cr_expect(stat.uid == ID_UNKNOWN && stat.gid == 100);
}

Test(overlay, a_problem_of_the_host_goes_with_the_shadow)
{
    SETUP;
    add_write(overlay, arena, S("/f"), S("x"));
    struct question q = { .kind = ASK_TEXT, .arg = S("/f"), .problem = S("Permission denied") };
    overlay_patch(overlay, arena, &q);
    cr_assert(str_is_none(q.problem));
}

Test(overlay, attributes_alone_keep_the_text)
{
    SETUP;
    struct change change = change_of(CHANGE_ATTRS, S("/f"));
    change.before = regular;
    change.attrs = (struct file_attrs){ .has_mode = true, .mode = 0400 };
    overlay_add(overlay, &change, NULL);
    cr_assert_eq(shadowed_stat(overlay, arena, S("/f"), regular, false).mode, 0400u);
    EQ_STR(value_as_str(shadowed_text(overlay, arena, S("/f"), "abc")), S("abc"));
}

Test(overlay, what_is_below_a_removed_directory)
{
    SETUP;
    add_write(overlay, arena, S("/d/mine"), S("x"));
    struct change change = change_of(CHANGE_REMOVE, S("/d"));
    change.before = directory;
    change.recursive = true;
    overlay_add(overlay, &change, NULL);
    cr_assert(shadowed_stat(overlay, arena, S("/d"), directory, false).type == FILE_ABSENT);
    cr_assert(shadowed_stat(overlay, arena, S("/d/mine"), absent, false).type == FILE_ABSENT);
    cr_assert(shadowed_stat(overlay, arena, S("/d/host/file"), regular, false).type == FILE_ABSENT);
    change = change_of(CHANGE_DIRECTORY, S("/d"));
    overlay_add(overlay, &change, NULL);
    cr_assert(shadowed_stat(overlay, arena, S("/d"), directory, false).type == FILE_DIRECTORY);
    cr_assert(shadowed_stat(overlay, arena, S("/d/host/file"), regular, false).type == FILE_ABSENT);
    cr_assert(value_is(shadowed_text(overlay, arena, S("/d/host"), "abc"), VALUE_UNDEFINED));
}

Test(overlay, links)
{
    SETUP;
    struct change change = change_of(CHANGE_SYMLINK, S("/etc/current"));
    change.target = S("../srv/v2");
    overlay_add(overlay, &change, NULL);
    add_write(overlay, arena, S("/srv/v2/conf"), S("two"));
    EQ_STR(value_as_str(shadowed_text(overlay, arena, S("/etc/current/conf"), NULL)), S("two"));
    cr_assert(shadowed_stat(overlay, arena, S("/etc/current"), absent, false).type == FILE_LINK);
    cr_assert(shadowed_stat(overlay, arena, S("/etc/current/x"), absent, false).type ==
              FILE_UNKNOWN); /* nobody asked the host for /srv/v2/x */
    /* a link of the host that somebody looked at: one file under two names */
    struct file_stat link = { .type = FILE_LINK, .target = S("/run") };
    shadowed_stat(overlay, arena, S("/var/run"), link, false);
    add_write(overlay, arena, S("/var/run/pid"), S("7"));
    EQ_STR(value_as_str(shadowed_text(overlay, arena, S("/run/pid"), NULL)), S("7"));
    /* a ring ends */
    change = change_of(CHANGE_SYMLINK, S("/ring"));
    change.target = S("ring");
    overlay_add(overlay, &change, NULL);
    shadowed_stat(overlay, arena, S("/ring/x"), absent, true);
}

Test(overlay, a_command_that_was_not_run)
{
    SETUP;
    add_write(overlay, arena, S("/opt/app/conf"), S("x"));
    struct command command = { .script = S("systemctl restart nginx"), .executable = STR_NONE };
    const str paths[] = { S("/opt/made"), S("/opt/app"), S("/var/log/x") };
    overlay_add_command(overlay, &command, paths, 3);
    cr_assert_eq(overlay_commands(overlay), 1u);
    cr_assert(shadowed_stat(overlay, arena, S("/opt/made"), absent, false).type == FILE_UNKNOWN);
    cr_assert(shadowed_stat(overlay, arena, S("/opt/app/bin"), absent, false).type == FILE_UNKNOWN);
    cr_assert(value_is(shadowed_text(overlay, arena, S("/opt/app/conf"), NULL), VALUE_UNKNOWN));
    cr_assert(value_is(shadowed_text(overlay, arena, S("/var/log/x"), "a"), VALUE_UNKNOWN));
    cr_assert(shadowed_stat(overlay, arena, S("/opt/else"), regular, false).type == FILE_REGULAR);
    struct question q = { .kind = ASK_RUN };
    q.argv = (str[]){ S("systemctl"), S("is-active"), S("nginx") };
    q.argc = 3;
    overlay_patch(overlay, arena, &q);
    cr_assert(q.answer.run.unknown);
}

Test(overlay, trees_and_patterns)
{
    SETUP;
    struct change change = change_of(CHANGE_REMOVE, S("/d/old"));
    change.before = regular;
    overlay_add(overlay, &change, NULL);
    add_write(overlay, arena, S("/d/b.conf"), S("x"));
    const struct file_entry entries[] = { { .path = S("a.conf"), .stat = regular },
                                          { .path = S("old"), .stat = regular } };
    struct question q = { .kind = ASK_TREE, .arg = S("/d"), .with_digest = true };
    q.answer.tree = (struct file_tree){ true, entries, 2 };
    overlay_patch(overlay, arena, &q);
    cr_assert_eq(q.answer.tree.count, 2u);
    EQ_STR(q.answer.tree.entries[1].path, S("b.conf"));
    EQ_STR(q.answer.tree.entries[1].digest, S("11f6ad8ec52a2984abaafd7c3b516503785c2072"));
    const str fresh[] = { S("/d/a.conf") };
    q = (struct question){ .kind = ASK_GLOB, .arg = S("/d/*.conf") };
    q.answer.paths = (struct path_list){ fresh, 1 };
    overlay_patch(overlay, arena, &q);
    cr_assert_eq(q.answer.paths.count, 2u);
    EQ_STR(q.answer.paths.paths[1], S("/d/b.conf"));
}

Test(overlay, programs_that_name_the_same_thing)
{
    SETUP;
    struct change change = change_of(CHANGE_RUN, STR_EMPTY);
    change.argv = (str[]){ S("apt-get"), S("install"), S("-y"), S("nginx") };
    change.argc = 4;
    overlay_add(overlay, &change, NULL);
    struct question q = { .kind = ASK_RUN };
    q.argv = (str[]){ S("systemctl"), S("show"), S("nginx") };
    q.argc = 3;
    overlay_patch(overlay, arena, &q);
    cr_assert(q.answer.run.unknown);
    q.answer.run.unknown = false;
    q.argv = (str[]){ S("systemctl"), S("show"), S("ssh") };
    overlay_patch(overlay, arena, &q);
    cr_assert(!q.answer.run.unknown);
}
