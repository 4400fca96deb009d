#!/bin/bash
# quickstart.sh - the example project on Debian hosts without Python and on hosts with nothing but a
# busybox: dry, for real, and again.
#
# usage: quickstart.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

# no_failure HOST
no_failure() {
    [[ $(recap "$1") = *" unreachable=0 failed=0 "* ]]
}

# changed_something HOST
changed_something() {
    [[ $(recap "$1") = *" changed="[1-9]* ]]
}

changed_nothing() {
    [[ $(recap "$1") = *" changed=0 "* ]]
}

start_hosts debian:5,bare:2
listings "$work/before"

play "$QUICKSTART" --check --diff
check 'the dry run ends with 0' equal 0 "$status"
check 'no host fails in it' each_host no_failure
check 'it announces changes' each_host changed_something
check 'it shows differences' contains "$out" '^\+Do what you like with this site\.'
listings "$work/dry"
check 'it leaves the disks of all hosts as they were' diff -r "$work/before" "$work/dry"

play "$QUICKSTART"
check 'the run ends with 0' equal 0 "$status"
check 'no host fails in it, either' each_host no_failure
check 'it changes something' each_host changed_something
check 'it says how long it took, and nothing else' \
    equal 1 "$(grep -cE '^[0-9]+ tasks on 7 hosts in [0-9.]+ s, [0-9]+ round trips$' "$err")"
listings "$work/run"

play "$QUICKSTART" --detailed-exitcode
check 'the second run ends with 0, though it is asked to tell of changes' equal 0 "$status"
check 'it changes nothing' each_host changed_nothing
worst=0
for _ in {1..8}; do # what threads do to each other shows in some runs only
    play "$QUICKSTART" --detailed-exitcode
    ((status == 0)) || worst=$status
done
check 'eight more are like it' equal 0 "$worst"
listings "$work/again"
check 'not a byte, nor a time' diff -r "$work/run" "$work/again"

play "$QUICKSTART" --limit debian1 --list-hosts
check 'hosts are listed' contains "$out" '^ +debian1$'
end
