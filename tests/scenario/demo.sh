#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The main job, told to somebody who has never seen a TPM.  Everything here is
# a real process on loopback; nothing is left behind.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { printf '$ %s\n' "virt-attest ${*:2}" && "$@" 2>&1 | sed 's/^/    /'; }
# migrates HOST WANTED-STATUS: what libvirt's hook would answer.
migrates() {
	local got=0
	printf '$ virt-attest-hook db1 migrate pmc qemu+tls://%s/system\n' "$1"
	hook db1 migrate pmc "qemu+tls://$1/system" 2>&1 | sed 's/^/    /' || got=$?
	printf '    exit status %s: the migration %s\n' "$got" "$([ "$got" = 0 ] && echo 'may go on' || echo 'is refused')"
	[ "$got" = "$2" ] || fail "the hook said $got, not $2"
}

logs=$source_dir/tests/fixtures/bootlog # of real boots: OVMF, shim, GRUB, Debian's kernel
step "Two hosts, each with a TPM: a chip that records what the machine booted, in registers (PCRs)
that can be added to and never set back. An agent on each host has the TPM sign them on request,
and hands out the boot log: what was added, in words that the signed registers prove."
"$pki" make "$dir/pki" --host host-a --host host-b --verifier verifier >/dev/null
for host in a b; do
	make_tpm "tpm-$host"
	start_tpm "tpm-$host"
	boots "tpm-$host" "$logs/grub.log"
	cp "$logs/grub.log" "$dir/log-$host"
	start_agent "agent-$host" "host-$host" "tpm-$host" -o "boot_log=$dir/log-$host" -o ima_log=
done
mkdir "$dir/ek_roots"
cp "$dir"/maker/{root,issuer}.pem "$dir/ek_roots"
start_verifier -o max_age_s=300 -o "ek_roots=$dir/ek_roots"
echo "running: 2 TPMs, 2 agents (TLS 1.3, both ends certified), 1 verifier"

step "The operator enrols both hosts, as they are now. Each TPM proves by its maker's certificate that it is
genuine, and that it holds the key that will sign. What it says becomes the golden value."
show va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --label "as delivered" \
	--pcrs sha256:0,2,4,7,8,9 --yes
show va enroll host-b --address "127.0.0.1:${port_of[agent-b]}" --label "as delivered" \
	--pcrs sha256:0,2,4,7,8,9 --yes

step "A virtual machine 'db1' is to move. libvirt's hook asks the verifier, which asks the host's TPM."
migrates host-a 0
migrates host-b 0

step "Somebody switches host-b's defences off on the kernel's command line, and reboots it.
The refusal says what changed, not only that something did."
reboot tpm-b "$logs/cmdline.log"
cp "$logs/cmdline.log" "$dir/log-b"
migrates host-b 2
show va verify host-b --explain || true
exits 2 va verify host-b --explain
says out "the kernel command line changed.*apparmor=0"

step "host-a gets a new kernel. That is meant: the operator takes a golden value from its boot log.
By it each event of a boot must be a known one, so that old and new both pass, and nothing else."
reboot tpm-a "$logs/kernel.log"
cp "$logs/kernel.log" "$dir/log-a"
migrates host-a 2
show va golden add host-a --from-log --label "kernel 6.12"
show va golden approve 3 >/dev/null
migrates host-a 0

step "host-a is as it was; then its agent stops."
migrates host-a 0
stop agent-a
migrates host-a 3

step "What the verifier remembers, and that nobody changed it since."
show va hosts
show va audit show
show va audit verify
step "Done. Everything that was started is stopped."
