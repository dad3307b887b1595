#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A host's migration CA: enrolled when the TPM signs for it and it can sign for
# that host alone; and the trust file, which holds it while the host is trusted.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a,a.example --host host-b --host x.host-b --verifier verifier >/dev/null
for tpm in tpm-a tpm-b; do
	make_tpm "$tpm"
	start_tpm "$tpm"
done
mkdir "$dir/roots"
cp "$dir"/maker/{root,issuer}.pem "$dir/roots"

# ca_of NAME OPTION...: a migration CA for it, in $dir/NAME, and as DER.
ca_of() {
	rm -rf "${dir:?}/$1"
	"$pki" migration "$2" "$dir/$1" --keep-key "${@:3}" >/dev/null
	openssl x509 -in "$dir/$1/migration-ca.pem" -outform DER -out "$dir/$1.der"
}
agent() { # NAME CERTIFICATE TPM CA
	agentd=lying-agentd start_agent "$1" "$2" "$3" -o "migration_ca=$dir/$4/migration-ca.pem"
}
sha256_of() { sha256sum "$dir/$1.der" | cut -d' ' -f1; }
export LIE=$dir/lie
echo none >"$LIE"

ca_of mine host-a --address a.example
ca_of other host-a
ca_of wide host-a --address host-c
ca_of own verifier
agent agent-a host-a tpm-a mine
trust_file=$dir/trust/ca-cert.pem
mkdir "$dir/trust"
start_verifier -o "ek_roots=$dir/roots" -o "trust_file=$trust_file" -o "trust_own=$dir/own/migration-ca.pem"
at=(--address "127.0.0.1:${port_of[agent-a]}" --yes)
cmp <(openssl x509 -in "$trust_file") <(openssl x509 -in "$dir/own/migration-ca.pem") || fail "not the own CA"
trusted() { sed -n 's/^# host=\([^ ]*\) .*/\1/p' "$trust_file" | sort | tr '\n' ' '; }
is_trusted() { [ "$(trusted)" = "$1" ]; }

echo "# a lying agent: another CA than the attested one, or none"
refused() { # LIE TEXT
	echo "$1" >"$LIE"
	exits 2 va enroll host-a "${at[@]}"
	says err "$2"
	exits 4 va show host-a
	echo none >"$LIE"
}
refused "migration-ca=$dir/other.der" "its key is not the one that the TPM signs for"
refused "no-migration-ca" "attests a key of one, and shows no certificate"
# It says so of the key, too; the TPM's signature does not.
refused "migration-key=$dir/other.der" "quote is refused"
openssl req -new -x509 -key "$dir/mine/migration-ca-key.pem" -subj "/CN=no limits" -days 9 \
	-addext basicConstraints=critical,CA:TRUE,pathlen:0 -outform DER -out "$dir/open.der" 2>"$dir/err"
refused "migration-ca=$dir/open.der" "it may sign for any host"
head -c 99 "$dir/mine.der" >"$dir/half.der"
refused "migration-ca=$dir/half.der" "certificate"
[ -z "$(trusted)" ] || fail "$(trusted) in the trust file"

echo "# one that could sign for another host"
stop agent-a
agent agent-a host-a tpm-a wide
exits 2 va enroll host-a "${at[@]}"
says err "it may sign for 'host-c', which is no name of 'host-a'"
stop agent-a
openssl x509 -inform DER -in "$dir/open.der" -out "$dir/open.pem"
! timeout 20 "$bin/virt-attest-agentd" -d -o "tcti=${tcti_of[tpm-a]}" -o endpoint_certs= -o listen=127.0.0.1:0 \
	-o "migration_ca=$dir/open.pem" 2>"$dir/err" || fail "an agent took it"
says err "it may sign for any host"

echo "# its own: shown, kept, and in the trust file as long as the host is trusted"
agent agent-a host-a tpm-a mine
exits 0 va enroll host-a "${at[@]}"
says out "migration CA: SHA-256 $(sha256_of mine)"
says out "for host-a a.example"
exits 0 va verify host-a
until_true 10 is_trusted "host-a "
openssl crl2pkcs7 -nocrl -certfile "$trust_file" | openssl pkcs7 -print_certs -noout >"$dir/out"
says out "CN = virt-attest migration CA of host-a"
exits 0 va show host-a
says out "SHA-256 $(sha256_of mine)"
says out "valid until 20"
exits 0 va reenroll host-a
exits 0 va doctor
says out "ok    trust_file: the CAs of 1 trusted hosts"

