#!/bin/bash
# tight.sh - the example project on hosts whose sshd allows one session at a time (MaxSessions 1), by
# users of every kind: root, one who may become root, one who is asked for a password then.
#
# usage: tight.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

start_hosts tight:2
cp "$work/fleet/ops-password" "$work/password"

play "$QUICKSTART" --check
check 'the dry run ends with 0' equal 0 "$status"
play "$QUICKSTART"
check 'the run ends with 0' equal 0 "$status"
play "$QUICKSTART" -e ansible_user=ops --become-password-file "$work/password" --detailed-exitcode
check 'another user, asked for a password by sudo, finds nothing to do' equal 0 "$status"
play "$QUICKSTART" -e ansible_user=root --detailed-exitcode
check 'so does root' equal 0 "$status"
check 'the password is not printed' not grep -F -- "$(<"$work/password")" "$out" "$err"
end
