#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Many ask at once, and the TPM signs about twice: verdicts for one host share
# a round, and an agent answers all who wait with one signature.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
start_agent agent-a host-a tpm-a
start_verifier -o deadline_ms=60000
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >/dev/null
exits 0 va verify host-a

signatures() { va show host-a --json | sed -n 's/.*"signatures": \([0-9]*\).*/\1/p'; }
before=$(signatures)

echo "# 64 askers of one verifier, while the TPM is busy"
kill -STOP "${pid_of[tpm-a]}"
for i in {1..64}; do
	va verify host-a --json >"$dir/verdict.$i" 2>&1 &
	askers+=($!)
done
asking() { [ "$(ss -Hxp 2>/dev/null | grep -c "$dir/v.sock")" -ge 64 ]; }
until_true 60 asking
kill -CONT "${pid_of[tpm-a]}"
for pid in "${askers[@]}"; do wait "$pid" || fail "an asker was refused"; done
[ "$(grep -l '"trusted"' "$dir"/verdict.* | wc -l)" = 64 ] || fail "not all were answered"
spent=$(($(signatures) - before))
echo "64 verdicts, $spent signatures"
[ "$spent" -ge 1 ] && [ "$spent" -le 4 ] || fail "64 askers cost $spent signatures"

echo "# 24 verifiers of one agent, while the TPM is busy"
before=$(signatures)
kill -STOP "${pid_of[tpm-a]}"
for i in {1..24}; do
	nonce=$(head -c 32 /dev/urandom | base64 -w 0)
	# -quiet: the end of its input does not end the session.
	printf '{"execute":"quote","arguments":{"nonce":"%s","pcrs":"sha256:0,2,4,7"},"id":1}\n' "$nonce" |
		timeout 120 openssl s_client -quiet -connect "127.0.0.1:${port_of[agent-a]}" -alpn virt-attest/1 \
			-CAfile "$dir/pki/cacert.pem" -cert "$dir/pki/verifier/clientcert.pem" \
			-key "$dir/pki/verifier/clientkey.pem" >"$dir/quote.$i" 2>/dev/null &
	clients+=($!)
done
connected() { [ "$(grep -c 'event=connected' "$dir/agent-a.log")" -ge 26 ]; }
until_true 60 connected
kill -CONT "${pid_of[tpm-a]}"
answered() { [ "$(grep -l '"attest"' "$dir"/quote.* | wc -l)" = 24 ]; }
until_true 60 answered
kill "${clients[@]}" 2>/dev/null || true
exits 0 va verify host-a
spent=$(($(signatures) - before - 1))
echo "24 quotes, $spent signatures"
[ "$spent" -ge 1 ] && [ "$spent" -le 4 ] || fail "24 quotes cost $spent signatures"
grep -q '"size":2[0-9]' "$dir"/quote.* || fail "no tree of many leaves"
