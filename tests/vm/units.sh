#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The services on a machine that boots: accounts and folders are made, each unit
# starts and is held to what it says, is reloaded, and comes back after a kill and a
# stopped watchdog; the control socket starts the verifier.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
bin=${VIRT_ATTEST_BIN:?the folder of the programs}
agentd=virt-attest-agentd verifierd=virt-attest-verifierd gated=virt-attest-gated

echo "# installed, as README has it"
machine_root
for component in agentd verifierd cli gates; do
	DESTDIR=$root cmake --install "$bin/.." --component "$component" >"$dir/installed.log" || fail "$(tail -n 3 "$dir/installed.log")"
done
systemd-sysusers --root="$root" 2>"$dir/said"
systemctl --root="$root" preset $agentd.service $verifierd.service $verifierd.socket $gated.service virt-attest-trust-expire.timer 2>/dev/null
enabled() { systemctl --root="$root" is-enabled "$1" 2>/dev/null || true; }
for unit in $agentd.service $verifierd.service $verifierd.socket; do
	[ "$(enabled $unit)" = enabled ] || fail "the preset of $unit"
done
for unit in $gated.service virt-attest-trust-expire.timer; do
	[ "$(enabled $unit)" = disabled ] || fail "the preset of $unit"
done

# libvirt's layout, and keys that root alone reads.
"$source_dir/certs/virt-attest-pki" make "$dir/pki" --host hv,127.0.0.1 --verifier verifier >/dev/null
pki=$root/etc/pki
install -D -m 644 "$dir/pki/cacert.pem" "$pki/CA/cacert.pem"
for one in hv/server verifier/client; do
	install -D -m 644 "$dir/pki/${one}cert.pem" "$pki/libvirt/${one#*/}cert.pem"
	install -D -m 600 "$dir/pki/${one}key.pem" "$pki/libvirt/private/${one#*/}key.pem"
done
# Its TPM is a service as well.
mkdir -p "$root/etc/virt-attest" "$root/var/lib/tpm"
cat >"$root/etc/systemd/system/tpm.service" <<-EOF
	[Service]
	ExecStart=swtpm socket --tpm2 --tpmstate dir=/var/lib/tpm --flags not-need-init,startup-clear \
		--server type=tcp,bindaddr=127.0.0.1,port=2321 --ctrl type=tcp,bindaddr=127.0.0.1,port=2322
	Restart=always
	RestartSec=100ms
EOF
printf '%s\n' 'tcti = "swtpm:host=127.0.0.1,port=2321"' 'endpoint_certs = []' 'facts_verifiers = ["verifier"]' \
	>"$root/etc/virt-attest/agentd.conf"
printf '%s\n' 'reattest_s = 1' 'read_group = "virt-attest-read"' >"$root/etc/virt-attest/verifierd.conf"
printf '%s\n' 'networks = ["192.0.2.0/24"]' 'users = ["65534"]' >"$root/etc/virt-attest/gated.conf"

# Who is where the service is, with its rights and its locks, tries what it must not do.
# A folder and a device that are anybody's, and none of these services'.
mkdir -m 777 "$root/var/open"
mknod -m 666 "$root/var/tun" c 10 200
cat >"$root/usr/local/bin/attempts" <<-'EOF'
	#!/bin/bash
	try() { "$@" >/dev/null 2>/tmp/why && echo "COULD $*" || echo "could not $*"; }
	write() { : >"$1"; }
	cd /
	try write /usr/local/x; try write /etc/x; try write /var/lib/x; try write /var/open/x
	try write /proc/sys/kernel/hostname; try write /sys/fs/cgroup/x
	try unshare -U true; try test "$(nice -n 5 nice)" = 5; try ls /root
	# shellcheck disable=SC2217
	exec 9<>/var/tun && echo "COULD open a device" || echo "could not open a device"
EOF
sed -i 's/^\t*//' "$root/usr/local/bin/attempts"
chmod 755 "$root/usr/local/bin/attempts"
for unit in $agentd $verifierd $gated; do
	mkdir -p "$root/etc/systemd/system/$unit.service.d"
	printf '%s\n' '[Service]' 'ExecStartPre=-/usr/local/bin/attempts' 'RestartSec=200ms' >"$root/etc/systemd/system/$unit.service.d/story.conf"
done
for unit in $agentd $verifierd $gated; do
	echo WatchdogSec=4s >>"$root/etc/systemd/system/$unit.service.d/story.conf"
done

echo "# it boots"
machine_boot
main_of() { inside systemctl show -P MainPID "$1"; }
state_of() { inside systemctl show -P ActiveState "$1"; }
is_active() { [ "$(state_of "$1")" = active ]; }
for unit in $agentd.service $verifierd.service $verifierd.socket; do
	until_true 30 is_active $unit
done
[ "$(inside stat -c '%a %U' /run/virt-attest /run/virt-attest/verifierd.sock | xargs)" = "755 root 666 root" ] ||
	fail "the control socket: $(inside ls -la /run/virt-attest)"
