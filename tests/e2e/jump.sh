#!/bin/bash
# jump.sh - hosts that only a jump host can reach, and no ssh(1) on the controller: one login for all
# of them, chains, and jump hosts that are wrong, refuse, hang or die.
#
# usage: jump.sh HOSTLER TEST_JUMP STINGY
#
# Three networks of their own, the machine's is left alone:
#
#     here (hostler) --- near: gate, in1 ... in10 --- far: fargate, deep
#
# The gates listen between the networks, all others on loopback addresses of theirs.
set -uo pipefail
if ((EUID == 0)) && [[ -z ${JUMP_NETWORK-} ]]; then
    JUMP_NETWORK=1 exec unshare --net "$0" "$@"
fi
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

TEST_JUMP=$(realpath "${2:?which test_jump?}")
STINGY=$(realpath "${3:?which stingy?}")
readonly TEST_JUMP STINGY
readonly BEHIND=10 # hosts in the near network
readonly GATE=10.98.0.2 FARGATE=10.99.0.2
TIMEOUT=$(command -v timeout)
readonly TIMEOUT

# --- networks and hosts ----------------------------------------------------------------------------

# network NAME: a namespace of that name, kept by a process.
declare -A keepers
network() {
    unshare --net sleep infinity &
    keepers[$1]=$!
    disown # its end is no news
    until [[ $(readlink "/proc/${keepers[$1]}/ns/net") != "$(readlink /proc/self/ns/net)" ]]; do
        sleep 0.01
    done
    within_net "$1" ip link set lo up
}

# within_net NAME COMMAND...
within_net() {
    nsenter --net="/proc/${keepers[$1]}/ns/net" "${@:2}"
}

# wire NAME ADDRESS NAME ADDRESS: connect two networks; the first may be 'here'.
wire() {
    ip link add "$1-$3" type veth peer name "$3-$1"
    plug "$1" "$1-$3" "$2"
    plug "$3" "$3-$1" "$4"
}

# plug NAME LINK ADDRESS
plug() {
    local inside=(within_net "$1")
    if [[ $1 = here ]]; then
        inside=()
    else
        ip link set "$2" netns "${keepers[$1]}"
    fi
    "${inside[@]}" ip address add "$3/24" dev "$2"
    "${inside[@]}" ip link set "$2" up
}

leave() {
    [[ ! -e $work/far/net ]] || "$FLEET" down "$work/far"
    kill "${keepers[@]}"
    finish
}
trap leave EXIT

# set_up_gate FLEET ADDRESS: its first host listens there, too.
set_up_gate() {
    "$FLEET" exec "$1" debian1 tee /etc/ssh/sshd_config.d/gate.conf >/dev/null <<END
ListenAddress $2:22
RekeyLimit 2M
Match User root
    AllowTcpForwarding no
END
    # shellcheck disable=SC2016 # for the host's sh
    "$FLEET" exec "$1" debian1 sh -c 'kill -HUP $(pgrep -of "sshd: .*listener")'
    await 10 grep -q "Server listening on $2" "$1/hosts/debian1/log"
}

ip link set lo up
network near
network far
wire here 10.98.0.1 near "$GATE"
wire near 10.99.0.1 far "$FARGATE"
for net in near far; do
    dir=$work/far spec=debian:2
    [[ $net = far ]] || dir=$work/fleet spec=debian:$((BEHIND + 1))
    if ! within_net "$net" "$FLEET" up "$dir" --hosts "$spec" >/dev/null 2>"$work/fleet.log"; then
        echo "Bail out! the hosts did not start: $(tail -n 3 "$work/fleet.log")"
        exit 1
    fi
done
set_up_gate "$work/fleet" "$GATE"
set_up_gate "$work/far" "$FARGATE"

# --- configuration ---------------------------------------------------------------------------------

