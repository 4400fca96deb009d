#!/bin/bash
# ssh-features.sh - what `ssh HOST` can do, row by row: it works, or it is refused by name. Ends with
# the table of rows.
#
# usage: ssh-features.sh HOSTLER
#
# One host runs several sshds, each with a port and manners of its own; keys, an agent and two
# authorities are made for the run.
#
# shellcheck disable=SC2016 # for the host's sh
# shellcheck disable=SC2054 # a list of hosts ends with a comma
# shellcheck disable=SC2094 # what script prints is watched while it runs
# shellcheck disable=SC2119,SC2120 # logged has a default
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=../common
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../common"

start_hosts debian:2
address=$(<"$work/fleet/hosts/debian1/address")
other=$(<"$work/fleet/hosts/debian2/address")
key=$work/fleet/id_ed25519
known=$work/fleet/known_hosts
password=$(<"$work/fleet/ops-password")
k=$work/keys
mkdir "$k"
table=$work/table
: >"$table"

# --- running ---------------------------------------------------------------------------------------

# on SCRIPT: run by root of the host.
on() {
    fleet exec debian1 sh -c "$1"
}

# sshd PORT OPTION...: one more, in the host.
sshd() {
    local port=$1 option options=''
    shift
    for option; do
        options+=" -o '$option'"
    done
    on "/usr/sbin/sshd -p $port -o 'ListenAddress $address' -o 'PidFile none' $options" 2>/dev/null
}

# try ARGS [HOSTLER'S ARGUMENT...]: log in at $port as $user with the args of ssh.
port=22 user=deploy
try() {
    local args=$1
    shift
    hostler run all -i web, -m raw -a "${command:-echo here}" -e "ansible_host=$address" \
        -e "ansible_port=$port" -e "ansible_user=$user" --ssh-extra-args "$args" "$@"
}

# usual ARGS...: as try, by the fleet's key, which the host knows, and the host's, which we know.
usual() {
    local args=$1
    shift
    try "-F none -o UserKnownHostsFile=$known $args" --private-key "$key" "$@"
}

# typed TEXT COMMAND...: the command on a terminal of its own, where TEXT is typed when it asks.
typed() {
    local text=$1 line
    shift
    printf -v line '%q ' "${CLEAN[@]}" timeout --foreground --signal=KILL 60 "$HOSTLER" "$@"
    out=$work/out err=$work/err
    : >"$err"
    {
        for ((i = 0; i < 300; i++)); do
            grep -qE '\? $|: $|\?$|:$' "$out" 2>/dev/null && break
            sleep 0.1
        done
        printf '%s\n' "$text"
        sleep 2
    } | script -qefc "$line" /dev/null >"$out" 2>&1
    status=$?
}

# row FEATURE HOW COMMAND...: HOW is 'works', 'refused' or 'told'; the command tells whether it is so.
row() {
    local feature=$1 how=$2 before=$failures
    shift 2
    check "$feature: $how" "$@"
    ((failures == before)) || how="FAILS ($how)"
    printf '%-64s %s\n' "$feature" "$how" >>"$table"
}

# Logged in: the command's output came back. 'logged REGEXP': and it matches.
logged() {
    contains "$out" "${1:-^here}"
}

# refused REGEXP...: not logged in, and told why.
refused() {
    local regexp
    [[ $status -ne 0 ]] && not contains "$out" '^here' >/dev/null || return 1
    for regexp; do
        contains "$err" "$regexp" || return 1
    done
}

told() {
    logged && contains "$err" "$1"
}

# --- keys, an agent, authorities -------------------------------------------------------------------

for type in ed25519 rsa ecdsa; do
    ssh-keygen -q -t "$type" -N '' -f "$k/$type"
    ssh-keygen -q -t "$type" -N '' -f "$k/ca-$type"
done
for i in {1..10}; do
    ssh-keygen -q -t ed25519 -N '' -C "key $i" -f "$k/many$i"
done
cp "$key" "$k/encrypted"
cp "$key.pub" "$k/encrypted.pub"
ssh-keygen -q -p -P '' -N 'open sesame' -f "$k/encrypted" >/dev/null
for name in beside held expired; do
    ssh-keygen -q -t ed25519 -N '' -f "$k/$name"
done
ssh-keygen -q -s "$k/ca-ed25519" -I beside -n deploy "$k/beside.pub"
ssh-keygen -q -s "$k/ca-ed25519" -I held -n deploy "$k/held.pub"
ssh-keygen -q -s "$k/ca-ed25519" -I expired -n deploy -V 20200101:20210101 "$k/expired.pub"
ssh-keygen -q -t ed25519 -N '' -f "$k/agentcert"
cp "$k/agentcert.pub" "$k/c.pub"
ssh-keygen -q -s "$k/ca-ed25519" -I agentcert -n deploy "$k/c.pub"
mv "$k/c-cert.pub" "$k/elsewhere"

