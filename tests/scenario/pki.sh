#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# virt-attest-pki makes what TLS needs: names, purposes and permissions are
# right, a revoked certificate is refused, nothing is overwritten.
set -eu -o pipefail

pki=${VIRT_ATTEST_BIN:?the folder of the programs}/virt-attest-pki
dir=$(mktemp -d)
server=
finish() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	rm -rf "$dir"
}
trap finish EXIT

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

refused() {
	! "$@" >"$dir/said" 2>&1 || fail "should be refused: $*"
}

# The path has a blank on purpose.
at="$dir/a pki"
"$pki" make "$at" --host host-a.example,host-a,127.0.0.2,::1 \
	--host host-b,127.0.0.3 --verifier verifier.example
host=$at/host-a.example verifier=$at/verifier.example

# verifies PURPOSE CERTIFICATE [OPTION...]
verifies() {
	local purpose=$1 cert=$2
	shift 2
	openssl verify -x509_strict -CAfile "$at/cacert.pem" -CRLfile "$at/crl.pem" \
		-crl_check -purpose "$purpose" "$@" "$cert"
}

echo "# virt-attest pki is the same program, with its options and its exit status"
"${pki%-pki}" pki make "$dir/by-command" --host host-c --days 2
[ -s "$dir/by-command/host-c/servercert.pem" ] || fail "virt-attest pki made nothing"
refused "${pki%-pki}" pki make "$dir/by-command" --host host-c

echo "# purposes and names"
verifies sslserver "$host/servercert.pem" -verify_hostname host-a.example
verifies sslserver "$host/servercert.pem" -verify_hostname host-a
verifies sslserver "$host/servercert.pem" -verify_ip 127.0.0.2
verifies sslserver "$host/servercert.pem" -verify_ip ::1
verifies sslclient "$host/servercert.pem"
verifies sslclient "$verifier/clientcert.pem"
refused verifies sslserver "$verifier/clientcert.pem"
refused verifies sslserver "$host/servercert.pem" -verify_hostname host-b
refused verifies sslserver "$host/servercert.pem" -verify_ip 127.0.0.3

echo "# what GnuTLS and RFC 5280 ask for"
text=$(openssl x509 -in "$host/servercert.pem" -noout -text)
for want in 'Digital Signature, Key Encipherment' 'CA:FALSE' 'prime256v1' \
	'ecdsa-with-SHA256' 'X509v3 Authority Key Identifier'; do
	[[ $text == *"$want"* ]] || fail "no '$want' in the host's certificate"
done
text=$(openssl x509 -in "$at/cacert.pem" -noout -text)
[[ $text == *'CA:TRUE, pathlen:0'* ]] || fail "the CA may make more CAs"

echo "# permissions"
for key in "$at/ca/cakey.pem" "$host/serverkey.pem" "$verifier/clientkey.pem"; do
	[ "$(stat -c %a "$key")" = 600 ] || fail "$key can be read by others"
done
[ "$(stat -c %a "$at/ca")" = 700 ] || fail "the CA's folder is open"
for cert in "$at/cacert.pem" "$at/crl.pem" "$host/servercert.pem"; do
	[ "$(stat -c %a "$cert")" = 644 ] || fail "$cert cannot be read"
done

echo "# nothing is overwritten, nothing odd is certified, nothing half made"
before=$(sha256sum "$at"/*/*key.pem "$at/cacert.pem")
refused "$pki" make "$at" --host host-a.example
grep -q "virt-attest-pki host' and" "$dir/said" || fail "it does not say how a host is added"
refused "$pki" ca "$at"
refused "$pki" host "$at" host-a.example
for odd in ../out 'x/y' 'x,DNS:y' '*.example' 'x,999.1.1.1' ca '' 'x y;z'; do
	refused "$pki" host "$at" "$odd"
done
refused "$pki" host "$at" z --days 0
refused "$pki" revoke "$at" nobody
refused "$pki" host "$dir/nothing" z
[ "$before" = "$(sha256sum "$at"/*/*key.pem "$at/cacert.pem")" ] || fail "a key was replaced"
[ -z "$(find "$at" -name '*.new')" ] || fail "something half made is left"
"$pki" host "$at" host-a.example,127.0.0.2 --force
[ "$before" != "$(sha256sum "$at"/*/*key.pem "$at/cacert.pem")" ] || fail "--force made no new key"