[[ " $(inside id -nG $agentd) " = *" tss "* ]] || fail "the agent is not in the TPM's group"
[ "$(inside stat -c '%a %U' /etc/virt-attest/events.d)" = "755 root" ] || fail "no events.d"
said $agentd "event=tpm .*state=away" || fail "it does not say that its TPM is away"
inside systemctl show -P StatusText $agentd | grep >/dev/null -i 'TPM' || fail "its status does not tell of the TPM"

echo "# and a TPM comes late: trusted"
inside systemctl start tpm
until_true 30 said $agentd "event=tpm .*state=ready"
ek=$(inside virt-attest-agentd --show-ek | sed -n 's/^ecc-p256 //p')
va() { inside virt-attest "$@"; }
va enroll hv --address 127.0.0.1 --ek-sha256 "$ek" --yes >"$dir/said" 2>&1 || fail "$(cat "$dir/said")"
va verify hv >"$dir/said" 2>&1 || fail "$(cat "$dir/said")"
said $verifierd '^hv is trusted' || fail "no word of a verdict"
inside journalctl -q -b HOST=hv VERDICT=trusted | grep >/dev/null . || fail "no fields of a verdict"

echo "# the gates"
inside systemctl start $gated virt-attest-trust-expire.timer || fail "gates do not start"
is_active $gated || fail "$gated is not active"
until_true 30 inside nft list table inet virt_attest
inside systemctl start virt-attest-trust-expire.service || fail "trust-expire"
pid=$(main_of $gated)
echo 'always = ["192.0.2.9"]' >>"$root/etc/virt-attest/gated.conf"
inside systemctl reload $gated || fail "$gated is not reloaded"
until_true 10 said $gated event=reloaded
inside nft list set inet virt_attest always4 | grep -F 192.0.2.9 >/dev/null || fail "it did not take its file"
[ "$(main_of $gated)" = "$pid" ] || fail "a reload restarted it"

echo "# each is held"
for unit in $agentd $verifierd $gated; do
	! said $unit COULD || fail "$unit: $(journal $unit | grep COULD)"
	[ "$(journal $unit | grep -c '^could not')" -ge 9 ] || fail "$unit: it did not try: $(journal $unit)"
	said $unit 'could not open a device' || fail "$unit: devices"
	! said $unit sandbox=off || fail "$unit: no sandbox"
	status=$(inside cat "/proc/$(main_of $unit)/status")
	caps=0000000000000000
	[ $unit != $gated ] || caps=0000000000001000
	for line in "NoNewPrivs:.1" "Seccomp:.2" "CapEff:.$caps" "CapBnd:.$caps"; do
		grep -q "^$line$" <<<"$status" || fail "$unit: not $line: $status"
	done
done
said virt-attest-agentd 'could not write /usr/local/x' || fail "it did not try"

# The kernel's, of the newer kind, which come late: files by their names are all that it takes.
security=/sys/kernel/security
inside sh -euc "mount -t tmpfs none $security; mkdir -p $security/tpm0 $security/integrity/ima; umask 377
	cd $security; touch tpm0/binary_bios_measurements integrity/ima/binary_runtime_measurements_sha256 other
	ln -s binary_runtime_measurements_sha256 integrity/ima/binary_runtime_measurements"

echo "# a renewed key goes over with a reload, in the account's hands"
"$source_dir/certs/virt-attest-pki" host "$dir/pki" hv,127.0.0.1 --force >/dev/null
cp "$dir/pki/hv/servercert.pem" "$pki/libvirt/servercert.pem"
cp "$dir/pki/hv/serverkey.pem" "$pki/libvirt/private/serverkey.pem"
pid=$(main_of $agentd)
inside systemctl reload $agentd || fail "no reload"
[ "$(inside stat -c '%a %U' /run/virt-attest-agentd /run/virt-attest-agentd/tls_key | xargs)" = \
	"700 virt-attest-agentd 600 virt-attest-agentd" ] || fail "$(inside ls -la /run/virt-attest-agentd)"
