#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# libvirt itself asks before a guest leaves: the QEMU driver of contrib/libvirt-pmc
# (its path in PMC_DRIVER) in Debian's own libvirtd, virt-attest-hook among its
# hooks, and every way to migrate, allowed and refused.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

driver=${PMC_DRIVER:?the QEMU driver that contrib/libvirt-pmc/build made}
installed=$(dpkg -L libvirt-daemon-driver-qemu | grep /libvirt_driver_qemu.so)
hooks=$dir/host-a/etc/libvirt/hooks
images=/var/lib/libvirt/images # each host's own
control=$(to host-b)
guest=g back=()
lab_up host-a host-b host-c

# migrate ARGUMENT...: $guest from host-a.
migrate() {
	: >"$dir/asked"
	on host-a timeout 120 virsh -q -c "$libvirt" migrate "$guest" "$@"
}

# asked LINE: that and nothing else was asked.
asked() { [ "$(cat "$dir/asked")" = "$1" ] || fail "asked: '$(cat "$dir/asked")', not '$1'"; }

# goes ASKED ARGUMENT...: and it runs on, there.  Then home: host-b has Debian's
# driver and no hook.
goes() {
	exits 0 migrate --live "${@:2}"
	asked "$1"
	only_on host-b "$guest" || fail "the guest is not on host-b"
	keeps_ticking "$guest"
	exits 0 on host-b timeout 120 virsh -q -c "$libvirt" migrate "$guest" --live --p2p "$(to host-a)" "${back[@]}"
}

# stays WORDS ASKED ARGUMENT...: it runs on here, and no byte of its memory left;
# in a peer-to-peer migration not its XML either, but for what the verifier sends
# to see the key of libvirt's endpoint.
stays() {
	local memory talk
	memory=$(sent_bytes host-a memory)
	talk=$(sent_bytes host-a control)
	exits 1 migrate --live "${@:3}"
	memory=$(($(sent_bytes host-a memory) - memory))
	talk=$(($(sent_bytes host-a control) - talk))
	says err "$1"
	asked "$2"
	[ "$memory" = 0 ] || fail "$memory bytes left"
	[[ " $* " != *" --p2p "* ]] || [ "$talk" -lt 8000 ] || fail "$talk bytes were said to libvirt"
	only_on host-a "$guest" || fail "the guest is not on host-a alone"
	keeps_ticking "$guest"
}

# The hook before ours tells what it was asked, and keeps what it was given.  It
# may even ask libvirt about the guest, which is not locked meanwhile.
mkdir "$hooks/qemu.d"
cat >"$hooks/qemu.d/10-trace" <<EOF
#!/bin/sh
[ "\$2 \$3" = "migrate pmc" ] || exit 0
echo "\$*" >>$dir/asked
cat >$dir/given
timeout 20 virsh -q -c $libvirt dumpxml "\$1" >/dev/null
EOF
chmod 755 "$hooks/qemu.d/10-trace"
ours=$hooks/qemu.d/50-virt-attest

echo "# Debian's driver asks no hook on the source: to an unattested host it goes"
cp "$bin/virt-attest-hook" "$ours"
halt host-a libvirtd && start_libvirtd host-a
# What is in the XML: a password, and more than a pipe holds.
guest_devices="<graphics type='vnc' autoport='yes' listen='127.0.0.1' passwd='secret7'/>"
guest_xml="<metadata><x xmlns='urn:x'>$(printf '%0200000d' 0)</x></metadata>"
start_guest host-a g
tamper host-b
goes '' --p2p "$control"
restart_tpm host-b

echo "# ours beside Debian's libvirtd and libvirt.so; the hook comes after its start"
rm "$ours"
on host-a mount --bind "$driver" "$installed"
halt host-a libvirtd && start_libvirtd host-a
cp "$bin/virt-attest-hook" "$ours"

echo "# a trusted destination: every way goes"
goes "g migrate pmc tcp:host-b:49152" "$control"
goes "g migrate pmc $control" --p2p "$control"
goes "g migrate pmc $control" --p2p --tunnelled "$control"
goes "g migrate pmc tcp:host-b:49152" --tls "$control"
goes "g migrate pmc $control tcp://host-b:49160" --p2p "$control" --migrateuri tcp://host-b:49160
grep -q '</domain>' "$dir/given" && grep -q '<graphics' "$dir/given" || fail "the XML is not whole"
! grep -q secret7 "$dir/given" || fail "the hook was given a password"

