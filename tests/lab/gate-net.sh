#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The network gate under stock libvirt: by whatever way, memory leaves for a
# trusted host alone; and what befalls the daemons shuts it, and not the reverse.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/gate-lib.sh"

REATTEST_S=1
# shellcheck disable=SC2119 # the usual hosts
lab_up
trap 'status=$?; cgroups_down; (exit $status); lab_end' EXIT
cgroups_up

# libvirtd in its control group, as systemd has it.  It does not see it, so it
# makes none of its own there.
grouped_libvirtd() {
	launch host-a libvirtd "${grouped[@]}" unshare --mount --propagation private \
		sh -c 'umount /sys/fs/cgroup && exec libvirtd --listen'
	until_true 60 answers_or_ended host-a
	kill -0 "${pid_of[host-a-libvirtd]}" 2>/dev/null || fail "libvirtd of host-a ended"
}
halt host-a libvirtd
grouped_libvirtd
# A verdict is worth 5 seconds; each host is asked again before.
halt host-a verifierd
sed -i 's/^deadline_ms = .*/deadline_ms = 3000/' "$dir/host-a/etc/virt-attest/verifierd.conf"
echo 'max_age_s = 5' >>"$dir/host-a/etc/virt-attest/verifierd.conf"
start_verifierd host-a
start_guest host-a db1
before=$(others)
b4=$(address_of host-b)

trusted() { until_true 30 table_has attested4 "$b4"; }
untrusted() { until_true 30 table_lacks attested4 "$b4"; }

# stays [OPTION...]: it does not go, and not a byte of its memory.
stays() {
	local memory refused ticked
	ticked=$(ticks db1)
	memory=$(sent_bytes host-a memory) refused=$(counted refused)
	exits 1 migrate host-a host-b db1 "$@"
	exits 0 only_on host-a db1
	keeps_ticking db1 "$ticked"
	memory=$(($(sent_bytes host-a memory) - memory))
	echo "  ${via:-host-a}, ${*:-direct}: $memory bytes: $(grep -m 1 error: "$dir/err" || true)"
	[ "$memory" = 0 ] || fail "$memory bytes left"
	[ "$(counted refused)" -gt "$refused" ] || fail "it was not refused by the gate"
}

# goes [OPTION...]: there and back.
goes() {
	exits 0 migrate host-a host-b db1 "$@"
	exits 0 only_on host-b db1
	exits 0 migrate host-b host-a db1
	exits 0 only_on host-a db1
	keeps_ticking db1
	sound db1 || fail "not sound after ${*:-direct}"
	echo "  ${*:-direct}: there and back"
}

# By whichever process's socket the memory would leave.
some_stay() {
	stays --p2p --parallel --parallel-connections 2
	stays --p2p --tunnelled
	monitor_stays
}
all_stay() {
	stays
	via=mgmt stays
	stays --p2p
	stays --p2p --tunnelled
	stays --tls
	stays --p2p --parallel --parallel-connections 2
	stays --migrateuri tcp://host-b:5555
	stays --migrateuri "tcp://$b4:5555"
	monitor_stays
}

# The monitor's own command, that asks no libvirt where to.
monitor() { on host-a virsh -q -c "$libvirt" qemu-monitor-command db1 --hmp "$1"; }
monitor_failed() { monitor 'info migrate' | grep -q 'status: failed'; }
monitor_stays() {
	local memory
	memory=$(sent_bytes host-a memory)
	monitor "migrate -d tcp:$b4:5556" >/dev/null
	until_true 30 monitor_failed
	[ "$(sent_bytes host-a memory)" = "$memory" ] || fail "bytes left"
	exits 0 only_on host-a db1
	keeps_ticking db1
	echo "  QEMU's monitor: 0 bytes"
}

echo "# nobody said that host-b is trusted"
halt host-b agentd
start_gated
untrusted
[ "$(others)" = "$before" ] || fail "others' tables were touched"
all_stay

echo "# it is"
start_agentd host-b
trusted
via=mgmt goes
goes --p2p
goes --p2p --tunnelled
goes --tls
goes --p2p --parallel --parallel-connections 2

echo "# its PCR changes"
tamper host-b
untrusted
some_stay

echo "# libvirtd is restarted: its control group is another one; its guest lives elsewhere"
on host-a sh -euc 'mkdir -p "$0"; for pid in $(pgrep qemu-system); do echo "$pid" >"$0/cgroup.procs"; done' "$cgroup_root/$slice/machine"
halt host-a libvirtd
regroup
grouped_libvirtd
stays
some_stay
restart_tpm host-b
trusted
goes
goes --p2p --tunnelled

echo "# it is trusted no more while memory flows: cut, and the guest is here"
end_guest host-a db1
guest_mib=64 start_guest host-a db1
flows_or_ended() { [ "$(sent_bytes host-a "$1")" -gt $((began + (1 << 20))) ] || ! kill -0 "${pid_of[ends]}"; }
gone() { ! on host-b virsh -q -c "$libvirt" domstate db1; }
# ends COUNTER [OPTION...]
ends() {
	local status=0 channel=$1
	shift
	began=$(sent_bytes host-a "$channel")
	into host-a
	"${way[@]}" virsh -q -c "$libvirt" migrate --live --bandwidth 4 "$@" db1 "$(to host-b)" >"$dir/out" 2>"$dir/err" &
	pid_of[ends]=$!
	until_true 60 flows_or_ended "$channel"
	kill -0 "${pid_of[ends]}" || { cat "$dir/err" >&2 && fail "it did not begin"; }
	tamper host-b
	wait "${pid_of[ends]}" || status=$?
	unset "pid_of[ends]"
	[ "$status" = 1 ] || fail "exit status $status"
	exits 0 only_on host-a db1
	keeps_ticking db1
	sound db1 || fail "not sound"
	began=$(($(sent_bytes host-a "$channel") - began))
	echo "  ${*:-direct}: after $began bytes: $(grep -m 1 error: "$dir/err" || true)"
	[ "$began" -lt $((40 << 20)) ] || fail "all of it was sent"
	until_true 60 gone # the other end is told nothing: its libvirt misses the keepalives
	restart_tpm host-b
	trusted
}
ends memory
ends control --p2p --tunnelled
ends memory --p2p --parallel --parallel-connections 2 # after which QEMU 7.2 may start no other: "duplicate yank instance"
end_guest host-a db1
guest_mib=8 start_guest host-a db1

echo "# verifierd is killed: shut when the time is over; and open again by itself"
halt host-a verifierd KILL 2>/dev/null || true
untrusted
stays
stays --p2p --tunnelled
start_verifierd host-a
trusted
goes

echo "# the gate's daemon is killed: the same"
halt host-a gated KILL 2>/dev/null || true
untrusted
stays
stays --p2p
start_gated
trusted
goes --p2p

echo "# the gate is taken away: it was the gate that kept it"
tamper host-b
untrusted
stays
[ "$(others)" = "$before" ] || fail "others' tables were touched"
halt host-a gated
exits 0 on host-a virt-attest-gated --remove
[ "$(others)" = "$before" ] || fail "others' tables were touched"
goes
end_guest host-a db1
