#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest check`, of disks: where they are, whether the destination has the
# same, and what happens to them on the way.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/check-lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up
own=/var/lib/libvirt/images

# disk FILE [FORMAT [INSIDE]]
disk() {
	echo "<disk type='file' device='disk'><driver name='qemu' type='${2:-raw}'/><source file='$1'/>" \
		"<target dev='vda' bus='virtio'/>${3-}</disk>"
}
# image FILE [POLICY]: in a CD-ROM drive.
image() {
	echo "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='$1' ${2-}/>" \
		"<target dev='hda' bus='ide'/><readonly/></disk>"
}

echo "# a disk that both hosts see; to libvirt its file system is a local one"
make_disk host-a "$shared/d1.raw"
guest_devices=$(disk "$shared/d1.raw") start_guest host-a d1
ask d1
tell disk-present pass '(1) is one object'
tell disk-device pass '(0) is the same'
tell network-disk pass 'secret is at'
tell backing pass '(0) is one file'
tell cdrom pass '(0) is one file'
tell shared-storage block 'without shared storage libvirt refuses'
tell cache pass "in the source's cache"
tell disk-kind pass 'can migrate'
tell copy-storage pass 'no disk is to be copied'
blocks 1
exits 1 migrate host-a host-b d1
says err 'Unsafe migration'
ask d1 --unsafe
tell shared-storage warn 'is unsafe'
blocks 0
ask d1 --copy-storage-all
tell copy-storage block 'onto itself'
exits 0 migrate host-a host-b d1 --unsafe
end_guest host-b d1

echo "# a disk that each has its own of"
make_disk host-a $own/d2.raw
guest_devices=$(disk $own/d2.raw) start_guest host-a d2
ask d2 --unsafe
tell disk-present block 'is not at the destination'
make_disk host-b $own/d2.raw
ask d2 --unsafe
tell disk-present block 'another file at the destination'
ask d2 --copy-storage-all
tell disk-present pass '(0)'
tell shared-storage pass '(0)'
tell copy-storage warn 'overwrites it'
on host-b truncate -s 512K $own/d2.raw
ask d2 --copy-storage-all
tell copy-storage block smaller
on host-b rm $own/d2.raw

echo "# a copy needs a pool of its folder, which the migration itself says, too"
ask d2 --copy-storage-all
tell copy-storage block 'no active storage pool'
exits 1 migrate host-a host-b d2 --copy-storage-all
says err 'Storage pool not found'
define host-b pool "<pool type='dir'><name>images</name><target><path>$own</path></target></pool>"
ask d2 --copy-storage-all
tell copy-storage block 'no active storage pool'
virsh_on host-b pool-start images
ask d2 --copy-storage-all
tell copy-storage pass 'has room'
blocks 0

echo "# jobs, and what is below"
virsh_on host-a blockcopy d2 vda "$shared/d2-copy.raw" --transient-job --format raw
ask d2 --copy-storage-all
tell domain-jobs block 'disk vda'
virsh_on host-a blockjob d2 vda --abort
virsh_on host-a snapshot-create-as d2 s1 --disk-only
ask d2 --copy-storage-inc
tell domain-jobs block 'snapshots (1)'
tell backing block 'is not at the destination'
exits 1 migrate host-a host-b d2 --copy-storage-all
says err snapshot
virsh_on host-a snapshot-delete d2 s1 --metadata
ask d2 --copy-storage-inc
tell domain-jobs pass 'no job'
end_guest host-a d2
on host-b truncate -s 1M $own/d2.raw
devices "$(disk "$shared/d1.raw" qcow2)"
tell backing warn 'the layers below'

echo "# images in drives"
make_disk host-a "$shared/i1.iso"
devices "$(image "$shared/i1.iso")"
tell cdrom pass '(1) is one file'
tell shared-storage pass '(0)'
make_disk host-a $own/i2.iso
devices "$(image $own/i2.iso)"
tell cdrom block 'not at the destination'
devices "$(image $own/i2.iso "startupPolicy='optional'")"
tell cdrom warn 'will be empty there'
make_disk host-b $own/i2.iso
devices "$(image $own/i2.iso)"
tell cdrom pass 'one size'
on host-b truncate -s 2M $own/i2.iso
devices "$(image $own/i2.iso)"
tell cdrom block 'size is not the same'

echo "# kinds of disks"
block() { devices "<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='$1'/><target dev='vda' bus='virtio'/></disk>"; }
block /dev/no-such-device
tell disk-device block 'not at the destination'
tell disk-present block 'not at the destination'
drive=$(on host-a find /dev -maxdepth 1 -type b -name '[sv]d?' | head -n 1)
if [ -n "$drive" ]; then
	block "$drive"
	tell disk-device warn 'another after a reboot'
	tell shared-storage pass 'counts each disk'
fi
devices "<disk type='nvme' device='disk'><driver name='qemu' type='raw'/><source type='pci' managed='yes' namespace='1'>
	<address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source><target dev='vda' bus='virtio'/></disk>"
tell disk-kind block NVMe
devices "$(disk "$shared/d1.raw" raw '<transient/>')" --unsafe
tell disk-kind block transient
devices "$(disk "$shared/d1.raw" raw | sed "s/type='raw'/& cache='unsafe'/")" --unsafe
tell cache warn 'the cache mode unsafe'
devices "<disk type='volume' device='disk'><driver name='qemu' type='raw'/><source pool='images' volume='d3.raw'/><target dev='vda' bus='virtio'/></disk>"
tell disk-present not-run 'at which path'
tell shared-storage not-run 'disk vda: '

echo "# a secret"
secret=5ec2e700-0000-4000-8000-000000000001
rbd="<disk type='network' device='disk'><driver name='qemu' type='raw'/><auth username='a'><secret type='ceph' uuid='$secret'/></auth>
	<source protocol='rbd' name='p/i'><host name='mon'/></source><target dev='vda' bus='virtio'/></disk>"
devices "$rbd"
tell network-disk block "$secret"
define host-b secret "<secret ephemeral='no' private='no'><uuid>$secret</uuid><usage type='ceph'><name>one</name></usage></secret>"
virsh_on host-b secret-set-value $secret MTIzNA==
devices "$rbd"
tell network-disk pass "'s secret"
blocks 0
devices "${rbd/uuid=\'$secret\'/usage=\'one\'}"
tell network-disk pass "'s secret"
devices "${rbd/uuid=\'$secret\'/usage=\'another\'}"
tell network-disk block another
