# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154 # what lib.sh, gate-lib.sh and demo.sh have
#
# The demo's second half: the gates of host-a, and the pass at host-b.  What an
# operator types is told, and done here without systemd.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/gate-lib.sh"

interval_s=1 worth_s=5 # reattest_s, max_age_s

# Each host has a migration CA of its own: virt-attest pki migration.
own_migration_ca

# gates_before: all are off; QEMU takes the key of either host.
gates_before() {
	local host drivers
	trap 'status=$?; cgroups_down; (exit $status); lab_end' EXIT
	cgroups_up
	for host in host-a host-b; do
		cat "$dir"/host-?/etc/pki/qemu/migration-ca.pem >"$dir/$host/etc/pki/qemu/ca-cert.pem"
	done
	drivers=$(pkg-config --variable=libdir libvirt)/libvirt/lock-driver
	mkdir "$dir/host-a/drivers"
	cp "$drivers"/* "$bin/../lock-driver/virt-attest.so" "$dir/host-a/drivers"
	on host-a mount --bind "$dir/host-a/drivers" "$drivers"
}

# configure FILE KEY VALUE: on host-a, told when it is of a gate.
configure() {
	sed -i "/^$2 =/d" "$dir/host-a/etc/$1" 2>/dev/null || true
	echo "$2 = $3" >>"$dir/host-a/etc/$1"
}
add() {
	configure "$@"
	typed host-a "echo '$2 = $3' >>/etc/$1"
}

gates_on() {
	local b=$dir/host-b/etc
	configure virt-attest/verifierd.conf deadline_ms 3000
	configure virt-attest/gated.conf users "[\"$qemu_id\"]"
	configure virt-attest/gated.conf cgroups "[\"$group\"]"
	add virt-attest/verifierd.conf trust_file '"/etc/pki/qemu/ca-cert.pem"'
	add libvirt/qemu.conf migrate_tls_force 1
	add libvirt/qemu.conf lock_manager '"virt-attest"'
	add virt-attest/gated.conf networks "[\"$lab_net.0/24\"]"
	add virt-attest/verifierd.conf reattest_s $interval_s
	add virt-attest/verifierd.conf max_age_s $worth_s
	typed host-a "systemctl restart virt-attest-verifierd libvirtd"
	typed host-a "systemctl enable --now virt-attest-gated virt-attest-trust-expire.timer"
	typed host-a "virt-attest key | ssh host-b tee /etc/virt-attest/verifiers.d/host-a.pem"
	typed host-b "install /usr/share/virt-attest/libvirt/50-virt-attest /etc/libvirt/hooks/qemu.d/"
	typed host-b "systemctl reload libvirtd"
	halt host-a verifierd
	start_verifierd host-a
	halt host-a libvirtd
	# In its control group, as systemd has it.  It does not see it, so it makes none there.
	launch host-a libvirtd "${grouped[@]}" unshare --mount --propagation private \
		sh -c 'umount /sys/fs/cgroup && exec libvirtd --listen'
	until_true 60 answers_or_ended host-a
	launch host-a gated virt-attest-gated -d
	mkdir -p "$b/libvirt/hooks/qemu.d" "$b/virt-attest/verifiers.d"
	va host-a key >"$b/virt-attest/verifiers.d/host-a.pem"
	install -m 0755 "$source_dir/hooks/libvirt/50-virt-attest" "$b/libvirt/hooks/qemu.d"
	kill -HUP "$(pgrep -P "${pid_of[host-b-libvirtd]}")"
}

# Who may get a guest's memory now, for QEMU and for the kernel.
in_file() { grep -q '^# host=host-b ' "$dir/host-a/etc/pki/qemu/ca-cert.pem"; }
in_table() { table_has attested4 "$(address_of host-b)"; }
is_open() { in_file && in_table; }
is_shut() { on host-a virt-attest-trust-expire && ! in_file && ! in_table; } # what the timer starts
watched() { grep -q -- "$1" "$dir/host-a-watch.log"; }
ms_since() { echo $(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 1000)); }

# virsh_goes FROM TO [OPTION...]: stock virsh, and it does.
virsh_goes() {
	show 0 "$1" virsh migrate --live "${@:3}" db1 "$(to "$2")"
	only_on "$2" db1 || fail "db1 does not run on $2 alone"
}
# virsh_stays OPTION...: it does not, and no byte of its memory.
virsh_stays() {
	local before
	before=$(sent_bytes host-a memory)
	show 1 host-a virsh migrate --live "$@" db1 "$(to host-b)"
	[ "$(sent_bytes host-a memory)" = "$before" ] || fail "memory was sent"
	! on host-b virsh -q domstate db1 >/dev/null 2>&1 || fail "db1 is on host-b"
}
monitor() { on host-a virsh -q qemu-monitor-command db1 --hmp "$1"; }
monitor_failed() { monitor 'info migrate' | grep -q 'status: failed'; }

# virsh_goes_by_leave: with a permit, to host-b.
virsh_goes_by_leave() {
	show 0 host-a virt-attest permit db1 "$(to host-b)" --live --tls
	virsh_goes host-a host-b --tls
	keeps_ticking db1
	sound db1 || fail "db1 is not sound"
}
# paused_stays TEXT: nor when it is paused; TEXT is said.
paused_stays() {
	prompt host-a virsh suspend db1
	on host-a virsh -q suspend db1
	virsh_stays --p2p --tls
	says out "$1"
	on host-a virsh -q resume db1
	keeps_ticking db1
}

tell_permit() {
	step "Gates are for all others: whoever types 'virsh migrate', clicks, or drives libvirt by a program. Four are switched on. The lock driver: libvirt begins no migration without a permit. The trust file: QEMU gives memory to the keys of hosts that are trusted now. The network: the kernel lets QEMU and libvirt reach their addresses. The pass: host-b takes in who brings one, from a trusted source."
	gates_on
	until_true 30 is_open
	note "Libvirt is Debian's, nothing is patched, and db1 ran on. The verifier asks each host every $interval_s s from now on, and an answer is worth $worth_s s; usual is 60 and 300."
	step "Nobody asked for leave, so stock virsh is refused; a paused guest, which libvirt asks no lock driver about, by host-b."
	virsh_stays --tls
	says out "'db1' refused: it has no permit"
	paused_stays "it carries none"
	step "As it says: 'permit' does all that 'check' does, and lets db1 go there, once. Then stock virsh goes:"
	virsh_goes_by_leave
	note "db1 runs on host-b, and comes back: host-a is trusted, too, and nobody switched gates on for those who leave host-b."
	exits 0 migrate host-b host-a db1 --tls
	only_on host-a db1 || fail "db1 does not run on host-a alone"
}

tell_change() {
	local began took before
	step "Now something is measured on host-b that nobody approved. Nobody asks about host-b; but all gates follow what the verifier learns, and so can you:"
	prompt host-a virt-attest watch host-b
	launch host-a watch virt-attest watch host-b
	until_true 30 watched ': trusted'
	tamper host-b
	began=$EPOCHREALTIME
	until_true 30 watched '-> untrusted'
	took=$(ms_since "$began")
	until_true 30 is_shut
	sed 's/^/    /' "$dir/host-a-watch.log" | wrapped
	note "Seen $took ms after it happened; $(($(ms_since "$began") - took)) ms later host-b is out of QEMU's file and the kernel's table."
	step "Who asks for leave gets none, a paused guest does not get as far as host-b any more, and QEMU's own monitor, which asks no libvirt, meets the kernel:"
	only='attestation:|no permit' show 2 host-a virt-attest permit db1 "$(to host-b)" --live --tls
	virsh_stays --tls
	paused_stays "Connection refused"
	prompt host-a virsh qemu-monitor-command db1 --hmp "migrate -d tcp:host-b:5555"
	before=$(sent_bytes host-a memory)
	monitor "migrate -d tcp:$(address_of host-b):5555" >/dev/null
	until_true 30 monitor_failed
	[ "$(sent_bytes host-a memory)" = "$before" ] || fail "memory was sent"
	only='status' show 0 host-a virsh qemu-monitor-command db1 --hmp "info migrate"
	keeps_ticking db1
	note "By none of these did a byte of memory leave host-a, and db1 ticks on there. What is on, and what is open all the same:"
	only='^(on|broken|unknown) |^Open' show 0 host-a virt-attest doctor --gates
	[ "$(grep -c '^on ' "$dir/some")" = 3 ] || fail "three gates are on here"
	step "host-b boots as it was approved. It comes back by itself:"
	restart_tpm host-b "$fixtures/kernel.log"
	until_true 30 watched '-> trusted'
	tail -n 1 "$dir/host-a-watch.log" | sed 's/^/    /' | wrapped
	until_true 30 is_open
	halt host-a watch || true
}

tell_dead_verifier() {
	local began
	step "And when the verifier is dead? Then nobody confirms anything:"
	prompt host-a pkill -KILL virt-attest-verifierd
	began=$EPOCHREALTIME
	halt host-a verifierd KILL 2>/dev/null || true
	is_open || fail "closed before its time"
	until_true $((worth_s + 10)) is_shut
	note "$(ms_since "$began") ms later the time of its last answers is over: host-b is out of the file and the table."
	virsh_stays --tls
	typed host-a "systemctl start virt-attest-verifierd"
	began=$EPOCHREALTIME
	start_verifierd host-a
	until_true 30 is_open
	note "Open again by itself, $(ms_since "$began") ms after that."
	virsh_goes_by_leave
	note "db1 runs on host-b. What passes all gates still: root on host-a, who can switch each of them off, or read the guest's memory. No software on that machine stops root; docs/GATES.md has what each gate leaves open."
}
