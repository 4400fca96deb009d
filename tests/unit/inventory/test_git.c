/* Trees of commits as files, and the texts that name them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/tree.h"
#include "check.h"
#include "inventory/git_source.h"

/* A repository with a commit "one" and, on main, another; made by git itself. */
static const char script[] =
    "set -e; cd \"$1\"\n"
    "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a\n"
    "export GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b\n"
    "export GIT_AUTHOR_DATE='@1700000000 +0000' GIT_COMMITTER_DATE='@1700000000 +0000'\n"
    "git init -q -b main repo; cd repo\n"
    "mkdir -p inv/group_vars dir/deep\n"
    "printf '[web]\\nw1\\nw2\\n' >inv/hosts; echo 'color: red' >inv/group_vars/web.yml\n"
    "echo text >dir/file; printf '#!/bin/sh\\n' >dir/program; chmod +x dir/program\n"
    "ln -s file dir/near; ln -s ../inv/hosts dir/far; ln -s ../.. dir/out\n"
    "ln -s /etc/passwd dir/absolute; ln -s nothing dir/dangling; ln -s round dir/round\n"
    "ln -s dir way; ln -s ../near dir/deep/twice\n"
    "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:0\\nsize 9\\n' >dir/large\n"
    "git add . && git update-index --add --cacheinfo "
    "160000,1111111111111111111111111111111111111111,sub\n"
    "git commit -qm one && git tag one\n"
    "echo 'color: blue' >inv/group_vars/web.yml; git commit -qam two\n"
    "git clone -q --bare . ../bare.git; git init -q ../empty\n";

static const struct git_access no_access;

static str make_repository(struct bench *bench)
{
    str top = bench_path(bench, S(""));
    str command = str_format(bench->arena, "sh -s -- '%.*s' <<'END'\n%s\nEND\n", SARG(top), script);
    cr_assert_eq(system(str_c(bench->arena, command)), 0);
    return str_concat(bench->arena, S("git:"), bench_path(bench, S("repo")));
}

static str mount(struct bench *bench, str source)
{
    str path = STR_EMPTY;
    cr_assert(git_source_mount(bench->arena, bench->diags, &no_access, source, &path), "%.*s",
              SARG(bench_complaints(bench)));
    return path;
}

/* The text of a file, or why there is none. */
static str text_at(struct bench *bench, str path)
{
    char bytes[256];
    errno = 0;
    CLEANUP(close_fd) int fd = tree_open(path);
    ssize_t got = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    return got < 0 ? str_of(tree_why(errno))
                   : str_copy(bench->arena, str_trim((str){ bytes, (size_t)got }));
}

