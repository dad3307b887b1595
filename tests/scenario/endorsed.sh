#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# TPMs as their maker ships them, with certificates of their endorsement keys:
# who is enrolled by whose word, and who is not.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --host host-b --verifier verifier >/dev/null
make_tpm tpm-a
start_tpm tpm-a
roots=$dir/roots
mkdir "$roots"
start_verifier -o "ek_roots=$roots"
at() { echo "--address 127.0.0.1:${port_of[agent-a]} --yes"; }
quiet() { "$@" >"$dir/said" 2>&1 || { cat "$dir/said" >&2 && fail "$*"; }; }
tpm() { quiet timeout 60 "tpm2_$1" -T "${tcti_of[tpm-a]}" "${@:2}"; }

# refused TEXT / enrolled EK-ALGORITHM BY-WHOM; the host is forgotten again.
# shellcheck disable=SC2046 # options
refused() {
	exits 2 va enroll host-a $(at)
	says err "$1"
	exits 4 va show host-a
}
# shellcheck disable=SC2046
enrolled() {
	exits 0 va enroll host-a $(at) "${@:3}"
	exits 0 va show host-a --json
	says out "\"ek_algorithm\": \"$1\""
	says out "\"endorsed_by\": \"$2\""
	exits 0 va verify host-a
	exits 0 va forget host-a --yes
	echo "    enrolled by $2, EK $1"
}
# put NV-INDEX FILE: what a maker leaves there, with zeroes behind it.
put() {
	timeout 60 tpm2_nvundefine -T "${tcti_of[tpm-a]}" -C p "$1" >/dev/null 2>&1 || true
	{ cat "$2" && head -c 64 /dev/zero; } >"$dir/nv"
	tpm nvdefine -C p "$1" -s "$(stat -c %s "$dir/nv")" -a 'ppwrite|ppread|authread|ownerread|no_da|platformcreate'
	tpm nvwrite -C p "$1" -i "$dir/nv"
}
drop() { tpm nvundefine -C p "$1"; }

