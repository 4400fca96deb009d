#!/bin/bash
# faults.sh - the fault matrix: what a run does when something breaks, by fault and by the moment it
# breaks at: while it connects, observes, applies, is in the middle of an upload, in a handler.
#
# In each cell: the run ends in bounded time, with the right status of the host and exit status; other
# hosts of the same run are done; the file is the old one or the new one; the run after the fault was
# mended converges and leaves nothing behind. The table is printed behind the checks:
#
#     reset/apply: unreachable 4, 0.9 s, old, 0 left
#
# "left" counts our temporary files in the directory once the host had a moment to clean up. Where
# nobody could (the host lost its power, the file system became read-only) one is left, and the first
# write into that directory after a day removes it: here it is made to look that old.
#
# usage: faults.sh HOSTLER PROXY [MOMENT|FAULT...]   default: all, in 80 s on 2 CPUs
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"
# shellcheck source-path=SCRIPTDIR source=faults/rows
source "$HERE/faults/rows"

PROXY=$(realpath "${2:?which proxy?}")
readonly PROXY
readonly LINE_PORT=22022
readonly CONNECT_SECONDS=5  # -T
readonly CELL_SECONDS=45    # a run in which something broke, with 20 others on the same machine
readonly SETTLE_SECONDS=5   # for a host to clean up

# chosen NAME...: those of them that were asked for; all, if none was.
chosen() {
    local name any=()
    for name in "$@"; do
        [[ " ${wanted[*]-} " != *" $name "* ]] || any+=("$name")
    done
    ((${#any[@]} > 0)) && printf '%s\n' "${any[@]}" || printf '%s\n' "$@"
}
wanted=("${@:3}")
mapfile -t moments < <(chosen "${MOMENTS[@]}")
mapfile -t faults < <(chosen "${ROWS[@]%% *}" | while read -r name; do
    if [[ $(type -t "possible_$name") != function ]] || "possible_$name" >"$work/possible" 2>&1; then
        echo "$name"
    else
        echo "# $name is left out: $(tail -n 1 "$work/possible")" >&2
    fi
done)

# --- hosts -------------------------------------------------------------------------------------------

declare -A victim=() upper=() words_to=() words_from=()

# Each fault has a host of its own behind a line of its own; one host more, and a bare one, are well.
start_victims() {
    local name number=1
    start_hosts "debian:$((${#faults[@]} + 1)),bare:1"
    for name in "${faults[@]}"; do
        victim[$name]=debian$((++number))
        upper[$name]=$(fleet upper "${victim[$name]}")
        start_line "${victim[$name]}"
        prepare_host "${victim[$name]}"
    done
    readonly WELL=(debian1 bare1)
    for name in "${WELL[@]}"; do
        fleet exec "$name" mkdir -p /srv/data
    done
}

start_line() {
    local host=$1 address key to from
    address=$(<"$work/fleet/hosts/$host/address")
    key=$(cut -d' ' -f1,2 "$work/fleet/hosts/$host/key.pub")
    echo "[$address]:$LINE_PORT $key" >>"$work/fleet/known_hosts"
    mkfifo "$work/to-$host" "$work/from-$host"
    "$PROXY" "$address" "$LINE_PORT" "$address" "$(<"$work/fleet/port")" \
        <"$work/to-$host" >"$work/from-$host" 2>"$work/proxy-$host" &
    exec {to}>"$work/to-$host" {from}<"$work/from-$host"
    words_to[$host]=$to words_from[$host]=$from
}

# line HOST WORD...: see proxy.c.
line() {
    local answer=''
    echo "${*:2}" >&"${words_to[$1]}"
    until [[ $answer = ok ]]; do
        read -r -t 10 answer <&"${words_from[$1]}" || return
        [[ $answer = ok ]] || : >"$work/reached-$1"
    done
}

# A program in front of another of the same name, that waits while a file tells it to.
# shellcheck disable=SC2016 # it is the host's sh that expands it
readonly WAITING='#!/bin/sh
read -r which 2>/dev/null </hold/NAME && case " $* " in *"$which"*)
    : >/hold/reached
    while [ -e /hold/NAME ]; do sleep 0.05; done ;;
esac
exec /usr/bin/NAME "$@"'

prepare_host() {
    local name
    for name in stat sync; do
        # shellcheck disable=SC2016 # the same
        fleet exec "$1" sh -c 'mkdir -p /hold /srv/data; chmod 777 /hold /srv/data
            cat >"/usr/local/bin/$0"; chmod 755 "/usr/local/bin/$0"' "$name" <<<"${WAITING//NAME/$name}"
    done
}

# settings HOST VARIABLE=VALUE: of the next run.
settings() {
    sed -i "/^$1 /s|\$| $2|" "$work/cells/${1}.inventory"
}

# --- one moment --------------------------------------------------------------------------------------

cat >"$work/site.yml" <<'YAML'
- hosts: all
  become: "{{ inventory_hostname is search('debian') }}"
  gather_facts: false
  tasks:
    - name: Write
      copy:
        src: "{{ source }}"
        dest: "/srv/data/{{ file }}"
        mode: "0644"
      when: moment != 'handler'
    - name: Notify
      command: "true"
      notify: Write later
      when: moment == 'handler'
  handlers:
    - name: Write later
      copy:
        src: "{{ source }}"
        dest: "/srv/data/{{ file }}"
        mode: "0644"
YAML
echo 'the new file' >"$work/small"
head -c 1048576 /dev/urandom >"$work/large"

source_of() {
    case $1 in
    upload) echo "$work/large" ;;
    *) echo "$work/small" ;;
    esac
}

