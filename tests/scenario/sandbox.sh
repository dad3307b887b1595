#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The daemons are shut in wherever they run, with every thread they have and every
# program they start, and do their work all the same.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || {
	echo "skipped: only what root owns is run"
	exit 77
}
"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
start_agent agent-a host-a tpm-a -o 'facts_verifiers=verifier'

# A site's own executable says how it runs, and tries to be elsewhere.
own=$(mktemp -d /run/virt-attest-test.XXXXXX)
at_end() { rm -rf "$own"; }
mkdir "$own/events.d"
chmod 755 "$own"
printf '#!/bin/sh\n%s\n' "cat /proc/self/status >$own/child; unshare -m true && echo out >>$own/child; mv $own/child $own/told" \
	>"$own/events.d/10-tell"
chmod 755 "$own/events.d/10-tell"
start_verifier -o "events_dir=$own/events.d"

# shut_in FILE: of /proc; the lines that say it.
shut_in() {
	grep -q '^NoNewPrivs:[[:space:]]*1$' "$1" && grep -q '^Seccomp:[[:space:]]*2$' "$1"
}

echo "# a verdict, facts and an event"
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >/dev/null
exits 0 va verify host-a
until_true 60 test -e "$own/told"
shut_in "$own/told" || fail "events.d: $(cat "$own/told")"
! grep -q '^out' "$own/told" || fail "an executable of events.d made a namespace"

echo "# every thread of both"
for name in agent-a verifier; do
	tasks=0
	for task in "/proc/${pid_of[$name]}"/task/*; do
		shut_in "$task/status" || fail "$name: $(cat "$task/status")"
		tasks=$((tasks + 1))
	done
	[ "$name" = verifier ] || [ "$tasks" -gt 1 ] || fail "$name has no thread for its TPM"
	! grep -q sandbox= "$dir/$name.log" || fail "$name: $(grep sandbox= "$dir/$name.log")"
done

echo "# their keys are nobody's to read, nor are they the gate's"
unshare -n "$bin/virt-attest-gated" -d -o networks=192.0.2.0/24 -o users=65534 -o "socket=$dir/v.sock" >"$dir/gated.log" 2>&1 &
pid_of[gated]=$!
until_true 60 grep -q table= "$dir/gated.log"
shut_in "/proc/${pid_of[gated]}/status" || fail "gated: $(cat "/proc/${pid_of[gated]}/status")"
! grep -q sandbox= "$dir/gated.log" || fail "gated: $(grep sandbox= "$dir/gated.log")"
# What belongs to an account that is no longer its own cannot be traced by it.
chmod 755 "$dir"
for name in agent-a verifier gated; do
	! setpriv --reuid=0 --regid=0 --clear-groups --bounding-set=-all --inh-caps=-all \
		cat "/proc/${pid_of[$name]}/environ" >/dev/null 2>&1 || fail "$name: its memory can be read by its account"
done