# known ADDRESS FLEET: the known_hosts line of its gate.
known() {
    echo "$1 $(cut -d' ' -f1,2 "$2/hosts/debian1/key.pub")"
}
known "$GATE" "$work/fleet" >"$work/known_gate"
known "$FARGATE" "$work/far" >"$work/known_fargate"
ssh-keygen -q -t ed25519 -N '' -f "$work/other"
echo "[$GATE]:2222 $(cut -d' ' -f1,2 "$work/other.pub")" >"$work/known_stingy"
echo "$GATE $(cut -d' ' -f1,2 "$work/other.pub")" >"$work/known_wrong"

{
    for name in gate badkey; do
        printf 'Host %s\n HostName %s\n User deploy\n IdentityFile %s\n IdentitiesOnly yes\n' \
            "$name" "$GATE" "$work/fleet/id_ed25519"
        printf ' UserKnownHostsFile %s\n' "$work/known_${name/badkey/wrong}"
    done
    printf 'Host fargate\n HostName %s\n User deploy\n IdentityFile %s\n IdentitiesOnly yes\n' \
        "$FARGATE" "$work/far/id_ed25519"
    printf ' UserKnownHostsFile %s\n ProxyJump gate\n' "$work/known_fargate"
    printf 'Host deep\n HostName %s\n User deploy\n IdentityFile %s\n IdentitiesOnly yes\n' \
        "$(<"$work/far/hosts/debian2/address")" "$work/far/id_ed25519"
    printf ' UserKnownHostsFile %s\n ProxyJump fargate\n' "$work/far/known_hosts"
    printf 'Host askgate\n HostName %s\n User ops\n PubkeyAuthentication no\n' "$GATE"
    printf ' UserKnownHostsFile %s\n' "$work/known_gate"
    printf 'Host in1\n HostName %s\n User deploy\n IdentityFile %s\n IdentitiesOnly yes\n' \
        "$(<"$work/fleet/hosts/debian2/address")" "$work/fleet/id_ed25519"
    printf ' UserKnownHostsFile %s\n ProxyJump gate\n' "$work/fleet/known_hosts"
    printf 'Host stingy\n HostName %s\n Port 2222\n IdentityFile %s\n IdentitiesOnly yes\n' \
        "$GATE" "$work/fleet/id_ed25519"
    printf ' UserKnownHostsFile %s\n' "$work/known_stingy"
    printf 'Host knot\n ProxyJump tie\nHost tie\n ProxyJump knot\n'
    printf 'Host *\n ServerAliveInterval 1\n ServerAliveCountMax 3\n'
} >"$work/ssh_config"

inventory=$work/inventory
{
    echo '[behind]'
    for ((i = 1; i <= BEHIND; i++)); do
        echo "in$i ansible_host=$(<"$work/fleet/hosts/debian$((i + 1))/address")"
    done
    cat <<END
[behind:vars]
ansible_user=deploy
ansible_ssh_private_key_file=$work/fleet/id_ed25519
ansible_ssh_common_args='-F $work/ssh_config -o UserKnownHostsFile=$work/fleet/known_hosts'
ansible_ssh_extra_args='-J {{ jump | default("gate") }}'
[chain]
deep ansible_ssh_common_args='-F $work/ssh_config'
[here]
here ansible_connection=local
END
} >"$inventory"

cat >"$work/look.yml" <<'YAML'
- hosts: behind:chain
  gather_facts: false
  tasks:
    - name: Look
      command: hostname
    - name: Look again
      stat: path=/etc/hostname
YAML

cat >"$work/sleep.yml" <<'YAML'
- hosts: all
  gather_facts: false
  tasks:
    - name: Sleep
      command: /bin/sleep {{ 1 if inventory_hostname == 'here' else 611 }}
    - name: Finish
      command: /bin/true
YAML

dd if=/dev/urandom of="$work/large" bs=1M count=6 2>/dev/null
cat >"$work/large.yml" <<YAML
- hosts: in1:deep
  gather_facts: false
  tasks:
    - name: Write
      copy: src=$work/large dest=/tmp/large
    - name: Read
      command: base64 -w0 /tmp/large
      register: read
    - name: Compare
      assert:
        that: read.stdout | hash('sha256') == '$(base64 -w0 "$work/large" | sha256sum | cut -d' ' -f1)'
YAML

# --- runs ------------------------------------------------------------------------------------------

