#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest check`, of networks, of devices that a host gives, of firmware and
# TPM.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/check-lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up
mac=52:54:00:00:00:01
# nic TYPE SOURCE [INSIDE]
nic() { echo "<interface type='$1'><mac address='$mac'/><source $2/><model type='virtio'/>${3-}</interface>"; }
# network HOST NAME BRIDGE: on one of the host's own.
network() {
	define "$1" net "<network><name>$2</name><forward mode='bridge'/><bridge name='$3'/></network>"
	virsh_on "$1" net-start "$2"
}
# bridge HOST NAME [up]
bridge() { on "$1" sh -c "ip link add $2 type bridge ${3:+&& ip link set $2 up}"; }

echo "# a guest on a network"
bridge host-a br0 up
network host-a blue br0
guest_devices=$(nic network "network='blue'") start_guest host-a db1
ask db1
tell network block "no network 'blue'"
define host-b net "<network><name>blue</name><forward mode='bridge'/><bridge name='br0'/></network>"
ask db1
tell network block 'not active'
virsh_on host-b net-start blue
ask db1
tell network pass 'described alike'
tell bridge block "no device 'br0'"
exits 1 migrate host-a host-b db1
says err "'br0': No such device"
bridge host-b br0
ask db1
tell bridge block 'is down'
on host-b ip link set br0 up
ask db1
tell bridge pass "'br0' is on the destination"
tell mac-clash pass 'no MAC of the domain'
tell mtu pass 'no NIC has a filter'
tell port-profile pass 'no NIC has a port profile'
tell roms pass "'virtio' takes the same size"
tell hostdev pass 'holds no PCI'
tell usb pass 'no USB'
tell filesystem pass 'no folder'
tell chardev pass 'has what the serial device'
tell vtpm pass 'no TPM'
tell firmware pass "QEMU's own firmware"
blocks 0
exits 0 migrate host-a host-b db1
exits 0 migrate host-b host-a db1
virsh_on host-b net-destroy blue
virsh_on host-b net-undefine blue
network host-b blue br1
ask db1
tell network warn 'not described alike'
tell bridge block "'br1'"
end_guest host-a db1

echo "# a guest on a bridge"
guest_devices=$(nic bridge "bridge='br0'") start_guest host-a db2
ask db2
tell bridge pass "'br0' is on the destination"
tell mtu pass 'the same MTU'
blocks 0
on host-b ip link set br0 mtu 1400
ask db2
tell mtu warn 'MTU'
file "s/filed/other/;s,<devices>,&$(nic bridge "bridge='br0'"),"
virsh_on host-b define "$dir/file.xml"
ask db2
tell mac-clash warn "'other'"
virsh_on host-b undefine other
on host-b sh -c 'ip link del br0 && ip link add br0 type veth peer name br9 && ip link set br0 up'
ask db2
tell bridge block "no Linux bridge 'br0'"
end_guest host-a db2

echo "# NICs of other kinds"
devices "$(nic bridge "bridge='br0'" "<filterref filter='no-rain'/>")"
tell mtu block 'no-rain'
devices "$(nic direct "dev='eth0' mode='bridge'")"
tell bridge pass eth0
devices "$(nic direct "dev='eth0' mode='bridge'" "<virtualport type='802.1Qbg'><parameters managerid='11' typeid='1193047'
	typeidversion='2' instanceid='09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f'/></virtualport>")"
tell port-profile warn 802.1Qbg
devices "<interface type='vhostuser'><source type='unix' path='/run/no.sock' mode='client'/><model type='virtio'/></interface>"
tell port-profile warn 'no socket'
devices "<interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>"
tell port-profile block vDPA
devices "<interface type='user'><backend type='passt'/></interface>"
tell port-profile block passt
guest_devices="<interface type='user'/>" start_guest host-a db3
ask db3
tell port-profile warn 'break'
exits 0 migrate host-a host-b db3
end_guest host-b db3

