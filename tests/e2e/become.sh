#!/bin/bash
# become.sh - logins by every shell a user may have, and becoming another user by every program: what
# works, and what is told where it does not.
#
# usage: become.sh HOSTLER
# shellcheck disable=SC2016 # what stands between '' is expanded on the hosts
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

start_hosts debian:1,shells:1,bare:1
password=$(<"$work/fleet/ops-password")
printf 'password: %s\n' "$password" >"$work/ops.yml" # never in an argument, as with users

# on HOST SCRIPT: as root, inside it.
on() {
    fleet exec "$1" sh -c "$2"
}

# run HOST USER OPTION...: the ad hoc command "id -un", or what the options say.
run() {
    hostler run "$1" -i "$inventory" -e "ansible_user=$2" -T 5 -m command -a 'id -un' "${@:3}"
}

# works WHO OPTION...: run, which tells WHO we are.
works() {
    local who=$1
    shift
    run "$@"
    equal 0 "$status" && contains "$out" "^$who\$"
}

# refused STATUS REGEXP HOST USER OPTION...: run, which fails with this error, and in time.
refused() {
    local wanted=$1 regexp=$2
    shift 2
    local start=$EPOCHREALTIME
    run "$@"
    equal "$wanted" "$status" && contains "$err" "$regexp" &&
        within 9 "$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')"
}

# hinted REGEXP: by the run before.
hinted() {
    contains "$err" "^hint: .*$1"
}

# user HOST NAME SHELL: one that may log in.
user() {
    fleet exec "$1" sh -c 'useradd --create-home --shell "$2" "$1" && cp -a /home/deploy/.ssh /home/$1/ &&
        chown -R "$1:$1" "/home/$1/.ssh" && echo "$1 ALL=(ALL:ALL) NOPASSWD: ALL" >"/etc/sudoers.d/$1"' \
        sh "$2" "$3"
}

with=(-e "@$work/ops.yml" -e 'ansible_become_password={{ password }}')
printf 'password: %s\n' certainly >"$work/root.yml"
roots=(-e "@$work/root.yml" -e 'ansible_become_password={{ password }}')
printf 'password: %s\n' wrong >"$work/wrong.yml"
wrong=(-e "@$work/wrong.yml" -e 'ansible_become_password={{ password }}')

# --- login shells ----------------------------------------------------------------------------------

printf '%s\n' 'permit nopass deploy' 'permit ops' >"$(fleet root shells1)/etc/doas.conf"
on shells1 'chmod 600 /etc/doas.conf; echo root:certainly | chpasswd'
for shell in bash dash rbash fish tcsh zsh ksh93 mksh; do
    user shells1 "u$shell" "$(on shells1 "command -v $shell")"
    check "a login by $shell" works "u$shell" shells1 "u$shell"
    check "a login by $shell, sudo" works root shells1 "u$shell" -b
    [[ $shell = rbash ]] || check "su of root to a user of $shell" works "u$shell" shells1 root -b \
        --become-method su --become-user "u$shell"
done
check 'su of root to a user of rbash' refused 2 "su to 'urbash' gives no shell: rbash: line 1: exec: restr" \
    shells1 root -b --become-method su --become-user urbash
check 'a script in a login by fish' works 'two words' shells1 ufish -m shell -a "printf '%s words\n' \"two\""
check 'a script in a login by rbash' works 'two words' shells1 urbash -m shell -a "printf '%s words\n' \"two\""

user shells1 nologin /usr/sbin/nologin
check 'a login by nologin' refused 4 "the login shell of 'nologin' gives no shell: This account is" shells1 nologin
check '... with a hint' hinted 'another one by become_flags'
user shells1 false /bin/false
check 'a login by false' refused 4 "the login shell of 'false' ended with status 1" shells1 false
check '... with a hint' hinted '/bin/false'
user shells1 gone /no/such/shell
check 'a login by a shell that there is not' refused 4 "permission denied for user 'gone'" shells1 gone

