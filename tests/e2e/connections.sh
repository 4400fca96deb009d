#!/bin/bash
# connections.sh - hosts that are reached by a program which runs a shell there: containers of docker,
# podman, buildah and LXC, a chroot, the namespaces of a host of the fleet. The real programs; a way
# that is not possible on this machine is left out, saying so. Nothing here needs a network.
#
# kubectl, oc, lxd and incus need a cluster or a daemon of the system: tests/golden/run/connections
# holds the command lines that they get.
#
# usage: connections.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

readonly PROJECT=$HERE/connections
readonly CONTAINER=hostler-test-$$ # of LXC, whose containers all lie in one directory
readonly LONG=$((600000 + $$))     # seconds; nobody else sleeps as long

trap 'remove_containers; finish' EXIT

remove_containers() {
    if [[ -n ${dockerd-} ]]; then
        kill -CONT "$dockerd"
        docker rm --force running-in-docker ended-in-docker >/dev/null 2>&1
        kill "$dockerd"
        wait "$dockerd" 2>/dev/null
    fi
    if [[ -e $work/podman ]]; then
        podman rm --all --force --time 0 >/dev/null 2>&1
        buildah rm --all >/dev/null 2>&1
    fi
    if [[ -e /var/lib/lxc/$CONTAINER ]]; then
        lxc-stop --kill --name "$CONTAINER" >/dev/null 2>&1
        rm -rf "/var/lib/lxc/${CONTAINER:?}"
    fi
}

# skip WHAT WHY
skip() {
    checks=$((checks + 1))
    echo "ok $checks - $1 # SKIP $2"
}

# add_host VARIABLES...: to the inventory.
add_host() {
    echo "$*" >>"$work/hosts"
}

# --- the ways --------------------------------------------------------------------------------------

# small_root FOLDER: a root of busybox alone, without any mount.
small_root() {
    mkdir -p "$1"
    tar -C "$(fleet root bare1)" --one-file-system -cf - . | tar -C "$1" -xf -
    mkdir -p "$1"/{dev,proc,sys,tmp,etc,srv}
    [[ -c $1/dev/null ]] || mknod -m 666 "$1/dev/null" c 1 3
}

way_chroot() {
    small_root "$work/root" || return
    add_host chroot ansible_connection=community.general.chroot ansible_host="$work/root"
}

way_nsenter() {
    local pid rest
    read -r pid rest <"$work/fleet/hosts/debian1/init"
    add_host nsenter ansible_connection=nsenter ansible_nsenter_pid="$pid"
}

# Settings of podman and buildah: all of theirs lies in the work directory.
containers() {
    mkdir -p "$work/podman"
    cat >"$work/podman/containers.conf" <<END
[containers]
cgroups = "disabled"
netns = "none"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
tmp_dir = "$work/podman/tmp"
[engine.runtimes]
crun = ["$PROJECT/crun"]
END
    printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' \
        "$work/podman/root" "$work/podman/run" >"$work/podman/storage.conf"
    export CONTAINERS_CONF=$work/podman/containers.conf
    export CONTAINERS_STORAGE_CONF=$work/podman/storage.conf
    export BUILDAH_ISOLATION=chroot
    tar -C "$work/root" -cf - . | timeout 60 podman import --quiet - hostler-test:1
}

# A daemon of our own, without any network.
way_docker() {
    export DOCKER_HOST=unix://$work/docker/socket
    mkdir -p "$work/docker"
    echo '{}' >"$work/docker/daemon.json"
    dockerd --config-file "$work/docker/daemon.json" --host "$DOCKER_HOST" \
        --data-root "$work/docker/data" --exec-root "$work/docker/exec" \
        --pidfile "$work/docker/pid" --storage-driver vfs --bridge none --iptables=false \
        --ip6tables=false --ip-forward=false --ip-masq=false &
    dockerd=$!
    await 20 docker info || return
    tar -C "$work/root" -cf - . | timeout 60 docker import - hostler-test:1 || return
    timeout 60 docker run --detach --name running-in-docker --network none hostler-test:1 \
        sleep 1000000 || return
    timeout 60 docker run --name ended-in-docker --network none hostler-test:1 true || return
    add_host docker ansible_connection=community.docker.docker ansible_host=running-in-docker
}

way_podman() {
    local name
    for name in running stopped doomed; do
        timeout 60 podman run --detach --name "$name" --pull never hostler-test:1 \
            sleep 1000000 || return
    done
    timeout 60 podman stop --time 0 stopped || return
    add_host running ansible_connection=containers.podman.podman
    add_host numbered ansible_connection=podman ansible_podman_host=running ansible_user=0
}