# rows_at MOMENT: "NAME EXPECTATION" of each row that can be at that moment.
rows_at() {
    local row cells index
    for index in "${!MOMENTS[@]}"; do
        [[ ${MOMENTS[index]} = "$1" ]] && break
    done
    for row in "${ROWS[@]}"; do
        read -ra cells <<<"$row" # the first is the name
        [[ ${cells[index + 1]} = - || " ${faults[*]} " != *" ${cells[0]} "* ]] || echo "${cells[0]} ${cells[index + 1]}"
    done
}

# arm NAME MOMENT: the run is to stop there.
arm() {
    local host=${victim[$1]}
    rm -f "$work/reached-$host"
    case $2 in
    connect) line "$host" stall 1200 ;; # in the exchange of keys
    observe) fleet exec "$host" sh -c 'echo /srv/data/target >/hold/stat' ;;
    apply | handler) fleet exec "$host" sh -c 'echo /srv/data/.hostler- >/hold/sync' ;;
    upload) line "$host" stall 300000 ;;
    esac
}

reached() {
    local host=${victim[$1]} word
    case $2 in
    connect | upload)
        [[ -e $work/reached-$host ]] ||
            { read -r -t 0 -u "${words_from[$host]}" && read -r -t 1 word <&"${words_from[$host]}" && [[ $word = reached ]]; }
        ;;
    *) [[ -e ${upper[$1]}/hold/reached ]] ;;
    esac
}

# start NAME MOMENT FILE: a run on the host of the fault and the two that are well, in the background.
start() {
    local host=${victim[$1]} cell=$work/cells/$1-$3
    {
        local began=$EPOCHREALTIME status=0
        "${CLEAN[@]}" timeout --signal=KILL "$CELL_SECONDS" "$HOSTLER" play "$work/site.yml" -T "$CONNECT_SECONDS" \
            -i "$work/cells/$host.inventory" -l "$host,$(IFS=,; echo "${WELL[*]}")" \
            --ssh-extra-args '-o ServerAliveInterval=1 -o ServerAliveCountMax=2' \
            -e "source=$(source_of "$2") moment=$2" \
            >"$cell.out" 2>"$cell.err" </dev/null || status=$?
        echo "$status" >"$cell.status"
        awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f\n", b - a }' >"$cell.time"
    } &
}

new_inventory() {
    local host=${victim[$1]}
    sed -e "s|^$host .*|& ansible_port=$LINE_PORT file=target|" -e "s#^\(debian1\|bare1\) .*#& file=$1#" \
        "$inventory" >"$work/cells/$host.inventory"
}

# What lies on the host: old, new, or something else; and how much of ours beside it.
file_of() {
    local sum
    sum=$(fleet exec "${victim[$1]}" sha256sum /srv/data/target 2>/dev/null | cut -d' ' -f1)
    case $sum in
    "$OLD") echo old ;;
    "$(sha256sum <"$(source_of "$2")" | cut -d' ' -f1)") echo new ;;
    *) echo "half ($sum)" ;;
    esac
}

left_of() {
    fleet exec "${victim[$1]}" find /srv/data /tmp -name '.hostler*' | wc -l
}

nothing_left() {
    [[ $(left_of "$1") = 0 ]]
}

OLD=$(sha256sum <<<'the old file' | cut -d' ' -f1)
readonly OLD

prepare_cell() {
    local name=$1 moment=$2 host=${victim[$1]}
    new_inventory "$name"
    line "$host" pass
    fleet exec "$host" sh -c 'rm -rf /hold/* /srv/data/* /srv/data/.h*; echo "the old file" >/srv/data/target'
    if early "$name" "$moment"; then
        "fault_$name" "$host" "$moment"
    else
        [[ $name != readonly ]] || on_disk "$host" '-t tmpfs -o size=4m tmpfs'
        arm "$name" "$moment"
    fi
}

