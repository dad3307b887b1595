#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Machines whose maker left an IAK and its certificate in the TPM, and no
# certificate of an EK: who is enrolled by its word, and who is not.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a # no maker: there is no certificate in it
roots=$dir/roots ca=$dir/ca
mkdir "$roots" "$ca"
start_verifier -o "ek_roots=$roots"
export LIE=$dir/lie
echo none >"$LIE"
quiet() { "$@" >"$dir/said" 2>&1 || { cat "$dir/said" >&2 && fail "$*"; }; }
tpm() { quiet timeout 60 "tpm2_$1" -T "${tcti_of[tpm-a]}" "${@:2}"; }

# restart / enrolled BY-WHOM / refused TEXT
restart() {
	[ -z "${pid_of[agent-a]-}" ] || stop agent-a
	agentd=lying-agentd start_agent agent-a host-a tpm-a "$@"
	at=(--address "127.0.0.1:${port_of[agent-a]}" --yes)
}
enrolled() {
	exits 0 va enroll host-a "${at[@]}" "${@:2}"
	exits 0 va show host-a --json
	says out "\"endorsed_by\": \"$1\""
	exits 0 va verify host-a
	exits 0 hook db1 migrate pmc host-a
	exits 0 va forget host-a --yes
	echo "    enrolled by $1"
}
refused() {
	exits 2 va enroll host-a "${at[@]}"
	says err "$1"
	exits 4 va show host-a
	echo "    refused: $1"
}

# The profile's templates: names, and its attributes and policies.
declare -A algorithm=([rsa2048]=rsa2048:rsapss-sha256:null [p256]=ecc256:ecdsa-sha256:null [p384]=ecc384:ecdsa-sha384:null)
declare -A hash=([rsa2048]=sha256 [p256]=sha256 [p384]=sha384)
attributes='fixedtpm|fixedparent|sensitivedataorigin|userwithauth|adminwithpolicy|restricted|sign'
echo 5437182326e414fca797d5f174615a1641f61255797c3a2b22c21d120b2d1e07 | xxd -r -p >"$dir/sha256.policy"
echo 129d94ebf84556652c6eef43bbb757512ac87e52be7b349ca6ce4d826f749fcf672f51716c5cbb605f313bf345aab312 |
	xxd -r -p >"$dir/sha384.policy"

# make_iak TEMPLATE HANDLE [ATTRIBUTES]: the key there, its public half in iak.pem.
make_iak() {
	timeout 60 tpm2_evictcontrol -T "${tcti_of[tpm-a]}" -C o -c "$2" >/dev/null 2>&1 || true
	tpm createprimary -C e -G "${algorithm[$1]}" -g "${hash[$1]}" -a "${3:-$attributes}" \
		-L "$dir/${hash[$1]}.policy" -c "$dir/iak.ctx" -p "${password-}"
	tpm evictcontrol -C o -c "$dir/iak.ctx" "$2"
	tpm flushcontext -t
	tpm readpublic -c "$2" -f pem -o "$dir/iak.pem"
}
# certify EXTENSIONS NV-INDEX [KEY] [CA]: what the machine's maker leaves there.
certify() {
	local by=${4:-ca}
	quiet openssl x509 -req -in "$ca/csr" -force_pubkey "${3:-$dir/iak.pem}" -CA "$ca/$by.pem" -CAkey "$ca/$by.key" \
		-CAcreateserial -subj /CN=machine-7/serialNumber=ABC -days 30 \
		-extfile "$ca/conf" -extensions "$1" -outform der -out "$ca/iak.der"
	put "$2" "$ca/iak.der"
}
put() {
	timeout 60 tpm2_nvundefine -T "${tcti_of[tpm-a]}" -C p "$1" >/dev/null 2>&1 || true
	tpm nvdefine -C p "$1" -s "$(stat -c %s "$2")" -a 'ppwrite|ppread|authread|ownerread|no_da|platformcreate'
	tpm nvwrite -C p "$1" -i "$2"
}

cat >"$ca/conf" <<-CONF
	[iak]
	basicConstraints = critical,CA:false
	keyUsage = critical,digitalSignature
	extendedKeyUsage = 2.23.133.8.3
	[unsaid]
	basicConstraints = critical,CA:false
	keyUsage = critical,digitalSignature
	[ek]
	basicConstraints = critical,CA:false
	keyUsage = critical,keyAgreement
	extendedKeyUsage = 2.23.133.8.1
	[ca]
	basicConstraints = critical,CA:true
	keyUsage = critical,keyCertSign,cRLSign
CONF
for name in ca other; do
	quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -subj "/CN=Maker $name" -days 30 \
		-keyout "$ca/$name.key" -out "$ca/$name.pem"
