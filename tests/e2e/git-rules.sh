#!/bin/bash
# git-rules.sh - what a run tells of the repositories it is read from, and what it may ask of them:
# that all is committed, that commits are signed. On this machine alone.
#
# usage: git-rules.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

mkdir -m 700 "$work/home" "$work/gnupg"
export HOME=$work/home GNUPGHOME=$work/gnupg GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
for who in AUTHOR COMMITTER; do
    export "GIT_${who}_NAME=somebody" "GIT_${who}_EMAIL=s@example.org"
done
repo=$work/infra

git init -q -b main "$repo"
printf '[defaults]\nnocows = 1\n' >"$repo/ansible.cfg"
printf 'here ansible_connection=local\n' >"$repo/hosts"
printf -- '- hosts: all\n  gather_facts: false\n  tasks: [debug: ]\n' >"$repo/site.yml"
echo ignored >"$repo/.gitignore"

commit() {
    git -C "$repo" add . && git -C "$repo" "$@"
}

# here ARGUMENT...: a run of what is in the work tree.
here() {
    hostler play -i "$repo/hosts" "$repo/site.yml" "$@"
}

refused() {
    [[ $status = 1 ]] && ! grep -q 'PLAY' "$out" && contains "$err" "$1"
}

# --- what is told ----------------------------------------------------------------------------------

here
check 'a repository without commits is told as one' contains "$err" '^from infra@no commit \(4 files not committed\)$'
commit commit -qm one
here
check 'commit and branch are told' contains "$err" "^from infra@$(git -C "$repo" rev-parse --short=10 HEAD) \(main\)$"
touch "$repo/ignored"
here --require-clean
check 'what is ignored may be there' equal 0 "$status"
touch "$repo/new" && echo >>"$repo/site.yml"
here -v
check 'files that are not committed are counted' contains "$err" '\(main, 2 files not committed\)$'
check 'and with -v named' contains "$err" '^not committed: new$'
check 'as the whole commit is' contains "$err" "^project: $repo at [0-9a-f]{40} on main$"
here --require-clean
check '--require-clean refuses them by their names' refused '^note: site.yml$'
hostler play -i "git:$repo:hosts" "git:$repo:site.yml" --require-clean
check 'but the commit itself is clean' equal 0 "$status"
git -C "$repo" checkout -q site.yml && rm "$repo/new"
git -C "$repo" checkout -q --detach
here
check 'a commit without a branch is told as such' contains "$err" '^from infra@[0-9a-f]{10}$'
git -C "$repo" checkout -q main
cp "$repo/hosts" "$work/hosts"
hostler play -i "$work/hosts" "$repo/site.yml" --require-clean
check 'an inventory outside of any repository is refused' refused "inventory '$work/hosts' is in no git repository"
hostler play -i 'localhost,' "$repo/site.yml" --require-clean
check 'a list of hosts is in none' equal 0 "$status"
hostler play -i "$work/hosts" "$repo/ignored" --require-clean
check 'nor is what a repository ignores' refused "playbook '$repo/ignored' is in no git repository"

# Each of these git reads, and we do not: that is told, once, and ends only what asks for it.
git init -q -b main --object-format=sha256 "$work/sha256"
cp "$repo/hosts" "$repo/site.yml" "$work/sha256"
git clone -q "$repo" "$work/split" && git -C "$work/split" update-index --split-index
git clone -q "$repo" "$work/foreign" && chown -R nobody "$work/foreign"
git clone -q "$repo" "$work/torn" && printf 'torn' >"$work/torn/.git/index"
echo leak:libpcre2 >"$work/suppressed" # libgit2 1.5 forgets what it compared in settings
for unread in sha256 split foreign torn; do
    LSAN_OPTIONS=print_suppressions=0:suppressions=$work/suppressed \
        hostler play -i "$work/$unread/hosts" "$work/$unread/site.yml"
    check "a repository that cannot be read is played: $unread" equal 0 "$status"
    check 'with one warning' equal "warning: cannot read repository '$work/$unread'" \
        "$(sed -nE "s/^((warning|error): [^:]*).*/\1/p" "$err")"
    LSAN_OPTIONS=print_suppressions=0:suppressions=$work/suppressed \
        hostler play -i "$work/$unread/hosts" "$work/$unread/site.yml" --require-clean
    check 'but not where all has to be committed' refused "^error: cannot read repository '$work/$unread'"
