#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Attestation results for others: what a stranger verifies with his own tools
# (jose, openssl), and what he can never take for trust.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

chmod 755 "$dir"
"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
make_tpm tpm-a
start_tpm tpm-a
start_agent agent-a host-a tpm-a
mkdir "$dir/roots"
cp "$dir/maker/root.pem" "$dir/maker/issuer.pem" "$dir/roots/"
serve() { start_verifier -o max_age_s=60 -o "ek_roots=$dir/roots" -o read_group=games; }
serve
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --yes

# The whole of a stranger's work: the key that he was given, the signature, the
# claims.  opened JWT: the claims into $dir/claims.
opened() { jose jws ver -i "$1" -k "$dir/key.jwk" -O "$dir/claims"; }
# ear STATUS ARGUMENT...: asks, and keeps the JWT in $dir/jwt.
ear() {
	local want=$1
	shift
	exits "$want" va verify --format ear "$@"
	[ "$(wc -l <"$dir/out")" = 1 ] || fail "not one line: $(cat "$dir/out")"
	tr -d '\n' <"$dir/out" >"$dir/jwt"
	opened "$dir/jwt" || fail "the signature does not hold"
}
claims() { says claims "$1"; }
never() { ! grep -q -- "$1" "$dir/claims" || fail "says $1: $(cat "$dir/claims")"; }
number() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$dir/claims"; }

echo "# the key, in two forms, made at first use"
exits 0 va key --json
cp "$dir/out" "$dir/key.jwk"
exits 0 va key
cp "$dir/out" "$dir/key.pem"
kid=$(jose jwk thp -i "$dir/key.jwk")
says key.jwk "\"kid\": *\"$kid\""
base64url() { basenc --base64url -w 0 | tr -d =; }
x=$(openssl pkey -pubin -in "$dir/key.pem" -outform DER | tail -c 64 | head -c 32 | base64url)
y=$(openssl pkey -pubin -in "$dir/key.pem" -outform DER | tail -c 32 | base64url)
says key.jwk "\"x\": *\"$x\""
says key.jwk "\"y\": *\"$y\""
exits 0 va audit show
says out "uid=0  *key-make .*$kid"
[ "$(grep -c key-make "$dir/out")" = 1 ] || fail "a key was made twice"
[ "$(stat -c %a "$dir/verifier.db")" = 600 ] || fail "others may read the store"

