#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Post-copy: the guest goes over before its memory is there, so that the verdict
# is asked for once more before that, and it stays when it is lost.  QEMU is
# root here, since others may not use userfaultfd(2).  (Under TCG, QEMU 7.2 was
# seen to lose writes of a guest in post-copy, by stock virsh as well: whether
# the guest is sound is not looked at.)
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up
for one in host-a host-b; do
	halt "$one" libvirtd
	sed -i 's/^user = .*/user = "root"/; s/^group = .*/group = "root"/' "$dir/$one/etc/libvirt/qemu.conf"
	chown root "$dir/$one"/etc/pki/qemu/*-key.pem
	start_libvirtd "$one"
done
launch host-b events virsh -q event --event lifecycle --loop
# in_postcopy N: N times a guest ran there before all of its memory was there.
in_postcopy() { [ "$(grep -ci "resumed.*post-copy" "$dir/host-b-events.log")" = "$1" ]; }
guest_mib=64 start_guest host-a db1

echo "# by the clock"
exits 0 va host-a migrate db1 "$(to host-b)" --live --postcopy --bandwidth 8 --timeout 1 --timeout-postcopy
exits 0 only_on host-b db1
keeps_ticking db1
until_true 30 in_postcopy 1
end_guest host-b db1

echo "# after a first pass over its memory"
guest_mib=32 guest_step=2000 start_guest host-a db1
exits 0 va host-a migrate db1 "$(to host-b)" --live --postcopy --bandwidth 8 --postcopy-after-precopy
exits 0 only_on host-b db1
keeps_ticking db1
until_true 30 in_postcopy 2

echo "# not without a verdict"
tamper host-a
exits 2 va host-b migrate db1 "$(to host-a)" --live --postcopy --timeout 1 --timeout-postcopy
exits 0 only_on host-b db1
restart_tpm host-a
into host-b
"${way[@]}" virt-attest migrate db1 "$(to host-a)" --live --postcopy --bandwidth 2 --timeout 4 --timeout-postcopy \
	>"$dir/out" 2>"$dir/err" &
pid_of[slow]=$!
began=$(sent_bytes host-b memory)
flows() { [ "$(sent_bytes host-b memory)" -gt $((began + (1 << 20))) ]; }
until_true 60 flows
tamper host-a
status=0
wait "${pid_of[slow]}" || status=$?
unset "pid_of[slow]"
[ "$status" = 2 ] || { cat "$dir/err" >&2 && fail "exit status $status, not 2"; }
says err "PCR 7"
exits 0 only_on host-b db1
keeps_ticking db1
