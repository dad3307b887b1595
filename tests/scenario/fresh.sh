#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Trust is not kept past what it rests on: the nonce, the golden value, the
# connection, the age.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
start_agent agent-a host-a tpm-a
start_verifier -o max_age_s=8 -o deadline_ms=6000
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >/dev/null

attestations() { va status --json | sed -n 's/.*"attestations": \([0-9]*\).*/\1/p'; }
more_than() { [ "$(attestations)" -gt "$1" ]; }

echo "# every nonce is another one, and the kernel's"
for _ in {1..20}; do
	exits 0 va verify host-a
	va show host-a --evidence | sed -n 's/.*"nonce": "\(.*\)",.*/\1/p' >>"$dir/nonces"
done
[ "$(sort -u "$dir/nonces" | wc -l)" = 20 ] || fail "a nonce came twice"
# 20 nonces of 32 bytes in common places: no byte stays the same in all.
while read -r nonce; do base64 -d <<<"$nonce" | od -An -v -tu1 -w1 | paste -sd' '; done <"$dir/nonces" >"$dir/bytes"
awk '{ for (i = 1; i <= NF; i++) seen[i, $i] = 1; n = NF }
	END { for (i = 1; i <= n; i++) { c = 0; for (b = 0; b < 256; b++) c += (i, b) in seen; if (c < 5) exit 1 } exit n != 32 }' \
	"$dir/bytes" || fail "nonces that are not random"

echo "# a kept verdict is given again, and not past max_age_s"
exits 0 va verify host-a
before=$(attestations)
exits 0 va verify host-a --max-age 60
[ "$(attestations)" = "$before" ] || fail "it was asked anew"
stale() { va hosts | grep -q stale; }
until_true 60 stale
exits 0 va verify host-a --max-age 60
more_than "$before" || fail "an old verdict was given again"

echo "# a golden value that is revoked while the TPM still signs"
before=$(attestations)
kill -STOP "${pid_of[tpm-a]}"
va verify host-a >"$dir/pending" 2>&1 &
pending=$!
until_true 60 more_than "$before"
exits 0 va golden revoke 1
kill -CONT "${pid_of[tpm-a]}"
got=0
wait "$pending" || got=$?
[ "$got" = 4 ] || fail "status $got: $(cat "$dir/pending")"
exits 0 va golden add host-a
exits 0 va golden approve 2

echo "# a host that came back is not trusted for what it was"
exits 0 va verify host-a
stop agent-a KILL
start_agent agent-a host-a tpm-a
before=$(attestations)
kill -STOP "${pid_of[tpm-a]}"
va verify host-a >"$dir/pending" 2>&1 &
pending=$!
connected() { grep -q event=connected "$dir/agent-a.log"; }
until_true 60 connected
exits 3 va verify host-a --max-age 2
kill -CONT "${pid_of[tpm-a]}"
wait "$pending" || true
until_true 60 va verify host-a

echo "# nor when its connection broke under a question, and another one stands"
stop verifier
socat "TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr" "TCP:127.0.0.1:${port_of[agent-a]}" >"$dir/relay.log" 2>&1 &
pid_of[relay]=$!
relay_port() { ss -Hltnp | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=${pid_of[relay]},.*/\1/p" | grep .; }
until_true 60 relay_port
rm -f "$dir"/verifier.db*
start_verifier -o max_age_s=60 -o deadline_ms=6000
exits 0 va enroll host-a --address "127.0.0.1:$(relay_port)" --ek-sha256 "${ek_of[tpm-a]}" --yes
exits 0 va verify host-a
exits 0 va verify host-a --max-age 60
before=$(attestations)
kill -STOP "${pid_of[tpm-a]}"
va verify host-a >"$dir/pending" 2>&1 &
pending=$!
until_true 60 more_than "$before"
met() { grep -c event=connected "$dir/agent-a.log"; }
met_before=$(met)
pkill -KILL -P "${pid_of[relay]}"
met_again() { [ "$(met)" -gt "$met_before" ]; }
until_true 60 met_again
exits 3 va verify host-a --max-age 60
kill -CONT "${pid_of[tpm-a]}"
wait "$pending" || true
until_true 60 va verify host-a

echo "# nor past the end of the golden value that it met"
exits 0 va golden export 1
sed "s/\"valid_until\": *0/\"valid_until\": $(($(date +%s) + 10))/" "$dir/out" >"$dir/golden.json"
exits 0 va golden import "$dir/golden.json"
exits 0 va golden approve 2
exits 0 va golden revoke 1
exits 0 va verify host-a
exits 0 va hosts
says out trusted
until_true 60 stale # long before max_age_s
exits 4 va verify host-a --max-age 60