# agent NAME KEY...: an agent that has these keys.
agent() {
    local name=$1
    shift
    ssh-agent -D -a "$k/$name" >/dev/null &
    while [[ ! -S $k/$name ]]; do
        sleep 0.01
    done
    SSH_AUTH_SOCK=$k/$name ssh-add -q "$@" 2>/dev/null
}
agent one "$key"
agent many "$k"/many{1..10}
agent many-right "$k"/many{1..10} "$key"
agent certified "$k/held"
agent bare "$k/agentcert"

# --- sshds -----------------------------------------------------------------------------------------

fleet exec debian1 tee /etc/ssh/authority <"$k/ca-ed25519.pub" >/dev/null
on 'mkdir -p /etc/ssh/keys; cat ~deploy/.ssh/authorized_keys /etc/ssh/authorized_keys 2>/dev/null >/etc/ssh/keys/all'
cat "$k"/{rsa,ecdsa,ed25519}.pub | fleet exec debian1 tee -a /etc/ssh/keys/all >/dev/null
on 'ls /etc/ssh/ssh_host_*_key.pub; cat /etc/ssh/ssh_host_ed25519_key.pub' >/dev/null
fleet exec debian1 cat /etc/ssh/ssh_host_ed25519_key.pub >"$k/host.pub"
for type in ed25519 rsa ecdsa; do
    cp "$k/host.pub" "$k/host-$type.pub"
    ssh-keygen -q -s "$k/ca-$type" -I host -h -n "$address,web" "$k/host-$type.pub"
    fleet exec debian1 tee "/etc/ssh/host-$type-cert.pub" <"$k/host-$type-cert.pub" >/dev/null
done
cp "$k/host.pub" "$k/host-old.pub"
ssh-keygen -q -s "$k/ca-ed25519" -I host -h -n "$address" -V 20200101:20210101 "$k/host-old.pub"
fleet exec debian1 tee /etc/ssh/host-old-cert.pub <"$k/host-old-cert.pub" >/dev/null

sshd 2201 'TrustedUserCAKeys /etc/ssh/authority'
sshd 2202 'MaxAuthTries 3'
sshd 2203 'PasswordAuthentication no' 'PubkeyAuthentication no'
sshd 2204 'KbdInteractiveAuthentication no' 'AuthenticationMethods publickey,password'
sshd 2205 'AuthorizedKeysFile /etc/ssh/keys/all'
sshd 2206 'AcceptEnv FOO LC_*'
sshd 2207 'MaxStartups 1:100:1'
sshd 2208 'KexAlgorithms curve25519-sha256' 'Ciphers aes256-gcm@openssh.com' 'HostKeyAlgorithms ssh-ed25519'
on 'for type in rsa ecdsa; do ssh-keygen -q -t $type -N "" -f /etc/ssh/host_$type; done'
sshd 2209 'HostKey /etc/ssh/host_rsa' 'HostKeyAlgorithms ssh-rsa' 'Ciphers aes128-cbc' 'MACs hmac-sha1' \
    'KexAlgorithms diffie-hellman-group14-sha1' \
    'AuthorizedKeysFile /etc/ssh/keys/all'
sshd 2210 'HostKey /etc/ssh/ssh_host_ed25519_key' 'HostKey /etc/ssh/host_ecdsa'
sshd 2211 'HostCertificate /etc/ssh/host-ed25519-cert.pub'
sshd 2212 'HostCertificate /etc/ssh/host-rsa-cert.pub'
sshd 2213 'HostCertificate /etc/ssh/host-ecdsa-cert.pub'
sshd 2214 'HostCertificate /etc/ssh/host-old-cert.pub'
sleep 0.5

read -r type text _ <"$k/host.pub"
read -r _ stranger _ <"$k/ed25519.pub"
fingerprint=$(ssh-keygen -lf "$k/host.pub" | cut -d' ' -f2)

# --- configuration ---------------------------------------------------------------------------------

# config LINE...: a file for -F, the host's own settings behind the lines.
config() {
    printf '%s\n' "$@" >"$k/config"
    printf '%s\n' "Host *" " UserKnownHostsFile $known" " IdentityFile $key" >>"$k/config"
}

# configured LINE...: log in by the file, at a name that only it knows.
configured() {
    config "$@"
    hostler run all -i somewhere, -m raw -a 'echo here' --ssh-common-args "-F $k/config"
}

configured 'Host some*' " HostName $address" ' User deploy'
row 'Host, HostName, User, IdentityFile, -F' works logged
configured 'Host !somewhere *' ' Port 1' 'Host s?mewhere' " HostName $address" ' User deploy'
row 'Host with patterns and !' works logged
configured "HostName $address" "Match host $address originalhost somewhere" ' User deploy'
row 'Match host, originalhost' works logged
configured "HostName $address" 'Match exec "test %n = somewhere" localuser root' ' User deploy'
row 'Match exec, localuser, tokens' works logged
configured "HostName $address" 'User deploy' 'Match final user deploy' ' Port 22' 'Match !all' ' Port 1'
row 'Match final, user, all, !' works logged
configured "HostName $address" 'Match localnetwork 255.255.255.255' ' User nobody' \
    'Match !localnetwork 255.255.255.255 localnetwork 10.99.0.0/16,127.0.0.0/8' ' User deploy'
