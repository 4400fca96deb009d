#!/bin/bash
# run.sh - the cases of test_remote.c on real hosts: every user, a busybox, one session at a time, and
# other shells as /bin/sh of this machine.
#
# usage: run.sh TEST_REMOTE
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=../common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../common"
readonly TEST=$HOSTLER

start_hosts debian:1,bare:1,tight:1
password=$(<"$work/fleet/ops-password")

# on HOST USER [BECOME [PASSWORD]]: all cases over ssh.
on() {
    "$TEST" ssh "$(<"$work/fleet/hosts/$1/address"):$(<"$work/fleet/port")" "$2" "$work/fleet/id_ed25519" \
        "$work/fleet/known_hosts" "${@:3}"
}

# as_sh SHELL: all cases with another shell as /bin/sh, in a mount namespace of its own.
as_sh() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount sh -c 'mount --bind "$1" "$(readlink -f /bin/sh)" && exec "$2" shell' sh "$1" "$TEST"
}

check 'root' on debian1 root
check 'a user without rights' on debian1 deploy
check 'become root by sudo' on debian1 deploy root
check 'become another user by sudo' on debian1 deploy daemon
check 'become root by sudo with a password' on debian1 ops root "$password"
check 'busybox and dropbear' on bare1 root
check 'one session at a time' on tight1 deploy
check 'one session at a time, become' on tight1 deploy root
echo 'Defaults requiretty' >"$(fleet root debian1)/etc/sudoers.d/requiretty"
export TERMINAL=1
check 'requiretty' on debian1 deploy root
check 'requiretty, to another user' on debian1 deploy daemon
check 'requiretty, with a password' on debian1 ops root "$password"
unset TERMINAL
for shell in /bin/bash /bin/busybox; do
    if [[ -x $shell ]]; then
        check "$shell as sh" as_sh "$shell"
    fi
done
end