echo "# an unattested one: no way goes"
tamper host-b
no="host-b is untrusted"
stays "$no" "g migrate pmc tcp:host-b:49152" "$control"
stays "$no" "g migrate pmc $control" --p2p "$control"
stays "$no" "g migrate pmc $control" --p2p --tunnelled "$control"
stays "$no" "g migrate pmc tcp:host-b:49152" --tls "$control"
stays "$no" "g migrate pmc tcp://host-b:49160" "$control" --migrateuri tcp://host-b:49160

echo "# the job that a direct migration begins ends with the no, not with the client"
exits 0 on host-a virsh -q -c "$libvirt" "migrate g --live $control; domjobinfo g"
says err "$no"
says out 'None'

echo "# a guest that is off: direct, it leaves for nobody knows where"
domain_xml off >"$dir/off.xml"
exits 0 on host-a virsh -q -c "$libvirt" define "$dir/off.xml"
guest=off
exits 1 migrate --offline --persistent "$control"
asked "off migrate pmc -"
says err "migration of 'off' to '-' refused"
exits 1 migrate --offline --persistent --p2p "$control"
asked "off migrate pmc $control"
says err "$no"
exits 1 on host-b virsh -q -c "$libvirt" dominfo off
restart_tpm host-b
exits 0 migrate --offline --persistent --p2p "$control"
asked "off migrate pmc $control"
exits 0 on host-b virsh -q -c "$libvirt" dominfo off
guest=g
goes "g migrate pmc tcp:host-b:49152" "$control"

echo "# memory for another attested host, for a stranger, for whoever reads it so"
two="these are two hosts, 'host-b' and 'host-c'"
address=tcp://$(address_of mgmt):49152
stays "$two" "g migrate pmc $control tcp://host-c:49152" --p2p "$control" --migrateuri tcp://host-c:49152
stays "no such host is enrolled" "g migrate pmc $control tcp://mgmt:49152" --p2p "$control" --migrateuri tcp://mgmt:49152
stays "no host is enrolled at" "g migrate pmc $control $address" --p2p "$control" --migrateuri "$address"
stays "has a space or control character" '' --p2p "$control" --migrateuri "tcp://host-b:49152 tcp://mgmt:1"

echo "# nobody to ask is a no"
halt host-a verifierd
stays "no verdict" "g migrate pmc $control" --p2p "$control"
start_verifierd host-a
goes "g migrate pmc $control" --p2p "$control"

echo "# a disk goes another way than the memory"
guest=d guest_xml='' guest_devices=''
for host in host-a host-b; do on "$host" truncate -s 1M "$images/d.raw"; done
guest_devices="<disk type='file'><driver name='qemu' type='raw'/><source file='$images/d.raw'/><target dev='vda' bus='virtio'/></disk>"
start_guest host-a d
back=(--copy-storage-all)
goes "d migrate pmc $control tcp://host-b tcp://host-b:49170" --p2p "$control" --migrateuri tcp://host-b \
	--copy-storage-all --disks-uri tcp://host-b:49170
stays "$two" "d migrate pmc $control tcp://host-b tcp://host-c:49170" --p2p "$control" --migrateuri tcp://host-b \
	--copy-storage-all --disks-uri tcp://host-c:49170

echo "# a hook that takes long holds nobody up; who aborts meanwhile has aborted"
guest=g back=()
printf '#!/bin/sh\n: >%s/began\nuntil [ -e %s/go ]; do sleep 0.05; done\n' "$dir" "$dir" >"$hooks/qemu.d/20-slow"
chmod 755 "$hooks/qemu.d/20-slow"
for way in --live --p2p; do
	rm -f "$dir"/{began,go}
	on host-a virsh -q -c "$libvirt" migrate g "$way" "$control" >"$dir/migrate.log" 2>&1 &
	pid_of[migrate]=$!
	until_true 60 test -e "$dir/began"
	exits 0 on host-a timeout 20 virsh -q -c "$libvirt" domjobabort g
	: >"$dir/go"
	! wait "${pid_of[migrate]}" || fail "it was not aborted"
	grep -q 'canceled by client' "$dir/migrate.log" || fail "another end"
	only_on host-a g || fail "the guest is not on host-a alone"
done
rm "$hooks/qemu.d/20-slow"

echo "# without our hook, or with one that may not run, it is as if it had never been"
chmod 644 "$ours"
tamper host-b
goes "g migrate pmc $control" --p2p "$control"
sound g
