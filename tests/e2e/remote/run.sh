#!/bin/bash
# run.sh - the cases of test_remote.c on real hosts, a part of them at a time: every way to become a
# user, a busybox, one session at a time, other programs, and other shells as /bin/sh of this machine.
#
# usage: run.sh TEST_REMOTE sudo|requiretty|methods|userlands|shells
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=../common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../common"
readonly TEST=$HOSTLER

# on HOST USER [BECOME [PASSWORD]]: all cases over ssh.
on() {
    "$TEST" ssh "$(<"$work/fleet/hosts/$1/address"):$(<"$work/fleet/port")" "$2" "$work/fleet/id_ed25519" \
        "$work/fleet/known_hosts" "${@:3}"
}

# by METHOD HOST USER [BECOME [PASSWORD]]: the same, becoming by that method.
by() {
    METHOD=$1 on "${@:2}"
}

# as_sh SHELL: all cases with another shell as /bin/sh, in a mount namespace of its own.
as_sh() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount sh -c 'mount --bind "$1" "$(readlink -f /bin/sh)" && exec "$2" shell' sh "$1" "$TEST"
}

# start HOSTS: and know the password of their user ops.
start() {
    start_hosts "$1"
    password=$(<"$work/fleet/ops-password")
}

part_sudo() {
    start debian:1,bare:1,tight:1
    check 'root' on debian1 root
    check 'a user without rights' on debian1 deploy
    check 'become root by sudo' on debian1 deploy root
    CASE=late_daemons check 'become root by sudo, what daemons print late' on debian1 deploy root
    check 'become another user by sudo' on debian1 deploy daemon
    check 'become root by sudo with a password' on debian1 ops root "$password"
    check 'busybox and dropbear' on bare1 root
    check 'one session at a time' on tight1 deploy
    check 'one session at a time, become' on tight1 deploy root
}

part_requiretty() {
    start debian:1,tight:1
    local host
    for host in debian1 tight1; do
        echo 'Defaults requiretty' >"$(fleet root "$host")/etc/sudoers.d/requiretty"
    done
    export TERMINAL=1
    check 'requiretty' on debian1 deploy root
    CASE=late_daemons check 'requiretty, what daemons print late' on debian1 deploy root
    check 'requiretty, to another user' on debian1 deploy daemon
    check 'requiretty, with a password' on debian1 ops root "$password"
    check 'requiretty, one session at a time' on tight1 deploy root
}

part_methods() {
    start shells:1
    fleet exec shells1 sh -c 'printf "permit nopass deploy\npermit ops\n" >/etc/doas.conf
        chmod 600 /etc/doas.conf; echo root:certainly | chpasswd; chmod 700 /home/ops'
    check 'doas' by doas shells1 deploy root
    check 'doas to another user' by doas shells1 deploy daemon
    check 'su' by su shells1 ops root certainly
    FLAGS='-s /bin/sh' check 'su of root to another user, whose shell is nologin' by su shells1 root daemon
    check 'su of a user to another one' by su shells1 deploy ops "$password"
    check 'sudosu' by sudosu shells1 deploy ops
    export TERMINAL=1
    check 'doas with a password, on a terminal' by doas shells1 ops root "$password"
    check 'doas with a password to another user, on a terminal' by doas shells1 ops daemon "$password"
    # as that of some systems
    fleet exec shells1 sh -c 'printf "#!/bin/sh\n[ -t 0 ] || { echo su: must be run from a terminal >&2; exit 1; }\nexec /bin/su \"\$@\"\n" \
            >/usr/local/bin/su; chmod 755 /usr/local/bin/su'
    check 'su on a terminal' by su shells1 ops root certainly
}

# Programs as FreeBSD, POSIX and Android have them, and no others, by ~/.ssh/environment.
part_userlands() {
    start shells:1
    cp "$HERE/remote/userlands" "$(fleet root shells1)/tmp/userlands"
    fleet exec shells1 sh -c 'echo "PermitUserEnvironment yes" >/etc/ssh/sshd_config.d/environment.conf
        pkill -HUP -o sshd'
    sleep 0.5
    local kind
    for kind in bsd posix toybox; do
        # shellcheck disable=SC2016 # expanded by the inner shell
        fleet exec shells1 sh -c 'sh /tmp/userlands $1 /opt/$1
            echo PATH=/opt/$1 | tee /root/.ssh/environment >/home/deploy/.ssh/environment' sh "$kind"
        SKIP=forks check "the programs of $kind" on shells1 root # stand-ins of several processes
        SKIP=forks check "the programs of $kind, a user without rights" on shells1 deploy
    done
}

part_shells() {
    local shell
    for shell in /bin/bash /bin/busybox /bin/mksh /bin/ksh93 /bin/zsh; do
        if [[ -x $shell ]]; then
            check "$shell as sh" as_sh "$shell"
        fi
    done
}

"part_${2:?which part?}"
end
