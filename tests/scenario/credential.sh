#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Credentials of ours are opened by tpm2-tools, and theirs by our agent: every
# kind of endorsement key, both kinds of attestation key.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

start_tpm tpm-a
export TPM2TOOLS_TCTI=${tcti_of[tpm-a]}
tool=$bin/credential-tool
quiet() { "$@" >"$dir/said" 2>&1 || { cat "$dir/said" >&2 && fail "$*"; }; }
flush() { quiet tpm2_flushcontext -"$1"; }
head -c 32 /dev/urandom >"$dir/secret"

# use_ek ALGORITHM: how the EK is authorised for the tools: in auth[].
use_ek() {
	auth=()
	case $1 in
	rsa | ecc)
		quiet tpm2_startauthsession --policy-session -S "$dir/session"
		quiet tpm2_policysecret -S "$dir/session" -c e
		auth=(-P "session:$dir/session")
		;;
	esac
}

# ours_to_theirs EK AK
ours_to_theirs() {
	quiet tpm2_createek -c "$dir/ek.ctx" -G "$1" -u "$dir/ek.pub"
	flush t
	quiet tpm2_createak -C "$dir/ek.ctx" -c "$dir/ak.ctx" -G "$2" -g sha256 \
		-s "$([ "$2" = rsa ] && echo rsassa || echo ecdsa)" -n "$dir/ak.name"
	flush t
	flush s
	quiet "$tool" make "$dir/ek.pub" "$dir/ak.name" "$dir/secret" "$dir/credential"
	use_ek "$1"
	quiet tpm2_activatecredential -c "$dir/ak.ctx" -C "$dir/ek.ctx" \
		-i "$dir/credential" -o "$dir/opened" "${auth[@]}"
	cmp "$dir/secret" "$dir/opened" || fail "$1/$2: another secret"
	flush t
	flush s
}

# theirs_to_ours EK OUR-NAME-OF-IT AK
theirs_to_ours() {
	quiet tpm2_createek -c "$dir/ek.ctx" -G "$1" -u "$dir/ek.pub"
	flush t
	quiet "$tool" name "$TPM2TOOLS_TCTI" "$3" "$dir/ak.name"
	quiet tpm2_makecredential -T none -u "$dir/ek.pub" -s "$dir/secret" \
		-n "$(xxd -p -c 100 "$dir/ak.name")" -o "$dir/credential"
	quiet "$tool" activate "$TPM2TOOLS_TCTI" "$3" "$2" "$dir/credential" "$dir/opened"
	cmp "$dir/secret" "$dir/opened" || fail "$1/$3: another secret"
}

for ak in ecc rsa; do
	for ek in rsa ecc ecc384 ecc521 rsa3072; do
		ours_to_theirs "$ek" "$ak"
		echo "    ours, EK $ek, AK $ak: opened by tpm2_activatecredential"
	done
	for ek in rsa=rsa2048 ecc=ecc-p256 ecc384=ecc-p384 ecc521=ecc-p521 rsa3072=rsa3072; do
		theirs_to_ours "${ek%=*}" "${ek#*=}" "$ak"
		echo "    of tpm2_makecredential, EK ${ek#*=}, AK $ak: opened by ours"
	done
done