Test(git, texts)
{
    BENCH(bench);
    bench_write(&bench, S("at@home/x"), S(""));
    str at = bench_path(&bench, S("at@home"));
    const struct {
        str text, repository, rev, inside;
        bool is_url;
    } rows[] = {
        { S("git:infra"), S("infra"), S("HEAD"), S(""), false },
        { S("git:infra@v1"), S("infra"), S("v1"), S(""), false },
        { S("git:infra@v1:inv/hosts"), S("infra"), S("v1"), S("inv/hosts"), false },
        { S("git:infra:inv"), S("infra"), S("HEAD"), S("inv"), false },
        { S("git:infra:/inv"), S("infra"), S("HEAD"), S("inv"), false },
        { S("git:/a/b.git@HEAD@{1}:x:y"), S("/a/b.git"), S("HEAD@{1}"), S("x:y"), false },
        { S("git:infra@feature/x~2"), S("infra"), S("feature/x~2"), S(""), false },
        { S("git:@v1:x"), S(""), S("v1"), S("x"), false },
        { S("git:ssh://git@h:22/a.git@v1:x"), S("ssh://git@h:22/a.git"), S("v1"), S("x"), true },
        { S("git:https://u@h/a"), S("https://u@h/a"), S("HEAD"), S(""), true },
        { S("git:file:///a/b@v1"), S("file:///a/b"), S("v1"), S(""), true },
        { str_concat(bench.arena, S("git:"), at), at, S("HEAD"), S(""), false },
        { str_format(bench.arena, "git:%.*s@v1:x", SARG(at)), at, S("v1"), S("x"), false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct git_source source = git_source_parse(bench.arena, rows[i].text);
        EQ_STR(source.repository, rows[i].repository, rows[i].text);
        EQ_STR(source.rev, rows[i].rev, rows[i].text);
        EQ_STR(source.inside, rows[i].inside, rows[i].text);
        cr_assert_eq(source.is_url, rows[i].is_url);
    }
    cr_assert(git_source_is(S("git:x")) && !git_source_is(S("git:")) && !git_source_is(S("gith")));
}

Test(git, contents)
{
    static const str left = S_INIT("it leads out of the tree of the commit");
    static const str absent =
        S_INIT("the commit only names it: submodules and files of Git LFS are not read");
    BENCH(bench);
    str root = mount(&bench, str_concat(bench.arena, make_repository(&bench), S("@one")));
    const struct row rows[] = {
        { S("dir/file"), S("text") },
        { S("/dir//./file"), S("text") },
        { S("dir/deep/../file"), S("text") },
        { S("dir/near"), S("text") },
        { S("way/near"), S("text") },
        { S("way/../inv/group_vars/web.yml"), S("color: red") },
        { S("dir/far"), S("[web]\nw1\nw2") },
        { S("dir/deep/twice"), S("text") },
        { S("dir/program"), S("#!/bin/sh") },
        { S("dir"), S("Is a directory") },
        { S("dir/no"), S("No such file or directory") },
        { S("dir/file/x"), S("Not a directory") },
        { S("dir/dangling"), S("No such file or directory") },
        { S("dir/round"), S("Too many levels of symbolic links") },
        { S("dir/out"), left },
        { S("dir/out/etc/passwd"), left },
        { S("dir/absolute"), left },
        { S("dir/../../x"), left },
        { S(".."), left },
        { S("dir/large"), absent },
        { S("sub"), absent },
        { S("sub/x"), absent },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str path = str_format(bench.arena, "%.*s/%.*s", SARG(root), SARG(rows[i].text));
        EQ_STR(text_at(&bench, path), rows[i].expected, rows[i].text);
    }
    git_tree_tell(bench.diags);
    git_tree_tell(bench.diags);
    cr_assert_eq(bench.diags->all.len, 4, "%.*s", SARG(bench_complaints(&bench)));
}

Test(git, status)
{
    BENCH(bench);
    str root = mount(&bench, str_concat(bench.arena, make_repository(&bench), S("@one")));
    static const struct {
        str path;
        bool follow;
        mode_t mode;
        off_t size;
    } rows[] = {
        { S_INIT("dir"), true, S_IFDIR | 0755, 0 },
        { S_INIT(""), true, S_IFDIR | 0755, 0 },
        { S_INIT("dir/file"), false, S_IFREG | 0644, 5 },
        { S_INIT("dir/program"), false, S_IFREG | 0755, 10 },
        { S_INIT("dir/near"), false, S_IFLNK | 0777, 4 },
        { S_INIT("dir/near"), true, S_IFREG | 0644, 5 },
        { S_INIT("sub"), true, S_IFDIR | 0755, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct stat status;
        str path = path_join(bench.arena, root, rows[i].path);
        cr_assert((rows[i].follow ? tree_stat : tree_lstat)(path, &status));
        cr_assert_eq(status.st_mode, rows[i].mode, "%.*s", SARG(rows[i].path));
        cr_assert_eq(status.st_size, rows[i].size, "%.*s", SARG(rows[i].path));
        cr_assert_eq(status.st_mtim.tv_sec, 1700000000);
    }
    str target;
    cr_assert(tree_link(bench.arena, path_join(bench.arena, root, S("dir/far")), &target));
    EQ_STR(target, S("../inv/hosts"), S("link"));
    EQ_STR(tree_real(bench.arena, path_join(bench.arena, root, S("way/near"))),
           path_join(bench.arena, root, S("dir/file")), S("real"));
    struct name_list names;
    cr_assert(tree_list(bench.arena, path_join(bench.arena, root, S("inv")), &names));
    cr_assert_eq(names.len, 2);
    EQ_STR(names.items[0], S("group_vars"), S("names"));
    cr_assert_not(tree_list(bench.arena, path_join(bench.arena, root, S("sub")), &names));
}

/* A large content is held in memory once; whoever opens it has a position of his own. */
Test(git, positions)
{
    BENCH(bench);
    char byte;
    str source = make_repository(&bench);
    str make = str_format(bench.arena,
                          "cd '%.*s/repo' && seq 100000 >big && git add big && git -c user.name=a "
                          "-c user.email=a@b commit -qm big",
                          SARG(bench.folder));
    cr_assert_eq(system(str_c(bench.arena, make)), 0);
    str path = mount(&bench, str_concat(bench.arena, source, S(":big")));
    CLEANUP(close_fd) int first = tree_open(path);
    CLEANUP(close_fd) int second = tree_open(path);
    cr_assert_eq(lseek(first, 1000, SEEK_SET), 1000);
    cr_assert(read(second, &byte, 1) == 1 && byte == '1');
    cr_assert_eq(lseek(first, 0, SEEK_CUR), 1000);
    struct stat a, b;
    cr_assert(fstat(first, &a) == 0 && fstat(second, &b) == 0 && a.st_ino == b.st_ino);
}

Test(git, inventories)
{
    BENCH(bench);
    str source = make_repository(&bench), bare = bench_path(&bench, S("bare.git"));
    const struct row rows[] = {
        { str_concat(bench.arena, source, S("@one:inv")), S("red") },
        { str_concat(bench.arena, source, S("@one:inv/hosts")), S("red") },
        { str_concat(bench.arena, source, S(":inv")), S("blue") },
        { str_concat(bench.arena, source, S("@HEAD~1:dir/far")), S("-") },
        { str_format(bench.arena, "git:%.*s@main:inv", SARG(bare)), S("blue") },
        { str_concat(bench.arena, source, S("/.git@one:inv")), S("red") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str path;
        cr_assert(git_source_open(bench.arena, bench.diags, &no_access, rows[i].text, &path));
        struct inventory_options options = {
            .sources = &path, .count = 1, .playbook_dir = STR_NONE, .unparsed_is_failed = true
        };
        cr_assert(inventory_load(bench.arena, bench.diags, &options, &bench.inventory));
        EQ_STR(bench_var(&bench, S("w1"), S("color")), rows[i].expected, rows[i].text);
    }
}

Test(git, mistakes)
{
    BENCH(bench);
    str source = make_repository(&bench), top = bench.folder;
    const struct {
        str text;
        const char *expected; /* where '%s' stands, the folder */
    } rows[] = {
        { str_concat(bench.arena, source, S("@onee")),
          "no revision 'onee' in repository '%s/repo' [did you mean 'one'?]" },
        { str_concat(bench.arena, source, S("@HEAD:inv")), "" },
        { str_concat(bench.arena, source, S("@one:inv/host")),
          "there is no 'git:repo@COMMIT:inv/host' [did you mean 'hosts'?]" },
        { str_concat(bench.arena, source, S("@one:../x")),
          "cannot read 'git:repo@COMMIT:../x': it leads out of the tree of the commit" },
        { str_concat(bench.arena, source, S("@one^{tree}")),
          "no commit is meant by revision 'one^{tree}' in repository '%s/repo' [what git rev-parse "
          "takes: a branch, a tag, a commit, HEAD~1]" },
        { str_concat(bench.arena, source, S("/inv")),
          "'%s/repo/inv' is not a git repository [it is in the repository '%s/repo': write the way "
          "from there behind a colon]" },
        { str_format(bench.arena, "git:%.*s/empty", SARG(top)),
          "repository '%s/empty' has no commits" },
        { S("git:/nonexistent@v1"),
          "'/nonexistent' is not a git repository [git:DIRECTORY@REVISION:PATH, or "
          "git:URL@REVISION:PATH with ssh://, https:// or file:// before the host]" },
    };
    str root = mount(&bench, str_concat(bench.arena, source, S("@one")));
    str commit = str_part(root, sizeof "/git:repo@" - 1, root.len - 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str path, expected = str_replace(bench.arena, str_of(rows[i].expected), S("%s"), top);
        expected = str_replace(bench.arena, expected, S("COMMIT"), commit);
        bench.diags->all.len = 0;
        cr_assert_eq(git_source_open(bench.arena, bench.diags, &no_access, rows[i].text, &path),
                     expected.len == 0);
        EQ_STR(bench_complaints(&bench), expected, rows[i].text);
    }
}

/* The root of a tree is a part of patterns and paths, whatever the repository is called. */
Test(git, odd_names)
{
    BENCH(bench);
    struct name_list found;
    make_repository(&bench);
    str move = str_format(bench.arena, "cd '%.*s' && mv repo 're[p]*o?'", SARG(bench.folder));
    cr_assert_eq(system(str_c(bench.arena, move)), 0);
    str root = mount(&bench, str_format(bench.arena, "git:%.*s/re[p]*o?", SARG(bench.folder)));
    cr_assert(str_starts(root, S("/git:re_p]_o_@")), "%.*s", SARG(root));
    tree_glob(bench.arena, str_concat(bench.arena, root, S("/inv/h*s")), &found);
    cr_assert_eq(found.len, 1);
}

Test(git, scripts_are_refused)
{
    BENCH(bench);
    str source = make_repository(&bench), path;
    cr_assert(git_source_open(bench.arena, bench.diags, &no_access,
                              str_concat(bench.arena, source, S("@one:dir/program")), &path));
    struct inventory_options options = {
        .sources = &path, .count = 1, .playbook_dir = STR_NONE, .unparsed_is_failed = true
    };
    cr_assert_not(inventory_load(bench.arena, bench.diags, &options, &bench.inventory));
    str said = bench_complaints(&bench);
    cr_assert(str_find(said, S("is not run from a commit [use a check-out, or keep"), 0) !=
                  STR_NPOS,
              "%.*s", SARG(said));
}

/* The same repository with what git does not tell of, read from its first commit. */
Test(git, covered)
{
    BENCH(bench);
    static const char beside[] =
        "cd \"$1/repo\"; echo '*' >dir/.gitignore; echo x >dir/extra; ln -s file dir/lure\n"
        "echo changed >dir/file; rm dir/near; mkdir dir/new; echo x >dir/new/y\n"
        "ln -s repo ../way; ln -s repo/dir ../deep; mkdir ../beside; echo z >../beside/z\n";
    str source = make_repository(&bench), top = bench_path(&bench, S(""));
    str command = str_format(bench.arena, "sh -s -- '%.*s' <<'END'\n%s\nEND\n", SARG(top), beside);
    cr_assert_eq(system(str_c(bench.arena, command)), 0);
    git_repository *repo, *own;
    git_oid commit;
    cr_assert(git_tree_find(
        path_tree_root(mount(&bench, str_concat(bench.arena, source, S("@one")))), &repo, &commit));
    cr_assert_eq(git_repository_open(&own, git_repository_path(repo)), 0);
    cr_assert(git_tree_cover(own, &commit, tree_real(bench.arena, bench_path(&bench, S("repo")))));

    const struct row rows[] = {
        { S("repo/dir/file"), S("text") },
        { S("repo/dir/near"), S("text") },
        { S("repo/inv/group_vars/web.yml"), S("color: red") },
        { S("way/dir/file"), S("text") },
        { S("way/dir/../dir/./file"), S("text") },
        { S("deep/file"), S("text") },
        { S("repo/../way/dir/far"), S("[web]\nw1\nw2") },
        { S("repo/dir/extra"), S("it is not in the signed commit") },
        { S("repo/dir/lure"), S("it is not in the signed commit") },
        { S("deep/new/y"), S("it is not in the signed commit") },
        { S("repo/dir/no"), S("No such file or directory") },
        { S("repo/dir/absolute"), S("it leads out of the tree of the commit") },
        { S("repo/dir/../../beside/z"), S("z") },
        { S("beside/z"), S("z") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(text_at(&bench, bench_path(&bench, rows[i].text)), rows[i].expected, rows[i].text);
    }
    cr_assert_eq(chdir(str_c(bench.arena, bench_path(&bench, S("repo/dir")))), 0);
    EQ_STR(text_at(&bench, S("file")), S("text"), S("here"));
    EQ_STR(text_at(&bench, S("../dir/file")), S("text"), S("here"));
    EQ_STR(text_at(&bench, S("extra")), S("it is not in the signed commit"), S("here"));
    EQ_STR(text_at(&bench, S("../../beside/z")), S("z"), S("here"));
    cr_assert(tree_is_covered(S("file")) && tree_is_covered(S(".")));
    cr_assert(!tree_is_covered(S("../..")) && !tree_is_mounted(S("file")));

    struct name_list names;
    cr_assert(tree_list(bench.arena, S(".."), &names));
    cr_assert_eq(names.len, 4); /* dir, inv, sub, way; no .git */
    cr_assert(tree_list(bench.arena, S("."), &names));
    cr_assert_eq(names.len, 14); /* with the four that are not read */
    tree_glob(bench.arena, S("f*"), &names);
    cr_assert_eq(names.len, 2);

    struct stat status;
    cr_assert(tree_stat(S("program"), &status) && (status.st_mode & 07777) == 0755);
    cr_assert(!git_tree_tell(bench.diags));
    cr_assert(bench.diags->errors > 0);
}
