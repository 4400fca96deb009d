#!/bin/bash
# transport.sh - connections, channels and shells on real hosts, some of them with odd manners.
#
# usage: transport.sh TEST_TRANSPORT
#
# debian1: a user 'noisy', whose profile prints, and who may not run sudo; a program that overhears
# debian2: sudo wants a terminal; the sshd takes certificates
# debian3: the sshd takes no plain passwords, and wants two proofs of deploy
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=../common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../common"

start_hosts debian:3,bare:1,tight:1
keys=$work/keys
mkdir "$keys"

# --- keys ------------------------------------------------------------------------------------------

cp "$work/fleet/id_ed25519" "$keys/encrypted"
cp "$work/fleet/id_ed25519.pub" "$keys/encrypted.pub"
ssh-keygen -q -p -P '' -N 'open sesame' -f "$keys/encrypted" >/dev/null
ssh-keygen -q -t ed25519 -N 'open sesame' -f "$keys/stranger"
ssh-keygen -q -t ed25519 -N '' -f "$keys/authority"
ssh-keygen -q -t ed25519 -N '' -f "$keys/certified"
ssh-keygen -q -s "$keys/authority" -I test -n deploy "$keys/certified.pub"

ssh-agent -D -a "$keys/agent" >/dev/null &
while [[ ! -S $keys/agent ]]; do
    sleep 0.01
done
SSH_AUTH_SOCK=$keys/agent ssh-add -q "$work/fleet/id_ed25519"

# --- known_hosts files -----------------------------------------------------------------------------

address=$(<"$work/fleet/hosts/debian1/address")
read -r _ type key _ < <(grep -F "$address " "$work/fleet/known_hosts")
read -r _ other _ <"$keys/stranger.pub"
ssh-keygen -q -t ecdsa -N '' -f "$keys/ecdsa"
: >"$keys/empty"
echo "$address $type $key" >"$keys/hashed"
ssh-keygen -q -H -f "$keys/hashed" 2>/dev/null >/dev/null
echo "$address $type $other" >"$keys/changed"
printf '%s\n' '# several' '' "$address,x $type $other" "y,127.* $type $key" >"$keys/several"
echo "$address $(cut -d' ' -f1,2 "$keys/ecdsa.pub")" >"$keys/type"
printf '%s\n' "$address $type $key" "@revoked * $type $key" >"$keys/revoked"

# --- manners ---------------------------------------------------------------------------------------

# on HOST SCRIPT: run by its sh.
on() {
    fleet exec "$1" sh -c "$2"
}

reload_sshd() {
    # shellcheck disable=SC2016 # for the host's sh
    on "$1" 'kill -HUP $(pgrep -of "sshd: .*listener")'
    sleep 0.3
}

# shellcheck disable=SC2016 # for the host's sh
on debian1 '
    useradd --create-home --shell /bin/bash --uid 1100 noisy
    echo noisy:noise | chpasswd
    install -d -o noisy /home/noisy/.ssh
    cp ~deploy/.ssh/authorized_keys /home/noisy/.ssh/ 2>/dev/null ||
        cp /etc/ssh/authorized_keys /home/noisy/.ssh/
    chown -R noisy /home/noisy
    printf "%s\n" "echo Welcome" "echo Beware >&2" "printf partial" >/home/noisy/.bashrc
    cat >/usr/local/bin/greedy <<"END"
#!/bin/sh
printf "Password: "
echo "[sudo] password for ops: " >&2
exec cat >>/tmp/overheard
END
    chmod 755 /usr/local/bin/greedy
    : >/tmp/overheard
    chmod 666 /tmp/overheard
'
on debian2 'echo "Defaults requiretty" >/etc/sudoers.d/tty; chmod 440 /etc/sudoers.d/tty'
fleet exec debian2 tee /etc/ssh/authority <"$keys/authority.pub" >/dev/null
on debian2 'echo "TrustedUserCAKeys /etc/ssh/authority" >>/etc/ssh/sshd_config.d/odd.conf'
reload_sshd debian2
on debian3 "
    printf '%s\n' 'PasswordAuthentication no' 'Match User deploy' \
        '    AuthenticationMethods publickey,keyboard-interactive' >/etc/ssh/sshd_config.d/00-odd.conf
    echo 'deploy:$(<"$work/fleet/ops-password")' | chpasswd
"
reload_sshd debian3

# shellcheck disable=SC2016 # the script's own arguments
printf '#!/bin/sh\nexec "%s" "$1" "%s" "$2"\n' "$FLEET" "$work/fleet" >"$keys/do"
chmod 755 "$keys/do"

env -u SSH_AUTH_SOCK "$HOSTLER" "$work/fleet" "$keys"
