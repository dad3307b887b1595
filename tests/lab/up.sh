#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The lab itself: a guest moves between its hosts by each of stock libvirt's
# ways without a tick lost, a host is trusted and then not, and a guest that is
# not sound is seen.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

echo "# two hosts, each known to the other and to itself, by libvirt's key too"
lab_up
for one in host-a host-b; do
	for other in host-a host-b; do exits 0 va "$one" verify "$(to "$other")"; done
done
exits 0 hook host-a db1 migrate pmc "$(to host-b)"
halt host-b libvirtd
exits 3 va host-a verify "$(to host-b)"
says out endpoint-silent
exits 0 va host-a verify host-b
start_libvirtd host-b
exits 0 va host-a verify "$(to host-b)"

echo "# a guest moves by every way, there and back"
start_guest host-a db1
exits 0 only_on host-a db1
from=host-a to=host-b
# moves [OPTION...]
moves() {
	local before memory was=$from
	before=$(ticks db1)
	memory=$(sent_bytes "$from" memory)
	exits 0 migrate "$from" "$to" db1 "$@"
	exits 0 only_on "$to" db1
	keeps_ticking db1
	sound db1 || fail "not sound after ${*:-direct}"
	[ "$(ticks db1)" -gt "$before" ]
	memory=$(($(sent_bytes "$from" memory) - memory))
	echo "  on ${via:-$from}, ${*:-direct}: $memory bytes"
	case $* in
	*--tunnelled*) [ "$memory" -lt 100000 ] ;;
	*) [ "$memory" -gt $((guest_mib << 20)) ] ;;
	esac || fail "$memory bytes of memory were sent"
	from=$to to=$was
}
moves
moves --p2p
moves --p2p --tunnelled
moves --tls
moves --p2p --tls
moves --p2p --parallel
via=mgmt moves
via=mgmt moves --p2p
moves --migrateuri "tcp://$to:5555"
moves
end_guest "$from" db1

echo "# with a disk that both see, and one that each has its own of"
make_disk host-a "$shared/db2.raw"
guest_devices=$(disk_xml "$shared/db2.raw" none) start_guest host-a db2
exits 1 migrate host-a host-b db2
says err 'Unsafe migration'
exits 0 only_on host-a db2
exits 0 migrate host-a host-b db2 --unsafe
exits 0 only_on host-b db2
end_guest host-b db2
for one in host-a host-b; do make_disk "$one" /var/lib/libvirt/images/db3.raw; done
guest_devices=$(disk_xml /var/lib/libvirt/images/db3.raw) start_guest host-a db3
exits 0 migrate host-a host-b db3 --copy-storage-all
exits 0 only_on host-b db3
keeps_ticking db3
sound db3 || fail "not sound with its disk"
end_guest host-b db3

echo "# host-b measures what nobody approved, and boots again"
tamper host-b
exits 2 hook host-a db1 migrate pmc "$(to host-b)"
exits 2 va host-a verify "$(to host-b)"
exits 0 va host-b verify "$(to host-a)"
restart_tpm host-b
exits 0 va host-a verify "$(to host-b)"

echo "# host-b has no cable, then no power"
unplug host-b
exits 3 va host-a verify host-b
plug host-b
exits 0 va host-a verify "$(to host-b)"
crash host-b
exits 3 va host-a verify host-b
exits 0 va host-a verify "$(to host-a)"

echo "# a guest that is not sound is seen"
guest_words=spoil=5 start_guest host-a db4
until_true 30 has_ticks db4 8
! sound db4 || fail "a bad page is not seen"
end_guest host-a db4
start_guest host-a db5
keeps_ticking db5
end_guest host-a db5
sound db5 || fail "not sound at its end"
sed -i 2d "$shared/db5.console"
! sound db5 || fail "a tick that is missing is not seen"