[ "$(inside sh -c "cd $security; stat -L -c '%a %G' tpm0/* integrity/ima/* other" | xargs)" = \
	"440 $agentd 440 $agentd 440 $agentd 400 root" ] || fail "$(inside ls -lR $security)"
until_true 30 said $agentd 'reload'
[ "$(main_of $agentd)" = "$pid" ] || fail "a reload restarted it"
shows_new() {
	inside sh -c 'openssl s_client -connect 127.0.0.1:16515 -tls1_3 -alpn virt-attest/1 </dev/null 2>/dev/null | openssl x509 -noout -serial' |
		grep -qx "$(openssl x509 -noout -serial -in "$dir/pki/hv/servercert.pem")"
}
until_true 30 shows_new

echo "# doctor knows whose hands the key comes by"
key_line() { "$@" virt-attest doctor 2>/dev/null | grep "agentd key" || true; }
[[ $(key_line inside) = "ok "*"/serverkey.pem is kept from others, and its unit hands it over"* ]] || fail "$(key_line inside)"
[[ $(key_line inside setpriv --reuid=65534 --clear-groups) = "skip "*serverkey.pem* ]] || fail "$(key_line inside setpriv --reuid=65534 --clear-groups)"
cp "$pki/libvirt/private/serverkey.pem" "$root/etc/pki/other.pem"
echo 'tls_key = "/etc/pki/other.pem"' >>"$root/etc/virt-attest/agentd.conf" # the account may not, and takes the unit's
[[ $(key_line inside) = "ok "*"/serverkey.pem is kept"* ]] || fail "$(key_line inside)"
sed -i '$d' "$root/etc/virt-attest/agentd.conf"
mv "$pki/libvirt/private/serverkey.pem" "$dir/kept.pem"
echo 'tls_key = "/etc/pki/other.pem"' >>"$root/etc/virt-attest/agentd.conf"
[[ $(key_line inside) = "fail "*"may not read /etc/pki/other.pem"* ]] || fail "$(key_line inside)"
sed -i '$d' "$root/etc/virt-attest/agentd.conf"
mv "$dir/kept.pem" "$pki/libvirt/private/serverkey.pem"

echo "# a kill, a stopped watchdog"
# By systemd, not by somebody who asked the socket.
restarts() { inside systemctl show -P NRestarts "$1"; }
came_back() { is_active "$1" && [ "$(main_of "$1")" != "$pid" ] && [ "$(restarts "$1")" -gt "$before" ]; }
for unit in $agentd $verifierd $gated; do
	pid=$(main_of $unit) before=$(restarts $unit)
	inside kill -KILL "$pid"
	until_true 30 came_back $unit
done
for unit in $agentd $verifierd $gated; do
	pid=$(main_of $unit) before=$(restarts $unit)
	inside kill -STOP "$pid"
	until_true 30 came_back $unit
	said $unit 'Watchdog timeout' || fail "$unit: $(journal $unit | tail -n 5)"
done
until_true 30 va verify hv

echo "# who asks starts the verifier, and waits for it"
inside systemctl stop $verifierd.service 2>/dev/null
is_active $verifierd.socket || fail "the socket went with the service"
va hosts >"$dir/said" 2>&1 || fail "$(cat "$dir/said")"
is_active $verifierd.service || fail "nobody started it"
inside systemctl stop $verifierd.socket
! is_active $verifierd.service && ! inside test -e /run/virt-attest/verifierd.sock || fail "the socket's end is not the service's"
inside systemctl start $verifierd.service
va hosts >"$dir/said" 2>&1 || fail "$(cat "$dir/said")"

echo "# a verifier that does not come up is not waited for: the kernel tells whether it read the question"
cp "$root/etc/virt-attest/verifierd.conf" "$dir/kept.conf"
echo 'nonsense = 1' >>"$root/etc/virt-attest/verifierd.conf"
inside systemctl restart $verifierd.service >/dev/null 2>&1 || true
is_active $verifierd.socket || fail "the socket went with the service"
began=$SECONDS
! va hosts >"$dir/said" 2>&1 || fail "somebody answered: $(cat "$dir/said")"
cat "$dir/said"
grep -q "did not come up to take the question: .systemctl status virt-attest-verifierd" "$dir/said" || fail "$(cat "$dir/said")"
[ $((SECONDS - began)) -le 15 ] || fail "it took $((SECONDS - began)) s"
cp "$dir/kept.conf" "$root/etc/virt-attest/verifierd.conf"
va hosts >"$dir/said" 2>&1 || fail "$(cat "$dir/said")"

echo "# no key, no certificate: said, and no unit that gives up; mended, it comes up"
inside systemctl stop $agentd
mv "$pki/libvirt/private/serverkey.pem" "$dir/kept.pem"
inside systemctl start $agentd >/dev/null 2>&1 || true
until_true 30 said $agentd serverkey.pem
mv "$dir/kept.pem" "$pki/libvirt/private/serverkey.pem"
until_true 30 va verify hv

echo "# certificates are installed: what does not start is told by the exit status, and keeps no other back"
cp -r "$dir/pki" "$root/root/pki"
install_pki() { inside virt-attest pki install /root/pki hv verifier --force >"$dir/said" 2>&1; }
inside systemctl stop $agentd
cp "$root/etc/virt-attest/agentd.conf" "$dir/agentd.conf"
echo 'lisetn = ""' >>"$root/etc/virt-attest/agentd.conf"
! install_pki || fail "all is well: $(cat "$dir/said")"
grep -q "^reloaded: $verifierd.service" "$dir/said" || fail "$(cat "$dir/said")"
inside systemctl stop $agentd
cp "$dir/agentd.conf" "$root/etc/virt-attest/agentd.conf"
install_pki || fail "$(cat "$dir/said")"
grep -q "^started: $agentd.service" "$dir/said" || fail "$(cat "$dir/said")"
until_true 30 va verify hv

echo "# off, in order"
machine_off || fail "it does not go off"