# play ARGUMENT...: as in common, but no program can be found.
play() {
    out=$work/out err=$work/err status=0
    "${CLEAN[@]}" PATH="$work/nothing" "$TIMEOUT" --signal=KILL 120 \
        "$HOSTLER" play -i "$inventory" "$@" >"$out" 2>"$err" </dev/null || status=$?
}

# timed ARGUMENT...: play; sets $took, in seconds.
timed() {
    local began=$EPOCHREALTIME
    play "$@"
    took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
}

# logins FLEET: how many there were at its gate.
logins() {
    grep -c 'Accepted publickey' "$1/hosts/debian1/log"
}

# count NUMBER REGEXP: so many lines of standard output match.
count() {
    equal "$1" "$(grep -cE -- "$2" "$out")"
}

# unreachable HOST REGEXP: told once, with such a reason.
unreachable() {
    contains "$out" "^fatal: \[$1\]: UNREACHABLE! => .*\"msg\": \"[^\"]*($2)" &&
        count 1 "^fatal: \[$1\]"
}

# at_each_host COMMAND...: inside every host behind a gate.
at_each_host() {
    local i
    for ((i = 2; i <= BEHIND + 1; i++)); do
        "$FLEET" exec "$work/fleet" "debian$i" "$@" || return
    done
    "$FLEET" exec "$work/far" debian2 "$@"
}

play "$work/look.yml" -l in1 -e jump=none -T 3
check 'no host can be reached but through the gate' unreachable in1 'in1|127\.'

before=$(logins "$work/fleet")
play "$work/look.yml"
check 'ten hosts behind one jump host, and one behind two' equal 0 "$status"
check 'every one was there' count $((2 * (BEHIND + 1))) '^(ok|changed): '
check 'one login at the jump host' equal 1 $(($(logins "$work/fleet") - before))
check 'one login at the second one' equal 1 "$(logins "$work/far")"

play "$work/look.yml" -l deep -e "ansible_ssh_extra_args='-J gate,fargate'"
check 'a chain in the arguments' equal 0 "$status"
play "$work/look.yml" -l in1 -e jump="ssh://deploy@gate:22/"
check 'a jump host written as a URI' equal 0 "$status"

play "$work/large.yml"
check 'large files, keys exchanged anew on the way' equal 0 "$status"
check 'are whole on both' count 2 '^ok: '

play "$work/look.yml" -l in1 -e jump=askgate
check 'a jump host that wants a password, and no terminal' unreachable in1 \
    "jump host 'askgate': permission denied for user 'ops'"
mkfifo "$work/typing"
script -qfec "$(printf '%q ' "${CLEAN[@]}" PATH="$work/nothing" "$HOSTLER" play -i "$inventory" \
    "$work/look.yml" -l behind -T 3 -e jump=askgate)" "$out" <"$work/typing" >/dev/null &
run=$!
exec {typing}>"$work/typing"
await 10 grep -q 'Password of user' "$out"
sleep 4
cat "$work/fleet/ops-password" >&"$typing"
status=0
wait "$run" || status=$?
exec {typing}>&-
check 'on a terminal it is asked for, without hurry' equal 0 "$status"
check 'once for all hosts' count 1 "Password of user 'ops' at $GATE"

check 'as quick as a direct way, and many at once' "$TEST_JUMP" "$work/ssh_config" gate in1 deep
sed -n 's/^# /# /p' "$work/check"

: >"$work/stingy"
nsenter --net="/proc/${keepers[near]}/ns/net" "$STINGY" "$GATE" 2222 "$work/other" 4 >"$work/stingy" 2>&1 &
keepers[stingy]=$!
disown
await 10 grep -q listening "$work/stingy"
play "$work/look.yml" -l behind -e jump=stingy
check 'a jump host that opens four channels for a login' equal 0 "$status"
check 'is logged in at three times for ten' equal 3 "$(grep -c login "$work/stingy")"

# --- jump hosts that are not as they should be -----------------------------------------------------

before=$(logins "$work/fleet")
play "$work/look.yml" -e jump=badkey
check 'the wrong key of the jump host is told' unreachable in1 \
    "jump host 'badkey': the host key of $GATE port 22 has changed"
