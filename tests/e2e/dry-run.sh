#!/bin/bash
# dry-run.sh - a dry run says exactly what the run then does, and does nothing itself.
#
# usage: dry-run.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

readonly SITE=$HERE/dry-run/site.yml

start_hosts debian:2,tight:1,bare:1
listings "$work/before"

play "$SITE" --check --diff
check 'the dry run ends with 0' equal 0 "$status"
cp "$out" "$work/predicted"
listings "$work/dry"
check 'the disks of the hosts are as they were' diff -r "$work/before" "$work/dry"
check 'it says that it was one' contains "$err" 'a dry run: nothing was changed'

play "$SITE" --check --detailed-exitcode
check 'asked to, it ends with 3: changes are pending' equal 3 "$status"

play "$SITE" --diff
check 'the run ends with 0' equal 0 "$status"
check 'it prints what the dry run printed, to the byte' diff -u "$work/predicted" "$out"
listings "$work/run"
check 'it changed the hosts' not diff -rq "$work/before" "$work/run"

play "$SITE" --check --diff
cp "$out" "$work/predicted"
play "$SITE" --diff
check 'the same holds for the second run' diff -u "$work/predicted" "$out"
end