user shells1 noisy /bin/bash
on shells1 'echo "Welcome, all of you" >/etc/motd
    printf "%s\n" "echo Password:" "printf \"Sorry, try again\"" "printf oops >&2" >/home/noisy/.bashrc'
check 'a noisy profile' works noisy shells1 noisy
check 'a noisy profile, sudo' works root shells1 noisy -b
user shells1 liar /bin/bash
on shells1 'printf "%s\n" "printf \"Password: \"" "read -t 1 -r x && echo \"\$x\" >>/tmp/overheard" >/home/liar/.bashrc'
check 'a profile that asks for a password' works root shells1 liar -b --become-method su "${roots[@]}"
check '... gets none' not contains "$(fleet root shells1)/tmp/overheard" certainly
user shells1 reader /bin/bash
on shells1 'echo "read -r line; echo got \$line" >/home/reader/.bashrc'
check 'a profile that waits for input' refused 4 "the login shell of 'reader' did not answer within 5 s" shells1 reader
check '... with a hint' hinted 'may wait for something'
user shells1 changer /bin/bash
on shells1 'echo "exec zsh" >/home/changer/.bashrc'
check 'a profile that becomes another shell' refused 4 "the login shell of 'changer' did not answer" shells1 changer
user shells1 environ /bin/bash
on shells1 'echo "LC_TELLTALE=from environment" >/home/environ/.ssh/environment'

cat >"$(fleet root shells1)/etc/ssh/sshd_config.d/users.conf" <<'END'
PermitUserEnvironment yes
Match User files
    ForceCommand internal-sftp
Match User split
    ForceCommand exec $SSH_ORIGINAL_COMMAND
Match User whole
    ForceCommand eval "$SSH_ORIGINAL_COMMAND"
Match User fixed
    ForceCommand date
END
for name in files split whole fixed; do
    user shells1 "$name" /bin/sh
done
on shells1 'pkill -HUP -o sshd'
sleep 0.5
check 'PermitUserEnvironment' works 'from environment' shells1 environ -m shell -a 'echo $LC_TELLTALE'
check 'a ForceCommand that obeys' works whole shells1 whole
check 'a ForceCommand that splits words as no shell does' works split shells1 split
check '... sudo' works root shells1 split -b
check 'a ForceCommand to sftp' refused 4 "the login shell of 'files' gives no shell: This service allows sftp" shells1 files
check '... with a hint' hinted 'see ForceCommand'
check 'a ForceCommand to something else' refused 4 "the login shell of 'fixed' ended with status 0: ... ... .. " \
    shells1 fixed

# --- becoming --------------------------------------------------------------------------------------


check 'sudo with a password' works root shells1 ops -b "${with[@]}"
check 'sudo with a password, to another user' works daemon shells1 ops -b --become-user daemon "${with[@]}"
check 'sudo, a wrong password' refused 2 "sudo to 'root' refused the password: it is wrong" shells1 ops -b "${wrong[@]}"
check 'sudo, no password' refused 2 "sudo to 'root' needs a password" shells1 ops -b
check '... with a hint' hinted '-K asks for it'
check 'sudo, no such user' refused 2 "there is no such user" shells1 deploy -b --become-user nobodyatall
check 'no sudo' refused 2 "there is no 'sudo' on 127" bare1 deploy -e ansible_become=yes
check '... with a hint' hinted 'another become_method may do'
check 'the name of a collection' works root shells1 ops -b --become-method ansible.builtin.sudo "${with[@]}"
on shells1 'echo "Defaults:ops rootpw" >/etc/sudoers.d/zz'
check 'sudo, rootpw' works root shells1 ops -b "${roots[@]}"
on shells1 'echo "Defaults:ops targetpw" >/etc/sudoers.d/zz'
check 'sudo, targetpw' works root shells1 ops -b "${roots[@]}"
on shells1 'echo "Defaults:ops !use_pty, lecture=always" >/etc/sudoers.d/zz'
check 'sudo, a lecture, without use_pty' works root shells1 ops -b "${with[@]}"
on shells1 'echo "Defaults:ops passprompt=Geheim:, requiretty" >/etc/sudoers.d/zz'
check 'sudo, a prompt of its own, on a terminal' works root shells1 ops -b "${with[@]}"
on shells1 'rm /etc/sudoers.d/zz; echo "ops ALL=(daemon) NOPASSWD: ALL" >/etc/sudoers.d/ops;
    sed -i /^ops/d /etc/sudoers.d/fleet'
