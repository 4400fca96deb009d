#!/bin/bash
# interrupt.sh - Ctrl-C, and a polite kill, end a run of 20 hosts within two seconds, and what it
# started on the hosts, too: while commands run, while it connects, with a host that is frozen, in the
# middle of an upload, of one on a terminal, too. A second Ctrl-C ends it at once.
#
# usage: interrupt.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

cat >"$work/sleep.yml" <<'YAML'
- hosts: all
  gather_facts: false
  tasks:
    - name: Sleep
      command: sleep 611
      become: "{{ inventory_hostname is search('debian') }}"
    - name: Never
      file:
        path: /tmp/never
        state: touch
YAML

# sleeps HOST: does the command run there?
sleeps() {
    [[ $(fleet exec "$1" ps -ef 2>/dev/null || fleet exec "$1" ps) = *"sleep 611"* ]]
}

all_sleep() {
    local host
    for host in $(hosts); do
        sleeps "$host" || return
    done
}

# ended PID: is that child over, whether or not it was waited for?
ended() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    [[ ${stat##*) } = Z* ]]
}

# interrupted SIGNAL STATUS: start, wait until all hosts sleep, send the signal.
interrupted() {
    local pid began
    out=$work/out err=$work/err status=0
    # where these tests run under nohup, too, their hostler does not
    env --default-signal=HUP "${CLEAN[@]}" "$HOSTLER" play -i "$inventory" "$work/sleep.yml" \
        >"$out" 2>"$err" </dev/null &
    pid=$!
    check "all hosts run the command (SIG$1)" await 30 all_sleep
    began=$EPOCHREALTIME
    kill -s "$1" "$pid"
    await 10 ended "$pid" || kill -KILL "$pid"
    wait "$pid" || status=$?
    check "SIG$1 ends the run within two seconds" within 2 \
        "$(seconds_since "$began")"
    check "with status $2" equal "$2" "$status"
    check 'no command is left on a host' await 2 each_host not_sleeping
    check 'what follows was not done' not grep -q 'TASK \[Never\]' "$out"
}

not_sleeping() {
    ! sleeps "$1"
}

seconds_since() {
    awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}

cat >"$work/upload.yml" <<'YAML'
- hosts: all
  gather_facts: false
  tasks:
    - name: Send something large
      copy:
        src: large
        dest: /tmp/large
    - name: Sleep
      command: sleep 611
YAML
head -c 30000000 /dev/zero >"$work/large"

# after SECONDS: Ctrl-C so long after the start, whatever it does then. Twenty uploads keep a machine of
# two CPUs busy, and the more so under a sanitizer: a second is for that.
after() {
    local pid began
    out=$work/out err=$work/err status=0
    "${CLEAN[@]}" "$HOSTLER" play -i "$inventory" "$work/upload.yml" >"$out" 2>"$err" </dev/null &
    pid=$!
    sleep "$1"
    began=$EPOCHREALTIME
    kill -s INT "$pid"
    await 10 ended "$pid" || kill -KILL "$pid"
    wait "$pid" || status=$?
    check "Ctrl-C after $1 s ends the run soon" within 4 "$(seconds_since "$began")"
    check 'with status 130' equal 130 "$status"
}

# A host that hangs while its command is to be ended holds the run up, for less than two seconds; who
# does not want to wait that long presses Ctrl-C again. No thread is waited for then: ThreadSanitizer
# shall not say so.
twice() {
    local pid began
    out=$work/out err=$work/err status=0
    "${CLEAN[@]}" TSAN_OPTIONS="${TSAN_OPTIONS-}:report_thread_leaks=0" "$HOSTLER" play -i "$inventory" "$work/sleep.yml" -l debian1 >"$out" 2>"$err" </dev/null &
    pid=$!
    await 30 sleeps debian1
    fleet freeze debian1
    kill -s INT "$pid"
    sleep 0.5
    check 'after Ctrl-C a command is ended in order' not ended "$pid"
    began=$EPOCHREALTIME
    kill -s INT "$pid"
    await 10 ended "$pid" || kill -KILL "$pid"
    wait "$pid" || status=$?
    check 'a second Ctrl-C ends the run at once' within 1.2 "$(seconds_since "$began")"
    check 'with status 130' equal 130 "$status"
    fleet thaw debian1
}

# Under requiretty sudo sits between the server's terminal and the shell that is ended: it must notice,
# and end, too.
on_terminals() {
    local host
    for host in debian3 debian4 debian5 debian6; do
        fleet exec "$host" sh -c "$1" || return
    done
}
terminals() {
    local pid
    on_terminals 'rm -f /tmp/large; echo "Defaults requiretty" >/etc/sudoers.d/tty'
    truncate -s 100M "$work/large"
    out=$work/out err=$work/err status=0
    "${CLEAN[@]}" "$HOSTLER" play -b -i "$inventory" "$work/upload.yml" -l debian3,debian4,debian5,debian6 \
        >"$out" 2>"$err" </dev/null &
    pid=$!
    check 'uploads begin, on terminals' await 30 on_terminals 'test -s /tmp/.hostler*'
    kill -s INT "$pid"
    wait "$pid" || status=$?
    check 'Ctrl-C then ends with status 130' equal 130 "$status"
    check 'no sudo is left on a host' await 5 on_terminals '! pgrep -x sudo'
    check 'nor half a file' await 2 on_terminals '! test -e /tmp/.hostler* && ! test -e /tmp/large'
}

start_hosts debian:18,tight:1,bare:1
set -m # a background job of a shell without job control ignores SIGINT
interrupted INT 130
interrupted TERM 143
interrupted HUP 129
fleet freeze debian2
for seconds in 0.1 0.3 0.6 1 2 4; do
    after "$seconds"
done
fleet thaw debian2
check 'no command is left on a host' await 2 each_host not_sleeping
twice
terminals
end
