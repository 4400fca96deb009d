#!/bin/bash
# descriptors.sh - fewer open descriptors than hosts want: connections are closed and opened again, and
# nobody notices but by the time it takes.
#
# usage: descriptors.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"
readonly ENOUGH_FOR_TWO=83

start_hosts debian:5
cat >"$work/play.yml" <<'END_OF_PLAY'
- hosts: all
  gather_facts: false
  tasks:
    - copy: { content: "{{ inventory_hostname }}\n", dest: /home/deploy/name }
    - slurp: { src: /home/deploy/name }
      register: name
    - assert: { that: name.content | b64decode | trim == inventory_hostname }
    - command: cat /home/deploy/name
      register: name
      changed_when: false
    - assert: { that: name.stdout == inventory_hostname }
- hosts: debian1, debian2
  gather_facts: false
  tasks:
    - ping:
END_OF_PLAY

# few DESCRIPTORS ARGUMENT...: a run with that many. Sets what `hostler` sets.
few() {
    local limit=$1
    shift
    out=$work/out err=$work/err status=0
    (
        ulimit -n "$limit"
        "${CLEAN[@]}" timeout --signal=KILL 120 "$HOSTLER" play -i "$inventory" "$@"
    ) >"$out" 2>"$err" </dev/null || status=$?
}

recap_is() {
    equal "$2" "$(recap "$1")"
}

few "$ENOUGH_FOR_TWO" "$work/play.yml"
check 'all tasks run on all hosts' equal 0 "$status"
check 'with their own results' recap_is debian5 \
    'ok=5 changed=1 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0'
check 'two hosts at a time, as a warning tells' contains "$err" \
    "^warning: $ENOUGH_FOR_TWO open descriptors are enough for 2 hosts at a time, not 5$"
few "$ENOUGH_FOR_TWO" -f 2 "$work/play.yml"
check 'no warning where that was asked for' not grep -q '^warning:' "$err"
few 1024 "$work/play.yml"
check 'no warning where there are enough' not grep -q '^warning:' "$err"
end
