#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A machine that measures what it boots: firmware, shim, GRUB, kernel and the files
# that the kernel ran go into its TPM, our packages are in it, and its own verifier
# judges all of it.  The packages of build/packages, the system of image.sh.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/qemu.sh"
clean=$source_dir/build/vm/root debs=$source_dir/build/packages
agentd=virt-attest-agentd verifierd=virt-attest-verifierd
security=/sys/kernel/security

# in_root COMMAND: as a factory does, in the image, which does not run.
in_root() {
	chroot "$root" env DEBIAN_FRONTEND=noninteractive HOME=/root sh -euc "cd /root; $1" >"$dir/said" 2>&1 ||
		fail "$1: $(tail -n 20 "$dir/said")"
}
va() { inside virt-attest "$@" >"$dir/said" 2>&1 || fail "virt-attest $*: $(cat "$dir/said")"; }
# refused_by COMMAND...: it ends with 2.
is_refused() {
	local status=0
	inside virt-attest "$@" >"$dir/said" 2>&1 || status=$?
	[ $status = 2 ] || fail "virt-attest $*: $status, $(cat "$dir/said")"
}
says() { grep -q -- "$1" "$dir/said" || fail "it does not say '$1': $(cat "$dir/said")"; }
journal() { inside journalctl -q --no-pager -b -o cat -u "$1"; }
any_verdict() { inside journalctl -q --no-pager -b -o cat HOST=hv "VERDICT=$1" | grep .; }
boots() { va verify hv --explain && sed -n 's/.*resetCount \([0-9]*\).*/\1/p' "$dir/said"; }
# What stands after each boot, whatever the verdict is.
is_well() {
	[ -z "$(inside systemctl --failed --plain --no-legend)" ] || fail "failed: $(inside systemctl --failed --plain)"
	until_true 30 said $agentd 'tpm="device:/dev/tpmrm0" state=ready'
	! said $agentd sandbox=off && ! said $verifierd sandbox=off || fail "no sandbox"
	[ "$(inside stat -c '%a %U:%G' $security/tpm0/binary_bios_measurements $security/ima/binary_runtime_measurements | xargs)" = \
		"440 root:$agentd 440 root:$agentd" ] || fail "the logs: $(inside ls -l $security/tpm0 $security/ima)"
}

echo "# an image with the packages and certificates, as a factory makes it"
machine_root "$clean"
install -D -m 644 -t "$root/root" "$debs"/virt-attest{,-agentd,-verifierd}_*.deb
mount -t proc proc "$root/proc" && mount --bind /dev "$root/dev"
in_root 'apt-get install -y ./virt-attest*.deb'
in_root 'virt-attest pki make pki --host hv --verifier hv-verifier'
in_root 'virt-attest pki install pki hv hv-verifier'
umount "$root/dev" "$root/proc"
echo 127.0.1.1 hv >>"$root/etc/hosts"
make_tpm hv
cp "$dir/maker"/*.pem "$root/etc/virt-attest/ek_roots/"
# A device that is anybody's, and no TPM: the serial line.
mknod -m 666 "$root/var/tty" c 4 64
mkdir -p "$root/etc/systemd/system/$agentd.service.d"
printf '%s\n' '[Service]' 'ExecStartPre=-/bin/bash -c "exec 9<>/var/tty && echo COULD open a device || echo could not open a device"' \
	>"$root/etc/systemd/system/$agentd.service.d/story.conf"
image_make
image_boots ima_policy=tcb ima_hash=sha256

echo "# it boots, and is ready by itself: the TPM, the logs, the sandbox; no other device"
qemu_on
is_well
inside setpriv --reuid=65534 --clear-groups bash -c 'exec 9<>/var/tty' || fail "nobody can open that device, so it says nothing"
said $agentd 'could not open a device' || fail "it opens other devices than a TPM"
for unit in $agentd $verifierd; do
	inside systemd-analyze security $unit >"$dir/said"
	sed -n 's/^.*Overall exposure/  exposure/p' "$dir/said"
done
va doctor
grep '^warn' "$dir/said"

echo "# enrolled by its TPM's maker"
va enroll hv --yes
says "by the EK's certificate"
va verify hv

echo "# a reboot: trusted by itself"
before=$(boots)
qemu_reboot
until_true 60 any_verdict trusted
is_well
[ "$(boots)" -gt "$before" ] || fail "no reset of the TPM"

# What is installed, and what the initial RAM disk has.  systemd's files of a moment
# (accounts, credentials) are measured while they are empty; the journal is read while
# it is written, of which IMA says so and no more.
echo "# a golden value with its boot log, and a policy for IMA's list"
inside sh -euc 'cd /var/tmp; unmkinitramfs /boot/initrd.img-* initrd
	{ echo virt-attest-ima-policy 1
	find /usr /etc /boot -xdev -type f -exec sha256sum {} +
	cd initrd; find . -type f -exec sha256sum {} + | sed "s,  \./,  /,"
	empty=$(sha256sum </dev/null | cut -d " " -f 1)
	printf "sha256:$empty %s\n" "/etc/.#*" "/dev/shm/.#cred*"
	printf "exclude %s\n" /var /root; echo violation exclude; echo unknown refuse; } >/var/tmp/policy'
va golden add hv --from-log --label "as installed" --ima-policy /var/tmp/policy
va golden approve 2
va golden revoke 1
va verify hv --explain
says "hv: trusted (golden value 2)"

echo "# a reload, and a reboot: trusted by itself"
inside systemctl reload $agentd $verifierd || fail "no reload"
va verify hv
is_well
qemu_reboot
until_true 60 any_verdict trusted
is_well

echo "# a program that was replaced, once it runs: untrusted, by its name"
inside sh -euc 'cp /usr/bin/tac /usr/bin/other; echo >>/usr/bin/other; mv /usr/bin/other /usr/bin/tac; tac /dev/null'
is_refused verify hv --explain
says 'ima-log:'
says '/usr/bin/tac'
grep tac "$dir/said"
qemu_off

echo "# another kernel command line: untrusted, in words"
image_boots ima_policy=tcb ima_hash=sha256 init_on_free=1
qemu_on
is_well
is_refused verify hv --explain
says 'init_on_free=1'
sed 's/^/  /' "$dir/said"
qemu_off

echo "# by GRUB's own loader, which hands the kernel no log: no word of trust"
linux=linux initrd=initrd image_boots ima_policy=tcb ima_hash=sha256
qemu_on
is_refused verify hv --explain
says 'the host gave no boot log'
says "start the kernel by 'linuxefi' and 'initrdefi'"
qemu_off

echo "# without its TPM: up, and it says so; and with it: trusted as before"
image_boots ima_policy=tcb ima_hash=sha256
qemu_on without-tpm
[ "$(inside systemctl is-active $agentd)" = active ] || fail "no TPM, no agent"
said $agentd 'state=away' || fail "it does not say that its TPM is away"
inside systemctl show -P StatusText $agentd
status=0
inside virt-attest verify hv >"$dir/said" || status=$?
[ $status = 3 ] || fail "without a TPM: $status, $(cat "$dir/said")"
is_refused doctor
grep '^fail' "$dir/said"
qemu_off
# The program that was replaced is still there, and nobody ran it.
qemu_on
until_true 60 any_verdict trusted
is_well
va audit verify
qemu_off