echo "# a CA that could stand for it is not enrolled"
ca_of b host-b --address a.example
agent agent-b host-b tpm-b b
exits 2 va enroll host-b --address "127.0.0.1:${port_of[agent-b]}" --yes
says err "it may sign for 'a.example'"
stop agent-b

echo "# nor one that could stand for a host that came while the operator read"
ca_of b host-b
agent agent-b host-b tpm-b b
start_agent agent-x x.host-b tpm-a -o migration_ca=
coproc operator { exec socat - "UNIX-CONNECT:$dir/v.sock"; }
to=${operator[1]} from=${operator[0]}
printf '{"execute":"enroll","arguments":{"host":"host-b","address":"127.0.0.1","port":%s}}\n' "${port_of[agent-b]}" >&"$to"
read -r -t 30 line <&"$from" || fail "no answer"
[[ $line == '{"return"'* ]] || fail "$line"
exits 0 va enroll x.host-b --address "127.0.0.1:${port_of[agent-x]}" --yes
printf '{"execute":"enroll-commit"}\n' >&"$to"
read -r -t 30 line <&"$from" || fail "no answer"
[[ $line == *"could sign for 'x.host-b'"* ]] || fail "$line"
exec {to}>&-
exits 4 va show host-b
exits 0 va forget x.host-b --yes
stop agent-x
stop agent-b
start_agent agent-b host-b tpm-b -o migration_ca=
exits 0 va enroll host-b --address "127.0.0.1:${port_of[agent-b]}" --yes
says out "migration CA: none"
exits 0 va verify host-b
exits 0 va doctor
says out "host-b: it has no migration CA"
is_trusted "host-a " || fail "$(trusted)"

echo "# what changes closes; a new CA is another host until the operator says so"
extend tpm-a 7 "what nobody approved"
exits 2 va verify host-a
until_true 10 is_trusted ""
stop agent-a
agent agent-a host-a tpm-a other
exits 2 va verify host-a
exits 2 va reenroll host-a
says out "SHA-256 $(sha256_of mine)"
says out "SHA-256 $(sha256_of other)"
exits 0 va reenroll host-a --replace --yes
exits 0 va verify host-a
until_true 10 is_trusted "host-a "
cmp -s <(sed '1,/host=host-a/d' "$trust_file") "$dir/other/migration-ca.pem" || fail "not the new CA"
echo "# a renewed certificate of the same key, too"
echo "migration-ca=$dir/renewed.der" >"$LIE"
openssl x509 -in "$dir/other/migration-ca.pem" -signkey "$dir/other/migration-ca-key.pem" -days 20 \
	-outform DER -out "$dir/renewed.der" 2>"$dir/err"
exits 2 va reenroll host-a
says out "SHA-256 $(sha256_of renewed)"
echo none >"$LIE"
exits 0 va reenroll host-a

echo "# forgotten, stopped"
exits 0 va forget host-a --yes
until_true 10 is_trusted ""
stop verifier
is_trusted "" || fail "$(trusted)"

# ------------------------------------------------- a verifier that is dead

expire() {
	exits "$1" "$bin/virt-attest-trust-expire" -o "trust_file=$trust_file" -o "trust_own=$dir/own/migration-ca.pem"
}
entry() { # HOST UNTIL-MS BOOT CA
	printf '# host=%s until_ms=%s boot=%s\n' "$1" "$2" "$3"
	cat "$dir/$4/migration-ca.pem"
}
boot=$(tr -d - </proc/sys/kernel/random/boot_id)
echo "# what has ended, and what is of another boot, goes; the rest stays"
{
	cat "$trust_file"
	entry host-a 1000 "$boot" mine
	entry host-b 999999999999 "$boot" b
	entry host-c 999999999999 "${boot//[0-9]/a}" other
} >"$dir/new"
cp "$dir/new" "$trust_file"
expire 0
says out "removed: host host-a: its time ended"
says out "removed: host host-c: its entry is of another boot"
is_trusted "host-b " || fail "$(trusted)"
cmp <(sed 1,/host=host-b/d "$trust_file") "$dir/b/migration-ca.pem" || fail "its CA is another"
was=$(stat -c %i "$trust_file")
expire 0
[ "$was" = "$(stat -c %i "$trust_file")" ] || fail "rewritten for nothing"

