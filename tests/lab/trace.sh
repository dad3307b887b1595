#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A lab leaves nothing behind, however its script ends; but for what one that
# was killed had no say in: its folder, and a session's guests.
if [ $# -gt 0 ]; then
	# shellcheck source-path=SCRIPTDIR disable=SC1090 # lib.sh or session-lib.sh
	. "$(dirname "$0")/$1"
	declare -A inside
	if [ "$1" = lib.sh ]; then lab_up; else session_up; fi
	start_guest host-b db1
	guest_on host-b db1
	for one in "${inside[@]}"; do readlink /proc/"$one"/ns/{ipc,mnt,net,pid,uts}; done >"$3"
	echo "$dir" >>"$3"
	case $2 in
	ends) exit 0 ;;
	fails) fail "as it should" ;;
	terminated) kill -TERM $$ ;;
	killed) kill -KILL $$ ;;
	esac
fi

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../scenario/lib.sh"

# left: what there still is of the lab that wrote $dir/made.
left() {
	grep -Fxf "$dir/made" <(namespaces_before "$dir/made") && return
	pgrep -af "$room/" && return
	grep -F "$room" /proc/self/mountinfo
}
links=$(ip -o link | cut -d: -f2)

# traceless LIBRARY HOW STATUS NAMESPACES
traceless() {
	local got=0
	echo "# $1: one that $2"
	{ "$0" "$1" "$2" "$dir/made" >"$dir/out" 2>&1 || got=$?; } 2>/dev/null
	[ "$got" = "$3" ] || { cat "$dir/out" >&2 && fail "exit status $got, not $3"; }
	room=$(tail -n 1 "$dir/made")
	head -n -1 "$dir/made" >"$dir/less"
	touch -r "$dir/made" "$dir/less" # the time of it is looked at
	mv "$dir/less" "$dir/made"
	[ "$(wc -l <"$dir/made")" = "$4" ] || fail "not $4 namespaces: $(cat "$dir/made")"
	if [ "$2" = killed ]; then
		until_true 10 eval '! left' # the kernel is about it
		rm -rf "$room"
	fi
	! left || fail "left behind"
	[ ! -e "$room" ] || fail "$room is there still"
	[ "$(ip -o link | cut -d: -f2)" = "$links" ] || fail "another network than before"
}
traceless lib.sh ends 0 15
traceless lib.sh fails 1 15
traceless lib.sh terminated 143 15
traceless lib.sh killed 137 15
traceless session-lib.sh ends 0 0
traceless session-lib.sh fails 1 0
traceless session-lib.sh terminated 143 0