echo "# a request from elsewhere: its key, our names; a forged one is refused"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/own" \
	-subj "/CN=host-b" -addext "subjectAltName=DNS:host-b" \
	-addext "basicConstraints=critical,CA:TRUE" -out "$dir/request.csr" 2>/dev/null
(cd "$dir" && "$pki" host "$at" host-d,127.0.0.4 --csr request.csr)
[ ! -e "$at/host-d/serverkey.pem" ] || fail "a key was made beside the request's"
cmp -s <(openssl x509 -in "$at/host-d/servercert.pem" -noout -pubkey) \
	<(openssl pkey -in "$dir/own" -pubout) || fail "another key was certified"
verifies sslserver "$at/host-d/servercert.pem" -verify_hostname host-d
verifies sslserver "$at/host-d/servercert.pem" -verify_ip 127.0.0.4
refused verifies sslserver "$at/host-d/servercert.pem" -verify_hostname host-b
text=$(openssl x509 -in "$at/host-d/servercert.pem" -noout -subject -text)
[[ $text == *'subject=CN = host-d'* && $text == *'CA:FALSE'* ]] || fail "the request chose its names or powers"
openssl req -in "$dir/request.csr" -outform DER -out "$dir/forged.der"
size=$(stat -c %s "$dir/forged.der") # the signature's last byte
last=$(tail -c 1 "$dir/forged.der" | od -An -tu1)
printf '%b' "\\x$(printf %02x $((last ^ 1)))" |
	dd of="$dir/forged.der" bs=1 seek=$((size - 1)) conv=notrunc status=none
openssl req -inform DER -in "$dir/forged.der" -out "$dir/forged.csr"
refused "$pki" host "$at" host-e --csr "$dir/forged.csr"
grep -q "signature is not its key's" "$dir/said" || fail "refused, but not for its signature"
[ ! -e "$at/host-e" ] || fail "something half made is left"
refused "$pki" host "$at" host-e --csr "$dir/own"
refused "$pki" host "$at" host-e --csr "$dir/nothing"
refused "$pki" verifier "$at" host-e --csr "$dir/request.csr"
refused "$pki" make "$dir/third" --host host-e --csr "$dir/request.csr"

# handshake NAME-TO-CHECK [OPTION...]: one connection, a question and its answer.
handshake() {
	local name=$1
	shift
	openssl s_client -connect "$address" -CAfile "$at/cacert.pem" \
		-verify_return_error -verify_hostname "$name" -tls1_3 -quiet \
		"$@" <"$dir/request" >"$dir/heard" 2>&1 || true
	grep -q '^HTTP/1.0 200 ok' "$dir/heard"
}