way_buildah() {
    timeout 60 buildah from --name built localhost/hostler-test:1 || return
    timeout 60 buildah run built -- true || return
    add_host built ansible_connection=buildah
}

way_lxc() {
    cp -a "$work/root" "$work/lxc" || return
    mkdir -p "/var/lib/lxc/$CONTAINER"
    cat >"/var/lib/lxc/$CONTAINER/config" <<END
lxc.rootfs.path = dir:$work/lxc
lxc.uts.name = lxc
lxc.net.0.type = empty
lxc.mount.auto = proc:rw
lxc.autodev = 1
lxc.init.cmd = /bin/sleep 1000000
END
    timeout 30 lxc-start --name "$CONTAINER" && timeout 30 lxc-attach --name "$CONTAINER" -- true ||
        return
    add_host lxc ansible_connection=lxc ansible_lxc_host="$CONTAINER"
}

# try WAY PROGRAM [PREPARATION]: add its hosts, unless it is not possible here.
try() {
    local way=$1 program=$2
    if ! command -v "$program" >/dev/null; then
        skip "$way" "$program is not installed"
    elif ! "way_$way" >"$work/way" 2>&1; then
        skip "$way" "not possible here: $(grep -v '^$' "$work/way" | tail -n 1 | tr '#' ' ')"
    else
        possible+=("$way")
    fi
}

start_hosts debian:1,bare:1
possible=()
head -c 3000000 /dev/urandom >"$work/much"
try chroot chroot
try nsenter nsenter
if command -v podman >/dev/null && ! containers >"$work/way" 2>&1; then
    skip 'podman and buildah' "not possible here: $(tail -n 1 "$work/way" | tr '#' ' ')"
else
    try podman podman
    try buildah buildah
fi
try docker dockerd
try lxc lxc-start
inventory=$work/hosts
echo "# by ${possible[*]}"

is_possible() {
    [[ " ${possible[*]} " = *" $1 "* ]]
}

# --- whole runs ------------------------------------------------------------------------------------

names() {
    cut -d' ' -f1 "$work/hosts"
}

# Every host: so many changes, and nothing else went wrong.
all_changed() {
    local host
    for host in $(names); do
        [[ $(recap "$host") = *" changed=$1 unreachable=0 failed=0 "* ]] || {
            echo "$host: $(recap "$host")"
            return 1
        }
    done
}

play -f 1 "$PROJECT/site.yml" -e much="$work/much" --check
check 'a dry run ends with 0' equal 0 "$status"
sed -i '/^numbered/d' "$work/hosts" # the same machine as another host
play "$PROJECT/site.yml" -e much="$work/much"
check 'a run ends with 0' equal 0 "$status"
check 'it changes all hosts' all_changed 4
check 'content arrives whole' cmp "$work/much" "$work/root/srv/site/much"
play "$PROJECT/site.yml" -e much="$work/much" --detailed-exitcode
check 'a second run changes nothing' equal 0 "$status"

# --- as another user -------------------------------------------------------------------------------

if is_possible nsenter; then
    hostler run nsenter -i "$inventory" -b --become-user deploy -m command -a 'id -un'
    check 'another user by sudo there' contains "$out" '^deploy$'
fi
if is_possible docker; then
    hostler run docker -i "$inventory" -e ansible_docker_user=deploy -m command -a 'id -un'
    check 'a user of docker' contains "$out" '^deploy$'
    hostler run docker -i "$inventory" -e '{"ansible_docker_extra_env": {"GREETING": "hi there"}}' \
        -e ansible_docker_working_dir=/etc -m shell -a 'env | grep GREETING; pwd'
    check 'an environment and a directory of docker' contains "$out" '^GREETING=hi there$'
    check 'where a command begins' contains "$out" '^/etc$'
fi
if is_possible podman; then
    hostler run running -i "$inventory" -u 12345 -m command -a 'id -u'
    check 'a user of the container' contains "$out" '^12345$'
    hostler run running -i "$inventory" -u 12345 -b -m command -a 'id -u'
    check 'to become another takes sudo, which is not there' contains "$err" "there is no 'sudo' on"
fi

# --- ending what runs ------------------------------------------------------------------------------

# sleeping: how many commands sleep so long, in whatever namespace.
sleeping() {
    pgrep -fc "^sleep $LONG\$"
}

cat >"$work/sleep.yml" <<YAML
- hosts: all
  gather_facts: false
  tasks:
    - shell: sleep $LONG & sleep $LONG
      timeout: "{{ seconds | default(0) }}"
      ignore_errors: true
    - command: echo "the shell goes on"
      when: seconds is defined
