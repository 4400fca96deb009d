#!/bin/bash
# git.sh - projects that are read from a repository: a run from a commit is that of a check-out of it,
# and leaves nothing behind here.
#
# usage: git.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

mkdir "$work/home" "$work/tmp"
export HOSTLER_FLEET_CACHE=${HOSTLER_FLEET_CACHE:-$HOME/.cache/hostler-fleet}
export HOME=$work/home TMPDIR=$work/tmp XDG_CACHE_HOME=$work/home/cache
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
for who in AUTHOR COMMITTER; do
    export "GIT_${who}_NAME=somebody" "GIT_${who}_EMAIL=s@example.org"
done

# --- a project -------------------------------------------------------------------------------------

repo=$work/infra
make_project() {
    git init -q -b main "$repo" && cd "$repo" || exit
    mkdir -p inventory/{group_vars,host_vars} vars tasks roles/web/{tasks,handlers,templates/parts,files/tree/deep,defaults,meta}
    cp "$inventory" inventory/hosts
    cat >ansible.cfg <<'INI'
[defaults]
inventory = inventory
vault_password_file = password
INI
    echo 'open sesame' >password
    echo 'color: red' >inventory/group_vars/all.yml
    printf 'token: of the vault\n' >vars/sealed.yml
    echo 'size: large' >vars/plain.yml
    cat >site.yml <<'YAML'
- hosts: all
  gather_facts: false
  vars_files: [vars/plain.yml, vars/sealed.yml]
  roles: [web]
  tasks:
    - include_tasks: "tasks/{{ size }}.yml"
    - include_vars: { file: vars/plain.yml, name: again }
    - copy: { content: "{{ token }} {{ again.size }}\n", dest: /tmp/token }
YAML
    cat >tasks/large.yml <<'YAML'
- copy: { src: big, dest: /tmp/big }
- script: files/say hello
  register: said
- copy: { content: "{{ said.stdout }}", dest: /tmp/said }
- stat: { path: "{{ playbook_dir }}/ansible.cfg" }
  delegate_to: localhost
- copy: { content: "{{ (playbook_dir ~ '/site.yml') is exists }}", dest: /tmp/exists }
- fetch: { src: /tmp/said, dest: "{{ fetched }}/{{ inventory_hostname }}/", flat: true }
YAML
    mkdir files
    cat >files/say <<'SH'
#!/bin/sh
echo "said $1"
SH
    chmod +x files/say
    seq 400000 >files/big
    echo 'shade: dark' >roles/web/defaults/main.yml
    echo 'dependencies: []' >roles/web/meta/main.yml
    cat >roles/web/tasks/main.yml <<'YAML'
- template: { src: page.j2, dest: /tmp/page }
  notify: told
- copy: { src: tree/, dest: /tmp/tree }
- copy: { content: "{{ lookup('file', item) }}", dest: "/tmp/{{ item | basename }}.looked" }
  with_fileglob: ["*.txt"]
- copy: { content: "{{ lookup('first_found', ['none', 'a.txt']) | basename }}", dest: /tmp/found }
YAML
    cat >roles/web/handlers/main.yml <<'YAML'
- name: told
  copy: { content: "told\n", dest: /tmp/told }
YAML
    printf '{%% include "parts/head.j2" %%}\n{{ color }} {{ shade }}\n' >roles/web/templates/page.j2
    echo 'head of {{ inventory_hostname }}' >roles/web/templates/parts/head.j2
    echo one >roles/web/files/a.txt
    echo two >roles/web/files/b.txt
    echo deep >roles/web/files/tree/deep/file
    ln -s deep/file roles/web/files/tree/link
    printf '#!/bin/sh\n' >roles/web/files/tree/program
    chmod +x roles/web/files/tree/program
    "${CLEAN[@]}" "$HOSTLER" vault encrypt --vault-password-file password vars/sealed.yml >/dev/null
    git add . && git commit -qm one && git tag v1
    echo 'color: blue' >inventory/group_vars/all.yml
    git rm -q tasks/large.yml roles/web/templates/page.j2
    git commit -qm 'two, without most of it'
    cd / || exit
}