echo "# a configuration that verifierd does not start with keeps nothing open"
for wrong in 'no_such_key = 1' 'reattest_s = "soon"' 'deadline_ms = = 1' '@include "other"'; do
	printf '%s\n' "# trust_file = \"/nowhere\"" "$wrong" "trust_own = \"$dir/own/migration-ca.pem\"" \
		"trust_file = \"$trust_file\"" >"$dir/wrong.conf"
	cp "$dir/new" "$trust_file"
	exits 0 "$bin/virt-attest-trust-expire" -c "$dir/wrong.conf"
	is_trusted "host-b " || fail "with '$wrong': $(trusted)"
done

echo "# no room for the new one: no host is trusted"
cp "$dir/new" "$trust_file"
(
	trap '' XFSZ
	ulimit -f 0
	exec "$bin/virt-attest-trust-expire" -o "trust_file=$trust_file" -o "trust_own=$dir/own/migration-ca.pem"
) 2>&1 | cat >"$dir/err" || true
says err "it was removed, so no host is trusted"
[ ! -e "$trust_file" ] || fail "it is there"

echo "# one that hangs with the lock in its hand keeps nothing open"
cp "$dir/new" "$trust_file"
exec 8>"$dir/trust/.ca-cert.pem.lock"
flock 8
expire 0
says err "it goes on without"
is_trusted "host-b " || fail "$(trusted)"
exec 8>&-

echo "# damaged: the own CA alone"
for how in 'host=host-b until' 'BEGIN' 'boot='; do
	sed "s/$how/xx/" "$dir/new" >"$trust_file"
	expire 0
	says err "own CA alone"
	cmp <(openssl x509 -in "$trust_file") <(openssl x509 -in "$dir/own/migration-ca.pem") || fail "not the own CA"
	is_trusted "" || fail "$(trusted)"
done

echo "# no gate, no file, a link in its place"
exits 0 "$bin/virt-attest-trust-expire" -o trust_file=
rm "$trust_file"
expire 0
[ ! -e "$trust_file" ] || fail "made one"
cp "$dir/new" "$dir/elsewhere"
ln -s "$dir/elsewhere" "$trust_file"
expire 1
says err "there is a link"
cmp "$dir/new" "$dir/elsewhere" || fail "a link was followed"

[ "$(id -u)" = 0 ] || exit 0 # what follows is of accounts
echo "# a sticky folder: the verifier's account replaces its file, and nobody's key; root leaves it the right"
sticky=$dir/sticky
mkdir -m 1775 "$sticky"
chgrp 65534 "$sticky"
chmod 711 "$dir"
trust_file=$sticky/ca-cert.pem
install -o 65534 -g 65534 -m 644 "$dir/new" "$trust_file"
install -m 600 "$dir/mine/server-key.pem" "$sticky/server-key.pem"
install -m 644 "$dir/own/migration-ca.pem" "$sticky/migration-ca.pem"
install -m 755 "$bin/virt-attest-trust-expire" "$dir/expire"
as_account() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
for who in as_account env; do
	cp "$dir/new" "$trust_file"
	exits 0 "$who" "$dir/expire" -o "trust_file=$trust_file" -o "trust_own=$sticky/migration-ca.pem"
	! grep -q 'no lock' "$dir/err" || fail "$who has no lock"
	is_trusted "host-b " || fail "$(trusted)"
	[ "$(stat -c '%u %a' "$trust_file")" = "65534 644" ] || fail "$(stat -c '%u %a' "$trust_file")"
done
[ "$(stat -c %u "$sticky/.ca-cert.pem.lock")" = 65534 ] || fail "the lock is not the account's"
! as_account mv "$sticky/ca-cert.pem" "$sticky/server-key.pem" 2>"$dir/err" || fail "a key of root's was replaced"
