#!/bin/bash
# ahead.sh - what tasks to come will ask is asked ahead: it saves round trips, and no task sees what was
# before a change, whoever made it.
#
# usage: ahead.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

start_hosts debian:2
root=$(fleet root debian2)

# trips: of the last run, as its summary tells
trips() {
    sed -nE 's/.* s, ([0-9]+) round trips?.*/\1/p' "$err"
}

# --- how much it saves -----------------------------------------------------------------------------

cat >"$work/quiet.yml" <<'YAML'
- hosts: debian1
  gather_facts: false
  vars: { dir: /home/deploy/quiet, names: [a, b, c, d, e, f, g, h, i, j] }
  tasks:
    - file: { path: "{{ dir }}", state: directory, mode: "0755" }
    - copy: { content: "of {{ item }}\n", dest: "{{ dir }}/{{ item }}", mode: "0644" }
      loop: "{{ names }}"
    - debug: { msg: "{{ names | length }}" }
    - name: a block
      when: names is defined
      block:
        - lineinfile: { path: "{{ dir }}/{{ item }}", line: "more of {{ item }}", insertafter: EOF }
          loop: "{{ names }}"
          when: item is match('[x-z]')
        - stat: { path: "{{ dir }}/{{ item }}" }
          with_items: "{{ names }}"
        - file: { path: "{{ dir }}/{{ item }}", mode: "0644" }
          loop: "{{ names }}"
    - stat: { path: "{{ dir }}/{{ names[-1] }}" }
      register: last
    - assert: { that: last.stat.size == 5 }
YAML
play "$work/quiet.yml"
check 'a first run changes' equal 0 "$status"
play "$work/quiet.yml"
check 'a second run finds nothing to do' contains "$out" '^debian1 .* ok=7 +changed=0 .* skipped=1 '
check 'and makes few round trips for its 32 questions' test "$(trips)" -le 12
play "$work/quiet.yml" --check --diff
check 'so does a dry run' test "$(trips)" -le 12

# What stands behind a section or a role goes along, too; and handlers run in between.
for role in one two three four five six; do
    mkdir -p "$work/roles/$role/tasks"
    cat >"$work/roles/$role/tasks/main.yml" <<YAML
- stat: { path: "/home/deploy/{{ dir }}" }
- file: { path: "/home/deploy/{{ dir }}/$role", state: directory, mode: "0755" }
- copy: { content: of $role, dest: "/home/deploy/{{ dir }}/$role/text", mode: "0644" }
YAML
done
cat >"$work/sections.yml" <<'YAML'
- hosts: debian1
  gather_facts: false
  vars: { dir: quiet }
  pre_tasks:
    - stat: { path: /home/deploy/flag }
      register: before
    - copy: { content: x, dest: /home/deploy/trigger }
      notify: raise
  roles: [one, { role: two }, { role: three, tags: third }, four, five, six]
  tasks:
    - stat: { path: /home/deploy/flag }
      register: after
    - debug: { msg: "{{ before.stat.exists }} {{ after.stat.exists }}" }
  post_tasks:
    - file: { path: /home/deploy/quiet, state: directory, mode: "0755" }
  handlers:
    - name: raise
      copy: { content: up, dest: /home/deploy/flag }
YAML
play "$work/sections.yml"
check 'what a handler did is seen behind it' contains "$out" '"msg": "False True"'
play "$work/sections.yml"
check 'a second run of roles finds nothing to do' contains "$out" '^debian1 .* changed=0 .* failed=0 '
check 'and makes few round trips for all sections' test "$(trips)" -le 11

# A path below `~` has to be expanded first: what is asked about it goes along, with the home of before.
cat >"$work/home.yml" <<'YAML'
- hosts: debian1
  gather_facts: false
  tasks:
    - file: { path: ~/quiet, state: directory, mode: "0755" }
    - file: { path: "~/quiet/{{ item }}", mode: "0644" }
      loop: [a, b, c, d, e, f, g, h]
    - stat: { path: ~deploy/quiet/a }
    - stat: { path: quiet/b }
    - command: { cmd: "true", creates: ~/quiet/c, chdir: ~/quiet }
    - stat: { path: ~root }
      become: true
YAML
play "$work/home.yml"
check 'paths below ~ are found as they are' contains "$out" '^debian1 .* changed=0 .* failed=0 '
below_homes=$(trips)
sed -i -E 's#~deploy|~/#/home/deploy/#; s#~root#/root#; s#path: quiet#path: /home/deploy/quiet#' "$work/home.yml"
play "$work/home.yml"
check 'and cost a round trip for each home that is new, no more' test "$below_homes" -le "$(($(trips) + 3))"

cat >"$work/moved.yml" <<'YAML'
- hosts: debian1
  gather_facts: false
  tasks:
    - stat: { path: "~/{{ item }}" }
      loop: [quiet, quiet/a, quiet/b]
    - shell: sed -i s=/home/deploy=/home/moved= "{{ root }}/etc/passwd"
      delegate_to: localhost
    - stat: { path: ~/quiet }
      register: moved
    - file: { path: "~", state: directory }
      register: made
      become: true
      become_user: deploy
      check_mode: true
    - shell: sed -i s=/home/moved=/home/deploy= "{{ root }}/etc/passwd"
      delegate_to: localhost
    - stat: { path: ~/quiet }
      register: back
    - stat: { path: ~nobody_of_that_name/x }
      ignore_errors: true
    - debug: { msg: "{{ moved.stat.exists }} {{ made.path }} {{ back.stat.exists }}" }