done
hostler play "git:$work/foreign:site.yml"
check "nor is another user's read as a commit" refused "^error: repository '$work/foreign' belongs to another user"

# --- two revisions ---------------------------------------------------------------------------------

# two_revisions: in a repository of its own, an inventory that changes; one value is secret.
inventories=$work/inventories
two_revisions() {
    git init -q -b main "$inventories" && cd "$inventories" || exit
    mkdir group_vars host_vars
    printf '[web]\na[1:12]\n[db]\nb1\nb2\n' >hosts
    printf 'color: red\nports: [80]\n' >group_vars/web.yml
    printf 'password: first secret\n' >host_vars/b1.yml
    echo 'open sesame' >"$work/password"
    "${CLEAN[@]}" "$HOSTLER" vault encrypt --vault-password-file "$work/password" host_vars/b1.yml >/dev/null
    git add . && git commit -qm one
    printf '[web]\na[1:12]\n[db]\nb1\nb3\n[new]\nb1\n' >hosts
    printf 'color: blue\nsize: { x: 1 }\n' >group_vars/web.yml
    printf 'password: second secret\n' >host_vars/b1.yml
    "${CLEAN[@]}" "$HOSTLER" vault encrypt --vault-password-file "$work/password" host_vars/b1.yml >/dev/null
    git add . && git commit -qm two
    cd / || exit
}
two_revisions
cat >"$work/wanted" <<'TEXT'
--- HEAD~1
+++ main
+ group new
- host b2
+ host b3
~ host a1 a2 a3 a4 a5 a6 a7 a8 and 4 more
    ~ color: "red" -> "blue"
    - ports: [80]
    + size: {"x": 1}
~ host b1
    + group new
    ~ password: "********" -> "********"
TEXT
secret=(--vault-password-file "$work/password")
hostler inventory -i "$inventories/hosts" --diff HEAD~1 main "${secret[@]}"
check 'what differs between two revisions is told' diff "$work/wanted" "$out"
hostler inventory -i "git:$inventories:hosts" --diff HEAD~1 "${secret[@]}"
check 'from a commit, too' diff <(sed 's/main/now/' "$work/wanted") "$out"
hostler inventory -i "$inventories/hosts" --diff HEAD~1 --json -l a1,b2,b3 "${secret[@]}"
check 'and as JSON, of some hosts' equal \
    '{"changed":{"a1":{"groups":{"added":[],"removed":[]},"variables":{"color":{"after":"blue","before":"red"},"ports":{"before":[80]},"size":{"after":{"x":1}}}}},"from":"HEAD~1","groups":{"added":["new"],"removed":[]},"hosts":{"added":["b3"],"removed":["b2"]},"to":"now"}' \
    "$(tr -d ' \n' <"$out")"
hostler inventory -i "$inventories/hosts" --diff HEAD~1
check 'without its password a secret file is an error' contains "$err" "git:inventories@[0-9a-f]{10}:host_vars/b1.yml' is encrypted"
check 'of either of them' equal 1 "$status"
hostler inventory -i "$inventories/hosts" --diff HEAD~9 "${secret[@]}"
check 'a revision that is not there is an error' contains "$err" "no revision 'HEAD~9' in repository"
hostler inventory -i "$inventories/hosts" --graph -l 'db,changed:HEAD~1' "${secret[@]}"
check 'a limit takes the hosts that have changed' equal 'b1 b3 b1' "$(sed -nE 's/^.*--(b[0-9])$/\1/p' "$out" | xargs)"
printf -- '- hosts: all\n  tasks: []\n' >"$work/empty.yml"
hostler play -i "$inventories/hosts" "$work/empty.yml" -l changed:HEAD "${secret[@]}"
check 'when none has changed, no play matches, and that is no mistake' equal 7 "$status"

# --- signatures ------------------------------------------------------------------------------------

