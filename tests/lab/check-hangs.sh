#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest check` beside a libvirtd that hangs: it says which one, in time.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/check-lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up
start_guest host-a db1

# signal HOST SIGNAL: to its libvirtd; nsenter stops as it does, but does not go
# on by itself.
signal() { kill "-$2" "$(pgrep -P "${pid_of[$1-libvirtd]}")" "${pid_of[$1-libvirtd]}"; }
echo "# the destination's libvirtd hangs"
signal host-b STOP
began=$SECONDS
ask db1
[ $((SECONDS - began)) -lt 30 ] || fail "$((SECONDS - began)) seconds"
tell machine not-run "libvirtd of $there has not answered"
for one in hypervisor hypervisor-version libvirt-version guest-type dry-run cpu memory network domain-clash jobs; do
	tell $one not-run "libvirtd of $there has not answered"
done
tell reachable pass 'answers the source'
signal host-b CONT
until_true 20 va host-a check db1 "$there"
echo "# the source's libvirtd hangs"
signal host-a STOP
began=$SECONDS
exits 3 va host-a check db1 "$there"
[ $((SECONDS - began)) -lt 30 ] || fail "$((SECONDS - began)) seconds"
says err '^virt-attest: libvirtd of .* has not answered'
[ "$(wc -l <"$dir/err")" = 1 ] || fail "more than a sentence"
signal host-a CONT
ask db1
blocks 0
