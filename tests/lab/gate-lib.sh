# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # what lib.sh has, what the stories take
#
# The network gate on host-a, for stories on lib.sh.  A host of the lab has no
# control groups: this one gets them, of a name that no other story has.
slice=virtattest$$.slice
group=$slice/libvirtd.service
cgroup_root=/sys/fs/cgroup

cgroups_up() {
	on host-a mount -t cgroup2 none $cgroup_root 2>"$dir/err" ||
		{ echo "SKIP: no cgroup2 here: $(cat "$dir/err")" && exit 77; }
	on host-a mkdir -p "$cgroup_root/$group"
}
cgroups_down() {
	[ -n "${inside[host-a]-}" ] || return 0
	on host-a sh -c 'echo 1 >"$0/cgroup.kill"; tries=100
		until find "$0" -depth -type d -exec rmdir {} + 2>/dev/null || [ ! -d "$0" ] || [ $((tries -= 1)) = 0 ]; do sleep 0.1; done' \
		"$cgroup_root/$slice" 2>/dev/null || true
}

# grouped COMMAND...: on host-a, in libvirtd's control group.
grouped=(sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$cgroup_root/$group")

# regroup: what systemd does when it restarts a service: another control group of
# the same name.  Who was in it has ended.
regroup() {
	until_true 10 on host-a rmdir "$cgroup_root/$group"
	on host-a mkdir "$cgroup_root/$group"
}

# start_gated [as=COMMAND] [OPTION...]: by that command, as that account.
start_gated() {
	local as=()
	case ${1-} in
	as=*) read -ra as <<<"${1#as=}" && shift ;;
	esac
	: >"$dir/host-a-gated.log"
	launch host-a gated "${as[@]}" virt-attest-gated -d -o log_level=info \
		-o "networks=$lab_net.0/24,fd00:77::/64" -o "users=$qemu_id" -o "cgroups=$group" "$@"
	until_true 60 grep -q table= "$dir/host-a-gated.log"
	counted_before=0 # the table is another one
}

# table_has SET [TEXT]: something, or this; a list of more than two has several lines.
table_has() { on host-a nft list set inet virt_attest "$1" | sed -n '/elements/,$p' | grep -F -- "${2-}" >/dev/null; }
table_lacks() { ! table_has "$@"; }
# others: all tables but ours, without what they count.
others() { on host-a nft list ruleset | awk '/^table/ { ours = /virt_attest/ } !ours' | sed 's/packets [0-9]* bytes [0-9]*//'; }
# counted COUNTER: packets.
counted() { on host-a nft list counter inet virt_attest "$1" | sed -n 's/.*packets \([0-9]*\) .*/\1/p'; }
