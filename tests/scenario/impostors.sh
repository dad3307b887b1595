#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whoever owns a host wants another key enrolled than one that its TPM holds and
# guards.  Nobody is enrolled, and the same host is when it tells the truth.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
start_tpm tpm-b
"$bin/credential-tool" name "${tcti_of[tpm-a]}" ecc "$dir/ak.name"
export LIE=$dir/lie OTHER_TCTI=${tcti_of[tpm-b]}
echo none >"$LIE"
agentd=lying-agentd start_agent agent-a host-a tpm-a
start_verifier -o deadline_ms=4000
at=(--address "127.0.0.1:${port_of[agent-a]}" --yes)
pin=${ek_of[tpm-a]}

# impostor NAME STATUS TEXT: not enrolled, and why.
impostor() {
	echo "$1" >"$LIE"
	exits "$2" va enroll host-a "${at[@]}" --ek-sha256 "$pin"
	says err "$3"
	exits 4 va show host-a
	echo "    $1: refused"
}

# weak NAME: as impostor, with a key made anew.
weak() {
	echo "$1" >"$LIE"
	stop agent-a
	agentd=lying-agentd start_agent agent-a host-a tpm-a
	impostor "$1" 2 'not a restricted, fixed signing key'
}

echo "# the key is not one that the TPM of the EK holds"
impostor soft-key 2 'not proved to live in the TPM'
pin=${ek_of[tpm-b]} # whoever shows it must hold it
impostor other-ek 2 'not proved to live in the TPM'

echo "# the EK is none"
pin=$(tail -c 32 "$dir/ak.name" | xxd -p -c 64)
impostor ak-as-ek 2 'not of the TCG'
pin=${ek_of[tpm-a]}

echo "# the answer is not the secret"
impostor guessed-secret 2 'not proved to live in the TPM'
impostor cut-secret 2 'not proved to live in the TPM'
echo none >"$LIE"
va enroll host-a "${at[@]/--yes/}" --ek-sha256 "$pin" </dev/null >/dev/null 2>&1 && fail "enrolled without a yes"
impostor old-secret 2 'not proved to live in the TPM'
impostor secret-twice 1 'a reply to another question'
impostor late-secret 3 'did not answer in time'

echo "# a key of the TPM that guards less than it should"
weak unrestricted
weak movable

echo "# the same host, honest"
echo none >"$LIE"
stop agent-a
agentd=lying-agentd start_agent agent-a host-a tpm-a
exits 0 va enroll host-a "${at[@]}" --ek-sha256 "$pin"
exits 0 va verify host-a
exits 0 va audit verify
