# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Two libvirtds of an ordinary user, for a story that needs neither root nor a
# host of its own: `session_up`, and all ends with the script.  They share the
# machine's network and processes, and guests move over loopback.  Run by root,
# it is "nobody" who has them.  No TLS, TPM or daemon of ours; the functions are
# those of lib.sh as far as they make sense here: on, to, migrate, and guests.sh.
#
#   $dir/HOST/{conf,run,...}  what a host's XDG folders are
#   $shared                   the folder that every host sees
#
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/../scenario/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/guests.sh"

hosts=() as=()
libvirt=qemu:///session
shared=$dir/shared
[ "$(id -u)" != 0 ] || as=(setpriv --reuid nobody --regid nogroup --clear-groups)

# on HOST COMMAND...: as the user of that host's libvirtd; our programs are in its PATH.
on() {
	into "$1"
	"${way[@]}" "${@:2}"
}
into() {
	local room=$dir/$1
	way=(${as[@]+"${as[@]}"} env "PATH=$bin:/usr/sbin:/usr/bin:/sbin:/bin" "HOME=$room/home" LC_ALL=C
		"XDG_RUNTIME_DIR=$room/run" "XDG_CONFIG_HOME=$room/conf" "XDG_CACHE_HOME=$room/cache"
		"XDG_DATA_HOME=$room/data")
}

# to HOST: the URI of its libvirt, as others call it.
to() { echo "qemu+unix:///session?socket=$dir/$1/run/libvirt/libvirt-sock"; }

# migrate FROM TO NAME [OPTION...]: by stock virsh on FROM; over loopback alone,
# which qemu.conf's migration_address would not take.
migrate() {
	local loopback=(tcp://127.0.0.1 --listen-address 127.0.0.1)
	[[ " $* " != *" --tunnelled "* ]] || loopback=()
	on "$1" virsh -q -c "$libvirt" migrate --live "${@:4}" "$3" "$(to "$2")" ${loopback[@]+"${loopback[@]}"}
}

make_room() {
	local room=$dir/$1
	mkdir -p "$room"/{home,run,cache,data,conf/libvirt}
	cat >"$room/conf/libvirt/libvirtd.conf" <<-CONF
	host_uuid_source = "uuid"
	host_uuid = "1ab00000-0000-4000-8000-$(printf %012d "'${1#host-}")"
	CONF
	cat >"$room/conf/libvirt/qemu.conf" <<-CONF
	stdio_handler = "file"
	CONF
	[ ${#as[@]} = 0 ] || chown -R nobody:nogroup "$room"
}

start_libvirtd() {
	into "$1"
	setpriv --pdeathsig KILL "${way[@]}" libvirtd >"$dir/$1-libvirtd.log" 2>&1 &
	pid_of[$1-libvirtd]=$!
	until_true 60 answers_or_ended "$1"
	kill -0 "${pid_of[$1-libvirtd]}" 2>/dev/null || fail "libvirtd of $1 ended"
}
answers_or_ended() { test -S "$dir/$1/run/libvirt/libvirt-sock" || ! kill -0 "${pid_of[$1-libvirtd]}"; }

# session_up [HOST...]: host-a and host-b, up.
session_up() {
	local host
	hosts=("$@")
	[ $# -gt 0 ] || hosts=(host-a host-b)
	has_tools
	mkdir -p "$shared"
	chmod 711 "$dir"
	chmod 777 "$shared"
	for host in "${hosts[@]}"; do
		make_room "$host"
		start_libvirtd "$host"
	done
}

# A guest outlives its libvirtd, and is ended by what that wrote of it.
session_end() {
	local status=$? file pid
	set +e
	for file in "$dir"/*/run/libvirt/qemu/run/*.pid; do
		pid=$(cat "$file" 2>/dev/null)
		grep -qaF "$dir/" "/proc/$pid/cmdline" 2>/dev/null && kill -KILL "$pid"
	done
	(exit "$status")
	stop_all
}
trap session_end EXIT
