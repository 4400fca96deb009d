#!/bin/bash
# delegation.sh - tasks that are delegated to a host which is not in the inventory: it is reached by its
# name, by the variables of `all`; several workers go there at once, and its connections are kept.
#
# usage: delegation.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

start_hosts debian:1
address=$(fleet list | cut -d' ' -f3)
{
    printf 'here%d ansible_connection=local\n' {1..12}
    sed -n '/^\[all:vars\]/,$p' "$inventory"
} >"$work/hosts"

cat >"$work/site.yml" <<'YAML'
- hosts: all
  gather_facts: false
  tasks:
    - command: uname -n
      delegate_to: "{{ address }}"
      register: first
    - command: uname -n
      delegate_to: "{{ address }}"
      register: second
    - setup: { gather_subset: ["!all", "!min", "platform"] }
      delegate_to: "{{ item }}"
      delegate_facts: true
      loop: ["{{ address }}", "{{ inventory_hostname }}"]
    - add_host: { name: "{{ address }}" }
    - debug:
        msg: "{{ [first.stdout, second.stdout, hostvars[address].ansible_hostname,
          ansible_hostname == first.stdout] | join(' ') }}"
YAML

cat >"$work/free.yml" <<'YAML'
- hosts: all
  gather_facts: false
  strategy: free
  tasks:
    - set_fact: { "of_{{ inventory_hostname }}": "{{ range(500) | list }}" }
      delegate_to: far
      delegate_facts: true
- hosts: here1
  gather_facts: false
  tasks:
    - add_host: { name: far }
    - debug: { msg: "{{ hostvars.far | select('match', 'of_here') | length }}" }
YAML

# Each host's own thread writes to it (its groups change) while others do (facts).
cat >"$work/crossed.yml" <<'YAML'
- hosts: all
  gather_facts: false
  strategy: free
  vars: { next: "here{{ (inventory_hostname | replace('here', '') | int) % 12 + 1 }}" }
  tasks:
    - set_fact: { one: "{{ item }} of {{ inventory_hostname }}" }
      delegate_to: "{{ next }}"
      delegate_facts: true
      loop: [1, 2, 3]
    - group_by: { key: "g_{{ inventory_hostname }}" }
    - set_fact: { two: "{{ item }} of {{ inventory_hostname }}" }
      delegate_to: "{{ next }}"
      delegate_facts: true
      loop: [4, 5]
    - group_by: { key: "h_{{ inventory_hostname }}" }
- hosts: all
  gather_facts: false
  tasks:
    - debug: { msg: "{{ one }}, {{ two }}, {{ group_names | select('match', '^[gh]_') | length }}" }
YAML

inventory=$work/hosts
play "$work/site.yml" -e "address=$address" -f 12 -v
check 'all reach the host that is not in the inventory' equal 0 "$status"
check 'and run there, and its facts are its own' \
    equal 12 "$(grep -c '"msg": "debian1 debian1 debian1 False"' "$out")"
check 'it is told where a task ran' contains "$out" "^changed: \\[here1 -> $address\\]"
check 'it is not among the hosts in the end' not contains "$out" "^$address "
logins=$(grep -c 'Accepted publickey' "$work/fleet/hosts/debian1/log")
check 'one connection for a worker is enough for all of its tasks' test "$logins" -ge 1 -a "$logins" -le 12
play "$work/free.yml" -f 12
check 'what all hosts tell of one at once is all kept' contains "$out" '"msg": "12"'
for _ in {1..5}; do
    play "$work/crossed.yml" -f 12
    check 'what hosts tell of each other is kept, while their groups change' \
        equal 12 "$(grep -cE '"msg": "3 of here[0-9]+, 5 of here[0-9]+, 2"' "$out")"
done
end