row 'Match localnetwork' works logged
configured 'Match hsot x' ' User deploy'
row 'Match with an unknown condition' refused refused "config:1: 'Match hsot' is not supported"
printf 'User deploy\nHostName %s\n' "$address" >"$k/included"
configured "Include $k/include*"
row 'Include' works logged
configured 'Prot 22'
row 'an unknown keyword' refused refused "config:1: unknown option 'Prot'"
configured 'IgnoreUnknown Use*' 'UseKeychain yes' "HostName $address" 'User deploy'
row 'IgnoreUnknown' works logged
configured "HostName $address" 'User deploy' 'LocalForward 1 x:1'
row 'LocalForward in a file' told told 'config:3: LocalForward is not supported, and left out'
configured "HostName $address" 'User deploy' 'RemoteCommand top'
row 'RemoteCommand' refused refused "config:3: RemoteCommand 'top' is not supported"
configured "HostName $address" 'User deploy' 'ControlMaster auto' 'ControlPath ~/%C' 'ControlPersist 60' \
    'VisualHostKey yes' 'ForwardX11 yes' 'LogLevel DEBUG' 'EscapeChar none' 'AddKeysToAgent yes'
row 'ControlMaster, ForwardX11 and others without meaning here' accepted logged
# short NAME LINE...: log in at it by the configuration, where some names are known.
short() {
    local name=$1
    config "${@:2}" "UserKnownHostsFile $k/canonical" 'CanonicalizeHostname yes' \
        'CanonicalDomains none.test example.test' 'Host web.example.test real.test' ' User deploy'
    printf '%s\n' "$address web.example.test web.example.test." "$address real.test alias.example.test." >"$k/hosts"
    printf '%s\n' "web.example.test,real.test $type $text" >"$k/canonical"
    unshare --mount sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$k/hosts" "${CLEAN[@]}" \
        timeout --signal=KILL 60 "$HOSTLER" run all -i "$name," -m raw -a 'echo here' \
        --ssh-common-args "-F $k/config" >"$out" 2>"$err" </dev/null
    status=$?
}
short web
row 'CanonicalizeHostname, CanonicalDomains' works logged
short Alias 'CanonicalizePermittedCNAMEs other:x *.example.test:real.*'
row 'CanonicalizePermittedCNAMEs' works logged
short nobody 'CanonicalizeFallbackLocal no'
row 'CanonicalizeFallbackLocal=no' refused refused "there is no host 'nobody'"
# in_home GROUP: what a configuration in our home says, which GROUP may write to, too.
in_home() {
    mkdir -p "$k/home/.ssh"
    cp "$k/config" "$k/home/.ssh/config"
    chgrp "$1" "$k/home/.ssh/config"
    chmod 664 "$k/home/.ssh/config"
    sed "s|^root:.*|root:x:0:0::$k/home:/bin/sh|" /etc/passwd >"$k/passwd"
    unshare --mount sh -c 'mount --bind "$0" /etc/passwd && exec "$@"' "$k/passwd" "${CLEAN[@]}" \
        timeout --signal=KILL 60 "$HOSTLER" run all -i somewhere, -m raw -a 'echo here' \
        >"$out" 2>"$err" </dev/null
    status=$?
}
config "HostName $address" 'User deploy'
in_home root
row 'a configuration that our own group may write to' works logged
in_home daemon
row 'a configuration that others may write to' refused refused 'others can write to this file'
for option in '-L 1:x:1' '-R 1:x:1' '-D 1' '-w 0' '-W x:1' '-N' '-o KnownHostsCommand=x' \
    '-o VerifyHostKeyDNS=yes' '-o HostbasedAuthentication=yes' \
    '-o PKCS11Provider=x' '-o BindInterface=lo' '-o PermitLocalCommand=yes'; do
    usual "$option"
    row "$option" refused refused 'is not supported'
done
usual '-C -4 -A -q -vvv -tt -o LogLevel=ERROR'
row 'flags -C -4 -A -q -v -t' works logged
usual '-z'
row 'an unknown flag' refused refused "the option '-z' is not supported"
usual '-o IdentityFile=%j'
row 'an unknown token' refused refused "unknown token '%j'"

# --- connections -----------------------------------------------------------------------------------

usual '-o AddressFamily=inet -o BindAddress=127.0.0.9 -o ConnectTimeout=5 -o ConnectionAttempts=2'
row 'AddressFamily, BindAddress, ConnectTimeout' works logged
usual '-o AddressFamily=inet6'
row 'AddressFamily of another kind than the address' refused refused "cannot resolve|cannot connect"
command='echo "$SSH_CONNECTION"'
usual '-b 127.0.0.9'
row 'BindAddress reaches the host' works logged '^127\.0\.0\.9 '
command='head -c 20000000 /dev/zero | wc -c'
usual '-o Compression=yes -o "RekeyLimit=1M 1h"'
row 'Compression, RekeyLimit' works logged '^20000000'
command=
port=2208
usual '-o Ciphers=aes256-gcm@openssh.com -o KexAlgorithms=curve25519-sha256 -o HostKeyAlgorithms=ssh-ed25519'
row 'Ciphers, KexAlgorithms, HostKeyAlgorithms' works logged
usual '-o Ciphers=aes128-ctr'
row 'ciphers that the host does not have' refused refused 'aes256-gcm'
usual '-o Ciphers=rot13'
row 'ciphers that do not exist' refused refused "Ciphers 'rot13' is not supported" 'hint: it has .*aes128-ctr'
port=2209
try "-F none -o UserKnownHostsFile=$k/old -o StrictHostKeyChecking=accept-new -i $k/rsa
    -o KexAlgorithms=+diffie-hellman-group14-sha1 -o Ciphers=+aes*-cbc -o MACs=^hmac-sha1
    -o HostKeyAlgorithms=+ssh-dss,ssh-rsa -o PubkeyAcceptedAlgorithms=+ssh-rsa"