echo "# devices of the host"
pci="<address type='pci' domain='0' bus='0' slot='2' function='0'/>"
devices "<hostdev mode='subsystem' type='pci' managed='yes'><source>${pci/type=\'pci\' /}</source></hostdev>"
tell hostdev block 0000:00:02.0
devices "<interface type='hostdev'><source>$pci</source></interface>"
tell hostdev block 0000:00:02.0
devices "<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>"
tell hostdev block 'no mdev device'
devices "<hostdev mode='subsystem' type='usb'><source><vendor id='0x046d'/><product id='0xc52b'/></source></hostdev>"
tell usb warn 046d:c52b
devices "<filesystem type='mount'><source dir='/srv'/><target dir='t'/></filesystem>"
tell filesystem block "'9p /srv'"
guest_xml="<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>" devices \
	"<filesystem type='mount'><driver type='virtiofs'/><source dir='/srv'/><target dir='t'/></filesystem>"
case $(on host-a virsh -q -c "$libvirt" version --daemon) in
*'daemon: '[0-9].* | *'daemon: 10.'*) tell filesystem block 'would need libvirt 11.3.0' ;;
*) tell filesystem warn virtiofsd ;;
esac
devices "<shmem name='s' role='peer'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>"
tell filesystem block "memory 's' does not move"
guest_xml="<maxMemory slots='4' unit='GiB'>1</maxMemory><cpu><numa><cell id='0' cpus='0' memory='24' unit='MiB'/></numa></cpu>" devices \
	"<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>"
tell device-place pass 'has its place'

echo "# paths and addresses of the host"
devices "<serial type='file'><source path='/nowhere/s.log'/></serial>"
tell chardev block "'/nowhere'"
vnc() { guest_devices="<graphics type='vnc' autoport='yes'><listen type='address' address='$1'/></graphics>" edited '/<serial /d'; }
vnc "$(address_of host-a)"
tell chardev block 'no address of the destination'
vnc "$(address_of host-b)"
tell chardev pass 'address of the destination'
vnc 0.0.0.0
tell chardev pass 'every host'

echo "# firmware, ROMs and TPM"
# loader CODE
loader() {
	file "s,</os>,<loader readonly='yes' type='pflash'>$1</loader>&,;/<kernel>/d;/<cmdline>/d"
	ask_file
}
for one in host-a host-b; do on "$one" truncate -s 1M /var/lib/libvirt/images/code.fd; done
loader /var/lib/libvirt/images/none.fd
tell firmware block "no firmware"
loader /var/lib/libvirt/images/code.fd
tell firmware warn 'never chosen there'
on host-b sh -c 'echo another | dd of=/var/lib/libvirt/images/code.fd conv=notrunc status=none'
loader /var/lib/libvirt/images/code.fd
tell firmware warn 'the same at both ends'
on host-b truncate -s 2M /var/lib/libvirt/images/code.fd
loader /var/lib/libvirt/images/code.fd
tell firmware block 'the same size'
edited "s,<os>,<os firmware='efi'>,;/<kernel>/d;/<cmdline>/d"
able=$(on host-b virsh -q -c "$libvirt" domcapabilities)
if [[ $able == *'<value>efi</value>'* ]]; then
	tell firmware pass "'efi' firmware to choose"
else
	tell firmware block "no 'efi'"
fi
guest_devices="<interface type='user'><model type='e1000'/></interface>" file
ask_file
tell roms pass "'e1000'"
rom=$(on host-b find /usr/share/qemu /usr/lib/ipxe/qemu -name efi-e1000.rom | head -n 1)
truncate -s 4k "$dir/small.rom"
on host-b mount --bind "$dir/small.rom" "$(on host-b readlink -f "$rom")"
ask_file
tell roms warn 'another size'
on host-b umount "$(on host-b readlink -f "$rom")"
tpm() { devices "<tpm model='tpm-tis'><backend type='$1'$2</backend></tpm>" "${@:3}"; }
tpm emulator " version='2.0'>"
case $(grep '^vtpm ' "$dir/findings") in
*' pass '*) tell vtpm pass 'what the guest' ;; # swtpm 0.8
*) tell vtpm warn 'both hosts share' ;;
esac
on host-a mkdir -p /var/lib/libvirt/swtpm
tpm emulator " version='2.0'>"
tell vtpm pass "what the guest's TPM needs"
tpm emulator " version='2.0'>" --offline --persistent
tell vtpm warn 'leaves the state'
tpm passthrough "><device path='/dev/tpm0'/>"
tell vtpm block "'passthrough'"
tpm emulator " version='2.0'><encryption secret='5ec2e700-0000-4000-8000-000000000001'/>"
tell vtpm block 'not its secret'
