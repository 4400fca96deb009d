#!/bin/bash
# wire-modules.sh - the modules close to the wire, on hosts: fetch, script, wait_for, reboot,
# wait_for_connection.
#
# usage: wire-modules.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

start_hosts debian:1,bare:1,systemd:1

# with_tasks NAME: a playbook for all hosts, its tasks from standard input.
with_tasks() {
    {
        printf -- '- hosts: all\n  gather_facts: false\n  tasks:\n'
        sed 's/^/    /'
    } >"$work/$1.yml"
}

mkdir "$work/files"
# -------------------------------------------------------------------------------------- fetch
with_tasks fetch <<'YAML'
- fetch: { src: /srv/large, dest: here }
- fetch: { src: "{{ closed }}", dest: here }
  become: "{{ inventory_hostname not in groups.bare }}"
- fetch: { src: "/srv/../../../../srv/odd name\n'", dest: here }
YAML
same_bytes() {
    equal "$(fleet exec "$1" cat "$2" | sha1sum)" "$(sha1sum <"$work/here/$1$2")"
}
for host in $(hosts); do
    fleet exec "$host" sh -c 'mkdir -p /srv; head -c 20000000 /dev/urandom >/srv/large; chmod 644 /srv/large
        echo odd >"/srv/odd name
'"'"'"; umask 077; echo closed >/srv/closed'
done
play "$work/fetch.yml" -e closed=/srv/closed --check --diff
check 'a dry run of fetch ends with 0' equal 0 "$status"
check 'and brings nothing' test ! -e "$work/here"
play "$work/fetch.yml" -e closed=/srv/closed
check 'fetch ends with 0' equal 0 "$status"
check 'a large file is the same here' each_host same_bytes /srv/large
check 'so is one that only root may read' each_host same_bytes /srv/closed
check 'so is one with a name that shells would misread' each_host same_bytes "/srv/odd name
'"
play "$work/fetch.yml" -e closed=/srv/closed --detailed-exitcode
check 'what is here is not brought again' equal 0 "$status"
check 'nothing is left beside it' equal '' "$(find "$work/here" -name '.hostler*')"

# -------------------------------------------------------------------------------------- script
# shellcheck disable=SC2016 # for the hosts' shells
printf '#!/bin/sh\necho "$# $1 $(id -un)"; cat\n' >"$work/files/tell.sh"
printf '#!/usr/bin/awk -f\nBEGIN { print "by awk " ARGV[1] }\n' >"$work/files/tell.awk"
# shellcheck disable=SC2016
printf 'echo "no first line: $1"\n' >"$work/files/plain"
printf '#!/bin/sh\necho begun >/tmp/begun; sleep 300\n' >"$work/files/my long.sh"
with_tasks script <<'YAML'
- script: tell.sh 'a b' "$HOME"
  register: r
- assert: { that: "r.stdout_lines[0] is match('2 a b ')" }
- script: tell.sh
  become: true
  register: r
  when: inventory_hostname not in groups.bare
- assert: { that: "r is skipped or r.stdout_lines[0] is match('0 +root')" }
- script: tell.awk x
  register: r
- assert: { that: "r.stdout_lines == ['by awk x']" }
- script: plain y
  register: r
- assert: { that: "r.stdout_lines == ['no first line: y']" }
YAML
with_tasks long <<'YAML'
- script: "'my long.sh'"
  timeout: 2
YAML
has_begun() {
    fleet exec "$1" test -e /tmp/begun
}
nothing_left() {
    equal '' "$(fleet exec "$1" find /tmp /var/tmp /home /root /dev/shm -name '.hostler*' 2>/dev/null)" &&
        equal '' "$(fleet exec "$1" pgrep -xf 'sleep 300')"
}
play "$work/script.yml"
check 'scripts run' equal 0 "$status"
for host in $(hosts); do
    for place in /tmp /var/tmp /dev/shm; do
        fleet exec "$host" sh -c "mkdir -p $place; mount -t tmpfs -o noexec,mode=1777 tmpfs $place"
    done
    # shellcheck disable=SC2016
    fleet exec "$host" sh -c 'for h in /home/deploy /root; do [ -d $h ] || continue
        mount --bind $h $h && mount -o remount,bind,noexec $h; done'
