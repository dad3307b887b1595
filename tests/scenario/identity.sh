#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A host's identity is for ever: another TPM, a changed seed, another key under
# its name, and its TPM under another name; and the operator's own verb to
# replace it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --host host-b --verifier verifier >/dev/null
for tpm in tpm-a tpm-b; do
	make_tpm "$tpm"
	start_tpm "$tpm"
done
mkdir "$dir/roots"
cp "$dir"/maker/{root,issuer}.pem "$dir/roots"
start_agent agent-a host-a tpm-a
start_verifier -o "ek_roots=$dir/roots"
at=(--address "127.0.0.1:${port_of[agent-a]}" --yes)
ek() { va show host-a --json | sed -n 's/.*"ek_sha256": "\(.*\)",/\1/p'; }
restart_agent() {
	stop agent-a
	start_agent agent-a host-a "$@"
}

echo "# enrolled once; the same again is told so"
exits 0 va enroll host-a "${at[@]}" --group rack-1 --label "as delivered"
exits 1 va enroll host-a "${at[@]}"
says err 'enrolled already, with this TPM and this key'
exits 0 va verify host-a
first=$(ek)
exits 0 va reenroll host-a
says out 'it is as it was enrolled'

echo "# the same TPM with another attestation key"
restart_agent tpm-a -o ak_algorithm=rsa
exits 2 va enroll host-a "${at[@]}"
says err 'the same TPM with another attestation key'
exits 2 va verify host-a # nothing in a reconnect changes the identity

echo "# another TPM under the name: refused, and both are named"
restart_agent tpm-b
exits 2 va enroll host-a "${at[@]}"
says err "EK ${first:0:12}"
says err 'another TPM'
exits 2 va verify host-a
[ "$(ek)" = "$first" ] || fail "the identity changed by itself"

echo "# it lists the keys of the TPM that it is not: that is its own word"
stop agent-a
export LIE=$dir/lie OTHER_TCTI=${tcti_of[tpm-a]}
echo both-eks >"$LIE"
agentd=lying-agentd start_agent agent-a host-a tpm-b
exits 2 va enroll host-a "${at[@]}"
says err 'by its own word: the same TPM with another attestation key'
exits 2 va reenroll host-a
says out 'it is     another TPM'
echo none >"$LIE"

echo "# the operator looks, and replaces it; what the old one had is gone"
exits 2 va reenroll host-a --yes
says out 'another TPM'
says out "$first"
says out 'nothing was changed'
[ "$(ek)" = "$first" ] || fail "reenroll without --replace changed the identity"
exits 4 va reenroll host-b --replace --yes # never enrolled
exits 1 va reenroll host-a --replace </dev/null # nobody said yes
[ "$(ek)" = "$first" ] || fail "replaced without a yes"
exits 0 va reenroll host-a --replace --yes
[ "$(ek)" != "$first" ] || fail "nothing was replaced"
exits 0 va show host-a --json
says out '"group": "rack-1"'
exits 4 va golden show 99
exits 0 va golden show 1 --json
says out '"state": "revoked"'
exits 0 va verify host-a
exits 0 va audit show
says out "host-replace .*before: ek=$first"

echo "# its TPM under another name: by another EK, by another spelling of one"
echo exponent >"$LIE"
agentd=lying-agentd start_agent agent-b host-b tpm-b
exits 0 va enroll host-b --address "127.0.0.1:${port_of[agent-b]}" --yes
says err "WARNING: this TPM is enrolled as 'host-a' already"
exits 0 va show host-b --json
says out '"ek_algorithm": "ecc-p384"'
exits 0 va doctor
says out "host-b: has the same TPM as 'host-a'"
exits 0 va forget host-b --yes
stop agent-b

echo "# the seed of the TPM's keys is changed: the certificate tells whose it was"
stop agent-a
timeout 60 tpm2_changeeps -T "${tcti_of[tpm-b]}" >/dev/null 2>&1 || fail "no changeeps"
start_agent agent-a host-a tpm-b
exits 2 va verify host-a
exits 2 va enroll host-a "${at[@]}"
says err 'its endorsement seed was changed'
exits 2 va reenroll host-a --replace --yes # the old certificate is not of the new key
says err 'another key'
stop agent-a
pin=$(show_ek tpm-b | sed -n 's/^ecc-p256 //p')
start_agent agent-a host-a tpm-b
exits 0 va reenroll host-a --replace --yes --ek-sha256 "$pin"
says out 'its endorsement seed was changed'
exits 0 va verify host-a

echo "# the TPM is cleared by its owner: its keys stay, its counters do not"
stop agent-a
timeout 60 tpm2_clear -T "${tcti_of[tpm-b]}" -c p >/dev/null 2>&1 || fail "no clear"
start_agent agent-a host-a tpm-b
exits 2 va verify host-a
says out 'reset counter went backwards'
exits 0 va reenroll host-a --replace --yes --ek-sha256 "$pin"
says out 'the same TPM with the same attestation key'
exits 0 va verify host-a
exits 0 va reenroll host-a # what the operator pinned need not be said again
says out 'it is as it was enrolled'

echo "# one TPM under two names is told loudly"
start_agent agent-b host-b tpm-b
exits 0 va enroll host-b --address "127.0.0.1:${port_of[agent-b]}" --yes --ek-sha256 "$pin"
says err "WARNING: this TPM is enrolled as 'host-a' already"
exits 4 va verify qemu+tls://127.0.0.1/system # which of them?
says out 'destination: '
says out 'several hosts are enrolled at'
exits 0 va audit verify

echo "# the doctor lists it, and what is odd about the CAs"
exits 0 va doctor
says out "host-b: has the same TPM as 'host-a'"
says out 'ok    ek_roots: 2 CAs'
says out 'ok    audit'
exits 0 va forget host-b --yes
! grep -q 'first sight' "$dir/out" || fail "nobody was believed at first sight"
stop verifier
sqlite3 "$dir/verifier.db" "UPDATE hosts SET endorser = 'nobody' WHERE name = 'host-a'" # as version 1 left it
start_verifier -o "ek_roots=$dir/roots"
exits 0 va doctor
says out 'warn  host-a: its EK was believed at first sight'
rm "$dir/roots/root.pem"
exits 0 va doctor --json
says out 'its issuer is not here'
! grep -q 'same TPM' "$dir/out" || fail "a host that is gone"
echo nonsense >"$dir/roots/x.pem"
exits 2 va doctor
says out 'fail  ek_roots: .*x.pem'
