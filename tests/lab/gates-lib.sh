# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # what its stories read, and lib.sh has
#
# A lab whose gates are switched on and off: `gates_on GATE...` on host-a, the
# source, `hooks_on HOST...` for the pass on destinations.  Each host has a
# migration CA of its own; all but host-a believe all of them.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/gate-lib.sh"

reattest_s=${reattest_s:-1} max_age_s=${max_age_s:-5}
alice=4711 # an account that no gate is told of
bob=4712   # one that the network gate is told of
named_users=$qemu_id,$bob
declare -A gate_is_on=()

own_migration_ca
eval "usual_$(declare -f make_configuration)"
make_configuration() {
	usual_make_configuration "$1"
	cat >>"$dir/$1/etc/virt-attest/verifierd.conf" <<-CONF
	reattest_s = $reattest_s
	max_age_s = $max_age_s
	CONF
	sed -i '/^reattest_s = 0/d; s/^deadline_ms = .*/deadline_ms = 3000/' "$dir/$1/etc/virt-attest/verifierd.conf"
}

# gates_lab: host-a, -b and -c, up, all gates off.
gates_lab() {
	mkdir -p "$dir/lock-driver"
	cp "$bin/../lock-driver/virt-attest.so" "$dir/lock-driver"
	cp /usr/lib/*/libvirt/lock-driver/*.so "$dir/lock-driver" 2>/dev/null || true
	export LIBVIRT_LOCK_MANAGER_PLUGIN_DIR=$dir/lock-driver
	lab_up host-a host-b host-c
	trap 'status=$?; cgroups_down; (exit $status); lab_end' EXIT
	cgroups_up
	for host in host-b host-c; do
		believe_all "$host"
		mkdir -p "$dir/$host/etc/libvirt/hooks/qemu.d" "$dir/$host/etc/virt-attest/verifiers.d"
		va host-a key >"$dir/$host/etc/virt-attest/verifiers.d/host-a.pem"
	done
	gates_on
}

# believe_all HOST: QEMU there takes the key of any host.
believe_all() {
	cat "$dir"/host-?/etc/pki/qemu/migration-ca.pem >"$dir/all-cas.pem"
	rm -f "$dir/$1/etc/pki/qemu/ca-cert.pem"
	install -m 0644 "$dir/all-cas.pem" "$dir/$1/etc/pki/qemu/ca-cert.pem"
}

# libvirtd in its control group, as systemd has it.  It does not see it, so it
# makes none of its own there.  Guests run on in it.
grouped_libvirtd() {
	launch host-a libvirtd "${grouped[@]}" unshare --mount --propagation private \
		sh -c 'umount /sys/fs/cgroup && exec libvirtd --listen'
	until_true 60 answers_or_ended host-a
	kill -0 "${pid_of[host-a-libvirtd]}" 2>/dev/null || fail "libvirtd of host-a ended"
}

# lock_manager_paused pass|refuse: what the lock-driver gate does with paused guests.
lock_manager_paused() {
	echo "paused = \"$1\"" >"$dir/host-a/etc/libvirt/qemu-virt-attest.conf"
	halt host-a libvirtd
	grouped_libvirtd
}

# gates_on [trust|lock|net]...: on host-a these, and no others, from now on.
gates_on() {
	local etc=$dir/host-a/etc one
	gate_is_on=()
	for one; do gate_is_on[$one]=yes; done
	halt host-a verifierd
	sed -i '/^trust_file/d' "$etc/virt-attest/verifierd.conf"
	sed -i '/^migrate_tls_force/d; /^lock_manager/d' "$etc/libvirt/qemu.conf"
	if [ -n "${gate_is_on[trust]-}" ]; then
		echo 'trust_file = "/etc/pki/qemu/ca-cert.pem"' >>"$etc/virt-attest/verifierd.conf"
		echo 'migrate_tls_force = 1' >>"$etc/libvirt/qemu.conf"
	else
		believe_all host-a
	fi
	[ -z "${gate_is_on[lock]-}" ] || echo 'lock_manager = "virt-attest"' >>"$etc/libvirt/qemu.conf"
	start_verifierd host-a
	if [ -n "${pid_of[host-a-gated]-}" ]; then
		halt host-a gated
		exits 0 on host-a virt-attest-gated --remove
	fi
	[ -z "${gate_is_on[net]-}" ] || start_gated -o "users=$named_users"
	lock_manager_paused pass
}

# network_users LIST trusted|untrusted: whom the network gate means, where it is on.
network_users() {
	[ -n "${gate_is_on[net]-}" ] || return 0
	halt host-a gated
	start_gated -o "users=$1"
	gates_know "$2"
}

# hooks_on [HOST...]: the pass is wanted there, and on no other host.
hooks_on() {
	local host hook
	for host in host-b host-c; do
		hook=$dir/$host/etc/libvirt/hooks/qemu.d/50-virt-attest
		rm -f "$hook"
		[[ " $* " != *" $host "* ]] || install -m 0755 "$source_dir/hooks/libvirt/50-virt-attest" "$hook"
		halt "$host" libvirtd
		start_libvirtd "$host"
	done
}

# verdict_is STATUS HOST OTHER: what verify exits with there.  An agent whose TPM
# was taken away looks for it once a second.
verdict_is() {
	local got=0
	va "$2" verify "$3" || got=$?
	[ "$got" = "$1" ]
}

# gates_know trusted|untrusted: host-b is that, and each gate that is on has heard.
trust_file_has() { grep -q "^# host=$1 " "$dir/host-a/etc/pki/qemu/ca-cert.pem"; }
gates_know() {
	local b4
	b4=$(address_of host-b)
	if [ "$1" = trusted ]; then
		until_true 30 verdict_is 0 host-a host-b
		[ -z "${gate_is_on[trust]-}" ] || until_true 30 trust_file_has host-b
		[ -z "${gate_is_on[net]-}" ] || until_true 30 table_has attested4 "$b4"
	else
		until_true 30 verdict_is 2 host-a host-b
		[ -z "${gate_is_on[trust]-}" ] || until_true 30 trust_file_lacks host-b
		[ -z "${gate_is_on[net]-}" ] || until_true 30 table_lacks attested4 "$b4"
	fi
	until_true 30 verdict_is 0 host-a host-c
	[ -z "${gate_is_on[trust]-}" ] || until_true 30 trust_file_has host-c
	[ -z "${gate_is_on[net]-}" ] || until_true 30 table_has attested4 "$(address_of host-c)"
}
trust_file_lacks() { ! trust_file_has "$1"; }