ssh-keygen -q -t ed25519 -N '' -f "$work/key"
ssh-keygen -q -t ed25519 -N '' -f "$work/other"
gpg --batch --quiet --passphrase '' --quick-gen-key pgp@example.org ed25519 sign 2>"$work/gpg.log"
gpg --batch --quiet --passphrase '' --quick-gen-key stranger@example.org ed25519 sign 2>>"$work/gpg.log"
gpg --batch --quiet --passphrase '' --quick-gen-key '[GNUPG:] GOODSIG revoked' ed25519 sign 2>>"$work/gpg.log"
gpg --export --armor pgp@example.org >"$work/key.asc"
gpg --export stranger@example.org >"$work/other.pgp"
cat "$work/key.asc" <(gpg --export --armor stranger@example.org) >"$work/both.asc"
gpgconf --kill all
echo "s@example.org namespaces=\"git\" $(cat "$work/key.pub")" >"$work/allowed"
echo "s@example.org namespaces=\"file\" $(cat "$work/key.pub")" >"$work/not-for-git"
echo "s@example.org valid-before=\"20200101\" $(cat "$work/key.pub")" >"$work/expired"
cat "$work/other.pub" "$work/key.pub" >"$work/authorized_keys"

here --require-signed "$work/key.pub"
check 'a commit without a signature is refused' refused 'is not signed$'

commit -c gpg.format=ssh -c "user.signingkey=$work/key.pub" commit -q -S --allow-empty -m ssh
for keys in key.pub allowed authorized_keys; do
    here --require-signed "$work/$keys"
    check "a commit signed by SSH is taken: $keys" equal 0 "$status"
done
for keys in other.pub expired key.asc; do
    here --require-signed "$work/$keys"
    check "and refused: $keys" refused 'is signed by another key$'
done
here --require-signed "$work/not-for-git"
check 'and a key for other purposes' refused '^note: it wrote: .*not permitted for use in signature namespace'
hostler play -i "git:$repo:hosts" "git:$repo:site.yml" --require-signed "$work/key.pub"
check 'so it is when it is read as a commit' equal 0 "$status"
hostler play -i "git:$repo@HEAD~1:hosts" "git:$repo:site.yml" --require-signed "$work/key.pub"
check 'each of them has to be signed' refused 'is not signed$'
echo >>"$repo/site.yml"
here --require-signed "$work/key.pub"
check 'what is not committed is not signed' refused '1 file of .* is not committed$'
git -C "$repo" checkout -q site.yml

commit -c user.signingkey=pgp@example.org commit -q -S --allow-empty -m pgp 2>>"$work/gpg.log"
for keys in key.asc both.asc; do
    here --require-signed "$work/$keys"
    check "a commit signed by OpenPGP is taken: $keys" equal 0 "$status"
done
here --require-signed "$work/other.pgp"
check 'and refused: other.pgp' refused 'is signed by another key$'
commit -c user.signingkey='GOODSIG revoked' commit -q -S --allow-empty -m pgp 2>>"$work/gpg.log"
id=$(gpg --batch --list-keys --with-colons "GOODSIG revoked" 2>>"$work/gpg.log" | awk -F: 'length($10) == 40 { print $10; exit }')
sed 's/^:---/---/' "$GNUPGHOME/openpgp-revocs.d/$id.rev" | gpg --batch --import 2>>"$work/gpg.log"
gpg --export 'GOODSIG revoked' >"$work/revoked.pgp"
here --require-signed "$work/revoked.pgp"
check 'and refused: a key that was revoked, whatever its name' refused 'has a signature that does not hold$'
git -C "$repo" reset -q --hard HEAD~1
gpgconf --kill all

# forge: HEAD becomes a commit with the signature of the former one and another message.
forge() {
    local id
    id=$(git -C "$repo" cat-file commit HEAD | sed 's/^pgp$/forged/; s/^ssh$/forged/' |
        git -C "$repo" hash-object -t commit -w --stdin)
    git -C "$repo" reset -q --hard "$id"
}
forge
here --require-signed "$work/key.asc"
check 'a forged commit is refused: OpenPGP' refused 'has a signature that does not hold$'
commit -c gpg.format=ssh -c "user.signingkey=$work/key.pub" commit -q -S --allow-empty -m ssh
forge
here --require-signed "$work/key.pub"
check 'a forged commit is refused: SSH' refused 'has a signature that does not hold$'
here --require-signed "$work/nothing"
check 'keys that cannot be read are an error' refused "cannot read the keys in '$work/nothing'"

# --- beside a signed commit ------------------------------------------------------------------------

