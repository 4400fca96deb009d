#!/bin/bash
# random-interrupts.sh - Ctrl-C or a polite kill at random moments of runs on five hosts, one of them
# frozen, and behind a jump host: each run ends within two seconds, with the status of the signal, and
# no sanitizer complains. For sessions, with builds of ASan and TSan; too slow, and too much left to
# chance, for every build.
#
# usage: random-interrupts.sh HOSTLER [COUNT]   default: 100, in about two minutes
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"
readonly COUNT=${2:-100}

cat >"$work/site.yml" <<'YAML'
- hosts: all
  gather_facts: false
  become: "{{ inventory_hostname is search('debian') }}"
  tasks:
    - stat: { path: /etc/passwd }
    - copy: { content: "{{ 'abcdefgh' * 200000 }}", dest: /tmp/big }
    - shell: sleep 0.1; echo x
      loop: [1, 2, 3]
    - file: { path: /tmp/big, state: absent }
    - shell: sleep 0.1; false
      until: false
      retries: 2
      delay: 1
      ignore_errors: true
    - command: sleep 611
YAML

# one NUMBER: what came of one run, in $problem; nothing if all was well.
one() {
    local pid began took delay signal=INT wanted=130 jump=()
    ((RANDOM % 2)) || { signal=TERM wanted=143; }
    (($1 % 4 > 0)) || jump=(--ssh-extra-args "-F $work/fleet/ssh_config -J debian1" -l 'debian[2:4]')
    delay=$(printf '%d.%03d' $((RANDOM % 3)) $((RANDOM % 1000)))
    status=0 problem=''
    "${CLEAN[@]}" "$HOSTLER" play -i "$inventory" "$work/site.yml" -T 5 ${jump[0]+"${jump[@]}"} \
        >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    sleep "$delay"
    began=$EPOCHREALTIME
    kill -s "$signal" "$pid"
    { sleep 20 && kill -KILL "$pid"; } 2>/dev/null &
    wait "$pid" || status=$?
    took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
    kill $! 2>/dev/null
    ((status == wanted)) || problem+="status $status; "
    within 2 "$took" >/dev/null || problem+="took $took s; "
    ! grep -qE 'Sanitizer|BUG' "$work/err" || problem+="$(grep -E 'Sanitizer|BUG' "$work/err"); "
    [[ -z $problem ]] || problem="SIG$signal after $delay s: $problem"
}

start_hosts debian:4,bare:1
fleet freeze debian4
set -m # a background job of a shell without job control ignores SIGINT
for ((number = 1; number <= COUNT; number++)); do
    one "$number" 2>/dev/null
    [[ -z $problem ]] || echo "# $problem" | tee -a "$work/problems"
done
fleet thaw debian4
check "$COUNT interruptions" not test -e "$work/problems"
end