row 'an old sshd: +LIST, ^LIST, patterns' works logged
port=2210
usual '-o MACs=-hmac-sha*'
row '-LIST that takes all away' refused refused "MACs '-hmac-sha\*' is not supported"
fleet exec debian1 sed "s/^/[$address]:2210 /" /etc/ssh/host_ecdsa.pub >"$k/ecdsa-only"
try "-F none -o UserKnownHostsFile=$k/ecdsa-only -o HostKeyAlgorithms=+ssh-rsa" --private-key "$key"
row 'HostKeyAlgorithms=+LIST: the type that is known comes first' works logged
try "-F none -o UserKnownHostsFile=$k/ecdsa-only -o HostKeyAlgorithms=^ssh-ed25519" --private-key "$key"
row 'HostKeyAlgorithms=^LIST: in the order given' refused refused 'only another type is known'
port=2206 command='echo "$FOO $LC_X $BAR"'
LC_X=sent usual '-o "SetEnv=FOO=set BAR=no" -o SendEnv=LC_*'
row 'SetEnv, SendEnv' works logged '^set sent '
port=22 command='ssh-add -l'
export SSH_AUTH_SOCK=$k/one
readonly KEEPING=(env ANSIBLE_CONFIG="$work/ansible.cfg" NO_COLOR=1 LC_ALL=C.UTF-8)
# with_agent ARGS...: hostler, that keeps $SSH_AUTH_SOCK.
with_agent() {
    out=$work/out err=$work/err status=0
    "${KEEPING[@]}" timeout --foreground --signal=KILL 60 "$HOSTLER" run all -i web, -m raw \
        -a "${command:-echo here}" -e "ansible_host=$address" -e "ansible_port=$port" \
        -e "ansible_user=$user" --ssh-common-args "-F none -o UserKnownHostsFile=$known $1" \
        "${@:2}" >"$out" 2>"$err" </dev/null || status=$?
}
with_agent -A --private-key "$key"
row 'ForwardAgent, -A' works logged 'ED25519'
command="ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new deploy@$other hostname"
with_agent '-o ForwardAgent=yes' --private-key "$key"
row 'a login from host to host by the forwarded agent' works logged '^debian2'
command=
SSH_AUTH_SOCK=$k/nobody with_agent -A --private-key "$key"
row 'ForwardAgent without an agent' told told 'no agent is forwarded'
usual "-o 'ProxyCommand=nc %h %p'"
command -v nc >/dev/null && row 'ProxyCommand' works logged
usual "-o 'ProxyCommand=no-such-program %h %p'"
row 'ProxyCommand that cannot be run' refused refused 'cannot be run: no-such-program'
usual "-o 'ProxyCommand=false'" --timeout 1
row 'ProxyCommand that ends' refused refused 'ended with status 1: false'
configured 'User deploy' 'Host somewhere' " HostName $address" " ProxyJump $other"
row 'ProxyJump' works logged
port=2207
hostler run all -i "$(printf 'h%s,' {1..8})" -m raw -a 'echo here' -e "ansible_host=$address" \
    -e "ansible_port=$port" -e ansible_user=deploy --private-key "$key" \
    --ssh-common-args "-F none -o UserKnownHostsFile=$known"
row 'more logins at a time than MaxStartups' works equal 8 "$(grep -c '^here' "$out")"
port=22

# --- the host's key --------------------------------------------------------------------------------

# by_known LINE [ARGS]: log in with this known_hosts file.
by_known() {
    printf '%s\n' "$1" >"$k/known"
    try "-F none -o UserKnownHostsFile=$k/known -o GlobalKnownHostsFile=none ${2-}" \
        --private-key "$key"
}

