#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The trust gate: stock virsh, libvirt and QEMU hand a guest's memory to the key
# of a host that is trusted now, and to no other, whatever virsh is told; and to
# nobody when no verifier lives.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

reattest_s=1 max_age_s=5
REATTEST_S=$reattest_s

# Each host has a migration CA of its own, of which the story keeps the key.
own_migration_ca --keep-key
eval "usual_$(declare -f make_configuration)"
make_configuration() {
	usual_make_configuration "$1"
	echo 'migrate_tls_force = 1' >>"$dir/$1/etc/libvirt/qemu.conf"
	sed -i 's/^deadline_ms = .*/deadline_ms = 3000/' "$dir/$1/etc/virt-attest/verifierd.conf"
	cat >>"$dir/$1/etc/virt-attest/verifierd.conf" <<-CONF
	trust_file = "/etc/pki/qemu/ca-cert.pem"
	max_age_s = $max_age_s
	CONF
}

# hosts_of HOST: who stands in its trust file beside itself.
trust_file() { echo "$dir/$1/etc/pki/qemu/ca-cert.pem"; }
hosts_of() { sed -n 's/^# host=\([^ ]*\) .*/\1/p' "$(trust_file "$1")" | sort | tr '\n' ' '; }
trusts() { [ "$(hosts_of "$1")" = "$2" ]; }

from=host-a to=host-b

# passes: stock virsh moves it, and the other way comes next.
passes() {
	local was=$from before
	before=$(sent_bytes "$from" memory)
	migrate "$from" "$to" db1 --p2p --tls >"$dir/out" 2>"$dir/err" || fail "refused: $(cat "$dir/err")"
	exits 0 only_on "$to" db1
	keeps_ticking db1
	sound db1 || fail "not sound"
	[ $(($(sent_bytes "$from" memory) - before)) -gt $((guest_mib << 20)) ] || fail "that was not its memory"
	from=$to to=$was
}

# refused TEXT [OPTION...]: it stays and ticks, and nothing of its memory leaves; a
# handshake of TLS does.  virsh may tell what the destination saw; what the source's
# QEMU said, and TEXT is of, is in libvirtd's log.
refused() {
	local text=$1 before lines ticked log=$dir/$from-libvirtd.log
	ticked=$(ticks db1)
	before=$(sent_bytes "$from" memory) lines=$(wc -l <"$log")
	! migrate "$from" "$to" db1 --tls "${@:2}" >"$dir/out" 2>"$dir/err" || fail "it went"
	tail -n "+$((lines + 1))" "$log" | grep "job 'migration out' failed: .*$text" >"$dir/said" ||
		fail "no '$text': $(tail -n "+$((lines + 1))" "$log") $(cat "$dir/err")"
	exits 0 only_on "$from" db1
	keeps_ticking db1 "$ticked"
	sound db1 || fail "not sound"
	before=$(($(sent_bytes "$from" memory) - before))
	echo "  ${*:2}: $before bytes: $(sed 's/.*failed: //' "$dir/said")"
	[ "$before" -lt 8000 ] || fail "$before bytes were sent"
}

ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

lab_up host-a host-b host-c
start_guest host-a db1

echo "# exactly the hosts that are trusted, and each file's own host"
for host in "${hosts[@]}"; do
	others=$(printf '%s ' "${hosts[@]}")
	until_true 10 trusts "$host" "${others/$host /}"
	cmp -s <(openssl x509 -in "$(trust_file "$host")") <(openssl x509 -in "$dir/$host/etc/pki/qemu/migration-ca.pem") ||
		fail "$host's own CA is not the first"
done
exits 0 va host-a show host-b
says out "migration CA: SHA-256"
exits 0 va host-a reenroll host-b

echo "# libvirt insists on TLS; who holds another key than the one that was named is refused, trusted or not"
! migrate host-a host-b db1 --p2p 2>"$dir/err" || fail "memory went in the clear"
says err "only with VIR_MIGRATE_TLS"
refused "Certificate does not match the hostname host-c" --tls-destination host-c

