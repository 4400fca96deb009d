#!/bin/bash
# no-stat.sh - a host without the program stat, as many routers are: files and links are managed there
# as elsewhere, trees too, and a second run finds nothing to do.
#
# usage: no-stat.sh HOSTLER
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common"

mkdir -p "$work/tree/below"
echo here >"$work/tree/below/file"
odd=$'..deep er/new\nline'
mkdir -p "$work/tree/.below/$odd" "$work/tree/empty"
echo there >"$work/tree/.below/$odd/*"
ln -s 'below -> ./file' "$work/tree/.below/a -> b"
ln -s ../below "$work/tree/.below/dir"
cat >"$work/site.yml" <<'YAML'
- hosts: debian1,debian2
  become: true
  gather_facts: false
  tasks:
    - command: useradd -M a-user-with-a-long-name
      args: { creates: /srv/a }
    - file: { path: /srv/a, state: directory, mode: "1775", owner: a-user-with-a-long-name, group: daemon }
    - copy: { content: "one\n", dest: "/srv/a/a -> file*", mode: "4750", owner: daemon }
    - copy: { content: "{{ 'two\n' * 2000 }}", dest: /srv/a/two }
    - file: { src: "a -> file*", dest: /srv/a/link, state: link }
    - file: { src: /srv/a/two, dest: /srv/a/hard, state: hard }
    - copy: { content: "", dest: /srv/three, force: false }
    - lineinfile: { path: /srv/three, line: three }
    - file: { path: /srv/a/none, state: absent }
    - stat: { path: /srv/a/link, follow: true }
      register: followed
    - stat: { path: /dev/null }
      register: device
    - assert:
        that:
          - followed.stat.mode == '4750' and followed.stat.isreg and followed.stat.size == 4
          - followed.stat.mtime > 1000000000
          - device.stat.ischr and device.stat.mode == '0666'
YAML
cat >"$work/tree.yml" <<YAML
- hosts: debian1,debian2
  become: true
  gather_facts: false
  tasks:
    - copy: { src: "$work/tree/", dest: /srv/a }
    - copy: { src: /srv/a/, dest: /srv/b, remote_src: true }
    - file: { path: /srv/b/below, owner: daemon, mode: u+rwX, recurse: true }
YAML

listing() {
    fleet exec "$1" sh -c 'cd /srv/a && ls -lAR | sed "s/ [A-Z][a-z][a-z] .*:.. / /" && cat two ../three'
}
trees() {
    fleet exec "$1" sh -c 'cd /srv/b && ls -lARQ . | sed "s/ [A-Z][a-z][a-z] .*:.. / /" && find . -type f -exec cat {} +'
}

start_hosts debian:2
fleet exec debian1 rm /usr/bin/stat
play "$work/site.yml"
check 'the first run' equal 0 "$status"
check 'makes what is made elsewhere' equal "$(listing debian2)" "$(listing debian1)"
play "$work/site.yml"
check 'the second run' equal 0 "$status"
check 'has nothing to do' contains "$out" '^debian1 .* changed=0 '
check 'nor elsewhere' contains "$out" '^debian2 .* changed=0 '
play "$work/tree.yml"
check 'trees are copied' contains "$out" '^debian1 .* ok=3 .*changed=3 '
check 'as elsewhere' equal "$(trees debian2)" "$(trees debian1)"
play "$work/tree.yml"
check 'once' contains "$out" '^debian1 .* ok=3 .*changed=0 '
end