YAML
play "$work/moved.yml" -e "root=$(fleet root debian1)"
check 'a home that moves is found where it is' contains "$out" '"msg": "False /home/moved True"'
check 'who has none is told' contains "$out" "could not expand the path '~nobody_of_that_name/x': no such user"

cat >"$work/named.yml" <<'YAML'
- hosts: debian1
  gather_facts: false
  vars: { name: stat }
  tasks:
    - action: "{{ name }} path=/home/deploy/quiet/{{ item }}"
      loop: [a, b, c]
    - action: "{{ name }} path=~/quiet/{{ item }}"
      loop: [a, b, c]
YAML
play "$work/named.yml"
check 'modules may be named by templates' contains "$out" '^debian1 .* ok=2 .* failed=0 '

# --- whoever changes something ---------------------------------------------------------------------

# Each task looks behind a change that is made in another way. The loops before make that so many tasks
# are asked ahead with the last item as reach beyond the change.
cat >"$work/changes.yml" <<'YAML'
- hosts: debian2
  gather_facts: false
  vars: { file: /home/deploy/seen, quiet: [/etc, /usr, /var, /opt] }
  tasks:
    - file: { path: "{{ file }}", state: absent }
    - stat: { path: "{{ item }}" }
      loop: "{{ quiet }}"
    - stat: { path: "{{ file }}" }
      register: before
    - copy: { content: "1", dest: "{{ file }}" }
    - stat: { path: "{{ file }}" }
      register: a_module
    - stat: { path: "{{ item }}" }
      loop: "{{ quiet }}"
    - shell: printf 22 >"{{ file }}"
    - stat: { path: "{{ file }}" }
      register: a_command
    - stat: { path: "{{ item }}" }
      loop: "{{ quiet }}"
    - shell: printf 333 >"{{ root }}{{ file }}"
      delegate_to: localhost
    - stat: { path: "{{ file }}" }
      register: somebody_else
    - stat: { path: "{{ item }}" }
      loop: "{{ quiet }}"
    - debug: { msg: "{{ lookup('pipe', 'printf 4444 >' ~ root ~ file) }}" }
    - stat: { path: "{{ file }}" }
      register: a_lookup
    - stat: { path: "{{ item }}" }
      loop: "{{ quiet }}"
    - pause: { seconds: 1 }
    - stat: { path: "{{ file }}" }
      register: a_pause
    - stat: { path: "{{ item }}" }
      loop: "{{ quiet }}"
    - name: the last of a loop sees what the first has done
      lineinfile: { path: "{{ file }}", line: one, regexp: "^(4444|one)" }
      loop: [1, 2, 3]
      register: a_loop
    - shell: (sleep 0.5; rm "{{ file }}") >/dev/null 2>&1 &
    - stat: { path: "{{ item }}" }
      loop: "{{ quiet }}"
    - stat: { path: "{{ file }}" }
      register: gone
      until: not gone.stat.exists
      retries: 14
      delay: 0.1
    - copy: { content: of root, dest: "{{ file }}", mode: "0600" }
      become: true
    - stat: { path: "{{ item }}" }
      loop: "{{ quiet }}"
    - stat: { path: "{{ file }}", get_checksum: false }
      register: as_deploy
    - stat: { path: "{{ file }}", get_checksum: false }
      become: true
      register: as_root
    - name: what a variable is set to in between
      set_fact: { file: /etc/hostname }
    - stat: { path: "{{ file }}" }
      register: set_fact
    - debug:
        msg: >-
          {{ before.stat.exists }} {{ a_module.stat.size }} {{ a_command.stat.size }}
          {{ somebody_else.stat.size }} {{ a_lookup.stat.size }} {{ a_pause.stat.size }}
          {{ a_loop.results | map(attribute='changed') | join(',') }}
          {{ gone.attempts > 1 }} {{ as_deploy.stat.readable }} {{ as_root.stat.readable }}
          {{ set_fact.stat.path }}
YAML
play "$work/changes.yml" -e "root=$root"
check 'no task sees what was before a change' contains "$out" \
    '"msg": "False 1 2 3 4 4 True,False,False True False True /etc/hostname"'
check 'and the run ends well' equal 0 "$status"

# --- another host ----------------------------------------------------------------------------------

cat >"$work/other.yml" <<'YAML'
- hosts: all
  gather_facts: false
  strategy: "{{ how }}"
  vars: { quiet: [/etc, /usr, /var, /opt, /srv] }
  tasks:
    - file: { path: /home/deploy/told, state: absent }
    - stat: { path: "{{ item }}" }
      loop: "{{ quiet }}"
    - name: a host makes a file on the other one
      copy: { content: hello, dest: /home/deploy/told }
      delegate_to: debian2
      when: inventory_hostname == 'debian1'
    - stat: { path: /home/deploy/told }
      register: told
    - debug: { msg: "{{ inventory_hostname }} {{ told.stat.exists }}" }