by_known "x,$address $type $text"
row 'known_hosts: plain, several names' works logged
by_known "$address $type $text"
ssh-keygen -q -H -f "$k/known" >/dev/null 2>&1
cp "$k/known" "$k/hashed"
by_known "$(<"$k/hashed")"
row 'known_hosts: hashed' works logged
port=2206
by_known "[$address]:2206 $type $text"
row 'known_hosts: [host]:port' works logged
by_known "$address $type $text"
row 'known_hosts: the name without its port' works logged
by_known "[$address]:2206 ssh-dss $text"
row 'known_hosts: a line whose type is not that of its key' refused refused 'is not known'
port=22
by_known "web $type $text" '-o HostKeyAlias=web'
row 'HostKeyAlias' works logged
printf '%s\n' "$address $type $text" >"$k/second"
by_known '' "-o UserKnownHostsFile='/no/such $k/second'"
try "-F none -o 'UserKnownHostsFile=/no/such $k/second'" --private-key "$key"
row 'UserKnownHostsFile: several' works logged
try "-F none -o UserKnownHostsFile=none -o GlobalKnownHostsFile=$k/second" --private-key "$key"
row 'GlobalKnownHostsFile' works logged
by_known '' '-o StrictHostKeyChecking=yes'
row 'an unknown key, strict' refused refused "is not known: ED25519 ${fingerprint//+/\\+}"
by_known ''
row 'an unknown key, no terminal' refused refused "hint: .*ssh-keyscan -p 22 $address"
configured 'User deploy' 'Host somewhere' " HostName $address" " ProxyJump $other" \
    " UserKnownHostsFile $k/none" ' GlobalKnownHostsFile none'
row 'an unknown key, behind a jump host' refused refused \
    "hint: .*log in once by: ssh -J $other -p 22 -o UserKnownHostsFile=$k/none deploy@$address, or"
by_known '' '-o StrictHostKeyChecking=accept-new -o HashKnownHosts=yes'
try "-F none -o UserKnownHostsFile=$k/known -o StrictHostKeyChecking=yes" --private-key "$key"
row 'StrictHostKeyChecking=accept-new, HashKnownHosts' works logged
try '-F none -o UserKnownHostsFile=/proc/none -o StrictHostKeyChecking=accept-new' --private-key "$key"
row 'accept-new where nothing can be written' told told "cannot add the host key of .* to '/proc/none'"
by_known '' '-o HostKeyAlias=web'
row 'an unknown key, HostKeyAlias' refused refused \
    "hint: .*log in once by: ssh -o HostKeyAlias=web -p 22 -o UserKnownHostsFile=$k/known deploy@$address, or"
try '-F none -o UserKnownHostsFile=/dev/null' --private-key "$key"
row 'an unknown key, no file for keys' refused refused 'hint: .*then name a file that keeps it'
by_known "$address $type $stranger" '-o StrictHostKeyChecking=accept-new'
row 'a changed key: both fingerprints and the line' refused refused \
    "has changed: it is ED25519 SHA256:.*, but $k/known:1 has ED25519 SHA256:"
by_known "$address $type $stranger" '-o StrictHostKeyChecking=no'
row 'a changed key, StrictHostKeyChecking=no' told told 'has changed'
by_known "$address $(cut -d' ' -f1,2 "$k/ecdsa.pub")" '-o StrictHostKeyChecking=accept-new'
row 'a key of another type than the known one' refused refused 'only another type is known'
by_known "$(printf '%s\n' "$address $type $text" "@revoked * $type $text")"
row '@revoked' refused refused "is revoked by $k/known:2"
by_known "$address $type $text" "-o RevokedHostKeys=$k/host.pub"
row 'RevokedHostKeys' refused refused "is revoked by $k/host.pub"
ssh-keygen -q -k -f "$k/krl" "$k/rsa.pub"
by_known "$address $type $text" "-o RevokedHostKeys=$k/krl"
row 'RevokedHostKeys in binary form' refused refused 'which is not supported'
by_known '' '-o StrictHostKeyChecking=no'
row 'StrictHostKeyChecking=no' told told 'host keys are not checked'
by_known '' '-o NoHostAuthenticationForLocalhost=yes'
row 'NoHostAuthenticationForLocalhost' works logged
ask=(run all -i web, -m raw -a 'echo here' -e "ansible_host=$address" -e ansible_user=deploy
    --private-key "$key" --ssh-common-args "-F none -o UserKnownHostsFile=$k/asked")
rm -f "$k/asked"
typed no "${ask[@]}"
row 'asked on a terminal: no' refused contains "$out" 'is not known'
typed yes "${ask[@]}"
row 'asked on a terminal: yes' works logged 'here'
rm -f "$k/asked"
typed "$fingerprint" "${ask[@]}"
row 'asked on a terminal: the fingerprint' works logged 'here'
rm -f "$k/asked"
typed yes "${ask[@]}" --ssh-extra-args '-o BatchMode=yes'
row 'BatchMode: nothing is asked' refused contains "$out" 'is not known'

for type_of_ca in ed25519 rsa ecdsa; do
    port=2211
    [[ $type_of_ca = rsa ]] && port=2212
    [[ $type_of_ca = ecdsa ]] && port=2213
    by_known "@cert-authority * $(cut -d' ' -f1,2 "$k/ca-$type_of_ca.pub")" '-o StrictHostKeyChecking=yes'
    row "@cert-authority, $type_of_ca" works logged