# written FILE: what the traced run tried to write to or to make on this machine, whether it could or not.
# Left out: what is no file, what `fetch` is told to write, and what ThreadSanitizer makes when it begins.
written() {
    sed -E -e '/ (open|openat)\(/{ /O_(WRONLY|RDWR|CREAT|TRUNC)/!d }' -e 's/symlink(at)?\("[^"]*"//' "$1" |
        grep -o '"[^"]*"' | tr -d '"' |
        grep -vE "^(/dev/(null|tty)|/proc/.*|$work/fetched(/.*)?|$work/tmp/tsan\.rodata\.[0-9]+)$" | sort -u
}

# play_in DIRECTORY ARGUMENT...: hostler play with the configuration that is found from there; under what
# is in $tracer.
tracer=()
play_in() {
    out=$work/out err=$work/err status=0
    (cd "$1" && exec env -u SSH_AUTH_SOCK -u ANSIBLE_CONFIG NO_COLOR=1 LC_ALL=C.UTF-8 timeout --signal=KILL 120 \
        "${tracer[@]}" "$HOSTLER" play "${@:2}" -e "fetched=$work/fetched") >"$out" 2>"$err" </dev/null || status=$?
}

# traced_play ARGUMENT...: from a directory of no project; what it wrote to is in $work/written. Sanitizers
# cannot look for leaks meanwhile, and are to make no folders for reports: those fail the run.
traced_play() {
    tracer=(env -u UBSAN_OPTIONS -u TSAN_OPTIONS ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$work/trace" -e
        'trace=?open,openat,?creat,?mkdir,mkdirat,?rename,?renameat,renameat2,?unlink,unlinkat,?rmdir,?link,linkat,?symlink,symlinkat,?mknod,mknodat,truncate,?chmod,fchmodat,?chown,?lchown,fchownat,utimensat')
    play_in "$work/tmp" "$@"
    tracer=()
    written "$work/trace" >"$work/written"
}

# told FILE: the output, with the root of the tree, and the way to the check-out, as one and the same; so
# the hosts.
told() {
    sed -E "s,$work/checkout,TREE,g; s,(/?)git:infra@[0-9a-f]*:,TREE,g; s/debian[12]/HOST/g; s/ in [0-9.]+ s, [0-9]+ round trips?//
        s/^from (infra|checkout)@/from /" "$1"
}

# trips FILE: the round trips that it tells. How far is looked ahead hangs on how long things take.
trips() {
    sed -nE 's/.* s, ([0-9]+) round trips?.*/\1/p' "$1"
}

# left_on HOST: all that was written on its disk: names, modes, owners, and content.
left_on() {
    local upper
    upper=$(fleet upper "$1")
    (
        cd "$upper" || exit
        find tmp home etc usr srv \( -name .cache -o -name .ssh \) -prune -o -printf '%p %y %m %U:%G %l\n' 2>/dev/null | sort
        find . -path './tmp/*' -type f -print0 | sort -z | xargs -0r cat
    ) | sed 's/debian[12]/HOST/g'
}

start_hosts debian:2
make_project
git -C "$repo" worktree add -q "$work/checkout" v1

# The same run, dry and real: one host from the commit, its twin from the check-out.
for dry in --check ''; do
    play_in "$work/checkout" site.yml --diff ${dry:+"$dry"} -l debian2
    told "$out" >"$work/first" && told "$err" >"$work/first.err"
    first_trips=$(trips "$err")
    check "a run from a check-out ends well $dry" equal 0 "$status"
    traced_play "git:$repo@v1:site.yml" --diff ${dry:+"$dry"} -l debian1
    check "one from the commit says the same $dry" diff "$work/first" <(told "$out")
    check 'and of itself' diff "$work/first.err" <(told "$err")
    check 'and makes as many round trips, give or take three' \
        test "$(($(trips "$err") - first_trips))" -le 3 -a "$((first_trips - $(trips "$err")))" -le 3
    check 'and ends alike' equal 0 "$status"
    check 'and writes nothing here' equal '' "$(xargs <"$work/written")"
    check 'and makes the same of its host' diff <(left_on debian2) <(left_on debian1)