check 'sudo, allowed to another user only' works daemon shells1 ops -b --become-user daemon
check '... not to root' refused 2 "sudo to 'root' is not allowed: " shells1 ops -b "${with[@]}"
on shells1 'ln -s sudo /usr/bin/dzdo'
check 'dzdo' works root shells1 deploy -b --become-method community.general.dzdo

check 'su with a password' works root shells1 ops -b --become-method su "${roots[@]}"
check 'su, a wrong password' refused 2 "su to 'root' refused the password: it is wrong: su: Auth" \
    shells1 ops -b --become-method su "${wrong[@]}"
check 'su, no password' refused 2 "su to 'root' needs a password" shells1 ops -b --become-method su
check 'su to nologin' refused 2 "su to 'daemon' gives no shell: This account" shells1 root -b --become-method su \
    --become-user daemon
check '... with a hint' hinted "become_flags: '-s /bin/sh'"
check 'su to nologin by another shell' works daemon shells1 root -b --become-method su --become-user daemon \
    -e "ansible_become_flags='-s /bin/sh'"
check 'su, no such user' refused 2 "su to 'nobodyatall' does not work, there is no such user" shells1 root -b \
    --become-method su --become-user nobodyatall
on shells1 'useradd --no-create-home --home-dir /no/home --shell /bin/bash homeless
    usermod -p "$(getent shadow root | cut -d: -f2)" homeless'
check 'su to a user whose home does not exist' works homeless shells1 root -b --become-method su --become-user homeless
check 'su -l to it' works homeless shells1 root -b --become-method su --become-user homeless -e ansible_su_flags=-l
check 'sudo to it' works homeless shells1 deploy -b --become-user homeless
on shells1 'chage -d 0 homeless'
check 'su to a user whose password has expired' refused 2 "su to 'homeless' refused: a password has expired" \
    shells1 ops -b --become-method su --become-user homeless "${roots[@]}"
check '... with a hint' hinted 'change it'
on shells1 'chage -d -1 -E 0 homeless'
check 'su to an account that has expired' refused 2 "su to 'homeless' refused: the account has expired" \
    shells1 ops -b --become-method su --become-user homeless "${roots[@]}"
on shells1 'printf "#!/bin/sh\necho \"pam_unix: hello\" >&2; exec /bin/su.real \"\$@\"\n" >/bin/su.new
    chmod 755 /bin/su.new; mv /bin/su /bin/su.real; mv /bin/su.new /bin/su'
check 'su that says more than its prompt' works root shells1 ops -b --become-method su "${roots[@]}"
on shells1 'mv /bin/su.real /bin/su'

check 'doas' works root shells1 deploy -b --become-method doas
check 'doas to another user' works daemon shells1 deploy -b --become-method community.general.doas --become-user daemon
check 'doas with a password' works root shells1 ops -b --become-method doas "${with[@]}"
check 'doas, a wrong password' refused 2 "doas to 'root' refused the password: it is wrong" \
    shells1 ops -b --become-method doas "${wrong[@]}"
check 'doas, no password' refused 2 "doas to 'root' needs a password: doas: Auth" shells1 ops -b --become-method doas
check 'doas, no rule' refused 2 "doas to 'root' is not allowed: doas: Operation not" shells1 udash -b \
    --become-method doas
check 'no doas' refused 2 "there is no 'doas' on 127" debian1 deploy -b --become-method doas
check 'sudosu' works ops shells1 deploy -b --become-method sudosu --become-user ops

