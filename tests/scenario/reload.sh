#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Both daemons are told to read their files again, under load: no request is
# lost, whoever is revoked is out at once, and what cannot serve changes nothing.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

reloads=8
[ "${SANITIZED:-no}" = no ] || reloads=3

# reloaded NAME: told, and it has taken all of it.
n_said() { grep -c -- "$2" "$dir/$1.log" || true; }
has_said_more() { [ "$(n_said "$1" "$2")" -gt "$3" ]; }
reloaded() {
	local before
	before=$(n_said "$1" 'event=reloaded$')
	kill -HUP "${pid_of[$1]}"
	until_true 60 has_said_more "$1" 'event=reloaded$' "$before"
}
# refused NAME TEXT: told, and nothing is as it was not.
refused() {
	local before taken
	before=$(n_said "$1" event=reload-refused)
	taken=$(n_said "$1" 'event=reloaded$')
	kill -HUP "${pid_of[$1]}"
	until_true 60 has_said_more "$1" event=reload-refused "$before"
	[ "$(n_said "$1" event=reload-refused)" = $((before + 1)) ] || fail "not one line"
	[ "$(n_said "$1" 'event=reloaded$')" = "$taken" ] || fail "taken all the same"
	grep event=reload-refused "$dir/$1.log" | tail -n 1 | grep >/dev/null -- "$2" || fail "does not say '$2'"
}

# session_of PORT CLIENT: what a client hears until the session ends.
session_of() {
	openssl s_client -connect "127.0.0.1:$1" -CAfile "$dir/pki/cacert.pem" \
		-cert "$dir/pki/$2/clientcert.pem" -key "$dir/pki/$2/clientkey.pem" \
		-alpn virt-attest/1 -tls1_3 -verify_return_error
}
handshake() { session_of "$1" "$2" </dev/null 2>&1 | grep >/dev/null '^Verification: OK'; }
# Reads until the server has closed: whoever is not let in hears an alert then.
is_refused() {
	session_of "$1" "$2" < <(sleep infinity & echo $! >"$dir/sleeper"; wait) >"$dir/heard" 2>&1 || true
	kill "$(cat "$dir/sleeper")" 2>/dev/null || true
	grep -q "alert" "$dir/heard"
}
shown_by() { session_of "$1" load </dev/null 2>/dev/null | openssl x509 -noout -fingerprint; }

# A listening manager: what a daemon tells it, one datagram after the other.
hear() {
	socat -u "UNIX-RECV:$dir/$1.notify" - >"$dir/$1.told" 2>/dev/null &
	pid_of[manager-$1]=$!
	until_true 60 test -S "$dir/$1.notify"
}
connections() { n_said "$1" 'peer="verifier" event=connected'; }

"$pki" make "$dir/pki" --host host-a --host host-b --verifier verifier --verifier load >/dev/null
start_tpm tpm-a
start_tpm tpm-b
: >"$dir/agent.conf"
: >"$dir/verifier.conf"
hear agent
hear verifier
NOTIFY_SOCKET=$dir/agent.notify WATCHDOG_USEC=200000 start_agent agent-a host-a tpm-a -c "$dir/agent.conf"
cp "$dir/pki/host-b/servercert.pem" "$dir/endpoint.pem"
start_agent agent-b host-b tpm-b -o "endpoint_certs=$dir/endpoint.pem"
NOTIFY_SOCKET=$dir/verifier.notify start_verifier -c "$dir/verifier.conf" -o reattest_s=60
for h in a b; do
	va enroll "host-$h" --address "127.0.0.1:${port_of[agent-$h]}" --ek-sha256 "${ek_of[tpm-$h]}" --yes >/dev/null
	exits 0 va verify "host-$h"
done

echo "# what a service manager is told"
until_true 60 grep -q 'STATUS=serving; 1 connected' "$dir/agent.told"
until_true 60 grep -q 'STATUS=2 hosts, 2 trusted' "$dir/verifier.told"
until_true 60 grep -q WATCHDOG=1 "$dir/agent.told"
! grep -q WATCHDOG=1 "$dir/verifier.told" || fail "a watchdog that nobody keeps"

echo "# $reloads times both, with certificates that change, under load"
stood=$(connections agent-a)
touch "$dir/loading"
for i in 1 2 3; do
	(while [ -e "$dir/loading" ]; do
		if va verify host-a >/dev/null 2>>"$dir/lost.$i"; then echo ok; else echo lost; fi
	done >"$dir/asked.$i") &
	pid_of[load-$i]=$!
done
(while [ -e "$dir/loading" ]; do
	if handshake "${port_of[agent-a]}" load; then echo ok; else echo lost; fi
done >"$dir/asked.4") &
pid_of[load-4]=$!
for ((n = 0; n < reloads; n++)); do
	"$pki" host "$dir/pki" host-a --force
	"$pki" verifier "$dir/pki" verifier --force
	reloaded agent-a
	reloaded verifier
	[ "$(shown_by "${port_of[agent-a]}")" = "$(openssl x509 -noout -fingerprint -in "$dir/pki/host-a/servercert.pem")" ] ||
		fail "the old certificate is shown"
done >/dev/null
rm "$dir/loading"
for i in 1 2 3 4; do
	wait "${pid_of[load-$i]}"
	unset "pid_of[load-$i]"