check 'for each host behind it' count "$BEHIND" "^fatal: .*jump host 'badkey'"
check 'nobody logged in there but for the chain' equal 1 $(($(logins "$work/fleet") - before))
check 'the status says: hosts unreachable' equal 4 "$status"

play "$work/look.yml" -l behind -e jump=root@gate
check 'a jump host that opens no channel is told' unreachable in3 \
    "jump host 'root@gate' opens no channel to 127"
check 'with what to look for' contains "$err" '^hint: see AllowTcpForwarding'

play "$work/look.yml" -l in1 -e jump=stranger@gate
check 'a user who may not log in there is told' unreachable in1 \
    "jump host 'stranger@gate': permission denied for user 'stranger' at $GATE"

timed "$work/look.yml" -l in1 -e jump=knot
check 'a loop is told' unreachable in1 'lies behind itself'
check 'at once' within 3 "$took"

play "$work/look.yml" -l in1 -e jump=gate:1
check 'a closed port is told' unreachable in1 "jump host 'gate:1': connection refused"

play "$work/look.yml" -l in1 -e ansible_port=1
check 'a closed port behind it is told' unreachable in1 \
    "jump host 'gate' cannot connect to 127[.0-9]* port 1: Connection refused"

# --- jump hosts that fail --------------------------------------------------------------------------

# sleeping NAME: start the run that sleeps, and wait until it does.
sleeping() {
    out=$work/out err=$work/err
    "${CLEAN[@]}" PATH="$work/nothing" "$TIMEOUT" --foreground --signal=KILL 120 \
        "$HOSTLER" play -i "$inventory" "$work/sleep.yml" -T 4 >"$out" 2>"$err" </dev/null &
    run=$!
    check "all hosts run the command ($1)" await 30 at_each_host pgrep -xf '/bin/sleep 611'
    began=$EPOCHREALTIME
}

# over: wait for that run; sets $status and $took.
over() {
    status=0
    wait "$run" || status=$?
    took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
}

set -m # a background job of a shell without job control ignores SIGINT
sleeping 'before Ctrl-C'
kill -s INT -- "-$run"
over
check 'Ctrl-C ends the run within two seconds' within 2 "$took"
check 'and what it started' await 2 at_each_host sh -c '! pgrep -xf "/bin/sleep 611"'
check 'with its status' equal 130 "$status"

sleeping 'before the jump host hangs'
fleet freeze debian1
over
check 'a jump host that hangs ends the run in time' within 12 "$took"
check 'each host behind it is unreachable' count $((BEHIND + 1)) '^fatal: .*UNREACHABLE.*no answer from '
check 'the jump host is blamed' unreachable in1 "jump host 'gate': no answer from $GATE port 22"
check 'the others go on' equal 'ok=2 changed=2 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0' \
    "$(recap here)"
check 'the status says so' equal 4 "$status"

timed "$work/look.yml" -T 3
check 'a jump host that hangs from the beginning is told in time' within 6 "$took"
check 'by its name' unreachable in1 "jump host 'gate'.*timed out|timed out.*jump host 'gate'"
check 'for each host' count $((BEHIND + 1)) '^fatal: .*UNREACHABLE.*timed out'
fleet thaw debian1
at_each_host pkill -xf '/bin/sleep 611'

sleeping 'before the jump host dies'
fleet kill debian1
over
check 'a jump host that dies ends the run in time' within 5 "$took"
check 'it is named for each host' count $((BEHIND + 1)) \
    "^fatal: .*UNREACHABLE.*jump host '(gate|fargate)': connection to [0-9.]* port 22.* lost"
check 'the others go on' equal 'ok=2 changed=2 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0' \
    "$(recap here)"
at_each_host pkill -xf '/bin/sleep 611'

play "$work/look.yml" -l in1
check 'a jump host that is down is told' unreachable in1 "jump host 'gate': connection refused by $GATE"
within_net near "$FLEET" start "$work/fleet" debian1
play "$work/look.yml"
check 'once it is back, all is well' equal 0 "$status"
end