done
check 'which is something' contains <(left_on debian1) 'head of HOST'
check 'a file that was fetched lies where it was to be' test -s "$work/fetched/debian1/said"
play_in "$work/checkout" site.yml --diff
unchanged() {
    [[ $(recap "$1") = *'changed=1 '* ]] # the script, which is run each time
}
check 'a check-out of that commit has nothing left to change' each_host unchanged
git clone -q --bare "$repo" "$work/infra.git"
play_in "$work/tmp" "git:$work/infra.git@v1:site.yml" -i "git:$repo@v1:inventory/hosts"
check 'nor has a bare repository' each_host unchanged

play_in "$work/tmp" "git:$repo@v2:site.yml"
check 'a revision that is not there is an error' equal 1 "$status"
check 'that is told' contains "$err" "no revision 'v2' in repository '$repo'"
play_in "$work/tmp" "git:$repo:site.yml"
check 'files that a commit lacks are told by their names in it' \
    contains "$err" '> git:infra@[0-9a-f]{10}:roles/web/tasks/main.yml:1'

# --- elsewhere -------------------------------------------------------------------------------------

# Any host becomes a server of repositories: by this machine's git.
serve() {
    local root
    root=$(fleet root debian1)
    cp "$(command -v git)" "$root/usr/bin/git"
    ln -s git "$root/usr/bin/git-upload-pack"
    cp -r "$work/infra.git" "$root/srv/infra.git"
    chown -R --reference "$root/home/deploy" "$root/srv/infra.git"
}
serve
address=$(sed -nE 's/^debian1 .*ansible_host=([^ ]+).*/\1/p' "$inventory")
login=(--private-key "$(sed -nE 's/.*ansible_ssh_private_key_file=([^ ]+).*/\1/p' "$inventory" | head -n 1)"
    --ssh-common-args "$(sed -nE 's/^ansible_ssh_common_args=(.*)/\1/p' "$inventory")")

# cached: what lies in the cache.
cached() {
    find "$XDG_CACHE_HOME/hostler/git" -maxdepth 1 -name '*.git' -printf '%f\n' | sed 's/-.*//' | sort | xargs
}

url=ssh://deploy@$address:$(sed -n 's/^ansible_port=//p' "$inventory" | head -n 1)/srv/infra.git
traced_play "git:$url@v1:site.yml" "${login[@]}"
check 'a run from a server that is reached by ssh' each_host unchanged
check 'writes to its cache alone' equal "$XDG_CACHE_HOME" \
    "$(sed "s,^$XDG_CACHE_HOME/.*,$XDG_CACHE_HOME," "$work/written" | sort -u | xargs)"
check 'it lies in the cache' equal infra "$(cached)"
play_in "$work/tmp" "git:$url@v2:site.yml" "${login[@]}"
check 'a revision that the server does not have' contains "$err" "no revision 'v2' in repository '$url'"
play_in "$work/tmp" "git:$url@$(git -C "$repo" rev-parse v1):site.yml" "${login[@]}"
check 'a commit by its id' each_host unchanged
git -C "$repo" rev-parse v1 >"$(fleet root debian1)/srv/infra.git/refs/tags/v2"
play_in "$work/tmp" "git:$url@v2:site.yml" "${login[@]}"
check 'what came later is fetched' each_host unchanged
play_in "$work/tmp" "git:${url%infra.git}nothing.git@v1:site.yml" "${login[@]}"
check 'what is no repository there' contains "$err" "^error: cannot fetch '${url%infra.git}nothing.git'"
check 'in the words of the server' contains "$err" "^note: the server wrote: .*does not appear to be a git repository"
play_in "$work/tmp" "git:${url/deploy/nobody}@v1:site.yml" "${login[@]}"
check 'a login that is refused' contains "$err" "^error: cannot fetch '${url/deploy/nobody}': .*nobody"

play_in "$work/tmp" 'git:http://somebody:secret@example.org/infra.git@v1:site.yml'
check 'a scheme that nothing protects is refused' contains "$err" \
    "^error: cannot fetch 'http://somebody:\*\*\*\*\*\*\*\*@example.org/infra.git': its scheme is not taken"
play_in "$work/tmp" "git:file://$work/infra.git@v1:site.yml"
check 'a run from a URL of a file' each_host unchanged
check 'nothing but the cache was written' equal cache "$(find "$HOME" -mindepth 1 -maxdepth 1 -printf '%f\n' | xargs)"
end
