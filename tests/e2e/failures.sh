#!/bin/bash
# failures.sh - 20 hosts of which five fail, each in its own way, and one hangs: the other 14 finish,
# and each of the six has a clear reason, on one line, in bounded time.
#
# usage: failures.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

readonly DOWN=debian1 CHANGED_KEY=debian2 WRONG_PASSWORD=debian3 FULL=debian4 KILLED=debian5 HANGS=debian6
readonly BAD=("$DOWN" "$CHANGED_KEY" "$WRONG_PASSWORD" "$FULL" "$KILLED" "$HANGS")
readonly CONNECT_SECONDS=4

cat >"$work/site.yml" <<'YAML'
- hosts: all
  become: true
  gather_facts: false
  tasks:
    - name: Make a directory
      file:
        path: /srv/data
        state: directory
    - name: Take a moment
      shell: sleep 4
    - name: Write something large
      copy:
        content: "{{ '0123456789abcdef' * 65536 }}"
        dest: /srv/data/large
    - name: Finish
      copy:
        content: "done\n"
        dest: /srv/data/done
YAML

break_hosts() {
    fleet kill "$DOWN"
    ssh-keygen -q -t ed25519 -N '' -f "$work/other-key"
    local place
    place=$(grep -F "$(<"$work/fleet/hosts/$CHANGED_KEY/key.pub" cut -d' ' -f2)" "$work/fleet/known_hosts" | cut -d' ' -f1)
    sed -i "\\|^${place//[/\\[} |d" "$work/fleet/known_hosts"
    echo "$place $(cut -d' ' -f1,2 "$work/other-key.pub")" >>"$work/fleet/known_hosts"
    sed -i "s/^$WRONG_PASSWORD .*/& ansible_user=ops ansible_become_password=not-this-one/" "$inventory"
    fleet exec "$FULL" dd if=/dev/zero of=/filler bs=64k >/dev/null 2>&1
    fleet freeze "$HANGS"
}

# Once the command runs on the host, kill every shell that serves us there.
kill_shells() {
    until fleet exec "$KILLED" pgrep -xf 'sleep 4' >/dev/null; do
        sleep 0.1
    done
    fleet exec "$KILLED" pkill -KILL -x 'sh|bash|dash'
}

# finished HOST: it did all that was asked, unless it is one of the bad ones.
finished() {
    [[ " ${BAD[*]} " = *" $1 "* ]] ||
        { equal 'done' "$(fleet exec "$1" cat /srv/data/done)" &&
            equal 'ok=4 changed=4 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0' "$(recap "$1")"; }
}

# reason HOST REGEXP: it failed once, with a line that says why.
reason() {
    local lines
    lines=$(grep -E "^fatal: \[$1\]: (FAILED|UNREACHABLE)! => " "$out")
    equal 1 "$(printf '%s\n' "$lines" | grep -c .)" &&
        { grep -qE "\"msg\": \"[^\"]*($2)" <<<"$lines" || {
            echo "its reason does not match '$2': $lines"
            return 1
        }; }
}

start_hosts debian:20 --disk 16m
break_hosts
kill_shells &
began=$SECONDS
play "$work/site.yml" -T "$CONNECT_SECONDS"
took=$((SECONDS - began))

check 'the fourteen healthy hosts finish' each_host finished
check 'the host that is down says so' reason "$DOWN" '[Cc]onnection refused'
check 'the host with another key says so' reason "$CHANGED_KEY" 'host key'
check 'the wrong password of sudo is named' reason "$WRONG_PASSWORD" '[Pp]assword'
check 'the full disk is named' reason "$FULL" '[Nn]o space left'
check 'and where to look' contains "$err" '^hint: .* df -i'
check 'the shell that was killed is told' reason "$KILLED" 'shell|closed|ended|lost'
check 'the host that hangs is told' reason "$HANGS" "$CONNECT_SECONDS s|timed out|did not answer"
check 'the status says: hosts unreachable' equal 4 "$status"
check 'within 40 seconds' within 40 "$took"
check 'the password is not printed' not grep -F not-this-one "$out" "$err"
fleet thaw "$HANGS"

# More hosts that hang than may shake hands at a time: the others need not wait for them.
frozen=()
for number in {8..19}; do
    frozen+=("debian$number")
    fleet freeze "debian$number"
done
began=$SECONDS
play "$work/site.yml" -T 3 -l "$(IFS=,; echo "${frozen[*]}"),debian20"
check 'hosts that hang do not wait for each other' within 10 $((SECONDS - began))
check 'nor do others for them' contains "$out" '^changed: \[debian20\]|^ok: \[debian20\]'
for host in "${frozen[@]}"; do
    fleet thaw "$host"
done
end
