#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest migrate`: a running guest goes by each way to a host that is
# trusted and on which it would run, and to no other; what was sent is counted
# on the link.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up
start_guest host-a db1
from=host-a to=host-b

# moves [OPTION...]: it goes, with its memory, and no tick is lost.
moves() {
	local memory was=$from
	memory=$(sent_bytes "$from" memory)
	exits 0 va "$from" migrate db1 "$(to "$to")" --live "$@"
	says out "db1: migrated to $to"
	exits 0 only_on "$to" db1
	keeps_ticking db1
	sound db1 || fail "not sound after ${*:-direct}"
	memory=$(($(sent_bytes "$from" memory) - memory))
	echo "  from $from, ${*:-direct}: $memory bytes"
	case $* in
	*--tunnelled*) [ "$memory" -lt 100000 ] ;;
	*) [ "$memory" -gt $((guest_mib << 20)) ] ;;
	esac || fail "$memory bytes of memory were sent"
	from=$to to=$was
}

# stays STATUS TEXT [OPTION...]: it does not go, and nothing of its memory does;
# not on a port of its own, and not beside libvirt's few words to libvirt.
stays() {
	local status=$1 text=$2 memory control
	shift 2
	memory=$(sent_bytes "$from" memory) control=$(sent_bytes "$from" control)
	exits "$status" va "$from" migrate db1 "$(to "$to")" --live "$@"
	says err "$text"
	exits 0 only_on "$from" db1
	keeps_ticking db1
	memory=$(($(sent_bytes "$from" memory) - memory)) control=$(($(sent_bytes "$from" control) - control))
	echo "  $text: $memory and $control bytes"
	# A knock at a port is 60 bytes and its answer; the guest has 8 MiB.
	[ "$memory" -le 200 ] || fail "$memory bytes were sent"
	[ "$control" -le 200000 ] || fail "$control bytes were sent to libvirt"
}

# signal HOST NAME SIGNAL: to what launch started.  nsenter stops with it, and goes
# on by itself.
signal() { kill "-$3" "$(pgrep -P "${pid_of[$1-$2]}")" "${pid_of[$1-$2]}"; }

echo "# to a trusted host, by every way"
moves
moves --p2p
moves --p2p --tunnelled
moves --tls
moves --p2p --tls
moves --p2p --parallel --parallel-connections 2
moves --migrateuri "tcp://$to:5555"
moves --migrateuri "tcp://$(address_of "$to"):5555"
exits 0 va "$from" audit verify

echo "# to a host whose PCR differs"
tamper "$to"
for how in '' --p2p '--p2p --tunnelled' --tls '--p2p --tls'; do
	# shellcheck disable=SC2086 # words
	stays 2 "PCR 7" $how
done
echo "# nobody forces that"
stays 1 "the check 'attestation' cannot be forced" --force attestation
stays 1 "the check 'endpoint' cannot be forced" --force machine,endpoint
stays 1 "there is no such check" --force attestatio
restart_tpm "$to"
moves

echo "# to a host whose agent is dead, hangs, or is not enrolled"
halt "$to" agentd
stays 3 "is unreachable"
start_agentd "$to"
signal "$to" agentd STOP
stays 3 "is unreachable"
signal "$to" agentd CONT
exits 0 va "$from" forget "$to" --yes
stays 4 "no such host is enrolled"
exits 0 va "$from" enroll "$to" --address "$(address_of "$to")" --pcrs sha256:0,2,4,7,8,9 --yes
moves

echo "# to somewhere else than was attested"
exits 2 va "$from" migrate db1 "qemu+tls://$to/system?no_verify=1" --live
exits 2 va "$from" migrate db1 "qemu+ext://$to/system?command=/bin/true" --live --p2p
exits 2 va "$from" migrate db1 "$(to "$to")" --live --migrateuri unix:///run/elsewhere
stays 2 "the migration leads to tcp://$from:5555, too" --migrateuri "tcp://$from:5555"
stays 2 "the migration leads to tcp://$(address_of mgmt), too" --migrateuri "tcp://$(address_of mgmt)"
stays 2 "the migration leads to tcp://$from:5555, too" --copy-storage-all --disks-uri "tcp://$from:5555"