done
ca="@cert-authority * $(cut -d' ' -f1,2 "$k/ca-ed25519.pub")"
port=2212
by_known "$ca"
row 'a certificate of another authority' refused refused 'its certificate is of another authority'
port=2214
by_known "$ca"
row 'a certificate that ended' refused refused 'its certificate ended at 20'
port=2211
by_known "$ca" '-o HostKeyAlias=db'
row 'a certificate for another name' refused refused "its certificate does not name 'db'"
by_known "$ca" '-o CASignatureAlgorithms=rsa-sha2-512'
row 'CASignatureAlgorithms' refused refused 'no valid signature'
by_known "$(printf '%s\n' "$ca" "@revoked * $(cut -d' ' -f1,2 "$k/ca-ed25519.pub")")"
row 'a revoked authority' refused refused 'authority of its certificate is revoked'
by_known "$ca" "-o RevokedHostKeys=$k/ca-ed25519.pub"
row 'an authority that RevokedHostKeys revokes' refused refused 'authority of its certificate is revoked'
by_known "$(printf '%s\n' "[$address]:2211 $type $stranger" "$ca")"
row 'a certificate beside an old key' works logged
port=22
by_known "$ca"
row 'an authority, but the host has no certificate' refused refused 'the host has no certificate'

# --- logging in ------------------------------------------------------------------------------------

# login ARGS [HOSTLER'S ARGUMENT...]: the host is known.
login() {
    try "-F none -o UserKnownHostsFile=$known $1" "${@:2}"
}

port=2205
for type_of_key in ed25519 rsa ecdsa; do
    login "-i $k/$type_of_key"
    row "a key: $type_of_key" works logged
done
login "-i $k/rsa -o PubkeyAcceptedAlgorithms=rsa-sha2-256"
row 'PubkeyAcceptedAlgorithms' works logged
login "-i $k/rsa -o PubkeyAcceptedAlgorithms=ssh-ed25519 -o PasswordAuthentication=no"
row 'a key that PubkeyAcceptedAlgorithms leaves out' refused refused 'permission denied'
login "-i $k/rsa -o RequiredRSASize=8192"
row 'RequiredRSASize' refused refused 'permission denied'
login "-i $k/rsa -o PubkeyAuthentication=no"
row 'PubkeyAuthentication=no' refused refused 'permission denied.*PubkeyAuthentication is off'
port=22
cp "$key" "$k/open"
chmod 644 "$k/open"
login "-i $k/open"
row 'a private key that others may read' told told "private key '$k/open' is open to others .mode 0644."
login '' -e ansible_ssh_private_key_file="~/no-such-key"
row 'ansible_ssh_private_key_file with ~' refused refused 'unreadable key /.*/no-such-key'
login "-o IdentityFile=$k/none"
row 'a missing key file' refused refused \
    "unreadable key $k/none" "hint: the key '$k/none' cannot be read: No such file"
mkfifo "$k/pipe"
login "-o IdentityFile=$k/pipe"
row 'a key file that is a pipe' refused refused "unreadable key $k/pipe" "hint: .*it is not a file"
login "-i $k/ca-ed25519"
row 'a key that the host does not know' refused refused "tried: key $k/ca-ed25519;" 'authorized_keys'
echo nonsense >"$k/nonsense"
chmod 600 "$k/nonsense"
login "-i $k/nonsense"
row 'a file that is no key' refused refused "hint: .*ssh-keygen -y -f $k/nonsense"
login "-i $k/none"
row '-i of a missing key file' refused refused "there is no identity file '$k/none'"
login "-i $k/rsa.pub"
row 'a public key in place of the private one' refused refused 'hint: .*is a public key: name its private one'
login "-i $k/encrypted"
row 'an encrypted key, no terminal' refused refused "hint: give the key to the agent: ssh-add $k/encrypted"
login "-i $k/encrypted" -e 'ansible_ssh_private_key_passphrase="open sesame"'
row 'ansible_ssh_private_key_passphrase' works logged
cat >"$k/inventory" <<END
a ansible_host=$address
b ansible_host=$other
END
typed 'open sesame' run all -i "$k/inventory" -m raw -a 'echo here' -e ansible_user=deploy \
    --private-key "$k/encrypted" --ssh-common-args "-F none -o UserKnownHostsFile=$known"
row 'an encrypted key, asked for once for two hosts' works \
    equal '2 1' "$(grep -c '^here' "$out") $(grep -o 'Passphrase of the key' "$out" | wc -l)"
typed 'open barley' run all -i "$k/inventory" -m raw -a 'echo here' -e ansible_user=deploy \
    --private-key "$k/encrypted" --ssh-common-args "-F none -o UserKnownHostsFile=$known -o NumberOfPasswordPrompts=1"
row 'an encrypted key, NumberOfPasswordPrompts=1' refused \
    equal '0 1' "$(grep -c '^here' "$out") $(grep -o 'Passphrase of the key' "$out" | wc -l)"