done
quiet openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=Maker issuer" \
	-keyout "$ca/issuer.key" -out "$ca/csr"
quiet openssl x509 -req -in "$ca/csr" -CA "$ca/ca.pem" -CAkey "$ca/ca.key" -CAcreateserial -days 30 \
	-extfile "$ca/conf" -extensions ca -out "$ca/issuer.pem"
quiet openssl pkey -in "$ca/issuer.key" -pubout -out "$ca/none.pub"
cp "$ca/ca.pem" "$roots"

echo "# nobody speaks for it"
restart
refused 'it keeps no certificate'
enrolled operator --ek-sha256 "${ek_of[tpm-a]}"

echo "# each of the profile's IAKs, with each kind of attestation key"
for iak in rsa2048 p256 p384; do
	for ak in ecc rsa; do
		stop agent-a
		unset "pid_of[agent-a]"
		make_iak "$iak" 0x81020000
		certify iak 0x01C90000
		restart -o "ak_algorithm=$ak"
		enrolled iak-certificate
	done
	echo "    $iak"
done

echo "# the issuer comes along; an IDevID, what has a password and what is no certificate do no harm"
stop agent-a
unset "pid_of[agent-a]"
tpm createprimary -C e -G ecc256:ecdsa-sha256:null -a "${attributes/|restricted/}" -c "$dir/devid.ctx"
tpm evictcontrol -C o -c "$dir/devid.ctx" 0x81020001
tpm flushcontext -t
tpm readpublic -c 0x81020001 -f pem -o "$dir/devid.pem"
certify unsaid 0x01C90000 "$dir/devid.pem"
tpm nvdefine -C o 0x01C90001 -s 32 -a 'authread|ownerwrite' -p secret
tpm nvwrite -C o 0x01C90001 -i "$dir/sha256.policy"
tpm nvdefine -C o 0x01C90003 -s 32 -a 'authread|ownerwrite|no_da' -p secret
tpm nvwrite -C o 0x01C90003 -i "$dir/sha256.policy"
put 0x01C90002 "$dir/sha256.policy"
certify iak 0x01C90008 "$dir/iak.pem" issuer
quiet openssl x509 -in "$ca/issuer.pem" -outform der -out "$ca/issuer.der"
put 0x01C90100 "$ca/issuer.der"
restart
enrolled iak-certificate
exits 0 va enroll host-a "${at[@]}"
says out 'the certificate of the IAK'
says out 'CN=Maker issuer'
exits 1 va enroll host-a "${at[@]}" # enrolled already
says err 'is enrolled already'
exits 0 va forget host-a --yes

stop agent-a
quiet tpm2_getcap -T "${tcti_of[tpm-a]}" properties-variable
grep -q 'TPM2_PT_LOCKOUT_COUNTER: 0x0$' "$dir/said" || fail "a password was tried"
restart

echo "# who owns the host has the TPM sign something else"
for lie in iak-other-key:name iak-quote:type iak-by-ak:signature iak-trailing:signature iak-old:nonce; do
	echo "${lie%:*}" >"$LIE"
	refused "the IAK does not certify the host's attestation key: .* (${lie#*:})"
done
echo iak-unrestricted >"$LIE"
refused 'IAK of no template: .*of none of the TCG'
echo iak-of-another-key >"$LIE"
refused 'the certificate is of another key'
echo none >"$LIE"
enrolled iak-certificate

echo "# a key of software's: the IAK is not even asked"
echo soft-key >"$LIE"
refused 'not proved to live in the TPM'
echo none >"$LIE"

# bad TEXT: refused when the agent looks at its TPM anew.
bad() {
	restart
	refused "$1"
	stop agent-a
	unset "pid_of[agent-a]"
}
stop agent-a
unset "pid_of[agent-a]"
echo "# certificates that do not do"
certify unsaid 0x01C90008
bad 'not for an attestation key'
certify ek 0x01C90008
bad 'not for an attestation key'
certify iak 0x01C90008 "$dir/iak.pem" other
bad 'unable to get local issuer certificate'
certify iak 0x01C90008 "$ca/none.pub"
bad 'it keeps no certificate'

echo "# an IAK that its maker keeps to himself; the agent goes on"
password=secret make_iak p256 0x81020000
certify iak 0x01C90008
restart
exits 1 va enroll host-a "${at[@]}"
says err 'the initial attestation key has a password'
enrolled operator --ek-sha256 "${ek_of[tpm-a]}"
stop agent-a
unset "pid_of[agent-a]"

echo "# a key that signs anything is no IAK, whoever certified it"
make_iak p256 0x81020000 "${attributes/|restricted/}"
certify iak 0x01C90008
bad 'it keeps no certificate'
exits 0 va audit verify
