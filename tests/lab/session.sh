#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The small lab: a guest moves between two libvirtds of an ordinary user, and
# they end with the script.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/session-lib.sh"

session_up
[ "$(id -u)" != 0 ] || [ "$(stat -c %U "$(readlink -f "$dir/host-a/run/libvirt/libvirt-sock")")" = nobody ]
start_guest host-a db1
from=host-a to=host-b
for how in "" --p2p --p2p\ --tunnelled; do
	# shellcheck disable=SC2086 # words
	exits 0 migrate "$from" "$to" db1 $how
	exits 0 only_on "$to" db1
	keeps_ticking db1
	sound db1 || fail "not sound after ${how:-direct}"
	one=$from from=$to to=$one
done
make_disk host-a "$shared/db2.raw"
guest_devices=$(disk_xml "$shared/db2.raw") start_guest host-a db2
exits 1 migrate host-a host-b db2
says err 'Unsafe migration'
exits 0 migrate host-a host-b db2 --unsafe
exits 0 only_on host-b db2