echo "# host-b's CA signs for host-c: QEMU does not believe it"
qemu=$dir/host-b/etc/pki/qemu
mkdir "$dir/kept"
cp -p "$qemu"/server-cert.pem "$dir/kept"
forge() { # SUBJECT-ALT-NAME
	openssl req -new -key "$qemu/server-key.pem" -subj /CN=host-c -out "$dir/forged.csr"
	printf 'keyUsage = digitalSignature,keyEncipherment\nextendedKeyUsage = serverAuth\nsubjectAltName = %s\n' "$1" >"$dir/forged.ext"
	openssl x509 -req -in "$dir/forged.csr" -CA "$qemu/migration-ca.pem" -CAkey "$qemu/migration-ca-key.pem" \
		-set_serial 7 -days 5 -extfile "$dir/forged.ext" -out "$qemu/server-cert.pem" 2>"$dir/err"
}
forge DNS:host-b
passes # whatever its common name is
cp -p "$dir/kept/server-cert.pem" "$qemu"
passes
# QEMU there would not serve with it, by the same CA: so it is given another one
# of that key, without constraints.
halt host-b verifierd
openssl req -new -x509 -key "$qemu/migration-ca-key.pem" -days 5 -subj "/CN=virt-attest migration CA of host-b" \
	-addext basicConstraints=critical,CA:TRUE -out "$dir/lie.pem" 2>"$dir/err"
cat "$dir/lie.pem" "$dir/host-a/etc/pki/qemu/migration-ca.pem" >"$qemu/ca-cert.pem"
for name in DNS:host-c DNS:host-b,DNS:host-c DNS:host-b,IP:10.77.0.13 DNS:host-b,IP:2001:db8::13; do
	forge "$name"
	name=${name##*DNS:}
	refused "The certificate is not trusted" --tls-destination "${name##*IP:}"
done
cp -p "$dir/kept/server-cert.pem" "$qemu"
start_verifierd host-b
until_true 10 trusts host-b "host-a host-c "

echo "# host-b changes: out within the interval and a second"
began=$(ms)
tamper host-b
until_true 10 trusts host-a "host-c "
took=$(($(ms) - began))
echo "  $took ms"
[ "$took" -le $((reattest_s * 1000 + 1000)) ] || fail "it took $took ms"
refused "ertificate"
refused "ertificate" --p2p
refused "ertificate" --tls-destination host-c
refused "ertificate" --migrateuri "tcp://$(address_of host-b)"

echo "# what it is now is approved: in again, and libvirtd was not restarted"
exits 0 va host-a golden add host-b --label "as changed" --pcrs sha256:0,2,4,7,8,9
id=$(va host-a golden list --json | grep -o '"id": *[0-9]*' | grep -o '[0-9]*' | sort -n | tail -n 1)
exits 0 va host-a golden approve "$id"
until_true 10 trusts host-a "host-b host-c "
passes
passes

echo "# it runs on, and nobody runs out"
for _ in $(seq $((max_age_s + 2))); do
	exits 0 on host-a virt-attest-trust-expire
	trusts host-a "host-b host-c " || fail "ran out: $(hosts_of host-a)"
	read -rt 1 <> <(:) || true
done

echo "# the verifier is killed: out when the time ends"
began=$(ms)
halt host-a verifierd KILL
exits 0 on host-a virt-attest-trust-expire
trusts host-a "host-b host-c " || fail "closed before its time"
ends() {
	on host-a virt-attest-trust-expire >>"$dir/expired"
	trusts host-a ""
}
until_true $((max_age_s + 2)) ends
took=$(($(ms) - began))
echo "  $took ms: $(sort -u "$dir/expired" | tr '\n' ';')"
[ "$took" -le $((max_age_s * 1000 + 1000)) ] || fail "it took $took ms"
grep -q "removed: host host-b" "$dir/expired" || fail "it does not say what it removed"
refused "ertificate"

echo "# a new one opens again, by itself"
start_verifierd host-a
until_true 10 trusts host-a "host-b host-c "
passes
passes

echo "# an orderly stop closes at once"
halt host-a verifierd
trusts host-a "" || fail "stopped, and open to $(hosts_of host-a)"
refused "ertificate"
end_guest host-a db1
