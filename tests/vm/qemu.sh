# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A machine with firmware, a TPM and a kernel of its own, by QEMU, OVMF and swtpm:
# what lib.sh's machine has not.  Its commands come and go by a serial port of the
# hypervisor, so that it has no network at all.
#
#   image_make            of $root: $dir/disk, and $dir/esp with its boot loader
#   image_boots OPTIONS   the kernel's command line from the next boot on
#   qemu_on [without-tpm], qemu_off    switched on until it answers; off in order
#   qemu_reboot           as its operator does it
#   inside COMMAND...     as root, in it
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
ovmf=/usr/share/OVMF
for one in qemu-system-x86_64 swtpm mformat mkfs.ext4 socat; do
	command -v $one >/dev/null || {
		echo "skipped: no $one"
		exit 77
	}
done
qemu='' tpm='' socat=''

# Whatever goes wrong, both processes go.
qemu_gone() {
	local one
	for one in $qemu $tpm; do kill -KILL "$one" 2>/dev/null; done
	umount -l "$root/proc" "$root/dev" 2>/dev/null
}
was=0
trap 'was=$?; set +e; qemu_gone; (exit $was); machine_gone' EXIT

# Who answers there: a line is a command, its answer ends with its status.
image_answers() {
	cat >"$root/usr/local/sbin/answers" <<-'EOT'
		#!/bin/bash
		exec 3<>/dev/virtio-ports/story
		echo "=up" >&3
		while read -r -u 3 line; do
			bash -c "$line" </dev/null >&3 2>&1
			printf '\n=%s\n' $? >&3
		done
	EOT
	chmod 755 "$root/usr/local/sbin/answers"
	printf '%s\n' '[Unit]' 'After=multi-user.target' '[Service]' 'ExecStart=/usr/local/sbin/answers' \
		>"$root/etc/systemd/system/answers.service"
	echo 'SUBSYSTEM=="virtio-ports", ATTR{name}=="story", TAG+="systemd", ENV{SYSTEMD_WANTS}+="answers.service"' \
		>"$root/etc/udev/rules.d/99-answers.rules"
}

# Debian's signed shim and GRUB, on a removable disk's path.
image_make() {
	image_answers
	echo '/dev/vda / ext4 defaults 0 1' >"$root/etc/fstab"
	truncate -s 3G "$dir/disk"
	mkfs.ext4 -q -L root -d "$root" "$dir/disk"
	mformat -C -i "$dir/esp" -T $((96 * 2048)) -h 64 -s 32 ::
	mmd -i "$dir/esp" ::/EFI ::/EFI/BOOT ::/EFI/debian
	mcopy -i "$dir/esp" "$root/usr/lib/shim/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
	mcopy -i "$dir/esp" "$root/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" ::/EFI/BOOT/grubx64.efi
	mcopy -i "$dir/esp" "$root"/boot/vmlinuz-* ::/vmlinuz
	mcopy -i "$dir/esp" "$root"/boot/initrd.img-* ::/initrd
	cp $ovmf/OVMF_VARS_4M.fd "$dir/vars"
}
# linuxefi: by GRUB's `linux`, and without Secure Boot, the kernel is given no log.
image_boots() {
	printf '%s\n' 'set timeout=0' "${linux:-linuxefi} /vmlinuz root=/dev/vda rw console=ttyS0 $*" \
		"${initrd:-initrdefi} /initrd" boot >"$dir/grub.cfg"
	mcopy -o -i "$dir/esp" "$dir/grub.cfg" ::/EFI/debian/grub.cfg
}

qemu_on() {
	local accel=tcg
	# A /dev/kvm of a processor that cannot is no help.
	[ ! -w /dev/kvm ] || ! grep -qwE 'vmx|svm' /proc/cpuinfo || accel=kvm
	local chip=(-chardev "socket,id=tpm,path=$dir/tpm.sock" -tpmdev "emulator,id=tpm,chardev=tpm" -device "tpm-crb,tpmdev=tpm")
	if [ "${1-}" = without-tpm ]; then
		chip=()
	else
		swtpm socket --tpm2 --tpmstate "dir=$dir/hv.state" --ctrl "type=unixio,path=$dir/tpm.sock" >"$dir/tpm.log" 2>&1 &
		tpm=$!
		until_true 10 test -S "$dir/tpm.sock"
	fi
	qemu-system-x86_64 -machine q35 -accel $accel -smp 2 -m 1024 -display none -nic none \
		-drive "if=pflash,format=raw,readonly=on,file=$ovmf/OVMF_CODE_4M.fd" -drive "if=pflash,format=raw,file=$dir/vars" \
		-drive "if=none,id=root,format=raw,cache=unsafe,file=$dir/disk" -device virtio-blk-pci,drive=root \
		-drive "if=none,id=esp,format=raw,file=$dir/esp" -device virtio-blk-pci,drive=esp,bootindex=1 \
		"${chip[@]}" \
		-device virtio-rng-pci -device virtio-serial-pci -chardev "socket,id=story,path=$dir/story.sock,server=on,wait=off" \
		-device virtserialport,chardev=story,name=story -serial "file:$dir/console.log" >"$dir/qemu.log" 2>&1 &
	qemu=$!
	until_true 20 test -S "$dir/story.sock"
	coproc STORY { exec socat - "UNIX-CONNECT:$dir/story.sock"; }
	socat=$STORY_PID
	# shellcheck disable=SC2153
	exec {to}>&"${STORY[1]}" {from}<&"${STORY[0]}"
	qemu_answers
}
qemu_answers() {
	local line='' began=$SECONDS
	while [ "$line" != "=up" ]; do
		read -r -t 180 -u "$from" line || fail "it does not boot: $(cat "$dir/qemu.log")"
		line=${line%$'\r'}
	done
	echo "  up after $((SECONDS - began)) s"
}
# All of an answer is taken, whether anybody reads it or not.
inside() {
	local line answer=''
	printf '%q ' "$@" >&"$to"
	echo >&"$to"
	while read -r -t 120 -u "$from" line; do
		if [[ $line =~ ^=([0-9]+)$ ]]; then
			printf %s "${answer%$'\n'}" 2>/dev/null || true
			return "${BASH_REMATCH[1]}"
		fi
		answer+=$line$'\n'
	done
	fail "no answer to: $*"
}
said() {
	journal "$1" >"$dir/journal"
	grep -q -- "$2" "$dir/journal"
}
qemu_reboot() {
	echo "systemctl reboot" >&"$to"
	qemu_answers
}
qemu_off() {
	echo "systemctl poweroff" >&"$to"
	timeout 120 tail --pid="$qemu" -f /dev/null || fail "it does not go off"
	[ -z "$tpm" ] || kill "$tpm" 2>/dev/null || true
	exec {to}>&- {from}<&-
	wait "$socat" 2>/dev/null || true
	qemu='' tpm=''
	rm -f "$dir/tpm.sock" "$dir/story.sock"
}
