#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Boots that lack something: a TPM, the right to read a log, the address to
# listen on, a key that the account may read.  The daemons come up, say so once,
# and recover by themselves; and a verifier serves the socket that it is given.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || {
	echo "skipped: only root can take rights and addresses away"
	exit 77
}

# hear NAME: what a daemon tells its manager, one datagram after the other.
hear() {
	socat -u "UNIX-RECV:$dir/$1.notify" - >"$dir/$1.told" 2>/dev/null &
	pid_of[manager-$1]=$!
	until_true 60 test -S "$dir/$1.notify"
	chmod 666 "$dir/$1.notify"
}
# handshake PORT [COMMAND...]: one session, by way of the command.
handshake() {
	local port=$1
	shift
	timeout 30 "$@" openssl s_client -connect "${address:-127.0.0.1}:$port" -CAfile "$dir/pki/cacert.pem" \
		-cert "$dir/pki/verifier/clientcert.pem" -key "$dir/pki/verifier/clientkey.pem" \
		-alpn virt-attest/1 -tls1_3 -verify_return_error </dev/null 2>&1 | grep >/dev/null '^Verification: OK'
}
once() { [ "$(grep -c -- "$2" "$dir/$1.log")" = 1 ] || fail "$1 does not say '$2' once"; }

chmod 755 "$dir"
"$pki" make "$dir/pki" --host host-a,192.0.2.5 --verifier verifier >/dev/null
start_tpm tpm-a

echo "# no TPM yet: ready, with the reason; then it comes"
stop tpm-a KILL
hear agent
NOTIFY_SOCKET=$dir/agent.notify start_agent agent-a host-a tpm-a
until_true 60 grep -q 'READY=1' "$dir/agent.told"
grep -q 'STATUS=no TPM: ' "$dir/agent.told" || fail "no reason"
start_verifier
exits 3 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes
run_tpm tpm-a
until_true 60 grep -q 'STATUS=serving' "$dir/agent.told"
once agent-a 'event=tpm .*state=away'
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes
exits 0 va verify host-a
stop agent-a

echo "# another account: a log that it may not read, a key that it may not, but was given"
printf 'a log' >"$dir/boot.log"
chmod 600 "$dir/boot.log"
chmod 755 "$dir/pki" "$dir/pki/host-a"
chmod 644 "$dir/pki/host-a/servercert.pem" "$dir/pki/cacert.pem" "$dir/pki/crl.pem"
chmod 666 "$dir/tpm-a.sock" "$dir/tpm-a.sock.ctrl"
mkdir "$dir/given" "$dir/runtime" "$dir/bin"
cp "$bin/virt-attest-agentd" "$dir/bin"
chmod -R a+rX "$dir/bin"
give() { install -o nobody -m 400 "$dir/pki/host-a/serverkey.pem" "$dir/$1/tls_key"; }
printf '#!/bin/sh\nexec setpriv --reuid=nobody --regid=nogroup --clear-groups %s/bin/virt-attest-agentd "$@"\n' \
	"$dir" >"$dir/bin/as-nobody"
chmod 755 "$dir/bin/as-nobody"
as_nobody() { bin=$dir/bin agentd=as-nobody start_agent agent-a host-a tpm-a -o "boot_log=$dir/boot.log"; }
# What the manager gives where there is none.
echo none >"$dir/given/tls_key"
exits 1 setpriv --reuid=nobody --regid=nogroup --clear-groups env "CREDENTIALS_DIRECTORY=$dir/given" \
	"$dir/bin/virt-attest-agentd" -d -o endpoint_certs= -o listen=127.0.0.1:0 -o "tls_ca=$dir/pki/cacert.pem" \
	-o "tls_cert=$dir/pki/host-a/servercert.pem" -o "tls_key=$dir/pki/host-a/serverkey.pem"
says err 'serverkey.pem: Permission denied'
give given
CREDENTIALS_DIRECTORY=$dir/given RUNTIME_DIRECTORY=$dir/runtime as_nobody
once agent-a 'boot.log" error="Permission denied'
exits 0 va verify host-a
chmod 644 "$dir/boot.log"
# The renewed one is where a reload puts it.
"$pki" host "$dir/pki" host-a,192.0.2.5 --force >/dev/null
chmod 755 "$dir/pki/host-a"
chmod 644 "$dir/pki/host-a/servercert.pem"
kill -HUP "${pid_of[agent-a]}"
until_true 60 grep -q 'event=reload-refused error="'"$dir"'/given/tls_key: key values mismatch' "$dir/agent-a.log"
exits 0 va verify host-a
give runtime
kill -HUP "${pid_of[agent-a]}"
until_true 60 grep -q 'event=reloaded$' "$dir/agent-a.log"
exits 0 va verify host-a
handshake "${port_of[agent-a]}" || fail "no handshake with the renewed key"
once agent-a 'boot.log" error="Permission denied'
stop agent-a

echo "# an address that comes later, and goes, and comes"
unshare -n sleep infinity &
pid_of[net]=$!
inside=(nsenter -t "${pid_of[net]}" -n)
own() { [ "$(readlink "/proc/${pid_of[net]}/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
until_true 60 own
"${inside[@]}" ip link set lo up
hear late
printf '#!/bin/sh\nexec %s "$@"\n' "nsenter -t ${pid_of[net]} -n $bin/virt-attest-agentd" >"$dir/bin/inside"
chmod 755 "$dir/bin/inside"
NOTIFY_SOCKET=$dir/late.notify bin=$dir/bin agentd=inside start_agent agent-n host-a tpm-a -o listen=192.0.2.5:16515
once agent-n 'listen=192.0.2.5:16515 error="not an address of this host yet'
until_true 60 grep -q 'STATUS=serving; 0 connected; 192.0.2.5:16515 is not an address of this host yet' "$dir/late.told"
! address=192.0.2.5 handshake 16515 "${inside[@]}" || fail "a handshake without an address"
for _ in 1 2; do
	"${inside[@]}" ip address add 192.0.2.5/32 dev lo
	address=192.0.2.5 handshake 16515 "${inside[@]}" || fail "no handshake with the address"
	"${inside[@]}" ip address delete 192.0.2.5/32 dev lo
done
stop agent-n

echo "# a socket that was passed is served, and stays"
stop verifier
launch_verifier() {
	: >"$dir/verifier.log"
	systemd-socket-activate -l "$dir/v.sock" "$bin/virt-attest-verifierd" -d -o "socket=$1" -o reattest_s=0 \
		-o "store=sqlite:$dir/verifier.db" -o "tls_ca=$dir/pki/cacert.pem" -o "tls_crl=$dir/pki/crl.pem" \
		-o "tls_cert=$dir/pki/verifier/clientcert.pem" -o "tls_key=$dir/pki/verifier/clientkey.pem" \
		>"$dir/verifier.log" 2>&1 &
	pid_of[verifier]=$!
	until_true 60 socket_listens "$dir/v.sock"
}
launch_verifier "$dir/v.sock"
exits 0 va hosts
says out host-a
stop verifier
[ -S "$dir/v.sock" ] || fail "it removed a socket that is not its own"
rm "$dir/v.sock"
launch_verifier "$dir/another.sock"
exits 1 va hosts
until_true 60 grep -q "another.sock': another one was passed" "$dir/verifier.log"
