#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# An agent of its own making, with the host's certificate: what it says of
# itself is judged before anything is stored.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_verifier -o deadline_ms=6000
fixtures=$source_dir/tests/fixtures/quote

# identity AK-FILE: a reply to the first question.
identity() {
	printf '{"return":{"protocol":"virt-attest/1","ak_public":"%s","eks":[{"algorithm":"rsa2048","public":"%s"}],' \
		"$(base64 -w 0 "$1")" "$(base64 -w 0 "$fixtures/rsa.ak")"
	printf '"tpm_manufacturer":"X","tpm_vendor":"%s","tpm_firmware":1,"pcr_banks":["sha256"],"endpoint_keys":[]},"id":1}\n' "${2:-Y}"
}

# enrolled_with STATUS WORDS: what `enroll` makes of the answer in the file.
enrolled_with() {
	openssl s_server -accept 127.0.0.1:0 -quiet -alpn virt-attest/1 -Verify 1 -naccept 1 -CAfile "$dir/pki/cacert.pem" \
		-cert "$dir/pki/host-a/servercert.pem" -key "$dir/pki/host-a/serverkey.pem" \
		<"$dir/answer" >"$dir/rogue.log" 2>&1 &
	pid_of[rogue]=$!
	until_true 60 rogue_port
	exits "$1" va enroll host-a --address "127.0.0.1:$(rogue_port)" --yes
	says err "$2"
	stop rogue KILL
	exits 4 va show host-a
}
rogue_port() { ss -Hltnp | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=${pid_of[rogue]},.*/\1/p" | grep .; }

echo "# keys that are no attestation keys"
identity "$fixtures/ecc.ak" >"$dir/answer" # no noDA: a guess locks the TPM
enrolled_with 2 'not a restricted, fixed signing key'
identity "$fixtures/rsa.ak" >"$dir/answer"
enrolled_with 2 'not a restricted, fixed signing key'
head -c 40 /dev/urandom >"$dir/noise"
identity "$dir/noise" >"$dir/answer"
enrolled_with 1 'public area'

echo "# words that would write on the operator's terminal"
identity "$fixtures/ecc.ak" '\u001b[2J' >"$dir/answer"
enrolled_with 1 'control characters'
identity "$fixtures/ecc.ak" '\u009b2J' >"$dir/answer"
enrolled_with 1 'control characters'

echo "# no answer, half of one, one to another question, an error"
printf '{"return":{},"id":1}\n' >"$dir/answer"
enrolled_with 1 'missing'
identity "$fixtures/ecc.ak" | sed 's/"id":1/"id":2/' >"$dir/answer"
enrolled_with 1 'another question'
printf '{"error":{"class":"Lockout","desc":"later"},"id":1}\n' >"$dir/answer"
enrolled_with 1 'later'
head -c 200000 /dev/zero | tr '\0' 'a' >"$dir/answer"
enrolled_with 1 'over'
