#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The lock-driver gate before the site's own lock manager: virtlockd locks what
# it locks without us, and the gate stands all the same.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/gate-lock-lib.sh"

has_tools virtlockd
make_plugins
[ -e "$plugins/lockd.so" ] || { echo "SKIP: no lockd.so here" && exit 77; }
# shellcheck disable=SC2119 # the usual hosts
lab_up
leases=/var/lib/libvirt/leases # each host's own: no host shares a lock here
for host in host-a host-b; do
	on "$host" mkdir -p "$leases/area"
	on "$host" touch "$leases/area/one"
done
launch host-a virtlockd virtlockd
until_true 20 test -S "$dir/host-a/run/libvirt/virtlockd-sock"
# A lease, and no disk: of a disk QEMU has a lock of its own.
guest_devices="<lease><lockspace>area</lockspace><key>one</key><target path='$leases'/></lease>"
start_guest host-a db1
on host-a virsh -q destroy db1
domain_xml db2 >"$dir/db2.xml"

# locks NAME: what virtlockd says to a second start with the same lease.
locks() {
	exits 1 on host-a virsh -q create "$dir/db2.xml"
	says err "is locked"
	sed -n 's/^error: //p' "$dir/err" | tail -n 1 >"$dir/$1"
}
try() {
	exits 0 on host-a virsh -q create "$dir/db1.xml"
	locks "$1"
	exits 0 on host-a virsh -q suspend db1 # it lets its lease go
	exits 0 on host-a virsh -q create "$dir/db2.xml"
	exits 1 on host-a virsh -q resume db1
	says err "is locked"
	exits 0 on host-a virsh -q destroy db2
	exits 0 on host-a virsh -q resume db1
	exits 0 only_on host-a db1
}

# virtlockd knows the folders that this file names: it is read, or nothing starts.
echo "file_lockspace_dir = \"$leases/area\"" >"$dir/host-a/etc/libvirt/qemu-lockd.conf"

echo "# lockd alone"
lock_manager host-a lockd
try alone
exits 0 on host-a virsh -q destroy db1

echo "# lockd behind the gate: the same words"
echo 'next = "lockd"' >"$gate_conf"
lock_manager host-a virt-attest
try behind
cmp "$dir/alone" "$dir/behind" || fail "other words: $(cat "$dir/alone" "$dir/behind")"
echo "  $(cat "$dir/behind")"

echo "# and the gate stands"
: >"$shared/db1.console"
until_true 60 has_ticks db1 1
there() { exits "$1" on host-a virsh -q migrate --live "${@:2}" db1 "$(to host-b)"; }
there 1
says err "it has no permit"
there 1 --p2p
says err "it has no permit"
permit db1
there 0 --p2p
exits 0 only_on host-b db1
keeps_ticking db1
exits 0 on host-a virsh -q create "$dir/db2.xml" # the lease is free again
exits 0 on host-a virsh -q destroy db2

echo "# virtlockd's own configuration, by its own name"
echo 'auto_disk_leases = "nonsense"' >"$dir/host-a/etc/libvirt/qemu-lockd.conf"
halt host-a libvirtd
launch host-a libvirtd libvirtd --listen
until_true 60 grep -q "qemu-lockd.conf.*auto_disk_leases" "$dir/host-a-libvirtd.log"
rm "$dir/host-a/etc/libvirt/qemu-lockd.conf"

echo "# a next one that is not here: the QEMU driver does not start, and says why"
echo 'next = "sanlock"' >"$gate_conf"
halt host-a libvirtd || true
launch host-a libvirtd libvirtd --listen
until_true 60 grep -q "virt-attest: next: .*sanlock.so" "$dir/host-a-libvirtd.log"