run_moment() {
    local moment=$1 name expected rows
    mapfile -t rows < <(rows_at "$moment")
    rm -rf "$work/cells"
    mkdir "$work/cells"
    for name in "${rows[@]% *}"; do
        prepare_cell "$name" "$moment"
    done
    for name in "${rows[@]% *}"; do
        start "$name" "$moment" first
    done
    break_hosts "$moment" "${rows[@]% *}"
    wait_for_runs "${rows[@]/% */-first}"
    for name in "${rows[@]% *}"; do
        mend "$name" "$moment"
    done
    for name in "${rows[@]% *}"; do
        await "$SETTLE_SECONDS" nothing_left "$name"
        file_of "$name" "$moment" >"$work/cells/$name-first.file"
        left_of "$name" >"$work/cells/$name-first.left"
        let_it_age "$name"
        new_inventory "$name"
    done
    for name in "${rows[@]% *}"; do
        start "$name" "$moment" again
    done
    wait_for_runs "${rows[@]/% */-again}"
    for name in "${rows[@]}"; do
        read -r name expected <<<"$name"
        check_cell "$name" "$moment" "$expected"
    done
}

# As each run reaches the moment.
break_hosts() {
    local moment=$1 name left=() still
    shift
    for name in "$@"; do
        early "$name" "$moment" || left+=("$name")
    done
    local end=$((SECONDS + 30))
    while ((${#left[@]} > 0 && SECONDS < end)); do
        still=()
        for name in "${left[@]}"; do
            if reached "$name" "$moment"; then
                "fault_$name" "${victim[$name]}" "$moment" || echo "# $name/$moment: the fault did not come about"
            else
                still+=("$name")
            fi
        done
        left=("${still[@]+"${still[@]}"}")
        sleep 0.05
    done
    for name in "${left[@]+"${left[@]}"}"; do
        echo "# $name/$moment: the run never came there"
    done
}

wait_for_runs() {
    local cell
    for cell in "$@"; do
        await "$CELL_SECONDS" test -e "$work/cells/$cell.time"
    done
}

mend() {
    local name=$1 host=${victim[$1]}
    line "$host" pass
    if [[ $(type -t "mend_$name") = function ]]; then
        "mend_$name" "$host"
    fi
    fleet exec "$host" sh -c 'rm -f /hold/*'
}

# --- judging -----------------------------------------------------------------------------------------

declare -A counted=([ok]='unreachable=0 failed=0' [failed]='unreachable=0 failed=1' [unreachable]='unreachable=1 failed=0')
declare -A exit_of=([ok]=0 [failed]=2 [unreachable]=4)
table=()

check_cell() {
    local name=$1 moment=$2 expected=$3 cell=$work/cells/$1-first file left
    file=$(<"$cell.file") left=$(<"$cell.left")
    out=$cell.out err=$cell.err status=$(<"$cell.status")
    table+=("$(printf '%-10s %-8s %-12s %3s  %5s s  %-4s %s' "$name" "$moment" "$(status_in "$cell" "$name")" \
        "$status" "$(<"$cell.time")" "$file" "$left")")
    check "$name/$moment: $expected" as_expected "$name" "$expected" "$file"
    out=$work/cells/$name-again.out err=$work/cells/$name-again.err status=$(<"$work/cells/$name-again.status")
    check "$name/$moment: the next run converges" converged "$name" "$moment"
}

# The state of the host as the recap tells it.
status_in() {
    local recap
    recap=$(out=$1.out recap "${victim[$2]}")
    case $recap in
    *unreachable=1*) echo unreachable ;;
    *failed=1*) echo failed ;;
    *unreachable=0*) echo ok ;;
    *) echo nothing ;;
    esac
}

as_expected() {
    local name=$1 expected=$2 file=$3 host
    equal "${exit_of[$expected]}" "$status" || return
    [[ $(recap "${victim[$name]}") = *"${counted[$expected]}"* ]] || {
        echo "recap: $(recap "${victim[$name]}")"
        return 1
    }
    contains "$out" "${WORDS[$name]-}" || return
    for host in "${WELL[@]}"; do
        [[ $(recap "$host") = ok=[12]*" unreachable=0 failed=0"* ]] || {
            echo "$host: $(recap "$host")"
            return 1
        }
    done
    [[ $file = old || $file = new ]] || {
        echo "the file is $file"
        return 1
    }
    [[ $expected != ok || $file = new ]]
}

# What was left lies there for a day.
let_it_age() {
    fleet exec "${victim[$1]}" find /srv/data -name '.hostler*' -exec touch -d '25 hours ago' {} +
}

converged() {
    equal 0 "$status" && equal new "$(file_of "$1" "$2")" && await "$SETTLE_SECONDS" nothing_left "$1"
}

start_victims
for moment in "${moments[@]}"; do
    run_moment "$moment"
done
printf '# %s\n' 'fault      moment   status      exit  time     file left' "${table[@]}"
end
