#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The owner of an enrolled host has its certificate and its real TPM, and lets
# the agent lie with them.  Each lie is refused for its own reason.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
export LIE=$dir/lie
echo owner-key >"$LIE"
agentd=lying-agentd start_agent agent-a host-a tpm-a
start_verifier -o deadline_ms=6000
at=(--address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes)

# lie NAME REASON...: nothing but these is said against it.
lie() {
	echo "$1" >"$LIE"
	exits 2 va verify host-a --json
	shift
	said=$(sed -n 's/.*"code": "\(.*\)",/\1/p' "$dir/out" | paste -sd' ')
	[ "$said" = "$*" ] || fail "$(cat "$LIE"): '$said', not '$*'"
	echo none >"$LIE"
	exits 0 va verify host-a # and the honest are still served
}

echo "# an attestation key that the machine's owner can make and lose"
exits 2 va enroll host-a "${at[@]}"
says err 'signer'
exits 4 va show host-a
stop agent-a
echo none >"$LIE"
agentd=lying-agentd start_agent agent-a host-a tpm-a
exits 0 va enroll host-a "${at[@]}"
exits 0 va verify host-a

echo "# what the key has signed, and is no answer"
lie certify type length
lie invent magic
lie replay nonce clock
lie trailing signature
lie endpoint nonce endpoint

echo "# other PCRs than were asked"
lie sha1 pcr-selection bank golden
lie subset pcr-selection golden
lie other-pcrs pcr-selection pcr-digest

echo "# a host that changed and shows the values that it had"
extend tpm-a 4 "an evil loader"
echo old-values >"$LIE"
exits 2 va verify host-a
says out 'pcr-digest'
exits 1 va golden diff 1 host-a # those are no values to compare with
says err 'proves nothing: .*(pcr-digest)'

echo "# killed in the middle of an answer"
echo none >"$LIE"
exits 0 va golden add host-a
exits 0 va golden approve 2
exits 0 va verify host-a
echo half >"$LIE"
answers() { va status --json | sed -n 's/.*"attestations": \([0-9]*\).*/\1/p'; }
before=$(answers)
va verify host-a >"$dir/pending" 2>&1 &
asker=$!
asked() { [ "$(answers)" -gt "$before" ]; }
until_true 60 asked
stop agent-a KILL
got=0
wait "$asker" || got=$?
[ "$got" = 3 ] || fail "status $got: $(cat "$dir/pending")"
exits 0 va audit verify