echo "# trusted"
before=$(date +%s)
ear 0 host-a --nonce bm9uY2Utb2YtdGhlLXJlbHlpbmctcGFydHk=
claims '"eat_profile":"tag:ietf.org,2026:rats/ear#04"'
claims '"eat_nonce":"bm9uY2Utb2YtdGhlLXJlbHlpbmctcGFydHk="'
claims '"submods":{"host-a":{"ear_status":"affirming",'
claims '"ear_trustworthiness_vector":{"instance-identity":2,"configuration":2,"executables":3,"hardware":2}'
claims '"ear_appraisal_policy_ids":\["golden:1"\]'
claims '"virt-attest.endorser":"ek-certificate"'
[ "$(number iat)" -ge "$before" ] && [ "$(number iat)" -le "$(date +%s)" ] || fail "iat is another time"
[ "$(number exp)" = $(($(number iat) + 60)) ] || fail "exp is not max_age_s later"
head=$(cut -d. -f1 "$dir/jwt" | tr -- -_ +/)
[ "$(base64 -d <<<"$head$(printf '%*s' $((-${#head} & 3)) '' | tr ' ' =)")" = \
	"{\"alg\":\"ES256\",\"typ\":\"eat+jwt\",\"kid\":\"$kid\"}" ] || fail "another header"
ear 0 qemu+tls://host-a/system
claims '"virt-attest.destination":"qemu+tls://host-a/system"'
never eat_nonce

echo "# the same by openssl: r and s as DER, over the first two parts"
raw() { cut -d. -f3 "$1" | tr -d '\n' | tr -- -_ +/ | sed 's/$/==/' | base64 -d; }
raw "$dir/jwt" >"$dir/signature"
[ "$(stat -c %s "$dir/signature")" = 64 ] || fail "the signature is not r and s"
half() { head -c "$1" "$dir/signature" | tail -c 32 | od -An -v -tx1 | tr -d ' \n'; }
printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "$(half 32)" "$(half 64)" >"$dir/asn1"
openssl asn1parse -genconf "$dir/asn1" -noout -out "$dir/signature.der"
cut -d. -f1,2 "$dir/jwt" | tr -d '\n' >"$dir/signed"
exits 0 openssl dgst -sha256 -verify "$dir/key.pem" -signature "$dir/signature.der" "$dir/signed"

echo "# any other letter, and it is nobody's word"
length=$(stat -c %s "$dir/jwt")
for at in 3 $((length / 3)) $((length / 2)) $((length - 60)); do
	head -c "$at" "$dir/jwt" >"$dir/bent"
	letter=$(tail -c +$((at + 1)) "$dir/jwt" | head -c 1)
	if [ "$letter" = A ]; then printf B; else printf A; fi >>"$dir/bent"
	tail -c +$((at + 2)) "$dir/jwt" >>"$dir/bent"
	! opened "$dir/bent" 2>/dev/null || fail "letter $at does not matter"
done

echo "# a nonce is 8 to 88 letters of base64, and goes with the format"
for nonce in short "$(printf a%.0s {1..89})" 'not"base64' ''; do
	exits 1 va verify host-a --format ear --nonce "$nonce"
	[ ! -s "$dir/out" ] || fail "it says something"
done
exits 1 va verify host-a --nonce 12345678
exits 1 va verify host-a --format cwt
says err 'only ear'
exits 1 va verify host-a --format ear --json

echo "# kept: the time is the evidence's, the nonce is this question's"
ear 0 host-a
first=$(number iat)
later() { [ "$(date +%s)" -gt "$first" ]; }
until_true 5 later
ear 0 host-a --max-age 60 --nonce c2Vjb25kLW5vbmNl
claims '"eat_nonce":"c2Vjb25kLW5vbmNl"'
[ "$(number iat)" = "$first" ] || fail "old evidence is told as new"
[ "$(number exp)" = $((first + 60)) ] || fail "and lives longer for it"

echo "# no longer than the golden value"
exits 0 va golden export 1
sed "s/\"valid_until\": *0/\"valid_until\": $(($(date +%s) + 30))/" "$dir/out" >"$dir/golden.json"
exits 0 va golden import "$dir/golden.json"
exits 0 va golden approve 2
exits 0 va golden revoke 1
ear 0 host-a
claims '"golden:2"'
[ "$(number exp)" -lt $(($(number iat) + 60)) ] || fail "it outlives the golden value"

echo "# untrusted"
extend tpm-a 4 "another kernel"
ear 2 host-a --nonce dGhpcmQtbm9uY2U=
claims '"ear_status":"contraindicated"'
claims '"ear_trustworthiness_vector":{"executables":96}'
claims '"virt-attest.reasons":\["golden"\]'
never affirming

echo "# unreachable, and unknown"
stop agent-a
ear 3 host-a
claims '"ear_status":"none","ear_trustworthiness_vector":{"instance-identity":0}'
claims '"virt-attest.verdict":"unreachable"'
never affirming
ear 4 host-z
claims '"submods":{"host-z":{"ear_status":"none"'
ear 4 test:///default
claims '"submods":{"-":{"ear_status":"none"'
never test:

echo "# the key outlives the verifier"
stop verifier
serve
exits 0 va key --json
cmp "$dir/out" "$dir/key.jwk" || fail "another key after a restart"
ear 3 host-a

echo "# who may ask for a verdict may ask for it in this form, and nobody else"
if [ "$(id -u)" = 0 ]; then
	mkdir "$dir/bin"
	cp "$bin/virt-attest" "$dir/bin/"
	chmod -R a+rX "$dir/bin"
	as() {
		local group=$1
		shift
		setpriv --reuid=nobody --regid=nogroup --groups="$group" "$dir/bin/virt-attest" -S "$dir/v.sock" "$@"
	}
	for words in key "verify host-a --format ear"; do
		# shellcheck disable=SC2086 # words
		exits 1 as mail $words
		says err 'may not'
	done
	exits 0 as games key
	cmp "$dir/out" "$dir/key.pem" || fail "another key for another caller"
	exits 3 as games verify host-a --format ear
fi

echo "# a key that is not what was written signs nothing"
stop verifier
cp "$dir/verifier.db" "$dir/kept.db"
sqlite3 "$dir/verifier.db" "UPDATE signing_keys SET private = randomblob(32)"
serve
exits 1 va verify host-a --format ear
says err 'not what was written'
exits 1 va key
exits 3 va verify host-a # the verdict itself needs no key

echo "# another store, another key: the old one verifies nothing of it"
stop verifier
rm -f "$dir"/verifier.db*
serve
exits 4 va verify host-a --format ear
tr -d '\n' <"$dir/out" >"$dir/jwt"
! opened "$dir/jwt" 2>/dev/null || fail "two stores, one key"
exits 0 va key --json
cp "$dir/out" "$dir/key.jwk"
opened "$dir/jwt" || fail "not the key of this store"
[ "$(jose jwk thp -i "$dir/key.jwk")" != "$kid" ] || fail "two stores, one key"
exits 0 va audit verify
