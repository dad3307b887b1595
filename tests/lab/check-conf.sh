#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest check`, of what both hosts have in /etc: QEMU's certificates, and
# qemu.conf.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/check-lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up
start_guest host-a db1
qemu_conf() {
	conf "$1" libvirt/qemu.conf "${@:2}"
	restart "$1" libvirtd
}

echo "# certificates of QEMU"
its=$dir/host-b/etc/pki/qemu
ask db1 --tls --migrateuri "tcp://$(address_of host-b)"
tell migration-pki pass "for '$(address_of host-b)'"
ask db1 --tls --tls-destination elsewhere
tell migration-pki block "not for 'elsewhere'"
exits 1 migrate host-a host-b db1 --tls --tls-destination elsewhere
exits 0 only_on host-a db1
cp "$its/server-cert.pem" "$dir/kept.pem"
"$pki" make "$dir/pki2" --host "host-b,$(address_of host-b)" >/dev/null
cp "$dir/pki2/host-b/servercert.pem" "$its/server-cert.pem"
ask db1 --tls
tell migration-pki block 'not signed by its own ca-cert.pem'
ask db1
tell migration-pki warn 'not signed by its own ca-cert.pem'
cp "$its/ca-cert.pem" "$dir/kept-ca.pem"
cp "$dir/pki2/cacert.pem" "$its/ca-cert.pem"
ask db1 --tls
tell migration-pki block 'does not trust the CA'
rm "$its/server-cert.pem"
ask db1 --tls
tell migration-pki block 'no server-cert.pem'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/x.key" -subj /CN=host-b -days 1 \
	-addext subjectAltName=DNS:host-b -out "$its/server-cert.pem" 2>/dev/null
ask db1 --tls
tell migration-pki block 'not signed by'
cp "$dir/kept.pem" "$its/server-cert.pem"
cp "$dir/kept-ca.pem" "$its/ca-cert.pem"
ask db1 --tls
tell migration-pki pass "for 'host-b'"
qemu_conf host-b 'migrate_tls_force = 1'
ask db1
tell migration-pki block 'migrates with TLS only'
exits 1 migrate host-a host-b db1
says err TLS
ask db1 --tls
tell migration-pki warn 'the way back'

echo "# qemu.conf"
qemu_conf host-b 'lock_manager = "lockd"'
ask db1
tell lock-manager block 'different lock managers'
qemu_conf host-b 'user = "root"'
ask db1
tell qemu-user warn 'another user or group'
qemu_conf host-b 'dynamic_ownership = 0'
ask db1
tell qemu-user warn 'takes ownership'
qemu_conf host-b
