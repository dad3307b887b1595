#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Real boots, and what a refusal says of them: golden values by value and from a
# log, an update that is known, a change that is not, logs that lie.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

logs=$source_dir/tests/fixtures/bootlog
"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
boots tpm-a "$logs/grub.log"
log=$dir/boot-log # of the host
cp "$logs/grub.log" "$log"
start_agent agent-a host-a tpm-a -o "boot_log=$log" -o ima_log=
start_verifier

# boot_into NAME: another boot; the agent is given the machine's new log.
boot_into() {
	reboot tpm-a "$logs/$1.log"
	cp "$logs/$1.log" "$log"
}

echo "# enrolled by value; the boot log explains what differs later"
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" \
	--ek-sha256 "${ek_of[tpm-a]}" --pcrs sha256:0,2,4,7,8,9 --yes
exits 0 va verify host-a
exits 0 va golden show 1
says out 'PCR 8 (.*): its value must be this one'
says out 'PCR 1 (.*): left free, since'

echo "# another command line: one sentence, old and new, and what to do"
boot_into cmdline
exits 2 va verify host-a --explain
says out 'golden: the PCRs match no active golden value'
says out "what changed: the kernel command line changed.*apparmor=0"
says out "what to do: "
exits 2 va verify host-a --json
says out '"event": "the kernel command line changed'
exits 0 va show host-a --json
says out '"event": "the kernel command line changed'
exits 2 hook db1 migrate pmc qemu+ssh://host-a/system
exits 2 va golden diff 1 host-a
says out "what changed: the kernel command line changed"

echo "# a golden value from the log: what it pins and what it leaves free"
exits 0 va golden add host-a --from-log --label "from the log"
says out 'PCR 0 (.*): its value must be this one'
says out 'PCR 4 (.*): each of its 4 events must be among these'
says out 'PCR 5 (.*): left free, since'
exits 0 va golden approve 2
exits 0 va verify host-a
exits 2 va golden diff 1 2
says out "what changed: the kernel command line changed"
exits 0 va golden revoke 1
exits 0 va verify host-a

echo "# an event that is not known: named, and refused"
boot_into kernel
exits 2 va verify host-a --explain
says out 'boot-log: the boot log does not show'
says out 'what changed: .*6\.12\.117'
exits 0 va golden add host-a --from-log --label "kernel 6.12"
exits 0 va golden approve 3
exits 0 va verify host-a

echo "# back to the kernel before: both are known"
boot_into cmdline
exits 0 va verify host-a --json
says out '"golden": 2'

echo "# one golden value that knows both"
exits 0 va golden add host-a --from-log --with 3 --label "both kernels"
says out 'PCR 8 (.*): each of its 2[0-9] events must be among these'
exits 0 va golden approve 4
exits 0 va golden revoke 2
exits 0 va golden revoke 3
exits 0 va verify host-a
boot_into kernel
exits 0 va verify host-a --json
says out '"golden": 4'
boot_into grub
exits 2 va verify host-a --explain
says out 'what changed: '
boot_into cmdline
exits 0 va verify host-a
exits 1 va golden add host-a --with 3
says err 'nothing is to be judged by events'

echo "# what was looked at, offline"
exits 0 va show host-a --evidence --json
cp "$dir/out" "$dir/evidence.json"
exits 0 "$bin/virt-attest" inspect "$dir/evidence.json"
says out 'boot_log .*58 events'
says out 'boot_log_leads_to_quote yes'
empty=$(head -c 69 "$logs/grub.log" | base64 -w 0) # its header, and no event
sed "s|\"boot_log\": *\"[^\"]*\"|\"boot_log\": \"$empty\"|" "$dir/evidence.json" >"$dir/bent.json"
exits 0 "$bin/virt-attest" inspect "$dir/bent.json"
says out 'boot_log_leads_to_quote no'

# lie TEXT: what the host gives as its log is refused, for this reason.
lie() {
	exits 2 va verify host-a --explain
	says out "$1"
	says out '^  boot-log: '
	cp "$logs/cmdline.log" "$log"
	exits 0 va verify host-a # and the honest are still served
}

echo "# logs that lie: of another boot, cut, bent, empty, none, too long, no log"
cp "$logs/kernel.log" "$log"
lie 'does not lead to the quoted value'
head -c 7000 "$logs/cmdline.log" >"$log"
lie 'boot log'
head -c -200 "$logs/cmdline.log" >"$log"
lie 'boot log'
at=$(LC_ALL=C grep -obUaP '\x80\xa6\x6d\x53' "$log" | head -n 1 | cut -d: -f1) # shim's digest
printf '\377' | dd of="$log" bs=1 seek="$at" conv=notrunc 2>/dev/null
lie 'boot log'
: >"$log"
lie 'gave no boot log; it says: the boot log is empty'
rm "$log"
lie 'gave no boot log; it says: .*no such file'
cat "$logs/cmdline.log" "$logs/cmdline.log" >"$log"
lie 'boot log'
head -c 2000000 /dev/zero >>"$log"
lie 'boot log is too long'
echo "this is no boot log" >"$log"
lie 'boot log'

echo "# only what is chosen is judged by its events, and only what the log proves"
exits 0 va golden add host-a --events 8 --pcrs sha256:0,4
says out 'PCR 8 (.*): each of its 20 events must be among these'
says out 'PCR 4 (.*): its value must be this one'
exits 0 va golden show 5 --json
says out '"by_events": "8"'
cp "$logs/kernel.log" "$log"
exits 2 va golden add host-a --from-log --events 8
says err 'PCR 8 cannot be judged by its events'
exits 2 va golden add host-a --events 10
says err 'PCR 10'

echo "# exported and imported: with its events"
cp "$logs/cmdline.log" "$log"
exits 0 va golden export 4
cp "$dir/out" "$dir/golden.json"
exits 0 va golden import "$dir/golden.json"
exits 0 va golden revoke 4
exits 4 va verify host-a
exits 0 va golden approve 6
exits 0 va verify host-a
sed 's/"by_events": "[0-9,]*"/"by_events": "1"/' "$dir/golden.json" >"$dir/bent.json"
exits 1 va golden import "$dir/bent.json"
says err 'not selected'

echo "# the TPM's firmware, pinned"
exits 0 va golden add host-a --pin-firmware
exits 0 va golden export 7
sed 's/"tpm_firmware": [0-9]*/"tpm_firmware": 12345/' "$dir/out" >"$dir/bent.json"
exits 0 va golden import "$dir/bent.json"
exits 0 va golden revoke 6
exits 0 va golden approve 8
exits 2 va verify host-a --explain
says out '^  firmware: '
says out 'pinned 0000000000003039'
exits 0 va golden approve 7
exits 0 va verify host-a
exits 0 va audit verify
