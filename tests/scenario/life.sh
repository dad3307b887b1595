#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A host's life: enrolled with its EK pinned, updated, rebooted, forgotten; and
# what the verifier acknowledged is there after it was killed.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a "${TPM_OVER:-unix}"
extend tpm-a 4 "kernel 1"
start_agent agent-a host-a tpm-a -o "ak_algorithm=${AK:-ecc}"
start_verifier -o max_age_s=300
at=(--address "127.0.0.1:${port_of[agent-a]}")
pin=(--ek-sha256 "${ek_of[tpm-a]}")

echo "# enrolment"
exits 2 va enroll host-a "${at[@]}" --ek-sha256 "$(printf 0%.0s {1..64})" --yes
says err "no such endorsement key"
exits 2 va enroll host-a "${at[@]}" --yes # no certificate, no pin
says err "no CA vouches"
exits 1 va enroll host-a "${at[@]}" "${pin[@]}" # nothing is asked without a terminal
exits 4 va show host-a
exits 1 va enroll host-a "${at[@]}" --pcrs sha256:16 --yes
exits 1 va enroll host-a "${at[@]}" --pcrs sha1:0 --yes
exits 2 va enroll other "${at[@]}" --yes # the certificate is host-a's
exits 0 va enroll host-a "${at[@]}" "${pin[@]}" --yes
exits 1 va enroll host-a "${at[@]}" --yes
says err "enrolled already"
exits 0 hook db1 migrate pmc qemu+tls://host-a/system
exits 0 hook db1 migrate pmc qemu+ssh://root@host-a/system
[ ! -s "$dir/out" ] || fail "the hook wrote to standard output"

echo "# an update: refused, then approved"
extend tpm-a 4 "kernel 2"
exits 2 va verify host-a
exits 0 va golden add host-a --label "kernel 2"
exits 2 va verify host-a # a candidate trusts nothing
exits 0 va golden approve 2
exits 0 va verify host-a
exits 1 va golden approve 2
exits 2 va golden diff 1 2
exits 0 va golden export 2
cp "$dir/out" "$dir/golden.json"
exits 0 va verify host-a --max-age 60
exits 0 va golden revoke 2
exits 2 va verify host-a --max-age 60 # what was kept is worth nothing now
sed 's/^\( *"4": "\)..\(.*\)$/\1ee\2/' "$dir/golden.json" >"$dir/forged.json"
exits 1 va golden import "$dir/forged.json"
says err 'not those of the quote'
exits 0 va golden import "$dir/golden.json"
exits 0 va golden approve 3
exits 0 va verify host-a

echo "# a reboot: another boot session, the same state"
stop tpm-a KILL
exits 3 va verify host-a
start_tpm tpm-a "${TPM_OVER:-unix}"
extend tpm-a 4 "kernel 1"
extend tpm-a 4 "kernel 2"
until_true 60 va verify host-a
exits 0 va verify host-a --json
says out '"reset_count": [^1]'

echo "# the verifier is killed: what it acknowledged is there"
stop verifier KILL
exits 1 hook db1 migrate pmc qemu+tls://host-a/system
says err "no verdict"
start_verifier -o max_age_s=300
exits 0 va audit verify
exits 0 va golden show 3
stop verifier
cp "$dir/verifier.db" "$dir/kept.db"
sqlite3 "$dir/verifier.db" "UPDATE audit SET actor = 'uid=1' WHERE sequence = 2"
start_verifier -o max_age_s=300
exits 2 va audit verify # somebody wrote to it
says err 'line 2'
exits 2 va doctor
stop verifier
rm -f "$dir"/verifier.db*
cp "$dir/kept.db" "$dir/verifier.db"
start_verifier -o max_age_s=300
exits 0 va audit verify
exits 0 va hosts
says out stale # nobody has seen the host since
exits 0 va verify host-a
exits 0 va show host-a --evidence
cp "$dir/out" "$dir/evidence.json"
exits 0 va inspect "$dir/evidence.json"
says out "^signed  *yes"
sed 's/^\( *"4": "\)..\(.*\)$/\1ee\2/' "$dir/evidence.json" >"$dir/forged.json"
exits 2 va inspect "$dir/forged.json"
says out "^values_signed  *no"
sed 's/"signature": "AB\(....\)/"signature": "AB\1AAAA/; s/"exporter": "..../"exporter": "AAAA/' "$dir/evidence.json" |
	sed 's/"ak_public": "\(.*\)..\(......\)",/"ak_public": "\1AA\2",/' >"$dir/forged.json"
exits 2 va inspect "$dir/forged.json"
says out "^signed  *no"

echo "# the end"
exits 0 va forget host-a --yes
exits 4 va verify host-a
exits 4 hook db1 migrate pmc qemu+tls://host-a/system
exits 0 va audit verify
