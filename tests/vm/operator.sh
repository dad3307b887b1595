#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What an operator types on a clean Debian 12 until the first verdict, each line as it
# is in docs/QUICKSTART.md, counted and timed; then what a year brings: a renewed
# certificate, a reboot, and the end.  The packages of build/packages, the system of
# image.sh, in a container.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
clean=$source_dir/build/vm/root debs=$source_dir/build/packages
agentd=virt-attest-agentd verifierd=virt-attest-verifierd

# The system, which nobody has touched; the packages are where they were downloaded to.
machine_root "$clean"
install -D -m 644 -t "$root/root" "$debs"/virt-attest{,-agentd,-verifierd}_*.deb
echo 127.0.1.1 hv >>"$root/etc/hosts"
# A machine has a TPM, with its maker's certificate.  This one is a service.
make_tpm hv
mkdir -p "$root/var/lib/tpm" "$root/root/tpm-maker"
cp "$dir/hv.state/tpm2-00.permall" "$root/var/lib/tpm/"
cp "$dir/maker"/*.pem "$root/root/tpm-maker/"
cat >"$root/etc/systemd/system/tpm.service" <<-EOT
	[Service]
	ExecStart=swtpm socket --tpm2 --tpmstate dir=/var/lib/tpm --flags not-need-init,startup-clear \
		--server type=tcp,bindaddr=127.0.0.1,port=2321 --ctrl type=tcp,bindaddr=127.0.0.1,port=2322
	[Install]
	WantedBy=sysinit.target
EOT
systemctl -q --root="$root" enable tpm.service

typed=0
# types COMMAND: as root, in a shell there.
types() {
	local from=${EPOCHREALTIME/./} took
	typed=$((typed + 1))
	inside env DEBIAN_FRONTEND=noninteractive HOME=/root bash -c "cd /root; $1" >"$dir/said" 2>&1 ||
		fail "$1: $(tail -n 20 "$dir/said")"
	took=$(((${EPOCHREALTIME/./} - from) / 1000))
	printf '  %d. %s    (%d.%d s)\n' "$typed" "$1" $((took / 1000)) $((took % 1000 / 100))
}
says() { grep -q -- "$1" "$dir/said" || fail "it does not say '$1': $(cat "$dir/said")"; }
va() { inside virt-attest "$@" >"$dir/said" 2>&1 || fail "virt-attest $*: $(cat "$dir/said")"; }
is_active() { [ "$(inside systemctl is-active "$1")" = active ]; }
# Verdicts since this boot, in the journal's own fields.
verdicts() { inside journalctl -q --no-pager -b -o cat HOST=hv "VERDICT=$1" | grep -c . || true; }
any_verdict() { [ "$(verdicts "$1")" -gt 0 ]; }

echo "# it boots"
machine_boot

echo "# what is typed until the first verdict"
types 'apt-get install -y ./virt-attest*.deb'
says "not started: there is no /etc/pki/libvirt"
[ -z "$(inside systemctl --failed --plain --no-legend)" ] || fail "a unit failed"
# This machine's TPM is no device of a kernel.
echo 'tcti = "swtpm:host=127.0.0.1,port=2321"' >>"$root/etc/virt-attest/agentd.conf"
types 'virt-attest pki make pki --host hv --verifier hv-verifier'
types 'virt-attest pki install pki hv hv-verifier'
is_active $agentd && is_active $verifierd || fail "they do not run"
types 'virt-attest enroll hv --yes --ek-sha256 "$(virt-attest-agentd --show-ek | sed -n "s/^ecc-p256 //p")"'
says "enrolled"
# The verifier asks a host that it got to know by itself, before anybody does.
until_true 5 any_verdict trusted
types 'virt-attest verify hv'
says "hv: trusted"
[ "$typed" -le 5 ] || fail "$typed commands"

echo "# the journal, doctor, audit log"
va audit verify
va doctor
grep '^warn' "$dir/said" || true

echo "# metrics"
for one in agentd:9116 verifierd:9117; do
	echo "metrics_listen = \"127.0.0.1:${one#*:}\"" >>"$root/etc/virt-attest/${one%:*}.conf"
	inside systemctl restart virt-attest-${one%:*} || fail "${one%:*} does not start"
done
scrape() { timeout 5 nsenter -t "$leader" -n curl -sf "http://127.0.0.1:$1/metrics" | grep -c "$2"; }
until_true 10 scrape 9116 '^virt_attest_agent_tpm_present 1'
until_true 10 scrape 9117 '^virt_attest_[a-z_]*hosts{.*trusted.*} 1'

echo "# a renewed certificate, by a reload: shown, with the process that was there"
pid_of() { inside systemctl show -P MainPID "$1"; }
boots() { va verify hv --explain && sed -n 's/.*resetCount \([0-9]*\).*/\1/p' "$dir/said"; }
before=$(pid_of $agentd)
inside sh -c "cd /root && virt-attest pki host pki hv --force && virt-attest pki install pki hv hv-verifier --force" >"$dir/said" 2>&1 ||
	fail "$(cat "$dir/said")"
says "reloaded: $agentd" && says "reloaded: $verifierd"
inside systemctl reload $agentd $verifierd || fail "no reload"
shows_new() {
	inside sh -c 'openssl s_client -connect 127.0.0.1:16515 -tls1_3 -alpn virt-attest/1 </dev/null 2>/dev/null | openssl x509 -noout -serial' |
		grep -qx "$(openssl x509 -noout -serial -in "$root/etc/pki/libvirt/servercert.pem")"
}
until_true 10 shows_new
[ "$(pid_of $agentd)" = "$before" ] || fail "a reload restarted it"
# Its libvirt shows another key than the TPM vouched for, until an operator says so.
status=0
inside virt-attest verify hv >"$dir/said" 2>&1 || status=$?
[ $status = 2 ] && says "^ *endpoint: " || fail "a new key is as the old one: $(cat "$dir/said")"
va reenroll hv --replace --yes
va verify hv
va doctor

echo "# a reboot: trusted by itself, by the same golden value"
before=$(boots)
machine_reboot
until_true 30 any_verdict trusted
! any_verdict untrusted || fail "it was untrusted before"
after=$(boots)
[ "$after" -gt "$before" ] || fail "the TPM was not reset: $before, $after"
echo "  resetCount $before, then $after"
va audit verify
va doctor

echo "# purged"
inside env DEBIAN_FRONTEND=noninteractive VIRT_ATTEST_PURGE_STORE=yes apt-get purge -y virt-attest virt-attest-agentd virt-attest-verifierd \
	>"$dir/said" 2>&1 || fail "$(tail -n 20 "$dir/said")"
left=$(cd "$root" && find etc var/lib run usr -xdev -name '*virt-attest*' ! -path 'var/lib/systemd/*' ! -path 'var/lib/dpkg/*')
[ -z "$left" ] || fail "left: $left"
machine_off