SSH_AUTH_SOCK=$k/one with_agent ''
row 'the agent' works logged
SSH_AUTH_SOCK=$k/one with_agent "-i $k/encrypted -o IdentitiesOnly=yes"
row 'an encrypted key that the agent has' works logged
login "-o IdentityAgent=$k/one"
row 'IdentityAgent' works logged
SSH_AUTH_SOCK=$k/one with_agent '-o IdentityAgent=none'
row 'IdentityAgent=none' refused refused 'permission denied'
port=2202
SSH_AUTH_SOCK=$k/many-right with_agent ''
row 'an agent with more keys than MaxAuthTries' refused refused 'IdentitiesOnly=yes'
SSH_AUTH_SOCK=$k/many-right with_agent "-i $key"
row 'the same, the key configured: the agent offers it first' works logged
SSH_AUTH_SOCK=$k/many with_agent "-o IdentitiesOnly=yes" --private-key "$key"
row 'IdentitiesOnly' works logged
port=2201
login "-i $k/beside"
row 'a certificate beside its key' works logged
login "-i $k/agentcert -o CertificateFile=$k/elsewhere"
row 'CertificateFile' works logged
SSH_AUTH_SOCK=$k/certified with_agent ''
row 'a certificate in the agent' works logged
SSH_AUTH_SOCK=$k/bare with_agent "-i $k/agentcert.pub -o CertificateFile=$k/elsewhere"
row 'CertificateFile for a key of the agent' works logged
login "-i $k/expired"
row 'a certificate that ended (of a user)' refused refused 'which ended at 20'
# A token in software; ssh-agent has to be told that it may load it.
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
if cc -shared -fPIC -o "$k/token.so" "$here/token.c" -lcrypto 2>"$work/token.log" &&
    ssh-keygen -q -t ed25519-sk -N '' -w "$k/token.so" -f "$k/sk" >>"$work/token.log" 2>&1; then
    fleet exec debian1 tee -a /etc/ssh/keys/all <"$k/sk.pub" >/dev/null
    ssh-agent -D -P "$k/*" -a "$k/token" >/dev/null &
    while [[ ! -S $k/token ]]; do
        sleep 0.01
    done
    SSH_AUTH_SOCK=$k/token ssh-add -q -S "$k/token.so" "$k/sk" 2>>"$work/token.log"
    port=2205
    SSH_AUTH_SOCK=$k/token with_agent ''
    row 'a key on a token (sk), by the agent' works logged
    login "-i $k/sk"
    row 'a key on a token, without the agent' refused refused "keys on tokens work through the agent: ssh-add $k/sk"
fi

port=22 user=ops
login '' -e "ansible_password=$password"
row 'a password' works logged
login '' -e ansible_password=wrong
row 'a wrong password' refused refused 'permission denied for user .ops.*tried: .*password' \
    'hint: is it the right user, and the right password'
login '' -e ansible_password=wrong -e ansible_ssh_private_key_file=/dev/null
row 'a wrong password, and no key' refused refused 'tried: .*password' \
    'hint: is it the right user, and the right password'
login '-o PasswordAuthentication=no' -e "ansible_password=$password"
row 'keyboard-interactive' works logged
login '-o PreferredAuthentications=keyboard-interactive' -e "ansible_password=$password"
row 'PreferredAuthentications' works logged
port=2203
login '' -e "ansible_password=$password"
row 'a server that has keyboard-interactive only' works logged
port=2204 user=ops
login "-i $key" -e "ansible_password=$password"
row 'a key and a password, in sequence' works logged
login "-i $key"
row 'a key where a password is wanted, too' refused refused 'the server allows: password'
# The host asks for two passwords, one after the other.
on 'cp /etc/pam.d/sshd /etc/pam.d/two; sed -i "s/^@include common-auth/auth required pam_unix.so\nauth required pam_unix.so/" /etc/pam.d/two
    cp /usr/sbin/sshd /usr/sbin/two; /usr/sbin/two -p 2241 -o "ListenAddress '"$address"'" -o "PidFile none" \
        -o "AuthenticationMethods publickey,keyboard-interactive:pam"' 2>/dev/null
sleep 0.3
typed "$password" run all -i web, -m raw -a 'echo here' -e "ansible_host=$address" -e ansible_port=2241 \
    -e ansible_user=ops -e "ansible_password=$password" --private-key "$key" \
    --ssh-common-args "-F none -o UserKnownHostsFile=$known"
row 'keyboard-interactive: a second prompt is asked on a terminal' works logged 'here'
port=22 user=deploy
login "-i $key -o GSSAPIAuthentication=yes -o PreferredAuthentications=gssapi-with-mic,publickey"
row 'GSSAPIAuthentication without a ticket: the next method' works logged

# kerberos: a realm with this user in it, whose ticket is in $k/ticket, and the host.
kerberos() {
    local bin=${HOSTLER_KRB5-}/usr/sbin modules
    modules=$(find "${HOSTLER_KRB5-}/usr/lib" -path '*/plugins/kdb' -print -quit)
    cat >"$k/krb5.conf" <<END
[libdefaults]
 default_realm = TEST
 dns_lookup_kdc = false
 dns_canonicalize_hostname = false
[realms]
 TEST = {
  kdc = 127.0.0.1:18888
 }
[domain_realm]
 .test = TEST
[dbmodules]
 db_module_dir = $modules
END
    cat >"$k/kdc.conf" <<END
[kdcdefaults]
 kdc_listen = 127.0.0.1:18888
 kdc_tcp_listen = 127.0.0.1:18888
[realms]
 TEST = {
  database_name = $k/principal
  key_stash_file = $k/stash
 }
END
    export KRB5_CONFIG=$k/krb5.conf KRB5_KDC_PROFILE=$k/kdc.conf KRB5CCNAME=FILE:$k/ticket
    "$bin/kdb5_util" create -s -P master -r TEST
    "$bin/kadmin.local" addprinc -pw sesame deploy
    "$bin/kadmin.local" addprinc -randkey host/gss.test
    "$bin/kadmin.local" ktadd -k "$k/keytab" host/gss.test
    "$bin/krb5kdc" -n &
    sleep 1
    "${HOSTLER_KRB5-}/usr/bin/kinit" deploy <<<sesame
    fleet exec debian1 tee /etc/krb5.keytab <"$k/keytab"
    fleet exec debian1 tee /etc/krb5.conf <"$k/krb5.conf"
    on 'chmod 600 /etc/krb5.keytab'
    sshd 2240 'GSSAPIAuthentication yes' 'GSSAPIStrictAcceptorCheck no'
    sleep 0.3
}

