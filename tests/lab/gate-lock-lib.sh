# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # what its stories read, and lib.sh has
#
# A lab whose host-a has the lock-driver gate: what the stories of it share.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

from=host-a to=host-b
plugins=$dir/lock-driver
gate_conf=$dir/host-a/etc/libvirt/qemu-virt-attest.conf

# Debian's folder of lock managers, with ours.
make_plugins() {
	mkdir -p "$plugins"
	cp "$bin/../lock-driver/virt-attest.so" "$plugins"
	cp /usr/lib/*/libvirt/lock-driver/*.so "$plugins" 2>/dev/null || true
	export LIBVIRT_LOCK_MANAGER_PLUGIN_DIR=$plugins
}

# lock_manager HOST NAME: there from now on; its libvirtd starts anew.
lock_manager() {
	local conf=$dir/$1/etc/libvirt/qemu.conf
	sed -i '/^lock_manager/d' "$conf"
	[ "$2" = nop ] || echo "lock_manager = \"$2\"" >>"$conf"
	halt "$1" libvirtd
	start_libvirtd "$1"
	libvirtd_pid=$(pgrep -P "${pid_of[host-a-libvirtd]}")
}

# The libvirtd that has the plugin lives, and is the one of before.
survives() {
	[ "$(pgrep -P "${pid_of[host-a-libvirtd]}")" = "$libvirtd_pid" ] || fail "libvirtd of host-a ended"
	on host-a virsh -q list >/dev/null || fail "libvirtd of host-a does not answer"
}

# moves NAME [OPTION...]: it goes to host-b by stock virsh, and back (nobody asks there).
moves() {
	local name=$1
	shift
	exits 0 migrate host-a host-b "$name" "$@"
	exits 0 only_on host-b "$name"
	keeps_ticking "$name"
	exits 0 migrate host-b host-a "$name"
	exits 0 only_on host-a "$name"
	sound "$name" || fail "not sound after ${*:-direct}"
	survives
}

# refused TEXT NAME [OPTION...]: in words, and nothing of its memory leaves host-a.
refused() {
	local text=$1 name=$2 memory control ticked
	shift 2
	ticked=$(ticks "$name")
	memory=$(sent_bytes host-a memory) control=$(sent_bytes host-a control)
	exits 1 migrate host-a host-b "$name" "$@"
	says err "error: virt-attest: migration of '$name' refused: "
	says err "$text"
	says err "'virt-attest permit $name qemu+tls://HOST/system'"
	exits 0 only_on host-a "$name"
	keeps_ticking "$name" "$ticked"
	survives
	memory=$(($(sent_bytes host-a memory) - memory)) control=$(($(sent_bytes host-a control) - control))
	echo "  refused, ${*:-direct}: $memory bytes of memory, $control to libvirt"
	[ "$memory" = 0 ] || fail "$memory bytes were sent"
	[ "$control" -le 100000 ] || fail "$control bytes were sent to libvirt"
	exits 1 on host-b virsh -q domstate "$name"
}

# permit NAME [OPTION...]
permit() { exits 0 va host-a permit "$1" "$(to host-b)" "${@:2}"; }
