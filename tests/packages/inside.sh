#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The life of the packages on a Debian that systemd runs: what install.sh put
# into /debs is installed, upgraded, removed, purged.  One line a step.
set -u -o pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
said=/var/tmp/said
agentd=virt-attest-agentd.service
verifierd=virt-attest-verifierd.service

fail() {
	echo "FAIL: $*"
	tail -n 30 "$said"
	systemctl --no-pager --failed --plain
	journalctl --no-pager -n 30 -u "$agentd" -u "$verifierd"
	exit 1
}
does() { "$@" >"$said" 2>&1 || fail "$*"; }
says() { grep -q -- "$1" "$said" || fail "it does not say: $1"; }
is() { [ "$(systemctl is-active "$1")" = "$2" ] || fail "$1 is $(systemctl is-active "$1"), not $2"; }
is_enabled() { [ "$(systemctl is-enabled "$1" 2>/dev/null)" = "$2" ] || fail "$1 is $(systemctl is-enabled "$1" 2>&1), not $2"; }
pid() { systemctl show -P MainPID "$1"; }
install_all() { does apt-get install -y --allow-downgrades --reinstall "$@" /debs/virt-attest{,-agentd,-verifierd}_*.deb; }
purge_all() { does apt-get purge -y virt-attest-agentd virt-attest-verifierd virt-attest; }

echo "# installed: accounts, folders, and units that are on; a daemon without certificates is not started"
install_all
says "agentd is not started: there is no /etc/pki/libvirt/servercert.pem"
is_enabled $agentd enabled && is_enabled $verifierd enabled
is_enabled virt-attest-trust-expire.timer disabled
is $agentd inactive
is_enabled virt-attest-verifierd.socket enabled
timeout 5 virt-attest hosts >"$said" 2>&1
says "is virt-attest-verifierd running"
[ -z "$(systemctl --failed --plain --no-legend)" ] || fail "a unit failed"
does id virt-attest-agentd && does id virt-attest-verifierd
[ "$(stat -c %U:%a /etc/virt-attest/ek_roots)" = root:755 ] || fail "no ek_roots"
! grep -q '^C' /usr/lib/tmpfiles.d/virt-attest-*.conf || fail "tmpfiles.d brings back a configuration that was deleted"

echo "# certificates and a TPM: the first verdict"
does virt-attest pki make /root/pki --host "localhost,127.0.0.1" --verifier verifier
does install -D -m 644 /root/pki/cacert.pem /etc/pki/CA/cacert.pem
for one in agentd:server:localhost verifierd:client:verifier; do
	IFS=: read -r daemon kind name <<<"$one"
	does install -D -m 644 /root/pki/$name/${kind}cert.pem /etc/pki/libvirt/${kind}cert.pem
	does install -m 640 -g virt-attest-$daemon /root/pki/$name/${kind}key.pem /etc/virt-attest/${kind}key.pem
	printf 'tls_key = "/etc/virt-attest/%skey.pem"\n' "$kind" >>/etc/virt-attest/$daemon.conf
done
echo 127.0.0.1 localhost >/etc/hosts
mkdir -p /root/tpm
does swtpm socket --tpm2 --daemon --tpmstate dir=/root/tpm --server type=tcp,port=2321 \
	--ctrl type=tcp,port=2322 --flags not-need-init,startup-clear
echo 'tcti = "swtpm:host=127.0.0.1,port=2321"' >>/etc/virt-attest/agentd.conf
does systemctl start $agentd $verifierd
virt-attest-agentd --show-ek >/root/ek 2>"$said" || fail "no endorsement key"
ek=$(grep -oE '[0-9a-f]{64}' /root/ek | head -n 1)
does virt-attest enroll localhost --yes --ek-sha256 "$ek"
does virt-attest verify localhost

echo "# who asks while the verifier is away waits, and is not refused"
does systemctl stop $verifierd
does virt-attest verify localhost
is $verifierd active

echo "# over itself: both run anew, what was edited stays, what was disabled stays disabled"
does systemctl disable --now $agentd
before=$(pid $verifierd)
install_all -o Dpkg::Options::=--force-confold
is_enabled $agentd disabled && is $agentd inactive
is $verifierd active
[ "$before" != "$(pid $verifierd)" ] || fail "the old verifier runs on"
grep -q swtpm /etc/virt-attest/agentd.conf || fail "the configuration was replaced"
does systemctl enable --now $agentd
does virt-attest verify localhost

echo "# the gates: off until somebody switches them on, and they say what stays shut when they go"
does apt-get install -y /debs/virt-attest-gates_*.deb
is_enabled virt-attest-gated.service disabled && is virt-attest-gated.service inactive
does systemctl try-restart virt-attest-gated.service
mkdir -p /etc/libvirt && echo 'lock_manager = "virt-attest"' >/etc/libvirt/qemu.conf
does apt-get purge -y virt-attest-gates
says "take lock_manager out of /etc/libvirt/qemu.conf"
[ ! -e /etc/virt-attest/gated.conf ] && [ -e /etc/virt-attest/agentd.conf ] || fail "$(ls /etc/virt-attest)"

if command -v needrestart >/dev/null; then
	echo "# needrestart sees who runs with a library that was replaced"
	library=$(ldconfig -p | sed -n 's/.*libjson-c.so.5 .*=> //p')
	library=$(readlink -f "$library")
	cp "$library" "$library.new" && mv "$library.new" "$library"
	does needrestart -b -r l -l
	says "NEEDRESTART-SVC: $agentd" && says "NEEDRESTART-SVC: $verifierd"
fi

echo "# the answer of policy-rc.d is kept"
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
before=$(pid $verifierd)
install_all
[ "$before" = "$(pid $verifierd)" ] || fail "it was restarted against policy-rc.d's word"
rm /usr/sbin/policy-rc.d

echo "# removed, and back: as it was"
does apt-get remove -y virt-attest-agentd virt-attest-verifierd virt-attest
is $agentd inactive && is $verifierd inactive
[ -e /var/lib/virt-attest/verifierd.db ] && [ -e /etc/virt-attest/agentd.conf ] || fail "more was removed"
install_all
is $agentd active && is $verifierd active
does virt-attest verify localhost

echo "# purged: the golden values stay, and it says where; installed again it has them"
purge_all
says "stay in /var/lib/virt-attest"
[ ! -e /etc/virt-attest/verifierd.conf ] || fail "its configuration stays"
[ -e /var/lib/virt-attest/verifierd.db ] || fail "the golden values are gone"
[ -z "$(find /etc/systemd /var/lib/systemd -name '*virt-attest*')" ] || fail "links stay: $(find /etc/systemd /var/lib/systemd -name '*virt-attest*')"
install_all
printf 'tls_key = "/etc/virt-attest/clientkey.pem"\n' >>/etc/virt-attest/verifierd.conf
does systemctl restart $verifierd
does virt-attest hosts
says localhost

echo "# purged, with the word that all is to go"
rm /etc/virt-attest/*key.pem
export VIRT_ATTEST_PURGE_STORE=yes
purge_all
[ ! -e /var/lib/virt-attest ] && [ ! -e /etc/virt-attest ] || fail "left: $(ls /var/lib/virt-attest /etc/virt-attest 2>&1)"
echo PASS
