# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154 # what those have who take it
#
# Guests for the labs: lib.sh's hosts and session-lib.sh's.  They give `on HOST
# COMMAND...`, $libvirt (the URI of a host's own libvirtd), $dir and $shared (the
# folder that every host sees).  A guest is guest.c: it says `tick N` ten times
# a second, into one file on $shared wherever it runs.

# What a guest is made of, to be changed before start_guest: MiB of memory that
# it fills, pages that it writes at each tick, further words of its command line,
# XML inside <devices>, XML beside it.
guest_mib=8 guest_step=64 guest_words='' guest_devices='' guest_xml=''

# has_tools [PROGRAM...]: or the story is left out.
has_tools() {
	local one
	for one in libvirtd virsh qemu-system-x86_64 setpriv "$@"; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$one" >/dev/null || { echo "SKIP: no $one here" && exit 77; }
	done
}

# make_guest: translates guest.c, once.
make_guest() {
	[ ! -e "$shared/guest.elf" ] || return 0
	cc -m32 -Os -std=gnu17 -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none \
		-fno-asynchronous-unwind-tables -mgeneral-regs-only -nostdlib -static -no-pie \
		-Wl,-n,-Ttext=0x100000,-e,begin,--build-id=none,--no-warn-rwx-segments \
		-o "$shared/guest.elf" "$source_dir/tests/lab/guest.c"
}

# domain_xml NAME: the XML of the guest NAME.
domain_xml() {
	cat <<-XML
	<domain type='qemu'>
	  <name>$1</name>
	  <memory unit='MiB'>$((guest_mib + 16))</memory>
	  <vcpu>1</vcpu>
	  <os>
	    <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
	    <kernel>$shared/guest.elf</kernel>
	    <cmdline>mib=$guest_mib step=$guest_step $guest_words</cmdline>
	  </os>
	  $guest_xml
	  <devices>
	    <emulator>/usr/bin/qemu-system-x86_64</emulator>
	    <controller type='usb' model='none'/>
	    <memballoon model='none'/>
	    <serial type='file'><source path='$shared/$1.console' append='on'/></serial>
	    $guest_devices
	  </devices>
	</domain>
	XML
}

# make_disk HOST FILE: a raw disk of 1 MiB, on HOST's own path or in $shared.
make_disk() { on "$1" truncate -s 1M "$2"; }

# disk_xml FILE [CACHE]: it, as XML for $guest_devices.  For libvirt every file of
# the lab is on a local file system, so that a guest with a disk migrates with
# --unsafe or --copy-storage-all alone, whatever CACHE says; that each host sees
# $shared is what makes --unsafe safe here.
disk_xml() {
	cat <<-XML
	<disk type='file' device='disk'>
	  <driver name='qemu' type='raw' cache='${2:-writethrough}'/>
	  <source file='$1'/><target dev='vda' bus='virtio'/>
	</disk>
	XML
}

# start_guest HOST NAME: and waits until it ticks.
start_guest() {
	make_guest
	rm -f "$shared/$2.console"
	domain_xml "$2" >"$dir/$2.xml"
	on "$1" virsh -q -c "$libvirt" create "$dir/$2.xml" >"$dir/out" 2>&1 ||
		{ cat "$dir/out" >&2 && fail "guest $2 does not start on $1"; }
	until_true 60 has_ticks "$2" 1
}

# end_guest HOST NAME
end_guest() { on "$1" virsh -q -c "$libvirt" destroy "$2" >/dev/null; }

# guest_on HOST NAME: it runs there (and is not merely expected or paused).
guest_on() { [ "$(on "$1" virsh -q -c "$libvirt" domstate "$2" 2>/dev/null)" = running ]; }

# only_on HOST NAME: there and on no other host.
only_on() {
	local host
	for host in "${hosts[@]}"; do
		if [ "$host" = "$1" ]; then guest_on "$host" "$2"; else ! guest_on "$host" "$2"; fi || return 1
	done
}

# ticks NAME: how many times it ticked.
ticks() { grep -c ^tick "$shared/$1.console" 2>/dev/null || true; }
has_ticks() { [ "$(ticks "$1")" -ge "$2" ]; }

# keeps_ticking NAME [N]: ticks that were not there when it was asked, or when it
# had ticked N times.
keeps_ticking() { until_true 30 has_ticks "$1" $((${2:-$(ticks "$1")} + 3)); }

# sound NAME: since its start each tick came, in order, once, and none was BAD.
sound() {
	awk '$0 "\n" != "tick " NR "\n" { exit bad = 1 } END { exit bad || NR < 2 }' \
		<(sed '$d' "$shared/$1.console") # the last line may be half
}