YAML

all_sleep() {
    (($(sleeping) == 2 * $(names | wc -l)))
}

none_sleeps() {
    (($(sleeping) == 0))
}

play "$work/sleep.yml" -e seconds=2
check 'hosts go on after a task that ran out of time' equal 0 "$status"
check 'which is ended there, with its children' await 3 none_sleeps

# interrupted SIGNAL STATUS
interrupted() {
    local pid began
    out=$work/out err=$work/err status=0
    "${CLEAN[@]}" "$HOSTLER" play -i "$inventory" "$work/sleep.yml" >"$out" 2>"$err" </dev/null &
    pid=$!
    check "all hosts sleep (SIG$1)" await 30 all_sleep
    began=$EPOCHREALTIME
    kill -s "$1" "$pid"
    wait "$pid" || status=$?
    check "SIG$1 ends the run within 3 seconds" within 3 \
        "$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')"
    check "with status $2" equal "$2" "$status"
    check 'nothing of it goes on there' await 3 none_sleeps
}
set -m # a background job of a shell without job control ignores SIGINT
interrupted INT 130
interrupted TERM 143
set +m

# --- hosts that are not there ----------------------------------------------------------------------

# unreachable MESSAGE VARIABLES...: of a host with these variables.
unreachable() {
    local message=$1
    echo "gone ${*:2}" >"$work/gone"
    hostler run gone -i "$work/gone" -b -m command -a true
    check "$2: $message" contains "$err" "$message"
    check "$2: unreachable" equal 4 "$status"
}

unreachable 'cannot be made the root: .*No such file' ansible_connection=chroot
unreachable 'cannot be entered: no such process' ansible_connection=nsenter ansible_nsenter_pid=4194305
mkdir "$work/empty"
unreachable 'has no such shell' ansible_connection=chroot ansible_host="$work/empty"
small_root "$work/bare" && rm "$work/bare/dev/null"
unreachable 'has no devices' ansible_connection=chroot ansible_host="$work/bare"
check 'and nothing is made there' not test -e "$work/bare/dev/null"
unreachable "there is no program 'kubectl-that-is-not-here'" ansible_connection=podman \
    ansible_podman_executable=kubectl-that-is-not-here
if is_possible podman; then
    unreachable "container 'gone' .podman. does not exist" ansible_connection=podman
    unreachable "container 'stopped' .podman. does not run" ansible_connection=podman \
        ansible_host=stopped
    unreachable 'has no such shell' ansible_connection=podman ansible_host=running \
        ansible_executable=/bin/fish
fi
if is_possible buildah; then
    unreachable "container 'gone' .buildah. does not exist" ansible_connection=buildah
fi
if is_possible docker; then
    unreachable "container 'gone' .docker. does not exist" ansible_connection=docker
    unreachable "container 'ended-in-docker' .docker. does not run" ansible_connection=docker \
        ansible_host=ended-in-docker
    unreachable 'has no such shell' ansible_connection=docker ansible_host=running-in-docker \
        ansible_executable=/bin/fish
    unreachable 'has no such user' ansible_connection=docker ansible_host=running-in-docker \
        ansible_docker_user=nobody-here
    docker pause running-in-docker >/dev/null
    unreachable 'is paused' ansible_connection=docker ansible_host=running-in-docker
    docker unpause running-in-docker >/dev/null
    kill -STOP "$dockerd"
    unreachable 'did not answer within 1 s' ansible_connection=docker \
        ansible_host=running-in-docker ansible_docker_timeout=1
    kill -CONT "$dockerd"
fi
if command -v docker >/dev/null; then
    unreachable 'cannot be reached: docker.s daemon' ansible_connection=docker \
        ansible_docker_extra_args="-H=unix:///nonexistent/socket"
else
    unreachable "there is no program 'docker'" ansible_connection=docker
fi
if is_possible lxc; then
    unreachable 'does not run, or there is none' ansible_connection=lxc
fi

# A container that ends under a command.
if is_possible podman; then
    echo 'doomed ansible_connection=podman' >"$work/hosts"
    "${CLEAN[@]}" timeout 60 "$HOSTLER" play -i "$work/hosts" "$work/sleep.yml" >"$work/out" \
        2>"$work/err" </dev/null &
    pid=$!
    check 'the doomed container sleeps' await 30 all_sleep
    podman kill doomed >/dev/null
    status=0
    wait "$pid" || status=$?
    check 'a container that ends under a command is unreachable' equal 4 "$status"
fi
end