echo "# to a host on which it would not run"
domain_xml db1 >"$dir/twin.xml"
on "$to" virsh -q define "$dir/twin.xml" # it has a UUID of its own
stays 2 "domain-clash"
on "$to" virsh -q undefine db1
on "$to" sh -c 'echo "new fans" >/etc/virt-attest/maintenance'
stays 2 "new fans"
moves --force maintenance
on "$from" rm /etc/virt-attest/maintenance # it was $to a moment ago
exits 0 va "$to" audit show
says out "forced.*checks=maintenance"

echo "# its libvirt is dead, or hangs"
halt "$to" libvirtd
stays 3 "endpoint"
start_libvirtd "$to"
moves

echo "# what nobody approved happens while memory flows"
end_guest "$from" db1
guest_mib=64 start_guest "$from" db1
# slow STATUS TEXT COMMAND...: a migration that takes a minute; COMMAND comes when
# it has begun, and ends it.
flows() { [ "$(sent_bytes "$from" memory)" -gt $((began + (4 << 20))) ]; }
slow() {
	local status=0 wanted=$1 text=$2
	shift 2
	began=$(sent_bytes "$from" memory)
	into "$from"
	"${way[@]}" virt-attest migrate db1 "$(to "$to")" --live --bandwidth 1 >"$dir/out" 2>"$dir/err" &
	pid_of[slow]=$!
	until_true 60 flows
	"$@"
	wait "${pid_of[slow]}" || status=$?
	unset "pid_of[slow]"
	[ "$status" = "$wanted" ] || { cat "$dir/err" >&2 && fail "exit status $status, not $wanted"; }
	says err "$text"
	exits 0 only_on "$from" db1
	keeps_ticking db1
	sound db1 || fail "not sound"
	[ "$(sent_bytes "$from" memory)" -lt $((began + (40 << 20))) ] || fail "all of it was sent"
	exits 1 on "$to" virsh -q domstate db1
}
slow 2 "PCR 7" tamper "$to"
restart_tpm "$to"
slow 2 "is unreachable" halt "$to" agentd
start_agentd "$to"
slow 2 "no verdict came" halt "$from" verifierd
start_verifierd "$from"

echo "# Ctrl-C"
interrupt() { kill -INT "$(pgrep -P "${pid_of[slow]}")"; }
slow 1 "interrupted" interrupt
guest_mib=8

echo "# Ctrl-C while it is checked: it does not begin"
mkfifo "$shared/asked" "$shared/answer"
waits=$dir/$from/etc/virt-attest/checks.d/waits
mkdir -p "${waits%/*}"
printf '#!/bin/sh\necho >%s\ncat %s\n' "$shared/asked" "$shared/answer" >"$waits"
chmod 755 "$waits"
began=$(sent_bytes "$from" memory)
into "$from"
"${way[@]}" virt-attest migrate db1 "$(to "$to")" --live --bandwidth 1 >"$dir/out" 2>"$dir/err" &
pid_of[slow]=$!
timeout 60 cat "$shared/asked" >/dev/null
interrupt
echo '{"outcome":"pass","text":"it has waited"}' >"$shared/answer"
status=0
wait "${pid_of[slow]}" || status=$?
unset "pid_of[slow]"
rm "$waits"
[ "$status" = 1 ] || { cat "$dir/err" >&2 && fail "exit status $status"; }
says err "not begun: interrupted"
exits 0 only_on "$from" db1
[ "$(sent_bytes "$from" memory)" -le $((began + 200)) ] || fail "memory was sent"

echo "# --timeout pauses it, so that it arrives"
exits 0 va "$from" migrate db1 "$(to "$to")" --live --bandwidth 8 --timeout 1
exits 0 only_on "$to" db1
end_guest "$to" db1