for ak in ecc rsa; do
	start_agent agent-a host-a tpm-a -o "ak_algorithm=$ak"
	echo "# AK $ak: nobody is believed yet; then the maker's root, its issuer being in the TPM"
	rm -f "$roots"/*
	refused 'rsa2048: unable to get local issuer certificate'
	cp "$dir/maker/root.pem" "$roots"
	refused 'rsa2048: unable to get local issuer certificate'
	stop agent-a
	openssl x509 -in "$dir/maker/issuer.pem" -outform der -out "$dir/issuer.der"
	put 0x01C00100 "$dir/issuer.der"
	start_agent agent-a host-a tpm-a -o "ak_algorithm=$ak"
	enrolled rsa2048 ek-certificate
	stop agent-a
	drop 0x01C00100
	cp "$dir/maker/issuer.pem" "$roots"
	start_agent agent-a host-a tpm-a -o "ak_algorithm=$ak"
	enrolled rsa2048 ek-certificate
	enrolled ecc-p256 operator --ek-sha256 "${ek_of[tpm-a]}"
	stop agent-a
done

echo "# what the certificate says is shown"
start_agent agent-a host-a tpm-a
# shellcheck disable=SC2046
exits 0 va enroll host-a $(at)
says out 'for id:00001014 swtpm id:20191023, CN=tpm-a'
says err 'WARNING: all of these PCRs are zero'
exits 0 va forget host-a --yes
stop agent-a

echo "# P-384 without the RSA one; a P-256 EK of the low range, certified by another maker"
tpm createek -c "$dir/ek.ctx" -G ecc -u "$dir/ek.pub" -f pem
tpm flushcontext -t
ca=$dir/ca
mkdir "$ca"
touch "$ca/index"
echo 01 >"$ca/serial"
cat >"$ca/conf" <<-CONF
	[ca]
	default_ca = it
	[it]
	database = $ca/index
	serial = $ca/serial
	crlnumber = $ca/serial
	new_certs_dir = $ca
	certificate = $ca/ca.pem
	private_key = $ca/ca.key
	default_md = sha256
	default_crl_days = 30
	policy = any
	unique_subject = no
	[any]
	commonName = optional
	[ek]
	basicConstraints = critical,CA:false
	keyUsage = critical,keyAgreement
	extendedKeyUsage = 2.23.133.8.1
	subjectAltName = critical,dirName:tpm
	[tpm]
	1.2.23.133.2.1 = id:45584D50
	2.2.23.133.2.2 = Model 7
	3.2.23.133.2.3 = id:00010002
CONF
quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Example -days 30 \
	-keyout "$ca/ca.key" -out "$ca/ca.pem"
quiet openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=none -keyout "$ca/none.key" -out "$ca/csr"
# certify DAYS: the EK, from now on.
certify() {
	quiet openssl x509 -req -in "$ca/csr" -force_pubkey "$dir/ek.pub" -CA "$ca/ca.pem" -CAkey "$ca/ca.key" \
		-CAcreateserial -subj /CN=unsaid -days "$1" -extfile "$ca/conf" -extensions ek -outform der -out "$ca/ek.der"
	openssl x509 -in "$ca/ek.der" -out "$ca/ek.pem"
	put 0x01C0000A "$ca/ek.der"
}
certify 30
drop 0x01C00002
for ak in rsa ecc; do
	start_agent agent-a host-a tpm-a -o "ak_algorithm=$ak"
	rm -f "$roots/other.pem"
	enrolled ecc-p384 ek-certificate
	cp "$ca/ca.pem" "$roots/other.pem"
	enrolled ecc-p256 ek-certificate
	[ "$ak" = ecc ] || stop agent-a
done

echo "# revoked, and out of date"
quiet openssl ca -config "$ca/conf" -revoke "$ca/ek.pem"
quiet openssl ca -config "$ca/conf" -gencrl -out "$roots/other.crl"
refused 'ecc-p256: certificate revoked' # whatever its P-384 EK's maker says
rm "$roots/issuer.pem"
mv "$roots/other.crl" "$roots/A LIST" # whatever it is called
refused 'ecc-p256: certificate revoked'
# unreadable NAME: what lies there cannot be read: then nobody is believed.
# shellcheck disable=SC2046
unreadable() {
	exits 1 va enroll host-a $(at)
	says err "ek_roots: $1: "
	exits 2 va doctor
	says out "fail  ek_roots: .*$1: "
	exits 0 va hosts
}
echo "nonsense" >"$roots/broken.crl" # a list that cannot be read revokes nobody
unreadable broken.crl
rm "$roots/broken.crl"
mkfifo "$roots/pipe" # nobody will ever write to it
unreadable pipe
rm "$roots/pipe"
echo "nonsense" >"$roots/$(printf 'odd\nname\377.pem')"
unreadable 'odd?name?.pem'
rm "$roots"/odd*
stop agent-a
certify -1
start_agent agent-a host-a tpm-a
enrolled ecc-p256 ek-certificate
# shellcheck disable=SC2046
exits 0 va enroll host-a $(at)
says err 'WARNING: the certificate of .* ended on 20'
exits 0 va forget host-a --yes
stop verifier
start_verifier -o "ek_roots=$roots" -o ek_expired=refuse
refused 'ended on 20'
cp "$dir/maker/issuer.pem" "$roots"
enrolled ecc-p384 ek-certificate
stop agent-a

echo "# a certificate for a key that is no EK, though the TPM holds it"
agentd=lying-agentd
export LIE=$dir/lie CERTIFICATE=$ca/ak.der
echo none >"$LIE"
start_agent agent-a host-a tpm-a
enrolled ecc-p384 ek-certificate
# shellcheck disable=SC2046
exits 0 va enroll host-a $(at)
# SubjectPublicKeyInfo of P-256 and the point, whose coordinates end a TPMT_PUBLIC.
va show host-a --json | sed -n 's/.*"ak_public": "\(.*\)",/\1/p' | base64 -d >"$dir/ak"
{
	printf '3059301306072a8648ce3d020106082a8648ce3d03010703420004' | xxd -r -p
	tail -c 66 "$dir/ak" | head -c 32
	tail -c 32 "$dir/ak"
} >"$dir/ak.der"
openssl pkey -pubin -inform der -in "$dir/ak.der" -out "$dir/ek.pub"
exits 0 va forget host-a --yes
quiet openssl x509 -req -in "$ca/csr" -force_pubkey "$dir/ek.pub" -CA "$ca/ca.pem" -CAkey "$ca/ca.key" \
	-CAcreateserial -subj /CN=unsaid -days 30 -extfile "$ca/conf" -extensions ek -outform der -out "$ca/ak.der"
echo certified-ak >"$LIE"
refused 'not of the TCG'
stop agent-a
unset agentd

echo "# the certificate of another TPM's key"
make_tpm tpm-b
start_tpm tpm-b
quiet tpm2_nvread -T "${tcti_of[tpm-b]}" -C o 0x01C00002 -o "$dir/theirs.der"
put 0x01C00002 "$dir/theirs.der"
drop 0x01C00016
start_agent agent-a host-a tpm-a
refused 'the certificate is of another key'
exits 0 va audit verify
