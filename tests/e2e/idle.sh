#!/bin/bash
# idle.sh - what breaks while nothing is under way is mended unseen: connections and shells that end
# between two tasks. And what breaks here: too few descriptors, output that cannot be written.
#
# usage: idle.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

cat >"$work/site.yml" <<'YAML'
- hosts: all
  become: "{{ inventory_hostname is search('debian') }}"
  gather_facts: false
  tasks:
    - name: Before
      copy: { content: "before\n", dest: /tmp/idle }
    - name: A command, so that its shell is open, too
      command: "true"
    - name: The moment
      wait_for: { path: "{{ moment }}", timeout: 30 }
      delegate_to: localhost
      connection: local
      become: false
      run_once: true
    - name: First a command
      command: "true"
      when: first == 'command'
    - name: After
      copy: { content: "after\n", dest: /tmp/idle }
YAML

# broken_between FIRST COMMAND...: the command runs on every host between two tasks.
broken_between() {
    local first=$1 host
    shift
    rm -f "$work/moment"
    : >"$work/out" # before the watcher starts: what it looks for stands in the last run's, too
    {
        until grep -q 'The moment' "$work/out"; do
            sleep 0.05
        done
        for host in $(hosts); do
            fleet exec "$host" "$@" || echo "$host" >>"$work/unbroken"
        done
        : >"$work/moment"
    } &
    play "$work/site.yml" -e "moment=$work/moment first=$first"
    wait
}

went_on() {
    [[ $(recap "$1") = *'unreachable=0 failed=0'* ]] && equal after "$(fleet exec "$1" cat /tmp/idle)"
}

start_hosts debian:2,tight:1
for first in command copy; do
    broken_between "$first" pkill -KILL -f 'sshd: deploy'
    check "connections that ended while idle, then a $first: the run goes on" each_host went_on
    check 'and ends with 0' equal 0 "$status"
    # shellcheck disable=SC2016 # for the host's sh: all shells but itself
    broken_between "$first" sh -c 'for p in $(pgrep -x "sh|bash|dash"); do [ $p = $$ ] || k="$k $p"; done; kill -KILL $k'
    check "shells that ended while idle, then a $first: the run goes on" each_host went_on
    check 'and ends with 0' equal 0 "$status"
done
readonly RESTART='pkill -KILL -x sshd; setsid sh -c "sleep 2; exec /usr/sbin/sshd -D" </dev/null >/dev/null 2>&1 &'
for first in command copy; do
    broken_between "$first" sh -c "$RESTART"
    check "a server that is started again, and gone for two seconds, then a $first: the run goes on" each_host went_on
    check 'and ends with 0' equal 0 "$status"
done
check 'there was something to break each time' not test -e "$work/unbroken"

: >"$work/moment"
few() {
    (ulimit -n "$1" && play "$work/site.yml" -e "moment=$work/moment first=copy" && exit "$status")
    status=$? out=$work/out err=$work/err
}
few 8
check 'with few descriptors the hosts take turns' equal 0 "$status"
check 'and that is told' contains "$err" 'open descriptors are enough for 1 host'

"${CLEAN[@]}" "$HOSTLER" play -i "$inventory" "$work/site.yml" -e "moment=$work/moment first=copy" \
    >/dev/full 2>"$work/err" </dev/null
check 'a full disk below the output is an error' equal 1 $?
check 'that is told' contains "$work/err" "cannot write 'standard output'"
end