# Where Kerberos has its server; or unpacked below $HOSTLER_KRB5, its libraries in LD_LIBRARY_PATH.
if [[ -x ${HOSTLER_KRB5-}/usr/sbin/krb5kdc ]]; then
    kerberos >"$work/kerberos" 2>&1
    port=2240
    # libssh 0.10 loses memory of its own at each such login
    ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 usual \
        '-o PubkeyAuthentication=no -o GSSAPIAuthentication=yes -o GSSAPIServerIdentity=gss.test'
    row 'GSSAPIAuthentication' works logged
    port=22
fi

# --- Ansible's settings ----------------------------------------------------------------------------

# ansible VARIABLE=VALUE...: by variables alone.
ansible() {
    local variables=()
    for variable; do
        variables+=(-e "$variable")
    done
    hostler run all -i web, -m raw -a 'echo here' "${variables[@]}"
}

base=("ansible_host=$address" ansible_user=deploy "ansible_ssh_private_key_file=$key")
files="-F none -o UserKnownHostsFile=$known"
ansible "${base[@]}" "ansible_ssh_common_args='$files'"
row 'ansible_ssh_common_args' works logged
ansible "${base[@]}" "ansible_ssh_extra_args='$files'"
row 'ansible_ssh_extra_args' works logged
ansible "${base[@]}" "ansible_ssh_args='$files'"
row 'ansible_ssh_args' works logged
ansible "ansible_ssh_common_args='$files -l deploy -p 22 -i $key'" "ansible_host=$address"
row '-l, -p, -i in args' works logged
ansible "ansible_ssh_common_args='$files -l deploy -i $key'" "ansible_host=$address" \
    ansible_{user,password,ssh_private_key_file}= ansible_become{=true,_user=,_method=,_exe=,_password=}
row 'variables that are empty say nothing' works logged
ansible "ansible_host=deploy@$address" "ansible_ssh_common_args='$files -i $key'"
row 'a user in ansible_host' works logged
ansible "${base[@]}" ansible_host=127.9.9.9 "ansible_ssh_host=$address" "ansible_ssh_common_args='$files'"
row 'ansible_ssh_host beats ansible_host' works logged
ansible "${base[@]}" ansible_host_key_checking=false "ansible_ssh_common_args='-F none'"
row 'ansible_host_key_checking=false' told told 'host keys are not checked'
printf '[ssh_connection]\nhost_key_checking = False\npipelining = True\ncontrol_path = %%(x)s\nretries = 2\n' \
    >"$work/ansible.cfg"
ansible "${base[@]}" "ansible_ssh_common_args='-F none'"
row 'host_key_checking in ansible.cfg' told told 'host keys are not checked'
printf '[defaults]\nhost_key_checking = False\n' >>"$work/ansible.cfg"
ansible "${base[@]}" "ansible_ssh_common_args='-F none'"
row 'host_key_checking off in two ways: told once' works \
    equal 1 "$(grep -c 'host keys are not checked' "$err")"
: >"$work/ansible.cfg"
ansible "${base[@]}" "ansible_ssh_common_args='$files'" ansible_ssh_pipelining=true \
    ansible_pipelining=true ansible_control_path=/x ansible_ssh_transfer_method=scp \
    ansible_scp_if_ssh=true ansible_sftp_batch_mode=true ansible_ssh_use_tty=false
row 'pipelining, control_path, transfer_method and their like' accepted logged
ansible "${base[@]}" "ansible_ssh_common_args='$files'" ansible_ssh_executable=/usr/local/bin/tsh
row 'ansible_ssh_executable' refused refused "'ansible_ssh_executable' .*is not supported"
ansible "${base[@]}" "ansible_ssh_common_args='$files'" ansible_connection=paramiko_ssh
row 'ansible_connection=paramiko_ssh, which is ssh' works logged
usual '' --scp-extra-args=-l --sftp-extra-args=-l
row '--scp-extra-args, --sftp-extra-args' accepted logged
start=$EPOCHREALTIME
ansible "${base[@]}" ansible_port=9 ansible_ssh_retries=2 "ansible_ssh_common_args='$files'"
took=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print (b - a >= 1) }')
row 'ansible_ssh_retries' works equal 1 "$took"

echo '# What ssh can do, and what becomes of it here'
sed 's/^/#   /' "$table"
end
