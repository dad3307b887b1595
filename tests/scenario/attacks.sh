#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Attacks on real sockets: whoever tries is refused, and the honest are served.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --host host-b --host gone --verifier verifier --verifier old >/dev/null
"$pki" make "$dir/foreign" --host host-a --verifier verifier >/dev/null
"$pki" revoke "$dir/pki" gone
"$pki" revoke "$dir/pki" old
# expired FOLDER/ROLE: the certificate as it was, but for its dates.
expired() {
	openssl x509 -x509toreq -copy_extensions copy -in "$1cert.pem" -signkey "$1key.pem" 2>"$dir/err" |
		openssl x509 -req -copy_extensions copy -CA "$dir/pki/cacert.pem" -CAkey "$dir/pki/ca/cakey.pem" \
			-set_serial 7 -days -1 -out "$1cert.new" 2>"$dir/err"
	mv "$1cert.new" "$1cert.pem"
}
"$pki" verifier "$dir/pki" late >/dev/null
expired "$dir/pki/late/client"
cp -r "$dir/pki/host-a" "$dir/pki/host-a-late"
expired "$dir/pki/host-a-late/server"
start_tpm tpm-a
start_tpm tpm-b
start_agent agent-a host-a tpm-a
start_verifier -o deadline_ms=6000
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >/dev/null
served() { exits 0 va verify host-a; }
served

# client CERTIFICATE-FOLDER [s_client OPTION...]: what the agent says to it.
client() {
	local cert=$1
	shift
	{ echo '{"execute":"identity","id":1}' && sleep 0.6; } |
		timeout 10 openssl s_client -quiet -connect "127.0.0.1:${port_of[agent-a]}" -alpn virt-attest/1 \
			-CAfile "$dir/pki/cacert.pem" -cert "$cert/clientcert.pem" -key "$cert/clientkey.pem" "$@" \
			>"$dir/out" 2>"$dir/err" || true
}
no_answer() { ! grep -q '"return"' "$dir/out" || fail "was answered: $*"; }

echo "# clients of the agent"
client "$dir/pki/verifier"
says out '"return"'
client "$dir/foreign/verifier" && no_answer "a certificate of another CA"
client "$dir/pki/old" && no_answer "a revoked certificate"
sleep 1 # of refusals, one is told in a second
client "$dir/pki/late" && no_answer "an expired certificate"
grep -q 'event=refused error=".*expired' "$dir/agent-a.log" || fail "the agent does not say why"
client "$dir/pki/verifier" -tls1_2 && no_answer "TLS 1.2"
client "$dir/pki/verifier" -alpn h2 && no_answer "another protocol"
{ echo '{"execute":"identity","id":1}' && sleep 0.6; } |
	timeout 10 openssl s_client -quiet -connect "127.0.0.1:${port_of[agent-a]}" -alpn virt-attest/1 \
		>"$dir/out" 2>/dev/null || true
no_answer "no certificate"
served

echo "# noise: random bytes, silence, a line without an end"
head -c 100000 /dev/urandom | timeout 10 socat - "TCP:127.0.0.1:${port_of[agent-a]}" >/dev/null 2>&1 || true
for _ in {1..500}; do
	exec {fd}<>"/dev/tcp/127.0.0.1/${port_of[agent-a]}" && silent+=("$fd")
done
served
va forget host-a --yes >/dev/null # a new connection among the silent
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes
for fd in "${silent[@]}"; do exec {fd}>&-; done
{ head -c 100000000 /dev/zero | tr '\0' 'a' || true; } | timeout 20 openssl s_client -quiet \
	-connect "127.0.0.1:${port_of[agent-a]}" -alpn virt-attest/1 -CAfile "$dir/pki/cacert.pem" \
	-cert "$dir/pki/verifier/clientcert.pem" -key "$dir/pki/verifier/clientkey.pem" >"$dir/out" 2>/dev/null || true
served
{ head -c 20000000 /dev/zero | tr '\0' 'a' || true; } | timeout 20 socat -t 1 - "UNIX-CONNECT:$dir/v.sock" >"$dir/out" 2>/dev/null || true
served
told=$(grep -c 'event=refused.*revoked' "$dir/agent-a.log")
client "$dir/pki/old" && no_answer "a revoked certificate"
[ "$(grep -c 'event=refused.*revoked' "$dir/agent-a.log")" -gt "$told" ] || fail "noise hides who is refused"
rss=$(awk '/VmHWM/ {print $2}' "/proc/${pid_of[agent-a]}/status")
[ "${SANITIZED:-no}" = yes ] || [ "$rss" -lt 40000 ] || fail "the agent took $rss KiB"

echo "# a man in the middle who holds the host's own key relays to the true agent"
mkfifo "$dir/up"
timeout 60 openssl s_server -quiet -accept 127.0.0.1:0 -alpn virt-attest/1 -naccept 1 -CAfile "$dir/pki/cacert.pem" \
	-Verify 1 -cert "$dir/pki/host-a/servercert.pem" -key "$dir/pki/host-a/serverkey.pem" <"$dir/up" 2>/dev/null |
	openssl s_client -quiet -connect "127.0.0.1:${port_of[agent-a]}" -alpn virt-attest/1 -CAfile "$dir/pki/cacert.pem" \
		-cert "$dir/pki/host-b/servercert.pem" -key "$dir/pki/host-b/serverkey.pem" >"$dir/up" 2>/dev/null &
pid_of[relay]=$!
server=$(pgrep -n -f "openssl s_server -quiet -accept 127.0.0.1:0 -alpn virt-attest/1 -naccept 1 -CAfile $dir" || true)
relay_port() {
	server=$(pgrep -n -f "openssl s_server.*$dir")
	ss -Hltnp 2>/dev/null | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=$server,.*/\1/p" | grep .
}
until_true 60 relay_port
va forget host-a --yes >/dev/null
port=$(relay_port)
exits 2 va enroll host-a --address "127.0.0.1:$port" --ek-sha256 "${ek_of[tpm-a]}" --yes
says err nonce
pkill -f "openssl s_.*$dir" || true
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes
served

echo "# another host's TPM, another key, another certificate, a revoked one"
stop agent-a
start_agent agent-a host-a tpm-b
exits 2 va verify host-a
says out 'signature:'
stop agent-a
start_agent agent-a host-a tpm-a -o ak_algorithm=rsa
exits 2 va verify host-a
says out 'signature:'
stop agent-a
start_agent agent-a host-b tpm-a
exits 3 va verify host-a
says out 'hostname mismatch'
stop agent-a
start_agent agent-a gone tpm-a
exits 3 va verify host-a
says out 'revoked\|hostname'
stop agent-a
start_agent agent-a host-a-late tpm-a
exits 3 va verify host-a
says out 'expired'
stop agent-a

echo "# an agent that hangs, is killed, comes back"
start_agent agent-a host-a tpm-a
until_true 60 va verify host-a
kill -STOP "${pid_of[agent-a]}"
exits 3 va verify host-a
says out deadline
kill -CONT "${pid_of[agent-a]}"
until_true 60 va verify host-a
kill -STOP "${pid_of[tpm-a]}"
exits 3 va verify host-a
stop tpm-a KILL
start_tpm tpm-a
until_true 60 va verify host-a
exits 0 va audit verify