serve() {
	local line
	exec 3< <(
		trap - EXIT
		exec openssl s_server -accept 127.0.0.1:0 -CAfile "$at/cacert.pem" \
			-CRL "$at/crl.pem" -crl_check -Verify 1 -verify_return_error -tls1_3 \
			-cert "$host/servercert.pem" -key "$host/serverkey.pem" -www 2>&1
	)
	server=$!
	while read -r line <&3; do
		[[ $line != ACCEPT* ]] || break
	done
	address=${line#ACCEPT }
	[ -n "$address" ] || fail "openssl s_server did not start"
}

quit_server() {
	kill "$server"
	wait "$server" 2>/dev/null || true
	server=
	exec 3<&-
}

echo "# mutual TLS 1.3"
printf 'GET / HTTP/1.0\r\n\r\n' >"$dir/request"
mine=(-cert "$verifier/clientcert.pem" -key "$verifier/clientkey.pem")
peer=(-cert "$at/host-b/servercert.pem" -key "$at/host-b/serverkey.pem")
serve
handshake host-a.example "${mine[@]}" || fail "the verifier is not let in"
handshake host-a.example "${peer[@]}" || fail "another host is not let in"
refused handshake host-b "${mine[@]}"
refused handshake host-a.example
"$pki" make "$dir/other" --verifier verifier.example
other=$dir/other/verifier.example
refused handshake host-a.example -cert "$other/clientcert.pem" -key "$other/clientkey.pem"
quit_server

echo "# revoked: by name, then by serial number"
"$pki" revoke "$at" host-b >"$dir/said"
grep -q 'that tls_crl names' "$dir/said" || fail "it does not say who looks at the list"
refused verifies sslclient "$at/host-b/servercert.pem"
grep -q 'certificate revoked' "$dir/said" || fail "refused, but not as revoked"
"$pki" show "$at" >"$dir/shown"
grep -q '^host-b/servercert.pem: revoked' "$dir/shown" || fail "show does not tell"
serve
refused handshake host-a.example "${peer[@]}"
handshake host-a.example "${mine[@]}" || fail "one was revoked, all are out"
quit_server
serial=$(openssl x509 -in "$verifier/clientcert.pem" -noout -serial)
"$pki" revoke "$at" "${serial#serial=}"
"$pki" revoke "$at" "${serial#serial=}"
refused verifies sslclient "$verifier/clientcert.pem"

echo "# an old revocation list is no list"
"$pki" crl "$at" --crl-days 1
refused verifies sslserver "$host/servercert.pem" -attime $(($(date +%s) + 3 * 86400))
grep -q 'CRL has expired' "$dir/said" || fail "refused, but not for the list's age"
echo "# a host's files go to libvirt's places, all or none, and replace nothing unasked"
mkdir "$dir/root"
etc=$dir/root/etc/pki
refused "$pki" install "$at" host-c --root "$dir/root"
[ ! -e "$etc" ] || fail "something was installed for a host that has no certificate"
refused "$pki" install "$at" host-d --root "$dir/root"
grep -q 'the key is on its host already' "$dir/said" || fail "it does not say where a request's key is"
"$pki" install "$at" host-b verifier.example --root "$dir/root" >/dev/null
cmp "$at/cacert.pem" "$etc/CA/cacert.pem"
cmp "$at/host-b/servercert.pem" "$etc/libvirt/servercert.pem"
cmp "$at/verifier.example/clientkey.pem" "$etc/libvirt/private/clientkey.pem"
modes=$(stat -c %a "$etc/libvirt/private/"*.pem "$etc/libvirt/clientcert.pem" | tr '\n' ' ')
[ "$modes" = "600 600 644 " ] || fail "modes: $modes"
rm "$etc/CA/cacert.pem"
refused "$pki" install "$at" host-a.example --root "$dir/root"
[ ! -e "$etc/CA/cacert.pem" ] || fail "half of it was installed"
"$pki" install "$at" host-a.example --root "$dir/root" --force >/dev/null
cmp "$at/host-a.example/servercert.pem" "$etc/libvirt/clientcert.pem"
mkdir "$etc/libvirt/clientcert.pem.new" # the last one has no room
cp "$etc/libvirt/servercert.pem" "$dir/was.pem"
refused "$pki" install "$at" host-b verifier.example --root "$dir/root" --force
cmp "$dir/was.pem" "$etc/libvirt/servercert.pem" || fail "half of it was installed"
rmdir "$etc/libvirt/clientcert.pem.new"
ln -s "$dir" "$etc/libvirt/clientcert.pem.new"
"$pki" install "$at" host-b verifier.example --root "$dir/root" --force >/dev/null
cmp "$at/verifier.example/clientcert.pem" "$etc/libvirt/clientcert.pem"
[ ! -L "$etc/libvirt/clientcert.pem" ] || fail "a link was followed"
refused "$pki" crl "$at" --root "$dir/root"

echo "# a migration CA: for its own host alone, as GnuTLS sees it, and its key is gone"
mig="$dir/a folder/qemu"
"${pki%-pki}" pki migration host-b "$mig" --address 192.0.2.12 --address b.example --days 9 >"$dir/said"
grep -q 'virt-attest enroll host-b ' "$dir/said" || fail "it does not say how to go on"
[ "$(find "$mig" -type f -printf '%f\n' | sort | tr '\n' ' ')" = \
	"ca-cert.pem client-cert.pem client-key.pem migration-ca.pem server-cert.pem server-key.pem " ] ||
	fail "other files: $(ls -A "$mig")"
for key in "$mig"/*-key.pem; do
	[[ $(stat -c %a "$key") = 6[04]0 ]] || fail "$key can be read by others"
	[ "$(openssl pkey -in "$key" -pubout)" != "$(openssl x509 -in "$mig/migration-ca.pem" -noout -pubkey)" ] ||
		fail "the CA's key is there"
done
cmp -s "$mig/ca-cert.pem" "$mig/migration-ca.pem" || fail "another host's CA is in the trust file"
text=$(openssl x509 -in "$mig/migration-ca.pem" -noout -text)
for want in 'CA:TRUE, pathlen:0' 'Name Constraints: critical' 'DNS:host-b' 'IP:192.0.2.12/255.255.255.255' \
	'IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0' 'prime256v1' 'Certificate Sign'; do
	[[ $text == *"$want"* ]] || fail "no '$want' in the migration CA"
done

# gnutls NAME CERTIFICATE: whether QEMU's library takes it for that host.
gnutls() { certtool --verify --load-ca-certificate "$mig/ca-cert.pem" --verify-hostname "$1" <"$2"; }
refused gnutls host-c "$mig/server-cert.pem"
for name in host-b b.example 192.0.2.12; do
	gnutls "$name" "$mig/server-cert.pem" >"$dir/said" 2>&1 || fail "GnuTLS: $(cat "$dir/said")"
done

# forge NAMES CN: what a CA whose key was kept signs beyond its names.
"$pki" migration host-b "$mig" --address 192.0.2.12 --keep-key --force >/dev/null
[ "$(stat -c %a "$mig/migration-ca-key.pem")" = 600 ] || fail "the CA's key can be read by others"
forge() {
	openssl req -new -key "$dir/own" -subj "/CN=$2" -out "$dir/forged.csr"
	printf 'basicConstraints = CA:FALSE\nextendedKeyUsage = serverAuth\n%s\n' "${1:+subjectAltName = $1}" >"$dir/ext"
	openssl x509 -req -in "$dir/forged.csr" -CA "$mig/migration-ca.pem" -CAkey "$mig/migration-ca-key.pem" \
		-set_serial 7 -days 5 -extfile "$dir/ext" -out "$dir/forged.pem" 2>/dev/null
}
forge DNS:host-b,IP:192.0.2.12 host-b
gnutls host-b "$dir/forged.pem" >/dev/null 2>&1 || fail "its own names are refused"
while read -r names cn as; do
	forge "${names#-}" "$cn"
	refused gnutls "$as" "$dir/forged.pem"
	grep -q "violates the signer's constraints" "$dir/said" || fail "$names $cn: $(cat "$dir/said")"
done <<-'EOT'
	DNS:host-c host-b host-c
	DNS:host-b,DNS:host-c host-b host-c
	DNS:host-b,IP:192.0.2.13 host-b 192.0.2.13
	DNS:host-b,IP:2001:db8::13 host-b 2001:db8::13
	DNS:192.0.2.13 host-b 192.0.2.13
	DNS:* host-b host-c
	IP:192.0.2.12 host-c host-c
	- host-c host-c
	- 192.0.2.13 192.0.2.13
EOT
refused "$pki" migration host-b "$mig"
refused "$pki" migration 'x/y' "$dir/none"
refused "$pki" migration host-b
before=$(cat "$mig/migration-ca.pem")
"$pki" migration host-b "$mig" --force >/dev/null
[ "$before" != "$(cat "$mig/migration-ca.pem")" ] || fail "--force made no new CA"
[ ! -e "$mig/migration-ca-key.pem" ] || fail "the old CA's key is left"
for one in 192.0.2.12 2001:db8::12; do # a host without a name
	"$pki" migration "$one" "$dir/numbers" --force >/dev/null
	mig=$dir/numbers gnutls "$one" "$dir/numbers/server-cert.pem" >"$dir/said" 2>&1 || fail "GnuTLS: $(cat "$dir/said")"
done
echo "ok"