# What somebody can leave who may not sign: files that git does not tell of, here and elsewhere.
project=$work/project roles=$work/elsewhere
signed() {
    git -C "$1" add . && git -C "$1" -c gpg.format=ssh -c "user.signingkey=$work/key.pub" commit -q -S -m "$2"
}
git init -q -b main "$project" && git init -q -b main "$roles"
mkdir -p "$project"/{group_vars,files,roles/inner/tasks} "$roles/outer/tasks"
printf '[defaults]\nroles_path = roles:%s\n' "$roles" >"$project/ansible.cfg"
printf 'here ansible_connection=local\n' >"$project/hosts"
cat >"$project/site.yml" <<'YAML'
- hosts: all
  gather_facts: false
  roles: [inner, outer]
  tasks:
    - debug: { msg: "color {{ color }}, file {{ lookup('file', 'text') }}" }
YAML
echo 'color: red' >"$project/group_vars/all.yml"
echo good >"$project/files/text"
echo '- debug: { msg: inner }' >"$project/roles/inner/tasks/main.yml"
echo '- debug: { msg: outer }' >"$roles/outer/tasks/main.yml"
printf '*.local\n.password\n' >"$project/.gitignore"
signed "$project" one
signed "$roles" one

# signed_run ARGUMENT...: from the project's directory, so that its ansible.cfg counts.
signed_run() {
    out=$work/out err=$work/err status=0
    (cd "$project" && exec env -u ANSIBLE_CONFIG -u SSH_AUTH_SOCK NO_COLOR=1 LC_ALL=C.UTF-8 timeout -s KILL 120 \
        "$HOSTLER" play -i hosts --require-signed "$work/key.pub" "${@:-site.yml}") \
        >"$out" 2>"$err" </dev/null || status=$?
}

signed_run
check 'a signed project is played' contains "$out" '"color red, file good"'
echo 'nothing of it' >"$project/group_vars/x.local"
signed_run
check 'an ignored file that nobody reads does no harm' equal 0 "$status"

# refuses WHAT WHY: what lies there is refused before a host is touched. It is gone then.
refuses() {
    signed_run
    check "refused: $1" refused "$2"
    git -C "$project" clean -qfdx && git -C "$project" reset -q --hard
}
hidden="is not read: it is not in the signed commit"
mkdir "$project/host_vars" && echo '*' >"$project/host_vars/.gitignore" && echo 'color: blue' >"$project/host_vars/here.yml"
refuses 'variables that an ignored file hides' "^error: '$project/host_vars' $hidden"
echo 'color: blue' >"$project/group_vars/all.yml"
git -C "$project" update-index --assume-unchanged group_vars/all.yml
signed_run
check 'a change that the index hides is not read' contains "$out" '"color red, file good"'
git -C "$project" update-index --no-assume-unchanged group_vars/all.yml && git -C "$project" checkout -q .
mkdir "$project/roles/inner/vars" && echo '*' >"$project/roles/inner/vars/.gitignore"
echo 'color: blue' >"$project/roles/inner/vars/main.yml"
refuses 'variables of a role' "^error: '$project/roles/inner/vars/main.yml' $hidden"
git -C "$project" config status.showUntrackedFiles no && echo 'color: blue' >"$project/group_vars/here.yml"
printf '[all:vars]\ncolor = blue\n' >"$project/more.local"
signed_run site.yml -i more.local
check 'refused: an ignored inventory' refused "inventory 'more.local' is in no git repository"
git -C "$project" clean -qfdx && git -C "$project" config --unset status.showUntrackedFiles

git -C "$project" update-index --assume-unchanged ansible.cfg
printf '[defaults]\nroles_path = roles:%s\nvault_password_file = %s\n' "$roles" "$work/evil" >"$project/ansible.cfg"
printf '#!/bin/sh\ntouch %s/evil-ran\n' "$work" >"$work/evil" && chmod +x "$work/evil"
signed_run
check 'refused: a configuration that the index hides' refused "^error: '$project/ansible.cfg' is not as it was committed"
git -C "$project" update-index --no-assume-unchanged ansible.cfg && git -C "$project" reset -q --hard
signed_run site.yml --vault-password-file "$project/.password"
check 'a password that is not there' equal 1 "$status"
echo 'open sesame' >"$project/.password"
signed_run site.yml --vault-password-file "$project/.password"
check 'a password is not committed' equal 0 "$status"
mv "$work/evil" "$project/.password"
signed_run site.yml --vault-password-file "$project/.password"
check 'but a program in its place is not started' refused 'is a program that is not in the signed commit'
rm "$project/.password"