done
play "$work/script.yml"
check 'also where nothing may be executed' equal 0 "$status"
check 'nothing of them is left' each_host nothing_left
play "$work/long.yml"
check 'a script that takes too long fails' equal 2 "$status"
check 'it had begun' each_host has_begun
check 'and is ended, and removed' each_host nothing_left

# -------------------------------------------------------------------------------------- wait_for
with_tasks waits <<'YAML'
- name: Wait for a file that comes later
  wait_for: { path: /srv/later, search_regex: '^ready (\d+)$', timeout: 30 }
  register: r
- assert: { that: "r.match_groups == ['7']" }
- name: Wait for the server of this host
  wait_for: { host: "{{ ansible_host }}", port: "{{ ansible_port }}", search_regex: SSH-2, timeout: 20 }
- name: Wait for a port that is closed
  wait_for: { host: "{{ ansible_host }}", port: 1, state: stopped, timeout: 5 }
YAML
with_tasks late <<'YAML'
- wait_for: { host: "{{ ansible_host }}", port: 1, timeout: 2 }
YAML
with_tasks idle <<'YAML'
- wait_for: { timeout: 3 }
YAML
(
    sleep 3
    for host in $(hosts); do
        fleet exec "$host" sh -c 'echo ready 7 >/srv/later'
    done
) &
play "$work/waits.yml"
check 'what was waited for comes' equal 0 "$status"
play "$work/late.yml"
check 'what does not come fails' equal 2 "$status"
check 'with words that tell what' contains "$out" 'Timeout when waiting for 127[0-9.]*:1"'
began=$EPOCHREALTIME
play -f 1 "$work/idle.yml"
check 'hosts that wait hold no worker' within 7 "$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')"

# -------------------------------------------------------------------------------------- reboot
with_tasks reboot <<'YAML'
- command: cat /proc/sys/kernel/random/boot_id
  register: before
  check_mode: false
- reboot: { reboot_timeout: 60, msg: "it's time" }
  become: true
  register: r
- assert: { that: [r.rebooted, r is changed, r.elapsed is defined] }
- command: cat /proc/sys/kernel/random/boot_id
  register: after
  check_mode: false
- assert: { that: before.stdout != after.stdout or ansible_check_mode }
YAML
with_tasks never <<'YAML'
- reboot: { reboot_command: "/bin/true", reboot_timeout: 3 }
YAML
with_tasks refused <<'YAML'
- reboot: { reboot_command: "/bin/sh -c 'echo not now >&2; exit 3'" }
YAML
with_tasks nowhere <<'YAML'
- reboot: { search_paths: [/nowhere] }
YAML
with_tasks test <<'YAML'
- reboot: { reboot_timeout: 20, test_command: "test -e /run/second || { touch /run/second; false; }" }
  become: true
YAML
play -l systemd1 "$work/reboot.yml" --check
check 'a dry run of reboot ends with 0' equal 0 "$status"
check 'and does not reboot' fleet exec systemd1 test -e /srv/later
play -l systemd1 "$work/reboot.yml"
check 'a host reboots and is back' equal 0 "$status"
play -l systemd1 "$work/test.yml"
check 'the test command is tried until it works' equal 0 "$status"
play -l debian1 "$work/never.yml"
check 'a host that does not reboot fails' equal 2 "$status"
check 'with what was waited for' contains "$out" 'Timed out waiting for last boot time check \(timeout=3\)'
play -l debian1 "$work/refused.yml"
check 'a reboot that is refused is told' contains "$out" 'Reboot command failed.*not now'
play -l debian1 "$work/nowhere.yml"
check 'so is a host without the program' contains "$err" "has no 'shutdown' in its search paths"

# ------------------------------------------------------------------------- wait_for_connection
with_tasks connection <<'YAML'
- wait_for_connection: { timeout: 60, connect_timeout: 2 }
- command: "true"
YAML
fleet kill debian1
(
    sleep 3
    fleet start debian1
) &
play -l debian1 "$work/connection.yml"
check 'a host that comes up late is waited for' equal 0 "$status"
check 'and used' equal 'ok=2 changed=1 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0' "$(recap debian1)"
wait
end