check 'a method that there is not' refused 2 "there is no become method 'sdo'" debian1 deploy -b --become-method sdo
check '... with the nearest name' hinted "did you mean 'sudo'"
check 'a method that is refused' refused 2 "become method 'runas' is not supported: it is for Windows" \
    debian1 deploy -b --become-method runas

# --- shells that idle ------------------------------------------------------------------------------

cat >"$work/accounts.yml" <<'END'
- hosts: shells1
  gather_facts: no
  tasks:
    - command: useradd --create-home --shell /bin/bash shortlived
      become: yes
    - command: id -nG
      become: yes
      become_user: shortlived
    - command: usermod -aG mail shortlived
      become: yes
    - command: id -nG
      become: yes
      become_user: shortlived
      register: now
    - assert: { that: now.stdout == 'shortlived mail' }
    - meta: reset_connection
    - copy: { content: x, dest: /home/shortlived/file }
      become: yes
      become_user: shortlived
    - shell: userdel --remove shortlived
      become: yes
END
# accounts OPTION...: a user comes, works, changes groups and goes.
accounts() {
    hostler play -i "$inventory" "$work/accounts.yml" "$@"
    equal 0 "$status" && contains "$out" 'failed=0'
}
check 'a user who works may be changed and removed' accounts
on shells1 'echo "Defaults requiretty" >/etc/sudoers.d/zz'
check '... on a terminal' accounts
on shells1 'rm /etc/sudoers.d/zz'
check '... by su' accounts -e ansible_user=root -e ansible_become_method=su

# --- homes that are none ---------------------------------------------------------------------------

cat >"$work/homes.yml" <<'END'
- hosts: debian1
  gather_facts: false
  ignore_errors: true
  become: true
  become_user: daemon
  tasks:
    - stat: { path: "{{ item }}" }
      loop: ["~", ~/etc, etc, ~daemon, ~daemon/etc]
    - command: { cmd: echo ran, creates: "~", chdir: "~" }
    - command: { cmd: echo ran, creates: "~" }
    - command: { cmd: echo ran, creates: etc }
      register: kept
    - script: { cmd: "{{ script }}" }
    - setup: { gather_subset: [user] }
    - debug: { msg: "{{ kept.changed }}" }
END
printf 'echo ran\n' >"$work/ran.sh"

# home_of ENTRY RECAP: the tasks of daemon, whose line in passwd goes on like that.
home_of() {
    on debian1 "sed -i 's=^daemon:.*=daemon:x:1:1$1=' /etc/passwd"
    hostler play -i "$inventory" "$work/homes.yml" -e "script=$work/ran.sh"
    equal 0 "$status" && contains "$out" "^debian1 .* $2 " && contains "$out" '"msg": false'
}
check 'an empty home is the root' home_of :daemon::/bin/sh 'ok=7 .* ignored=0'
check 'so is one that is missing' home_of :daemon 'ok=7 .* ignored=0'
check 'also with what stands before it' home_of '' 'ok=7 .* ignored=0'
check 'below a home that is no absolute path nothing is looked for' home_of :daemon:odd:/bin/sh \
    'ok=7 .* ignored=3'
check '... and it is told' contains "$out" \
    "could not expand the path '~/etc': the home 'odd' is no absolute path"

# --- variables and settings ------------------------------------------------------------------------

check 'ansible_su_user, ansible_su_pass' works ops shells1 udash -b -e ansible_become_method=su \
    -e ansible_su_user=ops -e "@$work/ops.yml" -e 'ansible_su_pass={{ password }}'
printf '%s\n' '[privilege_escalation]' 'become = yes' 'become_method = su' 'become_user = daemon' \
    '[su_become_plugin]' 'user = ops' 'flags = -m' "password = $password" >"$work/ansible.cfg"
check 'ansible.cfg' works ops shells1 udash
ANSIBLE_BECOME_USER=root ANSIBLE_SUDO_USER=daemon check 'the environment wins over ansible.cfg' works daemon \
    shells1 deploy --become-method sudo
check 'the command line wins over both' works ops shells1 udash --become-user ops
: >"$work/ansible.cfg"
end