YAML
play "$work/other.yml" -e how=linear
check 'a host sees what another one has done to it' contains "$out" '"msg": "debian2 True"'
check 'and the other one has nothing' contains "$out" '"msg": "debian1 False"'
play "$work/other.yml" -e how=free
check 'hosts that go their own ways share the count of changes' equal 0 "$status"

# --- mistakes in tasks to come ---------------------------------------------------------------------

cat >"$work/mistake.yml" <<'YAML'
- hosts: debian1
  gather_facts: false
  vars: { quiet: { path: /home/deploy, state: directory } }
  tasks:
    - file: "{{ quiet }}"
    - file: "{{ quiet }}"
    - file: "{{ quiet }}"
    - copy: { content: "{{ never_set }}", dest: /home/deploy/never }
      when: later is defined
    - file: { path: "/home/deploy/{{ lookup('pipe', 'echo once | tee -a ' ~ log) }}", state: absent }
    - stat: { path: "/home/deploy/{{ nowhere }}" }
      ignore_errors: true
    - file: { path: "/root/x/{{ item }}", state: directory }
      loop: [1, 2]
      ignore_errors: true
    - file: "{{ quiet }}"
YAML
play "$work/mistake.yml" -e "log=$work/log"
check 'mistakes are told when it is their turn, once' equal 1 "$(grep -c "'nowhere' is undefined" "$err" "$out" | awk -F: '{ n += $2 } END { print n }')"
check 'and cost no other task' contains "$out" '^debian1 .* ok=7 .* skipped=1 .* ignored=2 *$'
check 'what runs a program is looked up once, when it is its turn' equal once "$(<"$work/log")"

# --- whatever the tasks are ------------------------------------------------------------------------

# random_playbook SEED [KEYWORD]: tasks that look at and change a few files, in any order. With a time
# limit for each task (KEYWORD) nothing is asked ahead.
random_playbook() {
    awk -v seed="$1" -v keyword="${2-}" '
        function any(n) { return int(rand() * n) }
        function path() { return homes[1 + any(3)] "law/" names[1 + any(6)] }
        function result() { return "r" any(2) }
        BEGIN {
            srand(seed)
            split("a b c d d/a d/b", names)
            split("/home/deploy/ ~/ ~deploy/", homes)
            print "- hosts: debian1\n  gather_facts: false\n  ignore_errors: true"
            if (keyword != "")
                print "  " keyword
            print "  tasks:\n    - file: { path: /home/deploy/law, state: directory }"
            for (n = 20 + any(20); n > 0; n--) {
                kind = any(12)
                if (kind < 3)
                    printf "    - copy: { content: \"%d\", dest: %s, mode: \"06%d0\" }\n", 10 ^ any(3), path(), 4 * any(2)
                else if (kind == 3)
                    printf "    - file: { path: %s, state: absent }\n", path()
                else if (kind == 4)
                    print "    - file: { path: /home/deploy/law/d, state: directory }"
                else if (kind == 5)
                    printf "    - lineinfile: { path: %s, line: \"line %d\", create: true }\n", path(), any(3)
                else if (kind < 8)
                    printf "    - stat: { path: %s }\n      register: %s\n", path(), result()
                else if (kind == 8)
                    printf "    - shell: echo %d >>%s\n", any(3), path()
                else if (kind == 9)
                    printf "    - copy: { content: w, dest: %s }\n      when: %s.stat.exists | default(false)\n", path(), result()
                else if (kind == 10)
                    printf "    - file: { path: \"{{ item }}\", mode: \"0600\" }\n      loop: [%s, %s, %s]\n", path(), path(), path()
                else
                    printf "    - set_fact: { file: %s }\n    - stat: { path: \"{{ file }}\" }\n      register: %s\n", path(), result()
            }
            print "    - shell: find /home/deploy/law -type f | sort | xargs grep -H ."
        }'
}

# plays_of SEED [KEYWORD]: runs and dry runs of a playbook from nothing, as they are told, without times
# and random names; the round trips go to $trips_made.
plays_of() {
    fleet exec debian1 rm -rf /home/deploy/law
    random_playbook "$@" >"$work/law.yml"
    trips_made=0
    for mode in '' '--check --diff' '' '--check' '--diff'; do
        # shellcheck disable=SC2086 # words
        play "$work/law.yml" -v $mode
        sed -E 's/"(delta|start|end|[amc]time)": [^,]*//g; s/"(inode|src|version)": [^,]*//g' "$out"
        trips_made=$((trips_made + $(trips)))
    done >"$work/law.$#"
}

apart=0 along=0 differ=''
for seed in {1..6}; do
    plays_of "$seed" 'timeout: 600'
    apart=$((apart + trips_made))
    plays_of "$seed"
    along=$((along + trips_made))
    cmp -s "$work/law.1" "$work/law.2" || differ+=" $seed"
done
check 'random playbooks do and tell the same with and without' equal '' "$differ"
check 'and make fewer round trips' test "$along" -lt "$apart"
end