echo '- debug: { msg: blue }' >"$project/tasks.local"
sed 's/tasks:/tasks: [include_tasks: tasks.local]\n  post_tasks:/' "$project/site.yml" >"$project/other.yml"
signed "$project" 'a playbook that asks for more'
signed_run other.yml
check 'not read: tasks' contains "$err" "tasks.local.*: it is not in the signed commit"
check 'which ends the run' equal 1 "$status"
git -C "$project" reset -q --hard HEAD~1 && git -C "$project" clean -qfdx

ln -s "$project" "$work/link"
signed_run "$work/link/site.yml"
check 'a way through a link ends at the commit, too' contains "$out" '"color red, file good"'
git -C "$project" clean -qfdx
echo bad >"$work/bad" && ln -sf "$work/bad" "$project/files/text" && signed "$project" 'a link that leads out'
signed_run
check 'a link that leads out is not followed' contains "$err" "^warning: link '$project/files/text' leads out of the tree"
git -C "$project" reset -q --hard HEAD~1

echo '- debug: { msg: evil }' >"$roles/outer/tasks/main.yml"
signed_run
check 'refused: a role elsewhere that is not committed' refused "1 file of '$roles' is not committed"
git -C "$roles" commit -qam unsigned
signed_run
check 'refused: a role elsewhere whose commit is not signed' refused "of '$roles' is not signed"
git -C "$roles" replace HEAD HEAD~1
signed_run
check 'refused: a replaced commit is none that is signed' refused "of '$roles' is not"
git -C "$roles" replace -d HEAD >/dev/null && git -C "$roles" reset -q --hard HEAD~1
git -C "$project" checkout -q -b side && echo 'color: blue' >"$project/group_vars/all.yml"
git -C "$project" commit -qam unsigned && git -C "$project" checkout -q main
git -C "$project" merge -q --no-ff -m merged side
signed_run
check 'refused: a merge that is not signed' refused 'is not signed$'
git -C "$project" reset -q --hard HEAD~1
git -C "$project" -c gpg.format=ssh -c "user.signingkey=$work/key.pub" tag -s -m tag signed side
hostler play -i "git:$project@signed:hosts" "git:$project@signed:site.yml" --require-signed "$work/key.pub"
check 'refused: a signed tag of a commit that is not' refused 'is not signed$'
git -C "$project" tag main side
hostler play -i "git:$project@main:hosts" "git:$project@main:site.yml" --require-signed "$work/key.pub"
check 'a tag with the name of a branch is told' contains "$err" "^warning: revision 'main' is a tag and a branch: the tag is taken"
GIT_DIR=$roles/.git GIT_WORK_TREE=$roles GIT_INDEX_FILE=$roles/.git/index GIT_OBJECT_DIRECTORY=$work signed_run
check 'what the environment says of repositories does not count' contains "$out" '"color red, file good"'
check 'no program of theirs was run' test ! -e "$work/evil-ran"

# --- https -----------------------------------------------------------------------------------------

if python3 -c 'import http.server, ssl' 2>/dev/null; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null
    coproc SERVER { python3 "$HERE/git-server" "$work" "$work/tls.pem" "$work/tls.key"; }
    read -r port <&"${SERVER[0]}"
    export XDG_CACHE_HOME=$work/cache
    mkdir "$XDG_CACHE_HOME"
    export GIT_SSL_CAINFO=$work/tls.pem GIT_TERMINAL_PROMPT=0
    url=https://somebody:very%20secret@localhost:$port/inventories plain=https://localhost:$port/inventories
    hostler inventory -i "git:$url@main~1:hosts" --graph "${secret[@]}"
    check 'an inventory by https' equal 'b1 b2' "$(sed -nE 's/^.*--(b[0-9])$/\1/p' "$out" | xargs)"
    hostler inventory -i "git:${url/very/wrong}:hosts" --graph
    check 'a wrong password is told, masked' contains "$err" \
        "cannot fetch 'https://somebody:\*{8}@localhost.*: the server refuses the user or password of the URL"
    hostler inventory -i "git:${url/inv/moved\/inv}@main~1:hosts" --graph "${secret[@]}"
    check 'a repository that was moved' equal 0 "$status"
    hostler inventory -i "git:${url/inv/away\/inv}@main~1:hosts" --graph "${secret[@]}"
    check 'another host does not get the login' contains "$err" 'cannot redirect|redirect.*127.0.0.1'
    GIT_SSL_CAINFO='' hostler inventory -i "git:$url:hosts" --graph
    check 'a server that nobody vouches for is refused' equal 1 "$status"
    check 'because of its certificate' contains "$err" 'certificate|SSL|TLS'

    # Without a login in the URL: as git finds it. What a helper or a question is given is kept.
    cat >"$work/helper" <<SH