done
! grep -h lost "$dir"/asked.* || fail "lost: $(cat "$dir"/lost.*)"
echo "    $(cat "$dir"/asked.[123] | wc -l) verdicts and $(wc -l <"$dir/asked.4") handshakes, none lost"
[ "$(connections agent-a)" = "$stood" ] || fail "the verifier's session was dropped"
until_true 60 grep -q 'RELOADING=1' "$dir/agent.told"
grep -q 'MONOTONIC_USEC=[0-9]' "$dir/verifier.told" || fail "no time of the reload"

echo "# files that cannot serve change nothing, and are named"
cp "$dir/pki/crl.pem" "$dir/crl.keep"
echo nonsense >"$dir/pki/crl.pem"
refused agent-a 'crl.pem: '
refused verifier 'crl.pem: '
rm "$dir/pki/crl.pem"
refused agent-a 'crl.pem: No such file'
cp "$dir/crl.keep" "$dir/pki/crl.pem"
cp "$dir/pki/host-a/serverkey.pem" "$dir/key.keep"
cp "$dir/pki/host-b/serverkey.pem" "$dir/pki/host-a/serverkey.pem"
refused agent-a 'serverkey.pem: key values mismatch'
cp "$dir/key.keep" "$dir/pki/host-a/serverkey.pem"
echo 'lisetn = "x"' >"$dir/agent.conf"
refused agent-a 'agent.conf:1: lisetn: no such key'
echo 'max_age_s = 5' >"$dir/verifier.conf"
refused verifier 'do not fit in max_age_s'
echo 'read_group = "no-such-group"' >"$dir/verifier.conf"
refused verifier 'read_group: no group'
exits 0 va verify host-a
exits 0 va verify host-b
handshake "${port_of[agent-a]}" load || fail "no handshake"
[ "$(connections agent-a)" = "$stood" ] || fail "the verifier's session was dropped"
until_true 60 grep -q 'trusted; the last reload was refused: .*no group' "$dir/verifier.told"

echo "# what wants a restart is named, and stays as it was"
printf '%s\n' 'boot_log = "/nonexistent"' 'ak_handle = "0x81010055"' >"$dir/agent.conf"
printf '%s\n' 'events_dir = ""' 'max_age_s = 90' >"$dir/verifier.conf"
reloaded agent-a
says agent-a.log 'restart="ak_handle, boot_log"'
reloaded verifier
says verifier.log 'restart="events_dir"'
exits 0 va verify host-a
: >"$dir/agent.conf"
: >"$dir/verifier.conf"
reloaded agent-a
[ "$(n_said agent-a restart=)" = 1 ] || fail "named again when it is as it was"

echo "# an endpoint's key: each answer is of the one before or of the one after"
touch "$dir/loading"
for i in 1 2; do
	(while [ -e "$dir/loading" ]; do va verify host-b || true; done >"$dir/answers.$i" 2>&1) &
	pid_of[load-$i]=$!
done
for ((n = 0; n < reloads; n++)); do
	for of in host-a host-b; do
		cp "$dir/pki/$of/servercert.pem" "$dir/endpoint.pem"
		reloaded agent-b
	done
done
rm "$dir/loading"
wait "${pid_of[load-1]}" "${pid_of[load-2]}"
unset "pid_of[load-1]" "pid_of[load-2]"
grep -q '^  endpoint: ' "$dir"/answers.? || fail "no answer of the other key"
! grep -hE '^  [a-z-]+: ' "$dir"/answers.? | grep -v '^  endpoint: ' || fail "an answer of both"
exits 0 va verify host-b

echo "# one that is revoked is out: who was in, and who comes"
mkfifo "$dir/say"
session_of "${port_of[agent-a]}" load <"$dir/say" >"$dir/heard.load" 2>&1 &
pid_of[client]=$!
exec 9>"$dir/say"
until_true 60 grep -q '^Verification: OK' "$dir/heard.load"
"$pki" revoke "$dir/pki" load >/dev/null
exits 0 va verify host-a
begun=$(date +%s%N)
kill -HUP "${pid_of[agent-a]}"
timeout 30 tail --pid="${pid_of[client]}" -s 0.001 -f /dev/null || fail "a revoked session lives"
ended=$(date +%s%N)
exec 9>&-
unset "pid_of[client]"
echo "    $(((ended - begun) / 1000000)) ms after the signal"
says agent-a.log 'notice: peer="load" event=closed reason=".*revoked'
is_refused "${port_of[agent-a]}" load || fail "let in"
exits 0 va verify host-a
[ "$(connections agent-a)" = "$stood" ] || fail "the verifier's session was dropped"

echo "# a host that is revoked falls, the other one stands"
fell() { grep -q 'host=host-b verdict=stale was=trusted .*reason=peer .*revoked' "$dir/verifier.log"; }
stood_b=$(connections agent-b)
"$pki" revoke "$dir/pki" host-b >/dev/null
begun=$(date +%s%N)
kill -HUP "${pid_of[verifier]}"
until_true 60 fell
echo "    $((($(date +%s%N) - begun) / 1000000)) ms after the signal"
exits 3 va verify host-b
says out revoked
exits 0 va verify host-a
[ "$(connections agent-a)" = "$stood" ] || fail "the verifier's session was dropped"
[ "$(connections agent-b)" = "$stood_b" ] || fail "host-b was let in"

echo "# the names that may ask"
echo 'allowed_verifiers = ["another"]' >"$dir/agent.conf"
reloaded agent-a
until_true 60 grep -q 'peer="verifier" event=closed reason=".*not among the allowed names' "$dir/agent-a.log"
exits 3 va verify host-a
echo 'allowed_verifiers = ["another", "verifier"]' >"$dir/agent.conf"
reloaded agent-a
exits 0 va verify host-a