#!/bin/sh
{ echo "\$1"; cat; } >>"$work/helped"
[ "\$1" != get ] || printf 'username=somebody\npassword=%s\n' "\$(cat "$work/answer")"
SH
    cat >"$work/askpass" <<SH
#!/bin/sh
echo "\$1" >>"$work/asked"
case \$1 in Username*) echo somebody ;; *) cat "$work/answer" ;; esac
SH
    chmod +x "$work/helper" "$work/askpass"
    printf '[credential]\n\thelper = %s\n' "$work/helper" >"$work/gitconfig"
    mkdir "$work/no-git" && ln -s "$(command -v env)" "$(command -v timeout)" "$(command -v cat)" "$(command -v rm)" "$work/no-git"

    # by_https: the inventory of the first commit, with a cache of its own.
    by_https() {
        rm -rf "$XDG_CACHE_HOME/hostler" "$work/helped" "$work/asked"
        hostler inventory -i "git:$plain@main~1:hosts" --graph "${secret[@]}"
    }
    untold() {
        ! cat "$out" "$err" | grep -F 'secret'
    }
    by_https
    check 'a login that nobody knows' contains "$err" 'the server asks for a login, and none is known$'
    check 'has a hint' contains "$err" "^hint: a login comes from git's credential helpers, GIT_ASKPASS"
    echo 'very secret' >"$work/answer"
    GIT_CONFIG_GLOBAL=$work/gitconfig by_https
    check 'a helper of git knows the login' equal 0 "$status"
    check 'it is told for what' equal "get protocol=https host=localhost:$port" "$(sed -n '1,/^$/p' "$work/helped" | grep -v path= | head -n 3 | xargs)"
    check 'and that it was right' equal 'store very secret' "$(sed -nE 's/^password=//p; /^store/p' "$work/helped" | xargs)"
    check 'a password is not told' untold
    echo 'other secret' >"$work/answer"
    plain=https://somebody@localhost:$port/inventories GIT_CONFIG_GLOBAL=$work/gitconfig by_https
    check 'a login that the server refuses' contains "$err" 'the server refuses this user or password$'
    check 'a helper is told, too' contains "$work/helped" '^erase$'
    check 'and who was asked for' contains "$work/helped" '^username=somebody$'
    check 'nor is that password told' untold
    echo 'very secret' >"$work/answer"
    GIT_ASKPASS=$work/askpass by_https
    check 'GIT_ASKPASS is asked' equal 0 "$status"
    check 'in the words of git' equal "Username for https://localhost:$port: Password for https://somebody@localhost:$port:" "$(xargs <"$work/asked")"
    GIT_ASKPASS=$work/askpass PATH=$work/no-git by_https
    check 'where there is no git, too' equal 0 "$status"
    check 'in the same words' equal "Username for https://localhost:$port: Password for https://somebody@localhost:$port:" "$(xargs <"$work/asked")"
    rm -rf "$XDG_CACHE_HOME/hostler"
    status=0
    env -u GIT_TERMINAL_PROMPT "${CLEAN[@]}" "$HERE/at-terminal" "Username for 'https://localhost:$port': =somebody" \
        "Password for 'https://somebody@localhost:$port': =very secret" -- \
        "$HOSTLER" inventory -i "git:$plain@main~1:hosts" --graph "${secret[@]}" >"$out" 2>"$err" || status=$?
    check 'a terminal is asked' equal 0 "$status"
    check 'and shows the hosts, not the password' contains "$out" 'b1'
    check 'of which nothing is told' untold
    plain=https://some%0abody@localhost:$port/inventories by_https
    check 'no line can be slipped into what helpers read' contains "$err" 'broken escapes, or control characters'
    kill "$SERVER_PID"
fi
check 'nothing was written to the home' equal '' "$(find "$work/home" -mindepth 1)"
end
